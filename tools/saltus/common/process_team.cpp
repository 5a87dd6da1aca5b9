#include "tools/saltus/common/process_team.h"

#ifdef SALTUS_WITH_MPI
#include <mpi.h>
#endif
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <thread>
#include <vector>

#include "engine/core/error.h"

namespace saltus::tools {

namespace {

struct Launcher {
  const char *name, *rank, *count;  // of the launcher; of its environment variables
};

/// Slurm's variables of a step, not of a job: a batch script has those of the job as well.
constexpr Launcher kLaunchers[] = {
    {"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    {"mpirun", "PMI_RANK", "PMI_SIZE"},
    {"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
};

std::size_t number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : static_cast<std::size_t>(std::strtoul(text, nullptr, 10));
}

#ifdef SALTUS_WITH_MPI

/// Lets other programs have the core while nothing happens: MPI's own calls would keep it busy,
/// and preparation, for which helpers wait, takes minutes.
void wait_for(MPI_Request& request) {
  constexpr int kEagerTries = 1000;  // a fraction of a millisecond: what one message takes
  constexpr std::chrono::microseconds kPause(100);
  int done = 0;
  for (int tries = 0; done == 0; ++tries) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done != 0) break;
    if (tries < kEagerTries)
      sched_yield();
    else
      std::this_thread::sleep_for(kPause);
  }
}

class MpiTeam final : public ProcessTeam {
 public:
  MpiTeam() {
    int rank = 0, size = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    rank_ = static_cast<std::size_t>(rank);
    size_ = static_cast<std::size_t>(size);
    MPI_Comm machine;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &machine);
    MPI_Comm_size(machine, &size);
    MPI_Comm_free(&machine);
    n_on_this_machine_ = static_cast<std::size_t>(size);
  }
  ~MpiTeam() override {
    // The others would have to take part; after a failure end_team() ends them.
    if (std::uncaught_exceptions() == 0) MPI_Finalize();
  }
  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return size_; }
  std::size_t n_on_this_machine() const override { return n_on_this_machine_; }

  void send(std::size_t to, const std::string& bytes) override {
    std::uint64_t n = bytes.size();
    start_and_wait([&](MPI_Request& request) {
      MPI_Isend(&n, 1, MPI_UINT64_T, static_cast<int>(to), 0, MPI_COMM_WORLD, &request);
    });
    for_each_piece(n, [&](std::size_t at, int count, MPI_Request& request) {
      MPI_Isend(bytes.data() + at, count, MPI_BYTE, static_cast<int>(to), 0, MPI_COMM_WORLD,
                &request);
    });
  }

  std::string receive(std::size_t from) override {
    std::uint64_t n = 0;
    start_and_wait([&](MPI_Request& request) {
      MPI_Irecv(&n, 1, MPI_UINT64_T, static_cast<int>(from), 0, MPI_COMM_WORLD, &request);
    });
    std::string bytes(n, '\0');
    for_each_piece(n, [&](std::size_t at, int count, MPI_Request& request) {
      MPI_Irecv(&bytes[at], count, MPI_BYTE, static_cast<int>(from), 0, MPI_COMM_WORLD, &request);
    });
    return bytes;
  }

 private:
  template <class Start>
  static void start_and_wait(const Start& start) {
    MPI_Request request;
    start(request);
    wait_for(request);
  }
  /// MPI counts by int.
  template <class Start>
  static void for_each_piece(std::size_t n, const Start& start) {
    constexpr std::size_t kPiece = std::size_t{1} << 30;
    for (std::size_t at = 0; at < n; at += kPiece)
      start_and_wait([&](MPI_Request& request) {
        start(at, static_cast<int>(std::min(kPiece, n - at)), request);
      });
  }

  std::size_t rank_ = 0, size_ = 1, n_on_this_machine_ = 1;
};

#endif

[[noreturn]] void refuse_strangers(const LaunchedProcess& launched, const std::string& why,
                                   const std::string& advice) {
  throw engine::UsageError(launched.launcher + " started " + std::to_string(launched.count) +
                           " processes, but " + why + ": they would all do the same run. " +
                           advice);
}

}  // namespace

LaunchedProcess launched_process() {
  for (const Launcher& launcher : kLaunchers)
    if (const std::size_t count = number_in(launcher.count); count > 1)
      return {launcher.name, number_in(launcher.rank), count};
  return {};
}

std::unique_ptr<ProcessTeam> join_team() {
  const LaunchedProcess launched = launched_process();
  if (launched.count < 2) return nullptr;
#ifdef SALTUS_WITH_MPI
  int size = 1;
  MPI_Init(nullptr, nullptr);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (static_cast<std::size_t>(size) != launched.count)
    refuse_strangers(launched,
                     "MPI, as this program has it, knows of " + std::to_string(size) + " only",
                     "Use the mpirun of the MPI it was built with, or srun --mpi=pmix");
  return std::make_unique<MpiTeam>();
#else
  refuse_strangers(launched, "this saltus was built without MPI",
                   "Start it without " + launched.launcher +
                       ", or build it again where MPI is installed (Debian: libopenmpi-dev)");
#endif
}

void let_leader_speak() {
  constexpr std::chrono::seconds kPatience(3);  // longer than processes that do the same differ by
  if (launched_process().rank > 0) std::this_thread::sleep_for(kPatience);
}

void end_team(int exit_code) {
#ifdef SALTUS_WITH_MPI
  int begun = 0, over = 0;
  MPI_Initialized(&begun);
  MPI_Finalized(&over);
  if (begun != 0 && over == 0) MPI_Abort(MPI_COMM_WORLD, exit_code);
#else
  (void)exit_code;
#endif
}

std::size_t threads_for(const ProcessTeam& team) {
  const std::size_t all = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t share = std::max<std::size_t>(1, all / team.n_on_this_machine());
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) != 0) return share;
  return std::min(share, std::max<std::size_t>(1, static_cast<std::size_t>(CPU_COUNT(&mine))));
}

}  // namespace saltus::tools
