#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "tools/saltus/commands/commands.h"
#include "tools/saltus/commands/peptide_data.h"
#include "tools/saltus/common/command_line_detail.h"
#include "tools/saltus/common/interruption.h"
#include "tools/saltus/common/kept_memory.h"
#include "tools/saltus/common/process_team.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/run/models.h"
#include "tools/saltus/run/peptide_leap.h"
#include "tools/saltus/run/run.h"
#include "tools/saltus/run/setup.h"
#include "tools/saltus/run/team_run.h"
#include "tools/saltus/run/usual_deck.h"
#include "tools/saltus/training/peptides.h"
#include "tools/saltus/training/rigid_flows.h"
#include "tools/saltus/training/torsions.h"

namespace saltus::tools {

namespace po = boost::program_options;

namespace {

/// In single quotes, so that a shell takes it as one word.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  }
  return result + "'";
}

/// The command that resumes an interrupted run: only the same deck can.
std::string resume_command(const ParsedCommandLine& parsed) {
  std::string command = "saltus run " + parsed.positional;
  for (const std::string& override_text : parsed.list("set"))
    command += " --set " + quoted(override_text);
  return command + " --resume";
}

void say_notes(const LoadedRunDeck& loaded, Progress& progress) {
  for (const std::string& note : loaded.notes) progress.say("note: " + note);
}

/// The deck of a file, or the one that is made for a molecule.
RunRequest request_for(const std::string& file, const std::vector<std::string>& overrides,
                       Progress& progress) {
  RunRequest request;
  if (has_usual_deck(file)) {
    CommentedDeck made = usual_deck_of_run(usual_deck(file, overrides), overrides);
    progress.say("the usual deck for " + file + ", which 'saltus init' explains:");
    for (const std::string& choice : main_choices(made.loaded)) progress.say("  " + choice);
    request.deck = std::move(made.loaded);
    request.deck_text = std::move(made.text);
  } else {
    request.deck = load_run_deck(file, overrides);
  }
  say_notes(request.deck, progress);
  return request;
}

void add_quiet_option(CommandLine& line) {
  line.options.add_options()("quiet,q", po::bool_switch(), "no progress; warnings still show");
}

/// The model that a deck refines; none when it trains one from scratch.
InitialPeptideModel initial_of(const PeptideDeck& deck) {
  if (deck.initial.empty()) return {};
  const std::string name = deck.initial.string();
  return {name, peptide_model_version(name),
          std::make_shared<const mlsamplers::PeptideModel>(load_peptide_model_by_name(name))};
}

}  // namespace

int run_command(const std::vector<std::string>& arguments) {
  CommandLine line(
      "run", "FILE",
      "Runs an input deck: pilot dynamics, training, warm-up, production;\n"
      "writes an HDF5 trajectory, checkpoints, summary.json and report.html.\n\n"
      "Of a molecule (.pdb of a peptide, .sdf, AMBER's .prmtop with .inpcrd) it runs the\n"
      "deck that 'saltus init' makes, says what was chosen, and writes that deck into\n"
      "the run's folder, runs/NAME unless output.directory is set.",
      "  saltus run deck.toml\n"
      "  saltus run peptide.pdb\n"
      "  saltus run molecule.sdf --set run.steps=20000 --set output.directory=long\n"
      "  saltus run deck.toml --set run.steps=10000 --set seed=7\n"
      "  saltus run deck.toml --resume\n"
      "  mpirun -n 4 saltus run deck.toml\n"
      "  saltus run --print-defaults > deck.toml\n");
  add_set_option(line);
  add_quiet_option(line);
  line.options.add_options()("resume", po::bool_switch(), "resume from the last checkpoint")(
      "overwrite", po::bool_switch(), "replace the files of an earlier run")(
      "no-report", po::bool_switch(), "write summary.json only")(
      "print-defaults", po::bool_switch(), "show a deck with all defaults, explained, and stop");
  const auto parsed = parse(line, arguments, false);
  if (!parsed) return 0;
  if (parsed->flag("print-defaults")) {
    std::cout << default_run_deck();
    return 0;
  }
  if (parsed->positional.empty())
    throw engine::UsageError("saltus run: FILE is missing; see 'saltus run --help'");
  if (parsed->flag("resume") && parsed->flag("overwrite"))
    throw engine::UsageError("saltus run: --resume and --overwrite exclude each other");

  const std::unique_ptr<ProcessTeam> team = join_team();
  keep_freed_memory();
  const bool leads = !team || team->rank() == 0;
  Progress progress(parsed->flag("quiet") || !leads);
  RunRequest request = request_for(parsed->positional, parsed->list("set"), progress);
  request.resume = parsed->flag("resume");
  request.overwrite = parsed->flag("overwrite");
  request.report = !parsed->flag("no-report");
  request.interrupted = is_interrupted;
  handle_interruptions(request.resume);
  if (team && request.deck.deck.energy.threads == 0)
    request.deck.deck.energy.threads = threads_for(*team);
  if (!leads) {
    // Requests to end the run are the leader's to obey.
    is_interrupted();
    help_run(request.deck, *team);
    return 0;
  }
  request.team = team.get();
  if (team)
    progress.say("shared out over " + std::to_string(team->size()) + " processes of " +
                 std::to_string(request.deck.deck.energy.threads) + " threads");
  const RunOutcome outcome = run_deck(request, progress);
  if (!outcome.finished) {
    std::cout << "interrupted; everything up to here is saved. Resume with: "
              << resume_command(*parsed) << "\n";
    return kInterruptedExit;
  }
  std::cout << "trajectory: " << outcome.trajectory.string() << "\n";
  if (!outcome.summary.empty()) std::cout << "summary:    " << outcome.summary.string() << "\n";
  if (!outcome.report.empty()) std::cout << "report:     " << outcome.report.string() << "\n";
  return 0;
}

