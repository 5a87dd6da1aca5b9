#include "engine/rigid/harmonic_minimum.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/minimisation/minimise.h"
#include "engine/rigid/pose_coordinates.h"

namespace saltus::engine {

namespace {

/// U as a function of lengths, so that it can be minimised like one of atoms: rows 2 i and 2 i + 1
/// of a configuration are d_i and kTurn_nm v_i of body i. Row 0 has no force: body 0 stays. What a
/// body lacks of v has no force either.
class PoseEnergy final : public EnergyFunction {
 public:
  PoseEnergy(const PoseCoordinates& coordinates, std::vector<RigidPose> origin,
             const EnergyFunction& inner)
      : coordinates_(coordinates), origin_(std::move(origin)), inner_(inner) {
    for (std::size_t body = 0; body < origin_.size(); ++body)
      for (std::size_t k = 0; k < coordinates_.count(body); ++k)
        columns_.push_back(6 * body + k + (k >= 3 ? 3 - coordinates_.n_turns(body) : 0));
    zero_.resize(coordinates_.size());
  }

  std::size_t n_atoms() const override { return 2 * origin_.size(); }
  EvaluationLimits limits() const override { return inner_.limits(); }

  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    check_evaluation_sizes(*this, x, energies, forces);
    CoordinateBatch atoms(x.n_chains, inner_.n_atoms());
    if (coordinates_.box()) atoms.set_boxes(std::vector<Box>(x.n_chains, *coordinates_.box()));
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      const std::vector<double> at = coordinates_at(x.chain(c));
      for (std::size_t body = 0; body < origin_.size(); ++body)
        bodies().place(body, pose_at(body, at), atoms.chain(c));
    }
    std::vector<double> on_atoms(forces.empty() ? 0 : atoms.values().size());
    inner_.evaluate(atoms.view(), energies, on_atoms);
    if (forces.empty()) return;
    for (std::size_t c = 0; c < x.n_chains; ++c)
      to_lengths(
          coordinates_at(x.chain(c)), atoms.chain(c),
          Span<const double>(on_atoms).subspan(c * atoms.view().stride(), atoms.view().stride()),
          forces.subspan(c * x.stride(), x.stride()));
  }

  std::vector<RigidPose> poses_at(Span<const double> lengths) const {
    const std::vector<double> at = coordinates_at(lengths);
    std::vector<RigidPose> result;
    for (std::size_t body = 0; body < origin_.size(); ++body) result.push_back(pose_at(body, at));
    return result;
  }

  /// Where each coordinate is among the lengths, and by what it is multiplied there.
  const std::vector<std::size_t>& columns() const { return columns_; }
  static double length_of_unit(std::size_t column) {
    return column % 6 < 3 ? 1.0 : PoseCoordinates::kTurn_nm;
  }

 private:
  const RigidBodies& bodies() const { return *coordinates_.bodies(); }

  std::vector<double> coordinates_at(Span<const double> lengths) const {
    std::vector<double> result;
    result.reserve(columns_.size());
    for (const std::size_t column : columns_)
      result.push_back(lengths[column] / length_of_unit(column));
    return result;
  }

  RigidPose pose_at(std::size_t body, const std::vector<double>& coordinates) const {
    return coordinates_.moved(body, origin_[body], zero_, coordinates);
  }

  void to_lengths(const std::vector<double>& at, Span<const double> atoms,
                  Span<const double> on_atoms, Span<double> forces) const {
    std::fill(forces.begin(), forces.end(), 0.0);
    std::vector<double> gradient(at.size());
    for (std::size_t body = 0; body < origin_.size(); ++body) {
      const Span<double> own =
          Span<double>(gradient).subspan(coordinates_.first(body), coordinates_.count(body));
      coordinates_.gradient(body, at, bodies().push(body, pose_at(body, at), atoms, on_atoms), own);
    }
    for (std::size_t i = 3; i < gradient.size(); ++i)
      forces[columns_[i]] = -gradient[i] / length_of_unit(columns_[i]);
  }

  const PoseCoordinates& coordinates_;
  std::vector<RigidPose> origin_;  ///< where all coordinates are 0
  const EnergyFunction& inner_;
  std::vector<std::size_t> columns_;
  std::vector<double> zero_;
};

struct Slope {
  double energy = 0.0, rms_force = 0.0;
};

