#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace saltus::tools {

/// Processes that make one run together, on one machine or several, as mpirun or srun starts them.
/// Process 0 leads. Messages from one process to another keep their order.
class ProcessTeam {
 public:
  virtual ~ProcessTeam() = default;
  virtual std::size_t rank() const = 0;
  virtual std::size_t size() const = 0;  ///< at least 2
  /// How many of them are on this machine.
  virtual std::size_t n_on_this_machine() const = 0;
  /// Returns when the other process has taken the bytes or has room for them.
  virtual void send(std::size_t to, const std::string& bytes) = 0;
  /// Waits for the next message of a process, without keeping a core busy.
  virtual std::string receive(std::size_t from) = 0;
};

/// What a launcher says of the processes that it started.
struct LaunchedProcess {
  std::string launcher = {};  ///< "mpirun" or "srun"; empty: none
  std::size_t rank = 0, count = 1;
};

/// Of this process, from the environment: Open MPI's mpirun, those of the PMI family (MPICH, Intel
/// MPI), Slurm's srun.
LaunchedProcess launched_process();

/// The team that this process was started in; null when it was started alone. To be called once,
/// early in the program.
/// @throws UsageError  when several processes were started that cannot talk to each other: the
///                     program was built without MPI, or the launcher serves another MPI
std::unique_ptr<ProcessTeam> join_team();

/// Before a process tells why it fails: what all have found the leader tells, whose end is theirs;
/// so the others give it time.
void let_leader_speak();

/// Ends all other processes of the team, too, if this one is in one: for failures.
void end_team(int exit_code);

/// Threads for each process of a team whose deck leaves it to the program: the cores that this
/// process may use, and not more than its share of the machine's.
std::size_t threads_for(const ProcessTeam& team);

}  // namespace saltus::tools
