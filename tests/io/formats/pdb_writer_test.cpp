// Oracle: lines as the format's description, OpenMM 7.7 and VMD have them, written out by hand, and
// write-then-read identity.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "io/formats/pdb.h"
#include "tests/support/errors.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using engine::InputError;
using testing::StartsWith;

/// Methane's carbon, sodium and four-site water.
engine::Topology mixture() {
  engine::Topology topology;
  topology.residues = {{"MOL", "A", 1, "", 0}, {"NA", "B", 1, "", 1}, {"HOH", "C", 1, "", 2}};
  topology.atoms = {{"C1", 6, 0}, {"H1", 1, 0}, {"NA", 11, 1}, {"O", 8, 2},
                    {"H1", 1, 2}, {"H2", 1, 2}, {"M", 0, 2}};
  topology.bonds = {{0, 1}};
  return topology;
}

/// n atoms of sodium, each a residue.
engine::Topology many_atoms(std::size_t n) {
  engine::Topology topology;
  for (std::size_t atom = 0; atom < n; ++atom) {
    topology.residues.push_back({"NA", "A", static_cast<int>(atom % 9999) + 1, "", 0});
    topology.atoms.push_back({"NA", 11, atom});
  }
  return topology;
}

class PdbWriting : public testing::Test {
 protected:
  std::string written(const engine::Topology& topology, const engine::CoordinateBatch& positions) {
    io::write_pdb(folder_.file("x.pdb"), topology, positions.view());
    return content_of(folder_.file("x.pdb"));
  }
  std::string error(const engine::Topology& topology, const engine::CoordinateBatch& positions) {
    return message_of<InputError>([&] { io::write_pdb("x.pdb", topology, positions.view()); });
  }
  TemporaryFolder folder_;
};

TEST_F(PdbWriting, TellsWaterAndIonsFromMolecules) {
  const engine::CoordinateBatch positions(1, 7);
  EXPECT_EQ(written(mixture(), positions),
            "ATOM      1  C1  MOL A   1       0.000   0.000   0.000  1.00  0.00           C\n"
            "ATOM      2  H1  MOL A   1       0.000   0.000   0.000  1.00  0.00           H\n"
            "TER\n"
            "HETATM    3 NA    NA B   1       0.000   0.000   0.000  1.00  0.00          Na\n"
            "TER\n"
            "HETATM    4  O   HOH C   1       0.000   0.000   0.000  1.00  0.00           O\n"
            "HETATM    5  H1  HOH C   1       0.000   0.000   0.000  1.00  0.00           H\n"
            "HETATM    6  H2  HOH C   1       0.000   0.000   0.000  1.00  0.00           H\n"
            "HETATM    7  M   HOH C   1       0.000   0.000   0.000  1.00  0.00          EP\n"
            "TER\n"
            "CONECT    1    2\n"
            "CONECT    2    1\n"
            "END\n");
  const io::PdbStructure again = io::read_pdb(folder_.file("x.pdb"));
  const engine::Topology expected = mixture();
  ASSERT_EQ(again.topology.n_atoms(), 7u);
  for (std::size_t n = 0; n < 7; ++n) {
    EXPECT_EQ(again.topology.describe_atom(n), expected.describe_atom(n));
    EXPECT_EQ(again.topology.atoms[n].atomic_number, expected.atoms[n].atomic_number);
  }
}

