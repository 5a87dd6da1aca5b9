#include "tools/conformers/shortfall.h"

#include <algorithm>
#include <cmath>

#include "engine/conformers/nearness.h"
#include "engine/conformers/ring_systems.h"
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

std::string percent(double share) { return engine::fixed_text(100.0 * share, 0) + " %"; }

/// Share of further draws that would be of a new shape; 0 where only rings have shapes.
double share_of_new(const StageCounts& counts) {
  const bool only_rings = counts.n_ring_shapes > 0 && counts.n_pool <= counts.n_seeds;
  return counts.n_in_window == 0 || only_rings
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

/// How the search for shapes of rings ended.
std::string rings_text(const StageCounts& counts) {
  std::string text = counted(counts.n_ring_shapes, "shape") + " of rings in " +
                     counted(counts.n_ring_builds, "build");
  if (counts.rings_timed_out)
    text += " before their share of the time was used up";
  else if (counts.rings_are_open)
    text += ", " + percent(counts.share_of_new_rings) + " of further ones would be new";
  else
    text += ", the last ones brought none";
  if (counts.n_unsearched_rings > 0)
    text += ", " + counted(counts.n_unsearched_rings, "ring system") + " could not be searched";
  return text;
}

/// Whether there would be more, and what to do about it.
std::string outlook(const StageCounts& counts) {
  const bool searched = counts.n_ring_shapes > 0;
  const std::string rings = searched ? "; " + rings_text(counts) : "";
  if (more_are_possible(counts)) {
    if (counts.rings_are_open && searched)
      return "; more are possible: " + rings_text(counts) +
             "; a larger -n or --timeout builds more";
    if (counts.n_pool == 0) return rings;
    if (counts.rings_are_open)
      return "; more are possible: rings have the shapes of " + counted(counts.n_seeds, "seed") +
             ", most of them different; --mode minima embeds each conformer separately";
    return "; more are possible: " + percent(share_of_new(counts)) +
           " of further draws would be new, a larger -n draws more" + rings;
  }
  if (pool_gave_out(counts)) return rings + "; hardly any others exist";
  return rings;
}

}  // namespace

bool rings_are_open(const forcefields::ChemMolecule& molecule, const engine::TorsionGraph& graph,
                    const engine::CoordinateBatch& seeds) {
  constexpr std::size_t kMinSeeds = 3;
  const std::size_t n = seeds.n_chains();
  if (n < kMinSeeds) return false;
  const auto systems = engine::flexible_ring_systems(graph);
  return std::any_of(systems.begin(), systems.end(), [&](const std::vector<std::size_t>& atoms) {
    const engine::ShapeComparison comparison =
        forcefields::shape_comparison(molecule, atoms, kMaxSymmetries);
    engine::Nearness nearness(comparison, {kSameShape_nm});
    nearness.add(seeds.view());
    return 2 * nearness.count_alone() >= n;
  });
}

bool more_are_possible(const StageCounts& counts) {
  constexpr double kFew = 0.05;
  if (counts.n_kept >= counts.n_wanted) return false;
  const bool rings = counts.n_ring_shapes > 0 && counts.rings_are_open;
  if (counts.n_pool == 0) return rings || building_gave_out(counts);
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
  return std::to_string(counts.n_kept) + " of " + counted(counts.n_wanted, "conformer") +
         " asked for" + (text.empty() ? "" : ": " + text) + outlook(counts);
}

}  // namespace saltus::tools