namespace {

/// The resolved deck of a run that nothing stops before its first step: deck, molecule, moves and
/// models that are loaded fit each other.
std::string check_run_deck(const std::string& path, const std::vector<std::string>& overrides) {
  const LoadedRunDeck loaded = load_run_deck(path, overrides);
  for (const std::string& note : loaded.notes) std::cerr << "note: " << note << "\n";
  Progress quiet(true);
  io::with_places(loaded.places, [&] {
    const RunSetup setup = set_up(loaded.deck, quiet);
    for (const std::string& note : setup.molecule.notes) std::cerr << "note: " << note << "\n";
    check_fit(loaded.deck, setup);
  });
  return loaded.resolved_toml;
}

/// The same of a training of a rigid-body flow.
std::string check_rigid_flow_deck(const std::string& path,
                                  const std::vector<std::string>& overrides) {
  const LoadedRigidFlowDeck loaded = load_rigid_flow_deck(path, overrides);
  io::with_places(loaded.places, [&] {
    for (const std::string& note : load_molecule(loaded.deck.system, {}).notes)
      std::cerr << "note: " << note << "\n";
  });
  return loaded.resolved_toml;
}

}  // namespace

int check_command(const std::vector<std::string>& arguments) {
  CommandLine line(
      "check", "DECK",
      "Reads an input deck, the molecule and the models it names, and reports\n"
      "everything that is wrong with the deck, with file, line and column; then the\n"
      "first thing in molecule, moves or models that would stop a run. Nothing is run.",
      "  saltus check deck.toml\n"
      "  saltus check deck.toml --print-resolved\n");
  add_set_option(line);
  line.options.add_options()("print-resolved", po::bool_switch(),
                             "show the deck with every value in use");
  const auto parsed = parse(line, arguments);
  if (!parsed) return 0;
  const auto overrides = parsed->list("set");
  std::string resolved;
  if (is_torsion_deck(parsed->positional, overrides))
    resolved = load_torsion_deck(parsed->positional, overrides).resolved_toml;
  else if (is_peptide_deck(parsed->positional, overrides))
    resolved = load_peptide_deck(parsed->positional, overrides).resolved_toml;
  else if (is_rigid_flow_deck(parsed->positional, overrides))
    resolved = check_rigid_flow_deck(parsed->positional, overrides);
  else
    resolved = check_run_deck(parsed->positional, overrides);
  if (parsed->flag("print-resolved"))
    std::cout << resolved;
  else
    std::cout << parsed->positional << ": the deck is fine\n";
  return 0;
}

