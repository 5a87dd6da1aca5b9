#include "mlsamplers/training/peptide_statistics.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "mlsamplers/peptides/peptide_leaps.h"

namespace saltus::mlsamplers {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr std::size_t kBins = 360;
constexpr int kRounds = 200;
/// Coordinates below this spread (nm or rad) count as constant.
constexpr double kFrozenWidth = 1e-9;

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

std::size_t bin_of(double angle) {
  const double part = (engine::wrap_angle(angle) + engine::kPi) / engine::kTwoPi;
  return std::min(kBins - 1, static_cast<std::size_t>(part * static_cast<double>(kBins)));
}

/// Sum of squared orders of each function of template_basis_size: 0 for the constant.
std::vector<double> roughness_of(std::size_t n_torsions, std::size_t n_rotors) {
  std::vector<double> result = {0.0};
  for (std::size_t i = 0; i < n_torsions; ++i)
    for (const double order : {1.0, 1.0, 4.0, 4.0, 9.0, 9.0}) result.push_back(order);
  const std::size_t n_products =
      template_basis_size(2, 0) - template_basis_size(1, 0) - 2 * engine::kSoftHarmonics;
  // Products of first harmonics have 2, those of a first and a second 5; the larger for all.
  for (std::size_t i = 0; i + 1 < n_torsions; ++i) result.insert(result.end(), n_products, 5.0);
  for (std::size_t r = 0; r < n_rotors; ++r)
    for (const double order : {1.0, 1.0, 4.0, 4.0}) result.push_back(order);
  return result;
}

}  // namespace

struct PeptideStatistics::Sums {
  ResidueFingerprint fingerprint{};
  std::string first_peptide;
  std::size_t n_torsions = 0, n_rotors = 0, n_fast = 0, n_frames = 0;
  Vector origin;                                ///< [F], subtracted to keep digits
  Matrix basis, mixed, fast;                    ///< sum of w b b^T, w b f^T, w f f^T
  std::vector<std::vector<double>> histograms;  ///< [R][kBins]

  Sums(const PeptideResidue& residue, const ResidueFingerprint& print)
      : fingerprint(print),
        n_torsions(residue.torsions.size()),
        n_rotors(residue.rotors.size()),
        n_fast(residue.fast.size()),
        histograms(n_rotors, std::vector<double>(kBins, 0.0)) {
    const Eigen::Index nb = index(template_basis_size(n_torsions, n_rotors)), nf = index(n_fast);
    basis = Matrix::Zero(nb, nb);
    mixed = Matrix::Zero(nb, nf);
    fast = Matrix::Zero(nf, nf);
  }

  void add(const Peptide& peptide, std::size_t r, const double* q, double weight) {
    const PeptideResidue& residue = peptide.residues[r];
    std::vector<double> torsions, rotors;
    for (const std::size_t i : residue.torsions)
      torsions.push_back(q[peptide.torsions[i].coordinate]);
    for (std::size_t i = 0; i < n_rotors; ++i) {
      const engine::LeapRotor& rotor = residue.rotors[i].rotor;
      rotors.push_back(rotor.fold * q[rotor.coordinate]);
      histograms[i][bin_of(rotors.back())] += 1.0;
    }
    Vector b(basis.rows()), f(fast.rows());
    evaluate_template_basis(torsions, rotors, {b.data(), static_cast<std::size_t>(b.size())});
    for (std::size_t i = 0; i < n_fast; ++i) {
      const engine::LeapFastCoordinate& coordinate = residue.fast[i].coordinate;
      const double value = q[coordinate.coordinate];
      f(index(i)) = coordinate.is_torsion ? engine::wrap_angle(value - coordinate.centre) : value;
    }
    if (n_frames == 0) origin = f;
    f -= origin;
    basis.selfadjointView<Eigen::Lower>().rankUpdate(b, weight);
    fast.selfadjointView<Eigen::Lower>().rankUpdate(f, weight);
    mixed.noalias() += weight * b * f.transpose();
    ++n_frames;
  }

