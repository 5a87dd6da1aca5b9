// Oracle: exact draws of a molecule with independent internal coordinates at two temperatures;
// starts in the answer at both. Each planted bug must fail the assertion that correct code passes.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/leap/leap_temperature_map.h"
#include "engine/moves/composites.h"
#include "engine/moves/replica_exchange.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {
namespace {

using engine::LeapWeights;

constexpr double kCold_K = SeparableMolecule::kTemperature_K, kHot_K = 600.0;
constexpr std::size_t kLadders = 50000, kBlock = 1000, kApplications = 8;
/// The projections of two levels share alpha.
constexpr double kRequiredPower = 0.024;

const SeparableMolecule& hot_molecule() {
  static const SeparableMolecule instance(kHot_K);
  return instance;
}

/// All fast coordinates of the trained leap, with means that are misled and other widths.
LeapWeights map_weights() {
  LeapWeights w = mlsamplers::weights_of(trained_leap().model);
  const std::size_t n_basis = engine::leap_basis_size(w.soft.size(), w.rotors.size()),
                    n_left = engine::leap_basis_size(w.soft.size(), 0), n_fast = w.fast.size();
  std::vector<double> rows;
  for (std::size_t i = 0; i < n_fast; ++i) {
    for (std::size_t k = 0; k < n_left; ++k) rows.push_back(w.fast_weights[i * n_basis + k]);
    const double width = w.fast_cholesky[i * n_fast + i];
    for (std::size_t k = 1; k < 4; ++k) rows[i * n_left + k] += 0.5 * width;
  }
  w.fast_weights = rows;
  w.basis_torsions = w.soft;
  w.soft.clear();
  w.rotors.clear();
  w.context.clear();
  w.soft_networks.clear();
  w.rotor_networks.clear();
  w.min_temperature_K = 200.0;
  w.max_temperature_K = 600.0;
  w.temperature_K = 250.0;
  return w;
}

enum class MapBug {
  kNone,
  kNoVolume,    ///< the determinant is left out
  kNoJacobian,  ///< only the scales of fast coordinates count
  kNoInverse,   ///< the hot configuration is spread as if it were cold
};

/// The map with a knob.
class BreakableMap final : public engine::TemperatureMap {
 public:
  explicit BreakableMap(MapBug bug) : weights_(map_weights()), map_(weights_, nullptr), bug_(bug) {}
  std::string name() const override { return "breakable_map"; }
  engine::ReferenceMeasure measure() const override { return map_.measure(); }
  engine::MappedConfigurations map(const engine::ChainView& from,
                                   engine::Span<const double> temperatures_K) const override {
    std::vector<engine::ThermodynamicState> states(from.states.begin(), from.states.end());
    std::vector<double> to_K(temperatures_K.begin(), temperatures_K.end());
    if (bug_ == MapBug::kNoInverse)
      for (std::size_t c = 0; c < states.size(); ++c)
        if (states[c].temperature_K > to_K[c]) std::swap(states[c].temperature_K, to_K[c]);
    engine::MappedConfigurations result =
        map_.map({from.positions, states, from.first_chain}, to_K);
    for (std::size_t c = 0; c < to_K.size(); ++c) {
      if (bug_ == MapBug::kNoVolume && std::isfinite(result.log_volumes[c]))
        result.log_volumes[c] = 0.0;
      if (bug_ == MapBug::kNoJacobian && std::isfinite(result.log_volumes[c]))
        result.log_volumes[c] = 0.5 * static_cast<double>(weights_.fast.size()) *
                                std::log(to_K[c] / states[c].temperature_K);
    }
    return result;
  }

 private:
  LeapWeights weights_;
  engine::LeapTemperatureMap map_;
  MapBug bug_;
};

/// Rows of every second chain.
engine::ChainBatch level_of(const engine::ChainBatch& chains, std::size_t level) {
  engine::ChainBatch result(chains.n_chains() / 2, chains.n_atoms(), chains.states[level]);
  for (std::size_t i = 0; i < result.n_chains(); ++i)
    result.positions.copy_chain(chains.positions.view(), 2 * i + level, i);
  return result;
}

struct ExchangeCheck {
  DistributionCheck worst;
  double acceptance = 0.0;
};

ExchangeCheck check_exchange(const std::shared_ptr<const engine::TemperatureMap>& map,
                             std::uint64_t seed, std::size_t n_ladders = kLadders) {
  const engine::ReplicaExchange move(2, map);
  const engine::Canonical target = leap_target();
  engine::ChainBatch all(2 * n_ladders, molecule().topology().n_atoms(), {});
  double accepted = 0.0, tried = 0.0;
  for (std::size_t first = 0; first < n_ladders; first += kBlock) {
    const std::uint64_t block_seed = test_seed(seed) + first;
    const engine::ChainBatch cold = molecule().draw(kBlock, block_seed),
                             hot = hot_molecule().draw(kBlock, block_seed + 1);
    engine::ChainBatch chains(2 * kBlock, all.n_atoms(), {kCold_K});
    for (std::size_t i = 0; i < kBlock; ++i) {
      chains.copy_configuration(cold, i, 2 * i);
      chains.copy_configuration(hot, i, 2 * i + 1);
      chains.states[2 * i + 1].temperature_K = kHot_K;
    }
    for (std::uint64_t step = 0; step < kApplications; ++step) {
      // A pair exchanges in even steps.
      const auto info = move.apply(chains, target, {block_seed + 2, 2 * step});
      for (const engine::Outcome outcome : info.records.at(0).outcomes) {
        tried += outcome != engine::Outcome::kNotApplied ? 1.0 : 0.0;
        accepted += outcome == engine::Outcome::kAccepted ? 1.0 : 0.0;
      }
    }
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      all.positions.copy_chain(chains.positions.view(), c, 2 * first + c);
  }
  for (std::size_t c = 0; c < all.n_chains(); ++c)
    all.states[c].temperature_K = c % 2 == 0 ? kCold_K : kHot_K;
  std::vector<Projection> projections;
  for (Projection& projection : molecule().projections(level_of(all, 0)))
    projections.push_back(std::move(projection));
  for (Projection& projection : hot_molecule().projections(level_of(all, 1))) {
    projection.label = "hot " + projection.label;
    projections.push_back(std::move(projection));
  }
  return {check_projections(std::move(projections)), accepted / tried};
}

TEST(MappedExchange, IsExactAtBothTemperatures) {
  const auto map = std::make_shared<engine::LeapTemperatureMap>(map_weights(), nullptr);
  expect_passed(check_exchange(map, 21000000).worst, kRequiredPower);
}

TEST(MappedExchange, IsAcceptedMoreOftenThanWithoutAMap) {
  const auto map = std::make_shared<engine::LeapTemperatureMap>(map_weights(), nullptr);
  EXPECT_GT(check_exchange(map, 22000000, kBlock).acceptance,
            1.5 * check_exchange(nullptr, 22000000, kBlock).acceptance);
}

TEST(MappedExchange, AnUnbrokenCopyIsExact) {
  expect_passed(check_exchange(std::make_shared<BreakableMap>(MapBug::kNone), 23000000).worst,
                kRequiredPower);
}

TEST(MappedExchange, PlantedBugsAreCaught) {
  for (const MapBug bug : {MapBug::kNoVolume, MapBug::kNoJacobian, MapBug::kNoInverse}) {
    SCOPED_TRACE(static_cast<int>(bug));
    expect_caught(check_exchange(std::make_shared<BreakableMap>(bug), 23000000).worst);
  }
}

}  // namespace
}  // namespace saltus::tests
