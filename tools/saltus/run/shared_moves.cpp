#include "tools/saltus/run/shared_moves.h"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include "engine/core/error.h"
#include "engine/lanes/lane_term.h"
#include "io/files/packed_bytes.h"

namespace saltus::tools {

namespace {

using engine::ChainBatch;
using engine::StepKey;
using engine::TransitionInfo;

constexpr std::size_t kLeader = 0;
const std::string kMessage = "a message between processes";

enum class MessageKind : std::uint8_t { kNote, kMove };

/// What the leader wants of a process, beside the chains.
struct Order {
  std::uint32_t group = 0;
  StepKey key;
};

/// What a process has to say, beside the chains.
struct Answer {
  int exit_code = 0;    ///< of the error that was thrown; 0: none
  std::string message;  ///< of that error
  TransitionInfo info;
  std::uint64_t n_evaluations = 0;
};

// Each function names all members of one struct. One that is added to the struct has to be added
// here, too, or processes would lack it: until then this does not compile.

template <class Visit, class Coordinates>
void visit_coordinates(Visit& visit, Coordinates& x) {
  std::size_t n_chains = x.n_chains(), n_atoms = x.n_atoms();
  visit(n_chains), visit(n_atoms);
  if constexpr (std::is_same_v<Visit, io::Unpacker>) {
    std::vector<engine::Box> boxes;
    x = engine::CoordinateBatch(n_chains, n_atoms);
    visit(x.values()), visit(boxes);
    x.set_boxes(std::move(boxes));
  } else {
    visit(x.values()), visit(x.boxes());
  }
}

template <class Visit, class Chains>
void visit_chains(Visit& visit, Chains& chains) {
  auto& [positions, velocities, energies, other_terms, states, log_weights, replicas, first_chain] =
      chains;
  visit_coordinates(visit, positions), visit_coordinates(visit, velocities);
  visit(energies), visit(other_terms), visit(states), visit(log_weights), visit(replicas);
  visit(first_chain);
}

template <class Visit, class Record>
void visit_record(Visit& visit, Record& record) {
  auto& [name, outcomes, log_ratios, n_evaluations, cpu_seconds, kind] = record;
  visit(name), visit(outcomes), visit(log_ratios), visit(n_evaluations), visit(cpu_seconds);
  visit(kind);
}

template <class Visit, class AnyAnswer>
void visit_answer(Visit& visit, AnyAnswer& answer) {
  auto& [exit_code, message, info, n_evaluations] = answer;
  visit(exit_code), visit(message), visit(n_evaluations);
  auto& [records] = info;
  std::size_t n = records.size();
  visit(n);
  if constexpr (std::is_same_v<Visit, io::Unpacker>) records.resize(n);
  for (auto& record : records) visit_record(visit, record);
}

/// What messages of these chains take, with room for what goes along.
std::size_t expected_bytes(const ChainBatch& chains) {
  constexpr std::size_t kBesidesAtoms = 256;  // of a chain
  return 2 * chains.positions.values().size() * sizeof(double) + chains.n_chains() * kBesidesAtoms;
}

/// Puts the outcomes of the next chains behind those of the chains before.
void append(TransitionInfo& info, TransitionInfo&& next) {
  if (info.records.size() != next.records.size())
    throw engine::InternalError("processes of one run have applied different moves");
  for (std::size_t i = 0; i < info.records.size(); ++i) {
    engine::MoveRecord &record = info.records[i], &other = next.records[i];
    if (record.name != other.name || record.kind != other.kind)
      throw engine::InternalError("processes of one run have applied different moves: " +
                                  record.name + " and " + other.name);
    record.outcomes.insert(record.outcomes.end(), other.outcomes.begin(), other.outcomes.end());
    record.log_ratios.insert(record.log_ratios.end(), other.log_ratios.begin(),
                             other.log_ratios.end());
    record.n_energy_evaluations += other.n_energy_evaluations;
    record.cpu_seconds += other.cpu_seconds;
  }
}

[[noreturn]] void throw_error_of(const Answer& answer) {
  // The loop of a run knows more about numbers that are not finite.
  const engine::NumericalError numerical(answer.message);
  if (answer.exit_code == numerical.exit_code()) throw numerical;
  throw engine::Error(answer.message, answer.exit_code);
}

class SharedMove final : public engine::Move {
 public:
  SharedMove(PartGroup group, std::uint32_t number, ProcessTeam& team,
             std::shared_ptr<engine::EvaluationCount> count, std::shared_ptr<double> cpu_seconds)
      : moves_(std::move(group.moves)),
        number_(number),
        team_(team),
        count_(std::move(count)),
        cpu_seconds_(std::move(cpu_seconds)) {}

  std::string name() const override { return moves_->name(); }
  engine::Invariance invariance() const override { return moves_->invariance(); }
  engine::MoveRequirements requirements() const override { return moves_->requirements(); }
  bool treats_chains_alone() const override { return true; }

  TransitionInfo apply(ChainBatch& chains, const engine::TargetDensity& target,
                       const StepKey& key) const override {
    const std::vector<ChainRange> shares = share_chains(chains.n_chains(), team_.size());
    for (std::size_t rank = 1; rank < team_.size(); ++rank)
      send_share(rank, chains.slice(shares[rank].first, shares[rank].count), key);
    ChainBatch own = chains.slice(shares[kLeader].first, shares[kLeader].count);
    TransitionInfo info = moves_->apply(own, target, key);
    chains.put(own);
    for (std::size_t rank = 1; rank < team_.size(); ++rank)
      append(info, receive_share(rank, chains));
    return info;
  }

