// Oracle: coordinates of the files that were given; readers of the files that were written;
// messages written out by hand; runs without interruption, byte for byte.
#include <gmock/gmock.h>

#include <csignal>
#include <sstream>
#include <thread>

#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/openbabel/mol2_text.h"
#include "tests/e2e/conformers_program.h"

namespace saltus::tests {
namespace {

using testing::HasSubstr;

/// 4-propoxypyridine as a crystal might have it; hydrogens are left out.
const char* const kLigand =
    "ligand\n     by hand        3D\n\n 10 10  0  0  0  0  0  0  0  0999 V2000\n"
    "   11.8672    3.1210   -7.0021 C   0  0\n"
    "   11.0321    4.3811   -7.2055 C   0  0\n"
    "   10.2034    4.6745   -5.9603 C   0  0\n"
    "    9.4201    5.8423   -6.1824 O   0  0\n"
    "    8.6020    6.2512   -5.1605 C   0  0\n"
    "    7.8331    7.4098   -5.3712 C   0  0\n"
    "    6.9802    7.8705   -4.3615 C   0  0\n"
    "    6.8512    7.2633   -3.1706 N   0  0\n"
    "    7.5911    6.1594   -2.9818 C   0  0\n"
    "    8.4703    5.6001   -3.9210 C   0  0\n"
    "  1  2  1  0\n  2  3  1  0\n  3  4  1  0\n  4  5  1  0\n  5  6  2  0\n  6  7  1  0\n"
    "  7  8  2  0\n  8  9  1  0\n  9 10  2  0\n  5 10  1  0\nM  END\n$$$$\n";

/// Lines of a file that hold a text.
std::size_t count_lines(const std::string& text, const std::string& with) {
  std::istringstream lines(text);
  std::size_t n = 0;
  for (std::string line; std::getline(lines, line);) n += line.find(with) != std::string::npos;
  return n;
}

class ConformerCores : public Conformers {
 protected:
  /// The records of an SD file.
  std::vector<forcefields::ChemMolecule> written(const std::string& name) const {
    return forcefields::read_sdf(file(name));
  }
};

TEST_F(ConformerCores, AreInTheFileAsTheyWere) {
  write("ligand.sdf", kLigand);
  for (const std::vector<std::string>& how : {std::vector<std::string>{"--core", "c1ccncc1"},
                                              {"--core-atoms", "5-10"},
                                              {"--core", "c1ccncc1", "--mode", "minima"}}) {
    std::vector<std::string> call = {"conformers", "ligand.sdf", "-o",         "out.sdf",
                                     "-n",         "10",         "--overwrite"};
    call.insert(call.end(), how.begin(), how.end());
    good(call);
    const std::string text = read("out.sdf");
    const std::size_t n = written("out.sdf").size();
    EXPECT_GT(n, 2u) << how[0];
    for (const char* line :
         {"    8.6020    6.2512   -5.1605 C", "    7.8331    7.4098   -5.3712 C",
          "    6.9802    7.8705   -4.3615 C", "    6.8512    7.2633   -3.1706 N",
          "    7.5911    6.1594   -2.9818 C", "    8.4703    5.6001   -3.9210 C"})
      EXPECT_EQ(count_lines(text, line), n) << line;
    EXPECT_LT(count_lines(text, "   11.8672    3.1210   -7.0021 C"), 2u) << "the chain is sampled";
  }
}

TEST_F(ConformerCores, OfATemplateAreInMoleculesOfAList) {
  std::string ring(kLigand);
  write("ring.sdf", ring);
  write("list.smi", "CCCOc1ccncc1C(=O)NCC a\nCCO none\n");
  const ProgramEnd end = conformers({"list.smi", "-o", "out.sdf", "-n", "6", "--core-template",
                                     "ring.sdf", "--report", "r.csv", "--core-match", "first"});
  EXPECT_EQ(end.exit_code, kSomeFailed) << end.err;
  EXPECT_THAT(read("r.csv"), HasSubstr("CORE_NOT_FOUND"));
  const std::string text = read("out.sdf");
  EXPECT_EQ(count_lines(text, "   11.8672    3.1210   -7.0021 C"), written("out.sdf").size());
  EXPECT_EQ(count_lines(text, "    6.8512    7.2633   -3.1706 N"), written("out.sdf").size());
}

TEST_F(ConformerCores, ThatCannotBeSaySo) {
  write("ligand.sdf", kLigand);
  write("list.smi", "CCCO x\n");
  const auto refuse = [&](std::vector<std::string> options, const std::string& message) {
    options.insert(options.begin(), {"list.smi", "-o", "x.sdf"});
    expect_refusal(options, message);
  };
  refuse({"--core", "c1cc(C"},
         "saltus conformers: --core: SMARTS 'c1cc(C', column 5: '(' is not closed");
  refuse({"--core", "CCO", "--core-template", "ligand.sdf"},
         "saltus conformers: --core and --core-template exclude each other: there is one core");
  refuse({"--core", "CCO", "--mode", "boltzmann"},
         "saltus conformers: --core: a core cannot be held in Boltzmann mode: its draws are those "
         "of molecules all of whose atoms move; ensemble and minima modes hold it");
  refuse({"--core", "CCO", "--minimize", "none"},
         "saltus conformers: --core: a core cannot be held without minimisation, which makes the "
         "bonds between it and the rest right");
  refuse({"--core-atoms", "1-3,x"},
         "saltus conformers: --core-atoms: expected numbers of atoms such as 1-6,9, got 'x' in "
         "'1-3,x'");
  refuse({"--core", "CCO", "--core-match", "all"},
         "saltus conformers: --core-match: expected fail or first, got 'all'");
  std::string flat(kLigand);
  flat = flat.substr(0, flat.find("\n 10 10")) +
         "\n  3  2  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 C   0  0\n"
         "    1.5000    0.0000    0.0000 C   0  0\n    2.2000    1.1000    0.0000 O   0  0\n"
         "  1  2  1  0\n  2  3  1  0\nM  END\n";
  flat.replace(flat.find("3D"), 2, "2D");
  write("flat.mol", flat);
  refuse(
      {"--core-template", "flat.mol"},
      "saltus conformers: --core-template: flat.mol:1: molecule 1: no 3D coordinates, expected a "
      "place for each atom");
  refuse({"--align", "flat.mol"},
         "saltus conformers: --align: flat.mol:1: molecule 1: no 3D coordinates, expected a place "
         "for each atom");
  write("two.sdf", std::string(kLigand) + kLigand);
  refuse({"--core-template", "two.sdf"},
         "saltus conformers: --core-template: expected a file with one molecule, 'two.sdf' has 2");
  EXPECT_THAT(statuses("CCCO x\n", {"--core", "CCO"}), testing::ElementsAre("NO_COORDINATES"));
  EXPECT_THAT(statuses("CCCOc1ccncc1C x\n", {"--core-template", "ligand.sdf"}),
              testing::ElementsAre("CORE_AMBIGUOUS"));
}

TEST_F(ConformerCores, AlignedConformersSayHowFarTheyAre) {
  write("ligand.sdf", kLigand);
  write("list.smi", "CCCOc1ccncc1 a\n");
  good({"conformers", "list.smi", "-o", "out.sdf", "-n", "6", "--align", "ligand.sdf"});
  const auto records = written("out.sdf");
  EXPECT_EQ(count_lines(read("out.sdf"), "<rmsd_to_reference_angstrom>"), records.size());
  for (const auto& molecule : records)  // nitrogen or the chain are near where they were
    EXPECT_NEAR(molecule.positions_nm[3 * 3], 0.94, 0.3) << "the oxygen";
  good({"conformers", "list.smi", "-o", "out.xyz", "-n", "6", "--align", "first"});
  EXPECT_THAT(read("out.xyz"), HasSubstr(", rmsd 0.0000 angstrom"));
}

TEST_F(ConformerCores, GoIntoPdbFiles) {
  write("list.smi", "CCCOc1ccncc1 a\nC[C@H](F)CN b\n");
  good({"conformers", "list.smi", "-o", "out.pdb", "-n", "3", "--rmsd-prune", "0"});
  const std::string text = read("out.pdb");
  EXPECT_EQ(count_lines(text, "COMPND    "), 2u);
  EXPECT_EQ(count_lines(text, "MODEL  "), count_lines(text, "ENDMDL"));
  EXPECT_GT(count_lines(text, "MODEL  "), 2u);
  EXPECT_EQ(count_lines(text, "REMARK   6 conformer"), count_lines(text, "MODEL  "));
  good({"conformers", "list.smi", "--split", "folder", "--split-format", "pdb.gz", "-n", "2"});
  EXPECT_TRUE(std::filesystem::exists(file("folder/a_000001.pdb.gz")));
}

TEST_F(ConformerCores, GoIntoMol2Files) {
  if (!forcefields::can_write_mol2()) {
    write("list.smi", "CCO a\n");
    expect_refusal({"list.smi", "-o", "out.mol2"},
                   "saltus conformers: 'out.mol2': " + forcefields::why_no_mol2());
    GTEST_SKIP() << forcefields::why_no_mol2();
  }
  write("list.smi", "CCCOc1ccncc1 a\nC[Se]CC unknown\n");
  conformers({"list.smi", "-o", "out.mol2", "-n", "3", "--fallback", "uff"});
  const std::string text = read("out.mol2");
  EXPECT_GT(count_lines(text, "@<TRIPOS>MOLECULE"), 1u);
  EXPECT_EQ(count_lines(text, "MMFF94_CHARGES") + count_lines(text, "NO_CHARGES"),
            count_lines(text, "@<TRIPOS>MOLECULE"));
  EXPECT_GT(count_lines(text, "NO_CHARGES"), 0u) << "of the selenide";
  EXPECT_THAT(text, HasSubstr("N.ar"));
}

TEST_F(ConformerCores, AreResumedInTheseFormats) {
  std::string list;
  for (int i = 0; i < 24; ++i)
    list += "CC(C)CCOC(=O)C" + std::string(i % 3, 'C') + " ester_" + std::to_string(i) + "\n";
  write("list.smi", list);
  std::vector<std::string> formats = {"pdb"};
  if (forcefields::can_write_mol2()) formats.push_back("mol2");
  for (const std::string& format : formats) {
    const auto call = [&](const std::string& name) {
      return std::vector<std::string>{"conformers", "list.smi", "-o",      name + "." + format,
                                      "-n",         "2",        "--align", "first",
                                      "-j",         "1"};
    };
    good(call("whole"));
    RunningProgram program(call("cut"), folder_.path());
    while (!std::filesystem::exists(file("cut." + format + ".progress")) && !program.has_ended())
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    program.send(SIGKILL);
    ASSERT_EQ(program.wait().signal, SIGKILL) << "too short for this machine";
    std::vector<std::string> again = call("cut");
    again.push_back("--resume");
    good(again);
    EXPECT_EQ(read("cut." + format), read("whole." + format));
  }
}

}  // namespace
}  // namespace saltus::tests
