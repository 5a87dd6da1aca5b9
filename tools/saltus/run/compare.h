#pragma once

#include <filesystem>

#include "io/report/comparison_data.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/compare_deck.h"

namespace saltus::tools {

/// Files of a comparison.
struct ComparisonFiles {
  std::filesystem::path page, json;

  explicit ComparisonFiles(const std::filesystem::path& directory)
      : page(directory / "compare.html"), json(directory / "compare.json") {}
};

/// Compares finished runs with their references, peptide by peptide.
/// @throws InputError  naming peptide and run when a trajectory cannot be compared
io::ComparisonData compare_runs(const LoadedCompareDeck& loaded, Progress& progress);

/// Compares, and writes page and JSON into the deck's folder.
/// @throws FileError   when they exist and are not to be replaced, or cannot be written
/// @throws InputError  as compare_runs
ComparisonFiles run_comparison(const LoadedCompareDeck& loaded, Progress& progress);

}  // namespace saltus::tools
