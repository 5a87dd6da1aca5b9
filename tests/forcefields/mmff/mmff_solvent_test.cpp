// Oracles: OpenMM's GBSAOBCForce and CustomGBForce with the same charges and radii; the closed form
// of Born's ion; radii and charges by hand; signs and sizes of measured hydration free energies.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "engine/conformers/relaxation.h"
#include "engine/core/error.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/chem/given_charges.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/openmm/openmm_energy.h"
#include "saltus_test_paths.h"
#include "tests/forcefields/mmff/rdkit_energy.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using engine::GeneralizedBornModel;
using engine::InputError;
using forcefields::ChemMolecule;
using forcefields::MmffOptions;
using forcefields::PartialCharges;

MmffOptions water(GeneralizedBornModel model) {
  MmffOptions options;
  options.implicit_solvent = model;
  return options;
}

engine::ConstCoordinates view(const ChemMolecule& molecule) {
  return {molecule.positions_nm.data(), 1, molecule.n_atoms()};
}

double term(const std::vector<engine::EnergyTerm>& terms, const std::string& name) {
  for (const engine::EnergyTerm& each : terms)
    if (each.name == name) return each.energy;
  ADD_FAILURE() << "no term " << name;
  return 0.0;
}

double solvent_energy(const ChemMolecule& molecule, const MmffOptions& options) {
  const engine::PlainEnergy energy(forcefields::mmff_system(molecule, options), nullptr);
  return term(energy.terms(view(molecule)), "implicit_solvent");
}

void expect_openmm(const ChemMolecule& molecule, const MmffOptions& options) {
  const engine::System system = forcefields::mmff_system(molecule, options);
  const forcefields::OpenMMEnergy openmm(system, {"Reference", 0});
  const double expected = term(openmm.terms(view(molecule)), "implicit_solvent");
  // Both are double; of the total, distorted bonds and angles are thousands of kJ/mol.
  EXPECT_NEAR(solvent_energy(molecule, options), expected, 1e-6 * tolerance_scale());
  std::vector<double> total(1), openmm_forces(3 * molecule.n_atoms());
  openmm.evaluate(view(molecule), total, openmm_forces);
  const EnergyAndForces native = native_mmff(molecule, options, engine::Precision::kDouble);
  EXPECT_NEAR(native.energy, total[0], 1e-4 * tolerance_scale());
  EXPECT_LE(largest_difference(native.forces, openmm_forces), 1e-4 * tolerance_scale());
}

/// Near a minimum of vacuum.
ChemMolecule relaxed(const char* smiles) {
  ChemMolecule molecule = embedded(smiles);
  engine::CoordinateBatch x(1, molecule.n_atoms());
  x.values() = molecule.positions_nm;
  engine::relax_conformers(engine::NativeEnergy(forcefields::mmff_system(molecule), nullptr), x,
                           engine::RelaxationOptions());
  molecule.positions_nm = x.values();
  return molecule;
}

class MmffSolvent : public testing::TestWithParam<const char*> {};

TEST_P(MmffSolvent, HasTheEnergyAndForcesOfOpenMM) {
  const ChemMolecule molecule = embedded(GetParam());
  for (const auto model :
       {GeneralizedBornModel::kObc1, GeneralizedBornModel::kObc2, GeneralizedBornModel::kGbn2})
    for (const double dielectric : {1.0, 2.0}) {
      SCOPED_TRACE(std::string(GetParam()) + " model " + std::to_string(static_cast<int>(model)));
      MmffOptions options = water(model);
      options.dielectric = dielectric;
      expect_openmm(molecule, options);
    }
}

TEST_P(MmffSolvent, PullsDownItsEnergy) {
  const ChemMolecule molecule = embedded(GetParam());
  // Of GBn2, whose necks end with a small step, forces are compared with OpenMM's above.
  EnergyInvariantOptions checks;
  checks.clashes = false;
  expect_energy_function_invariants(
      engine::NativeEnergy(forcefields::mmff_system(molecule, water(GeneralizedBornModel::kObc2)),
                           nullptr, engine::Precision::kDouble),
      view(molecule), checks);
}

INSTANTIATE_TEST_SUITE_P(All, MmffSolvent,
                         testing::Values("O", "[NH3+]CC(=O)[O-]", "CS(=O)(=O)Nc1ccncc1",
                                         "OP(=O)(O)OC", "ClCC(F)(F)Br",
                                         "CC(C)NCC(O)COc1ccc(CC(N)=O)cc1"));

