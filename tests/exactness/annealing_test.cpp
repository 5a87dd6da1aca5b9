// Oracle: configuration integrals and averages of molecules whose internal coordinates are
// independent (or three by three), by quadrature; an energy that is the reference density itself,
// for which all weights must be equal.
#include "engine/torsions/annealing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/core/units.h"
#include "engine/lanes/native_energy.h"
#include "engine/torsions/histogram_torsion_model.h"
#include "engine/torsions/torsion_geometry.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/numerics.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

constexpr double kTemperature_K = 300.0;
const double kBeta = engine::ThermodynamicState{kTemperature_K}.beta();
/// Estimates may be off by so many of their own standard errors. With 40 islands and Student's t of
/// 39 degrees of freedom a false alarm has probability 2e-7.
constexpr double kErrors = 6.3;

/// Trapezoidal sum, exponentially accurate for what vanishes at both ends or is periodic.
double integral(double lower, double upper, std::size_t n, const std::function<double(double)>& f) {
  const double step = (upper - lower) / static_cast<double>(n);
  double sum = 0.5 * (f(lower) + f(upper));
  for (std::size_t i = 1; i < n; ++i) sum += f(lower + static_cast<double>(i) * step);
  return sum * step;
}

double bond_integral(const engine::HarmonicBond& bond) {
  const double range = 10.0 / std::sqrt(kBeta * bond.k);
  return integral(bond.length_nm - range, bond.length_nm + range, 400, [&](double b) {
    const double d = b - bond.length_nm;
    return b * b * std::exp(-0.5 * kBeta * bond.k * d * d);
  });
}

double angle_integral(const engine::HarmonicAngle& angle) {
  return integral(0.0, engine::kPi, 4000, [&](double theta) {
    const double d = theta - angle.angle_rad;
    return std::sin(theta) * std::exp(-0.5 * kBeta * angle.k * d * d);
  });
}

/// exp(-beta U) of the torsions that begin with atom `first`, at one angle.
double torsion_weight(const engine::System& system, std::size_t first, double phi) {
  double u = 0.0;
  for (const engine::PeriodicTorsion& t : system.torsions)
    if (t.i == first) u += t.k * (1.0 + std::cos(t.periodicity * phi - t.phase_rad));
  return std::exp(-kBeta * u);
}

double torsion_integral(
    const engine::System& system, std::size_t first,
    const std::function<double(double)>& f = [](double) { return 1.0; }) {
  return integral(-engine::kPi, engine::kPi, 2000,
                  [&](double phi) { return f(phi) * torsion_weight(system, first, phi); });
}

void expect_near(const std::string& label, double value, double error, double exact,
                 double max_error) {
  EXPECT_LT(error, max_error) << label << ": too vague to mean anything";
  EXPECT_LT(std::abs(value - exact), tolerance_scale() * kErrors * error)
      << label << ": " << value << " +- " << error << ", expected " << exact;
}

engine::AnnealingOptions options() {
  engine::AnnealingOptions result;
  result.n_particles = 16000;
  result.n_islands = 40;
  result.hmc.time_step_ps = 0.004;
  result.hmc.n_steps = 5;
  result.n_reference_chains = 64;
  result.n_reference_samples = 30;
  return result;
}

/// The chain of five atoms, one minimum as reference and a model that is wrong on purpose.
struct Chain {
  ChainMolecule molecule;
  std::shared_ptr<const engine::EnergyFunction> energy =
      std::make_shared<engine::NativeEnergy>(molecule.system(), nullptr);
  std::shared_ptr<const engine::TorsionGraph> graph =
      std::make_shared<engine::TorsionGraph>(make_torsion_graph(molecule.topology()));
  std::shared_ptr<const engine::TorsionModel> model = std::make_shared<NeighbourModel>(*graph);

