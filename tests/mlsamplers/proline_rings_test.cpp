// Oracle: proline has two puckers, C-gamma on either side of the ring; numerical Jacobians; the
// populations that hybrid Monte Carlo alone finds at a temperature at which rings flip often.
#include "mlsamplers/peptides/proline_rings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/minimisation/minimise.h"
#include "engine/moves/composites.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/metropolis.h"
#include "engine/rings/ring_flip.h"
#include "engine/system/internal_coordinates.h"
#include "forcefields/ffxml/create_system.h"
#include "mlsamplers/peptides/peptide_block_leap.h"
#include "mlsamplers/peptides/peptide_sequence.h"
#include "tests/mlsamplers/peptide_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kTemperature_K = 1000.0;  ///< at which rings flip within picoseconds
constexpr double kLeastAccepted = 0.2;     ///< part of flips; half of it means a map that is wrong

/// A minimised peptide of ff14SB without solvent.
struct Case {
  mlsamplers::BuiltPeptide built;
  std::vector<mlsamplers::Peptide> peptides;
  System system;
  std::shared_ptr<const EnergyFunction> energy;

  explicit Case(const std::string& sequence)
      : built(mlsamplers::build_peptide(mlsamplers::parse_sequence(sequence))),
        peptides(mlsamplers::recognise_peptides(built.topology, built.positions.chain(0))) {
    static const auto kField = forcefields::ForceFieldXml::read({"amber14/protein.ff14SB.xml"}, {});
    system = forcefields::create_system(built.topology, kField, {});
    energy = std::make_shared<NativeEnergy>(system, nullptr, Precision::kDouble);
    minimise(*energy, built.positions, {});
  }
  std::vector<std::shared_ptr<const RingStates>> rings() const {
    return mlsamplers::proline_ring_states(
        {peptides, built.topology, system, built.positions.view().chain(0)}, kTemperature_K);
  }
  std::size_t atom(std::size_t residue, const std::string& name) const {
    const auto& atoms = built.topology.atoms;
    const auto found = std::find_if(atoms.begin(), atoms.end(), [&](const Atom& candidate) {
      return candidate.residue == residue && candidate.name == name;
    });
    return static_cast<std::size_t>(found - atoms.begin());
  }
};

const Case& capped() {
  static const Case kCase("ACE-PRO-NME");
  return kCase;
}

const std::vector<std::shared_ptr<const RingStates>>& capped_rings() {
  static const auto kRings = capped().rings();
  return kRings;
}

/// Of the capped proline.
double chi1(Span<const double> x) {
  const Case& c = capped();
  return torsion_angle(x, c.atom(1, "N"), c.atom(1, "CA"), c.atom(1, "CB"), c.atom(1, "CG"));
}

/// Whether C-gamma lies on opposite sides of the ring: of the torsions of the ring two at least
/// have opposite signs, and are of at least twenty degrees.
bool are_opposite(const RingState& a, const RingState& b) {
  constexpr double kPuckered_rad = 20.0 * kRadianPerDegree;
  std::size_t n_changed = 0;
  for (std::size_t t = 0; t < a.torsions.size(); ++t)
    n_changed += std::min(std::abs(a.torsions[t]), std::abs(b.torsions[t])) > kPuckered_rad &&
                         a.torsions[t] * b.torsions[t] < 0.0
                     ? 1
                     : 0;
  return n_changed >= 2;
}

TEST(ProlineRings, HaveBothPuckersInAnyPlaceOfAChain) {
  for (const auto& [sequence, n_rings] :
       {std::pair("ACE-PRO-NME", 1), {"PA", 1}, {"AP", 1}, {"ACE-HYP-NME", 1}, {"PPW", 2}}) {
    SCOPED_TRACE(sequence);
    const auto rings = Case(sequence).rings();
    ASSERT_EQ(rings.size(), static_cast<std::size_t>(n_rings));
    for (const auto& ring : rings) {
      EXPECT_EQ(ring->system().atoms.size(), 5u);
      bool both = false;
      for (std::size_t i = 0; i < ring->size(); ++i)
        for (std::size_t j = 0; j < i; ++j) both = both || are_opposite((*ring)[i], (*ring)[j]);
      EXPECT_TRUE(both);
    }
  }
}

TEST(ProlineRings, AreNotThoseOfOtherResidues) { EXPECT_TRUE(Case("WHF").rings().empty()); }

