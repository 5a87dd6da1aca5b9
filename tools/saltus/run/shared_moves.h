#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/moves/composites.h"
#include "engine/moves/move.h"
#include "engine/potential/decorators.h"
#include "tools/saltus/common/process_team.h"

namespace saltus::tools {

/// Neighbouring parts of a sequence of moves, as a sequence of its own that draws the same numbers
/// as within the whole when it gets the key of the step (Sequence::Part::step_key).
struct PartGroup {
  std::shared_ptr<const engine::Sequence> moves;
  bool alone = false;  ///< whether they treat chains alone (Move::treats_chains_alone)
};

/// Cuts a sequence where moves that treat chains alone and those that do not follow each other.
std::vector<PartGroup> groups_of(const std::vector<engine::Sequence::Part>& parts);

/// Chains [first, first + count) of a batch.
struct ChainRange {
  std::size_t first = 0, count = 0;
};

/// The chains of each process: nearly equal numbers in order, of whole blocks of lanes when there
/// are as many blocks as processes.
std::vector<ChainRange> share_chains(std::size_t n_chains, std::size_t n_processes);

/// The leader's side of a team: moves that are applied by all processes together.
///
/// The leader has all chains. For each group of moves that treat chains alone it sends every other
/// process its share of the chains, moves its own, and takes the others back; all other moves it
/// applies itself. Streams of random numbers go by a chain's number in the run, so that the bits
/// are those of one process.
class MoveSharing {
 public:
  /// @param team  null: the process is alone. Must outlive this and its moves.
  explicit MoveSharing(ProcessTeam* team) : team_(team) {}

  /// A sequence of parts, shared out if there is a team.
  /// @param note   tells the others which moves these are; what serve_moves() returns there
  /// @param count  also gets the evaluations of the others
  /// @throws InputError  when no part can be shared out
  std::shared_ptr<const engine::Move> sequence(std::vector<engine::Sequence::Part> parts,
                                               const std::string& note,
                                               std::shared_ptr<engine::EvaluationCount> count);
  bool has_team() const { return team_ != nullptr; }
  /// That the others have spent on moves.
  double cpu_seconds_of_others() const { return *cpu_seconds_; }
  /// Lets the others go.
  void end();

 private:
  void tell(const std::string& note);

  ProcessTeam* team_;
  std::shared_ptr<double> cpu_seconds_ = std::make_shared<double>(0.0);
};

/// The side of the others: applies groups of moves to chains that the leader sends, until it sends
/// a note instead, which is returned; an empty one means that the run is over. Errors of moves go
/// to the leader, which throws them.
std::string serve_moves(ProcessTeam& team, const std::vector<PartGroup>& groups,
                        const engine::TargetDensity& target, const engine::EvaluationCount& count);

}  // namespace saltus::tools
