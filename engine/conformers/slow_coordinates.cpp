#include "engine/conformers/slow_coordinates.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "engine/conformers/torsion_statistics.h"
#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/diagnostics/autocorrelation.h"
#include "engine/rings/ring_system.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::engine {

namespace {

using Kind = SlowCoordinate::Kind;
using Neighbours = std::vector<std::vector<std::size_t>>;

/// Into [-pi, pi).
double wrapped(double angle) { return angle - kTwoPi * std::floor(angle / kTwoPi + 0.5); }

/// Of -120..0, 0..120 degrees and the rest, the one an angle is in; the last one near a border.
int coarse_state(double angle, int last) {
  constexpr double kBorder = kTwoPi / 3.0, kMargin = 20.0 * kRadianPerDegree;
  const double from_border = std::min(std::abs(angle), std::abs(std::abs(angle) - kBorder));
  if (from_border < kMargin) return last;
  return std::abs(angle) > kBorder ? 2 : angle < 0.0 ? 0 : 1;
}

/// States of an angle: peaks of its histogram, told apart by gaps.
class Peaks {
 public:
  explicit Peaks(const std::vector<double>& angles) : height_(kBins, 0.0), peak_(kBins, kNowhere) {
    std::vector<double> counts(kBins, 0.0);
    for (const double angle : angles) ++counts[bin_of(angle)];
    for (std::size_t b = 0; b < kBins; ++b)
      height_[b] = 0.25 * (counts[before(b)] + 2.0 * counts[b] + counts[after(b)]);
    std::vector<std::size_t> order(kBins);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return height_[a] > height_[b]; });
    for (const std::size_t b : order) rise(b);
  }
  /// Named by the bin of the peak.
  std::size_t state_of(double angle) const { return peak_[bin_of(angle)]; }

  static constexpr std::size_t kBins = 36;

 private:
  static std::size_t before(std::size_t b) { return (b + kBins - 1) % kBins; }
  static std::size_t after(std::size_t b) { return (b + 1) % kBins; }
  static std::size_t bin_of(double angle) {
    const double turns = angle / kTwoPi + 0.5;
    return std::min(static_cast<std::size_t>((turns - std::floor(turns)) * kBins), kBins - 1);
  }

  /// The next bin in falling order: a peak of its own, the flank of one, or between two.
  void rise(std::size_t b) {
    constexpr double kGap = 1.0 / 3.0;
    const std::size_t left = peak_[before(b)], right = peak_[after(b)];
    if (left == kNowhere && right == kNowhere) {
      peak_[b] = b;
    } else if (left == kNowhere || right == kNowhere || left == right) {
      peak_[b] = left == kNowhere ? right : left;
    } else {
      const auto [low, high] =
          height_[left] < height_[right] ? std::pair(left, right) : std::pair(right, left);
      peak_[b] = high;
      if (height_[b] > kGap * height_[low]) std::replace(peak_.begin(), peak_.end(), low, high);
    }
  }

  std::vector<double> height_;
  std::vector<std::size_t> peak_;  ///< [bins]
};

/// One coordinate in all frames.
class Series {
 public:
  Series(const SlowCoordinate& coordinate, std::size_t k, std::size_t n,
         const std::vector<double>& values, const FrameOrigins& origins)
      : coordinate_(coordinate), origins_(origins) {
    for (std::size_t f = 0; f < origins.ladders.size(); ++f)
      angles_.push_back(wrapped(coordinate.symmetry * values[f * n + k]));
  }

  CoordinateSampling sampling() {
    find_states();
    CoordinateSampling result;
    result.n_changes = n_changes_;
    result.n_states = 0;
    for (std::size_t s = 0; s < Peaks::kBins; ++s) result.n_states += share(s) >= kFew ? 1 : 0;
    const bool fixed = coordinate_.kind == Kind::kInversion && result.n_states == 1;
    result.n_effective = fixed ? static_cast<double>(angles_.size()) : by_autocorrelation();
    for (std::size_t s = 0; s < Peaks::kBins; ++s)
      result.n_effective = std::min(result.n_effective, by_changes(s));
    return result;
  }

