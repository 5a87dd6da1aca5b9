// Oracle: exact draws of volume and positions. Without an energy p(V) ~ V^M exp(-beta P V) for M
// molecules, a gamma distribution; two particles that attract each other have a configuration
// integral of one quadrature. Starts in the answer; planted bugs are caught by the same assertion.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <utility>

#include "engine/ensemble/isobaric.h"
#include "engine/moves/composites.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/multiple_try.h"
#include "engine/moves/replica_exchange.h"
#include "engine/moves/volume_change.h"
#include "engine/potential/analytic.h"
#include "tests/exactness/gas.h"
#include "tests/exactness/volume_bugs.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr ThermodynamicState kState = {300.0, 40.0};  // k_B T / P is about 1 nm^3
constexpr std::size_t kApplications = 20;
constexpr double kWidth_nm = 0.9;  // of the narrowest box, where there is one: often reached

struct GasCase {
  std::size_t n_molecules = 1;
  VolumeMode mode = VolumeMode::kIsotropic;
  double width_nm = 0.0;
  double miscount = 0.0;  ///< of molecules
};

constexpr std::size_t kChains = 40000;

/// Volumes, and of the anisotropic mode two edges, after the move has been applied for a while.
DistributionCheck check_gas(const GasCase& what, std::uint64_t seed) {
  const bool any_edges = what.mode == VolumeMode::kAnisotropic;
  const Gas gas(what.n_molecules, kState, what.width_nm, any_edges);
  ChainBatch chains = gas.draw(kChains, test_seed(seed));
  const Isobaric target(std::make_shared<NoEnergy>(chains.n_atoms(), 0.5 * what.width_nm));
  target.refresh(chains);
  // Twice the width of ln V.
  const double step = 2.0 / std::sqrt(static_cast<double>(what.n_molecules) + 1.0);
  const Metropolis move(std::make_shared<MiscountingVolumeChange>(
      VolumeChange({what.mode, step}, gas.topology(), gas.system()), what.miscount));
  apply_repeatedly(move, chains, target, kApplications, test_seed(seed + 1000));
  Projection volume{"V", {}, [&](double v) { return gas.volumes().cumulative(v); }};
  const auto uniform = [](double u) { return std::min(1.0, std::max(0.0, u)); };
  Projection x{"share of the edge along x", {}, uniform}, z{"along z", {}, uniform};
  for (const Box& box : chains.positions.boxes()) {
    volume.values.push_back(box.volume());
    if (!any_edges) continue;
    const double total = std::log(box.volume() / std::pow(what.width_nm, 3));
    // P(share > s) = (1 - s)^2
    x.values.push_back(1.0 - std::pow(1.0 - std::log(box.ax / what.width_nm) / total, 2));
    z.values.push_back(1.0 - std::pow(1.0 - std::log(box.cz / what.width_nm) / total, 2));
  }
  std::vector<Projection> projections = {volume};
  if (any_edges) projections.insert(projections.end(), {x, z});
  return check_projections(projections);
}

constexpr double kRequiredPower = 0.026;  // of 40000 chains, three projections

TEST(VolumeExactness, StartIsTheAnswer) {
  // The gamma distribution: (M + 1) / (beta P) with the variance (M + 1) / (beta P)^2.
  for (const std::size_t m : {1, 4, 30}) {
    const Gas gas(m, kState);
    double mean = 0.0, square = 0.0;
    const ChainBatch chains = gas.draw(kChains, test_seed(60));
    for (const Box& box : chains.positions.boxes()) {
      mean += box.volume() / kChains;
      square += box.volume() * box.volume() / kChains;
    }
    const double shape = static_cast<double>(m) + 1.0, scale = 1.0 / gas.reduced_pressure();
    // Six standard errors, the fourth moment being 3 k^2 + 6 k in units of the scale.
    EXPECT_NEAR(mean, shape * scale, 6.0 * scale * std::sqrt(shape / kChains)) << m;
    EXPECT_NEAR(square - mean * mean, shape * scale * scale,
                6.0 * scale * scale * std::sqrt((2.0 * shape * shape + 6.0 * shape) / kChains))
        << m;
  }
}

TEST(VolumeExactness, GasHasItsVolume) {
  for (const std::size_t m : {1, 4, 30})
    expect_passed(check_gas({m, VolumeMode::kIsotropic}, 61), kRequiredPower);
}

TEST(VolumeExactness, GasStaysInWideBoxes) {
  for (const std::size_t m : {1, 4}) {
    expect_passed(check_gas({m, VolumeMode::kIsotropic, kWidth_nm}, 62), kRequiredPower);
    expect_passed(check_gas({m, VolumeMode::kAnisotropic, kWidth_nm}, 63), kRequiredPower);
  }
  expect_passed(check_gas({30, VolumeMode::kAnisotropic, kWidth_nm}, 64), kRequiredPower);
}

