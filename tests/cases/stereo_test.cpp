// Stereo of conformers: what the input says is what is built, or a status says why not.
// Oracle: counts of stereoisomers by hand; handedness by vector products of the coordinates that
// were written; RDKit's perception of them; names of statuses that a chemist would give.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/cases/cases.h"
#include "tests/cases/written_files.h"
#include "tests/support/library_versions.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Row = TableRow;

class Stereo : public CasesTest {
 protected:
  /// Runs `conformers` on a list and returns the rows of the report.
  std::vector<Row> rows(const std::string& list,
                        const std::vector<std::string>& options = {}) const {
    write("list.smi", list);
    return rows_of("list.smi", options);
  }
  std::vector<Row> rows_of(const std::string& input,
                           const std::vector<std::string>& options) const {
    std::vector<std::string> arguments = {"conformers", input,   "-o",     "out.sdf",
                                          "--report",   "r.csv", "--log",  "log.txt",
                                          "-j",         "1",     "--json", "--overwrite"};
    if (std::find(options.begin(), options.end(), "-n") == options.end())
      arguments.insert(arguments.end(), {"-n", "4"});
    arguments.insert(arguments.end(), options.begin(), options.end());
    end_ = saltus(arguments);
    return parse_table(read("r.csv"));
  }
  Row row(const std::string& smiles, const std::vector<std::string>& options = {}) const {
    const std::vector<Row> all = rows(smiles + " x\n", options);
    return all.empty() ? Row() : all.front();
  }

  /// The conformers that were written.
  std::vector<WrittenMolecule> written() const { return parse_sd_file(read("out.sdf")); }

  mutable ProgramEnd end_;
};

/// Sign of the axis of 3-ethylidenecyclobutanol, CC=C1CC(O)C1 by its first seven atoms.
int hand_of_ring(const WrittenMolecule& molecule) {
  const auto& x = molecule.x;
  const double volume = dot(minus(x[4], x[2]), cross(minus(x[0], x[1]), minus(x[5], x[4])));
  return volume > 0.0 ? 1 : -1;
}

TEST_F(Stereo, OfARingAndItsDoubleBondIsKept) {
  std::map<std::string, std::vector<int>> hands;
  for (const char* smiles : {"C/C=C1/C[C@H](O)C1", "C/C=C1/C[C@@H](O)C1", "C/C=C1\\C[C@H](O)C1",
                             "C/C=C1\\C[C@@H](O)C1"}) {
    EXPECT_EQ(row(smiles)["status"], "OK");
    for (const WrittenMolecule& molecule : written())
      hands[smiles].push_back(hand_of_ring(molecule));
    ASSERT_FALSE(hands[smiles].empty()) << smiles;
    EXPECT_THAT(hands[smiles], Each(hands[smiles].front())) << smiles;
  }
  EXPECT_EQ(hands["C/C=C1/C[C@H](O)C1"][0], -hands["C/C=C1/C[C@@H](O)C1"][0]);
  EXPECT_EQ(hands["C/C=C1/C[C@H](O)C1"][0], hands["C/C=C1\\C[C@@H](O)C1"][0]);
  EXPECT_EQ(hands["C/C=C1\\C[C@H](O)C1"][0], hands["C/C=C1/C[C@@H](O)C1"][0]);
}

TEST_F(Stereo, OfAllenesIsKept) {
  // "@": seen from F, the hydrogens and Cl run counterclockwise, so that F and Cl stand at -90.
  for (const auto& [smiles, angle] :
       std::map<std::string, double>{{"FC=[C@]=CCl", -90.0}, {"FC=[C@@]=CCl", 90.0}}) {
    EXPECT_EQ(row(smiles)["status"], "OK");
    const auto molecules = written();
    ASSERT_FALSE(molecules.empty());
    for (const WrittenMolecule& molecule : molecules) {
      EXPECT_NEAR(dihedral(molecule.x[0], molecule.x[1], molecule.x[3], molecule.x[4]), angle, 15.0)
          << smiles;
      EXPECT_EQ(molecule.fields.at("smiles"), smiles);
    }
  }
}