TEST_F(PdbWriting, HasTheBoxOfThePositions) {
  engine::CoordinateBatch positions(2, 7);
  const engine::Box box =
      engine::Box::from_lengths_and_angles({3.0, 2.5, 12.3456}, {1.55, 1.5, 1.6});
  positions.set_boxes({box, box});
  EXPECT_THAT(written(mixture(), positions),
              StartsWith("CRYST1   30.000   25.000  123.456  88.81  85.94  91.67 P 1           "
                         "1\nMODEL        1\nATOM "));
  const io::PdbStructure again = io::read_pdb(folder_.file("x.pdb"));
  ASSERT_TRUE(again.box);
  constexpr double kEdgeRounding = 0.5e-4 + 1e-12,
                   kAngleRounding = 0.005 * engine::kRadianPerDegree;
  for (std::size_t n = 0; n < 3; ++n) {
    EXPECT_NEAR(again.box->edges_nm[n], box.edges_nm()[n], kEdgeRounding);
    EXPECT_NEAR(again.box->angles_rad[n], box.angles_rad()[n], kAngleRounding + 1e-12);
  }
  positions.set_boxes({box, engine::Box({3.0, 2.5, 6.0})});
  EXPECT_EQ(error(mixture(), positions),
            "x.pdb: cannot write: its models have different periodic boxes, and a PDB file has one "
            "(CRYST1)");
  const auto error_of = [&](double edge) {
    const engine::Box wrong({3.0, edge, 3.0});
    positions.set_boxes({wrong, wrong});
    return error(mixture(), positions);
  };
  EXPECT_EQ(error_of(10000.1),
            "x.pdb: cannot write: an edge of the periodic box, 10000.100000 nm, does not fit the "
            "columns");
  EXPECT_EQ(error_of(std::numeric_limits<double>::infinity()),
            "x.pdb: cannot write: the periodic box: by is not a finite number");
  EXPECT_EQ(error_of(-1.0),
            "x.pdb: cannot write: the periodic box: by is -1.000000 nm, expected a positive "
            "number");
}

TEST_F(PdbWriting, GoesOnInHexadecimalsAfter99999) {
  // 0x18705 looks like an earlier number.
  constexpr std::size_t kAtoms = 0x18705;
  engine::Topology topology = many_atoms(kAtoms);
  topology.bonds = {{0, 18704}};
  engine::CoordinateBatch positions(1, kAtoms);
  for (std::size_t n = 0; n < kAtoms; ++n)
    positions.values()[3 * n] = 0.1 * static_cast<double>(n % 1000);
  const std::string text = written(topology, positions);
  const auto holds = [&](const char* line) { return text.find(line) != std::string::npos; };
  EXPECT_TRUE(holds("\nHETATM99999 NA    NA A   9    "));
  EXPECT_TRUE(holds("\nHETATM186a0 NA    NA A  10    "));
  EXPECT_TRUE(holds("\nHETATM18705 NA    NA A 111    "));
  EXPECT_TRUE(holds("\nCONECT    118705\n"));
  const io::PdbStructure again = io::read_pdb(folder_.file("x.pdb"));
  EXPECT_EQ(again.topology.n_atoms(), kAtoms);
  ASSERT_EQ(again.topology.bonds.size(), 1u);
  EXPECT_EQ(again.topology.bonds[0].second, 18704u);
  topology.bonds = {{0, 99999}};
  EXPECT_EQ(error(topology, positions),
            "x.pdb: cannot write: the bond of atom NA of residue NA 10 of chain A, which comes "
            "after atom 99999, cannot be given");
}

TEST_F(PdbWriting, HasAnEnd) {
  engine::Topology topology;
  topology.residues = {{"X", "", 1, "", 0}};
  topology.atoms.assign(io::kMaxPdbAtoms + 1, {"C", 6, 0});
  EXPECT_EQ(error(topology, engine::CoordinateBatch(1, topology.n_atoms())),
            "x.pdb: cannot write: a PDB file holds at most 1048575 atoms, there are 1048576");
}

TEST_F(PdbWriting, ReadsVirtualSitesByTheirNames) {
  // As OpenMM's box of TIP4P-Ew has them: no element at all.
  std::string text;
  for (const char* name : {"M", "MW", "EP", "EPW", "EP1", "EP2", "LP1", "LP2"}) {
    std::string padded = name;
    padded.resize(3, ' ');
    text += "ATOM      4  " + padded + " HOH A   1       5.510  19.131  12.170  1.00  0.00\n";
  }
  const io::PdbStructure pdb = io::read_pdb(folder_.write("sites.pdb", text));
  for (const engine::Atom& atom : pdb.topology.atoms) EXPECT_EQ(atom.atomic_number, 0) << atom.name;
  const std::string path = folder_.write(
      "mo.pdb", "HETATM    1 M    MOL A   1       5.510  19.131  12.170  1.00  0.00          Mo\n");
  EXPECT_EQ(io::read_pdb(path).topology.atoms[0].atomic_number, 42);
}

}  // namespace
}  // namespace saltus::tests
