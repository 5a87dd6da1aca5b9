// Oracle: what moves say of themselves once they are built, beside what the table of kinds says of
// them before, and counts that follow from a deck.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/units.h"
#include "engine/ensemble/canonical.h"
#include "engine/leap/lane_leap.h"
#include "engine/moves/move.h"
#include "engine/run/simulation.h"
#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/leap/leap_proposal.h"
#include "mlsamplers/rigid/harmonic_flow.h"
#include "mlsamplers/rigid/rigid_flow_walk.h"
#include "mlsamplers/timewarp/timewarp_proposal.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/decks/move_kinds.h"
#include "tools/saltus/molecules/atom_selection.h"
#include "tools/saltus/molecules/energies.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/run/move_builder.h"
#include "tools/saltus/run/torsion_source.h"

namespace saltus::tools {
namespace {

using engine::InputError;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::message_of;

constexpr std::size_t kChains = 4;

/// Atenolol with MMFF94: it has torsions and a nitrogen that can turn inside out.
class BuiltMoves : public testing::Test {
 protected:
  static RunDeck deck_of(const std::string& moves, bool ladder = false) {
    const std::string text =
        "schema = 1\n[system]\ncoordinates = \"data/molecules/atenolol.sdf\"\n"
        "force_field = \"mmff94\"\n[output]\ndirectory = \"out\"\n[ensemble]\n" +
        std::string(ladder ? "temperatures = [300, 400]\n" : "temperature = 300\n") +
        (moves.find("\"volume\"") == std::string::npos ? "" : "pressure = \"1 bar\"\n") + moves;
    return parse_run_deck(text, "deck.toml", SALTUS_TEST_SOURCE_DIR, {}).deck;
  }

  /// Keys without which a kind cannot be; the model is not read here.
  static std::string own_keys(const MoveKind& kind) {
    if (kind.name == std::string("driven_torsion"))
      return "atoms = [\"1:C1\", \"1:C2\", \"1:N1\", \"1:C4\"]\nsteps = 5\n";
    return kind.name == std::string("peptide_leap") || kind.name == std::string("rigid_flow_walk")
               ? "model = \"data/models/alanine_dipeptide_310K.leap.safetensors\"\n"
               : "";
  }

  /// A deck's text of one move of a kind.
  static std::string one(const MoveKind& kind) {
    std::string text = "[[move]]\nkind = \"" + std::string(kind.name) + "\"\n" + own_keys(kind);
    if (kind.parts == MoveParts::kProposal) text += "[move.proposal]\nkind = \"torsion_walk\"\n";
    if (kind.parts == MoveParts::kMoves)
      text += "[[move.part]]\nkind = \"hmc\"\n[[move.part]]\nkind = \"torsion_walk\"\n";
    if (kind.learned)
      text += "[leap]\nmodel = \"data/models/alanine_dipeptide_310K.leap.safetensors\"\n";
    return text;
  }

  BuiltMoves() : molecule_(load_molecule(deck_of("[[move]]\nkind = \"hmc\"\n").system, {})) {
    pool_ = make_thread_pool(1);
    energy_ = make_energy({}, molecule_.system, pool_);
    source_ = std::make_shared<TorsionSource>(molecule_.chem);
    atoms_.topology.atoms = {{"AR", 18, 0}, {"AR", 18, 1}};
    atoms_.topology.residues = {{"AR", "", 1, "", 0}, {"AR", "", 2, "", 0}};
    atoms_.system.masses = {40.0, 40.0};
    atoms_.system.nonbonded = engine::Nonbonded{};
    atoms_.system.nonbonded->particles = {{0.0, 0.34, 1.0}, {0.0, 0.34, 1.0}};
    atoms_.positions = {0.0, 0.0, 0.0, 0.4, 0.0, 0.0};
    make_waters();
  }

