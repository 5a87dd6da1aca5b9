#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/conformers/ensemble_sampler.h"
#include "mlsamplers/training/torsion_trainer.h"
#include "tools/saltus/decks/whole_deck.h"

namespace saltus::tools {

/// Which molecules torsion ensembles are made of.
struct TorsionMoleculesDeck {
  std::vector<std::filesystem::path> files;       ///< SMILES lists, a line of each in turn
  std::vector<std::filesystem::path> more_files;  ///< likewise, after those
  std::vector<std::filesystem::path> excluded;    ///< lists of digests, see molecule_digest()
  std::size_t max_atoms = 70;
  std::size_t max_torsions = 24;
  std::size_t max_molecules = 0;  ///< lines of `files` taken, 0: all
};

/// How each molecule's ensemble is sampled.
struct TorsionEnsemblesDeck {
  std::filesystem::path folder;      ///< ensembles are kept there, and used again
  engine::EnsembleOptions sampling;  ///< seed and deadline are each molecule's own
  std::size_t n_seeds = 4;           ///< embedded conformers that chains begin with
  double max_seconds = 60.0;         ///< per molecule
};

/// A deck that trains a torsion network.
struct TorsionDeck {
  std::string title;
  std::uint64_t seed = mlsamplers::TorsionTrainingOptions{}.seed;
  std::size_t threads = 0;  ///< 0: all there are
  TorsionMoleculesDeck molecules;
  TorsionEnsemblesDeck ensembles;
  mlsamplers::TorsionTrainingOptions training;  ///< with the deck's seed
  std::filesystem::path model;                  ///< what is written
};

using LoadedTorsionDeck = LoadedDeck<TorsionDeck>;

/// Whether a deck is one of these: it has a table [torsion_network].
bool is_torsion_deck(const std::filesystem::path& path, const std::vector<std::string>& overrides);

/// @throws InputError  listing everything that is wrong with it
LoadedTorsionDeck load_torsion_deck(const std::filesystem::path& path,
                                    const std::vector<std::string>& overrides);

/// All keys with their defaults, explained.
std::string default_torsion_deck();

}  // namespace saltus::tools
