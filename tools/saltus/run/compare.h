#pragma once

#include <filesystem>
#include <functional>
#include <optional>

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

/// Compares finished runs with their references, peptide by peptide: those of [[peptide]].
/// @throws InputError  naming peptide and run when a trajectory cannot be compared
io::ComparisonData compare_runs(const LoadedCompareDeck& loaded, Progress& progress);

/// Makes the runs of [peptides], compares all, and writes page and JSON into the deck's folder.
/// @param interrupted  asked between steps of the runs; may be empty
/// @returns nothing when interrupted; the same call goes on
/// @throws FileError   when they exist and are not to be replaced, or cannot be written
/// @throws InputError  as make_peptide_runs and compare_runs
std::optional<ComparisonFiles> run_comparison(const LoadedCompareDeck& loaded,
                                              const std::function<bool()>& interrupted,
                                              Progress& progress);

}  // namespace saltus::tools
