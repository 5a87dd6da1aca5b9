#include "engine/torsions/torsion_reference_density.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/system/internal_coordinates.h"
#include "engine/torsions/torsion_geometry.h"
#include "engine/torsions/torsion_subset_density.h"

namespace saltus::engine {

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
/// Variance, rad^2, beyond which a torsion is taken to be free.
constexpr double kFreeVariance = 1.0;

void require(bool ok, const std::string& what) {
  if (!ok) throw InputError("torsion reference density: " + what);
}

Topology topology_of(const TorsionGraph& graph) {
  Topology topology;
  topology.residues = {{"MOL", "", 1, ""}};
  for (std::size_t a = 0; a < graph.atoms.size(); ++a)
    topology.atoms.push_back({std::to_string(a + 1), graph.atoms[a].atomic_number, 0});
  for (const GraphBond& bond : graph.bonds) topology.bonds.push_back({bond.first, bond.second});
  return topology;
}

std::vector<std::size_t> all_torsions(const TorsionGraph& graph) {
  std::vector<std::size_t> result(graph.torsions.size());
  std::iota(result.begin(), result.end(), std::size_t{0});
  return result;
}

/// Place in the Z-matrix's internal coordinates of the torsion that turns with a bond.
std::size_t leading_torsion(const ZMatrix& z, const TorsionBond& torsion) {
  const std::size_t a = torsion.ends[0].atom, b = torsion.ends[1].atom;
  for (std::size_t n = 3; n < z.n_atoms(); ++n) {
    const ZMatrixRow& row = z.rows[n];
    const bool same_axis =
        (row.bond_to == a && row.angle_to == b) || (row.bond_to == b && row.angle_to == a);
    if (same_axis && !row.is_offset) return 2 * z.n_atoms() - 3 + n - 3;
  }
  throw InputError(
      "torsion reference density: no torsion of the molecule turns with the bond of atoms " +
      std::to_string(a + 1) + " and " + std::to_string(b + 1) +
      "; torsions of the graph must be about bonds outside rings between atoms that "
      "have other neighbours");
}

}  // namespace

struct TorsionReferenceDensity::Prepared {
  std::shared_ptr<const TorsionGraph> graph;
  std::shared_ptr<const TorsionModel> model;
  TorsionReferenceDensityOptions options;
  CoordinateBatch references;
  ZMatrix z;
  std::vector<std::size_t> gaussian, free;  ///< places in q, beside the leading torsions
  Eigen::MatrixXd starts;                   ///< [3N-6, M]: q of the references
  Eigen::MatrixXd means;                    ///< [gaussian, M]
  Eigen::MatrixXd factor;                   ///< lower triangle: covariance = L L^T
  double log_norm = 0.0;                    ///< of the Gaussian and of free torsions
  std::vector<std::vector<int>> signs;      ///< patterns of the references that differ
  std::vector<std::size_t> pattern;         ///< [M], into signs

  std::size_t n_references() const { return references.n_chains(); }
  bool is_torsion(std::size_t place) const { return place >= 2 * z.n_atoms() - 3; }
  double difference(std::size_t place, double value, double from) const {
    return is_torsion(place) ? wrap_angle(value - from) : value - from;
  }

  void set_signs();
  void choose_coordinates();
  void fit(const CoordinateBatch& samples);
  Eigen::MatrixXd deviations(const CoordinateBatch& samples, std::size_t reference) const;
  void drop_free_torsions(Eigen::MatrixXd& covariance);
  void factorise(Eigen::MatrixXd covariance);

  std::vector<TorsionSubsetDensity> torsion_densities() const;
  bool place(std::size_t reference, RandomStream& random, Span<double> x) const;
  double log_gaussian(std::size_t reference, Span<const double> q) const;
};

