#include "tests/engine/reference/ethanol.h"

#include <string>

namespace saltus::tests {

namespace {

using namespace engine;

const std::string kElements = "CCOHHHHHH";
const std::vector<std::pair<std::size_t, std::size_t>> kBonds = {{0, 1}, {1, 2}, {2, 3}, {0, 4},
                                                                 {0, 5}, {0, 6}, {1, 7}, {1, 8}};
const std::vector<double> kCharges = {-0.18, 0.13, -0.6, 0.4, 0.045, 0.045, 0.045, 0.0575, 0.0575};

void add_bonded(System& system) {
  system.bonds = {{0, 1, 0.1526, 253634.0}, {1, 2, 0.141, 267776.0}, {2, 3, 0.096, 462750.0}};
  for (std::size_t h : {4, 5, 6}) system.bonds.push_back({0, h, 0.109, 284512.0});
  for (std::size_t h : {7, 8}) system.bonds.push_back({1, h, 0.109, 284512.0});

  // All angles at a vertex.
  const std::vector<std::vector<std::size_t>> neighbours = {{1, 4, 5, 6}, {0, 2, 7, 8}, {1, 3}};
  for (std::size_t vertex = 0; vertex < neighbours.size(); ++vertex)
    for (std::size_t a = 0; a < neighbours[vertex].size(); ++a)
      for (std::size_t b = a + 1; b < neighbours[vertex].size(); ++b)
        system.angles.push_back({neighbours[vertex][a], vertex, neighbours[vertex][b],
                                 vertex == 2 ? 1.8937 : 1.911, vertex == 2 ? 460.2 : 418.4});

  for (std::size_t h : {4, 5, 6}) {
    for (std::size_t other : {2, 7, 8}) system.torsions.push_back({h, 0, 1, other, 3, 0.0, 0.65});
    system.torsions.push_back({h, 0, 1, 2, 1, 0.0, 1.046});
  }
  for (std::size_t other : {0, 7, 8}) system.torsions.push_back({other, 1, 2, 3, 3, 0.0, 0.7});
  system.torsions.push_back({3, 2, 1, 0, 1, 0.0, 1.05});
  system.torsions.push_back({0, 2, 1, 7, 2, kPi, 4.6});
  system.torsions.push_back({4, 0, 1, 2, 5, 0.7, 0.9});
}

void add_nonbonded(System& system, double cutoff_nm) {
  Nonbonded nonbonded;
  for (std::size_t i = 0; i < kElements.size(); ++i) {
    NonbondedParticle particle = {kCharges[i], 0.265, 0.0657};
    if (kElements[i] == 'C') particle = {kCharges[i], 0.34, 0.4577};
    if (kElements[i] == 'O') particle = {kCharges[i], 0.3066, 0.8803};
    if (i == 3) particle = {kCharges[i], 0.1, 0.0};
    nonbonded.particles.push_back(particle);
  }
  nonbonded.exceptions = exceptions_from_bonds(nonbonded.particles, kBonds, 1.0 / 1.2, 0.5);
  if (cutoff_nm > 0.0) {
    nonbonded.method = NonbondedMethod::kCutoffNonPeriodic;
    nonbonded.cutoff_nm = cutoff_nm;
  }
  system.nonbonded = nonbonded;
}

GeneralizedBornParticle solvent_particle(Solvent model, char element) {
  GeneralizedBornParticle particle;
  particle.radius_nm = element == 'C' ? 0.17 : element == 'O' ? 0.15 : 0.12;
  particle.scale = element == 'C' ? 0.72 : 0.85;
  if (model == Solvent::kObc1) {
    particle.alpha = 0.8;
    particle.beta = 0.0;
    particle.gamma = 2.909125;
  }
  if (model != Solvent::kGbn2) return particle;
  switch (element) {
    case 'C':
      return {0.0, particle.radius_nm, 1.058554, 0.733756, 0.506378, 0.205844};
    case 'O':
      return {0.0, particle.radius_nm, 1.061039, 0.867814, 0.876635, 0.387882};
    default:
      return {0.0, particle.radius_nm, 1.425952, 0.788440, 0.798699, 0.437334};
  }
}

void add_solvent(System& system, Solvent model, double cutoff_nm) {
  ImplicitSolvent solvent;
  for (std::size_t i = 0; i < kElements.size(); ++i) {
    GeneralizedBornParticle particle = solvent_particle(model, kElements[i]);
    particle.charge = kCharges[i];
    if (i == 3) particle.radius_nm = 0.117;
    solvent.particles.push_back(particle);
  }
  solvent.cutoff_nm = cutoff_nm;
  switch (model) {
    case Solvent::kObc1:
      solvent.model = GeneralizedBornModel::kObc1;
      break;
    case Solvent::kGbn2:
      solvent.model = GeneralizedBornModel::kGbn2;
      solvent.offset_nm = 0.0195141;
      break;
    default:
      break;
  }
  // The published scripts of these two round the constant.
  if (model != Solvent::kObc2) solvent.coulomb_constant = 138.935485;
  system.implicit_solvent = solvent;
}

}  // namespace

System ethanol_system(Solvent solvent, double cutoff_nm) {
  System system;
  for (char element : kElements)
    system.masses.push_back(element == 'C' ? 12.01 : element == 'O' ? 16.0 : 1.008);
  add_bonded(system);
  add_nonbonded(system, cutoff_nm);
  if (solvent != Solvent::kNone) add_solvent(system, solvent, cutoff_nm);
  return system;
}

const std::vector<double>& ethanol_positions() {
  static const std::vector<double> kPositions = {
      -0.001,  -0.0046, -0.0014, 0.1563,  0.0112,  0.0083, 0.1987,  0.119,   -0.0418,
      0.2925,  0.1179,  -0.0113, -0.0432, 0.0733,  0.0605, -0.0432, -0.1044, 0.0336,
      -0.0294, 0.0062,  -0.1052, 0.1656,  -0.0195, 0.1261, 0.199,   -0.0739, -0.0389};
  return kPositions;
}

}  // namespace saltus::tests
