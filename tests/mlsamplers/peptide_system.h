#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/leap/lane_leap.h"
#include "engine/moves/proposal.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "tests/mlsamplers/peptide_fixture.h"

namespace saltus::tests {

/// Molecules one after the other.
class PeptideSystemBuilder {
 public:
  /// Returns where its atoms begin.
  std::size_t add(const engine::Topology& molecule, engine::Span<const double> x) {
    const std::size_t first_atom = topology_.n_atoms(), first_residue = topology_.residues.size();
    for (engine::Atom atom : molecule.atoms) {
      atom.residue += first_residue;
      topology_.atoms.push_back(atom);
    }
    for (engine::Residue residue : molecule.residues) {
      residue.chain_index = n_molecules_;
      topology_.residues.push_back(residue);
    }
    for (const engine::Bond& bond : molecule.bonds)
      topology_.bonds.push_back({bond.first + first_atom, bond.second + first_atom});
    x_.insert(x_.end(), x.begin(), x.end());
    ++n_molecules_;
    return first_atom;
  }
  std::size_t add(const PeptideExample& example) {
    return add(example.built.topology, example.built.positions.chain(0));
  }
  std::size_t add_ion() {
    engine::Topology ion;
    ion.residues = {{"NA", "I", 1, ""}};
    ion.atoms = {{"NA", 11, 0}};
    const std::vector<double> x = {0.4, -0.9, 1.3};
    return add(ion, x);
  }
  engine::Topology& topology() { return topology_; }
  const std::vector<double>& positions() const { return x_; }
  std::vector<mlsamplers::Peptide> peptides() const {
    return mlsamplers::recognise_peptides(topology_, x_);
  }

 private:
  engine::Topology topology_;
  std::vector<double> x_;
  std::size_t n_molecules_ = 0;
};

/// The proposal of a leap.
inline std::shared_ptr<const engine::Proposal> proposal_of(const mlsamplers::PeptideLeap& leap) {
  if (leap.carry > 0.0 || leap.weights.shifts())
    return std::make_shared<engine::CarriedLeap>(leap.weights, leap.carry, nullptr);
  return std::make_shared<engine::LaneLeap>(leap.weights, nullptr);
}

}  // namespace saltus::tests