TEST(ProlineRings, DoNotFlipWithinALargerRing) {
  Case closed("PA");
  closed.built.topology.bonds.push_back({closed.atom(0, "N"), closed.atom(1, "CB")});
  EXPECT_TRUE(closed.rings().empty());
}

const Canonical& target() {
  static const Canonical kTarget(capped().energy, ReferenceMeasure::kCartesian);
  return kTarget;
}

std::shared_ptr<const Move> trajectories() {
  HamiltonianOptions options;
  options.time_step_ps = 0.001;
  options.n_steps = 20;
  return std::make_shared<HamiltonianMonteCarlo>(options, moving_particles(capped().system));
}

std::shared_ptr<const Move> flips() {
  return std::make_shared<Metropolis>(std::make_shared<RingFlip>(capped_rings()));
}

TEST(ProlineRings, DoNotFlipWithWhatIsNoPeptide) {
  Case tied("AP");
  tied.built.topology.residues.push_back({"LIG", "B", 1, ""});
  tied.built.topology.atoms.push_back({"C1", 6, 2});
  tied.built.topology.bonds.push_back({tied.atom(0, "CB"), tied.built.topology.n_atoms() - 1});
  EXPECT_TRUE(tied.rings().empty());
}

/// Chains of the capped proline that begin at its minimum.
ChainBatch at_minimum(std::size_t n_chains) {
  ChainBatch chains(n_chains, target().n_atoms(), {kTemperature_K});
  for (std::size_t c = 0; c < n_chains; ++c) {
    const auto from = capped().built.positions.view().chain(0);
    std::copy(from.begin(), from.end(), chains.positions.chain(c).begin());
  }
  target().refresh(chains);
  return chains;
}

/// After hybrid Monte Carlo.
ChainBatch equilibrated(std::size_t n_chains, std::uint64_t seed) {
  ChainBatch chains = at_minimum(n_chains);
  for (StepKey key{seed, 0}; key.step < 100; ++key.step)
    trajectories()->apply(chains, target(), key);
  return chains;
}

TEST(ProlineRings, FlipsAreBijectionsWithTheClaimedJacobian) {
  const RingStates& states = *capped_rings().at(0);
  const ChainBatch chains = equilibrated(4, test_seed(11));
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const auto x = chains.positions.view().chain(c);
    const std::size_t i = states.nearest(x), j = (i + 1) % states.size();
    const auto map = [&](std::size_t a, std::size_t b) -> CoordinateMap {
      return [&states, a, b](const std::vector<double>& from, double* log_abs_det) {
        std::vector<double> q(states.system().n_coordinates()), to = from;
        RingPose pose;
        *log_abs_det = -states[a].coordinates.measure(from, q, pose);
        *log_abs_det += states.carry(a, b, q);
        *log_abs_det += states[b].coordinates.build(q, pose, from, to);
        return to;
      };
    };
    BijectionInvariantOptions options;
    options.round_trip_tolerance = tolerance_scale() * 1e-10;  // nm
    expect_bijection_invariants(map(i, j), map(j, i), {{x.begin(), x.end()}}, options);
    // That comparison would see it if the determinant of the widths were left out.
    std::vector<double> q(states.system().n_coordinates());
    EXPECT_GT(std::abs(states.carry(i, j, q)), 100.0 * options.log_det_tolerance);
  }
}

TEST(ProlineRings, FlipsAreAcceptedAndKeepHandednessAndOtherAtoms) {
  const Case& molecule = capped();
  ChainBatch chains = equilibrated(256, test_seed(12));
  const ChainBatch before = chains;
  const auto outcomes = flips()->apply(chains, target(), {test_seed(12), 0}).records.at(0).outcomes;
  const auto handedness = [&](Span<const double> x) {
    const Vec3 ca = load_atom(x.data(), molecule.atom(1, "CA"));
    const auto from_ca = [&](const char* name) {
      return load_atom(x.data(), molecule.atom(1, name)) - ca;
    };
    return dot(from_ca("N"), cross(from_ca("C"), from_ca("CB")));
  };
  std::size_t n_accepted = 0;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    if (outcomes[c] != Outcome::kAccepted) continue;
    ++n_accepted;
    const auto x = chains.positions.view().chain(c), old = before.positions.view().chain(c);
    EXPECT_NE(capped_rings()[0]->nearest(x), capped_rings()[0]->nearest(old));
    EXPECT_GT(handedness(x) * handedness(old), 0.0);
    // Caps are rigid bodies in it.
    const auto distance = [&](Span<const double> y, std::size_t a, std::size_t b) {
      return norm(load_atom(y.data(), a) - load_atom(y.data(), b));
    };
    for (const auto& [residue, a, b] :
         {std::tuple(0, "CH3", "O"), {0, "HH31", "C"}, {2, "CH3", "HH31"}, {2, "N", "H"}}) {
      const auto r = static_cast<std::size_t>(residue);
      EXPECT_NEAR(distance(x, molecule.atom(r, a), molecule.atom(r, b)),
                  distance(old, molecule.atom(r, a), molecule.atom(r, b)),
                  tolerance_scale() * 1e-12);
    }
  }
  EXPECT_GT(n_accepted, kLeastAccepted * 256);
}