  engine::CoordinateBatch draws(std::size_t n, std::uint64_t seed) const {
    return molecule.draw(n, kTemperature_K, test_seed(seed)).positions;
  }
  std::shared_ptr<const engine::TorsionReferenceDensity> reference() const {
    return std::make_shared<engine::TorsionReferenceDensity>(
        graph, model, draws(1, 70), draws(2000, 71), engine::TorsionReferenceDensityOptions());
  }
  double log_z(bool with_sines = true) const {
    double sum = 0.0;
    for (const auto& bond : molecule.system().bonds) sum += std::log(bond_integral(bond));
    for (const auto& angle : molecule.system().angles)
      sum += std::log(angle_integral(angle) / (with_sines ? 1.0 : std::sin(angle.angle_rad)));
    for (std::size_t first : {0, 1}) sum += std::log(torsion_integral(molecule.system(), first));
    return sum;
  }
  engine::AnnealedEnsemble anneal(const engine::AnnealingOptions& o, std::uint64_t seed) const {
    return engine::anneal({energy, engine::moving_particles(molecule.system()), graph, model},
                          draws(1, seed), o, {test_seed(seed), 0});
  }
};

std::vector<double> cosines(const Chain& chain, const engine::AnnealedEnsemble& ensemble,
                            std::size_t torsion) {
  std::vector<double> result;
  std::vector<double> tau(chain.graph->torsions.size());
  for (std::size_t c = 0; c < ensemble.positions.n_chains(); ++c) {
    engine::torsion_angles(*chain.graph, ensemble.positions.chain(c), tau);
    result.push_back(std::cos(tau[torsion]));
  }
  return result;
}

TEST(TorsionReferenceDensity, IsNormalised) {
  // Mean of p0 / pi over exact draws of pi: 1. Standard errors from the draws themselves.
  const Chain chain;
  const auto reference = chain.reference();
  constexpr std::size_t kDraws = 160000;
  const engine::ChainBatch exact = chain.molecule.draw(kDraws, kTemperature_K, test_seed(72));
  std::vector<double> log_reference(kDraws);
  reference->log_density(exact.positions.view(), log_reference);
  const double log_z = chain.log_z();
  double sum = 0.0, squares = 0.0;
  for (std::size_t c = 0; c < kDraws; ++c) {
    const double ratio = std::exp(log_reference[c] + kBeta * exact.energies[c] + log_z);
    sum += ratio;
    squares += ratio * ratio;
  }
  const double mean = sum / kDraws;
  const double error = std::sqrt((squares / kDraws - mean * mean) / kDraws);
  expect_near("integral of p0", mean, error, 1.0, 0.02);
}

TEST(TorsionReferenceDensity, DoesNotDependOnTheFrame) {
  const Chain chain;
  const auto reference = chain.reference();
  engine::CoordinateBatch x = chain.draws(20, 73);
  std::vector<double> before(20), after(20);
  reference->log_density(x.view(), before);
  engine::RandomStream stream = test_stream(74);
  for (std::size_t c = 0; c < 20; ++c)
    move_rigidly(x.chain(c), random_rotation(stream), {0.5, -0.2, 1.0});
  reference->log_density(x.view(), after);
  // Stiff bonds amplify the rounding of coordinates near 1 nm: 1e-16 nm / 0.007 nm widths.
  for (std::size_t c = 0; c < 20; ++c) EXPECT_NEAR(after[c], before[c], 1e-9 * tolerance_scale());
}

/// U = -kT log p0, without forces.
class ReferenceAsEnergy final : public engine::EnergyFunction {
 public:
  explicit ReferenceAsEnergy(std::shared_ptr<const engine::TorsionReferenceDensity> reference)
      : reference_(std::move(reference)) {}
  std::size_t n_atoms() const override { return reference_->n_atoms(); }
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override {
    reference_->log_density(x, energies);
    for (double& e : energies) e *= -1.0 / kBeta;
    std::fill(forces.begin(), forces.end(), 0.0);
  }

 private:
  std::shared_ptr<const engine::TorsionReferenceDensity> reference_;
};

