#include "tests/forcefields/mmff/rdkit_energy.h"

// clang-format off
#include <GraphMol/GraphMol.h>  // first: the others need it
#include <ForceField/ForceField.h>
#include <GraphMol/DistGeomHelpers/Embedder.h>
#include <GraphMol/ForceFieldHelpers/MMFF/AtomTyper.h>
#include <GraphMol/ForceFieldHelpers/MMFF/Builder.h>
#include <GraphMol/MolOps.h>
// clang-format on

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/rdkit_version_detail.h"

namespace saltus::tests {

using forcefields::ChemMolecule;

namespace {

std::vector<double> in_angstrom(std::vector<double> positions_nm) {
  for (double& x : positions_nm) x *= engine::kAngstromPerNm;
  return positions_nm;
}

}  // namespace

EnergyAndForces rdkit_mmff(const ChemMolecule& molecule, const forcefields::MmffOptions& options) {
  RDKit::RWMol copy(molecule.graph->molecule());
  std::vector<double> x = in_angstrom(molecule.positions_nm);
  auto conformer = std::make_unique<RDKit::Conformer>(copy.getNumAtoms());
  for (unsigned i = 0; i < copy.getNumAtoms(); ++i)
    conformer->setAtomPos(i, {x[3 * i], x[3 * i + 1], x[3 * i + 2]});
  copy.addConformer(conformer.release());
  const bool planar = options.variant == forcefields::MmffVariant::kMmff94s;
  RDKit::MMFF::MMFFMolProperties properties(copy, planar ? "MMFF94s" : "MMFF94");
  properties.setMMFFDielectricConstant(options.dielectric);
  if (options.distance_dependent_dielectric)
    properties.setMMFFDielectricModel(RDKit::MMFF::DISTANCE);
  constexpr double kNoThreshold = 1e6;
  const std::unique_ptr<ForceFields::ForceField> field(
      RDKit::MMFF::constructForceField(copy, &properties, kNoThreshold, -1, false));
  EnergyAndForces result;
  // The gradient uses distances that only the energy's call brings up to date.
  result.energy = field->calcEnergy(x.data()) * engine::kKJPerKcal;
  result.forces.assign(x.size(), 0.0);
  field->calcGrad(x.data(), result.forces.data());
  for (double& f : result.forces) f *= -engine::kKJPerKcal / engine::kNmPerAngstrom;
  return result;
}

namespace {

EnergyAndForces evaluate(const engine::EnergyFunction& energy, const ChemMolecule& molecule) {
  EnergyAndForces result;
  result.forces.resize(molecule.positions_nm.size());
  std::vector<double> energies(1);
  energy.evaluate({molecule.positions_nm.data(), 1, molecule.n_atoms()}, energies, result.forces);
  result.energy = energies[0];
  return result;
}

}  // namespace

EnergyAndForces saltus_mmff(const ChemMolecule& molecule, const forcefields::MmffOptions& options) {
  return evaluate(engine::PlainEnergy(forcefields::mmff_system(molecule, options), nullptr),
                  molecule);
}

EnergyAndForces native_mmff(const ChemMolecule& molecule, const forcefields::MmffOptions& options,
                            engine::Precision precision) {
  return evaluate(
      engine::NativeEnergy(forcefields::mmff_system(molecule, options), nullptr, precision),
      molecule);
}

ChemMolecule embedded(const char* smiles) {
  ChemMolecule molecule = forcefields::parse_smiles(smiles);
  RDKit::RWMol copy(molecule.graph->molecule());
  RDKit::DGeomHelpers::EmbedParameters parameters = RDKit::DGeomHelpers::ETKDGv3;
  parameters.randomSeed = 7;
  if (forcefields::detail::embed_conformers(copy, 1, parameters).empty())
    throw std::runtime_error(std::string("RDKit cannot embed ") + smiles);
  engine::RandomStream stream({7, 0}, engine::StreamName::kTest, 0);
  constexpr double kShift = 0.02, kApart = 0.4;
  std::vector<int> fragments;
  RDKit::MolOps::getMolFrags(copy, fragments);
  for (unsigned i = 0; i < copy.getNumAtoms(); ++i) {
    const auto& point = copy.getConformer().getAtomPos(i);
    for (const double x :
         {point.x + kApart * fragments[i] * engine::kAngstromPerNm, point.y, point.z})
      molecule.positions_nm.push_back(x * engine::kNmPerAngstrom +
                                      kShift * (2.0 * stream.uniform() - 1.0));
  }
  return molecule;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) throw std::runtime_error("arrays of different lengths");
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace saltus::tests