TEST_F(Stereo, OfButatrienesIsKept) {
  for (const auto& [smiles, cosine] :
       std::map<std::string, double>{{"F/C=C=C=C/Cl", -1.0}, {"F/C=C=C=C\\Cl", 1.0}}) {
    const Row result = row(smiles);
    EXPECT_EQ(result.at("status"), "OK");
    EXPECT_THAT(result.at("message"), HasSubstr("no torsion across linear atoms"));
    const auto molecules = written();
    ASSERT_FALSE(molecules.empty());
    for (const WrittenMolecule& molecule : molecules)
      EXPECT_NEAR(std::cos(dihedral(molecule.x[0], molecule.x[1], molecule.x[4], molecule.x[5]) *
                           std::acos(-1.0) / 180.0),
                  cosine, 0.1)
          << smiles;
  }
}

TEST_F(Stereo, OfRingNitrogenIsKept) {
  std::vector<double> volumes;
  for (const char* smiles : {"C[C@H]1C[N@H]1", "C[C@H]1C[N@@H]1"}) {
    EXPECT_EQ(row(smiles)["status"], "OK");
    const auto molecules = written();
    ASSERT_FALSE(molecules.empty());
    for (const WrittenMolecule& molecule : molecules) {
      EXPECT_EQ(molecule.fields.at("smiles"), smiles);
      // Methyl and the hydrogen of nitrogen on one side of the ring, or not. Hydrogens come last,
      // those of nitrogen after all others.
      const auto& x = molecule.x;
      const Point normal = cross(minus(x[2], x[1]), minus(x[3], x[1]));
      volumes.push_back(dot(normal, minus(x[0], x[1])) * dot(normal, minus(x.back(), x[3])));
    }
  }
  EXPECT_LT(volumes.front() * volumes.back(), 0.0);
}

TEST_F(Stereo, OfDiaziridineIsBuilt) {
  for (const char* smiles : {"[H][N@]1[N@@]([H])C1([H])[H]", "[H][N@]1[N@]([H])C1([H])[H]"}) {
    EXPECT_EQ(row(smiles)["status"], "OK") << smiles;
    EXPECT_FALSE(written().empty());
  }
}

TEST_F(Stereo, ThatMeansNothingIsLeftOutWithANote) {
  for (const char* smiles :
       {"C[C@H](C)O", "C[C@](F)(F)O", "C/C=C(C)/C", "C/C=CC", "F[C@H]=C", "CC(=O)[N@](C)CC"}) {
    const Row result = row(smiles);
    EXPECT_EQ(result.at("status"), "OK") << smiles;
    EXPECT_THAT(result.at("message"), testing::ContainsRegex("means? nothing")) << smiles;
  }
}

TEST_F(Stereo, ThatCannotBeRepresentedHasAStatus) {
  const Row result = row("[NH3+][Pt@SP1-2]([NH3+])(Cl)Cl");
  EXPECT_EQ(result.at("status"), "STEREO_UNSUPPORTED");
  EXPECT_THAT(result.at("message"), HasSubstr("atom 2 (Pt)"));
}

TEST_F(Stereo, TransInRingsIsBuiltOrRefused) {
  EXPECT_EQ(row("C1CC/C=C/C1")["status"], "STEREO_IMPOSSIBLE");
  EXPECT_THAT(row("C1CC/C=C/C1")["message"], HasSubstr("in a ring of 6 atoms"));
  EXPECT_EQ(row("O1C/C=C/C1")["status"], "STEREO_IMPOSSIBLE");
  EXPECT_EQ(row("C1CC/C=C\\C1")["status"], "OK");
  for (const char* smiles : {"C1CCC/C=C/CC1", "C1CC/C=C/CCCCC1"}) {
    // Rings have few shapes of their own, which is said.
    EXPECT_THAT(row(smiles)["status"], testing::AnyOf("OK", "PARTIAL")) << smiles;
    const auto molecules = written();
    ASSERT_FALSE(molecules.empty());
    const std::size_t first = std::string(smiles) == "C1CCC/C=C/CC1" ? 3 : 2;
    for (const WrittenMolecule& molecule : molecules) {
      const auto& x = molecule.x;
      EXPECT_GT(std::abs(dihedral(x[first], x[first + 1], x[first + 2], x[first + 3])), 100.0)
          << smiles;
      EXPECT_THAT(molecule.fields.at("smiles"), HasSubstr("C1=C/")) << smiles;
    }
  }
}

