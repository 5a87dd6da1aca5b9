#include <functional>
#include <iostream>

#include "engine/core/error.h"
#include "tools/saltus/commands/commands.h"
#include "tools/saltus/common/command_line_detail.h"
#include "tools/saltus/common/interruption.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/compare_deck.h"
#include "tools/saltus/run/compare.h"

namespace saltus::tools {

namespace po = boost::program_options;

int compare_command(const std::vector<std::string>& arguments) {
  CommandLine line(
      "compare", "DECK",
      "Compares runs of molecules with a reference of each (a long exact run, such as replica\n"
      "exchange), finished ones or those it makes itself, and writes compare.html and\n"
      "compare.json:\n\n"
      "  * effective samples of TIC 0 and of the slowest of TIC 0 and all torsion states, in all\n"
      "    and per CPU second, and speed-ups over OpenMM's dynamics and our own;\n"
      "  * missed states, populations with errors, free energies along phi, psi, TIC 0, TIC 1;\n"
      "  * Wasserstein distances to the reference in energy, on the torus of all phi and psi and\n"
      "    in TIC 0 and TIC 1, each with the floor that two samples of the reference have, also\n"
      "    along the run against all energy evaluations;\n"
      "  * median and worst of all this over the molecules.\n\n"
      "A deck names molecules, and decks of 'saltus run' by which each of them is run:\n\n"
      "  schema = 1\n"
      "  [output]\n"
      "  directory = \"comparison\"\n"
      "  [peptides]\n"
      "  sequences = [\"HE\", \"ARIP\"]      # coordinates = [\"my.pdb\"] for files\n"
      "  folder = \"evaluation\"            # of the runs: evaluation/HE/leaps\n"
      "  reference_deck = \"peptide_reference.toml\"\n"
      "  [[run]]\n"
      "  name = \"leaps\"\n"
      "  deck = \"peptide_run.toml\"\n"
      "  [[run]]\n"
      "  name = \"dynamics\"\n"
      "  role = \"plain_dynamics\"\n"
      "  deck = \"peptide_plain_dynamics.toml\"\n"
      "  [openmm_dynamics]\n"
      "  length = \"20 ns\"\n\n"
      "Finished runs are used again, and the same command goes on after an interruption. A run\n"
      "that another deck has made is an error, with --overwrite it is made again.\n\n"
      "Or it names the trajectories of 'saltus run'; checkpoints beside them hold the costs,\n"
      "those of preparation (pilot, training, warm-up) included. Training elsewhere is counted\n"
      "where the deck says what all preparation and training of a run has cost:\n\n"
      "  schema = 1\n"
      "  [output]\n"
      "  directory = \"comparison\"\n"
      "  [[peptide]]\n"
      "  name = \"alanine dipeptide\"\n"
      "  reference = \"runs/alanine_dipeptide_reference/trajectory.h5\"\n"
      "  [[peptide.run]]\n"
      "  name = \"leaps\"\n"
      "  trajectory = \"runs/alanine_dipeptide/trajectory.h5\"\n"
      "  training_energy_evaluations = 1.0e6\n"
      "  [[peptide.run]]\n"
      "  name = \"dynamics\"\n"
      "  role = \"plain_dynamics\"\n"
      "  trajectory = \"runs/dynamics/trajectory.h5\"\n\n"
      "What is not known, such as costs without a checkpoint, is a dash and a remark. All frames\n"
      "of a trajectory are kept in memory while it is read: 12 bytes for each heavy atom.",
      "  saltus compare peptides.toml\n"
      "  saltus compare data/decks/peptide_comparison.toml\n"
      "  saltus compare peptides.toml --set distances.frames=2000 --overwrite\n"
      "  saltus compare --print-defaults > deck.toml\n");
  add_set_option(line);
  line.options.add_options()("quiet,q", po::bool_switch(), "no progress; warnings still show")(
      "overwrite", po::bool_switch(),
      "replace an earlier comparison, and runs that another deck made")(
      "print-defaults", po::bool_switch(), "show a deck with all defaults, explained, and stop");
  const auto parsed = parse(line, arguments, false);
  if (!parsed) return 0;
  if (parsed->flag("print-defaults")) {
    std::cout << default_compare_deck();
    return 0;
  }
  if (parsed->positional.empty())
    throw engine::UsageError("saltus compare: DECK is missing; see 'saltus compare --help'");
  Progress progress(parsed->flag("quiet"));
  LoadedCompareDeck loaded = load_compare_deck(parsed->positional, parsed->list("set"));
  loaded.deck.overwrite = loaded.deck.overwrite || parsed->flag("overwrite");
  const bool makes_runs = !loaded.deck.made.peptides.empty();
  if (makes_runs) handle_interruptions(false);
  const auto files = run_comparison(
      loaded, makes_runs ? std::function<bool()>(is_interrupted) : std::function<bool()>(),
      progress);
  if (!files) {
    std::cout << "interrupted; the same command goes on where it was\n";
    return kInterruptedExit;
  }
  std::cout << "numbers: " << files->json.string() << "\npage:    " << files->page.string() << "\n";
  return 0;
}

}  // namespace saltus::tools