  /// Three rigid water molecules that do not touch, and a crystal of them.
  void make_waters() {
    constexpr double kBond_nm = 0.09572, kHalfAngle = 52.26 * engine::kRadianPerDegree;
    const double along = kBond_nm * std::cos(kHalfAngle), aside = kBond_nm * std::sin(kHalfAngle);
    for (std::size_t i = 0; i < 9; i += 3) {
      const double x = 0.1 * static_cast<double>(i);
      const std::size_t residue = waters_.topology.residues.size();
      waters_.topology.residues.push_back({"HOH", "", static_cast<int>(residue) + 1, "", 0});
      for (const int element : {8, 1, 1}) {
        waters_.topology.atoms.push_back({"X", element, residue});
        waters_.system.masses.push_back(element == 8 ? 16.0 : 1.0);
      }
      waters_.positions.insert(waters_.positions.end(),
                               {x, 0.0, 0.0, x + along, aside, 0.0, x + along, -aside, 0.0});
      waters_.system.constraints.push_back({i, i + 1, kBond_nm});
      waters_.system.constraints.push_back({i, i + 2, kBond_nm});
      waters_.system.constraints.push_back({i + 1, i + 2, 2.0 * aside});
    }
    bodies_ = std::make_shared<const engine::RigidBodies>(waters_.system, waters_.positions,
                                                          &waters_.topology);
    engine::HarmonicMinimum minimum;
    minimum.sites = bodies_->poses(waters_.view(), 0);
    const std::size_t n = 6 * minimum.sites.size() - 3;
    minimum.hessian.assign(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) minimum.hessian[i * (n + 1)] = 1000.0;
    crystal_ = std::make_shared<const engine::HarmonicCrystal>(bodies_, minimum);
  }

  /// Of an untrained flow, which needs a box.
  std::shared_ptr<const engine::Proposal> flow_walk(const LearnedRequest& request) const {
    engine::CoordinateBatch structure = engine::CoordinateBatch::repeated(waters_.view(), 1);
    const std::vector<double> rows = {3.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 3.0};
    structure.set_boxes({engine::Box::from_vectors(rows)});
    return std::make_shared<const mlsamplers::RigidFlowWalk>(
        request.flow_walk,
        std::make_shared<const mlsamplers::RigidFlowModel>(
            mlsamplers::harmonic_flow(*bodies_, structure.view(), 400.0, 300.0)),
        bodies_);
  }

  MoveIngredients ingredients() const {
    const auto learned =
        [this](const LearnedRequest& request) -> std::shared_ptr<const engine::Proposal> {
      if (request.kind == LearnedKind::kTimewarp) return timewarp();
      if (request.kind == LearnedKind::kPeptideLeap) {
        // Any leap over a range of temperatures stands for one of peptides.
        auto weights = mlsamplers::load_leap_weights(request.name).weights;
        weights.max_temperature_K = 2.0 * weights.temperature_K;
        return std::make_shared<const engine::LaneLeap>(weights, nullptr);
      }
      const auto file = mlsamplers::load_leap_weights(
          SALTUS_TEST_SOURCE_DIR "/data/models/alanine_dipeptide_310K.leap.safetensors");
      return std::make_shared<const mlsamplers::LeapProposal>(file.weights, nullptr);
    };
    return {molecule_.topology,
            molecule_.system,
            energy_,
            pool_,
            2,
            learned,
            [this] { return source_->graph(); },
            [this](const std::string& name) { return source_->densities(name); },
            {},
            [this](const RingRequest&) { return rings(); },
            molecule_.positions,
            {},
            [this](const AtomSelector& selector, const std::string& where) {
              return select_atom(selector, molecule_.topology, where);
            }};
  }

  /// What a kind can be made from: two atoms for moves of rigid bodies, as atenolol is none, and
  /// flows and crystals of water.
  MoveIngredients ingredients_for(const MoveKind& kind) const {
    if (!kind.requirements.rigid_molecules) return ingredients();
    return {atoms_.topology,
            atoms_.system,
            make_energy({}, atoms_.system, pool_),
            pool_,
            2,
            [this](const LearnedRequest& request) { return flow_walk(request); },
            {},
            {},
            {},
            {},
            atoms_.positions,
            [this] { return crystal_; }};
  }