TEST_F(Stereo, OfSmallCagesIsRefusedWithAReason) {
  // The bridgeheads of norbornane, one of them inverted.
  const Row one = row("F[C@]12CC[C@](Cl)(CC1)C2"), other = row("F[C@]12CC[C@@](Cl)(CC1)C2");
  std::vector<std::string> statuses = {one.at("status"), other.at("status")};
  EXPECT_THAT(statuses, testing::UnorderedElementsAre("OK", "STEREO_IMPOSSIBLE"));
  EXPECT_THAT(one.at("message") + other.at("message"), HasSubstr("bicyclo[2.2.1]"));
}

TEST_F(Stereo, AnsamycinIsBuilt) {
  const Row result =
      row("COC1=C2C[C@@H](C)C[C@H](OC)[C@H](O)[C@H](C)/C=C(\\C)[C@@H](OC(N)=O)[C@@H](OC)/C=C/C=C(/"
          "C)C(=O)NC(=C(C)C1=O)C2=O",
          {"-n", "1", "--timeout", "110"});
  EXPECT_THAT(result.at("status"), testing::AnyOf("OK", "PARTIAL", "PARTIAL_TIMEOUT"));
  EXPECT_FALSE(written().empty());
}

TEST_F(Stereo, MoleculesWithoutIsomersAreSilent) {
  const std::string list =
      "C1C2CC3CC1CC(C2)C3 adamantane\nC12C3C4C1C5C2C3C45 cubane\nC1CC2CCN1CC2 quinuclidine\n"
      "CN=[N+]=[N-] azide\nC=C=C=C=C pentatetraene\nC1CC2CCC1C2 norbornane\nC1CN2CCN1CC2 dabco\n"
      "C1N2CN3CN1CN(C2)C3 urotropine\nCN1CCCCC1 piperidine\nC1CC2CCC1N2C tropane\n"
      "CC1CCCCC1 methylcyclohexane\nC1CC2CCC1CC2 bicyclooctane\nCN=C=NC carbodiimide\n"
      "CC(C)=C=C(C)C allene\nCOP(=O)([O-])OCC phosphate\nC1CC2CCCN2C1 pyrrolizidine\n"
      "C1NN1 diaziridine\nCC1CC1C1CC1C no\n";
  std::vector<Row> result = rows(list, {"--stereo", "fail", "-n", "1"});
  ASSERT_EQ(result.size(), 18u);
  EXPECT_EQ(result.back().at("status"), "STEREO_UNSPECIFIED");
  result.pop_back();
  for (const Row& row : result) {
    EXPECT_EQ(row.at("status"), "OK") << row.at("name") << " " << row.at("message");
    EXPECT_THAT(row.at("message"), Not(HasSubstr("not specified"))) << row.at("name");
  }
}

