#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/ensemble/chain_batch.h"
#include "engine/potential/analytic.h"
#include "engine/potential/energy_function.h"
#include "engine/system/internal_coordinates.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"
#include "mlsamplers/training/leap_trainer.h"
#include "tests/support/statistics.h"

namespace saltus::tests {

/// A chain of five carbons with three hydrogens on the last, whose energy has one term for each row
/// and kind of the Z-matrix that training builds: harmonic bonds and angles, two soft torsions, a
/// threefold rotor, and two torsions that stay near 120 and -120 degrees. Its internal coordinates
/// are therefore independent, with the densities
///   bond    b^2 exp(-beta k/2 (b - b0)^2)
///   angle   sin(theta) exp(-beta k/2 (theta - theta0)^2)
///   torsion exp(-beta sum k (1 + cos(n phi - phase))).
class SeparableMolecule {
 public:
  static constexpr double kTemperature_K = 300.0;

  explicit SeparableMolecule(double temperature_K = kTemperature_K);
  SeparableMolecule(const SeparableMolecule&) = delete;
  SeparableMolecule& operator=(const SeparableMolecule&) = delete;

  const engine::Topology& topology() const { return topology_; }
  const engine::System& system() const { return system_; }
  const engine::ZMatrix& z_matrix() const { return z_; }
  std::shared_ptr<const engine::EnergyFunction> energy() const { return energy_; }

  /// Exact draws, each chain turned and shifted at random; energies set.
  engine::ChainBatch draw(std::size_t n_chains, std::uint64_t seed) const;
  /// Exact draws as a pilot whose frames, 1 ps apart, have nothing to do with each other.
  mlsamplers::PilotTrajectory pilot(std::size_t n_series, std::size_t n_frames,
                                    std::uint64_t seed) const;

  /// Normalised log-density with respect to Cartesian coordinates up to rigid motion, [B].
  std::vector<double> log_density(engine::ConstCoordinates x) const;

  /// Every internal coordinate, and all bonds, angles and stiff torsions pooled by their
  /// distribution functions: sensitive to a small common error of their widths.
  std::vector<Projection> projections(const engine::ChainBatch& chains) const;

 private:
  struct Coordinate {
    engine::TabulatedDensity density;
    std::function<double(double)> log_density;  ///< normalised
    bool is_fast;
  };
  static Coordinate coordinate(double lower, double upper,
                               const std::function<double(double)>& log_weight, bool is_fast);
  void add_row(std::size_t n);
  void add_torsion(const engine::ZMatrixRow& row, std::size_t n);

  double temperature_K_, beta_;
  engine::Topology topology_;
  engine::System system_;
  engine::ZMatrix z_;
  std::shared_ptr<const engine::EnergyFunction> energy_;
  std::vector<Coordinate> bonds_, angles_, torsions_;
  std::vector<const Coordinate*> coordinates_;  ///< [3N-6], in the order of the Z-matrix
};

}  // namespace saltus::tests