  /// Two states of a ring, which atenolol's does not have.
  engine::RingSearch rings() const {
    engine::RingSystem system;
    const auto graph = source_->graph();
    for (const engine::GraphBond& bond : graph->bonds)
      if (bond.in_ring)
        for (const std::size_t atom : {bond.first, bond.second})
          if (std::count(system.atoms.begin(), system.atoms.end(), atom) == 0)
            system.atoms.push_back(atom);
    system.torsions = {{system.atoms[0], system.atoms[1], system.atoms[2], system.atoms[3]}};
    const auto shared = std::make_shared<const engine::RingSystem>(system);
    std::vector<double> points;
    for (const std::size_t atom : system.atoms)
      points.insert(points.end(), &molecule_.positions[3 * atom],
                    &molecule_.positions[3 * atom] + 3);
    const engine::RingCoordinates coordinates(shared, points, nullptr);
    const std::size_t d = coordinates.size();
    engine::RingState state{coordinates, {0.1}, {}, std::vector<double>(d, 0.0), {}, 0.0};
    for (std::size_t i = 0; i < d * d; ++i)
      state.covariance.push_back(i % (d + 1) == 0 ? 1e-5 : 0.0);
    engine::RingState other = state;
    other.torsions = {-0.1};
    const std::vector<engine::RingState> states = {state, other};
    return {{std::make_shared<const engine::RingStates>(graph, shared, states)}, {}};
  }

  std::shared_ptr<const engine::Proposal> timewarp() const {
    mlsamplers::TimewarpShape shape;
    shape.n_couplings = 2;
    mlsamplers::ModelCard card;
    card.temperature_K = 300.0;
    mlsamplers::TimewarpModel model =
        mlsamplers::timewarp_model_for(molecule_.topology, shape, card);
    mlsamplers::randomise(model, {1, 0}, 0.05);
    return std::make_shared<const mlsamplers::TimewarpProposal>(model, nullptr);
  }

  engine::ChainBatch chains(const engine::TargetDensity& target) const {
    engine::ChainBatch result(kChains, molecule_.topology.n_atoms(), {300.0});
    for (std::size_t c = 0; c < kChains; ++c) {
      std::copy(molecule_.positions.begin(), molecule_.positions.end(),
                result.positions.chain(c).begin());
      result.states[c].temperature_K = c % 2 == 0 ? 300.0 : 400.0;
    }
    target.refresh(result);
    return result;
  }

