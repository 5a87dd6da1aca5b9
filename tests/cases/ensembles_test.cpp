// Oracle: populations counted from minima by hand, measured ones of butane (0.61 to 0.68 anti at
// 300 K in this force field), what is known of rings, sentences in plain English.
#include <gmock/gmock.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "tests/cases/cases.h"
#include "tests/cases/written_files.h"

namespace saltus::tests {
namespace {

using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;

class Ensembles : public CasesTest {
 protected:
  using Row = TableRow;

  /// The report of a list by record, each cell under its column's name.
  std::vector<Row> rows(const std::string& list,
                        const std::vector<std::string>& options = {}) const {
    write("list.smi", list);
    std::vector<std::string> arguments = {"conformers", "list.smi", "-o", "out.sdf",    "--report",
                                          "r.csv",      "-j",       "1",  "--overwrite"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    last_ = saltus(arguments);
    return parse_table(read("r.csv"));
  }
  Row row(const std::string& smiles, const std::vector<std::string>& options = {}) const {
    const auto found = rows(smiles + " molecule\n", options);
    return found.empty() ? Row{} : found[0];
  }

  /// A field of each record of the SD file.
  std::vector<std::string> field(const std::string& name) const {
    std::vector<std::string> found;
    const std::string text = read("out.sdf"), head = ">  <" + name + ">\n";
    for (std::size_t at = 0; (at = text.find(head, at)) != std::string::npos;) {
      at += head.size();
      found.push_back(text.substr(at, text.find('\n', at) - at));
    }
    return found;
  }
  std::vector<double> numbers(const std::string& name) const {
    std::vector<double> found;
    for (const std::string& text : field(name)) found.push_back(std::stod(text));
    return found;
  }

  using Points = std::vector<Point>;
  /// Positions of each record of the SD file, angstrom.
  std::vector<Points> frames() const {
    std::vector<Points> found;
    for (const WrittenMolecule& molecule : parse_sd_file(read("out.sdf")))
      found.push_back(molecule.x);
    return found;
  }
  /// Degrees.
  static double torsion(const Points& x, std::size_t i, std::size_t j, std::size_t k,
                        std::size_t l) {
    return dihedral(x[i], x[j], x[k], x[l]);
  }
  /// Share of conformers whose torsion lies beyond 120 degrees, by their populations.
  double share_of_anti(std::size_t i, std::size_t j, std::size_t k, std::size_t l) const {
    const std::vector<double> shares = numbers("population");
    const std::vector<Points> x = frames();
    double sum = 0.0;
    for (std::size_t c = 0; c < x.size(); ++c)
      if (std::abs(torsion(x[c], i, j, k, l)) > 120.0) sum += shares[c];
    return sum;
  }

  mutable ProgramEnd last_;
};

TEST_F(Ensembles, OfElementsWithoutParametersNameAnAdviceThatWorks) {
  const auto found = rows(
      "OB(O)c1ccccc1 acid\nC[Se]CC selenide\nCC[Si](C)(C)[Ge](C)(C)C germane\n"
      "CCB1OC(C)(C)C(C)(C)O1 ester\nC[CH2] radical\nCCO alcohol\n");
  ASSERT_EQ(found.size(), 6u);
  const std::vector<std::string> atoms = {"(B)", "(Se)", "(Ge)", "(B)", "(C)"};
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    EXPECT_EQ(found[i].at("status"), "NO_PARAMETERS") << i;
    EXPECT_THAT(found[i].at("message"), HasSubstr(atoms[i]));
    EXPECT_THAT(found[i].at("message"), HasSubstr("--fallback uff"));
    EXPECT_THAT(found[i].at("message"), Not(HasSubstr("use another force field")));
  }
  EXPECT_EQ(found[5].at("status"), "OK");
}

TEST_F(Ensembles, OfAnotherForceFieldSayWhichItIs) {
  const auto found = rows("OB(O)c1ccccc1 acid\nC[Se]CC selenide\nCCO alcohol\nC[CH2] radical\n",
                          {"--fallback", "uff", "-n", "5", "--html", "page.html", "--json"});
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(last_.exit_code, 0) << last_.err;
  EXPECT_EQ(nlohmann::json::parse(last_.out).at("n_fallback"), 3);
  for (std::size_t i : {0u, 1u, 3u}) {
    EXPECT_EQ(found[i].at("force_field"), "UFF");
    EXPECT_THAT(found[i].at("message"), HasSubstr("minimised with UFF, because MMFF94 has no"));
  }
  EXPECT_EQ(found[2].at("force_field"), "MMFF94s, dielectric 4r");
  EXPECT_THAT(found[2].at("message"), Not(HasSubstr("UFF")));
  const auto fields = field("force_field");
  EXPECT_EQ(fields.front(), "UFF");
  EXPECT_THAT(fields, testing::Contains("MMFF94s, dielectric 4r"));
  EXPECT_THAT(field("method").front(), HasSubstr("UFF"));
  EXPECT_THAT(read("page.html"), HasSubstr("minimised with UFF"));
  EXPECT_EQ(row("CB(O)O", {"--fallback", "uff", "--mode", "minima", "-n", "4"}).at("status"), "OK");
  // Nothing is mixed where distributions are drawn.
  EXPECT_EQ(row("CB(O)O", {"--mode", "boltzmann", "-n", "4"}).at("status"), "NO_PARAMETERS");
  EXPECT_NE(
      saltus({"conformers", "list.smi", "-o", "x.sdf", "--mode", "boltzmann", "--fallback", "uff"})
          .exit_code,
      0);
}

TEST_F(Ensembles, ThatAreSmallerThanAskedForSayWhy) {
  const Row ring = row("C1CCCCCCCCCCCCC1", {"-n", "100"});
  EXPECT_EQ(ring.at("status"), "PARTIAL");
  EXPECT_THAT(ring.at("message"), HasSubstr("of 100 conformers asked for"));
  EXPECT_THAT(ring.at("message"), HasSubstr("shapes of rings in"));
  const Row chair = row("C1CCCCC1");
  EXPECT_EQ(chair.at("status"), "OK");
  EXPECT_THAT(chair.at("message"), HasSubstr("of 20 conformers asked for"));
  const Row butane = row("CCCC", {"-n", "50"});
  EXPECT_EQ(butane.at("status"), "OK");
  EXPECT_THAT(butane.at("message"), HasSubstr("2 of 50 conformers asked for"));
  const Row minima = row("CCCC", {"-n", "50", "--mode", "minima"});
  EXPECT_EQ(minima.at("status"), "OK");
  EXPECT_THAT(minima.at("message"), HasSubstr("3 of 50 conformers asked for: 47 duplicates"));
  EXPECT_EQ(row("CCCCO", {"-n", "1"}).at("message"), "");
}

TEST_F(Ensembles, OfButaneCountTheMirrorImageOfGauche) {
  row("CCCC");
  EXPECT_THAT(numbers("degeneracy"), testing::ElementsAre(1.0, 2.0));
  const double shapes = share_of_anti(0, 1, 2, 3);
  row("CCCC", {"--mode", "minima"});
  EXPECT_THAT(numbers("degeneracy"), testing::ElementsAre(1.0, 1.0, 1.0));
  const double minima = share_of_anti(0, 1, 2, 3);
  for (const double share : {shapes, minima}) {
    EXPECT_GT(share, 0.61);
    EXPECT_LT(share, 0.68);
  }
}

TEST_F(Ensembles, OfOtherMoleculesAreDegenerateToo) {
  // As many minima as there are by hand; populations agree with the mode that keeps all of them.
  const std::vector<std::string> same = {"--dielectric", "1"};
  const auto shares = [&](const std::string& smiles, std::vector<std::string> options) {
    options.insert(options.end(), same.begin(), same.end());
    row(smiles, options);
    // Of a conformer and its end-to-end exchange one is written: both ends count alike.
    if (smiles == "CCCCC") return 0.5 * (share_of_anti(0, 1, 2, 3) + share_of_anti(1, 2, 3, 4));
    return share_of_anti(0, 1, 2, 3);
  };
  for (const std::string smiles : {"CCCCC", "ClCCCl"})
    EXPECT_NEAR(shares(smiles, {}), shares(smiles, {"--mode", "minima", "-n", "100"}), 0.03)
        << smiles;
  // Anti, and gauche twice: in one conformer or in two.
  double sum = 0.0;
  for (const double g : numbers("degeneracy")) sum += g;
  EXPECT_EQ(sum, 3.0);
  // A molecule with one hand has no mirror images.
  row("C[C@H](F)CC", {});
  for (const double g : numbers("degeneracy")) EXPECT_EQ(g, 1.0);
}

TEST_F(Ensembles, OfRingsAreJudgedByTheirSlowCoordinates) {
  std::vector<double> shares, effective;
  for (const char* seed : {"1", "2", "3"}) {
    const Row found = row("CC1CCCCC1", {"--mode", "boltzmann", "--seed", seed});
    const double n = std::stod(found.at("n_effective"));
    effective.push_back(n);
    EXPECT_EQ(found.at("status"), n < 25.0 ? "POORLY_SAMPLED" : "OK");
    EXPECT_EQ(n < 25.0, found.at("message").find("effective samples") != std::string::npos);
    EXPECT_THAT(found.at("slowest"), HasSubstr("ring "));
    double axial = 0.0;
    const auto x = frames();
    for (const Points& points : x)
      if (std::abs(torsion(points, 0, 1, 2, 3)) < 120.0)
        axial += 1.0 / static_cast<double>(x.size());
    shares.push_back(axial);
  }
  // Far from the thousands that a methyl group's turns would make of them.
  for (const double n : effective) EXPECT_LT(n, 300.0);
  for (std::size_t i = 0; i < shares.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_LT(std::abs(shares[i] - shares[j]),
                5.0 * 0.25 * std::sqrt(1.0 / effective[i] + 1.0 / effective[j]))
          << shares[i] << " " << shares[j];
}

TEST_F(Ensembles, OfChainsAndRigidRingsStayAsTheyWere) {
  const auto found = rows("CCCC butane\nC1CC2CCC1C2 norbornane\nc1ccccc1C toluene\n",
                          {"--mode", "boltzmann", "-n", "100"});
  ASSERT_EQ(found.size(), 3u);
  for (const Row& one : found) {
    EXPECT_EQ(one.at("status"), "OK") << one.at("name") << ": " << one.at("message");
    EXPECT_GT(std::stod(one.at("n_effective")), 100.0);
  }
}

TEST_F(Ensembles, OfCumulenesCarryANote) {
  for (const char* smiles : {"CC=C=C=CC", "CN=C=NC"})
    EXPECT_THAT(row(smiles, {"-n", "2", "--stereo", "keep"}).at("message"),
                HasSubstr("MMFF94 has no torsion across linear atoms"))
        << smiles;
  for (const char* smiles : {"CN=[N+]=[N-]", "CC#CC"})
    EXPECT_THAT(row(smiles, {"-n", "2", "--stereo", "keep"}).at("message"),
                Not(HasSubstr("linear atoms")))
        << smiles;
}

TEST_F(Ensembles, ArePlainEnglishOnTheirPage) {
  write("list.smi", "CCCO propanol\nbad( broken\n");
  ProgramEnd end =
      saltus({"conformers", "list.smi", "-o", "out.sdf", "--html", "out.html", "-n", "1"});
  std::string page = read("out.html");
  EXPECT_THAT(page,
              HasSubstr("<data value=\"1\">1</data> molecule has no conformers; the reason is "
                        "given below."));
  EXPECT_THAT(page, HasSubstr("<svg class=\"drawing\""));
  EXPECT_THAT(end.err, HasSubstr("2 molecules, 1 conformer, "));
  EXPECT_THAT(page, Not(HasSubstr("is said")));
  write("list.smi", "bad( broken\nC(C worse\n");
  saltus({"conformers", "list.smi", "-o", "out.sdf", "--html", "out.html", "--overwrite"});
  page = read("out.html");
  EXPECT_THAT(page, HasSubstr("molecules have no conformers; the reasons are given below."));
  for (const char* wrong : {"1</data> molecules", "1</data> conformers", " 1 molecules"})
    EXPECT_THAT(page, Not(HasSubstr(wrong)));
}

/// A ring of a hundred atoms, which takes minutes, between two molecules that take no time.
class InterruptedEnsembles : public Ensembles {
 protected:
  void SetUp() override {
    write("list.smi", "CCO first\nC1" + std::string(98, 'C') + "C1 slow\nCCN last\n");
  }
  static std::vector<std::string> call(const std::string& output) {
    return {"conformers", "list.smi", "-o", output, "-j", "1", "-n", "2", "--timeout", "600"};
  }
  bool has_finished_one() const {
    return std::filesystem::exists(file("log")) && read("log").find("first") != std::string::npos;
  }
};

TEST_F(InterruptedEnsembles, AnswerAtOnceAndGoOn) {
  for (const int signal : {SIGINT, SIGTERM}) {
    std::filesystem::remove(file("log"));
    auto arguments = call("cut.sdf");
    arguments.insert(arguments.end(), {"--overwrite", "--log", "log"});
    RunningProgram program(arguments, folder_.path());
    for (int i = 0; i < 6000 && !has_finished_one(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    ASSERT_FALSE(program.has_ended()) << "too fast a machine for this test";
    const auto start = std::chrono::steady_clock::now();
    program.send(signal);
    const ProgramEnd end = program.wait();
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    EXPECT_LT(waited.count(), 2.0);
    EXPECT_EQ(end.exit_code, 130) << end.err;
    EXPECT_THAT(end.err, HasSubstr("interrupted: only the first molecule is written"));
    EXPECT_THAT(read("cut.sdf"), testing::StartsWith("first\n"));
    EXPECT_THAT(read("cut.sdf"), Not(HasSubstr("\nslow\n")));
    EXPECT_THAT(read("log"), HasSubstr("interrupted"));
  }
}

}  // namespace
}  // namespace saltus::tests
