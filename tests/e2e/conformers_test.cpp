// Oracle: statuses a chemist would give; configurations as RDKit perceives them in the files that
// were written; messages written out by hand.
#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"
#include "io/files/text_input.h"
#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

using forcefields::ChemMolecule;
using nlohmann::json;
using testing::HasSubstr;

constexpr int kWrong = 1, kSomeFailed = 2;

class Conformers : public ProgramTest {
 protected:
  void SetUp() override {}
  ProgramEnd conformers(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "conformers");
    return saltus(arguments);
  }
  void expect_refusal(std::vector<std::string> arguments, const std::string& message) const {
    arguments.insert(arguments.begin(), "conformers");
    expect_error(arguments, kWrong, message);
  }
  /// Status of each record of a list, from the report.
  std::vector<std::string> statuses(const std::string& list,
                                    const std::vector<std::string>& options = {}) const {
    write("list.smi", list);
    std::vector<std::string> arguments = {"list.smi", "-o",    "out.sdf",     "-n",       "2",
                                          "--report", "r.csv", "--overwrite", "--failed", "f.smi"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProgramEnd end = conformers(arguments);
    std::vector<std::string> found;
    std::istringstream report(read("r.csv"));
    std::string line;
    for (std::getline(report, line); std::getline(report, line);) {
      for (int column = 0; column < 4; ++column) line.erase(0, line.find(',') + 1);
      found.push_back(line.substr(0, line.find(',')));
    }
    const bool good = found == std::vector<std::string>(found.size(), "OK");
    EXPECT_EQ(end.exit_code, good ? 0 : kSomeFailed) << end.err;
    return found;
  }
};

TEST_F(Conformers, HaveTheConfigurationOfTheInput) {
  const std::map<std::string, std::string> molecules = {{"lactate", "C[C@H](O)C(=O)O"},
                                                        {"butene", "C/C=C\\C"},
                                                        {"sulfoxide", "CC[S@](C)=O"},
                                                        {"ring", "C[C@H]1CC[C@@H](C)CC1"}};
  std::string list;
  for (const auto& [name, smiles] : molecules) list += smiles + " " + name + "\n";
  write("list.smi", list);
  const json summary =
      json::parse(good({"conformers", "list.smi", "-o", "out.sdf.gz", "--json"}).out);
  EXPECT_EQ(summary.at("n_with_conformers"), 4);
  io::TextInput input(file("out.sdf.gz"));
  forcefields::SdfReader reader(input.stream(), "out");
  std::map<std::string, std::size_t> found;
  while (auto molecule = reader.next()) {
    const ChemMolecule expected =
        forcefields::parse_listed_smiles(molecules.at(molecule->name), "", 100);
    EXPECT_EQ(forcefields::canonical_smiles_of(*molecule, molecule->positions_nm),
              forcefields::canonical_smiles(expected));
    ++found[molecule->name];
  }
  EXPECT_EQ(found.size(), 4u);
}

TEST_F(Conformers, AreTheSameOnAnyNumberOfThreads) {
  write("list.smi", "CCOCC a\nC(C)(O)C(N)C b\nbad( c\nCCCCN d\nOCC1CCCCC1 e\nCCF f\n");
  const auto made = [&](const char* threads, const char* seed) {
    EXPECT_EQ(conformers({"list.smi", "-o", "out.sdf", "-j", threads, "--seed", seed, "-n", "5",
                          "--overwrite"})
                  .exit_code,
              kSomeFailed);
    return read("out.sdf");
  };
  const std::string one = made("1", "7");
  EXPECT_EQ(made("3", "7"), one);
  EXPECT_NE(made("1", "8"), one);
  EXPECT_NE(made("1", "0"), one);
}

TEST_F(Conformers, GiveEveryBadRecordAStatus) {
  EXPECT_THAT(statuses("CC(\nC(C)(C)(C)(C)C\nc1ccc1c\n[Na+].[Cl-]\n[CH3]\n[Na+]\nC[Pb](C)C\n*C\n"),
              testing::ElementsAre("PARSE_SYNTAX", "PARSE_VALENCE", "PARSE_AROMATIC", "OK",
                                   "NO_PARAMETERS", "OK", "NO_PARAMETERS", "PARSE_SYNTAX"));
  EXPECT_THAT(read("f.smi"),
              HasSubstr("# list.smi:2: PARSE_VALENCE: atom 1 has more bonds than its element and "
                        "charge allow\nC(C)(C)(C)(C)C\n"));
  EXPECT_THAT(statuses("CC.O\n", {"--fragments", "fail"}), testing::ElementsAre("DISCONNECTED"));
  EXPECT_THAT(statuses("CC(F)Cl\n", {"--stereo", "fail"}),
              testing::ElementsAre("STEREO_UNSPECIFIED"));
  EXPECT_THAT(statuses("CCCCCC\nCC\n", {"--max-atoms", "10"}),
              testing::ElementsAre("TOO_LARGE", "OK"));
  EXPECT_THAT(statuses("CCCCCC\nCC\n", {"--max-rotors", "1"}),
              testing::ElementsAre("TOO_LARGE", "OK"));
  EXPECT_THAT(statuses("CCCCCCCCCC\n", {"--timeout", "1e-9"}), testing::ElementsAre("TIMEOUT"));
  EXPECT_THAT(statuses("C1" + std::string(298, 'C') + "C1\n"), testing::ElementsAre("TOO_LARGE"));
  EXPECT_THAT(statuses(""), testing::ElementsAre());
  EXPECT_THAT(statuses("\xEF\xBB\xBF"
                       "smiles name\r\nCC a\r\nCC a\r\n"),
              testing::ElementsAre("OK", "OK"));
}