TEST(Annealing, KeepsEveryParticleWhenThePriorIsTheTarget) {
  const Chain chain;
  const auto reference = chain.reference();
  engine::AnnealingOptions o = options();
  o.n_particles = 400;
  o.schedule = {0.3, 1.0};
  const engine::Annealing annealing(
      {std::make_shared<ReferenceAsEnergy>(reference),
       engine::moving_particles(chain.molecule.system()), chain.graph, chain.model},
      reference, o);
  const engine::AnnealedEnsemble ensemble = annealing.run(o.schedule, {test_seed(75), 0});
  // Sums of a few numbers of size 100.
  EXPECT_NEAR(ensemble.log_z, 0.0, 1e-10 * tolerance_scale());
  EXPECT_NEAR(ensemble.effective_sample_size, 400.0, 1e-7 * tolerance_scale());
  EXPECT_NEAR(ensemble.effective_families, 400.0, 1e-7 * tolerance_scale());
  EXPECT_EQ(ensemble.steps[1].n_resampled, 0u);
}

TEST(Annealing, FindsFreeEnergyAndAveragesOfTheChain) {
  const Chain chain;
  for (double resample_below : {0.0, 0.7}) {
    SCOPED_TRACE("resampled below " + std::to_string(resample_below));
    engine::AnnealingOptions o = options();
    o.resample_below = resample_below;
    const engine::AnnealedEnsemble ensemble = chain.anneal(o, 76);
    expect_near("log Z", ensemble.log_z, ensemble.log_z_error, chain.log_z(), 0.03);
    const double kt = 1.0 / kBeta;
    EXPECT_DOUBLE_EQ(ensemble.facts.free_energy, -kt * ensemble.log_z);
    EXPECT_DOUBLE_EQ(ensemble.facts.free_energy_error, kt * ensemble.log_z_error);
    // A forgotten sin(theta) in the measure would be seen.
    EXPECT_GT(std::abs(ensemble.log_z - chain.log_z(false)), kErrors * ensemble.log_z_error);
    for (std::size_t torsion : {0, 1}) {
      const auto mean = weighted_mean(ensemble, cosines(chain, ensemble, torsion));
      const double exact =
          torsion_integral(chain.molecule.system(), torsion, [](double t) { return std::cos(t); }) /
          torsion_integral(chain.molecule.system(), torsion);
      expect_near("cosine", mean.value, mean.error, exact, 0.03);
    }
    EXPECT_LE(ensemble.effective_families, ensemble.effective_sample_size + 1e-6);
  }
}

TEST(Annealing, EstimatesOfZAreUnbiasedOnShortSchedules) {
  // Two steps and islands of ten particles: each estimate of Z is far off, their mean is not.
  const Chain chain;
  engine::AnnealingOptions o = options();
  o.n_islands = 400;
  o.schedule = {0.4, 1.0};
  o.resample_below = 0.9;
  const engine::AnnealedEnsemble ensemble = chain.anneal(o, 77);
  EXPECT_GT(ensemble.steps[0].n_resampled, 0u);
  expect_near("log Z", ensemble.log_z, ensemble.log_z_error, chain.log_z(), 0.05);
}

TEST(Annealing, SameKeySameBits) {
  const Chain chain;
  engine::AnnealingOptions o = options();
  o.n_particles = 160;
  o.schedule = {0.4, 1.0};
  const auto a = chain.anneal(o, 78), b = chain.anneal(o, 78);
  EXPECT_EQ(a.positions.values(), b.positions.values());
  EXPECT_EQ(a.log_weights, b.log_weights);
}

/// C-C-NH2 with harmonic angles only: the nitrogen has two signs.
struct Amine {
  engine::Topology topology;
  engine::System system;
  std::shared_ptr<const engine::TorsionGraph> graph;