 private:
  static constexpr double kFew = 0.01;

  double share(std::size_t state) const {
    return static_cast<double>(counts_[state]) / static_cast<double>(angles_.size());
  }

  void find_states() {
    const Peaks peaks(angles_);
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> last;
    for (std::size_t f = 0; f < angles_.size(); ++f) {
      const std::size_t now = peaks.state_of(angles_[f]);
      ++counts_[now];
      const auto [found, first] =
          last.try_emplace({origins_.ladders[f], origins_.replicas[f]}, now);
      const std::size_t before = std::exchange(found->second, now);
      if (first) continue;
      ++n_pairs_;
      if (now == before) continue;
      ++n_changes_;
      ++changes_[now], ++changes_[before];
    }
  }

  double by_changes(std::size_t state) const {
    const double p = share(state), n = static_cast<double>(n_pairs_), spread = 2.0 * p * (1.0 - p);
    if (p < kFew || p > 1.0 - kFew || n_pairs_ == 0) return static_cast<double>(angles_.size());
    const double u = std::min(1.0, static_cast<double>(changes_[state]) / (spread * n));
    return n * u / (2.0 - u);
  }

  double by_autocorrelation() const {
    const auto frames = frames_of_ladders(origins_.ladders);
    std::vector<double> cosines, sines;
    for (const auto& ladder : frames)
      for (const std::size_t f : ladder) {
        cosines.push_back(std::cos(angles_[f]));
        sines.push_back(std::sin(angles_[f]));
      }
    const double of_sine = effective_samples(sines, frames.size());
    if (coordinate_.kind == Kind::kInversion) return of_sine;
    return std::min(effective_samples(cosines, frames.size()), of_sine);
  }

  const SlowCoordinate& coordinate_;
  const FrameOrigins& origins_;
  std::vector<double> angles_;
  std::size_t counts_[Peaks::kBins] = {}, changes_[Peaks::kBins] = {};
  std::size_t n_pairs_ = 0, n_changes_ = 0;
};

}  // namespace

std::vector<SlowCoordinate> slow_coordinates(const TorsionGraph& graph) {
  std::vector<SlowCoordinate> coordinates;
  for (const TorsionBond& torsion : graph.torsions) {
    const auto& ends = torsion.ends;
    coordinates.push_back({Kind::kBond,
                           {ends[0].reference, ends[0].atom, ends[1].atom, ends[1].reference},
                           torsion.symmetry});
  }
  for (const Quartet& atoms : ring_torsions(graph)) coordinates.push_back({Kind::kRing, atoms, 1});
  for (const InvertibleCentre& centre : graph.inversions)
    coordinates.push_back(
        {Kind::kInversion,
         {centre.atom, centre.neighbours[0], centre.neighbours[1], centre.neighbours[2]},
         1});
  return coordinates;
}

std::vector<double> values_of_frames(const TorsionGraph& graph,
                                     const std::vector<SlowCoordinate>& coordinates,
                                     ConstCoordinates frames) {
  std::vector<double> values;
  std::vector<int> signs(graph.inversions.size());
  for (std::size_t f = 0; f < frames.n_chains; ++f) {
    const auto x = frames.chain(f);
    inversion_signs(graph, x, signs);
    auto sign = signs.begin();
    for (const SlowCoordinate& coordinate : coordinates)
      values.push_back(wrapped(coordinate.kind == Kind::kInversion
                                   ? 0.5 * kPi * *sign++
                                   : quartet_angle(x, coordinate.atoms)));
  }
  return values;
}

ChangeWatch::ChangeWatch(std::vector<SlowCoordinate> coordinates, std::size_t n)
    : coordinates_(std::move(coordinates)),
      states_(n, std::vector<int>(coordinates_.size(), -1)),
      changes_(coordinates_.size(), 0),
      seen_(coordinates_.size(), 0) {}

