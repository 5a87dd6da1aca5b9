#include "tools/saltus/run/compared_distances.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/diagnostics/transport.h"

namespace saltus::tools {

namespace {

using engine::PointMetric;
using engine::WassersteinOrder;

constexpr std::size_t kDistances = 4;

double one_distance(const FrameSample& a, const FrameSample& b, std::size_t which) {
  switch (which) {
    case 0:
      return engine::wasserstein({a.energies_kT, {}}, {b.energies_kT, {}}, WassersteinOrder::kOne);
    case 1:
      return engine::wasserstein({a.energies_kT, {}}, {b.energies_kT, {}}, WassersteinOrder::kTwo);
    case 2:
      if (a.n_torsions == 0) return io::ComparisonData::kUnknown;
      return engine::wasserstein_2({a.torsions, a.n_torsions}, {b.torsions, b.n_torsions},
                                   PointMetric::kTorus);
    default:
      return engine::wasserstein_2({a.tics, a.n_tics}, {b.tics, b.n_tics}, PointMetric::kEuclidean);
  }
}

bool is_backbone(const ComparedTorsion& torsion) {
  return torsion.kind == TorsionClass::kPhi || torsion.kind == TorsionClass::kPsi;
}

/// At most `n` points (TIC 0 and TIC 1), evenly spread.
std::vector<std::array<double, 2>> tic_points(const ComparedTrajectory& trajectory, std::size_t n,
                                              const std::array<double, 2>& scale) {
  const std::size_t total = trajectory.n_frames();
  const std::size_t kept = std::min(n, total);
  std::vector<std::array<double, 2>> points;
  for (std::size_t i = 0; i < kept; ++i) {
    const std::size_t frame = i * total / kept;
    std::array<double, 2> point{};
    for (std::size_t k = 0; k < std::min<std::size_t>(2, trajectory.tics.size()); ++k)
      point[k] = trajectory.tics[k][frame] / scale[k];
    points.push_back(point);
  }
  return points;
}

}  // namespace

FrameRange whole(const ComparedTrajectory& trajectory) {
  return {0, trajectory.n_chains, 0, trajectory.n_steps};
}

FrameRange half(const ComparedTrajectory& trajectory, int which) {
  FrameRange range = whole(trajectory);
  const std::size_t chains = trajectory.n_chains / 2, steps = trajectory.n_steps / 2;
  if (chains > 0)
    (which == 0 ? range.last_chain : range.first_chain) = chains;
  else
    (which == 0 ? range.last_step : range.first_step) = steps;
  return range;
}

FrameSample sample_frames(const ComparedTrajectory& trajectory,
                          const ComparedCoordinates& coordinates, const FrameRange& range,
                          std::size_t n, std::uint32_t draw) {
  if (n == 0 || range.size() < n)
    throw engine::InputError("a sample of " + std::to_string(n) + " frames asked of " +
                             std::to_string(range.size()));
  FrameSample sample;
  sample.n_frames = n;
  sample.n_tics = std::min<std::size_t>(2, trajectory.tics.size());
  const std::size_t chains = range.last_chain - range.first_chain;
  engine::RandomStream stream(engine::StepKey{0, 0}, engine::StreamName::kPoolChoice, draw);
  for (std::size_t i = 0; i < n; ++i) {
    // Step by step, all chains of each: a sample of few frames still has all times. Drawn within
    // its part of the range, since even steps may come to the same few chains again and again.
    const double place = (static_cast<double>(i) + stream.uniform()) *
                         static_cast<double>(range.size()) / static_cast<double>(n);
    const std::size_t k = std::min(static_cast<std::size_t>(place), range.size() - 1);
    const std::size_t frame =
        (range.first_chain + k % chains) * trajectory.n_steps + range.first_step + k / chains;
    sample.energies_kT.push_back(trajectory.energies_kT[frame]);
    for (std::size_t t = 0; t < coordinates.torsions.size(); ++t)
      if (is_backbone(coordinates.torsions[t]))
        sample.torsions.push_back(trajectory.angles[t][frame]);
    for (std::size_t c = 0; c < sample.n_tics; ++c)
      sample.tics.push_back(trajectory.tics[c][frame]);
  }
  sample.n_torsions = sample.torsions.size() / n;
  return sample;
}

DistanceMeter::DistanceMeter(const ComparedTrajectory& reference,
                             const ComparedCoordinates& coordinates,
                             const ComparedDistancesDeck& deck, engine::ThreadPool& pool)
    : reference_(reference), coordinates_(coordinates), deck_(deck), pool_(pool) {}

std::vector<DistanceMeter::Four> DistanceMeter::work_out(
    const std::vector<std::pair<FrameSample, FrameSample>>& pairs) {
  std::vector<Four> result(pairs.size());
  pool_.for_each_block(kDistances * pairs.size(), [&](std::size_t block) {
    const auto& [a, b] = pairs[block / kDistances];
    result[block / kDistances][block % kDistances] = one_distance(a, b, block % kDistances);
  });
  return result;
}

const DistanceMeter::Floor& DistanceMeter::floor_of(std::size_t n_frames) {
  const auto known = floors_.find(n_frames);
  if (known != floors_.end()) return known->second;
  std::vector<std::pair<FrameSample, FrameSample>> pairs;
  const auto n = static_cast<double>(deck_.n_floors);
  for (std::size_t i = 0; i < deck_.n_floors; ++i) {
    const auto draw = static_cast<std::uint32_t>(i + 1);
    pairs.emplace_back(
        sample_frames(reference_, coordinates_, half(reference_, 0), n_frames, draw),
        sample_frames(reference_, coordinates_, half(reference_, 1), n_frames, draw));
  }
  const std::vector<Four> values = work_out(pairs);
  Floor floor{};
  for (std::size_t d = 0; d < kDistances; ++d) {
    for (const Four& value : values) floor.mean[d] += value[d] / n;
    double squares = 0.0;
    for (const Four& value : values)
      squares += (value[d] - floor.mean[d]) * (value[d] - floor.mean[d]);
    floor.error[d] =
        values.size() < 2 ? io::ComparisonData::kUnknown : std::sqrt(squares / (n * (n - 1.0)));
  }
  return floors_.emplace(n_frames, floor).first->second;
}

io::ComparisonData::Distances DistanceMeter::with_floor(std::size_t n_frames, const Four& values) {
  const Floor& floor = floor_of(n_frames);
  const auto one = [&](std::size_t d) {
    return io::ComparisonData::Distance{values[d], floor.mean[d], floor.error[d]};
  };
  return {n_frames, one(0), one(1), one(2), one(3)};
}

std::pair<FrameSample, FrameSample> DistanceMeter::samples(const ComparedTrajectory& trajectory,
                                                           const FrameRange& range,
                                                           std::size_t n_frames) const {
  return {sample_frames(trajectory, coordinates_, range, n_frames, 0),
          sample_frames(reference_, coordinates_, whole(reference_), n_frames, 0)};
}

void DistanceMeter::measure(const ComparedTrajectory& trajectory, io::ComparisonData::Run& run) {
  const std::size_t available = std::min(half(reference_, 0).size(), half(reference_, 1).size());
  std::vector<std::pair<FrameSample, FrameSample>> pairs;
  std::vector<std::size_t> sizes;
  std::vector<double> fractions;
  const auto add = [&](const FrameRange& range, std::size_t wanted) {
    const std::size_t n = std::min({wanted, available, range.size()});
    pairs.push_back(samples(trajectory, range, n));
    sizes.push_back(n);
    fractions.push_back(static_cast<double>(range.last_step) /
                        static_cast<double>(trajectory.n_steps));
  };
  add(whole(trajectory), deck_.n_frames);
  for (std::size_t i = deck_.n_curve_points; i-- > 0;) {
    FrameRange range = whole(trajectory);
    range.last_step >>= std::min<std::size_t>(i, 62);
    if (range.last_step > 0) add(range, deck_.n_curve_frames);
  }
  const std::vector<Four> values = work_out(pairs);
  run.distances = with_floor(sizes[0], values[0]);
  const double training =
      std::isnan(run.training_energy_evaluations) ? 0.0 : run.training_energy_evaluations;
  for (std::size_t i = 1; i < pairs.size(); ++i)
    run.curve.push_back(
        {training + fractions[i] * run.energy_evaluations, with_floor(sizes[i], values[i])});
}

double farthest_reference_frame(const ComparedTrajectory& reference,
                                const ComparedTrajectory& trajectory) {
  constexpr std::size_t kReferencePoints = 2000, kRunPoints = 20000;
  std::array<double, 2> scale = {1.0, 1.0};
  for (std::size_t k = 0; k < std::min<std::size_t>(2, reference.tics.size()); ++k) {
    double largest = 0.0;
    for (double value : reference.tics[k]) largest = std::max(largest, std::abs(value));
    if (largest > 0.0) scale[k] = largest;
  }
  const auto run_points = tic_points(trajectory, kRunPoints, scale);
  double farthest = 0.0;
  for (const auto& point : tic_points(reference, kReferencePoints, scale)) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const auto& other : run_points)
      nearest = std::min(nearest, (point[0] - other[0]) * (point[0] - other[0]) +
                                      (point[1] - other[1]) * (point[1] - other[1]));
    farthest = std::max(farthest, nearest);
  }
  return std::sqrt(farthest);
}

}  // namespace saltus::tools
