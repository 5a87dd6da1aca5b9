// Oracle: radii (mbondi3) and screening factors that AMBER's tools wrote into prmtop files, atom by
// atom, against those that Saltus gives where there is no such file.
#include <gtest/gtest.h>

#include <cmath>

#include "forcefields/amber/prmtop.h"
#include "forcefields/generalized_born/generalized_born_parameters.h"
#include "saltus_test_paths.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using engine::GeneralizedBornModel;

std::string case_path(const std::string& name) {
  return std::string(SALTUS_TEST_SOURCE_DIR) + "/tests/cases/data/24_gbn2_carboxylate/" + name;
}

/// Atoms whose radius differs from the file's, as "GLU 2 O 0.15 0.14": the file's, then ours.
std::vector<std::string> differing_radii(const std::string& path) {
  forcefields::PrmtopOptions options;
  options.molecule.implicit_solvent = GeneralizedBornModel::kGbn2;
  const forcefields::AmberMolecule molecule = forcefields::read_prmtop(path, options);
  std::vector<double> charges;
  for (const auto& particle : molecule.system.nonbonded->particles)
    charges.push_back(particle.charge);
  const engine::ImplicitSolvent ours = forcefields::generalized_born_parameters(
      GeneralizedBornModel::kGbn2, molecule.topology, charges, {});
  std::vector<std::string> result;
  for (std::size_t n = 0; n < charges.size(); ++n) {
    const double theirs = molecule.system.implicit_solvent->particles[n].radius_nm;
    if (std::abs(theirs - ours.particles[n].radius_nm) < 1e-9) continue;
    result.push_back(molecule.topology.describe_atom(n) + " " + std::to_string(theirs) + " " +
                     std::to_string(ours.particles[n].radius_nm));
  }
  return result;
}

using Names = std::vector<std::string>;

TEST(PrmtopRadii, AreThoseThatSaltusGives) {
  EXPECT_EQ(differing_radii(case_path("RE.prmtop")), Names{});
  EXPECT_EQ(differing_radii(data_path("alanine_dipeptide.prmtop")), Names{});
}

// ParmEd corrects OXT and the atom before it, which in these files is not the other oxygen; in MVL
// it is a hydrogen.
TEST(PrmtopRadii, OfParmEdMissOneOxygen) {
  EXPECT_EQ(differing_radii(data_path("RE.prmtop")),
            Names{"atom O of residue GLU 2 0.150000 0.140000"});
  EXPECT_EQ(differing_radii(data_path("MVL.prmtop")),
            (Names{"atom O of residue LEU 3 0.150000 0.140000",
                   "atom HD23 of residue LEU 3 0.140000 0.120000"}));
}

}  // namespace
}  // namespace saltus::tests
