#include "tests/validation/planted_defects.h"

#include <fstream>
#include <regex>
#include <sstream>

#include "saltus_test_paths.h"

namespace saltus::tests {

std::vector<PlantedDefect> planted_defects() {
  const std::string moves = "exactness/";
  return {
      {"hmc", "wrong kinetic energy, old force, warm velocities", "PlantedHamiltonianBug",
       "IsCaught", moves + "hamiltonian_test.cpp"},
      {"hmc", "velocities not projected on constraints", "ConstrainedExactness",
       "PlantedBugsAreCaught", moves + "constrained_test.cpp"},
      {"ghmc", "no reversal after a rejection", "HamiltonianExactness",
       "MissingMomentumFlipIsCaught", moves + "hamiltonian_test.cpp"},
      {"mala", "density ratio left out or reversed", "PlantedMalaBug", "IsCaught",
       moves + "metropolis_test.cpp"},
      {"langevin", "too long a time step", "LangevinBias", "LargeTimeStepIsCaught",
       moves + "langevin_test.cpp"},
      {"openmm_langevin", "velocities 5 % too warm", "Velocities",
       "HaveTheKineticEnergiesOfTheirTemperature", "validation/validation_test.cpp"},
      {"torsion_walk", "angles with a drift", "TorsionWalkExactness", "AsymmetricAngleIsCaught",
       moves + "torsion_walk_test.cpp"},
      {"driven_torsion", "no kinetic energy, old velocities, one direction",
       "DrivenTorsionExactness", "PlantedBugsAreCaught", moves + "driven_torsion_test.cpp"},
      {"torsion_reset", "density ratio left out", "TorsionResetExactness", "DroppedRatioIsCaught",
       moves + "torsion_reset_test.cpp"},
      {"nitrogen_inversion", "branch chosen by the sign", "NitrogenInversionExactness",
       "ChoosingTheBranchByTheSignIsCaught", moves + "nitrogen_inversion_test.cpp"},
      {"ring_flip", "determinant left out", "RingFlipExactness", "AMissingDeterminantIsCaught",
       moves + "ring_flip_test.cpp"},
      {"ring_flip", "way back not checked", "RingFlipExactness",
       "AMissingCheckOfTheWayBackIsCaught", moves + "ring_flip_test.cpp"},
      {"rigid_walk", "lopsided axis, no sin(theta), old velocities", "RigidExactness",
       "BugsOfWalksAreCaught", moves + "rigid_moves_test.cpp"},
      {"rigid_hmc", "wrong moments, no energy of rotation", "RigidExactness",
       "BugsOfTrajectoriesAreCaught", moves + "rigid_moves_test.cpp"},
      {"rigid_draw", "densities of another numbering", "EqualAtomsExactness",
       "BugsOfNumberingsAreCaught", moves + "rigid_crystal_test.cpp"},
      {"rigid_block", "area of orientations left out", "RigidCrystalExactness",
       "BugsOfBlocksAreCaught", moves + "rigid_crystal_test.cpp"},
      {"rigid_flow_walk", "volumes left out, lopsided steps", "RigidFlowWalkExactness",
       "PlantedBugsAreCaught", "mlsamplers/rigid_flow_walk_test.cpp"},
      {"volume", "molecules miscounted", "VolumeExactness", "MiscountsAreCaught",
       moves + "volume_test.cpp"},
      {"learned_leap", "Jacobian left out", "LeapExactness", "MissingJacobianIsCaught",
       "mlsamplers/leap_exactness_test.cpp"},
      {"learned_leap", "density ratio left out", "LeapExactness", "DroppedRatioIsCaught",
       "mlsamplers/leap_exactness_test.cpp"},
      {"peptide_leap", "rotor left out", "PeptideExactness", "AMissingRotorIsCaught",
       "mlsamplers/peptide_exactness_test.cpp"},
      {"peptide_leap", "context of the old state", "BlockExactness", "ContextOfTheOldStateIsCaught",
       "mlsamplers/block_exactness_test.cpp"},
      {"timewarp", "determinant left out", "TimewarpBugs", "MissingDeterminantIsCaught",
       "mlsamplers/timewarp_bugs_test.cpp"},
      {"timewarp", "auxiliaries of the way back left out", "TimewarpBugs",
       "MissingReverseAuxiliariesAreCaught", "mlsamplers/timewarp_bugs_test.cpp"},
      {"multiple_try", "weights without density, old state forgotten", "PlantedTriesBug",
       "IsCaught", moves + "torsion_reset_test.cpp"},
      {"nonequilibrium", "work with the wrong sign", "NonequilibriumExactness",
       "WrongSignOfWorkIsCaught", moves + "nonequilibrium_test.cpp"},
      {"mixture", "choice that depends on the state", "CompositeExactness",
       "StateDependentChoiceIsCaught", moves + "composites_test.cpp"},
      {"replica_exchange", "wrong sign", "ReplicaExchangeExactness", "WrongSignIsCaught",
       moves + "replica_exchange_test.cpp"},
      {"replica_exchange", "energies ignored", "ReplicaExchangeExactness",
       "IgnoredEnergiesAreCaught", moves + "replica_exchange_test.cpp"},
      {"replica_exchange with a model", "determinant left out", "MappedExchange",
       "PlantedBugsAreCaught", "mlsamplers/mapped_exchange_test.cpp"},
      {"replica_exchange with flows", "determinant left out, wrong direction", "RigidFlowExactness",
       "PlantedBugsAreCaught", "mlsamplers/rigid_flow_exactness_test.cpp"},
  };
}

std::string planted_in(const std::string& move) {
  std::string text;
  for (const PlantedDefect& defect : planted_defects())
    if (defect.move == move)
      text += (text.empty() ? "" : "; ") + defect.what + ": " + defect.suite + '.' + defect.test;
  return text;
}

bool has_test(const PlantedDefect& defect) {
  std::ifstream file(std::string(SALTUS_TEST_SOURCE_DIR) + "/tests/" + defect.file);
  std::ostringstream text;
  text << file.rdbuf();
  const std::regex head("TEST(_F|_P)?\\(" + defect.suite + ",\\s+" + defect.test + "\\)");
  return std::regex_search(text.str(), head);
}

}  // namespace saltus::tests
