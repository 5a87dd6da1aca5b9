#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "engine/core/units.h"
#include "engine/moves/metropolis.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {

namespace {

using engine::ChainBatch;
using engine::ChainView;
using engine::Outcome;
using engine::Proposal;
using engine::ProposalBatch;
using engine::Span;
using engine::StepKey;
using engine::TractableProposal;

/// Equal bits, so that NaN equals itself and -0 does not equal 0.
bool same_bits(Span<const double> a, Span<const double> b) {
  return a.size() == b.size() &&
         (a.size() == 0 || std::memcmp(a.begin(), b.begin(), a.size() * sizeof(double)) == 0);
}

bool same_bits(double a, double b) { return same_bits({&a, 1}, {&b, 1}); }

void expect_close(double expected, double actual, double allowed, const std::string& what) {
  if (same_bits(expected, actual)) return;
  EXPECT_NEAR(expected, actual, tolerance_scale() * allowed) << what;
}

void expect_same_draw(const ProposalBatch& whole, std::size_t row, const ProposalBatch& part,
                      std::size_t part_row, double tolerance, const std::string& what) {
  for (std::size_t i = 0; i < whole.positions.chain(row).size(); ++i)
    expect_close(whole.positions.chain(row)[i], part.positions.chain(part_row)[i], tolerance,
                 what + ", chain " + std::to_string(row) + ", coordinate " + std::to_string(i));
  if (!whole.positions.boxes().empty()) {
    EXPECT_EQ(whole.positions.boxes()[row], part.positions.boxes().at(part_row)) << what;
  }
  for (const auto member : {&ProposalBatch::log_forward, &ProposalBatch::log_reverse}) {
    const double a = (whole.*member)[row], b = (part.*member)[part_row];
    expect_close(a, b, tolerance * std::max(1.0, std::abs(a)),
                 what + ", log-density of chain " + std::to_string(row));
  }
}

/// The same state in rows of different number, another step and another seed: other numbers.
void expect_other_keys_differ(const Proposal& proposal, const ChainBatch& chains,
                              const StepKey& key) {
  ChainBatch twins = chains;
  const auto first = twins.positions.chain(0);
  std::copy(first.begin(), first.end(), twins.positions.chain(1).begin());
  twins.states[1] = twins.states[0];
  const ProposalBatch drawn = proposal.sample(twins.view(), key);
  EXPECT_FALSE(same_bits(drawn.positions.chain(0), drawn.positions.chain(1)))
      << "two chains share random numbers";
  const ProposalBatch next = proposal.sample(twins.view(), {key.seed, key.step + 1});
  EXPECT_FALSE(same_bits(drawn.positions.values(), next.positions.values()))
      << "two steps share random numbers";
  const ProposalBatch reseeded = proposal.sample(twins.view(), {key.seed + 1, key.step});
  EXPECT_FALSE(same_bits(drawn.positions.values(), reseeded.positions.values()))
      << "two seeds share random numbers";
}

void expect_densities_agree(const TractableProposal& proposal, const ChainBatch& chains,
                            const ProposalBatch& drawn, double tolerance) {
  const std::size_t n = chains.n_chains();
  std::vector<double> forward(n), reverse(n);
  proposal.log_density(drawn.positions.view(), chains.view(), forward);
  proposal.log_density(chains.positions.view(), {drawn.positions.view(), chains.states, 0},
                       reverse);
  for (std::size_t c = 0; c < n; ++c) {
    expect_close(drawn.log_forward[c], forward[c], tolerance * std::max(1.0, std::abs(forward[c])),
                 "log_forward is not log_density(x'|x) of chain " + std::to_string(c));
    expect_close(drawn.log_reverse[c], reverse[c], tolerance * std::max(1.0, std::abs(reverse[c])),
                 "log_reverse is not log_density(x|x') of chain " + std::to_string(c));
  }
}

/// Mean of q(y|x) / g(y) over draws y from a Gaussian g around x must be 1 within 5 standard
/// errors.
void expect_normalised(const TractableProposal& proposal, const ChainBatch& chains,
                       const ProposalInvariantOptions& options) {
  const std::size_t n = options.normalisation_draws;
  const double width = options.normalisation_width_nm;
  ChainBatch from(n, chains.n_atoms(), chains.states[0]);
  ChainBatch to = from;
  const auto x = chains.positions.chain(0);
  std::vector<double> log_g(n), log_q(n);
  auto stream = test_stream(23);
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double z = stream.normal();
      from.positions.chain(c)[i] = x[i];
      to.positions.chain(c)[i] = x[i] + width * z;
      log_g[c] -= 0.5 * z * z + std::log(width * std::sqrt(engine::kTwoPi));
    }
  proposal.log_density(to.positions.view(), from.view(), log_q);
  double sum = 0.0, sum_of_squares = 0.0;
  for (std::size_t c = 0; c < n; ++c) {
    const double ratio = std::exp(log_q[c] - log_g[c]);
    sum += ratio;
    sum_of_squares += ratio * ratio;
  }
  const double count = static_cast<double>(n), mean = sum / count;
  const double error = std::sqrt((sum_of_squares / count - mean * mean) / count);
  EXPECT_LT(error, 0.02) << "the Gaussian of width " << width << " nm cannot tell";
  EXPECT_NEAR(mean, 1.0, tolerance_scale() * 5.0 * error) << "q(.|x) is not normalised";
}

}  // namespace

