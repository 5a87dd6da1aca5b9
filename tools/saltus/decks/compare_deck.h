#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "engine/diagnostics/angle_basins.h"
#include "forcefields/openmm/plain_dynamics.h"
#include "io/deck/deck_table.h"
#include "tools/saltus/decks/run_deck.h"

namespace saltus::tools {

/// What a run of a comparison stands for.
enum class ComparedRole {
  kRun,             ///< what is judged
  kOpenMMDynamics,  ///< plain dynamics by OpenMM: speed-ups are counted from it
  kPlainDynamics,   ///< our own plain dynamics: likewise
};

/// "run", "OpenMM dynamics", "plain dynamics"
std::string to_string(ComparedRole role);

/// One run of a molecule.
struct ComparedRunDeck {
  static constexpr double kNotGiven = std::numeric_limits<double>::quiet_NaN();

  std::string name;
  ComparedRole role = ComparedRole::kRun;
  std::filesystem::path trajectory;
  /// What all that comes before production has cost, training of its models included, in place of
  /// what the run has recorded.
  double training_energy_evaluations = kNotGiven;
  double training_cpu_seconds = kNotGiven;
};

/// One molecule: its reference and the runs that are compared with it.
struct ComparedPeptideDeck {
  std::string name;
  std::filesystem::path reference;        ///< trajectory of an exact, long run
  std::filesystem::path tica_trajectory;  ///< what TICA is fitted to; empty: the reference
  std::vector<ComparedRunDeck> runs;
};

/// A molecule of which runs are made, in a folder of this name.
struct MadePeptideDeck {
  std::string name;
  std::string sequence;               ///< as parse_sequence takes it; empty: of a file
  std::filesystem::path coordinates;  ///< the file
};

/// [[run]]: a run that is made of every peptide.
struct MadeRunDeck {
  ComparedRunDeck run;         ///< its trajectory is known when it has been made
  std::filesystem::path deck;  ///< of saltus run
};

/// [openmm_dynamics]: OpenMM's own Langevin dynamics of every peptide.
struct ComparedOpenMMDeck {
  /// Platform "fastest": whichever is. Temperature and seed come from the reference's deck.
  forcefields::PlainDynamicsOptions dynamics = {{"fastest"}};
  double hydrogen_mass_dalton = kHeavyHydrogen_dalton;
  double equilibration_ps = 1000.0;
  double length_ps = 20000.0;
  double frame_period_ps = 1.0;
};

/// [peptides], [[run]] and [openmm_dynamics]: what is run before it is compared.
struct MadePeptidesDeck {
  std::vector<MadePeptideDeck> peptides;  ///< empty: nothing is run
  std::filesystem::path folder;           ///< of a folder for each peptide
  std::filesystem::path reference_deck;
  std::string tica_run;  ///< name of the run TICA is fitted to; empty: the reference
  std::vector<MadeRunDeck> runs;
  std::optional<ComparedOpenMMDeck> openmm_dynamics;
};

/// What tables call the runs of OpenMM's dynamics.
inline constexpr const char* kOpenMMRunName = "OpenMM dynamics";

/// [tica]: the slow coordinates.
struct ComparedTicaDeck {
  std::size_t lag_frames = 1;
  std::size_t max_frames = 50000;  ///< fitted to, of all chains together
  bool koopman = false;
  bool distances = true;    ///< of pairs of heavy atoms
  bool side_chains = true;  ///< torsions of bonds between heavy atoms beside phi and psi
};

/// [states]: which torsion states there are.
struct ComparedStatesDeck {
  double min_population = 0.005;
  bool side_chains = true;
  engine::AngleBasinOptions basins;
};

/// [distances]: Wasserstein distances of samples.
struct ComparedDistancesDeck {
  std::size_t n_frames = 10000;       ///< of each sample
  std::size_t n_curve_frames = 1000;  ///< of each sample, along a run
  std::size_t n_curve_points = 6;     ///< 0: no curves
  std::size_t n_floors = 2;           ///< pairs of reference samples that floors are averaged over
};

/// A deck of `saltus compare`.
struct CompareDeck {
  std::string title;
  std::size_t threads = 0;  ///< 0: all there are
  ComparedTicaDeck tica;
  ComparedStatesDeck states;
  ComparedDistancesDeck distances;
  std::vector<ComparedPeptideDeck> peptides;
  MadePeptidesDeck made;
  std::filesystem::path directory;  ///< of the page and the JSON
  bool overwrite = false;           ///< page and JSON, and runs that another deck made
};

/// The deck as it was read, and as text.
struct LoadedCompareDeck {
  CompareDeck deck;
  std::filesystem::path file;
  std::string resolved_toml;  ///< with every value in use
};

/// @throws InputError  listing everything that is wrong with it, with file, line and column
LoadedCompareDeck load_compare_deck(const std::filesystem::path& path,
                                    const std::vector<std::string>& overrides);

/// All keys with their defaults, explained.
std::string default_compare_deck();

}  // namespace saltus::tools