void ChangeWatch::look(const std::vector<double>& values, bool counted) {
  const std::size_t n = coordinates_.size();
  for (std::size_t c = 0; c < states_.size(); ++c)
    for (std::size_t k = 0; k < n; ++k) {
      const int before = states_[c][k];
      const int now = coarse_state(wrapped(coordinates_[k].symmetry * values[c * n + k]), before);
      states_[c][k] = now;
      if (now < 0) continue;
      seen_[k] |= 1u << now;
      if (counted && before >= 0 && now != before) ++changes_[k];
    }
}

std::vector<std::size_t> ChangeWatch::n_states() const {
  std::vector<std::size_t> result;
  for (const unsigned bits : seen_)
    result.push_back((bits & 1u) + (bits >> 1u & 1u) + (bits >> 2u & 1u));
  return result;
}

namespace {

/// The sign of one atom of a ring.
struct Handedness {
  std::size_t atom = 0;
  int sign = 1;
};

std::vector<Handedness> handedness_of_rings(const TorsionGraph& graph, Span<const double> x) {
  constexpr std::size_t kMinNeighbours = 3;
  Neighbours heavy(graph.atoms.size());
  std::vector<bool> in_ring(graph.atoms.size(), false);
  for (const GraphBond& bond : graph.bonds) {
    if (graph.atoms[bond.second].atomic_number > 1) heavy[bond.first].push_back(bond.second);
    if (graph.atoms[bond.first].atomic_number > 1) heavy[bond.second].push_back(bond.first);
    if (bond.in_ring) in_ring[bond.first] = in_ring[bond.second] = true;
  }
  std::vector<bool> inverts(graph.atoms.size(), false);
  for (const InvertibleCentre& centre : graph.inversions) inverts[centre.atom] = true;
  std::vector<Handedness> result;
  for (std::size_t i = 0; i < graph.atoms.size(); ++i) {
    if (graph.atoms[i].shape != AtomShape::kTetrahedral || !in_ring[i] || inverts[i] ||
        heavy[i].size() < kMinNeighbours)
      continue;
    const auto at = [&](std::size_t atom) { return load_atom(x.data(), atom); };
    const Vec3 a = at(heavy[i][0]) - at(i), b = at(heavy[i][1]) - at(i),
               c = at(heavy[i][2]) - at(i);
    result.push_back({i, dot(a, cross(b, c)) < 0.0 ? -1 : 1});
  }
  return result;
}

/// An amine of two rings, whose handedness nobody has given: it inverts when its rings do.
bool inverts_with_rings(const GraphAtom& atom) {
  constexpr int kNitrogen = 7, kBonds = 3;
  return atom.atomic_number == kNitrogen && atom.formal_charge == 0 && atom.degree == kBonds &&
         atom.handedness == 0;
}

}  // namespace

std::vector<int> ring_handedness(const TorsionGraph& graph, Span<const double> x) {
  std::vector<int> signs;
  for (const Handedness& centre : handedness_of_rings(graph, x)) signs.push_back(centre.sign);
  return signs;
}

bool is_pucker_of(const TorsionGraph& graph, Span<const double> x, Span<const double> of) {
  const auto a = handedness_of_rings(graph, x), b = handedness_of_rings(graph, of);
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].sign != b[i].sign && !inverts_with_rings(graph.atoms[a[i].atom])) return false;
  return true;
}

std::vector<CoordinateSampling> sampling_of(const std::vector<SlowCoordinate>& coordinates,
                                            const std::vector<double>& values,
                                            const FrameOrigins& origins) {
  const std::size_t n = coordinates.size(), n_frames = origins.ladders.size();
  if (values.size() != n * n_frames || origins.replicas.size() != n_frames)
    throw InternalError("sampling_of: sizes of values, ladders and replicas");
  std::vector<CoordinateSampling> result;
  for (std::size_t k = 0; k < n; ++k)
    result.push_back(n_frames == 0 ? CoordinateSampling{}
                                   : Series(coordinates[k], k, n, values, origins).sampling());
  return result;
}

}  // namespace saltus::engine