  Molecule molecule_, atoms_, waters_;
  std::shared_ptr<const engine::RigidBodies> bodies_;
  std::shared_ptr<const engine::HarmonicCrystal> crystal_;
  std::shared_ptr<engine::ThreadPool> pool_;
  std::shared_ptr<const engine::EnergyFunction> energy_;
  std::shared_ptr<TorsionSource> source_;
};

TEST_F(BuiltMoves, NeedWhatTheirRowsSay) {
  std::size_t n = 0;
  for (const MoveKind& kind : move_kinds()) {
    SCOPED_TRACE(kind.name);
    if (kind.parts == MoveParts::kMoves) continue;
    const MoveDeck move = deck_of(one(kind), kind.requirements.several_temperatures).moves.at(0);
    EXPECT_TRUE(build_move(move, ingredients_for(kind))->requirements() == requirements_of(move));
    ++n;
  }
  EXPECT_EQ(n, move_kinds().size() - 1);
}

TEST_F(BuiltMoves, NeedWhatTheirProposalsNeed) {
  for (const MoveKind& kind : move_kinds()) {
    if (kind.parts != MoveParts::kProposal) continue;
    for (const MoveKind& proposal : move_kinds()) {
      if (!proposal.propose) continue;
      SCOPED_TRACE(std::string(kind.name) + " of " + proposal.name);
      std::string text = "[[move]]\nkind = \"" + std::string(kind.name) +
                         "\"\n[move.proposal]\nkind = \"" + proposal.name + "\"\n" +
                         own_keys(proposal);
      if (proposal.learned) text += one(proposal).substr(one(proposal).find("[leap]"));
      const MoveDeck move = deck_of(text).moves.at(0);
      const auto built = build_move(move, ingredients_for(proposal));
      EXPECT_TRUE(built->requirements() == requirements_of(move));
      const bool biased = std::string(kind.name).rfind("biased", 0) == 0;
      EXPECT_EQ(built->invariance(),
                biased ? engine::Invariance::kApproximate : engine::Invariance::kExact);
    }
  }
}

TEST_F(BuiltMoves, AreCalledApproximateWhenTheySaySo) {
  std::string all;
  for (const MoveKind& kind : move_kinds())
    if (!kind.requirements.several_temperatures && !kind.requirements.rigid_molecules)
      all += kind.learned ? "" : one(kind);
  const RunDeck deck = deck_of(all + one(move_kind("langevin")) + one(move_kind("learned_leap")));
  EXPECT_THAT(approximate_moves(deck.moves, ingredients()),
              ElementsAre("langevin", "openmm_langevin", "biased_exploration", "langevin_2"));
}

TEST_F(BuiltMoves, HaveLabelsInTheOrderOfTheDeck) {
  const auto moves = elementary_moves(
      deck_of("[[move]]\nkind = \"hmc\"\n[[move]]\nkind = \"mixture\"\n[[move.part]]\n"
              "kind = \"torsion_walk\"\n[[move.part]]\nkind = \"hmc\"\n[[move]]\n"
              "kind = \"multiple_try\"\n[move.proposal]\nkind = \"torsion_walk\"\n[[move]]\n"
              "kind = \"torsion_walk\"\n")
          .moves);
  std::vector<std::string> labels;
  for (const LabelledMove& move : moves) labels.push_back(move.label);
  EXPECT_THAT(labels,
              ElementsAre("hmc", "torsion_walk", "hmc_2", "multiple_try", "torsion_walk_2"));
}

TEST_F(BuiltMoves, MoveChainsAndCarryTheirEnergies) {
  const engine::Canonical target(energy_, engine::measure_of(molecule_.system));
  for (const MoveKind& kind : move_kinds()) {
    SCOPED_TRACE(kind.name);
    // Their models are another molecule's.
    if (kind.learned || kind.name == std::string("peptide_leap")) continue;
    if (kind.requirements.rigid_molecules) continue;  // atenolol is flexible
    // A molecule in vacuum has no box to change.
    if (kind.requirements.pressure) continue;
    const RunDeck deck = deck_of(one(kind), kind.requirements.several_temperatures);
    for (const MoveDeck& move : deck.moves) check_move(move, ingredients());
    engine::ChainBatch moved = chains(target);
    const auto info = build_moves(deck.moves, ingredients(), {})->apply(moved, target, {1, 0});
    ASSERT_EQ(info.records.size(), 1u);
    EXPECT_EQ(kind_of_label(info.records[0].name) == &kind, kind.parts != MoveParts::kMoves);
    EXPECT_EQ(info.records[0].outcomes.size(), kChains);
    engine::ChainBatch fresh = moved;
    target.refresh(fresh);
    for (std::size_t c = 0; c < kChains; ++c)
      EXPECT_NEAR(moved.energies[c], fresh.energies[c],
                  engine::SimulationOptions{}.energy_tolerance *
                      std::max(1.0, std::abs(fresh.energies[c])));
  }
}

TEST_F(BuiltMoves, ResetTorsionsByAllDensities) {
  for (const char* name : {kNetworkTorsions, kCrystalTorsions, kUniformTorsions,
                           SALTUS_TEST_SOURCE_DIR "/data/models/torsion_mixtures.safetensors"}) {
    SCOPED_TRACE(name);
    const TorsionDensities densities = source_->densities(name);
    EXPECT_EQ(densities.model->n_torsions(), source_->graph()->torsions.size());
    EXPECT_EQ(densities.temperature_K, 300.0);
    // Made once.
    EXPECT_EQ(source_->densities(name).model, densities.model);
  }
}

TEST_F(BuiltMoves, AreRefusedWhenTheMoleculeLacksWhatTheyMove) {
  const auto check = [&](const std::string& text) {
    return message_of<InputError>([&] { check_move(deck_of(text).moves.at(0), ingredients()); });
  };
  EXPECT_THAT(check("[[move]]\nkind = \"torsion_reset\"\ntorsions = 50\n"),
              HasSubstr(" torsions that can be turned, but torsions is 50; reset fewer, or leave "
                        "this move out"));
  EXPECT_THAT(check("[[move]]\nkind = \"rigid_walk\"\n"),
              HasSubstr("are bonded, but no constraints hold them: the molecule is flexible"));
  TorsionSource without(nullptr);
  EXPECT_EQ(message_of<InputError>([&] { without.graph(); }),
            "torsion moves need bond orders, which only .sdf and .mol files have; give "
            "system.coordinates as one of these, with force_field = \"mmff94\" or \"mmff94s\"");
}

}  // namespace
}  // namespace saltus::tools