TEST(MmffSolventOfFixtures, HasTheEnergyOfOpenMM) {
  const std::string path = std::string(SALTUS_TEST_FIXTURE_DIR) + "/mmff94_suite/MMFF94_dative.sdf";
  if (!std::ifstream(path)) GTEST_SKIP() << path << " is not there";
  constexpr int kEvery = 40;
  int n = 0, n_compared = 0;
  for (forcefields::SdfReader reader(path); !reader.at_end(); ++n) {
    const ChemMolecule molecule = *reader.next();
    if (n % kEvery != 0) continue;
    SCOPED_TRACE(molecule.source);
    expect_openmm(molecule, water(GeneralizedBornModel::kObc2));
    ++n_compared;
  }
  EXPECT_GE(n_compared, 15);
}

TEST(MmffSolventOfAnIon, IsTheClosedFormOfBorn) {
  ChemMolecule sodium = forcefields::parse_smiles("[Na+]");
  sodium.positions_nm = {0.1, 0.2, 0.3};
  MmffOptions options = water(GeneralizedBornModel::kObc2);
  options.surface_term = false;
  // Radius 0.15 nm less the offset of 0.009 nm; the Coulomb constant of OpenMM's scripts.
  EXPECT_NEAR(solvent_energy(sodium, options), -0.5 * 138.935485 * (1.0 - 1.0 / 78.5) / 0.141,
              1e-9);
  options.dielectric = 2.0;
  options.solvent_dielectric = 40.0;
  EXPECT_NEAR(solvent_energy(sodium, options), -0.5 * 138.935485 * (0.5 - 1.0 / 40.0) / 0.141,
              1e-9);
}

TEST(MmffSolvent, HasRadiiByElementAndNeighbour) {
  const auto system = forcefields::mmff_system(forcefields::parse_smiles("NCO"),
                                               water(GeneralizedBornModel::kObc2));
  std::vector<double> radii;
  for (const auto& particle : system.implicit_solvent->particles)
    radii.push_back(particle.radius_nm);
  // N C O, two H on N, two on C, one on O.
  EXPECT_EQ(radii, (std::vector<double>{0.155, 0.17, 0.15, 0.13, 0.13, 0.12, 0.12, 0.12}));
  const auto charges = forcefields::mmff_charges(forcefields::parse_smiles("NCO"));
  for (std::size_t i = 0; i < charges.size(); ++i)
    EXPECT_EQ(system.implicit_solvent->particles[i].charge, charges[i]);
}

TEST(MmffSolvent, DoesNotTakeTitlesForResidues) {
  const auto system = [](const std::string& smiles) {
    return *forcefields::mmff_system(forcefields::parse_smiles(smiles),
                                     water(GeneralizedBornModel::kGbn2))
                .implicit_solvent;
  };
  // "A" would be adenosine, which has parameters of its own.
  const auto named = system("CCO A"), plain = system("CCO");
  for (std::size_t i = 0; i < plain.particles.size(); ++i) {
    EXPECT_EQ(named.particles[i].scale, plain.particles[i].scale);
    EXPECT_EQ(named.particles[i].alpha, plain.particles[i].alpha);
  }
}

TEST(MmffSolvent, PullsWhatIsPolarIntoWaterAndGreaseOut) {
  const auto energy = [](const char* smiles) {
    return solvent_energy(relaxed(smiles), water(GeneralizedBornModel::kObc2));
  };
  // Measured, kJ/mol: methane 8, water -26, methanol -21, acetamide -41, acetate -325.
  const double methane = energy("C"), water_itself = energy("O"), methanol = energy("CO");
  const double acetamide = energy("CC(N)=O"), acetate = energy("CC(=O)[O-]");
  EXPECT_GT(methane, 0.0);
  EXPECT_LT(methane, 15.0);
  EXPECT_LT(water_itself, -15.0);
  EXPECT_GT(water_itself, -70.0);
  EXPECT_LT(methanol, -8.0);
  EXPECT_LT(acetamide, methanol);
  EXPECT_LT(acetate, -230.0);
  EXPECT_GT(acetate, -450.0);
}