TEST_F(Stereo, IsomersAreCounted) {
  // How many there are.
  const std::map<std::string, std::string> counts = {{"CCC=C1CC(O)C1", "2"},
                                                     {"CC=C=CC", "2"},
                                                     {"CC=C=C=CC", "2"},
                                                     {"CC=C=C=C=CC", "2"},
                                                     {"CC=C1CCC(C)CC1", "2"},
                                                     {"CC1CCC(C)CC1", "2"},
                                                     {"CC1CC2(C1)CC(C)C2", "2"},
                                                     {"OC1C(O)C(O)C(O)C(O)C1O", "9"},
                                                     {"CC=NN=CC", "3"},
                                                     {"CC1(C)C2CCC1(C)C(=O)C2", "2"},
                                                     {"OC(F)C(O)F", "3"},
                                                     {"C1c2ccccc2N2CN1c1ccccc1C2", "2"},
                                                     {"CC(=O)OC1CC2CCC(C1)N2C", "2"}};
  std::string list;
  for (const auto& [smiles, count] : counts) list += smiles + " " + count + "\n";
  const std::vector<Row> result = rows(list, {"-n", "1", "--max-isomers", "20"});
  ASSERT_EQ(result.size(), counts.size());
  for (const Row& row : result) {
    EXPECT_EQ(row.at("status"), "OK") << row.at("smiles") << row.at("message");
    EXPECT_EQ(row.at("n_possible_isomers"), row.at("name")) << row.at("smiles");
    EXPECT_EQ(row.at("n_isomers"), row.at("name")) << row.at("smiles") << row.at("message");
  }
}

TEST_F(Stereo, AListOfIsomersThatIsCutSaysSo) {
  const std::vector<Row> result =
      rows("CC(F)C(Cl)C(Br)C(O)C(N)C five\nOC1C(O)C(O)C(O)C(O)C1O inositol\n",
           {"-n", "1", "--html", "page.html"});
  ASSERT_EQ(result.size(), 2u);
  EXPECT_EQ(result[0].at("n_isomers"), "8");
  EXPECT_EQ(result[0].at("n_possible_isomers"), "32");
  EXPECT_THAT(result[0].at("message"), HasSubstr("8 of 32 stereoisomers"));
  EXPECT_THAT(result[1].at("message"), HasSubstr("8 of 9 stereoisomers"));
  EXPECT_THAT(read("log.txt"), HasSubstr("8 of 32 stereoisomers"));
  EXPECT_THAT(read("page.html"), HasSubstr("8</data> of 32"));
  EXPECT_EQ(json::parse(end_.out).at("n_isomer_lists_cut"), 2);
}

TEST_F(Stereo, IsomersAreComparedWithTheBestOne) {
  // Each conformer is embedded separately, so that the ring has all its shapes.
  const Row result = row("CC1CCC(C)CC1", {"-n", "20", "--mode", "minima"});
  EXPECT_EQ(result.at("n_isomers"), "2");
  std::map<std::string, double> lowest;
  double sum = 0.0;
  for (const WrittenMolecule& molecule : written()) {
    const double above = std::stod(molecule.fields.at("energy_above_best_isomer_kcal_mol"));
    const auto found = lowest.emplace(molecule.name, above).first;
    found->second = std::min(found->second, above);
    sum += std::stod(molecule.fields.at("population_among_isomers"));
    EXPECT_GE(above, std::stod(molecule.fields.at("relative_energy_kcal_mol")) - 1e-9);
  }
  ASSERT_EQ(lowest.size(), 2u);
  EXPECT_NEAR(sum, 1.0, 1e-4);
  const double a = lowest.begin()->second, b = lowest.rbegin()->second;
  EXPECT_EQ(std::min(a, b), 0.0);
  // trans-1,4-dimethylcyclohexane is the better one by the price of an axial methyl group, some
  // 1.8 kcal/mol; the force field's dielectric changes little.
  EXPECT_NEAR(std::max(a, b), 1.6, 0.8);
  EXPECT_THAT(result.at("isomer_energies_kcal_mol"), HasSubstr("0.00"));
}