TEST(VolumeExactness, MiscountsAreCaught) {
  for (const VolumeMode mode : {VolumeMode::kIsotropic, VolumeMode::kAnisotropic})
    for (const std::size_t m : {1, 4, 30}) {
      const double n = static_cast<double>(m);
      // The determinant forgotten; atoms counted; the proposal taken for one uniform in V.
      for (const double miscount : {-n, n, -1.0})
        expect_caught(check_gas({m, mode, kWidth_nm, miscount}, 65));
    }
}

constexpr double kRange_nm = 0.5, kDepth = -4.0;  // kJ/mol, 1.6 k_B T

/// u = depth (1 - r^2 / range^2)^2 of the nearest images of two particles, 0 beyond the range.
class Attraction final : public EnergyFunction {
 public:
  std::size_t n_atoms() const override { return 2; }
  BoxNeeds box_needs() const override { return {true, kRange_nm}; }
  static double of(double r) {
    const double t = 1.0 - r * r / (kRange_nm * kRange_nm);
    return t > 0.0 ? kDepth * t * t : 0.0;
  }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    check_evaluation_sizes(*this, x, energies, forces);
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      const double* at = x.data + c * x.stride();
      const Vec3 d = x.boxes[c].nearest_image(load_atom(at, 1) - load_atom(at, 0));
      const double r = norm(d), t = 1.0 - r * r / (kRange_nm * kRange_nm);
      energies[c] = of(r);
      if (forces.empty()) continue;
      // -du/dr / r
      const double slope = t > 0.0 ? 4.0 * kDepth * t / (kRange_nm * kRange_nm) : 0.0;
      const double f[3] = {slope * d.x, slope * d.y, slope * d.z};
      for (std::size_t k = 0; k < 3; ++k) {
        forces[c * x.stride() + k] = -f[k];
        forces[c * x.stride() + 3 + k] = f[k];
      }
    }
  }
};

/// 4 pi times the integral of weight(u(r)) r^2 from 0 to `end` (midpoints), nm^3.
template <class Weight>
double shell_integral(double end, const Weight& weight) {
  constexpr std::size_t kPoints = 4000;
  const double h = end / static_cast<double>(kPoints);
  double sum = 0.0;
  for (std::size_t i = 0; i < kPoints; ++i) {
    const double r = h * (static_cast<double>(i) + 0.5);
    sum += 2.0 * kTwoPi * r * r * h * weight(kState.beta() * Attraction::of(r));
  }
  return sum;
}

/// Two attracting particles in a cube: the integral over both is V (V + excess).
class Pair {
 public:
  Pair()
      : excess_(shell_integral(kRange_nm, [](double u) { return std::expm1(-u); })),
        near_(shell_integral(kRange_nm, [](double u) { return std::exp(-u); })),
        volumes_(tabulate()) {
    topology_.residues = {{"PAIR", "", 1, ""}};
    topology_.atoms.assign(2, {"X", 0, 0});
    system_.masses = {1.0, 3.0};
  }

  ChainBatch draw(std::size_t n_chains, std::uint64_t seed) const {
    ChainBatch chains(n_chains, 2, kState);
    std::vector<Box> boxes;
    for (std::size_t c = 0; c < n_chains; ++c) {
      RandomStream stream({seed, 0}, StreamName::kInitialState, static_cast<std::uint32_t>(c));
      const double edge = std::cbrt(volumes_.quantile(stream.uniform()));
      boxes.emplace_back(std::array<double, 3>{edge, edge, edge});
      const auto x = chains.positions.chain(c);
      double u = 0.0;
      do {
        for (double& value : x) value = edge * (3.0 * stream.uniform() - 1.0);  // any images
        const Vec3 d = boxes[c].nearest_image(load_atom(x.data(), 1) - load_atom(x.data(), 0));
        u = Attraction::of(norm(d));
      } while (stream.uniform() >= std::exp(-kState.beta() * (u - kDepth)));
    }
    chains.positions.set_boxes(boxes);
    target_.refresh(chains);
    return chains;
  }

  /// Volumes, and distances where they are within the range as uniform numbers.
  std::vector<Projection> projections(const ChainBatch& chains, std::uint64_t seed) const {
    Projection volume{"V", {}, [this](double v) { return volumes_.cumulative(v); }};
    Projection distance{"distance", {}, [](double u) { return std::min(1.0, std::max(0.0, u)); }};
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      const Box& box = chains.positions.boxes()[c];
      const auto x = chains.positions.chain(c);
      const double r = norm(box.nearest_image(load_atom(x.data(), 1) - load_atom(x.data(), 0)));
      const double all = box.volume() + excess_, share = near_ / all;
      RandomStream stream({seed, 0}, StreamName::kTest, static_cast<std::uint32_t>(c));
      volume.values.push_back(box.volume());
      distance.values.push_back(r < kRange_nm ? within(r) / all
                                              : share + (1.0 - share) * stream.uniform());
    }
    return {volume, distance};
  }

  const Isobaric& target() const { return target_; }
  const Topology& topology() const { return topology_; }
  const System& system() const { return system_; }

 private:
  static double within(double r) {
    return shell_integral(r, [](double u) { return std::exp(-u); });
  }
  TabulatedDensity tabulate() const {
    constexpr std::size_t kPoints = 200001;
    const double pressure = kState.beta() * kKJPerBarNm3 * *kState.pressure_bar;  // 1/nm^3
    const double lowest = std::pow(2.0 * kRange_nm, 3), highest = lowest + 60.0;
    std::vector<double> reduced;
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double v =
          lowest + (highest - lowest) * static_cast<double>(i) / static_cast<double>(kPoints - 1);
      reduced.push_back(pressure * v - std::log(v * (v + excess_)));
    }
    return {lowest, highest, reduced};
  }

  double excess_, near_;
  TabulatedDensity volumes_;
  Topology topology_;
  System system_;
  Isobaric target_{std::make_shared<Attraction>()};
};