 private:
  void send_share(std::size_t rank, const ChainBatch& share, const StepKey& key) const {
    io::Packer packer(expected_bytes(share));
    packer(MessageKind::kMove), packer(Order{number_, key});
    visit_chains(packer, share);
    team_.send(rank, packer.bytes());
  }

  TransitionInfo receive_share(std::size_t rank, ChainBatch& chains) const {
    io::Unpacker unpacker(team_.receive(rank), kMessage);
    Answer answer;
    visit_answer(unpacker, answer);
    if (answer.exit_code != 0) throw_error_of(answer);
    ChainBatch share;
    visit_chains(unpacker, share);
    chains.put(share);
    *count_ += answer.n_evaluations;
    for (const engine::MoveRecord& record : answer.info.records)
      *cpu_seconds_ += record.cpu_seconds;
    return std::move(answer.info);
  }

  std::shared_ptr<const engine::Sequence> moves_;
  std::uint32_t number_;
  ProcessTeam& team_;
  std::shared_ptr<engine::EvaluationCount> count_;
  std::shared_ptr<double> cpu_seconds_;
};

/// Applies a group to the chains of a message; what goes back.
std::string served(io::Unpacker& unpacker, const std::vector<PartGroup>& groups,
                   const engine::TargetDensity& target, const engine::EvaluationCount& count) {
  const std::uint64_t before = count;
  Order order;
  ChainBatch chains;
  unpacker(order);
  visit_chains(unpacker, chains);
  Answer answer;
  try {
    answer.info = groups.at(order.group).moves->apply(chains, target, order.key);
  } catch (const engine::Error& error) {
    answer.exit_code = error.exit_code();
    answer.message = error.what();
  }
  answer.n_evaluations = count - before;
  io::Packer packer(expected_bytes(chains));
  visit_answer(packer, answer);
  visit_chains(packer, chains);
  return packer.bytes();
}

}  // namespace

std::vector<PartGroup> groups_of(const std::vector<engine::Sequence::Part>& parts) {
  std::vector<PartGroup> groups;
  std::uint32_t slot = 0;
  for (auto first = parts.begin(); first != parts.end();) {
    const bool alone = first->move->treats_chains_alone();
    const auto last = std::find_if(first, parts.end(), [alone](const auto& part) {
      return part.move->treats_chains_alone() != alone;
    });
    groups.push_back(
        {std::make_shared<engine::Sequence>(std::vector<engine::Sequence::Part>(first, last), slot),
         alone});
    for (; first != last; ++first)
      if (!first->step_key) slot += static_cast<std::uint32_t>(first->repeat);
  }
  return groups;
}

std::vector<ChainRange> share_chains(std::size_t n_chains, std::size_t n_processes) {
  const std::size_t n_blocks = (n_chains + engine::kLaneWidth - 1) / engine::kLaneWidth;
  const std::size_t unit = n_blocks >= n_processes ? engine::kLaneWidth : 1;
  const std::size_t n_units = (n_chains + unit - 1) / unit;
  std::vector<ChainRange> shares(n_processes);
  for (std::size_t p = 0; p < n_processes; ++p) {
    const std::size_t first = std::min(n_chains, unit * (n_units * p / n_processes));
    const std::size_t last = std::min(n_chains, unit * (n_units * (p + 1) / n_processes));
    shares[p] = {first, last - first};
  }
  return shares;
}

std::shared_ptr<const engine::Move> MoveSharing::sequence(
    std::vector<engine::Sequence::Part> parts, const std::string& note,
    std::shared_ptr<engine::EvaluationCount> count) {
  if (team_ == nullptr) return std::make_shared<engine::Sequence>(std::move(parts));
  const std::vector<PartGroup> groups = groups_of(parts);
  if (std::none_of(groups.begin(), groups.end(), [](const PartGroup& g) { return g.alone; }))
    throw engine::InputError(
        "no move of this deck can be shared out over processes: each works on all chains at once. "
        "Start the run without a launcher, with energy.threads");
  tell(note);
  std::vector<engine::Sequence::Part> shared;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::shared_ptr<const engine::Move> move = groups[g].moves;
    if (groups[g].alone)
      move = std::make_shared<SharedMove>(groups[g], static_cast<std::uint32_t>(g), *team_, count,
                                          cpu_seconds_);
    shared.push_back({std::move(move), 1, 1, true});
  }
  return std::make_shared<engine::Sequence>(std::move(shared));
}

void MoveSharing::tell(const std::string& note) {
  io::Packer packer;
  packer(MessageKind::kNote), packer(note);
  for (std::size_t rank = 1; rank < team_->size(); ++rank) team_->send(rank, packer.bytes());
}

void MoveSharing::end() {
  if (team_ != nullptr) tell("");
}

std::string serve_moves(ProcessTeam& team, const std::vector<PartGroup>& groups,
                        const engine::TargetDensity& target, const engine::EvaluationCount& count) {
  while (true) {
    io::Unpacker unpacker(team.receive(kLeader), kMessage);
    MessageKind kind;
    unpacker(kind);
    if (kind == MessageKind::kNote) {
      std::string note;
      unpacker(note);
      return note;
    }
    team.send(kLeader, served(unpacker, groups, target, count));
  }
}

}  // namespace saltus::tools
