#include "engine/run/radial_distribution.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/system/water.h"

namespace saltus::engine {

std::vector<RadialPair> water_pairs(const Topology& topology) {
  std::vector<std::size_t> oxygens, hydrogens;
  for (const Water& water : find_waters(topology)) {
    oxygens.push_back(water.oxygen);
    hydrogens.insert(hydrogens.end(), water.hydrogens.begin(), water.hydrogens.end());
  }
  if (oxygens.size() < 2) return {};
  return {{"O-O", oxygens, oxygens}, {"O-H", oxygens, hydrogens}, {"H-H", hydrogens, hydrogens}};
}

RadialDistribution::RadialDistribution(RadialPair pair, const Topology& topology,
                                       const RadialBins& bins)
    : pair_(std::move(pair)), bins_(bins), residues_(topology.n_atoms()) {
  if (bins.n_bins == 0 || bins.n_blocks == 0 || !(bins.bin_nm > 0.0))
    throw InputError("radial distribution: expected bins of some width and a block at least");
  for (std::size_t atom = 0; atom < residues_.size(); ++atom)
    residues_[atom] = topology.atoms[atom].residue;
  is_one_list_ = pair_.first == pair_.second;
  for (std::size_t a = 0; a < pair_.first.size(); ++a)
    for (std::size_t b = is_one_list_ ? a + 1 : 0; b < pair_.second.size(); ++b)
      n_pairs_ += residues_[pair_.first[a]] != residues_[pair_.second[b]];
  if (n_pairs_ == 0)
    throw InputError("radial distribution " + pair_.name +
                     ": there is no such pair of different molecules");
  counts_.assign(bins.n_blocks, std::vector<double>(bins.n_bins, 0.0));
  per_volume_.assign(bins.n_blocks, 0.0);
}

void RadialDistribution::add(Span<const double> x, const Box& box, double weight,
                             std::size_t block) {
  const double longest = bins_.bin_nm * static_cast<double>(bins_.n_bins);
  // Boxes of files went through float32.
  constexpr double kRounding = 1e-6;
  if (longest > 0.5 * box.shortest_width() * (1.0 + kRounding))
    throw InputError("radial distribution: distances of up to " + significant_text(longest, 6) +
                     " nm need a box at least twice as wide; its shortest width is " +
                     significant_text(box.shortest_width(), 6) + " nm");
  std::vector<double>& counts = counts_.at(block);
  for (std::size_t a = 0; a < pair_.first.size(); ++a) {
    const std::size_t i = pair_.first[a];
    const Vec3 at = load_atom(x.data(), i);
    for (std::size_t b = is_one_list_ ? a + 1 : 0; b < pair_.second.size(); ++b) {
      const std::size_t j = pair_.second[b];
      if (residues_[i] == residues_[j]) continue;
      const double r = norm(box.nearest_image(load_atom(x.data(), j) - at));
      if (r < longest)
        counts[std::min(static_cast<std::size_t>(r / bins_.bin_nm), bins_.n_bins - 1)] += weight;
    }
  }
  per_volume_[block] += weight / box.volume();
  ++n_configurations_;
}

std::vector<double> RadialDistribution::ratio(const std::vector<double>& counts,
                                              double per_volume) const {
  std::vector<double> g(bins_.n_bins);
  for (std::size_t k = 0; k < g.size(); ++k) {
    const double r1 = bins_.bin_nm * static_cast<double>(k), r2 = r1 + bins_.bin_nm;
    const double shell = 4.0 / 3.0 * kPi * (r2 * r2 * r2 - r1 * r1 * r1);
    g[k] = counts[k] / (static_cast<double>(n_pairs_) * per_volume * shell);
  }
  return g;
}

RadialCurve RadialDistribution::curve() const {
  std::vector<double> all(bins_.n_bins, 0.0);
  for (const std::vector<double>& counts : counts_)
    std::transform(all.begin(), all.end(), counts.begin(), all.begin(), std::plus<>());
  const double per_volume = std::accumulate(per_volume_.begin(), per_volume_.end(), 0.0);
  if (!(per_volume > 0.0))
    throw NumericalError("radial distribution " + pair_.name +
                         ": no configuration with a weight was added");
  RadialCurve curve = {pair_.name, n_configurations_, bins_.bin_nm, ratio(all, per_volume), {}};
  curve.g_error.assign(bins_.n_bins, std::numeric_limits<double>::quiet_NaN());
  std::vector<std::vector<double>> without;
  for (std::size_t block = 0; block < counts_.size(); ++block) {
    if (!(per_volume_[block] > 0.0) || !(per_volume > per_volume_[block])) continue;
    std::vector<double> rest = all;
    std::transform(rest.begin(), rest.end(), counts_[block].begin(), rest.begin(), std::minus<>());
    without.push_back(ratio(rest, per_volume - per_volume_[block]));
  }
  if (without.size() < 2) return curve;
  const auto n = static_cast<double>(without.size());
  for (std::size_t k = 0; k < bins_.n_bins; ++k) {
    double mean = 0.0, squares = 0.0;
    for (const std::vector<double>& g : without) mean += g[k] / n;
    for (const std::vector<double>& g : without) squares += (g[k] - mean) * (g[k] - mean);
    curve.g_error[k] = std::sqrt((n - 1.0) / n * squares);
  }
  return curve;
}

}  // namespace saltus::engine