int train_command(const std::vector<std::string>& arguments) {
  CommandLine line(
      "train", "DECK",
      "Trains what a deck describes and writes the model: the learned leap of one\n"
      "molecule, from the deck's pilot dynamics; or, when the deck has a table\n"
      "[torsion_network], a torsion network for any molecule, from ensembles of many;\n"
      "or, with a table [peptide_model], leaps for any peptide, from trajectories of\n"
      "many. The last goes on where it was when it is interrupted and called again.\n"
      "With a table [rigid_flow] it is a flow that leads rigid molecules from one\n"
      "temperature to another, for replica exchange (flows) and rigid_flow_walk: it\n"
      "samples the first temperature by itself and learns from energies at the second.\n"
      "The samples are kept beside the model, as MODEL.base, until it is done; called\n"
      "again after an interruption it trains from its beginning with these samples, and\n"
      "until then the file has the best model of the training that was interrupted.\n"
      "With initial = \"default\" in [peptide_model] and runs of your own molecule in\n"
      "[peptides] it refines the model that comes with Saltus on it, in a minute or two;\n"
      "other peptides are then served as before.",
      "  saltus train deck.toml -o alanine.leap.safetensors\n"
      "  saltus train torsion_mixtures.toml\n"
      "  saltus train --print-torsion-defaults > deck.toml\n"
      "  saltus train peptide_leaps.toml\n"
      "  saltus train refine.toml\n"
      "  saltus train --print-peptide-defaults > deck.toml\n"
      "  saltus train data/decks/ice_xi_16_flow.toml\n"
      "  saltus train --print-rigid-flow-defaults > deck.toml\n");
  add_set_option(line);
  add_quiet_option(line);
  line.options.add_options()("output,o", po::value<std::string>()->default_value(""),
                             "model file, when one is trained; default: what save of [leap] or "
                             "[[proposal]] or model says, else the run's folder")(
      "overwrite", po::bool_switch(), "replace the model file if it exists")(
      "print-torsion-defaults", po::bool_switch(),
      "show a deck for a torsion network with all defaults, explained, and stop")(
      "print-peptide-defaults", po::bool_switch(),
      "show a deck for a peptide model with all defaults, explained, and stop")(
      "print-rigid-flow-defaults", po::bool_switch(),
      "show a deck for a rigid-body flow with all defaults, explained, and stop");
  const auto parsed = parse(line, arguments, false);
  if (!parsed) return 0;
  if (parsed->flag("print-torsion-defaults")) {
    std::cout << default_torsion_deck();
    return 0;
  }
  if (parsed->flag("print-peptide-defaults")) {
    std::cout << default_peptide_deck();
    return 0;
  }
  if (parsed->flag("print-rigid-flow-defaults")) {
    std::cout << default_rigid_flow_deck();
    return 0;
  }
  if (parsed->positional.empty())
    throw engine::UsageError("saltus train: DECK is missing; see 'saltus train --help'");
  Progress progress(parsed->flag("quiet"));
  const std::string output = parsed->values["output"].as<std::string>();
  const bool overwrite = parsed->flag("overwrite");
  const auto overrides = parsed->list("set");
  std::vector<std::filesystem::path> paths;
  if (is_torsion_deck(parsed->positional, overrides)) {
    paths.push_back(train_torsion_deck(load_torsion_deck(parsed->positional, overrides).deck,
                                       output, overwrite, progress));
  } else if (is_peptide_deck(parsed->positional, overrides)) {
    const PeptideDeck deck = load_peptide_deck(parsed->positional, overrides).deck;
    handle_interruptions(false);
    const PeptideTrainingRequest request = {output, overwrite, is_interrupted, initial_of(deck)};
    if (make_peptide_data(deck, is_interrupted, progress))
      paths.push_back(train_peptide_deck(deck, request, progress));
    if (paths.empty() || paths[0].empty()) {
      std::cout << "interrupted; the same command goes on where it was\n";
      return kInterruptedExit;
    }
  } else if (is_rigid_flow_deck(parsed->positional, overrides)) {
    const LoadedRigidFlowDeck loaded = load_rigid_flow_deck(parsed->positional, overrides);
    handle_interruptions(false);
    paths.push_back(io::with_places(loaded.places, [&] {
      return train_rigid_flow_deck(loaded.deck, {output, overwrite}, progress);
    }));
  } else {
    const LoadedRunDeck loaded = load_run_deck(parsed->positional, overrides);
    say_notes(loaded, progress);
    paths = train_deck(loaded, output, overwrite, progress);
  }
  for (const auto& path : paths) std::cout << "model: " << path.string() << "\n";
  return 0;
}

}  // namespace saltus::tools
