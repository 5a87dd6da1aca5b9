#include "io/hdf5/frame_rows_detail.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"

namespace saltus::io::detail {
namespace {

using engine::InputError;
using engine::NumericalError;

void require_size(const std::string& what, std::size_t size, std::size_t expected) {
  if (size != expected)
    throw InputError("trajectory: frame has " + std::to_string(size) + " " + what + ", expected " +
                     std::to_string(expected));
}

std::string short_number(double value) { return engine::significant_text(value, 6); }

std::string at_step(const Frame& frame, std::size_t chain) {
  return " of chain " + std::to_string(chain) + " at step " + std::to_string(frame.step);
}

}  // namespace

FrameRows::FrameRows(engine::Topology topology, TrajectoryShape shape,
                     const std::vector<Column>& columns)
    : topology_(std::move(topology)), shape_(std::move(shape)), bytes_(columns.size()) {}

void FrameRows::take(const Frame& frame) {
  check_sizes(frame);
  check_numbers(frame);
  const std::size_t n_chains = shape_.n_chains;
  const std::vector<std::int64_t> steps(n_chains, static_cast<std::int64_t>(frame.step));
  const std::vector<double> times(n_chains, frame.time_ps);
  std::vector<std::int32_t> chains(n_chains);
  for (std::size_t c = 0; c < n_chains; ++c) chains[c] = static_cast<std::int32_t>(c);

  store<float>(kPosition, frame.positions.data, frame.positions.size());
  store<std::int64_t>(kStep, steps.data(), n_chains);
  store<double>(kTime, times.data(), n_chains);
  store<std::int32_t>(kChain, chains.data(), n_chains);
  store<double>(kPotentialEnergy, frame.potential_energies.data(), n_chains);
  store<double>(kTemperature, frame.temperatures.data(), n_chains);
  std::size_t column = kFirstOptionalColumn;
  if (shape_.log_weights) store<double>(column++, frame.log_weights.data(), n_chains);
  if (shape_.velocities) store<float>(column++, frame.velocities.data, frame.velocities.size());
  if (shape_.box) {
    store_box(frame, column);
    column += 3;
  }
  for (std::size_t o = 0; o < shape_.observables.size(); ++o)
    store<double>(column++, frame.observables.data() + o * n_chains, n_chains);
  ++n_frames_;
}

void FrameRows::clear() {
  for (auto& bytes : bytes_) bytes.clear();
  n_frames_ = 0;
}

void FrameRows::check_sizes(const Frame& frame) const {
  const std::size_t n_chains = shape_.n_chains;
  require_size("chains of positions", frame.positions.n_chains, n_chains);
  require_size("atoms", frame.positions.n_atoms, shape_.n_atoms);
  require_size("velocities", frame.velocities.size(),
               shape_.velocities ? 3 * shape_.n_atoms * n_chains : 0);
  require_size("potential energies", frame.potential_energies.size(), n_chains);
  require_size("temperatures", frame.temperatures.size(), n_chains);
  require_size("log-weights", frame.log_weights.size(), n_chains);
  require_size("boxes", frame.positions.boxes.size(), shape_.box ? n_chains : 0);
  require_size("observable numbers", frame.observables.size(),
               shape_.observables.size() * n_chains);
  if (frame.step > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    throw InputError("trajectory: step " + std::to_string(frame.step) +
                     " is too large for a 64-bit signed integer");
}

void FrameRows::check_numbers(const Frame& frame) const {
  if (!std::isfinite(frame.time_ps))
    throw NumericalError("trajectory: time at step " + std::to_string(frame.step) +
                         " is not finite");
  check_vectors(frame, frame.positions, "position");
  if (shape_.velocities) check_vectors(frame, frame.velocities, "velocity");
  check_chain_values(frame, frame.potential_energies, "potential energy");
  check_chain_values(frame, frame.temperatures, "temperature");
  check_log_weights(frame);
  for (std::size_t o = 0; o < shape_.observables.size(); ++o)
    check_chain_values(frame, frame.observables.subspan(o * shape_.n_chains, shape_.n_chains),
                       shape_.observables[o].name);
  if (shape_.box) check_box(frame);
}

void FrameRows::check_vectors(const Frame& frame, engine::ConstCoordinates vectors,
                              const std::string& quantity) const {
  constexpr double kMaxFloat = std::numeric_limits<float>::max();
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (std::fabs(vectors.data[i]) <= kMaxFloat) continue;
    const std::size_t atom = i % vectors.stride() / 3;
    throw NumericalError("trajectory: " + quantity + " of " + topology_.describe_atom(atom) +
                         at_step(frame, i / vectors.stride()) + " is " +
                         short_number(vectors.data[i]) +
                         ", not a number that float32 can hold; the run has become unstable");
  }
}

void FrameRows::check_chain_values(const Frame& frame, engine::Span<const double> values,
                                   const std::string& quantity) const {
  for (std::size_t c = 0; c < values.size(); ++c) {
    if (std::isnan(values[c]))
      throw NumericalError("trajectory: " + quantity + at_step(frame, c) + " is NaN");
  }
}

void FrameRows::check_log_weights(const Frame& frame) const {
  check_chain_values(frame, frame.log_weights, "log-weight");
  for (std::size_t c = 0; c < frame.log_weights.size(); ++c) {
    const double value = frame.log_weights[c];
    if (value == std::numeric_limits<double>::infinity())
      throw NumericalError("trajectory: log-weight" + at_step(frame, c) +
                           " is +inf, expected a finite number or -inf");
    if (!shape_.log_weights && value != 0.0)
      throw InputError("trajectory: log-weight" + at_step(frame, c) + " is " + short_number(value) +
                       ", but the file was begun without log-weights (layout version 1); write a "
                       "new file");
  }
}

void FrameRows::check_box(const Frame& frame) const {
  for (std::size_t c = 0; c < shape_.n_chains; ++c) {
    const double size = frame.positions.boxes[c].volume();
    if (!(size > 0) || !std::isfinite(size))
      throw NumericalError("trajectory: volume of the box" + at_step(frame, c) + " is " +
                           short_number(size) + " nm^3, expected a positive number");
  }
}

void FrameRows::store_box(const Frame& frame, std::size_t first_column) {
  for (const engine::Box& box : frame.positions.boxes) {
    const auto vectors = box.vectors();
    const auto lengths = box.edges_nm();
    auto angles = box.angles_rad();
    for (double& angle : angles) angle *= engine::kDegreePerRadian;
    store<double>(first_column, vectors.data(), vectors.size());
    store<float>(first_column + 1, lengths.data(), lengths.size());
    store<float>(first_column + 2, angles.data(), angles.size());
  }
}

template <class Stored, class Given>
void FrameRows::store(std::size_t column, const Given* values, std::size_t count) {
  std::vector<unsigned char>& bytes = bytes_[column];
  std::size_t at = bytes.size();
  bytes.resize(at + count * sizeof(Stored));
  for (std::size_t i = 0; i < count; ++i, at += sizeof(Stored)) {
    const Stored value = static_cast<Stored>(values[i]);
    std::memcpy(bytes.data() + at, &value, sizeof(Stored));
  }
}

}  // namespace saltus::io::detail