TEST_F(Conformers, AreMadeOfEveryStereoisomer) {
  EXPECT_THAT(statuses("CC(F)Cl chiral\n"), testing::ElementsAre("OK"));
  EXPECT_THAT(read("out.sdf"), HasSubstr("chiral_iso1\n"));
  EXPECT_THAT(read("out.sdf"), HasSubstr("chiral_iso2\n"));
  statuses("CC(F)Cl chiral\n", {"--stereo", "random"});
  EXPECT_EQ(read("out.sdf").compare(0, 7, "chiral\n"), 0);
  EXPECT_THAT(read("out.sdf"), testing::Not(HasSubstr("_iso")));
  statuses("CC.O two\n", {"--fragments", "all"});
  EXPECT_THAT(read("out.sdf"), HasSubstr("two_frag1\n"));
  EXPECT_THAT(read("out.sdf"), HasSubstr("two_frag2\n"));
}

TEST_F(Conformers, AreWrittenInOtherFormats) {
  write("list.smi", "CC ethane\n");
  good({"conformers", "list.smi", "-o", "out.xyz"});
  EXPECT_EQ(read("out.xyz").compare(0, 26, "8\nethane conformer 1, -4.7"), 0) << read("out.xyz");
  good({"conformers", "list.smi", "-o", "out.h5"});
  EXPECT_EQ(read("out.h5").substr(1, 3), "HDF");
  const ProgramEnd end = good({"conformers", "list.smi", "-o", "-", "--minimize", "none"});
  EXPECT_THAT(end.out, HasSubstr("V2000"));
  EXPECT_THAT(end.out, testing::Not(HasSubstr("energy")));
}

TEST_F(Conformers, AreReadFromSdfAndCsv) {
  copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/atenolol.sdf", "atenolol.sdf");
  write("list.csv", "id,smiles\nx,CC\n");
  const json summary = json::parse(good({"conformers", "atenolol.sdf", "list.csv", "-o", "out.sdf",
                                         "-n", "3", "--json", "--mode", "minima"})
                                       .out);
  EXPECT_EQ(summary.at("n_molecules"), 2);
  EXPECT_THAT(read("out.sdf"), HasSubstr("x\n  Saltus"));
}

TEST_F(Conformers, RefuseOptionsThatMakeNoSense) {
  write("list.smi", "CC\n");
  expect_refusal({"list.smi"}, "saltus conformers: -o is missing; see 'saltus conformers --help'");
  expect_refusal({"list.smi", "-o", "out.pdb"},
                 "saltus conformers: -o out.pdb: its name must end with .sdf, .sdf.gz, .xyz, "
                 ".xyz.gz or .h5");
  expect_refusal({"list.smi", "-o", "out.sdf", "--mode", "all"},
                 "saltus conformers: --mode: expected ensemble or minima, got 'all'");
  expect_refusal({"list.smi", "-o", "out.sdf", "-n", "-1"},
                 "saltus conformers: --num-confs: expected a whole number from 1 to 100000, got "
                 "'-1'");
  expect_refusal({"list.smi", "-o", "out.sdf", "--dielectric", "r4"},
                 "saltus conformers: --dielectric: expected a positive number such as 4, or 4r, "
                 "got 'r4'");
  expect_refusal({"list.smi", "-o", "none/out.sdf"},
                 "cannot write 'none/out.sdf': No such file or directory");
  expect_refusal({"none.smi", "-o", "out.sdf"},
                 "none.smi: cannot be opened: No such file or directory");
  write("out.sdf", "precious");
  expect_refusal({"list.smi", "-o", "out.sdf"},
                 "'out.sdf' exists: choose another name, or replace it with --overwrite");
  EXPECT_EQ(read("out.sdf"), "precious");
}

TEST_F(Conformers, ThatAreInterruptedAreWritten) {
  std::string list;
  for (int i = 0; i < 100'000; ++i) list += "CCCO\n";
  write("list.smi", list);
  RunningProgram program({"conformers", "list.smi", "-o", "out.sdf", "-n", "1"}, folder_.path());
  while (!std::filesystem::exists(file("out.sdf.new")) && !program.has_ended())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  program.send(SIGINT);
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.exit_code, 130);
  EXPECT_THAT(end.err, HasSubstr("warning: interrupted: only the first "));
  const std::string text = read("out.sdf");
  EXPECT_EQ(text.substr(text.size() - 5), "$$$$\n");
}

}  // namespace
}  // namespace saltus::tests
