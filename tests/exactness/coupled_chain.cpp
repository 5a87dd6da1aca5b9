#include "tests/exactness/coupled_chain.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/torsions/torsion_geometry.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {

namespace {

using engine::kPi;
using engine::kTwoPi;

constexpr double kCoupling = 2.5, kOffset_rad = 0.7;  // kJ/mol: about kT at 300 K

double coupling(double a, double b) { return kCoupling * (1.0 + std::cos(a - b - kOffset_rad)); }

/// The chain's energy and the coupling's; forces are not wanted by the moves under test.
class CoupledEnergy final : public engine::EnergyFunction {
 public:
  CoupledEnergy(std::shared_ptr<const engine::EnergyFunction> chain,
                std::shared_ptr<const engine::TorsionGraph> graph)
      : chain_(std::move(chain)), graph_(std::move(graph)) {}
  std::size_t n_atoms() const override { return chain_->n_atoms(); }
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double>) const override {
    chain_->evaluate(x, energies, {});
    std::vector<double> tau(graph_->torsions.size());
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      engine::torsion_angles(*graph_, x.chain(c), tau);
      energies[c] += coupling(tau[0], tau[1]) + coupling(tau[1], tau[2]);
    }
  }

 private:
  std::shared_ptr<const engine::EnergyFunction> chain_;
  std::shared_ptr<const engine::TorsionGraph> graph_;
};

/// Points of the trapezoidal rule, whose error falls exponentially for periodic functions.
constexpr std::size_t kPoints = 240;

double point(std::size_t i) { return kTwoPi * static_cast<double>(i) / kPoints - kPi; }

/// A density given at the points, as a table with both ends.
engine::TabulatedDensity table(const std::array<double, kPoints>& density) {
  std::vector<double> reduced;
  for (std::size_t i = 0; i <= kPoints; ++i) reduced.push_back(-std::log(density[i % kPoints]));
  return {-kPi, kPi, reduced};
}

}  // namespace

CoupledChain::CoupledChain(double temperature_K)
    : temperature_K_(temperature_K),
      graph_(std::make_shared<engine::TorsionGraph>(make_torsion_graph(molecule_.topology()))),
      target_(std::make_shared<CoupledEnergy>(molecule_.energy(), graph_),
              engine::ReferenceMeasure::kCartesian),
      torsion_densities_(tabulate()) {}

std::vector<engine::TabulatedDensity> CoupledChain::tabulate() const {
  const double beta = engine::ThermodynamicState{temperature_K_}.beta();
  std::array<std::array<double, kPoints>, 3> alone;
  std::array<double, kPoints> joined;  // by the difference of two angles
  for (std::size_t i = 0; i < kPoints; ++i) {
    for (std::size_t t = 0; t < 3; ++t)
      alone[t][i] = std::exp(-beta * molecule_.torsion_energy(t, point(i)));
    joined[i] = std::exp(-beta * coupling(kTwoPi * static_cast<double>(i) / kPoints, 0.0));
  }
  const auto between = [&](std::size_t i, std::size_t j) {
    return joined[(i + kPoints - j) % kPoints];
  };
  // left[j] sums over torsion 0, right[j] over torsion 2, given torsion 1 at point j.
  std::array<double, kPoints> left{}, right{}, first{}, second{}, third{}, difference{};
  for (std::size_t j = 0; j < kPoints; ++j)
    for (std::size_t i = 0; i < kPoints; ++i) {
      left[j] += alone[0][i] * between(i, j);
      right[j] += alone[2][i] * between(j, i);
    }
  for (std::size_t j = 0; j < kPoints; ++j) {
    second[j] = alone[1][j] * left[j] * right[j];
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double pair = alone[0][i] * between(i, j) * alone[1][j] * right[j];
      first[i] += pair;
      difference[(i + kPoints - j + kPoints / 2) % kPoints] += pair;
      third[i] += alone[2][i] * between(j, i) * alone[1][j] * left[j];
    }
  }
  return {table(first), table(second), table(third), table(difference)};
}

engine::ChainBatch CoupledChain::draw(std::size_t n_chains, std::uint64_t seed) const {
  engine::ChainBatch chains(n_chains, molecule_.topology().atoms.size(), {temperature_K_});
  const double beta = chains.states[0].beta();
  std::size_t n_kept = 0;
  std::vector<double> tau(3);
  for (std::uint64_t round = 0; n_kept < n_chains; ++round) {
    const engine::ChainBatch drawn = molecule_.draw(n_chains, temperature_K_, seed + 7919 * round);
    for (std::size_t c = 0; c < n_chains && n_kept < n_chains; ++c) {
      const auto x = drawn.positions.chain(c);
      engine::torsion_angles(*graph_, x, tau);
      engine::RandomStream stream({seed, round}, engine::StreamName::kTest,
                                  static_cast<std::uint32_t>(c));
      if (stream.uniform() >
          std::exp(-beta * (coupling(tau[0], tau[1]) + coupling(tau[1], tau[2]))))
        continue;
      std::copy(x.begin(), x.end(), chains.positions.chain(n_kept++).begin());
    }
  }
  target_.refresh(chains);
  return chains;
}

std::vector<Projection> CoupledChain::projections(const engine::ChainBatch& chains) const {
  std::vector<Projection> all = molecule_.projections(chains);
  const std::size_t first = all.size() - 3;
  Projection difference{"torsion 0 - torsion 1", {}, {}};
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    difference.values.push_back(
        engine::wrap_angle(all[first].values[c] - all[first + 1].values[c]));
  all.push_back(std::move(difference));
  for (std::size_t t = 0; t < 4; ++t)
    all[first + t].cdf = [density = torsion_densities_[t]](double value) {
      return density.cumulative(value);
    };
  return all;
}

}  // namespace saltus::tests
