#include "engine/rigid/rigid_block.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "engine/rigid/pose_draw.h"

namespace saltus::engine {

namespace {

/// All bodies but this one, nearest sites first; of equally near ones the lower number.
std::vector<std::size_t> others_by_distance(const PoseCoordinates& chart, std::size_t body) {
  std::vector<double> distances;
  for (const RigidPose& site : chart.sites()) {
    Vec3 d = site.position - chart.sites()[body].position;
    if (chart.box()) d = chart.box()->nearest_image(d);
    distances.push_back(norm(d));
  }
  std::vector<std::size_t> others(distances.size());
  std::iota(others.begin(), others.end(), std::size_t{0});
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(body));
  std::stable_sort(others.begin(), others.end(), [&distances](std::size_t a, std::size_t b) {
    return distances[a] < distances[b];
  });
  return others;
}

}  // namespace

RigidBlock::RigidBlock(const RigidBlockOptions& options,
                       std::shared_ptr<const HarmonicCrystal> crystal)
    : options_(options), crystal_(std::move(crystal)) {
  if (!crystal_) throw InternalError("rigid_block without a harmonic crystal");
  const std::size_t n = crystal_->bodies().size();
  if (options_.n_bodies == 0 || options_.n_bodies >= n)
    throw InputError("rigid_block: a block of " + std::to_string(options_.n_bodies) + " of " +
                     std::to_string(n) +
                     " bodies, expected at least 1 and at least one body left where it is; "
                     "rigid_draw moves all of them");
  if (!(options_.width > 0.0) || !std::isfinite(options_.width))
    throw InputError("rigid_block: width must be positive and finite");
  hessian_ = crystal_->full_hessian();
  for (std::size_t body = 0; body < n; ++body) blocks_.push_back(make_block(body));
}

RigidBlock::Block RigidBlock::make_block(std::size_t body) const {
  const PoseCoordinates& chart = crystal_->coordinates();
  const std::vector<std::size_t> others = others_by_distance(chart, body);
  const auto end = others.begin() + static_cast<std::ptrdiff_t>(options_.n_bodies - 1);
  Block block;
  block.bodies = {body};
  block.bodies.insert(block.bodies.end(), others.begin(), end);
  block.reference = *end;
  for (const std::size_t member : block.bodies)
    for (std::size_t k = 0; k < chart.count(member); ++k)
      block.rows.push_back(chart.first(member) + k);
  const std::size_t n = block.rows.size();
  std::vector<double> own;
  own.reserve(n * n);
  for (const std::size_t row : block.rows)
    for (const std::size_t column : block.rows)
      own.push_back(hessian_[row * chart.size() + column]);
  block.normal = PrecisionNormal(own, n);
  return block;
}

MoveRequirements RigidBlock::requirements() const {
  MoveRequirements result;
  result.rigid_molecules = true;
  return result;
}

std::vector<double> RigidBlock::mean(const Block& block, Span<const double> coordinates) const {
  const std::size_t n_all = coordinates.size();
  std::vector<double> others(coordinates.begin(), coordinates.end());
  for (const std::size_t row : block.rows) others[row] = 0.0;
  std::vector<double> pull;
  pull.reserve(block.rows.size());
  for (const std::size_t row : block.rows)
    pull.push_back(-std::inner_product(others.begin(), others.end(),
                                       hessian_.begin() + static_cast<std::ptrdiff_t>(row * n_all),
                                       0.0));
  return block.normal.solve(std::move(pull));
}

double RigidBlock::log_density(const Block& block, Span<const double> mean,
                               Span<const double> coordinates, double precision) const {
  std::vector<double> off;
  off.reserve(block.rows.size());
  for (std::size_t i = 0; i < block.rows.size(); ++i)
    off.push_back(coordinates[block.rows[i]] - mean[i]);
  double result = block.normal.log_density(off, precision);
  if (!std::isfinite(result)) return result;
  for (const std::size_t body : block.bodies)
    result -= crystal_->coordinates().log_area(body, coordinates);
  return result;
}

ProposalBatch RigidBlock::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  const PoseCoordinates& chart = crystal_->coordinates();
  crystal_->require_boxes(x, name());
  ProposalBatch result(x);
  result.velocities = CoordinateBatch::repeated(current.velocities, 1);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    RandomStream stream(key, StreamName::kProposal,
                        current.first_chain + static_cast<std::uint32_t>(c));
    const Block& block = blocks_[static_cast<std::size_t>(stream.below(blocks_.size()))];
    const double precision = current.states[c].beta() / (options_.width * options_.width);
    PoseDraw draw = {crystal_->bodies().poses(x, c), {}, {}};
    draw.from = chart.of(draw.poses, block.reference);
    const std::vector<double> centre = mean(block, draw.from);
    const std::vector<double> step = block.normal.sample(precision, stream);
    draw.to = draw.from;
    for (std::size_t i = 0; i < step.size(); ++i) draw.to[block.rows[i]] = centre[i] + step[i];
    result.log_forward[c] = log_density(block, centre, draw.to, precision);
    result.log_reverse[c] = log_density(block, centre, draw.from, precision);
    place_draw(chart, block.bodies, draw, c, result);
  }
  return result;
}

}  // namespace saltus::engine