void expect_proposal_invariants(const Proposal& proposal, const ChainBatch& chains,
                                const StepKey& key, const ProposalInvariantOptions& options) {
  const std::size_t n = chains.n_chains();
  ASSERT_GE(n, 2u);
  EXPECT_FALSE(proposal.name().empty());
  EXPECT_STRNE(engine::name_of(proposal.measure()), "unknown");

  const ProposalBatch drawn = proposal.sample(chains.view(), key);
  ASSERT_EQ(drawn.positions.n_chains(), n);
  ASSERT_EQ(drawn.positions.n_atoms(), chains.n_atoms());
  ASSERT_EQ(drawn.log_forward.size(), n);
  ASSERT_EQ(drawn.log_reverse.size(), n);

  const ProposalBatch again = proposal.sample(chains.view(), key);
  EXPECT_TRUE(same_bits(drawn.positions.values(), again.positions.values()) &&
              same_bits(drawn.log_forward, again.log_forward) &&
              same_bits(drawn.log_reverse, again.log_reverse))
      << "the same key gave other bits";

  // Row by row, and in two unequal parts.
  for (std::size_t c = 0; c < n; ++c)
    expect_same_draw(drawn, c, proposal.sample(view_rows(chains, c, 1), key), 0,
                     options.batch_tolerance, "row by row");
  const std::size_t cut = (n + 1) / 3 + (n == 2 ? 0 : 1);
  for (const auto& [first, count] : {std::pair{std::size_t{0}, cut}, std::pair{cut, n - cut}}) {
    const ProposalBatch part = proposal.sample(view_rows(chains, first, count), key);
    for (std::size_t c = 0; c < count; ++c)
      expect_same_draw(drawn, first + c, part, c, options.batch_tolerance, "in two parts");
  }

  expect_other_keys_differ(proposal, chains, key);
  if (const auto* tractable = dynamic_cast<const TractableProposal*>(&proposal)) {
    expect_densities_agree(*tractable, chains, drawn, options.density_tolerance);
    if (options.normalisation_width_nm > 0.0) expect_normalised(*tractable, chains, options);
  }
}

namespace {

void expect_same_chains(const ChainBatch& a, const ChainBatch& b, const char* what) {
  EXPECT_TRUE(same_bits(a.positions.values(), b.positions.values())) << what << ": positions";
  EXPECT_EQ(a.positions.boxes(), b.positions.boxes()) << what << ": boxes";
  EXPECT_TRUE(same_bits(a.velocities.values(), b.velocities.values())) << what << ": velocities";
  EXPECT_TRUE(same_bits(a.energies, b.energies)) << what << ": energies";
  EXPECT_TRUE(same_bits(a.log_weights, b.log_weights)) << what << ": log-weights";
  EXPECT_EQ(a.replicas, b.replicas) << what << ": replicas";
}

bool same_box(const ChainBatch& a, const ChainBatch& b, std::size_t c) {
  const auto& boxes = a.positions.boxes();
  return boxes.size() == b.positions.boxes().size() &&
         (boxes.empty() || boxes[c] == b.positions.boxes()[c]);
}

void expect_consistent_record(const engine::MoveRecord& record, std::size_t n_chains) {
  EXPECT_FALSE(record.name.empty());
  EXPECT_GE(record.cpu_seconds, 0.0);
  ASSERT_EQ(record.outcomes.size(), n_chains) << record.name;
  ASSERT_EQ(record.log_ratios.size(), n_chains) << record.name;
  for (std::size_t c = 0; c < n_chains; ++c) {
    const double log_ratio = record.log_ratios[c];
    if (std::isnan(log_ratio)) continue;
    const double probability = engine::acceptance_probability(log_ratio);
    EXPECT_GE(probability, 0.0);
    EXPECT_LE(probability, 1.0);
    EXPECT_NE(record.outcomes[c], Outcome::kNotApplied) << "chain " << c << " has a ratio";
    if (probability == 1.0) {
      EXPECT_EQ(record.outcomes[c], Outcome::kAccepted) << "chain " << c << ", ratio above 1";
    }
    if (probability == 0.0) {
      EXPECT_NE(record.outcomes[c], Outcome::kAccepted) << "chain " << c << ", ratio 0";
    }
  }
}

}  // namespace

