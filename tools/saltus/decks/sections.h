#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/deck/deck_table.h"
#include "tools/saltus/decks/run_deck.h"

namespace saltus::tools {

SystemDeck read_system(io::DeckTable table);
EnergyDeck read_energy(io::DeckTable table);

/// Reads [[restraint]] and [field].
ExternalDeck read_external(io::DeckTable& root);

/// Reads "2:CA" or "A/2:CA" from each text of a list; adds an error at each entry that is neither.
std::vector<AtomSelector> read_atoms(io::DeckTable& table, const std::string& name,
                                     const std::vector<std::string>& texts);
/// Adds an error unless there are as many atoms as a torsion has.
void check_four_atoms(io::DeckTable& table, const std::string& name, std::size_t n_atoms);

/// @param temperature_K  of the run; nothing when it could not be read or there is a ladder
PilotDeck read_pilot(io::DeckTable table, std::optional<double> temperature_K);
LeapDeck read_leap(io::DeckTable table);
/// A pair of frames one lag apart has to exist in the pilot.
void check_lag(io::DeckTable leap_table, const LeapDeck& leap, io::DeckTable pilot_table,
               const PilotDeck& pilot);

/// What other sections say that moves have to agree with; nothing when that could not be read.
struct MoveContext {
  std::optional<bool> ladder;       ///< more than one temperature
  std::optional<bool> tune;         ///< warm-up tunes step sizes
  std::optional<bool> bond_orders;  ///< the molecule's file has them
  const ExternalDeck* external = nullptr;
};

struct MoveList {
  std::vector<MoveDeck> moves;
  bool complete = true;  ///< false when some entry is of an unknown kind: it may be any
};

/// Reads the [[move]] tables.
MoveList read_moves(io::DeckTable& root, const MoveContext& context);

/// True when a time is a whole multiple of another, to one part in a million.
bool is_multiple(double value_ps, double of_ps);

/// Adds an error unless a time is a whole multiple of another of the same table: it would have to
/// be rounded.
void check_multiple(io::DeckTable& table, const std::string& name, double value_ps,
                    const std::string& of_name, double of_ps);

/// Adds an error at each temperature that is not above the one before.
void check_ascending(io::DeckTable& table, const std::string& name,
                     const std::vector<double>& temperatures_K);

}  // namespace saltus::tools
