// Oracle: statuses a chemist would give; configurations as RDKit perceives them in the files that
// were written; messages written out by hand.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"
#include "io/files/text_input.h"
#include "saltus_test_paths.h"
#include "tests/e2e/conformers_program.h"

namespace saltus::tests {
namespace {

using forcefields::ChemMolecule;
using nlohmann::json;
using testing::HasSubstr;

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
  expect_refusal({"list.smi", "-o", "out.cif"},
                 "saltus conformers: -o out.cif: its name must end with .sdf, .xyz, .pdb, .mol2 "
                 "(all of these also with .gz) or .h5");
  expect_refusal({"list.smi", "-o", "out.sdf", "--mode", "all"},
                 "saltus conformers: --mode: expected ensemble or minima or boltzmann, got 'all'");
  expect_refusal({"list.smi", "-o", "out.sdf", "-n", "-1"},
                 "saltus conformers: --num-confs: expected a whole number from 1 to 100000, got "
                 "'-1'");
  expect_refusal({"list.smi", "-o", "out.sdf", "--solvent", "obc2", "--dielectric", "4r"},
                 "saltus conformers: --dielectric: expected a constant such as 1 or 2 with "
                 "--solvent, as both stand for water (it is that of the inside of the molecule), "
                 "got '4r'");
  expect_refusal({"list.smi", "-o", "out.sdf", "--solvent", "obc2", "--fallback", "uff"},
                 "saltus conformers: --solvent and --fallback uff exclude each other: UFF has no "
                 "charges");
  expect_refusal({"list.smi", "-o", "out.sdf", "--solvent", "obc2", "--minimize", "none"},
                 "saltus conformers: --solvent and --minimize none exclude each other: there would "
                 "be no energies");
  expect_refusal({"list.smi", "-o", "out.sdf", "--charges", "file"},
                 "saltus conformers: --charges file is for SD files, 'list.smi' is a list without "
                 "charges");
  expect_refusal({"list.smi", "-o", "out.sdf", "--dielectric", "r4"},
                 "saltus conformers: --dielectric: expected a number from 0.001 to 1e+06, such "
                 "as 4, or 4r, got 'r4'");
  const auto refuse = [&](std::vector<std::string> options, const std::string& message) {
    options.insert(options.begin(), {"list.smi", "-o", "out.sdf"});
    expect_refusal(options, "saltus conformers: " + message);
  };
  refuse({"--temperature", "0"}, "--temperature: expected a number from 0.001 to 1e+05, got '0'");
  refuse({"--temperature", "1e300"},
         "--temperature: expected a number from 0.001 to 1e+05, got '1e+300'");
  refuse({"--energy-window", "nan"},
         "--energy-window: expected a number from 0.001 to 1e+06, got 'nan'");
  refuse({"--timeout", "1e9"}, "--timeout: expected a number from 1e-09 to 3.2e+07, got '1e+09'");
  refuse({"--sort", "name"}, "--sort: expected energy or none, got 'name'");
  refuse({"--sampler", "exchange"}, "--sampler is for --mode boltzmann");
  refuse({"--mode", "boltzmann", "--sampler", "md"},
         "--sampler: expected exchange or annealing, got 'md'");
  refuse({"--mode", "boltzmann", "--rmsd-prune", "0.5"},
         "--mode boltzmann and --rmsd-prune exclude each other: choosing among draws changes "
         "their distribution");
  refuse({"--mode", "boltzmann", "--minimize", "none"},
         "--mode boltzmann and --minimize none exclude each other");
  refuse({"--model", "none.pt"},
         "--model: expected default, none or the path of a model file, got 'none.pt'");
  refuse({"--use-input-3d"},
         "--use-input-3d is for SD files, 'list.smi' is a list without coordinates");
  refuse({"--minimize", "none", "--dielectric", "4"},
         "--dielectric and --minimize none exclude each other: there would be no energies");
  refuse({"--minimize", "none", "--temperature", "310"},
         "--temperature and --minimize none exclude each other: there would be no energies");
  refuse({"--split-format", "xyz"}, "--split-format is for --split");
  refuse({"--core-match", "first"}, "--core-match is for --core, --core-template and --core-atoms");
  for (const std::string option : {"smiles-col", "name-col"})
    refuse({"--" + option, "2"}, "--" + option +
                                     " is for .csv and .tsv files, 'list.smi' is none by its "
                                     "name; --in-format csv (or tsv) says that it is");
  copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/disulfane.sdf", "a.sdf");
  expect_refusal({"a.sdf", "-o", "out.sdf", "--header", "yes"},
                 "saltus conformers: --header is for lists, 'a.sdf' is an SD file");
  refuse(
      {"--split-format", "cif", "--split", "x"},
      "--split-format: expected sdf or sdf.gz or xyz or xyz.gz or pdb or pdb.gz or mol2 or mol2.gz "
      "or h5, got 'cif'");
  refuse({"--report", "out.sdf"}, "'out.sdf' is given for two outputs");
  refuse({"--quiet", "--progress"}, "--quiet and --progress exclude each other");
  expect_refusal({"list.smi", "-o", "-", "--resume"},
                 "saltus conformers: --resume and -o - exclude each other: what went to standard "
                 "output cannot be taken back");
  expect_refusal({"list.smi", "-o", "none/out.sdf"},
                 "cannot write 'none/out.sdf': No such file or directory");
  expect_refusal({"none.smi", "-o", "out.sdf"},
                 "none.smi: cannot be opened: No such file or directory");
  write("out.sdf", "precious");
  expect_refusal({"list.smi", "-o", "out.sdf"},
                 "'out.sdf' exists: choose another name, or replace it with --overwrite");
  EXPECT_EQ(read("out.sdf"), "precious");
}

TEST_F(Conformers, CarryTheirPopulations) {
  write("list.smi", "CCCC butane\n");
  good({"conformers", "list.smi", "-o", "out.sdf", "--temperature", "350", "--dielectric", "1"});
  // p_c = g_c exp(-E_c / kT) / sum, from the energies in the file; k = 1.987204 cal/mol/K. Gauche
  // stands for its mirror image, too.
  const std::string text = read("out.sdf");
  const auto values = [&](const std::string& field) {
    std::vector<double> found;
    const std::string head = ">  <" + field + ">\n";
    for (std::size_t at = 0; (at = text.find(head, at)) != std::string::npos;)
      found.push_back(std::stod(text.substr(at += head.size())));
    return found;
  };
  const std::vector<double> energy = values("energy_kcal_mol"), share = values("population");
  ASSERT_EQ(share.size(), 2u);  // anti, gauche
  ASSERT_EQ(energy.size(), 2u);
  EXPECT_EQ(values("degeneracy"), (std::vector<double>{1.0, 2.0}));
  const double ratio = 2.0 * std::exp((energy[0] - energy[1]) / (1.987204e-3 * 350.0));
  EXPECT_NEAR(share[0], 1.0 / (1.0 + ratio), 2e-4);  // four digits of the energies
  EXPECT_NEAR(share[1], ratio / (1.0 + ratio), 2e-4);
  EXPECT_EQ(values("temperature_K"), (std::vector<double>{350.0, 350.0}));
  EXPECT_THAT(text, HasSubstr(">  <method>\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("log_weight")));
}

TEST_F(Conformers, AreSplitIntoFiles) {
  write("list.smi", "CC a/b c.d\nbad( x\nCCO\n");
  EXPECT_EQ(conformers({"list.smi", "--split", "out", "-n", "1"}).exit_code, kSomeFailed);
  EXPECT_EQ(read("out/a_b_c_d_000001.sdf").compare(0, 8, "a/b c.d\n"), 0);
  EXPECT_THAT(read("out/mol_000003_000003.sdf"), testing::EndsWith("$$$$\n"));
  const std::filesystem::directory_iterator files(file("out"));
  EXPECT_EQ(std::distance(begin(files), end(files)), 2);
  expect_refusal({"list.smi", "--split", "out"},
                 "'out' is not empty: choose another folder, or replace files in it with "
                 "--overwrite");
  EXPECT_EQ(conformers({"list.smi", "--split", "out2/", "--split-format", "xyz", "-o", "all.xyz",
                        "-n", "1"})
                .exit_code,
            kSomeFailed);
  EXPECT_EQ(read("all.xyz"), read("out2/a_b_c_d_000001.xyz") + read("out2/mol_000003_000003.xyz"));
}

TEST_F(Conformers, AreLoggedOneByOne) {
  write("list.smi", "CC a\nbad( x\n");
  conformers({"list.smi", "-o", "out.sdf", "-n", "1", "--log", "log", "--quiet"});
  std::istringstream log(read("log"));
  const std::string time = "20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z\t";
  for (const std::string expected :
       {"started", "1\tOK\t[0-9.]+ s\tlist.smi:1\ta\t1 conformers",
        "2\tPARSE_SYNTAX\t[0-9.]+ s\tlist.smi:2\tx\t0 conformers\t.*", "finished"}) {
    std::string line;
    std::getline(log, line);
    EXPECT_TRUE(std::regex_match(line, std::regex(time + expected))) << line;
  }
}

TEST_F(Conformers, AreShownOnAPage) {
  write("list.smi", "CCCO <propanol>\nbad( broken\nCC(F)Cl chiral\n");
  const ProgramEnd end = conformers({"list.smi", "-o", "out.sdf", "--html", "out.html"});
  EXPECT_EQ(end.exit_code, kSomeFailed) << end.err;
  const std::string page = read("out.html");
  EXPECT_THAT(page, HasSubstr("&lt;propanol&gt;"));
  EXPECT_THAT(page, HasSubstr("PARSE_SYNTAX"));
  EXPECT_THAT(page, HasSubstr("list.smi:2 broken: "));
  EXPECT_THAT(page, HasSubstr("<canvas"));
  for (const char* loader : {"http://", "https://", " src=", "@import", "<link", "url("})
    EXPECT_THAT(page, testing::Not(HasSubstr(loader)));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
}

}  // namespace
}  // namespace saltus::tests