/// Volumes and distances after steps of the move, which is given the change of volume.
template <class MakeMove>
DistributionCheck check_pair(double miscount, const MakeMove& make, std::uint64_t seed) {
  const Pair pair;
  ChainBatch chains = pair.draw(kChains, test_seed(seed));
  constexpr double kMaxChange = 1.0;
  const auto move = make(std::make_shared<MiscountingVolumeChange>(
      VolumeChange({VolumeMode::kIsotropic, kMaxChange}, pair.topology(), pair.system()),
      miscount));
  apply_repeatedly(*move, chains, pair.target(), kApplications, test_seed(seed + 1000));
  DistributionCheck worst = check_projections(pair.projections(chains, test_seed(seed + 2000)));
  worst.label = move->name() + ", " + worst.label;
  return worst;
}

std::shared_ptr<const Move> by_metropolis(std::shared_ptr<const Proposal> change) {
  return std::make_shared<Metropolis>(std::move(change));
}

std::shared_ptr<const Move> by_several_tries(std::shared_ptr<const Proposal> change) {
  return std::make_shared<MultipleTry>(std::move(change), 3);
}

/// Hybrid Monte Carlo moves the particles in boxes that change.
std::shared_ptr<const Move> with_trajectories(std::shared_ptr<const Proposal> change) {
  HamiltonianOptions options;
  options.time_step_ps = 0.02;
  options.n_steps = 10;
  std::vector<Sequence::Part> parts;
  parts.push_back({by_metropolis(std::move(change))});
  parts.push_back(
      {std::make_shared<HamiltonianMonteCarlo>(options, MovingParticles{{1.0, 3.0}, {}})});
  return std::make_shared<Sequence>(std::move(parts));
}

TEST(VolumeExactness, AttractingPairHasItsVolumeAndDistance) {
  constexpr double kPower = 0.026;
  for (const auto& make : {by_metropolis, by_several_tries, with_trajectories})
    expect_passed(check_pair(0.0, make, 70), kPower);
  for (const double miscount : {-2.0, 1.0, -1.0})
    expect_caught(check_pair(miscount, by_metropolis, 73));
}

/// Volumes at two temperatures after exchanges and changes of volume.
DistributionCheck check_ladder(const TargetDensity& target, std::uint64_t seed) {
  constexpr std::size_t kMolecules = 4;
  constexpr double kStep = 0.9;
  const ThermodynamicState warm = {360.0, kState.pressure_bar};
  const Gas gases[2] = {Gas(kMolecules, kState), Gas(kMolecules, warm)};
  ChainBatch chains(2 * kChains, target.n_atoms(), kState);
  std::vector<Projection> projections;
  chains.positions.set_boxes(std::vector<Box>(2 * kChains));
  for (std::size_t level = 0; level < 2; ++level) {
    const ChainBatch drawn = gases[level].draw(kChains, test_seed(seed + level));
    for (std::size_t c = 0; c < kChains; ++c) {
      chains.positions.copy_chain(drawn.positions.view(), c, 2 * c + level);
      chains.states[2 * c + level] = drawn.states[c];
    }
    const TabulatedDensity& volumes = gases[level].volumes();
    projections.push_back({"level " + std::to_string(level), {}, [&volumes](double v) {
                             return volumes.cumulative(v);
                           }});
  }
  target.refresh(chains);
  apply_repeatedly(ReplicaExchange(2), chains, target, 1, test_seed(seed + 1000));
  if (target.n_other_terms() > 0) {
    std::vector<Sequence::Part> parts;
    parts.push_back({std::make_shared<ReplicaExchange>(2)});
    parts.push_back({by_metropolis(std::make_shared<VolumeChange>(
        VolumeOptions{VolumeMode::kIsotropic, kStep}, gases[0].topology(), gases[0].system()))});
    apply_repeatedly(Sequence(std::move(parts)), chains, target, kApplications,
                     test_seed(seed + 2000));
  }
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    projections[c % 2].values.push_back(chains.positions.boxes()[c].volume());
  return check_projections(projections);
}

TEST(VolumeExactness, LaddersExchangeVolumesByTheirWork) {
  const auto energy = std::make_shared<NoEnergy>(8, 0.0);
  expect_passed(check_ladder(Isobaric(energy), 75), kRequiredPower);
  // By energies alone everything would be exchanged.
  expect_caught(check_ladder(Canonical(energy, ReferenceMeasure::kCartesian), 75));
}

}  // namespace
}  // namespace saltus::tests