void TorsionReferenceDensity::Prepared::set_signs() {
  for (std::size_t m = 0; m < n_references(); ++m) {
    std::vector<int> own(graph->inversions.size());
    inversion_signs(*graph, references.chain(m), own);
    const auto known = std::find(signs.begin(), signs.end(), own);
    pattern.push_back(static_cast<std::size_t>(known - signs.begin()));
    if (known == signs.end()) signs.push_back(own);
  }
}

void TorsionReferenceDensity::Prepared::choose_coordinates() {
  std::vector<char> leading(z.n_internal(), 0);
  for (const TorsionBond& torsion : graph->torsions) leading[leading_torsion(z, torsion)] = 1;
  for (std::size_t i = 0; i < z.n_internal(); ++i)
    if (!leading[i]) gaussian.push_back(i);
}

Eigen::MatrixXd TorsionReferenceDensity::Prepared::deviations(const CoordinateBatch& samples,
                                                              std::size_t reference) const {
  const std::size_t n = samples.n_chains() / n_references();
  std::vector<double> q(n * z.n_internal()), log_jac(n);
  cartesian_to_internal(z, samples.view().slice(reference * n, n), q, log_jac);
  Eigen::MatrixXd result(gaussian.size(), n);
  for (std::size_t s = 0; s < n; ++s) {
    require(std::isfinite(log_jac[s]), "sample " + std::to_string(reference * n + s) +
                                           " has atoms on top of each other or on a line");
    for (std::size_t i = 0; i < gaussian.size(); ++i)
      result(i, s) = difference(gaussian[i], q[s * z.n_internal() + gaussian[i]],
                                starts(gaussian[i], reference));
  }
  return result;
}

void TorsionReferenceDensity::Prepared::fit(const CoordinateBatch& samples) {
  const std::size_t n_refs = n_references();
  std::vector<double> log_jac(n_refs), q(n_refs * z.n_internal());
  cartesian_to_internal(z, references.view(), q, log_jac);
  for (std::size_t m = 0; m < n_refs; ++m)
    require(std::isfinite(log_jac[m]),
            "reference " + std::to_string(m) + " has atoms on top of each other or on a line");
  starts = Eigen::Map<const Eigen::MatrixXd>(q.data(), z.n_internal(), n_refs);

  means.resize(gaussian.size(), n_refs);
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(gaussian.size(), gaussian.size());
  for (std::size_t m = 0; m < n_refs; ++m) {
    Eigen::MatrixXd d = deviations(samples, m);
    const Eigen::VectorXd mean = d.rowwise().mean();
    d.colwise() -= mean;
    covariance += d * d.transpose();
    for (std::size_t i = 0; i < gaussian.size(); ++i)
      means(i, m) = starts(gaussian[i], m) + mean(i);
  }
  covariance /= static_cast<double>(samples.n_chains() - n_refs);
  drop_free_torsions(covariance);
  factorise(std::move(covariance));
}

void TorsionReferenceDensity::Prepared::drop_free_torsions(Eigen::MatrixXd& covariance) {
  std::vector<Eigen::Index> kept;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < gaussian.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    if (is_torsion(gaussian[i]) && covariance(row, row) > kFreeVariance) {
      free.push_back(gaussian[i]);
      continue;
    }
    require(covariance(row, row) > 0.0,
            "internal coordinate " + std::to_string(gaussian[i]) + " has the same value in all " +
                "samples; expected samples from dynamics without constraints");
    kept.push_back(row);
    places.push_back(gaussian[i]);
  }
  Eigen::MatrixXd kept_covariance(kept.size(), kept.size()), kept_means(kept.size(), means.cols());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept_means.row(i) = means.row(kept[i]);
    for (std::size_t j = 0; j < kept.size(); ++j)
      kept_covariance(i, j) = covariance(kept[i], kept[j]);
  }
  covariance = kept_covariance;
  means = kept_means;
  gaussian = places;
}

