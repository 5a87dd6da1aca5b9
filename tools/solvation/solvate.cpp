#include "tools/solvation/solvate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/text.h"
#include "engine/system/near_pairs.h"
#include "tools/solvation/solvated_topology.h"
#include "tools/solvation/water_filling.h"

namespace saltus::tools {

using engine::Box;
using engine::InputError;
using engine::Vec3;

namespace {

// The shortest hydrogen bonds are longer.
constexpr double kNearestAtomNm = 0.15;
constexpr double kIonDistanceNm = 0.5;
constexpr double kImageDistanceNm = 0.3;

std::string in_nm(double value) { return engine::significant_text(value, 4) + " nm"; }

struct Extent {
  Vec3 low, high;
};

Extent extent_of(const std::vector<double>& positions) {
  Extent extent{engine::load_atom(positions.data(), 0), engine::load_atom(positions.data(), 0)};
  for (std::size_t n = 0; n < positions.size() / 3; ++n) {
    const Vec3 r = engine::load_atom(positions.data(), n);
    extent.low = {std::min(extent.low.x, r.x), std::min(extent.low.y, r.y),
                  std::min(extent.low.z, r.z)};
    extent.high = {std::max(extent.high.x, r.x), std::max(extent.high.y, r.y),
                   std::max(extent.high.z, r.z)};
  }
  return extent;
}

void require_box(const Box& box) {
  const std::string problem = box.problem();
  if (!problem.empty()) throw InputError("the box: " + problem);
  if (box.shortest_width() < kMinBoxWidthNm)
    throw InputError("the box is " + in_nm(box.shortest_width()) + " wide, expected at least " +
                     in_nm(kMinBoxWidthNm) + "; a cutoff needs twice its length");
}

void require_shorter(double length, double edge, const char* axis) {
  if (length < edge) return;
  throw InputError("the solute is " + in_nm(length) + " long along " + axis + ", the box only " +
                   in_nm(edge) + "; take a larger box");
}

/// Positions of the solute in the middle of the box, [N, 3].
std::vector<double> centred(const std::vector<double>& positions, const Box& box) {
  if (positions.empty()) return {};
  const Extent extent = extent_of(positions);
  const Vec3 length = extent.high - extent.low;
  if (box.is_rectangular()) {  // others hold more than the brick of their lattice
    require_shorter(length.x, box.ax, "x");
    require_shorter(length.y, box.by, "y");
    require_shorter(length.z, box.cz, "z");
  }
  const Vec3 shift =
      Vec3{0.5 * box.ax, 0.5 * box.by, 0.5 * box.cz} - 0.5 * (extent.low + extent.high);
  std::vector<double> result = positions;
  for (std::size_t n = 0; n < positions.size() / 3; ++n)
    engine::add_to_atom(result.data(), n, shift);
  return result;
}

void require_distant_images(const engine::Topology& topology, const std::vector<double>& positions,
                            const Box& box) {
  // Differences of positions and of their nearest images agree but for rounding, or not at all.
  constexpr double kRounding = 1e-6;
  for (const engine::NearPair& pair : engine::near_pairs(positions, kImageDistanceNm, box)) {
    const double direct = engine::atom_distance(positions.data(), pair.i, pair.j);
    if (std::abs(direct - pair.distance_nm) < kRounding) continue;
    throw InputError(
        "the solute is too close to its own image in the box: " + topology.describe_atom(pair.i) +
        " and an image of " + topology.describe_atom(pair.j) + " are " + in_nm(pair.distance_nm) +
        " apart; take a larger box");
  }
}

/// Which atoms of the solute and, counted on after these, which places are near each other.
std::vector<engine::NearPair> pairs_with(const std::vector<double>& solute,
                                         const std::vector<Vec3>& places, double reach_nm,
                                         const Box& box) {
  std::vector<double> all = solute;
  const std::vector<double> others = flat(places);
  all.insert(all.end(), others.begin(), others.end());
  return engine::near_pairs(all, reach_nm, box);
}

/// Which molecules of water do not touch the solute.
std::vector<std::size_t> waters_beside(const Solute& solute, const std::vector<double>& positions,
                                       const FilledWater& water, const SolvationOptions& options) {
  const std::size_t n_solute = solute.topology.n_atoms();
  double widest = 0.0;
  for (const double radius : solute.radii_nm) widest = std::max(widest, radius);
  const double reach = widest + options.water_radius_nm;
  if (reach > 0.5 * options.box.shortest_width())
    throw InputError("the force field keeps water " + in_nm(reach) +
                     " from an atom of the solute, more than half the width of the box; take a "
                     "larger box");
  std::vector<bool> touches(water.oxygens.size(), false);
  for (const engine::NearPair& pair : pairs_with(positions, water.oxygens, reach, options.box))
    if (pair.i < n_solute && pair.j >= n_solute &&
        pair.distance_nm < solute.radii_nm[pair.i] + options.water_radius_nm)
      touches[pair.j - n_solute] = true;
  // The same for all sites.
  const std::size_t n_sites = water.offsets.size() / water.oxygens.size();
  std::vector<Vec3> sites;
  for (std::size_t n = 0; n < water.offsets.size(); ++n)
    sites.push_back(water.oxygens[n / n_sites] + water.offsets[n]);
  for (const engine::NearPair& pair : pairs_with(positions, sites, kNearestAtomNm, options.box))
    if (pair.i < n_solute && pair.j >= n_solute) touches[(pair.j - n_solute) / n_sites] = true;
  std::vector<std::size_t> kept;
  for (std::size_t n = 0; n < touches.size(); ++n)
    if (!touches[n]) kept.push_back(n);
  return kept;
}

/// Takes molecules of water at random that ions may replace.
std::vector<std::size_t> places_of_ions(const std::vector<double>& solute, const FilledWater& water,
                                        std::vector<std::size_t> waters, const Box& box,
                                        std::size_t n_ions, engine::RandomStream& random) {
  if (n_ions == 0) return {};
  const std::size_t n_solute = solute.size() / 3;
  std::vector<std::vector<std::size_t>> near(water.oxygens.size());
  std::vector<bool> taken(water.oxygens.size(), false);
  for (const engine::NearPair& pair : pairs_with(solute, water.oxygens, kIonDistanceNm, box)) {
    if (pair.j < n_solute) continue;
    const std::size_t j = pair.j - n_solute;
    if (pair.i < n_solute) {
      taken[j] = true;
    } else {
      near[pair.i - n_solute].push_back(j);
      near[j].push_back(pair.i - n_solute);
    }
  }
  std::vector<std::size_t> places;
  engine::shuffle(engine::Span<std::size_t>(waters.data(), waters.size()), random);
  for (const std::size_t n : waters) {
    if (places.size() == n_ions) break;
    if (taken[n]) continue;
    for (const std::size_t other : near[n]) taken[other] = true;
    places.push_back(n);
  }
  if (places.size() < n_ions)
    throw InputError("only " + std::to_string(places.size()) + " of " + std::to_string(n_ions) +
                     " ions have a place at least " + in_nm(kIonDistanceNm) +
                     " from the solute and from each other; take a larger box or less salt");
  return places;
}

void check_solute(const Solute& solute) {
  const std::size_t n = solute.topology.n_atoms();
  if (solute.positions.size() != 3 * n || solute.radii_nm.size() != n)
    throw engine::InternalError("solvate: positions or radii do not fit the topology");
}

}  // namespace

double diameter_nm(engine::Span<const double> positions) {
  const std::size_t n = positions.size() / 3;
  if (n == 0) return 0.0;
  Vec3 centre;
  for (std::size_t i = 0; i < n; ++i)
    centre = centre + (1.0 / static_cast<double>(n)) * engine::load_atom(positions.data(), i);
  // The outermost first: pairs of which not even the sum of radii is longer need no look.
  std::vector<std::pair<double, Vec3>> outward;
  for (std::size_t i = 0; i < n; ++i) {
    const Vec3 r = engine::load_atom(positions.data(), i) - centre;
    outward.emplace_back(norm(r), r);
  }
  std::sort(outward.begin(), outward.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  double longest = 0.0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i && outward[i].first + outward[j].first > longest; ++j)
      longest = std::max(longest, norm(outward[i].second - outward[j].second));
  return longest;
}

double half_contact_nm(double sigma_nm, double epsilon) {
  return epsilon == 0.0 ? 0.0 : 0.5 * std::pow(2.0, 1.0 / 6.0) * sigma_nm;
}

Solvated solvate(const Solute& solute, const WaterBox& water, const SolvationOptions& options) {
  check_solute(solute);
  require_box(options.box);
  const std::vector<double> positions = centred(solute.positions, options.box);
  require_distant_images(solute.topology, positions, options.box);
  engine::RandomStream random({options.seed, 0}, engine::StreamName::kSolvation, 0);
  const std::size_t n_molecules = options.n_waters.value_or(molecules_in(options.box, water));
  const FilledWater filled = fill_with_water(options.box, water, n_molecules, random);
  std::vector<std::size_t> waters = waters_beside(solute, positions, filled, options);
  if (waters.empty()) throw InputError("the solute leaves no room for water; take a larger box");
  const IonCounts counts = count_ions(options.ions, solute.charge, waters.size());
  const std::vector<std::size_t> ions =
      places_of_ions(positions, filled, waters, options.box, counts.total(), random);
  std::vector<bool> is_ion(filled.oxygens.size(), false);
  for (const std::size_t n : ions) is_ion[n] = true;
  waters.erase(
      std::remove_if(waters.begin(), waters.end(), [&](std::size_t n) { return is_ion[n]; }),
      waters.end());

  SolvatedParts parts(solute.topology, positions);
  for (std::size_t i = 0; i < ions.size(); ++i)
    parts.add_ion(i < counts.positive ? options.ions.positive : options.ions.negative,
                  filled.oxygens[ions[i]]);
  for (const std::size_t n : waters) parts.add_water(water.sites, filled, n);
  Solvated result;
  result.n_waters = waters.size();
  result.ions = counts;
  result.topology = parts.topology();
  result.positions = engine::CoordinateBatch(1, result.topology.n_atoms());
  result.positions.values() = parts.positions();
  result.positions.set_boxes({options.box});
  return result;
}

}  // namespace saltus::tools
