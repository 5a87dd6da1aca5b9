#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/saltus/decks/commented_deck.h"

namespace saltus::tools {

/// The force field of amino acids that is taken when nothing is said, as Debian's OpenMM has it.
constexpr const char* kProteinForceField = "amber14/protein.ff14SB.xml";

/// True for names of files with a molecule that a deck can be made for: .pdb; .sdf, .sd and .mol,
/// also with .gz; AMBER's .prmtop, .parm7, .inpcrd and .rst7.
bool has_usual_deck(const std::filesystem::path& file);

/// What is done with a molecule when nothing is said but its file.
struct UsualDeck {
  std::string name;      ///< of the file, without folder and extensions
  std::string heading;   ///< comment at the top of the deck
  std::string molecule;  ///< "ACE-ALA-NME, 22 atoms"
  std::size_t n_atoms = 0;
  std::vector<DeckChoice> choices;
  std::vector<std::string> notes;  ///< on the molecule, for the user
};

/// Reads the molecule and chooses: of a PDB file AMBER's ff14SB and of AMBER's files their
/// topology, both with OBC2 implicit solvent; of an SD file MMFF94 in vacuum; then temperature,
/// chains, moves, lengths and observables that suit it.
/// @param overrides  texts of `--set`: what they say about [system] holds while choosing
/// @throws UsageError  for names of other files
/// @throws FileError   when there is no such file
/// @throws InputError  when AMBER's other file is not beside it, water is around, or as
///                     load_molecule does; says what else can be done with residues that ff14SB
///                     does not know
UsualDeck usual_deck(const std::filesystem::path& file, const std::vector<std::string>& overrides);

/// The deck for a file of its own, with `--set`.
CommentedDeck written_usual_deck(const UsualDeck& usual, const std::filesystem::path& deck_file,
                                 const std::vector<std::string>& overrides);

/// The same for the folder that the run writes to, where it is "deck.toml".
CommentedDeck usual_deck_of_run(const UsualDeck& usual, const std::vector<std::string>& overrides);

/// The choices that matter most in a few lines: "system.implicit_solvent = \"obc2\"".
std::vector<std::string> main_choices(const LoadedRunDeck& deck);

}  // namespace saltus::tools
