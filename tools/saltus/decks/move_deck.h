#pragma once

#include <any>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/moves/requirements.h"

namespace saltus::tools {

struct MoveKind;

/// The options of a move with one protocol.
struct ProtocolDeck {
  std::string name;  ///< "400 steps"
  std::any options;
};

/// Drives of each protocol, enough to see an acceptance of one in ten and to spend no more on it
/// than on a short run.
inline constexpr std::size_t kTrialsOfProtocol = 40;

/// [[move]]; inside a mixture [[move.part]]; in a move made of a proposal its [move.proposal].
struct MoveDeck {
  std::string section;             ///< as messages call it: "move[0].part[1]"
  const MoveKind* kind = nullptr;  ///< the row of the table of kinds (move_kind.h)
  std::any options;                ///< what its own keys say, of the type that the row has read
  std::size_t repeat = 1;
  double weight = 1.0;   ///< inside a mixture
  std::string proposal;  ///< of a learned kind: name of its [[proposal]]; empty: [leap]
  /// What warm-up tunes the step to, for kinds that have one; 0: the step stays as given.
  double target_acceptance = 0.0;
  /// Files named by its own keys, by key; a run can only be resumed with the same files.
  std::vector<std::pair<std::string, std::filesystem::path>> files;
  engine::MoveRequirements requirements;  ///< by its options, beyond those of its kind
  /// What warm-up chooses a protocol from (MoveKind::driven); empty: `options` has the only one,
  /// else the first of these.
  std::vector<ProtocolDeck> protocols;
  std::size_t n_trials = kTrialsOfProtocol;  ///< of each
  std::vector<MoveDeck> parts;               ///< of a mixture; or the one whose proposal is used
  /// Models for many molecules that it draws from, as texts call them; no run trains these.
  std::vector<std::string> ready_models;
  bool moves_peptides = false;  ///< it takes a system apart into peptides and other atoms
  bool has_map = false;         ///< it carries configurations between temperatures, MoveKind::map

  /// The options.
  /// @throws InternalError  when they are of another type
  template <class Options>
  const Options& as() const {
    if (const auto* found = std::any_cast<Options>(&options)) return *found;
    throw engine::InternalError("a move's options are not of the type that was asked for");
  }
};

}  // namespace saltus::tools
