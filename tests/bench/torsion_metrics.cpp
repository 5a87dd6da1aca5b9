#include "tests/bench/torsion_metrics.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::tests {

using engine::kPi;
using engine::kTwoPi;
using engine::Span;

namespace {

constexpr std::size_t kSixths = 6;

std::vector<double> shares(Span<const double> angles, std::size_t n_bins) {
  if (angles.empty()) throw engine::InternalError("no angles to compare");
  std::vector<double> result(n_bins, 0.0);
  for (const double angle : angles) {
    if (!(angle >= -kPi && angle <= kPi))
      throw engine::InternalError("an angle to compare is not in [-pi, pi)");
    const double place = (angle + kPi) / kTwoPi * static_cast<double>(n_bins);
    result[std::min(n_bins - 1, static_cast<std::size_t>(place))] +=
        1.0 / static_cast<double>(angles.size());
  }
  return result;
}

std::vector<double> column(const std::vector<double>& rows, std::size_t n_columns, std::size_t c) {
  std::vector<double> result;
  for (std::size_t i = c; i < rows.size(); i += n_columns) result.push_back(rows[i]);
  return result;
}

double median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

}  // namespace

double torsion_kl(Span<const double> predicted, Span<const double> reference) {
  constexpr std::size_t kBins = 32;
  constexpr double kFloor = 1e-10;
  const auto p = shares(predicted, kBins), q = shares(reference, kBins);
  double kl = 0.0;
  for (std::size_t b = 0; b < kBins; ++b) {
    const double share = std::max(p[b], kFloor);
    kl += share * std::log(share / std::max(q[b], kFloor));
  }
  return kl;
}

double circular_w1(Span<const double> a, Span<const double> b) {
  if (a.empty() || b.empty()) throw engine::InternalError("no angles to compare");
  std::vector<std::pair<double, double>> jumps;  // of F - G
  for (const double angle : a) jumps.emplace_back(angle, 1.0 / static_cast<double>(a.size()));
  for (const double angle : b) jumps.emplace_back(angle, -1.0 / static_cast<double>(b.size()));
  std::sort(jumps.begin(), jumps.end());
  // F - G is constant between jumps; beyond the last one it is 0 until the first comes round.
  std::vector<std::pair<double, double>> pieces;  // height, length
  double height = 0.0;
  for (std::size_t i = 0; i + 1 < jumps.size(); ++i) {
    height += jumps[i].second;
    pieces.emplace_back(height, jumps[i + 1].first - jumps[i].first);
  }
  pieces.emplace_back(0.0, kTwoPi - (jumps.back().first - jumps.front().first));
  std::sort(pieces.begin(), pieces.end());
  double below = 0.0;
  std::size_t middle = 0;
  while (middle + 1 < pieces.size() && below + pieces[middle].second < kPi)
    below += pieces[middle++].second;
  double distance = 0.0;
  for (const auto& [piece_height, length] : pieces)
    distance += std::abs(piece_height - pieces[middle].first) * length;
  return distance;
}

std::vector<TorsionDistance> torsion_distances(const std::vector<double>& predicted,
                                               const std::vector<double>& reference,
                                               std::size_t n_torsions) {
  std::vector<TorsionDistance> result;
  for (std::size_t t = 0; t < n_torsions; ++t) {
    const auto p = column(predicted, n_torsions, t), q = column(reference, n_torsions, t);
    result.push_back({torsion_kl(p, q), circular_w1(p, q)});
  }
  return result;
}

TorsionDistance mean_distance(const std::vector<TorsionDistance>& distances) {
  TorsionDistance mean;
  for (const TorsionDistance& distance : distances) {
    mean.kl += distance.kl / static_cast<double>(distances.size());
    mean.w1 += distance.w1 / static_cast<double>(distances.size());
  }
  return mean;
}

