#pragma once

#include <any>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/moves/move.h"
#include "engine/moves/proposal.h"
#include "engine/moves/temperature_map.h"
#include "engine/potential/energy_function.h"
#include "engine/rigid/harmonic_crystal.h"
#include "engine/rings/find_ring_states.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "engine/torsions/torsion_reset.h"
#include "io/deck/deck_table.h"
#include "mlsamplers/peptides/peptide_leap_options.h"
#include "mlsamplers/rigid/rigid_flow_walk.h"
#include "tools/saltus/decks/move_deck.h"

namespace saltus::tools {

struct AtomSelector;
struct MoveContext;

/// Densities of a molecule's torsions by name; any other name is the file of a torsion network.
inline constexpr const char* kNetworkTorsions = "default";  ///< of the network within Saltus
inline constexpr const char* kCrystalTorsions = "crystal";  ///< as found in crystals (ETKDG)
inline constexpr const char* kUniformTorsions = "uniform";

/// Name of the peptide model within Saltus; any other name is a file.
inline constexpr const char* kShippedPeptideModel = "default";

/// Densities of a molecule's torsions.
struct TorsionDensities {
  std::shared_ptr<const engine::TorsionModel> model;
  /// That they are for.
  double temperature_K = engine::TorsionResetOptions{}.model_temperature_K;
};

/// The kinds of learned proposals.
enum class LearnedKind {
  kLeap,           ///< of one molecule, in internal coordinates
  kTimewarp,       ///< of one molecule, a Timewarp flow
  kPeptideLeap,    ///< of a peptide's blocks, by a model for any peptide
  kRigidFlowWalk,  ///< of rigid molecules, in the coordinates of a flow's base
};

/// A learned proposal that a move asks for.
struct LearnedRequest {
  LearnedKind kind = LearnedKind::kLeap;
  /// [[proposal]] of that name, or [leap] when it is empty; of peptide leaps the model: its file,
  /// or kShippedPeptideModel; of walks by a flow the file of the flow.
  std::string name;
  mlsamplers::PeptideLeapOptions peptide = {};      ///< of peptide leaps
  mlsamplers::RigidFlowWalkOptions flow_walk = {};  ///< of walks by a flow
};

/// What may carry configurations between temperatures.
enum class MapKind {
  kNone,          ///< nothing: they are exchanged as they are
  kPeptideModel,  ///< of peptides, by a model for any peptide
  kHarmonic,      ///< rigid molecules, scaled about the poses of a minimum of the energy
  kRigidFlows,    ///< rigid molecules, by trained flows
};

/// A map between temperatures that a move asks for.
struct MapRequest {
  MapKind kind = MapKind::kNone;
  /// The peptide model, named as in LearnedRequest; or the files of the flows.
  std::vector<std::string> names = {};
};

/// How puckers of rings are looked for.
struct RingRequest {
  std::size_t n_kicks = engine::RingSearchOptions{}.n_kicks;
  double energy_window = engine::RingSearchOptions{}.energy_window;  ///< kJ/mol
};

/// What moves are made of. Parts that need a heavy library are asked for by name, so that the table
/// of kinds knows none.
struct MoveIngredients {
  const engine::Topology& topology;
  const engine::System& system;
  std::shared_ptr<const engine::EnergyFunction> energy;
  std::shared_ptr<engine::ThreadPool> pool;
  std::size_t ladder_size = 1;
  /// Any learned proposal.
  /// @throws InputError  when the molecule is none that a peptide leap supports
  /// @throws ModelError  when a peptide model does not fit
  std::function<std::shared_ptr<const engine::Proposal>(const LearnedRequest& request)> learned;
  /// @throws InputError  when the molecule's bond orders are not known
  std::function<std::shared_ptr<const engine::TorsionGraph>()> torsion_graph;
  std::function<TorsionDensities(const std::string& name)> torsion_densities;
  /// What carries configurations between the temperatures of the ladder; not of MapKind::kNone.
  /// @throws InputError  when the molecule is none that it supports, or, of flows, the box is
  ///                     another one
  /// @throws ModelError  when a model does not fit, or flows and pairs of neighbours do not
  std::function<std::shared_ptr<const engine::TemperatureMap>(const MapRequest& request)>
      temperature_map = {};
  /// The puckers of the molecule's rings, found at its lowest temperature; may be none.
  /// @throws InputError  when the molecule's bond orders are not known
  std::function<engine::RingSearch(const RingRequest& request)> ring_states = {};
  engine::Span<const double> positions = {};  ///< [N, 3], nm, of the molecule as it was read
  /// The harmonic approximation about the minimum of the energy that is next to these positions,
  /// in the box of the system; rigid molecules.
  /// @throws InputError      when something is not rigid, or the minimum is none
  /// @throws NumericalError  as engine::find_harmonic_minimum
  std::function<std::shared_ptr<const engine::HarmonicCrystal>()> harmonic_crystal = {};
  /// The one atom that a selector fits; `where` starts messages.
  /// @throws InputError  when it fits no atom or several
  std::function<std::size_t(const AtomSelector& selector, const std::string& where)> atom = {};
};

/// The step of a kind that warm-up tunes.
struct TunedStep {
  const char* unit = "";
  double initial = 0.0;  ///< where tuning starts when the deck does not say
  double largest = 0.0;  ///< a move would not get better beyond
  /// What no molecule asks for: when tuning ends below, something is wrong with the energy.
  double smallest = 0.0;
  double usual_acceptance = 0.0;                 ///< what it is tuned to when the deck does not say
  std::function<double&(std::any& options)> of;  ///< where it stands among the options
};

/// What a kind has whose protocol can be left to warm-up.
struct DrivenKind {
  /// The move without a protocol, with which the others are compared.
  std::function<MoveDeck(const MoveDeck& move)> at_once;
  /// As engine::ProtocolCandidate::counts, of a move that the kind has built; empty: all count.
  std::function<std::vector<bool>(const engine::Move& move, const engine::ChainBatch& chains,
                                  const engine::StepKey& key)>
      counts = {};
};

/// What stands in a move's tables below its own keys.
enum class MoveParts {
  kNone,
  kMoves,     ///< [[move.part]]: moves of which one is drawn
  kProposal,  ///< [move.proposal]: a kind that proposes
};

/// A row of the table of kinds (move_rows.h): everything the program knows of one kind of move.
/// Moves are made by `propose` (then Metropolis decides) or by `build`; a mixture has neither.
struct MoveKind {
  const char* name = "";         ///< in decks: "torsion_walk"
  const char* description = "";  ///< a line for the deck of defaults
  const char* words = "";        ///< what sentences call it: "a torsion walk"
  /// What its moves need, those of its parts left out. Known before anything is built, since a
  /// model may have to be trained first.
  engine::MoveRequirements requirements;
  MoveParts parts = MoveParts::kNone;
  bool learned = false;          ///< draws from a learned proposal
  bool timewarp = false;         ///< learned, a Timewarp flow; else in internal coordinates
  bool leaps = false;            ///< of a trained model; comparisons tell their acceptance
  bool bond_orders = false;      ///< is made from the molecule's torsion graph
  bool seldom_accepted = false;  ///< even where all is well
  std::optional<TunedStep> tuned;
  std::optional<DrivenKind> driven;

