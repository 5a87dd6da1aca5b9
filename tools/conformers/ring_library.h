#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "engine/conformers/ring_transplant.h"
#include "engine/conformers/stereo_check.h"
#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/ring_search.h"
#include "tools/conformers/settings.h"
#include "tools/conformers/stage_counts.h"

namespace saltus::tools {

/// Conformers whose rings have certain shapes.
struct CombinedShapes {
  engine::CoordinateBatch positions;  ///< [C, N, 3], nm
  std::vector<double> strains;        ///< [C], kJ/mol, of all systems, above their lowest shapes
};

/// The shapes of all flexible ring systems of a molecule, each of them looked for in the part of
/// the molecule around it.
class RingLibrary {
 public:
  /// Systems that cannot be built apart are left out.
  /// @param molecule       with all hydrogens, in one piece
  /// @param graph          of the molecule
  /// @param configuration  of the molecule
  /// @throws InputError  when RDKit fails
  RingLibrary(const forcefields::ChemMolecule& molecule, const engine::TorsionGraph& graph,
              const engine::Configuration& configuration, const ConformerSettings& settings,
              const RingSearchOptions& options);

  /// No flexible rings, or nothing was found about them.
  bool empty() const { return systems_.empty(); }
  /// Whether no flexible ring was left out.
  bool has_all_rings() const { return !empty() && n_unsearched_ == 0; }
  /// Of all systems together, within the window each; at most kMaxShapes.
  std::size_t n_shapes() const;
  static constexpr std::size_t kMaxShapes = 1000000;

  /// The base conformers, in turn, with the combinations of shapes whose sums of the systems'
  /// energies are lowest, lowest first; those with another configuration are left out.
  /// @param bases  [B, N, 3], nm, B >= 1
  /// @param n      combinations at most
  /// @param times  how often each of them is used, with other bases if there are more
  CombinedShapes combined(const engine::CoordinateBatch& bases, std::size_t n,
                          std::size_t times = 1) const;

  /// Sets what is said about rings.
  void describe(StageCounts& counts) const;

 private:
  struct System {
    engine::RingTransplant transplant;
    RingShapes shapes;
  };
  /// A shape of each system.
  using Combination = std::vector<std::size_t>;
  /// With their strains, lowest first.
  std::vector<std::pair<double, Combination>> lowest_combinations(std::size_t n) const;

  const engine::Configuration& configuration_;
  double window_;
  std::vector<System> systems_;
  bool timed_out_ = false;        ///< whether a search was cut short
  std::size_t n_unsearched_ = 0;  ///< systems that could not be built apart
};

/// Some conformers and behind them others of the same molecule.
engine::CoordinateBatch joined(const engine::CoordinateBatch& x,
                               const engine::CoordinateBatch& others);

}  // namespace saltus::tools