TEST(MmffSolvent, ExcludesADielectricThatGrows) {
  MmffOptions options = water(GeneralizedBornModel::kObc2);
  options.distance_dependent_dielectric = true;
  EXPECT_EQ(message_of<InputError>(
                [&] { forcefields::mmff_system(forcefields::parse_smiles("CO"), options); }),
            "SMILES 'CO': a dielectric that grows with the distance and an implicit solvent "
            "exclude each other, both stand for water; take a constant one");
}

// --- Charges of the file -----------------------------------------------------------------------

/// Water with this data field.
ChemMolecule water_with(const std::string& field) {
  std::istringstream stream(
      "water\n     by hand        3D\n\n  3  2  0  0  0  0  0  0  0  0999 V2000\n"
      "    0.0000    0.0000    0.1173 O   0  0\n    0.0000    0.7572   -0.4692 H   0  0\n"
      "    0.0000   -0.7572   -0.4692 H   0  0\n  1  2  1  0\n  1  3  1  0\nM  END\n" +
      field + "$$$$\n");
  return *forcefields::SdfReader(stream, "w.sdf").next();
}

std::string charges_field(const std::string& values) {
  return ">  <atom.dprop.PartialCharge>  (1) \n" + values + "\n\n";
}

TEST(GivenCharges, MakeCoulombAndSolvent) {
  const ChemMolecule molecule =
      water_with(">  <note>\nnothing\n\n" + charges_field("-0.834 0.417\n0.417"));
  EXPECT_EQ(forcefields::given_charges(molecule), (std::vector<double>{-0.834, 0.417, 0.417}));
  MmffOptions options = water(GeneralizedBornModel::kObc2);
  EXPECT_EQ(forcefields::mmff_charges(molecule, options)[0], -0.86);
  options.charges = PartialCharges::kGiven;
  EXPECT_EQ(forcefields::mmff_charges(molecule, options)[0], -0.834);
  expect_openmm(molecule, options);
  EXPECT_EQ(forcefields::mmff_system(molecule, options).implicit_solvent->particles[1].charge,
            0.417);
  // Of Coulomb: two molecules, each with hydrogens of its own.
  const auto kept = forcefields::with_hydrogens(molecule);
  EXPECT_EQ(forcefields::given_charges(kept), (std::vector<double>{-0.834, 0.417, 0.417}));
}

TEST(GivenCharges, ThatAreWrongAreRefusedWhereTheyAreAskedForOnly) {
  const auto message = [](const std::string& field) {
    const ChemMolecule molecule = water_with(field);
    EXPECT_NO_THROW(forcefields::mmff_system(molecule));
    MmffOptions options;
    options.charges = PartialCharges::kGiven;
    return message_of<InputError>([&] { forcefields::mmff_system(molecule, options); });
  };
  const std::string where = "w.sdf:1: molecule 1: ";
  EXPECT_EQ(message(""), where +
                             "no partial charges; expected the data field "
                             "atom.dprop.PartialCharge of an SD file, one number for each atom");
  EXPECT_EQ(message(charges_field("-0.834 0.417")),
            where +
                "the data field atom.dprop.PartialCharge has 2 values, expected one for each "
                "of the 3 atoms");
  EXPECT_EQ(message(charges_field("-0.834 n/a 0.417")),
            where +
                "the data field atom.dprop.PartialCharge has 'n/a' as value 2, expected a "
                "number (charge in e)");
  EXPECT_EQ(message(charges_field("-0.834 0.417 0.5")),
            where +
                "its partial charges add up to 0.0830 e, but its formal charge is 0; correct "
                "the field atom.dprop.PartialCharge or the charges of its atoms");
}

TEST(GivenCharges, AreMissingOfHydrogensThatTheFileLacks) {
  std::istringstream stream(
      "methanol\n     by hand        3D\n\n  2  1  0  0  0  0  0  0  0  0999 V2000\n"
      "    0.0000    0.0000    0.1000 O   0  0\n    1.4000    0.0000    0.0000 C   0  0\n"
      "  1  2  1  0\nM  END\n" +
      charges_field("-0.1 0.1") + "$$$$\n");
  const ChemMolecule molecule =
      forcefields::with_hydrogens(*forcefields::SdfReader(stream, "m.sdf").next());
  EXPECT_EQ(message_of<InputError>([&] { forcefields::given_charges(molecule); }),
            "m.sdf:1: molecule 1: atom 3 (H) has no partial charge in the field "
            "atom.dprop.PartialCharge; the file must hold all hydrogens, each with its charge");
}

}  // namespace
}  // namespace saltus::tests