void TorsionReferenceDensity::Prepared::factorise(Eigen::MatrixXd covariance) {
  const Eigen::VectorXd variances = covariance.diagonal();
  covariance *= 1.0 - options.shrinkage;
  covariance.diagonal() = variances;
  const Eigen::LLT<Eigen::MatrixXd> cholesky(options.inflation * covariance);
  require(cholesky.info() == Eigen::Success,
          "the covariance of the samples is not positive definite; more samples or a larger "
          "shrinkage are needed");
  factor = cholesky.matrixL();
  log_norm = -0.5 * static_cast<double>(gaussian.size()) * std::log(kTwoPi) -
             factor.diagonal().array().log().sum() -
             static_cast<double>(free.size()) * std::log(kTwoPi);
}

std::vector<TorsionSubsetDensity> TorsionReferenceDensity::Prepared::torsion_densities() const {
  std::vector<TorsionSubsetDensity> densities;
  const std::size_t n = graph->torsions.size();
  if (n == 0) return densities;
  const TorsionResetOptions reset = {n, options.uniform, options.model_temperature_K};
  for (const std::vector<int>& pattern_signs : signs)
    densities.emplace_back(*model, reset, options.temperature_K, all_torsions(*graph),
                           std::vector<double>(n, 0.0), pattern_signs);
  return densities;
}

/// Draws all but the torsions of the graph; false when outside the support.
bool TorsionReferenceDensity::Prepared::place(std::size_t reference, RandomStream& random,
                                              Span<double> x) const {
  Eigen::VectorXd noise(gaussian.size());
  for (double& value : noise) value = random.normal();
  const Eigen::VectorXd shift = factor.triangularView<Eigen::Lower>() * noise;
  const Eigen::VectorXd start = starts.col(reference);
  std::vector<double> q(start.data(), start.data() + start.size());
  bool inside = true;
  for (std::size_t i = 0; i < gaussian.size(); ++i) {
    q[gaussian[i]] = means(i, reference) + shift(i);
    inside = inside && !(is_torsion(gaussian[i]) && std::abs(shift(i)) >= kPi);
  }
  for (std::size_t place_of_free : free) q[place_of_free] = kTwoPi * (random.uniform() - 0.5);
  std::vector<double> log_jac(1);
  internal_to_cartesian(z, q, x, log_jac);
  std::vector<double> tau(graph->torsions.size());
  if (inside && std::isfinite(log_jac[0])) torsion_angles(*graph, x, tau);
  return inside && std::isfinite(log_jac[0]) && all_finite(tau);
}

double TorsionReferenceDensity::Prepared::log_gaussian(std::size_t reference,
                                                       Span<const double> q) const {
  Eigen::VectorXd reduced(gaussian.size());
  for (std::size_t i = 0; i < gaussian.size(); ++i)
    reduced(i) = difference(gaussian[i], q[gaussian[i]], means(i, reference));
  factor.triangularView<Eigen::Lower>().solveInPlace(reduced);
  return log_norm - 0.5 * reduced.squaredNorm();
}