std::vector<double> model_draws(const engine::TorsionGraph& graph,
                                const engine::TorsionModel& model, std::size_t n,
                                engine::ConstCoordinates frames, std::uint64_t seed) {
  const std::size_t r = graph.torsions.size();
  std::vector<double> result(n * r), torsions(r), x(frames.stride());
  std::vector<int> signs(graph.inversions.size());
  std::vector<std::uint8_t> known(r);
  engine::VonMisesMixture mixture;
  for (std::size_t draw = 0; draw < n; ++draw) {
    engine::RandomStream random({seed, draw}, engine::StreamName::kTest, 0);
    const auto frame = frames.chain(random.below(frames.n_chains));
    std::copy(frame.begin(), frame.end(), x.begin());
    engine::inversion_signs(graph, x, signs);
    engine::torsion_angles(graph, x, torsions);
    std::fill(known.begin(), known.end(), std::uint8_t{0});
    for (std::size_t t = 0; t < r; ++t) {
      model.density(t, {torsions, known, signs}, mixture);
      torsions[t] = mixture.sample(random);
      known[t] = 1;
      engine::set_torsion(graph.torsions[t], torsions[t], x);
    }
    engine::quartet_angles(graph, x, {result.data() + draw * r, r});
  }
  return result;
}

std::vector<double> sixth_populations(const engine::TorsionGraph& graph, std::size_t torsion,
                                      const std::vector<double>& torsions) {
  const int symmetry = graph.torsions[torsion].symmetry;
  std::vector<double> turned;
  for (const double angle : column(torsions, graph.torsions.size(), torsion))
    for (int turn = 0; turn < symmetry; ++turn)
      turned.push_back(std::remainder(angle + kTwoPi * turn / symmetry, kTwoPi));
  return shares(turned, kSixths);
}

std::size_t n_distinct_sixths(int symmetry) {
  return kSixths / static_cast<std::size_t>(std::gcd(static_cast<int>(kSixths), symmetry));
}

MeanDifference difference_of_means(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr double kMinTail = 1e-298, kMaxDeviate = 37.0;
  const Estimate first = mean_of(a), second = mean_of(b);
  const double v = first.error * first.error, w = second.error * second.error;
  MeanDifference result;
  const double gap = first.value - second.value;
  if (v + w == 0.0) {
    if (gap != 0.0) result.t = result.z = std::copysign(kMaxDeviate, gap);
    return result;
  }
  result.t = gap / std::sqrt(v + w);
  result.freedom =
      (v + w) * (v + w) /
      (v * v / static_cast<double>(a.size() - 1) + w * w / static_cast<double>(b.size() - 1));
  namespace math = boost::math;
  const double tail =
      math::cdf(math::complement(math::students_t(result.freedom), std::abs(result.t)));
  const double size =
      tail < kMinTail ? kMaxDeviate : math::quantile(math::complement(math::normal(), tail));
  result.z = std::copysign(size, result.t);
  return result;
}

Estimate mean_of(const std::vector<double>& values) {
  Estimate result{0.0, std::numeric_limits<double>::quiet_NaN(), values.size()};
  const double n = static_cast<double>(values.size());
  for (const double value : values) result.value += value / n;
  if (values.size() < 2) return result;
  double squares = 0.0;
  for (const double value : values) squares += (value - result.value) * (value - result.value);
  result.error = std::sqrt(squares / (n - 1.0) / n);
  return result;
}

Estimate median_of(const std::vector<double>& values) {
  constexpr std::size_t kSamples = 1000;
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  if (values.empty()) return {kNaN, kNaN, 0};
  std::vector<double> copy = values, medians;
  for (std::size_t s = 0; s < kSamples; ++s) {
    engine::RandomStream random({1, s}, engine::StreamName::kTest, 0);
    std::vector<double> drawn;
    for (std::size_t i = 0; i < values.size(); ++i)
      drawn.push_back(values[random.below(values.size())]);
    medians.push_back(median(drawn));
  }
  const double spread = mean_of(medians).error * std::sqrt(static_cast<double>(kSamples));
  return {median(copy), values.size() < 2 ? kNaN : spread, values.size()};
}

}  // namespace saltus::tests
