#include "tools/saltus/commands/processes.h"

#include <iostream>

#include "engine/core/error.h"
#include "tools/saltus/common/process_team.h"

namespace saltus::tools {

int run_alone(const std::string& name, int (*command)(const std::vector<std::string>&),
              const std::vector<std::string>& arguments) {
  const LaunchedProcess launched = launched_process();
  // srun starts many programs that have nothing to do with each other, such as shards of a list.
  if (launched.launcher == "mpirun")
    throw engine::UsageError("mpirun started " + std::to_string(launched.count) +
                             " processes, but 'saltus " + name +
                             "' is not shared out over processes; only 'saltus run' is. Start it "
                             "without mpirun");
  return command(arguments);
}

int fail(const std::string& message, int exit_code) {
  let_leader_speak();
  std::cerr << "error: " << message << "\n";
  end_team(exit_code);
  return exit_code;
}

}  // namespace saltus::tools
