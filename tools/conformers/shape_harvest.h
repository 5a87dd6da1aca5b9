#pragma once

#include <cstddef>
#include <vector>

#include "engine/conformers/nearness.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "engine/conformers/shape_comparison.h"
#include "engine/conformers/stereo_check.h"
#include "engine/conformers/torsion_pool.h"
#include "engine/potential/energy_function.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/generate.h"

namespace saltus::tools {

/// Distances at which shapes are near each other, falling, and what being nearer than each is
/// worth, beyond being nearer than the one before.
struct ShapeRadii {
  std::vector<double> nm, worth;
};

/// Conformers of one molecule that still differ when they are relaxed: chosen from a pool so that
/// they stand for most of it, relaxed, compared; those lost on the way are replaced by the next
/// best of the pool until there are as many as are wanted or the pool has nothing new.
class ShapeHarvest {
 public:
  /// @param all      of a molecule; stay alive
  ShapeHarvest(const forcefields::ChemMolecule& molecule,
               const engine::Configuration& configuration, const engine::EnergyFunction& energy,
               const GenerationOptions& options);

  /// Takes what is missing from these draws and all before.
  void gather(const engine::TorsionPool& more, StageCounts& counts);

  bool is_complete() const { return kept_.size() >= options_.n_conformers; }
  /// Whether hardly any of the last ones that were relaxed was new.
  bool yields_little() const { return yields_little_; }

  /// What was kept, lowest energy first, and what became of the others.
  void finish(GeneratedConformers& result);

 private:
  void add_to_pool(const engine::TorsionPool& more);
  std::vector<std::size_t> new_ones(const std::vector<std::size_t>& drawn) const;
  std::vector<std::size_t> choose(const std::vector<std::size_t>& candidates) const;
  void put_lowest_first(const std::vector<std::size_t>& candidates,
                        std::vector<std::size_t>& chosen) const;
  void take(const std::vector<std::size_t>& order, StageCounts& counts);
  void relax(engine::CoordinateBatch chosen, StageCounts& counts);
  void compare();
  engine::RelaxationOptions relaxation() const;
  void polish_lowest(StageCounts& counts);
  std::size_t n_missing() const { return options_.n_conformers - kept_.size(); }

  const engine::Configuration& configuration_;
  const engine::EnergyFunction& energy_;
  const GenerationOptions& options_;
  engine::ShapeComparison coarse_;     ///< with few of the symmetries, for the pool
  engine::ShapeComparison fine_;       ///< with all
  ShapeRadii radii_;                   ///< for the choice
  engine::CoordinateBatch positions_;  ///< the pool: all draws so far with energies in the window
  std::vector<double> energies_;       ///< of the pool, kJ/mol
  engine::Nearness nearness_;          ///< of the pool
  engine::ConformerEnsemble relaxed_;
  engine::Selection selection_;
  std::vector<std::size_t> kept_;  ///< of the relaxed ones
  bool yields_little_ = false;
};

}  // namespace saltus::tools