/// Share of C-gamma on one side, of each chain.
std::vector<double> shares(const Move& move, std::size_t n_steps, std::uint64_t seed) {
  ChainBatch chains = at_minimum(256);
  const std::size_t first = n_steps * 2 / 5;
  std::vector<double> result(chains.n_chains(), 0.0);
  for (StepKey key{seed, 0}; key.step < n_steps; ++key.step) {
    move.apply(chains, target(), key);
    if (key.step < first) continue;
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      result[c] += (chi1(chains.positions.view().chain(c)) < 0.0 ? 1.0 : 0.0) /
                   static_cast<double>(n_steps - first);
  }
  return result;
}

struct Estimate {
  double mean = 0.0, squared_error = 0.0;
};

Estimate estimate_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Estimate result;
  for (const double value : values) result.mean += value / n;
  for (const double value : values)
    result.squared_error += (value - result.mean) * (value - result.mean) / (n * (n - 1.0));
  return result;
}

TEST(ProlineRings, FlipsKeepTheSharesOfPuckers) {
  const Estimate without = estimate_of(shares(*trajectories(), 1200, test_seed(13)));
  const Sequence both({{trajectories(), 1}, {flips(), 1}});
  const Estimate with = estimate_of(shares(both, 300, test_seed(14)));
  // A share that is wrong by 0.1 is seen 99 times of 100; false alarm: 3e-3 of a new seed.
  const double error = std::sqrt(without.squared_error + with.squared_error);
  EXPECT_LT(error, 0.1 / (3.0 + 2.33));
  EXPECT_LT(std::abs(with.mean - without.mean), 3.0 * error);
}

TEST(PeptideBlockLeap, FlipsPeptideBondsAndRingsThatBlocksKeep) {
  const Case molecule("ACE-ALA-PRO-VAL-NHE");
  const auto model = arbitrary_peptide_model(molecule.peptides[0], 15);
  const auto leap =
      mlsamplers::peptide_block_leap(model,
                                     {molecule.peptides, molecule.built.topology, molecule.system,
                                      molecule.built.positions.view().chain(0)},
                                     {}, "model", nullptr);
  ChainBatch chains(16, molecule.built.topology.n_atoms(), {model.reference_temperature_K});
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const auto from = molecule.built.positions.view().chain(0);
    std::copy(from.begin(), from.end(), chains.positions.chain(c).begin());
  }
  // Torsions of the peptide bonds to residues 1 to 4, the last of which is NHE.
  const auto omega = [&](Span<const double> x, std::size_t r) {
    return torsion_angle(x, molecule.atom(r - 1, r == 1 ? "CH3" : "CA"), molecule.atom(r - 1, "C"),
                         molecule.atom(r, "N"), molecule.atom(r, r == 4 ? "HN1" : "CA"));
  };
  std::map<std::string, std::set<std::size_t>> turned;
  std::map<std::string, int> drawn;
  for (StepKey key{test_seed(15), 0}; key.step < 600; ++key.step) {
    const ProposalBatch batch = leap->sample(chains.view(), key);
    ++drawn[batch.kind];
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      for (std::size_t r = 1; r <= 4; ++r)
        if (std::cos(omega(batch.positions.view().chain(c), r) -
                     omega(chains.positions.view().chain(c), r)) < -0.5)
          turned[batch.kind].insert(r);
  }
  EXPECT_EQ(turned["proline_flip"], (std::set<std::size_t>{2}));
  EXPECT_EQ(turned["peptide_bond_flip"], (std::set<std::size_t>{1, 3}));
  EXPECT_EQ(turned["ring_flip"], std::set<std::size_t>());
  // 0.25 of 1.8, within four standard errors.
  EXPECT_NEAR(drawn["ring_flip"], 600 * 0.25 / 1.8, 4.0 * std::sqrt(600 * 0.139 * 0.861));
}

}  // namespace
}  // namespace saltus::tests
