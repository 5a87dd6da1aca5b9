#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "io/formats/pdb.h"
#include "io/formats/visible_text.h"
#include "mlsamplers/peptides/peptide_sequence.h"
#include "tools/saltus/commands/commands.h"
#include "tools/saltus/common/command_line_detail.h"
#include "tools/saltus/run/usual_deck.h"

namespace saltus::tools {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

void write_new_file(const fs::path& file, const CommentedDeck& deck, bool overwrite) {
  const SystemDeck& system = deck.loaded.deck.system;
  io::require_file_place(file);
  io::refuse_to_replace_input(file, {system.coordinates, system.topology});
  if (fs::exists(file) && !overwrite)
    throw engine::FileError("'" + file.string() +
                            "' exists: use --overwrite to replace it, or another name with -o");
  io::write_file_durably(file.string(), deck.text);
}

/// Writes the structure of a peptide of this sequence.
int write_sequence(const std::string& sequence, fs::path file, bool overwrite) {
  const std::vector<std::string> templates = mlsamplers::parse_sequence(sequence);
  mlsamplers::require_extended(templates);
  const mlsamplers::BuiltPeptide peptide = mlsamplers::build_peptide(templates);
  if (file.empty()) file = sequence + ".pdb";
  io::require_file_place(file);
  if (fs::exists(file) && !overwrite)
    throw engine::FileError("'" + file.string() +
                            "' exists: use --overwrite to replace it, or another name with -o");
  io::write_pdb(file.string(), peptide.topology, peptide.positions.view());
  std::cout << peptide.topology.residues.size() << " residues, " << peptide.topology.n_atoms()
            << " atoms, extended and not minimised\nstructure: " << file.string() << "\n";
  return 0;
}

std::string choices_as_json(const UsualDeck& usual, const CommentedDeck& deck, const fs::path& file,
                            const std::vector<std::string>& overrides) {
  nlohmann::ordered_json json = {{"deck", file.string()},
                                 {"molecule", usual.molecule},
                                 {"n_atoms", usual.n_atoms},
                                 {"choices", nlohmann::ordered_json::array()}};
  for (const DeckChoice& choice : deck.choices)
    json["choices"].push_back({{"key", choice.key},
                               {"value", choice.value},
                               {"set", is_set(choice.key, overrides)},
                               {"why", choice.why},
                               {"others", choice.others}});
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

int init_command(const std::vector<std::string>& arguments) {
  CommandLine line(
      "init", "FILE",
      "Writes a deck for a molecule, in which every choice has a comment: why, and what else\n"
      "could stand there. 'saltus run DECK' runs it as it is; 'saltus run FILE' runs the same\n"
      "deck without a file of it.\n\n"
      "FILE is a .pdb file of a peptide or protein with hydrogens (AMBER's ff14SB, implicit\n"
      "solvent OBC2; with water that fills its box, PME), an .sdf or .mol file (MMFF94), or\n"
      "AMBER's .prmtop or .inpcrd with the other one beside it.\n\n"
      "With --sequence it writes the structure of a peptide instead, all atoms, ends charged or\n"
      "capped, which 'saltus init' and 'saltus run' take; runs minimise it first.",
      "  saltus init peptide.pdb\n"
      "  saltus init molecule.sdf -o decks/molecule.toml --set ensemble.temperature=\"350 K\"\n"
      "  saltus init peptide.prmtop --json\n"
      "  saltus init --sequence ADK\n"
      "  saltus init --sequence ACE-ALA-HIP-NME -o capped.pdb\n");
  add_set_option(line);
  line.options.add_options()("output,o", po::value<std::string>()->default_value(""),
                             "deck to write; default: NAME.toml in the current folder")(
      "sequence", po::value<std::string>()->default_value(""),
      "write NAME.pdb of a peptide: one letter a residue, or names with hyphens")(
      "overwrite", po::bool_switch(), "replace the deck if it exists")(
      "json", po::bool_switch(), "print all choices, machine-readable");
  const auto parsed = parse(line, arguments, false);
  if (!parsed) return 0;
  const auto sequence = parsed->values["sequence"].as<std::string>();
  if (!sequence.empty()) {
    if (!parsed->positional.empty() || parsed->flag("json") || !parsed->list("set").empty())
      throw engine::UsageError("saltus init: --sequence goes without FILE, --set and --json");
    return write_sequence(sequence, parsed->values["output"].as<std::string>(),
                          parsed->flag("overwrite"));
  }
  if (parsed->positional.empty())
    throw engine::UsageError("saltus init: FILE is missing; see 'saltus init --help'");
  const auto overrides = parsed->list("set");
  const UsualDeck usual = usual_deck(parsed->positional, overrides);
  fs::path file = parsed->values["output"].as<std::string>();
  if (file.empty()) file = usual.name + ".toml";
  const CommentedDeck deck = written_usual_deck(usual, file, overrides);
  write_new_file(file, deck, parsed->flag("overwrite"));
  for (const auto& notes : {usual.notes, deck.loaded.notes})
    for (const std::string& note : notes) std::cerr << "note: " << note << "\n";
  if (parsed->flag("json")) {
    std::cout << choices_as_json(usual, deck, file, overrides) << "\n";
    return 0;
  }
  std::cout << io::visible_text(usual.molecule) << "\n";
  for (const std::string& choice : main_choices(deck.loaded)) std::cout << "  " << choice << "\n";
  std::cout << "deck: " << file.string() << "\n";
  return 0;
}

}  // namespace saltus::tools