  /// Reads the kind's own keys into move.options; empty when it has none.
  std::function<void(io::DeckTable& table, const MoveContext& context, MoveDeck& move)> read;
  /// Finds out before anything is computed whether the molecule has what the move works on; may be
  /// empty.
  /// @throws InputError  saying what it lacks
  std::function<void(const MoveDeck& move, const MoveIngredients& from)> check;
  std::function<std::shared_ptr<const engine::Proposal>(const MoveDeck& move,
                                                        const MoveIngredients& from)>
      propose;
  std::function<std::shared_ptr<const engine::Move>(const MoveDeck& move,
                                                    const MoveIngredients& from)>
      build;
  /// The map by which a move carries configurations between temperatures; null for a move without
  /// one, empty for kinds that never have one. MoveDeck::has_map says the same of decks.
  std::function<std::shared_ptr<const engine::TemperatureMap>(const MoveDeck& move,
                                                              const MoveIngredients& from)>
      map = {};
};

/// What a move and its parts need.
engine::MoveRequirements requirements_of(const MoveDeck& move);

/// The step that warm-up tunes, in the row's unit.
/// @throws InternalError  when the kind has none
double step_of(const MoveDeck& move);
MoveDeck with_step(MoveDeck move, double step);

/// The move with one of its protocols, and no other to choose from.
/// @throws InternalError  when there is none of that number
MoveDeck with_protocol(MoveDeck move, std::size_t protocol);

/// As MoveKind::check, for a move and its parts.
void check_move(const MoveDeck& move, const MoveIngredients& from);

/// The move, or what it proposes.
/// @throws InputError     when it cannot work on the molecule
/// @throws InternalError  for kinds that cannot
std::shared_ptr<const engine::Move> build_move(const MoveDeck& move, const MoveIngredients& from);
std::shared_ptr<const engine::Proposal> build_proposal(const MoveDeck& move,
                                                       const MoveIngredients& from);

}  // namespace saltus::tools
