#include "forcefields/uff/uff_energy.h"

// clang-format off
#include <GraphMol/GraphMol.h>  // first: the others need it
#include <ForceField/ForceField.h>
#include <GraphMol/ForceFieldHelpers/UFF/AtomTyper.h>
#include <GraphMol/ForceFieldHelpers/UFF/Builder.h>
// clang-format on

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

namespace {

namespace Uff = RDKit::UFF;

/// RDKit's terms of one molecule.
class UffEnergy final : public engine::EnergyFunction {
 public:
  explicit UffEnergy(const ChemMolecule& molecule)
      : n_atoms_(molecule.n_atoms()), molecule_(molecule.graph->molecule()) {
    auto* conformer = new RDKit::Conformer(static_cast<unsigned>(n_atoms_));
    // Near each other, so that no pair of atoms is left out as too distant.
    constexpr double kStep = 1e-3;
    for (unsigned i = 0; i < n_atoms_; ++i)
      conformer->setAtomPos(i, {kStep * i, kStep * (i % 2), kStep * (i % 3)});
    conformer->set3D(true);
    molecule_.addConformer(conformer);  // which now owns it
    const auto [types, found] = Uff::getAtomTypes(molecule_);
    if (!found) refuse(molecule, types);
    constexpr double kAllPairs = 1e6;
    field_.reset(Uff::constructForceField(molecule_, types, kAllPairs));
    field_->initialize();
  }

  std::size_t n_atoms() const override { return n_atoms_; }

  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override {
    engine::check_evaluation_sizes(*this, x, energies, forces);
    const std::lock_guard<std::mutex> lock(mutex_);
    for (std::size_t c = 0; c < x.n_chains; ++c)
      evaluate_chain(x.chain(c), energies[c],
                     forces.size() == 0 ? engine::Span<double>()
                                        : forces.subspan(3 * n_atoms_ * c, 3 * n_atoms_));
  }

 private:
  [[noreturn]] static void refuse(const ChemMolecule& molecule, const Uff::AtomicParamVect& types) {
    std::string atoms;
    for (std::size_t i = 0; i < types.size(); ++i)
      if (types[i] == nullptr) atoms += (atoms.empty() ? "" : ", ") + molecule.describe_atom(i);
    throw engine::InputError(molecule.source + ": UFF has no parameters for " + atoms);
  }

  void evaluate_chain(engine::Span<const double> x, double& energy,
                      engine::Span<double> forces) const {
    std::vector<double> positions(x.begin(), x.end()), gradient(x.size(), 0.0);
    for (double& value : positions) value *= engine::kAngstromPerNm;
    energy = field_->calcEnergy(positions.data()) * engine::kKJPerKcal;
    if (forces.size() != 0) field_->calcGrad(positions.data(), gradient.data());
    const bool sane =
        std::isfinite(energy) &&
        std::all_of(gradient.begin(), gradient.end(), [](double g) { return std::isfinite(g); });
    if (!sane) energy = std::numeric_limits<double>::infinity();
    constexpr double kScale = engine::kKJPerKcal * engine::kAngstromPerNm;
    for (std::size_t i = 0; i < forces.size(); ++i) forces[i] = sane ? -kScale * gradient[i] : 0.0;
  }

  std::size_t n_atoms_;
  RDKit::RWMol molecule_;
  std::unique_ptr<ForceFields::ForceField> field_;
  mutable std::mutex mutex_;
};

}  // namespace

std::unique_ptr<engine::EnergyFunction> uff_energy(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source,
                                  [&]() -> std::unique_ptr<engine::EnergyFunction> {
                                    return std::make_unique<UffEnergy>(molecule);
                                  });
}

}  // namespace saltus::forcefields