  TemplateStatistics fit(const std::string& name, const PeptideStatisticsOptions& options) const {
    const Matrix a = basis.selfadjointView<Eigen::Lower>();
    const Matrix d = fast.selfadjointView<Eigen::Lower>();
    Matrix normal = a;
    const std::vector<double> roughness = roughness_of(n_torsions, n_rotors);
    for (std::size_t k = 0; k < roughness.size(); ++k)
      normal(index(k), index(k)) += options.smoothness * a(0, 0) * roughness[k] * roughness[k];
    const Matrix w = normal.ldlt().solve(mixed);  // [nb, F]
    const auto n = static_cast<double>(n_frames);
    Matrix covariance =
        (d - w.transpose() * mixed - mixed.transpose() * w + w.transpose() * a * w) / n;
    const Vector diagonal = covariance.diagonal();
    covariance *= 1.0 - options.shrinkage;
    covariance.diagonal() = diagonal;
    const Eigen::LLT<Matrix> factor(covariance);
    if (factor.info() != Eigen::Success || !covariance.allFinite() ||
        (diagonal.array() < kFrozenWidth * kFrozenWidth).any())
      throw engine::NumericalError("peptide training: the covariance of template " + name +
                                   " over " + std::to_string(n_frames) +
                                   " frames is not positive definite: use more frames, and "
                                   "trajectories without constraints");
    TemplateStatistics result;
    result.name = name;
    result.fingerprint = fingerprint;
    result.n_torsions = n_torsions;
    result.n_rotors = n_rotors;
    result.n_fast = n_fast;
    for (Eigen::Index i = 0; i < w.cols(); ++i)
      for (Eigen::Index k = 0; k < w.rows(); ++k)
        result.weights.push_back(w(k, i) + (k == 0 ? origin(i) : 0.0));
    result.covariance.assign(covariance.data(), covariance.data() + covariance.size());
    const Eigen::Index first = a.rows() - index(kRotorFunctions * n_rotors);
    for (Eigen::Index k = first; k < a.rows(); ++k) result.rotor_means.push_back(a(k, 0) / a(0, 0));
    for (const std::vector<double>& histogram : histograms)
      result.rotors.push_back(fit_rotor_mixture(histogram));
    return result;
  }
};

void PeptideStatisticsOptions::validate() const {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw engine::InputError(std::string("peptide training: ") + what);
  };
  require(reference_temperature_K > 0.0 && std::isfinite(reference_temperature_K),
          "the reference temperature must be positive");
  require(smoothness > 0.0 && std::isfinite(smoothness), "the smoothness must be positive");
  require(shrinkage >= 0.0 && shrinkage < 1.0, "the shrinkage must be in [0, 1)");
}

PeptideStatistics::PeptideStatistics(const PeptideStatisticsOptions& options) : options_(options) {
  options.validate();
}
PeptideStatistics::~PeptideStatistics() = default;
PeptideStatistics::PeptideStatistics(PeptideStatistics&&) noexcept = default;
PeptideStatistics& PeptideStatistics::operator=(PeptideStatistics&&) noexcept = default;

void PeptideStatistics::add(const Peptide& peptide, const engine::System& system,
                            engine::ConstCoordinates frames,
                            engine::Span<const double> temperatures_K) {
  const auto atoms = residue_atoms(peptide);
  std::vector<Sums*> sums;
  for (std::size_t r = 0; r < peptide.residues.size(); ++r) {
    const std::string& name = peptide.template_of(r).name;
    const ResidueFingerprint print = residue_fingerprint(system, atoms[r]);
    std::unique_ptr<Sums>& place = sums_[name];
    if (!place) place = std::make_unique<Sums>(peptide.residues[r], print);
    const std::string difference = fingerprint_difference(place->fingerprint, print);
    if (!difference.empty())
      throw engine::InputError("peptide training: residue " + std::to_string(r + 1) + ", " + name +
                               ", has other " + difference +
                               " than in a peptide before: all peptides of a model need the same "
                               "force field and solvent");
    sums.push_back(place.get());
  }
  std::vector<double> q(peptide.z.n_internal());
  for (std::size_t c = 0; c < frames.n_chains; ++c) {
    double log_jacobian = 0.0;
    engine::cartesian_to_internal(peptide.z, frames.slice(c, 1), q, {&log_jacobian, 1});
    if (!std::isfinite(log_jacobian)) continue;
    const double weight = options_.reference_temperature_K / temperatures_K[c];
    for (std::size_t r = 0; r < sums.size(); ++r) sums[r]->add(peptide, r, q.data(), weight);
  }
}

