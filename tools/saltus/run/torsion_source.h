#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/torsions/torsion_graph.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/saltus/decks/move_kind.h"

namespace saltus::tools {

/// Torsion graph of a run's molecule and densities of its torsions, each made when it is first
/// asked for. One thread asks.
class TorsionSource {
 public:
  /// @param molecule  null when its bond orders are not known
  explicit TorsionSource(std::shared_ptr<const forcefields::ChemMolecule> molecule)
      : molecule_(std::move(molecule)) {}

  /// @throws InputError  when bond orders are not known, and as torsion_graph_of
  std::shared_ptr<const engine::TorsionGraph> graph();

  /// @param name  kNetworkTorsions, kCrystalTorsions, kUniformTorsions, or the file of a network
  /// @throws InputError  as graph(); when there is no torsion, or an element is unknown to the
  ///                     network; FileError, ModelError  as load_torsion_network
  TorsionDensities densities(const std::string& name);

 private:
  std::shared_ptr<const forcefields::ChemMolecule> molecule_;
  std::shared_ptr<const engine::TorsionGraph> graph_;
  std::map<std::string, TorsionDensities> densities_;
};

}  // namespace saltus::tools
