#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "io/deck/nearest_name.h"
#include "io/formats/visible_text.h"
#include "saltus_version.h"
#include "tools/saltus/commands/commands.h"
#include "tools/saltus/commands/processes.h"

namespace {

struct Command {
  const char* name;
  const char* about;
  int (*run)(const std::vector<std::string>&);
};

constexpr Command kCommands[] = {
    {"run", "run an input deck, or a molecule with the usual deck", saltus::tools::run_command},
    {"init", "write the usual deck for a molecule, with comments", saltus::tools::init_command},
    {"check", "report everything that is wrong with a deck", saltus::tools::check_command},
    {"energy", "print energies and forces of a deck's coordinates", saltus::tools::energy_command},
    {"solvate", "put a molecule into a box of water with ions", saltus::tools::solvate_command},
    {"conformers", "three-dimensional conformers of SMILES lists and SD files",
     saltus::tools::conformers_command},
    {"merge", "merge the files of conformers that several machines made",
     saltus::tools::merge_command},
    {"train", "train a deck's learned leaps or torsion network", saltus::tools::train_command},
    {"report", "analyse a trajectory", saltus::tools::report_command},
    {"compare", "compare runs of molecules with references", saltus::tools::compare_command},
    {"info", "describe a file of a trajectory, of conformers or of a model",
     saltus::tools::info_command},
    {"repair", "repair the trajectory of a killed run", saltus::tools::repair_command},
};

std::string usage() {
  std::string text = "saltus " SALTUS_VERSION
                     " - molecular simulation with learned leaps, exact by Metropolis\n\n"
                     "Usage: saltus COMMAND [options] FILE\n\nCommands:\n";
  for (const Command& command : kCommands) {
    std::string name = command.name;
    name.resize(12, ' ');
    text += "  " + name + command.about + "\n";
  }
  return text +
         "\nExit codes: 0 done, 64 wrong options, 65 a wrong deck, molecule or model, 70 numbers "
         "that\nare not finite or a defect of the program, 74 a file that cannot be read or "
         "written, 130\ninterrupted. Of conformers and merge: 0 all molecules have conformers, 2 "
         "some have none, 1\nwrong options or files, 130 interrupted.\n"
         "\n'saltus COMMAND --help' has details. Start with: saltus run peptide.pdb\n";
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) throw saltus::engine::UsageError("a command is missing\n\n" + usage());
  const std::string& name = arguments[0];
  if (name == "--help" || name == "-h" || name == "help") {
    std::cout << usage();
    return 0;
  }
  if (name == "--version") {
    std::cout << "saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ", " SALTUS_COMPILER ")\n";
    return 0;
  }
  std::vector<std::string> names;
  for (const Command& command : kCommands) {
    if (name == command.name) {
      const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
      return command.run == saltus::tools::run_command
                 ? command.run(rest)
                 : saltus::tools::run_alone(name, command.run, rest);
    }
    names.emplace_back(command.name);
  }
  const std::string nearest = saltus::io::nearest_name(name, names);
  throw saltus::engine::UsageError("'" + name + "' is not a command" +
                                   (nearest.empty() ? "." : "; did you mean '" + nearest + "'?") +
                                   " See 'saltus --help'");
}

/// Messages quote files, which may hold codes that terminals obey.
std::string shown(const char* message) { return saltus::io::visible_text(message, "\n\t"); }

/// What was printed may still be in a buffer, and be lost without anybody noticing.
void flush_output() {
  std::cout.flush();
  if (!std::cout || std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    throw saltus::engine::FileError("cannot write to standard output");
}

}  // namespace

int main(int argc, char** argv) {
  using saltus::tools::fail;
  constexpr int kSoftwareError = 70;
  try {
    const int exit_code = dispatch({argv + 1, argv + argc});
    flush_output();
    return exit_code;
  } catch (const saltus::engine::Error& error) {
    return fail(shown(error.what()), error.exit_code());
  } catch (const std::filesystem::filesystem_error& error) {
    return fail("'" + shown(error.path1().c_str()) + "': " + error.code().message(),
                saltus::engine::FileError("").exit_code());
  } catch (const std::bad_alloc&) {
    return fail("not enough memory; use fewer chains", kSoftwareError);
  } catch (const std::exception& error) {
    return fail("a defect of Saltus: " + shown(error.what()), kSoftwareError);
  }
}
