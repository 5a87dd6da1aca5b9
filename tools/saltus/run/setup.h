#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/ensemble/target_density.h"
#include "engine/potential/decorators.h"
#include "engine/system/close_contacts.h"
#include "mlsamplers/leap/leap_model.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/molecules/molecule.h"
#include "tools/saltus/run/move_builder.h"
#include "tools/saltus/run/observables.h"
#include "tools/saltus/run/pilot.h"
#include "tools/saltus/run/record.h"
#include "tools/saltus/run/rigid_source.h"
#include "tools/saltus/run/ring_source.h"
#include "tools/saltus/run/torsion_source.h"

namespace saltus::tools {

/// Parts of a run's random numbers; production uses the deck's seed itself.
enum class RunPhase : std::uint32_t {
  kPilot = 1,
  kTraining,
  kTuning,
  kWarmUp,
  kVelocities,
  kComparison
};

/// Seed of a phase, independent of the others.
std::uint64_t phase_seed(std::uint64_t seed, RunPhase phase);

/// What a deck's first sections make: everything production needs but the chains.
struct RunSetup {
  Molecule molecule;
  std::shared_ptr<engine::ThreadPool> pool;
  /// What all energies below, and those of start_positions(), count into.
  std::shared_ptr<engine::EvaluationCount> evaluations;
  std::shared_ptr<const engine::EnergyFunction> energy;
  std::shared_ptr<const engine::TargetDensity> target;  ///< what production samples
  /// The same at a fixed box and without pressures: what preparation works on.
  std::shared_ptr<const engine::TargetDensity> fixed_box;
  std::vector<NamedTorsion> torsions;
  std::shared_ptr<TorsionSource> torsion_source;  ///< of moves that turn bonds
  std::shared_ptr<RingSource> ring_source;        ///< of moves of rings
  std::shared_ptr<RigidSource> rigid_source;      ///< of moves of rigid molecules
  /// Pairs of the input, too close for their opposite charges, that start_positions() separates.
  std::vector<engine::CloseContact> to_separate;
};

/// Reads the molecule, builds the energy, prints notes, compares backends if the deck says so.
/// @throws InputError  when a move of the deck does not fit the molecule: its constraints,
///                     restraints or atoms of mass 0; when there is a pressure and no periodic box;
///                     when a uniform field would accelerate the
///                     molecule without limit; and as check_contacts() does
RunSetup set_up(const RunDeck& deck, Progress& progress);

/// The input positions, minimised unless the deck starts from them as they are, moved onto the
/// constraints; in the box of the system, if it has one. Atoms too close for their opposite
/// charges are separated first, with a warning.
/// @throws NumericalError  naming two atoms when the energy diverges during the minimisation
std::vector<double> start_positions(const RunDeck& deck, const RunSetup& setup, Progress& progress);

/// All chains at their start: copies of one structure, or frames of the pilot.
engine::ChainBatch start_chains(const RunDeck& deck, const RunSetup& setup,
                                const std::vector<double>& start,
                                const std::optional<PilotResult>& pilot);

/// OpenMM's own Langevin dynamics of the same molecule, for comparison.
engine::SamplerEfficiency run_comparison(const RunDeck& deck, const RunSetup& setup,
                                         const std::vector<double>& start, Progress& progress);

/// The model card as a report shows it.
std::vector<std::pair<std::string, std::string>> card_entries(const mlsamplers::ModelCard& card);

}  // namespace saltus::tools
