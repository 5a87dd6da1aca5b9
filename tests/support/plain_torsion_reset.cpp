#include "tests/support/plain_torsion_reset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/finite.h"
#include "engine/torsions/torsion_geometry.h"
#include "engine/torsions/torsion_reset.h"
#include "tests/support/environment.h"

namespace saltus::tests {

using namespace engine;

namespace {

void expect_close(const std::vector<double>& expected, const std::vector<double>& actual,
                  const char* what) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t row = 0; row < expected.size(); ++row) {
    if (std::isfinite(expected[row])) {
      EXPECT_NEAR(expected[row], actual[row],
                  tolerance_scale() * 1e-10 * std::max(1.0, std::abs(expected[row])))
          << what << " of row " << row;
    } else {
      EXPECT_EQ(expected[row], actual[row]) << what << " of row " << row;
    }
  }
}

}  // namespace

std::optional<SubsetState> begin_reset(const TorsionResetParts& parts, double temperature_K,
                                       Span<const double> x, RandomStream& random) {
  const TorsionGraph& graph = *parts.graph;
  std::vector<std::size_t> subset = draw_torsion_subset(graph, parts.options.n_torsions, random);
  std::vector<double> torsions(graph.torsions.size()), tau;
  torsion_angles(graph, x, torsions);
  if (!all_finite(torsions)) return std::nullopt;
  std::vector<int> signs(graph.inversions.size());
  inversion_signs(graph, x, signs);
  for (std::size_t torsion : subset) tau.push_back(torsions[torsion]);
  return SubsetState{TorsionSubsetDensity(*parts.model, parts.options, temperature_K,
                                          std::move(subset), torsions, std::move(signs)),
                     std::move(tau)};
}

ProposalBatch PlainTorsionReset::sample_tries(const ChainView& current, std::size_t n_tries,
                                              const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  ProposalBatch result(x, n_tries);
  std::vector<double> tau;
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const std::uint32_t chain = current.first_chain + static_cast<std::uint32_t>(c);
    RandomStream subset_stream(key, StreamName::kTorsionSubset, chain);
    std::optional<SubsetState> state =
        begin_reset(parts_, current.states[c].temperature_K, x.chain(c), subset_stream);
    RandomStream angle_stream(key, StreamName::kProposal, chain);
    const double log_reverse = state ? state->density.log_density(state->tau) : 0.0;
    for (std::size_t row = c * n_tries; row < (c + 1) * n_tries; ++row) {
      result.log_reverse[row] = log_reverse;
      if (!state) {
        result.log_forward[row] = -std::numeric_limits<double>::infinity();
        continue;
      }
      tau.resize(state->tau.size());
      result.log_forward[row] = state->density.draw(angle_stream, tau);
      set_torsions(*parts_.graph, state->density.subset(), tau, result.positions.chain(row));
    }
  }
  return result;
}

void expect_plain_reset(const TorsionResetParts& parts, const ChainView& chains,
                        std::size_t n_tries, const StepKey& key) {
  const ProposalBatch expected = PlainTorsionReset(parts).sample_tries(chains, n_tries, key);
  const ProposalBatch actual =
      TorsionReset(parts.graph, parts.model, parts.options).sample_tries(chains, n_tries, key);
  expect_close(expected.log_forward, actual.log_forward, "log_forward");
  expect_close(expected.log_reverse, actual.log_reverse, "log_reverse");
  const std::vector<double>&x = expected.positions.values(), &y = actual.positions.values();
  ASSERT_EQ(x.size(), y.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_NEAR(x[i], y[i], tolerance_scale() * 1e-10) << "value " << i;
}

}  // namespace saltus::tests