TorsionReferenceDensity::TorsionReferenceDensity(std::shared_ptr<const TorsionGraph> graph,
                                                 std::shared_ptr<const TorsionModel> model,
                                                 const CoordinateBatch& references,
                                                 const CoordinateBatch& samples,
                                                 const TorsionReferenceDensityOptions& options) {
  if (!graph || !model) throw InternalError("torsion reference density: missing graph or model");
  require(model->n_torsions() == graph->torsions.size(),
          "the model is for " + std::to_string(model->n_torsions()) +
              " torsions, the molecule has " + std::to_string(graph->torsions.size()));
  require(options.temperature_K > 0.0 && std::isfinite(options.temperature_K) &&
              options.model_temperature_K > 0.0 && std::isfinite(options.model_temperature_K),
          "temperatures must be positive and finite");
  require(options.uniform > 0.0 && options.uniform <= 1.0, "uniform must be in (0, 1]");
  require(options.inflation >= 1.0 && std::isfinite(options.inflation),
          "inflation must be at least 1 and finite");
  require(options.shrinkage >= 0.0 && options.shrinkage <= 1.0, "shrinkage must be in [0, 1]");
  const std::size_t n = graph->atoms.size(), n_refs = references.n_chains();
  require(n_refs > 0, "expected at least one reference geometry");
  require(references.n_atoms() == n && samples.n_atoms() == n,
          "references of " + std::to_string(references.n_atoms()) + " and samples of " +
              std::to_string(samples.n_atoms()) + " atoms for a molecule of " + std::to_string(n));
  require(samples.n_chains() % n_refs == 0 && samples.n_chains() >= 2 * n_refs,
          std::to_string(samples.n_chains()) + " samples for " + std::to_string(n_refs) +
              " references; expected the same number for each, at least 2");

  auto prepared = std::make_unique<Prepared>();
  prepared->graph = std::move(graph);
  prepared->model = std::move(model);
  prepared->options = options;
  prepared->references = references;
  prepared->z = build_z_matrix(topology_of(*prepared->graph));
  prepared->set_signs();
  prepared->choose_coordinates();
  prepared->fit(samples);
  prepared_ = std::move(prepared);
}

TorsionReferenceDensity::~TorsionReferenceDensity() = default;

std::size_t TorsionReferenceDensity::n_atoms() const { return prepared_->z.n_atoms(); }

void TorsionReferenceDensity::draw(const StepKey& key, CoordinateBatch& x,
                                   Span<std::uint8_t> valid) const {
  const Prepared& p = *prepared_;
  if (x.n_atoms() != n_atoms() || valid.size() != x.n_chains())
    throw InternalError("torsion reference density: array sizes do not fit");
  std::vector<TorsionSubsetDensity> densities = p.torsion_densities();
  const std::vector<std::size_t> torsions = all_torsions(*p.graph);
  std::vector<double> tau(torsions.size());
  x = CoordinateBatch::like(p.references.view(), x.n_chains());
  for (std::size_t c = 0; c < x.n_chains(); ++c) {
    RandomStream random(key, StreamName::kAnnealing, static_cast<std::uint32_t>(c));
    const std::size_t m = random.below(p.n_references());
    x.copy_chain(p.references.view(), m, c);
    const auto row = x.chain(c);
    valid[c] = p.place(m, random, row) ? 1 : 0;
    if (valid[c] && !torsions.empty()) {
      densities[p.pattern[m]].draw(random, tau);
      set_torsions(*p.graph, torsions, tau, row);
    } else if (!valid[c]) {
      x.copy_chain(p.references.view(), m, c);
    }
  }
}

void TorsionReferenceDensity::log_density(ConstCoordinates x, Span<double> out) const {
  const Prepared& p = *prepared_;
  if (x.n_atoms != n_atoms() || out.size() != x.n_chains)
    throw InternalError("torsion reference density: array sizes do not fit");
  std::vector<TorsionSubsetDensity> densities = p.torsion_densities();
  std::vector<double> log_jac(x.n_chains), q(x.n_chains * p.z.n_internal());
  cartesian_to_internal(p.z, x, q, log_jac);
  std::vector<double> tau(p.graph->torsions.size()), log_torsions(p.signs.size(), 0.0);
  std::vector<double> components(p.n_references());
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    torsion_angles(*p.graph, x.chain(c), tau);
    out[c] = kMinusInfinity;
    if (!std::isfinite(log_jac[c]) || !all_finite(tau)) continue;
    for (std::size_t s = 0; s < densities.size(); ++s)
      log_torsions[s] = densities[s].log_density(tau);
    const Span<const double> own(q.data() + c * p.z.n_internal(), p.z.n_internal());
    for (std::size_t m = 0; m < components.size(); ++m)
      components[m] = log_torsions[p.pattern[m]] + p.log_gaussian(m, own);
    out[c] =
        log_sum_exp(components) - std::log(static_cast<double>(components.size())) - log_jac[c];
  }
}

}  // namespace saltus::engine
