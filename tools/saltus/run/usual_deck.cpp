#include "tools/saltus/run/usual_deck.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/system/box.h"
#include "io/deck/deck_node.h"
#include "io/formats/file_kind.h"
#include "io/formats/file_names.h"
#include "io/formats/pdb.h"
#include "io/formats/visible_text.h"
#include "tools/saltus/decks/move_kind.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/run/report.h"
#include "tools/saltus/run/usual_moves.h"

namespace saltus::tools {

namespace fs = std::filesystem;
using engine::FileError;
using engine::InputError;

namespace {

/// Of water and ions that go with it.
constexpr const char* kWaterForceField = "amber14/tip3p.xml";

void require_file(const fs::path& file) {
  io::require_regular_file(file.string());
  if (!has_usual_deck(file))
    throw engine::UsageError(
        io::wrong_kind(file.string(),
                       "a .pdb, .sdf or .mol file by its name, or AMBER's .prmtop with .inpcrd or "
                       ".rst7 beside it"));
}

/// AMBER's other file, of the same name.
fs::path file_beside(const fs::path& file, const char* what,
                     const std::vector<std::string>& extensions) {
  std::string names;
  for (const std::string& extension : extensions) {
    const fs::path beside = fs::path(file).replace_extension(extension);
    std::error_code ignored;
    if (fs::is_regular_file(beside, ignored)) return beside;
    names += (names.empty() ? "'" : " or '") + beside.filename().string() + "'";
  }
  throw InputError(file.string() + ": has no " + what + "; expected " + names + " beside it");
}

std::string name_of(const fs::path& file) {
  return file.extension() == ".gz" ? file.stem().stem().string() : file.stem().string();
}

void add_coordinates(const fs::path& file, std::vector<DeckChoice>& choices) {
  choices.push_back({"system.coordinates", file.string(), "The molecule, with all hydrogens.",
                     "Relative paths count from the folder of this deck.", true});
}

/// What is left open by force fields of AMBER's kind.
void add_solvent(std::vector<DeckChoice>& choices) {
  choices.push_back(
      {"system.implicit_solvent", "\"obc2\"",
       "Water as a continuum: generalised Born, OBC2. A run of minutes needs no explicit water.",
       "Others: \"obc1\", \"gbn2\", \"none\" (vacuum)."});
  choices.push_back({"system.nonbonded", "\"no_cutoff\"",
                     "All pairs: small molecules need no cutoff. A box in the file is not used.",
                     "Of more than some 1,000 atoms: \"cutoff\", with cutoff = \"2 nm\"."});
}

/// Water around the molecule, in the box of its file.
void add_box(std::vector<DeckChoice>& choices) {
  choices.push_back({"system.nonbonded", "\"pme\"",
                     "Ewald sums in the periodic box of the file, which is full of water.",
                     "\"cutoff_periodic\" has a reaction field in their place."});
  choices.push_back({"system.cutoff", "\"0.9 nm\"", "Of Lennard-Jones and direct pairs.",
                     "At most half the shortest width of the box."});
  choices.push_back({"system.rigid_water", "true", "As its models are made for.", ""});
  choices.push_back({"system.constraints", "\"h_bonds\"", "They allow a time step of 2 fs.",
                     "\"none\" with a time step of 1 fs."});
}

void add_constraints(std::vector<DeckChoice>& choices) {
  choices.push_back({"system.constraints", "\"none\"", "Torsion moves need flexible bonds.",
                     "\"h_bonds\" goes with hmc, ghmc and langevin only."});
}

std::vector<DeckChoice> system_of_solution(const fs::path& file) {
  std::vector<DeckChoice> choices;
  add_coordinates(file, choices);
  choices.push_back({"system.force_field",
                     std::string("[\"") + kProteinForceField + "\", \"" + kWaterForceField + "\"]",
                     "Amino acids with AMBER's ff14SB, TIP3P water and ions for it.",
                     "Other water: \"amber14/tip4pew.xml\", \"amber14/spce.xml\"."});
  add_box(choices);
  return choices;
}

std::vector<DeckChoice> system_of_pdb(const fs::path& file) {
  std::vector<DeckChoice> choices;
  add_coordinates(file, choices);
  choices.push_back({"system.force_field", std::string("[\"") + kProteinForceField + "\"]",
                     "A PDB file: amino acids with AMBER's ff14SB, which comes with OpenMM.",
                     "Others: [\"amber99sbildn.xml\"], \"amber14-all.xml\" (nucleic acids and "
                     "lipids, too), and files of your own beside this deck."});
  add_solvent(choices);
  add_constraints(choices);
  return choices;
}

std::vector<DeckChoice> system_of_amber(const fs::path& coordinates, const fs::path& topology) {
  std::vector<DeckChoice> choices;
  add_coordinates(coordinates, choices);
  choices.push_back({"system.topology", topology.string(),
                     "The force field is in AMBER's topology file.", "", true});
  add_solvent(choices);
  add_constraints(choices);
  return choices;
}

std::vector<DeckChoice> system_of_sdf(const fs::path& file) {
  std::vector<DeckChoice> choices;
  add_coordinates(file, choices);
  choices.push_back({"system.force_field", "[\"mmff94\"]",
                     "Bond orders are in the file: MMFF94, typed by RDKit.",
                     "\"mmff94s\" has flatter conjugated nitrogens."});
  choices.push_back(
      {"system.implicit_solvent", "\"none\"", "Vacuum, for which MMFF94 was made.",
       "Water as a continuum: \"obc2\", \"obc1\", \"gbn2\", with MMFF94's charges or those of the "
       "file (charges = \"file\")."});
  choices.push_back(
      {"system.dielectric", "1.0", "Charges at full strength, as it should be in a solvent.",
       "In vacuum 4.0 with distance_dependent_dielectric = true weakens them as if in water."});
  return choices;
}

/// Whether a PDB file holds water that fills the box it gives.
bool is_solution(const fs::path& file) {
  if (!io::is_pdb_file(file)) return false;
  const io::PdbStructure pdb = io::read_pdb(file.string());
  const std::vector<bool> water = engine::water_residues(pdb.topology);
  if (!pdb.box || std::find(water.begin(), water.end(), true) == water.end()) return false;
  // Water has 100 atoms in a nm^3; crystals with waters of which symmetry makes more have far less.
  constexpr double kFilled_per_nm3 = 60.0;
  const double volume =
      engine::Box::from_lengths_and_angles(pdb.box->edges_nm, pdb.box->angles_rad).volume();
  return static_cast<double>(pdb.topology.n_atoms()) > kFilled_per_nm3 * volume;
}

std::vector<DeckChoice> system_of(const fs::path& file, bool solution) {
  if (solution) return system_of_solution(file);
  if (io::is_amber_topology(file))
    return system_of_amber(file_beside(file, "coordinates", {".inpcrd", ".rst7"}), file);
  if (io::is_amber_coordinates(file))
    return system_of_amber(file, file_beside(file, "topology", {".prmtop", ".parm7"}));
  return io::is_molecule_file(file) ? system_of_sdf(file) : system_of_pdb(file);
}

/// What stands before and after the choices about [system].
void add_start(const std::string& name, std::vector<DeckChoice>& choices) {
  choices.push_back({"schema", std::to_string(kRunDeckSchema), "Layout of this deck.", ""});
  choices.push_back({"title", io::deck_quoted(name), "Goes into all output files.", ""});
  choices.push_back(
      {"seed", std::to_string(RunDeck{}.seed), "Same seed, same run.", "Any other number."});
}

void add_pressure(std::vector<DeckChoice>& choices) {
  choices.push_back({"ensemble.pressure", "\"1 bar\"", "Of all chains; move \"volume\" keeps it.",
                     "Without it (and that move) the box stays as it is."});
}

void add_temperature(std::vector<DeckChoice>& choices) {
  choices.push_back({"ensemble.temperature", "\"300 K\"", "Of all chains.",
                     "Or a ladder in place of it, temperatures = [\"300 K\", \"350 K\", \"410 "
                     "K\"], which crosses barriers, with "
                     "another [[move]], kind = \"replica_exchange\"."});
}

void add_ladder(const std::vector<double>& ladder_K, std::vector<DeckChoice>& choices) {
  std::string list;
  for (const double temperature : ladder_K)
    list += (list.empty() ? "[\"" : ", \"") + std::to_string(std::lround(temperature)) + " K\"";
  choices.push_back({"ensemble.temperatures", list + "]",
                     "A ladder that crosses barriers; trajectory and means of all levels are "
                     "written, those of the first come first.",
                     "One temperature in its place, temperature = \"300 K\", is faster for small "
                     "peptides with few charges; take out replica_exchange with it."});
}

/// Whether one or more temperatures are given with `--set`.
bool sets_temperature(const std::vector<std::string>& overrides) {
  return std::any_of(overrides.begin(), overrides.end(), [](const std::string& text) {
    return engine::starts_with(text, "ensemble.temperature");
  });
}

void add_output(const std::string& name, std::vector<DeckChoice>& choices) {
  choices.push_back({"output.directory", io::deck_quoted("runs/" + name),
                     "For trajectory, checkpoint, summary and report; relative to the folder in "
                     "which saltus is called.",
                     ""});
}

/// What to do about a residue that the force field of amino acids refuses; ends the message.
std::string advice_on_residue(const fs::path& file, const std::string& refusal) {
  constexpr const char* kOthers =
      "; residues that are no amino acids need other files (--set system.force_field=...), or the "
      "molecule as an .sdf file for MMFF94";
  const engine::Topology topology = io::read_pdb(file.string()).topology;
  // The refusal names the residue, then the line of the file.
  const auto is_named = [&](std::size_t n) {
    return refusal.find(" matches " + topology.describe_residue(n) + " (") != std::string::npos;
  };
  std::size_t residue = 0;
  while (residue < topology.residues.size() && !is_named(residue)) ++residue;
  if (residue == topology.residues.size()) return kOthers;
  std::set<std::string> names;
  std::size_t n_atoms = 0;
  int element = 0;
  for (const engine::Atom& atom : topology.atoms) {
    if (atom.residue != residue) continue;
    names.insert(atom.name);
    element = atom.atomic_number;
    ++n_atoms;
  }
  constexpr int kCarbon = 6;
  if (engine::water_residues(topology)[residue] || (n_atoms == 1 && element != kCarbon))
    return "; water and ions need a periodic box that they fill ('saltus solvate' makes one around "
           "a molecule); or take them out of the file, for implicit solvent";
  // An amino acid of which atoms are missing, or are too many, needs no other force field.
  const bool is_standard = refusal.find(": it has no bonds") == std::string::npos;
  const bool is_amino_acid = names.count("N") + names.count("CA") + names.count("C") == 3;
  return is_standard && is_amino_acid ? "" : kOthers;
}

/// The molecule as the choices and what is set about [system] describe it.
Molecule molecule_of(const fs::path& file, const std::vector<DeckChoice>& system,
                     const std::vector<std::string>& overrides) {
  const std::string name = name_of(file);
  std::vector<DeckChoice> choices;
  add_start(name, choices);
  choices.insert(choices.end(), system.begin(), system.end());
  add_temperature(choices);
  choices.push_back({"move[0].kind", "\"hmc\"", "", ""});
  add_output(name, choices);
  std::vector<std::string> about_system;
  for (const std::string& text : overrides)
    if (engine::starts_with(text, "system.") || engine::starts_with(text, "system="))
      about_system.push_back(text);
  RunDeck deck = comment_deck(choices, "", name + ".toml", about_system).loaded.deck;
  deck.system.force_field_key.clear();  // nobody has written that deck
  std::error_code ignored;
  if (fs::equivalent(deck.system.coordinates, file, ignored))
    deck.system.coordinates = file;  // messages name it as the user did
  try {
    return load_molecule(deck.system, {});
  } catch (const InputError& error) {
    const auto& files = deck.system.force_field;
    const bool is_usual = files.size() == 1 && files[0] == kProteinForceField;
    if (!is_usual || !engine::starts_with(error.what(), "no template of")) throw;
    throw InputError(error.what() + advice_on_residue(deck.system.coordinates, error.what()));
  }
}

/// Water that is there would be simulated in implicit water.
void refuse_water(const fs::path& file, const engine::Topology& topology) {
  constexpr int kHydrogen = 1, kOxygen = 8;
  const auto neighbours = topology.neighbours();
  const auto is_water = [&](std::size_t atom) {
    const auto& bonded = neighbours[atom];
    return topology.atoms[atom].atomic_number == kOxygen && bonded.size() == 2 &&
           std::all_of(bonded.begin(), bonded.end(), [&](std::size_t other) {
             return topology.atoms[other].atomic_number == kHydrogen;
           });
  };
  std::size_t n = 0;
  for (std::size_t atom = 0; atom < topology.n_atoms(); ++atom) n += is_water(atom) ? 1 : 0;
  if (n == 0 || topology.n_atoms() <= 3) return;
  throw InputError(file.string() + ": holds " + std::to_string(n) +
                   (n == 1 ? " water molecule" : " water molecules") +
                   ", but no periodic box that they fill (CRYST1); 'saltus solvate' makes one "
                   "around a molecule, or take the water out of the file");
}

/// Fewer chains of large molecules, so that a step takes seconds at most.
std::size_t usual_chains(std::size_t n_atoms) {
  constexpr std::size_t kSmall = 300, kLarge = 1000;
  return n_atoms <= kSmall ? 32 : n_atoms <= kLarge ? 16 : 8;
}

void add_chains(std::size_t n_atoms, bool are_ladders, std::vector<DeckChoice>& choices) {
  constexpr std::size_t kLadders = 16;
  choices.push_back({"warm_up.steps", "200", "Discarded; step sizes are tuned half-way.",
                     "More when the report says that chains still remember their start."});
  choices.push_back({"chains.count", std::to_string(are_ladders ? kLadders : usual_chains(n_atoms)),
                     are_ladders ? "Independent ladders, which the report compares with each other."
                                 : "Independent chains, which the report compares with each other.",
                     "Multiples of 8 use the processor best."});
  choices.push_back({"chains.start", "\"minimised\"", "All from the minimised input.",
                     "\"input\": from the input as it is."});
}

/// Liquids: some thousand atoms that OpenMM moves for 0.2 ns.
void add_chains_of_liquid(std::vector<DeckChoice>& choices) {
  choices.push_back({"warm_up.steps", "20", "Discarded; the step of the volume is tuned half-way.",
                     "More when the density still drifts."});
  choices.push_back({"chains.count", "1", "Large systems fill the processor alone.",
                     "Two or more, which the report compares with each other."});
  choices.push_back({"chains.start", "\"minimised\"", "From the minimised input.",
                     "\"input\": from the input as it is."});
}
void add_run_of_liquid(std::vector<DeckChoice>& choices) {
  choices.push_back({"run.steps", "200", "Each step is 1 ps of dynamics and some volume changes.",
                     "A finished run goes on with more of them: saltus run ... --set "
                     "run.steps=2000 --resume."});
  choices.push_back({"run.frame_period", "1", "A frame every picosecond.", ""});
  choices.push_back({"run.checkpoint_period", "50", "An interruption loses less than that.", ""});
}

void add_run(std::vector<DeckChoice>& choices) {
  choices.push_back({"run.steps", "4000", "Each step applies every [[move]] in turn.",
                     "A finished run goes on with more of them: saltus run ... --set "
                     "run.steps=20000 --resume."});
  choices.push_back({"run.frame_period", "8", "500 frames of each chain.",
                     "1 stores every step, and the trajectory takes 8 times the space."});
  choices.push_back({"run.checkpoint_period", "500", "An interruption loses less than that.", ""});
}

}  // namespace

bool has_usual_deck(const fs::path& file) {
  return io::is_pdb_file(file) || io::is_molecule_file(file) || io::is_amber_topology(file) ||
         io::is_amber_coordinates(file);
}

UsualDeck usual_deck(const fs::path& file, const std::vector<std::string>& overrides) {
  require_file(file);
  UsualDeck usual;
  usual.name = name_of(file);
  const bool solution = is_solution(file);
  const std::vector<DeckChoice> system = system_of(file, solution);
  const Molecule molecule = molecule_of(file, system, overrides);
  if (!solution) refuse_water(file, molecule.topology);
  usual.n_atoms = molecule.system.n_atoms();
  usual.notes = molecule.notes;
  usual.molecule = describe(molecule, file.filename().string());
  usual.heading = io::visible_text("Deck for " + file.filename().string() + " (" + usual.molecule +
                                   "), made by saltus. Change what you like; 'saltus check' says "
                                   "whether it is fine, 'saltus run' "
                                   "runs it. Keys that are not here have defaults, which 'saltus "
                                   "run --print-defaults' explains.");
  std::vector<DeckChoice>& choices = usual.choices;
  add_start(usual.name, choices);
  choices.insert(choices.end(), system.begin(), system.end());
  if (solution) {
    add_temperature(choices);
    add_pressure(choices);
    add_chains_of_liquid(choices);
    add_moves_of_liquid(choices);
    add_run_of_liquid(choices);
  } else {
    add_heavy_hydrogens(molecule, choices);
    const std::vector<double> ladder_K =
        sets_temperature(overrides) ? std::vector<double>() : usual_ladder_K(molecule);
    ladder_K.empty() ? add_temperature(choices) : add_ladder(ladder_K, choices);
    add_chains(usual.n_atoms, !ladder_K.empty(), choices);
    add_usual_moves(molecule, !ladder_K.empty(), choices);
    add_run(choices);
  }
  add_usual_observables(molecule, choices);
  add_output(usual.name, choices);
  return usual;
}

CommentedDeck written_usual_deck(const UsualDeck& usual, const fs::path& deck_file,
                                 const std::vector<std::string>& overrides) {
  return comment_deck(usual.choices, usual.heading, deck_file, overrides);
}

CommentedDeck usual_deck_of_run(const UsualDeck& usual, const std::vector<std::string>& overrides) {
  const RunDeck deck = written_usual_deck(usual, usual.name + ".toml", overrides).loaded.deck;
  return written_usual_deck(usual, files_of(deck).deck, overrides);
}

std::vector<std::string> main_choices(const LoadedRunDeck& deck) {
  std::vector<std::string> lines;
  for (const auto& [key, value] : deck.values)
    for (const char* shown :
         {"system.force_field", "system.topology", "system.implicit_solvent",
          "ensemble.temperature", "ensemble.temperatures", "chains.count", "run.steps"})
      if (key == shown) lines.push_back(key + " = " + value);
  std::string moves;
  for (const MoveDeck& move : deck.deck.moves)
    moves += (moves.empty() ? "moves: " : ", ") + std::string(move.kind->name) +
             (move.repeat > 1 ? " x " + std::to_string(move.repeat) : "");
  lines.push_back(moves);
  return lines;
}

}  // namespace saltus::tools
