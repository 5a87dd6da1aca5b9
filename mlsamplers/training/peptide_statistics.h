#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/system/coordinates.h"
#include "engine/system/system.h"
#include "mlsamplers/peptides/peptide_model.h"

namespace saltus::mlsamplers {

/// How statistics of fast coordinates are smoothed.
struct PeptideStatisticsOptions {
  double reference_temperature_K = 310.0;  ///< T_ref
  double smoothness = 3e-3;      ///< penalty on rough regression functions, see fast_regression.h
  double shrinkage = 0.01;       ///< part of the covariance that is replaced by its diagonal
  std::size_t min_frames = 500;  ///< of a template, over all peptides

  /// @throws InputError  when out of range
  void validate() const;
};

/// Collects frames of many peptides at many temperatures and fits, for each residue template, the
/// regression of its fast coordinates on its own torsions and rotors in closed form. Of a frame at
/// T residuals count with T_ref / T, so that those of all temperatures are alike. Rotors get a
/// mixture of three normals of their folded angle, fitted to a histogram.
class PeptideStatistics {
 public:
  explicit PeptideStatistics(const PeptideStatisticsOptions& options);
  ~PeptideStatistics();
  PeptideStatistics(PeptideStatistics&&) noexcept;
  PeptideStatistics& operator=(PeptideStatistics&&) noexcept;

  /// Frames with a singular angle are left out.
  /// @param frames          [n, N, 3], nm
  /// @param temperatures_K  [n]
  /// @throws InputError  when a template has other parameters than in a peptide before
  void add(const Peptide& peptide, const engine::System& system, engine::ConstCoordinates frames,
           engine::Span<const double> temperatures_K);
  /// Templates in alphabetical order.
  /// @throws InputError      when one has too few frames
  /// @throws NumericalError  when a covariance is not positive definite
  std::vector<TemplateStatistics> finish() const;
  /// Only those of templates that have enough frames.
  /// @throws NumericalError  as above
  std::vector<TemplateStatistics> finish_sufficient() const;

 private:
  struct Sums;
  PeptideStatisticsOptions options_;
  std::map<std::string, std::unique_ptr<Sums>> sums_;
};

/// A mixture of three normals of an angle, by expectation maximisation from a histogram over
/// [-pi, pi) of equal bins.
std::array<RotorComponent, kRotorComponents> fit_rotor_mixture(
    const std::vector<double>& histogram);

}  // namespace saltus::mlsamplers