std::vector<TemplateStatistics> PeptideStatistics::finish() const {
  std::vector<TemplateStatistics> result;
  for (const auto& [name, sums] : sums_) {
    if (sums->n_frames < options_.min_frames)
      throw engine::InputError("peptide training: template " + name + " has " +
                               std::to_string(sums->n_frames) + " frames, at least " +
                               std::to_string(options_.min_frames) +
                               " are needed: add peptides with it, or longer trajectories");
    result.push_back(sums->fit(name, options_));
  }
  return result;
}

std::vector<TemplateStatistics> PeptideStatistics::finish_sufficient() const {
  std::vector<TemplateStatistics> result;
  for (const auto& [name, sums] : sums_)
    if (sums->n_frames >= options_.min_frames) result.push_back(sums->fit(name, options_));
  return result;
}

std::array<RotorComponent, kRotorComponents> fit_rotor_mixture(
    const std::vector<double>& histogram) {
  const double bin = engine::kTwoPi / static_cast<double>(histogram.size());
  const auto angle_of = [&](std::size_t i) {
    return -engine::kPi + bin * (static_cast<double>(i) + 0.5);
  };
  double total = 0.0, c = 0.0, s = 0.0;
  for (std::size_t i = 0; i < histogram.size(); ++i) {
    total += histogram[i];
    c += histogram[i] * std::cos(angle_of(i));
    s += histogram[i] * std::sin(angle_of(i));
  }
  const double mean = std::atan2(s, c);
  // Narrow, wide and nearly uniform; the last stays broad, so that nothing is out of reach.
  const double broad = 0.95 * engine::kMaxComponentWidth;
  std::array<RotorComponent, kRotorComponents> mixture = {
      RotorComponent{0.5, mean, 0.4}, {0.3, mean, 0.9}, {0.2, engine::wrap_angle(mean), broad}};
  for (int round = 0; round < kRounds; ++round) {
    std::array<double, kRotorComponents> weights{}, shifts{}, squares{};
    for (std::size_t i = 0; i < histogram.size(); ++i) {
      if (!(histogram[i] > 0.0)) continue;
      std::array<double, kRotorComponents> parts{}, offsets{};
      double sum = 0.0;
      for (std::size_t k = 0; k < kRotorComponents; ++k) {
        offsets[k] = engine::wrap_angle(angle_of(i) - mixture[k].mean);
        const double z = offsets[k] / mixture[k].width;
        parts[k] = mixture[k].weight / mixture[k].width * std::exp(-0.5 * z * z);
        sum += parts[k];
      }
      for (std::size_t k = 0; k < kRotorComponents && sum > 0.0; ++k) {
        const double share = histogram[i] * parts[k] / sum;
        weights[k] += share;
        shifts[k] += share * offsets[k];
        squares[k] += share * offsets[k] * offsets[k];
      }
    }
    for (std::size_t k = 0; k < kRotorComponents; ++k) {
      mixture[k].weight = std::max(0.02, weights[k] / total);
      if (k + 1 == kRotorComponents || !(weights[k] > 0.0)) continue;
      const double shift = shifts[k] / weights[k];
      mixture[k].mean = engine::wrap_angle(mixture[k].mean + shift);
      mixture[k].width =
          std::clamp(std::sqrt(std::max(0.0, squares[k] / weights[k] - shift * shift)),
                     2.0 * engine::kMinComponentWidth, broad);
    }
  }
  return mixture;
}

}  // namespace saltus::mlsamplers