void expect_move_invariants(const engine::Move& move, ChainBatch chains,
                            const engine::TargetDensity& target, const StepKey& key,
                            const MoveInvariantOptions& options) {
  const std::size_t n = chains.n_chains();
  target.refresh(chains);
  const ChainBatch before = chains;
  const engine::TransitionInfo info = move.apply(chains, target, key);

  // Records are complete; chains that nothing accepted have not moved.
  ASSERT_FALSE(info.records.empty());
  std::vector<bool> accepted(n, false);
  for (const engine::MoveRecord& record : info.records) {
    expect_consistent_record(record, n);
    for (std::size_t c = 0; c < n; ++c)
      accepted[c] = accepted[c] || record.outcomes[c] == Outcome::kAccepted;
  }
  for (std::size_t c = 0; options.outcome_at_own_chain && c < n; ++c)
    if (!accepted[c]) {
      EXPECT_TRUE(same_bits(before.positions.chain(c), chains.positions.chain(c)) &&
                  same_bits(before.energies[c], chains.energies[c]) &&
                  same_bits(before.other_terms_of(c), chains.other_terms_of(c)) &&
                  same_box(before, chains, c))
          << "chain " << c << " was not accepted but changed";
    }
  // Only chains that exchange configurations exchange replicas.
  if (options.outcome_at_own_chain) {
    EXPECT_EQ(before.replicas, chains.replicas);
  }

  // Energies are those of the positions; states never change.
  ChainBatch fresh = chains;
  target.refresh(fresh);
  for (std::size_t c = 0; c < n; ++c) {
    expect_close(fresh.energies[c], chains.energies[c],
                 options.energy_tolerance * std::max(1.0, std::abs(fresh.energies[c])),
                 "carried energy of chain " + std::to_string(c));
    for (std::size_t i = 0; i < fresh.n_other_terms(); ++i) {
      const double term = fresh.other_terms_of(c)[i];
      expect_close(term, chains.other_terms_of(c)[i],
                   options.energy_tolerance * std::max(1.0, std::abs(term)),
                   "further term of chain " + std::to_string(c));
    }
    EXPECT_EQ(before.states[c].temperature_K, chains.states[c].temperature_K);
  }

  // Replay, then the same again after the move has been busy elsewhere.
  ChainBatch replayed = before;
  move.apply(replayed, target, key);
  expect_same_chains(chains, replayed, "replay");
  ChainBatch elsewhere = chains;
  move.apply(elsewhere, target, {key.seed + 1, key.step + 7});
  ChainBatch after_distraction = before;
  move.apply(after_distraction, target, key);
  expect_same_chains(chains, after_distraction, "memoryless");
}

std::vector<double> numerical_jacobian(
    const std::function<std::vector<double>(const std::vector<double>&)>& f,
    const std::vector<double>& x, double first_step) {
  const std::size_t n_rows = f(x).size(), n_columns = x.size();
  std::vector<double> jacobian(n_rows * n_columns);
  for (std::size_t row = 0; row < n_rows; ++row)
    for (std::size_t column = 0; column < n_columns; ++column) {
      std::vector<double> moved = x;
      const auto component = [&](double value) {
        moved[column] = value;
        return f(moved)[row];
      };
      jacobian[row * n_columns + column] =
          ridders_derivative(component, x[column], first_step).value;
    }
  return jacobian;
}

void expect_bijection_invariants(const CoordinateMap& forward, const CoordinateMap& inverse,
                                 const std::vector<std::vector<double>>& points,
                                 const BijectionInvariantOptions& options) {
  ASSERT_FALSE(points.empty());
  for (std::size_t p = 0; p < points.size(); ++p) {
    SCOPED_TRACE("point " + std::to_string(p));
    double log_det_forward = 0.0, log_det_inverse = 0.0;
    const std::vector<double> y = forward(points[p], &log_det_forward);
    const std::vector<double> x = inverse(y, &log_det_inverse);
    ASSERT_EQ(y.size(), points[p].size());
    ASSERT_EQ(x.size(), points[p].size());
    for (std::size_t i = 0; i < x.size(); ++i)
      expect_close(points[p][i], x[i], options.round_trip_tolerance,
                   "round trip of component " + std::to_string(i));
    expect_close(-log_det_forward, log_det_inverse, options.round_trip_tolerance,
                 "log-determinants of map and inverse");
    const auto values = [&forward](const std::vector<double>& at) {
      double ignored = 0.0;
      return forward(at, &ignored);
    };
    const double numerical = log_abs_determinant(
        numerical_jacobian(values, points[p], options.first_difference), y.size());
    expect_close(numerical, log_det_forward, options.log_det_tolerance,
                 "log-determinant against the numerical Jacobian");
  }
}

}  // namespace saltus::tests
