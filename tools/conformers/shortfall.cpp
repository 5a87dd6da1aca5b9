#include "tools/conformers/shortfall.h"

#include <algorithm>
#include <cmath>

#include "engine/conformers/diverse_set.h"
#include "engine/core/counted.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "forcefields/chem/conformer_input.h"

namespace saltus::tools {

using engine::counted;

namespace {

/// Of the finest level that shapes are told apart by.
constexpr double kSameShape_nm = 0.03;
constexpr std::size_t kMaxSymmetries = 8;

/// Atoms of rings that hang together, where at least three of them are tetrahedral.
std::vector<std::vector<std::size_t>> flexible_ring_systems(const engine::TorsionGraph& graph) {
  constexpr long kMinTetrahedral = 3;
  const std::size_t n = graph.atoms.size();
  std::vector<std::size_t> system(n, engine::kNowhere);
  for (std::size_t i = 0; i < n; ++i) system[i] = i;
  for (bool changed = true; changed;) {
    changed = false;
    for (const engine::GraphBond& bond : graph.bonds) {
      if (!bond.in_ring || system[bond.first] == system[bond.second]) continue;
      system[bond.first] = system[bond.second] = std::min(system[bond.first], system[bond.second]);
      changed = true;
    }
  }
  std::vector<std::vector<std::size_t>> members(n), result;
  for (std::size_t i = 0; i < n; ++i) members[system[i]].push_back(i);
  for (auto& atoms : members) {
    const auto n_tetrahedral = std::count_if(atoms.begin(), atoms.end(), [&](std::size_t i) {
      return graph.atoms[i].shape == engine::AtomShape::kTetrahedral;
    });
    if (atoms.size() > 1 && n_tetrahedral >= kMinTetrahedral) result.push_back(std::move(atoms));
  }
  return result;
}

std::string percent(double share) { return engine::fixed_text(100.0 * share, 0) + " %"; }

/// Share of further draws that would be of a new shape.
double share_of_new(const StageCounts& counts) {
  return counts.n_in_window == 0
             ? 0.0
             : static_cast<double>(counts.n_alone) / static_cast<double>(counts.n_in_window);
}

/// Whether some were lost, and others not yet found twice over.
bool building_gave_out(const StageCounts& counts) {
  return counts.n_not_built + counts.n_wrong + counts.n_not_relaxed > 0 &&
         counts.n_duplicates < counts.n_kept;
}

void add(std::string& text, const std::string& reason) {
  text += (text.empty() ? "" : ", ") + reason;
}

/// Whether there was a pool, and it had fewer shapes than were wanted.
bool pool_gave_out(const StageCounts& counts) {
  return counts.n_pool > 0 && (counts.pool_is_exhausted || counts.n_chosen < counts.n_wanted);
}

std::string reasons_of_pool(const StageCounts& counts) {
  std::string text;
  if (!pool_gave_out(counts)) return text;
  const std::string only = counts.n_chosen < counts.n_wanted ? "only " : "";
  add(text, only + counted(counts.n_chosen, "different shape") + " among " +
                counted(counts.n_pool, "draw"));
  if (counts.n_in_window < counts.n_pool)
    add(text,
        std::to_string(counts.n_pool - counts.n_in_window) + " of these above the energy window");
  return text;
}

}  // namespace

bool rings_are_open(const forcefields::ChemMolecule& molecule, const engine::TorsionGraph& graph,
                    const engine::CoordinateBatch& seeds) {
  constexpr std::size_t kMinSeeds = 3;
  const std::size_t n = seeds.n_chains();
  if (n < kMinSeeds) return false;
  const auto systems = flexible_ring_systems(graph);
  return std::any_of(systems.begin(), systems.end(), [&](const std::vector<std::size_t>& atoms) {
    const engine::ShapeComparison comparison =
        forcefields::shape_comparison(molecule, atoms, kMaxSymmetries);
    return 2 * engine::count_alone(seeds.view(), comparison, kSameShape_nm) >= n;
  });
}

bool more_are_possible(const StageCounts& counts) {
  constexpr double kFew = 0.05;
  if (counts.n_kept >= counts.n_wanted) return false;
  if (!pool_gave_out(counts)) return building_gave_out(counts);
  // Of a handful of draws some always stand alone.
  constexpr double kMany = 0.5;
  constexpr std::size_t kHandful = 50, kMinInWindow = 3;
  if (counts.n_in_window < kMinInWindow) return counts.rings_are_open;
  return counts.rings_are_open ||
         share_of_new(counts) > (counts.n_in_window < kHandful ? kMany : kFew);
}

std::string shortfall_text(const StageCounts& counts, const engine::Selection& selection,
                           const ConformerSettings& settings) {
  if (counts.n_kept >= counts.n_wanted) return "";
  std::string text = reasons_of_pool(counts);
  if (counts.timed_out) add(text, "time ran out (--timeout)");
  if (counts.n_not_built > 0) add(text, std::to_string(counts.n_not_built) + " could not be built");
  if (counts.n_wrong > 0) add(text, std::to_string(counts.n_wrong) + " had another configuration");
  if (counts.n_not_relaxed > 0)
    add(text, std::to_string(counts.n_not_relaxed) + " could not be minimised");
  if (counts.n_duplicates > 0) {
    const std::string radius =
        engine::significant_text(settings.selection.rmsd_nm * engine::kAngstromPerNm, 6);
    add(text, counted(counts.n_duplicates, "duplicate") + " (--rmsd-prune " + radius + ")");
  }
  if (counts.n_outside_window > 0)
    add(text, std::to_string(counts.n_outside_window) + " above the energy window");
  if (selection.n_beyond_count > 0)
    add(text, std::to_string(selection.n_beyond_count) + " more than --max-confs-out");
  std::string end;
  if (more_are_possible(counts) && counts.rings_are_open && counts.n_pool > 0)
    end = "; more are possible: rings have the shapes of " + counted(counts.n_seeds, "seed") +
          ", most of them different; --mode minima embeds each conformer separately";
  else if (more_are_possible(counts) && counts.n_pool > 0)
    end = "; more are possible: " + percent(share_of_new(counts)) +
          " of further draws would be new, a larger -n draws more";
  else if (pool_gave_out(counts))
    end = "; hardly any others exist";
  return std::to_string(counts.n_kept) + " of " + counted(counts.n_wanted, "conformer") +
         " asked for" + (text.empty() ? "" : ": " + text) + end;
}

}  // namespace saltus::tools