TEST_F(Stereo, IsomersThatCannotExistAreSkippedEarly) {
  const Row result =
      row("C[C@@]1(CCc2ccccc2)CC2C3Cc4ccc(O)c5c4C2(CCN3CC2CCC2)C(O5)C1=O", {"-n", "2"});
  EXPECT_EQ(result.at("status"), "OK");
  // How low the few draws of the best isomer come is RDKit's matter: with 2025.03 one isomer comes
  // out 37.7 above it.
  const double highest = by_rdkit(35.0, 38.0);
  for (const WrittenMolecule& molecule : written())
    EXPECT_LT(std::stod(molecule.fields.at("energy_above_best_isomer_kcal_mol")), highest)
        << molecule.name;
  // Norbornane and the like have one configuration of their bridgeheads each way.
  EXPECT_EQ(row("CC1CC2CCC1C2", {"-n", "1"}).at("n_possible_isomers"), "4");
}

TEST_F(Stereo, WedgesOfDrawingsAreKept) {
  // An allene, FC=C=CCl, whose fluorine is drawn upwards.
  const auto allene = [](int stereo) {
    return "allene\n  by hand\n\n  5  4  0  0  0  0  0  0  0  0999 V2000\n"
           "   -2.0000    0.8000    0.0000 F   0  0\n   -1.3000    0.0000    0.0000 C   0  0\n"
           "    0.0000    0.0000    0.0000 C   0  0\n    1.3000    0.0000    0.0000 C   0  0\n"
           "    2.0000    0.8000    0.0000 Cl  0  0\n  2  1  1  " +
           std::to_string(stereo) + "\n  2  3  2  0\n  3  4  2  0\n  4  5  1  0\nM  END\n$$$$\n";
  };
  for (const int stereo : {1, 6}) {
    write("allene.sdf", allene(stereo));
    const auto result = rows_of("allene.sdf", {});
    ASSERT_EQ(result.size(), 1u);
    EXPECT_EQ(result[0].at("n_isomers"), "1") << result[0].at("message");
    const auto molecules = written();
    ASSERT_FALSE(molecules.empty());
    // F towards the eye, Cl upwards on the paper: seen along the chain from F's end, which is from
    // the left, that is a turn from towards the eye (z) to up (y), about x: -90 degrees.
    for (const WrittenMolecule& molecule : molecules)
      EXPECT_NEAR(dihedral(molecule.x[0], molecule.x[1], molecule.x[3], molecule.x[4]),
                  stereo == 1 ? -90.0 : 90.0, 15.0);
  }
}

TEST_F(Stereo, WedgesOfAtropisomersAreRefused) {
  write("biaryl.sdf",
        "biaryl\n  by hand\n\n 14 15  0  0  0  0  0  0  0  0999 V2000\n"
        "    0.7500    0.0000    0.0000 C   0  0\n    1.4500    1.2100    0.0000 C   0  0\n"
        "    2.8500    1.2100    0.0000 C   0  0\n    3.5500    0.0000    0.0000 C   0  0\n"
        "    2.8500   -1.2100    0.0000 C   0  0\n    1.4500   -1.2100    0.0000 C   0  0\n"
        "   -0.7500    0.0000    0.0000 C   0  0\n   -1.4500    1.2100    0.0000 C   0  0\n"
        "   -2.8500    1.2100    0.0000 C   0  0\n   -3.5500    0.0000    0.0000 C   0  0\n"
        "   -2.8500   -1.2100    0.0000 C   0  0\n   -1.4500   -1.2100    0.0000 C   0  0\n"
        "    0.7500    2.4200    0.0000 Br  0  0\n   -0.7500    2.4200    0.0000 I   0  0\n"
        "  1  2  2  0\n  2  3  1  0\n  3  4  2  0\n  4  5  1  0\n  5  6  2  0\n  1  6  1  6\n"
        "  1  7  1  0\n  7  8  2  0\n  8  9  1  0\n  9 10  2  0\n 10 11  1  0\n 11 12  2  0\n"
        "  7 12  1  0\n  2 13  1  0\n  8 14  1  0\nM  END\n$$$$\n");
  const auto result = rows_of("biaryl.sdf", {});
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result[0].at("status"), "STEREO_UNSUPPORTED");
  EXPECT_THAT(result[0].at("message"), HasSubstr("atom 1 (C)"));
}

}  // namespace
}  // namespace saltus::tests
