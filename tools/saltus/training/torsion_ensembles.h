#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "io/hdf5/torsion_ensemble_file.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/torsion_deck.h"

namespace saltus::tools {

/// Digest by which lists of excluded molecules know one: the first 16 hexadecimal digits of the
/// SHA-256 of its canonical SMILES without stereo.
std::string molecule_digest(const std::string& canonical_smiles_without_stereo);

/// Which part of the molecules one belongs to, by the hash of its fingerprint: 0 and 1 of ten are
/// never trained on.
bool is_held_out(std::uint32_t split_key);

/// Digests of the deck's lists of excluded molecules.
/// @throws FileError, InputError  when a list cannot be read, or a line is no digest
std::set<std::string> excluded_molecules(const TorsionMoleculesDeck& deck);

/// Ensembles of all molecules of a deck, in files of 200 records each in the deck's folder. Files
/// that are there already, made for the same molecules and settings, are left alone: an interrupted
/// run resumes where it was, and lists may grow at their end. Returns the files in order.
/// @throws FileError, InputError  when lists or files cannot be read or written, or the folder
///                                holds files for other molecules or settings
std::vector<std::filesystem::path> make_torsion_ensembles(const TorsionDeck& deck,
                                                          Progress& progress);

}  // namespace saltus::tools