  Amine() {
    topology.residues = {{"AMI", "", 1, ""}};
    const int elements[] = {6, 6, 7, 1, 1};
    for (int element : elements) topology.atoms.push_back({"X", element, 0});
    topology.bonds = {{0, 1}, {1, 2}, {2, 3}, {2, 4}};
    system.masses = {12.0, 12.0, 14.0, 4.0, 4.0};
    system.bonds = {{0, 1, 0.15, 5e4}, {1, 2, 0.15, 5e4}, {2, 3, 0.11, 5e4}, {2, 4, 0.11, 5e4}};
    system.angles = {{0, 1, 2, 1.9, 300.0},
                     {1, 2, 3, 1.9, kNitrogen},
                     {1, 2, 4, 1.9, kNitrogen},
                     {3, 2, 4, 1.85, kNitrogen}};
    system.torsions = {{0, 1, 2, 3, 2, 0.3, 4.0}, {0, 1, 2, 3, 1, 1.0, 2.0}};
    graph = std::make_shared<engine::TorsionGraph>(make_torsion_graph(topology));
  }

  double log_z() const {
    double sum = std::log(angle_integral(system.angles[0])) + std::log(torsion_integral(system, 0));
    for (const auto& bond : system.bonds) sum += std::log(bond_integral(bond));
    return sum + std::log(nitrogen_integral());
  }
  /// Over both angles at the nitrogen and the torsion from one hydrogen to the other.
  double nitrogen_integral() const {
    constexpr std::size_t kPoints = 100;
    const auto bend = [](double theta, double ideal) {
      return std::exp(-0.5 * kBeta * kNitrogen * (theta - ideal) * (theta - ideal));
    };
    return integral(0.0, engine::kPi, kPoints, [&](double a) {
      return std::sin(a) * bend(a, 1.9) * integral(0.0, engine::kPi, kPoints, [&](double b) {
               return std::sin(b) * bend(b, 1.9) *
                      integral(-engine::kPi, engine::kPi, kPoints, [&](double phi) {
                        const double cosine =
                            std::cos(a) * std::cos(b) + std::sin(a) * std::sin(b) * std::cos(phi);
                        return bend(std::acos(std::max(-1.0, std::min(1.0, cosine))), 1.85);
                      });
             });
    });
  }
  /// Both signs of the nitrogen.
  engine::CoordinateBatch references() const {
    const engine::ZMatrix z = engine::build_z_matrix(topology);
    engine::CoordinateBatch x(2, 5);
    for (std::size_t m = 0; m < 2; ++m) {
      std::vector<double> q = {0.15, 0.11, 0.11, 0.15, 1.9, 1.9, 1.9, m == 0 ? 2.1 : -2.1, 0.5};
      std::vector<double> log_jac(1);
      engine::internal_to_cartesian(z, q, x.chain(m), log_jac);
    }
    return x;
  }
  static constexpr double kNitrogen = 250.0;
};

TEST(Annealing, ReachesBothSignsOfANitrogen) {
  const Amine amine;
  engine::AnnealingOptions o = options();
  const auto ensemble =
      engine::anneal({std::make_shared<engine::NativeEnergy>(amine.system, nullptr),
                      engine::moving_particles(amine.system), amine.graph,
                      std::make_shared<engine::UniformTorsionModel>(1)},
                     amine.references(), o, {test_seed(79), 0});
  expect_near("log Z", ensemble.log_z, ensemble.log_z_error, amine.log_z(), 0.04);
  std::vector<double> positive;
  std::vector<int> sign(1);
  for (std::size_t c = 0; c < ensemble.positions.n_chains(); ++c) {
    engine::inversion_signs(*amine.graph, ensemble.positions.chain(c), sign);
    positive.push_back(sign[0] > 0 ? 1.0 : 0.0);
  }
  const auto mean = weighted_mean(ensemble, positive);
  expect_near("share of one sign", mean.value, mean.error, 0.5, 0.03);
}

}  // namespace
}  // namespace saltus::tests