Slope slope_at_origin(const PoseEnergy& energy, std::size_t n_coordinates) {
  const CoordinateBatch origin(1, energy.n_atoms());
  Slope result;
  std::vector<double> forces(origin.values().size());
  energy.evaluate(origin.view(), {&result.energy, 1}, forces);
  for (const double force : forces) result.rms_force += force * force;
  result.rms_force = std::sqrt(result.rms_force / static_cast<double>(n_coordinates - 3));
  return result;
}

/// [n, n], row-major, symmetric: central differences in the origin.
std::vector<double> hessian_at_origin(const PoseEnergy& energy) {
  // h^2 of relative error against rounding of 1e-10 of forces by h.
  constexpr double kStep_nm = 1e-4;
  const std::vector<std::size_t>& columns = energy.columns();
  const std::size_t n = columns.size() - 3;
  const std::size_t n_at_once = std::min(std::max(energy.limits().preferred_batch, std::size_t{2}),
                                         energy.limits().max_batch);
  std::vector<double> one_step(n * n);
  for (std::size_t begin = 0; begin < 2 * n; begin += n_at_once) {
    const std::size_t count = std::min(n_at_once, 2 * n - begin);
    CoordinateBatch moved(count, energy.n_atoms());
    for (std::size_t k = 0; k < count; ++k)
      moved.chain(k)[columns[3 + (begin + k) / 2]] = (begin + k) % 2 == 0 ? kStep_nm : -kStep_nm;
    std::vector<double> energies(count), forces(moved.values().size());
    energy.evaluate(moved.view(), energies, forces);
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t row = (begin + k) / 2;
      const double by = ((begin + k) % 2 == 0 ? -1.0 : 1.0) / (2.0 * kStep_nm);
      for (std::size_t j = 0; j < n; ++j)
        one_step[row * n + j] += by * forces[k * moved.view().stride() + columns[3 + j]] *
                                 PoseEnergy::length_of_unit(columns[3 + row]) *
                                 PoseEnergy::length_of_unit(columns[3 + j]);
    }
  }
  std::vector<double> result(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      result[i * n + j] = 0.5 * (one_step[i * n + j] + one_step[j * n + i]);
  return result;
}

}  // namespace

HarmonicMinimum find_harmonic_minimum(const std::shared_ptr<const RigidBodies>& bodies,
                                      const EnergyFunction& energy, Span<const double> positions,
                                      const std::optional<Box>& box,
                                      const HarmonicMinimumOptions& options) {
  if (!bodies) throw InternalError("harmonic minimum without bodies");
  if (energy.n_atoms() != bodies->n_atoms() || positions.size() != 3 * bodies->n_atoms())
    throw InternalError("harmonic minimum: bodies, energy and positions do not fit each other");
  HarmonicMinimum result;
  result.box = box;
  result.sites = bodies->poses({positions.data(), 1, bodies->n_atoms()}, 0);
  MinimisationOptions descent;
  constexpr double kFurther = 0.01;
  descent.force_tolerance = kFurther * options.gradient_tolerance;
  descent.n_steps = options.n_steps;
  descent.frozen_atoms = {0};
  // Coordinates are about where the search began: once more about where it ended, in which turns
  // are small.
  constexpr int kSearches = 3;
  for (int search = 0; search < kSearches; ++search) {
    const PoseCoordinates coordinates(bodies, result.sites, box);
    const PoseEnergy in_lengths(coordinates, result.sites, energy);
    CoordinateBatch lengths(1, in_lengths.n_atoms());
    const MinimisationResult found = minimise(in_lengths, lengths, descent).front();
    result.sites = in_lengths.poses_at(lengths.chain(0));
    result.n_evaluations += found.n_steps + 1;
    if (found.converged && found.n_steps == 0) break;
  }
  const PoseCoordinates coordinates(bodies, result.sites, box);
  const PoseEnergy in_lengths(coordinates, result.sites, energy);
  const Slope slope = slope_at_origin(in_lengths, coordinates.size());
  if (!(slope.rms_force <= options.gradient_tolerance))
    throw NumericalError(
        "harmonic minimum: minimisation ended at " + significant_text(slope.rms_force, 4) +
        " kJ/mol/nm, rms, expected at most " + significant_text(options.gradient_tolerance, 4) +
        "; allow for more steps, or begin at a structure that is nearer to a "
        "minimum");
  result.energy = slope.energy;
  result.rms_gradient = slope.rms_force;
  result.hessian = hessian_at_origin(in_lengths);
  result.n_evaluations += 1 + 2 * (coordinates.size() - 3);
  return result;
}

}  // namespace saltus::engine
