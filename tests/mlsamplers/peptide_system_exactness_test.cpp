// Oracle: exact draws of two serine peptides with known densities and of an ion between them, which
// is tied to the last atom that is placed of the first two by a spring, so that leaps that leave it
// where it is are refused as they should; starts in the answer. A planted bug must fail the
// assertion that correct code passes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/leap/block_leap.h"
#include "engine/leap/lane_leap.h"
#include "engine/moves/metropolis.h"
#include "tests/engine/leap/plain_leap.h"
#include "tests/mlsamplers/peptide_system.h"
#include "tests/mlsamplers/separable_peptide.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"

namespace saltus::mlsamplers {
namespace {

using tests::DistributionCheck;
using tests::PeptideExample;
using tests::PeptideSystemBuilder;
using tests::Projection;
using tests::proposal_of;
using tests::SeparablePeptide;
using tests::test_seed;
using tests::two_serines;

constexpr double kIonWidth_nm = 0.3;
constexpr std::size_t kManyChains = 20000, kApplications = 16;
/// Some 150 projections share alpha = 1e-7.
constexpr double kRequiredPower = 0.04;

std::size_t n_serine_atoms() { return two_serines().peptide().z.n_atoms(); }
std::size_t tied_atom() { return two_serines().peptide().z.rows.back().atom; }

/// Atoms first .. first + n - 1 of all chains.
engine::ChainBatch serines_at(engine::ConstCoordinates x, std::size_t first) {
  engine::ChainBatch part(x.n_chains, n_serine_atoms(), {SeparablePeptide::kTemperature_K});
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const double* from = x.chain(c).data() + 3 * first;
    std::copy(from, from + 3 * n_serine_atoms(), part.positions.chain(c).begin());
  }
  return part;
}

double tie_length2(engine::Span<const double> x) {
  double sum = 0.0;
  for (std::size_t k = 0; k < 3; ++k)
    sum += std::pow(x[3 * n_serine_atoms() + k] - x[3 * tied_atom() + k], 2);
  return sum;
}

class SerinesAndIon final : public engine::EnergyFunction {
 public:
  std::size_t n_atoms() const override { return 2 * n_serine_atoms() + 1; }
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override {
    if (!forces.empty()) throw engine::InternalError("serines and an ion have no forces");
    const double kt = 1.0 / engine::ThermodynamicState{SeparablePeptide::kTemperature_K}.beta();
    for (std::size_t c = 0; c < x.n_chains; ++c)
      energies[c] = 0.5 * kt * tie_length2(x.chain(c)) / (kIonWidth_nm * kIonWidth_nm);
    for (const std::size_t first : {std::size_t{0}, n_serine_atoms() + 1}) {
      engine::TargetTerms terms;
      two_serines().target().evaluate(serines_at(x, first).positions.view(), terms);
      for (std::size_t c = 0; c < x.n_chains; ++c) energies[c] += terms.energies[c];
    }
  }
};

engine::Canonical serines_target() {
  return {std::make_shared<SerinesAndIon>(), engine::ReferenceMeasure::kCartesianUpToRigidMotion};
}

engine::ChainBatch draw_serines(std::uint64_t seed) {
  const std::size_t n = n_serine_atoms();
  engine::ChainBatch all(kManyChains, 2 * n + 1, {SeparablePeptide::kTemperature_K});
  const engine::ChainBatch first = two_serines().draw(kManyChains, seed),
                           second = two_serines().draw(kManyChains, seed + 1);
  for (std::size_t c = 0; c < kManyChains; ++c) {
    const auto x = all.positions.chain(c), a = engine::Span<double>(x.data(), 3 * n);
    std::copy(first.positions.chain(c).begin(), first.positions.chain(c).end(), a.begin());
    std::copy(second.positions.chain(c).begin(), second.positions.chain(c).end(),
              x.begin() + static_cast<std::ptrdiff_t>(3 * n + 3));
    engine::RandomStream stream({seed + 2, 0}, engine::StreamName::kTest,
                                static_cast<std::uint32_t>(c));
    for (std::size_t k = 0; k < 3; ++k)
      x[3 * n + k] = x[3 * tied_atom() + k] + kIonWidth_nm * stream.normal();
  }
  serines_target().refresh(all);
  return all;
}

std::vector<Projection> projections_of(const engine::ChainBatch& all) {
  std::vector<Projection> result;
  for (const std::size_t first : {std::size_t{0}, n_serine_atoms() + 1})
    for (Projection& projection :
         two_serines().projections(serines_at(all.positions.view(), first))) {
      projection.label = "atoms from " + std::to_string(first) + ", " + projection.label;
      result.push_back(std::move(projection));
    }
  for (std::size_t k = 0; k < 3; ++k) {
    Projection tie{"tie of the ion", {}, [](double z) { return tests::standard_normal_cdf(z); }};
    for (std::size_t c = 0; c < all.n_chains(); ++c) {
      const auto x = all.positions.chain(c);
      tie.values.push_back((x[3 * n_serine_atoms() + k] - x[3 * tied_atom() + k]) / kIonWidth_nm);
    }
    result.push_back(std::move(tie));
  }
  return result;
}

DistributionCheck check_system(const std::shared_ptr<const engine::Proposal>& proposal,
                               std::uint64_t seed) {
  engine::ChainBatch chains = draw_serines(test_seed(seed));
  tests::apply_repeatedly(engine::Metropolis(proposal), chains, serines_target(), kApplications,
                          test_seed(seed) + 3);
  return tests::check_projections(projections_of(chains));
}

std::vector<Peptide> serine_peptides() {
  const PeptideExample serines("SS");
  PeptideSystemBuilder system;
  system.add(serines);
  system.add_ion();
  system.add(serines);
  return system.peptides();
}

TEST(PeptideSystemExactness, AllLeapsOfTwoPeptidesAndAnIonAreExact) {
  std::vector<engine::BlockLeap::Entry> entries;
  for (const PeptideLeap& leap :
       peptide_leaps(tests::serine_model(tests::ModelFault::kNone), serine_peptides(), {}, "m"))
    entries.push_back({leap.name, leap.probability, proposal_of(leap)});
  tests::expect_passed(
      check_system(std::make_shared<engine::BlockLeap>(std::move(entries)), 41000000),
      kRequiredPower);
}

/// The leap of the second peptide's first residue, with or without the factors of its rotors.
class LeapOfSecond final : public engine::Proposal {
 public:
  explicit LeapOfSecond(bool has_rotors)
      : weights_(residue_weights()), leap_(weights_, nullptr), has_rotors_(has_rotors) {}
  std::string name() const override { return "leap_of_second"; }
  engine::ReferenceMeasure measure() const override { return leap_.measure(); }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    engine::ProposalBatch batch = leap_.sample(current, key);
    if (has_rotors_) return batch;
    for (std::size_t c = 0; c < batch.log_forward.size(); ++c) {
      batch.log_forward[c] -= rotors_of(batch.positions.view().slice(c, 1));
      batch.log_reverse[c] -= rotors_of(current.positions.slice(c, 1));
    }
    return batch;
  }

 private:
  static engine::LeapWeights residue_weights() {
    const Peptide second = serine_peptides().at(1);
    for (const PeptideBlock& block : peptide_blocks(second, {}))
      if (block.name == "residue_4")
        return block_weights(tests::serine_model(tests::ModelFault::kNone), second, block, "m");
    throw engine::InternalError("the second peptide has no block of its first residue");
  }
  double rotors_of(engine::ConstCoordinates x) const {
    return tests::plain_rotors(weights_, tests::plain_internal(weights_, x),
                               SeparablePeptide::kTemperature_K);
  }

  engine::LeapWeights weights_;
  engine::LaneLeap leap_;
  bool has_rotors_;
};

TEST(PeptideSystemExactness, AnUnbrokenCopyIsExact) {
  tests::expect_passed(check_system(std::make_shared<LeapOfSecond>(true), 42000000),
                       kRequiredPower);
}

TEST(PeptideSystemExactness, MissingRotorsOfTheSecondPeptideAreCaught) {
  tests::expect_caught(check_system(std::make_shared<LeapOfSecond>(false), 42000000));
}

}  // namespace
}  // namespace saltus::mlsamplers
