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

/// A [[proposal]] of which only the name has been read, empty when it is wrong.
struct ProposalTable {
  std::string name;
  io::DeckTable table;
};
std::vector<ProposalTable> read_proposal_names(io::DeckTable& root);

/// Reads [leap.timewarp] or [proposal.timewarp]: size and training of a Timewarp flow.
mlsamplers::TimewarpTrainingOptions read_timewarp(io::DeckTable table);

/// What other sections say that models and the pilot depend on.
struct LearningContext {
  /// Of the run; nothing when it could not be read or there is a ladder.
  std::optional<double> temperature_K;
  bool moves_known = true, start_known = true;  ///< could be read
  std::vector<ProposalTable> proposals;
};
/// Reads what is left of [[proposal]], [leap] and [pilot]; moves and chains have been read.
void read_learning(io::DeckTable& root, const LearningContext& context, RunDeck& deck);

/// What other sections say that moves have to agree with; nothing when that could not be read.
struct MoveContext {
  std::optional<bool> ladder;       ///< more than one temperature
  std::optional<bool> pressure;     ///< there is one
  std::optional<bool> tune;         ///< warm-up tunes step sizes
  std::optional<bool> bond_orders;  ///< the molecule's file has them
  const ExternalDeck* external = nullptr;
  bool has_proposals = false;          ///< there is [[proposal]]
  std::vector<std::string> proposals;  ///< their names, as far as they could be read
};

struct MoveList {
  std::vector<MoveDeck> moves;
  bool complete = true;  ///< false when some entry is of an unknown kind: it may be any
};

/// Reads the [[move]] tables.
MoveList read_moves(io::DeckTable& root, const MoveContext& context);

/// Takes over the protocols that a move's table has: one becomes its options, of several warm-up
/// chooses, after trials whose number is read.
/// @param name  the key with the alternatives, for messages
void take_protocols(io::DeckTable& table, const std::string& name, const MoveContext& context,
                    std::vector<ProtocolDeck> protocols, MoveDeck& move);

/// The [[proposal]] that a learned move names; empty when the deck has none.
std::string read_proposal_of_move(io::DeckTable& table, const MoveContext& context);

/// Adds an error at a key of a move that is made for one box when there is a pressure.
void require_constant_box(io::DeckTable& table, const std::string& name,
                          const MoveContext& context);

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
