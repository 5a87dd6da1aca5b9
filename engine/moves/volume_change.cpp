#include "engine/moves/volume_change.h"

#include <cmath>
#include <string>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

void require_free_molecules(const Topology& topology, const System& system) {
  if (!system.position_restraints.empty())
    throw InputError(
        "volume: position restraints hold atoms in their places, but molecules move along with the "
        "box; leave one of the two out");
  for (const std::size_t atom : frozen_atoms(system))
    throw InputError("volume: " + topology.describe_atom(atom) +
                     " has mass 0 and never moves, but molecules move along with the box; give it "
                     "a mass");
}

void require_rectangular(const Box& box, const std::string& whose) {
  if (!box.is_rectangular())
    throw InputError("volume: the box of " + whose +
                     " is triclinic, and its edges can be changed one by one only when it is "
                     "rectangular; use the isotropic mode");
}

}  // namespace

VolumeChange::VolumeChange(const VolumeOptions& options, const Topology& topology,
                           const System& system)
    : options_(options),
      measure_(with_volume(measure_of(system))),
      molecules_(molecules_of(topology, system)) {
  if (!(options_.max_change > 0.0) || !std::isfinite(options_.max_change))
    throw InputError("volume: max_change must be positive and finite");
  if (topology.n_atoms() != system.n_atoms())
    throw InternalError("volume: topology and system have different atom counts");
  require_free_molecules(topology, system);
  if (options_.mode == VolumeMode::kAnisotropic && system.box)
    require_rectangular(*system.box, "the system");
  std::vector<double> total(molecules_.count, 0.0);
  for (std::size_t atom = 0; atom < system.n_atoms(); ++atom)
    total[molecules_.of_atom[atom]] += system.masses[atom];
  for (std::size_t atom = 0; atom < system.n_atoms(); ++atom)
    weights_.push_back(system.masses[atom] / total[molecules_.of_atom[atom]]);
}

MoveRequirements VolumeChange::requirements() const {
  MoveRequirements result;
  result.pressure = true;
  return result;
}

std::array<double, 3> VolumeChange::factors(double log_change, RandomStream& stream) const {
  if (options_.mode == VolumeMode::kIsotropic) {
    const double factor = std::exp(log_change / 3.0);
    return {factor, factor, factor};
  }
  std::array<double, 3> result = {1.0, 1.0, 1.0};
  result[stream.below(3)] = std::exp(log_change);
  return result;
}

void VolumeChange::move_molecules(const std::array<double, 3>& factors, Span<double> x) const {
  std::vector<double> shifts(3 * molecules_.count, 0.0);
  for (std::size_t i = 0; i < x.size(); ++i)
    shifts[3 * molecules_.of_atom[i / 3] + i % 3] += weights_[i / 3] * x[i];
  for (std::size_t i = 0; i < shifts.size(); ++i) shifts[i] *= factors[i % 3] - 1.0;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += shifts[3 * molecules_.of_atom[i / 3] + i % 3];
}

ProposalBatch VolumeChange::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  if (x.boxes.empty()) throw InputError("volume: the chains have no boxes to change");
  ProposalBatch result(x);
  std::vector<Box> boxes;
  const double dimensions = static_cast<double>(molecules_.count) + 1.0;
  const auto log_density = [&](const Box& box) {
    return -std::log(2.0 * options_.max_change) - dimensions * std::log(box.volume());
  };
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const Box& from = x.boxes[c];
    if (options_.mode == VolumeMode::kAnisotropic)
      require_rectangular(from, "chain " + std::to_string(c));
    RandomStream stream(key, StreamName::kProposal,
                        current.first_chain + static_cast<std::uint32_t>(c));
    const double log_change = options_.max_change * (2.0 * stream.uniform() - 1.0);
    const std::array<double, 3> stretch = factors(log_change, stream);
    const Box& to = boxes.emplace_back(from.stretched(stretch));
    move_molecules(stretch, result.positions.chain(c));
    result.log_forward[c] = log_density(to);
    result.log_reverse[c] = log_density(from);
  }
  result.positions.set_boxes(std::move(boxes));
  return result;
}

}  // namespace saltus::engine
