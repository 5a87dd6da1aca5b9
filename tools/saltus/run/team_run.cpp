#include "tools/saltus/run/team_run.h"

#include <string>
#include <vector>

#include "engine/core/error.h"
#include "io/deck/key_places.h"
#include "tools/saltus/molecules/energies.h"
#include "tools/saltus/run/identity.h"

namespace saltus::tools {

std::shared_ptr<const engine::Move> shared_moves(const RunDeck& deck, const RunSetup& setup,
                                                 const LeapModels& models, const RunRecord& record,
                                                 MoveSharing& sharing) {
  return sharing.sequence(
      build_parts(deck.moves, ingredients_of(deck, setup, models), record.tuned),
      record_to_json(record), setup.evaluations);
}

void check_shareable(const RunDeck& deck, const RunSetup& setup, const ProcessTeam& team) {
  if (backend_for(deck.energy, setup.molecule.system) == EnergyBackend::kOpenMM)
    throw engine::InputError(
        "energy.backend: OpenMM's energies depend in their last digits on what it computed before, "
        "so that a run shared out over " +
        std::to_string(team.size()) +
        " processes would not have the numbers of one; set energy.backend = \"native\", or start "
        "the run without a launcher, with energy.threads");
  const std::size_t n_chains = deck.chains.count * deck.temperatures_K.size();
  if (n_chains < team.size())
    throw engine::InputError("chains.count: " + std::to_string(n_chains) +
                             " chains (with all temperatures) cannot be shared out over " +
                             std::to_string(team.size()) +
                             " processes; start fewer processes or use more chains");
}

namespace {

/// Each process reads deck and molecule itself, perhaps on another machine.
void require_same(const RunIdentity& of_leader, const RunIdentity& own, std::size_t rank) {
  if (of_leader.empty()) return;  // resumed from a checkpoint of an earlier version
  const std::string differing = differences(of_leader, own, false);
  if (!differing.empty())
    throw engine::InputError("process " + std::to_string(rank) +
                             " has not read what process 0 has read: " + differing +
                             "; all machines of a run must see the same files");
}

void serve_run(const LoadedRunDeck& loaded, ProcessTeam& team) {
  const RunDeck& deck = loaded.deck;
  Progress quiet(true);
  const RunSetup setup = set_up(deck, quiet);
  const RunIdentity own = run_identity(loaded, setup.molecule);
  LeapModels models;
  std::vector<PartGroup> groups;
  bool begun = false;
  while (true) {
    const std::string note = serve_moves(team, groups, *setup.target, *setup.evaluations);
    if (note.empty()) return;
    RunRecord record = record_from_json(note, "the message of process 0");
    if (!begun) {
      require_same(record.identity, own, team.rank());
      models = models_again(deck, setup, record.models);
      begun = true;
    }
    groups = groups_of(build_parts(deck.moves, ingredients_of(deck, setup, models), record.tuned));
  }
}

}  // namespace

void help_run(const LoadedRunDeck& deck, ProcessTeam& team) {
  io::with_places(deck.places, [&] { serve_run(deck, team); });
}

}  // namespace saltus::tools
