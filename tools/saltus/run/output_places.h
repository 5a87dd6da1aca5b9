#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/run/report.h"

/// Where a run writes, found out before anything is computed.
namespace saltus::tools {

/// @throws FileError  when the folder cannot be made or written to
void make_directory(const std::filesystem::path& path);

/// Everything can be written, and nothing that is read is written.
/// @throws FileError  otherwise
void check_places(const LoadedRunDeck& loaded, const std::vector<std::filesystem::path>& outputs);

/// A new run must not silently replace an old one, nor a deck that somebody has changed.
/// @param deck_text  of a deck that is in no file yet; else empty
/// @throws FileError  when it would
void refuse_to_overwrite(const RunFiles& files, const std::string& deck_text);

/// A model can go to a file.
/// @throws FileError  otherwise
void check_model_file(const LeapDeck& leap, const std::filesystem::path& file, bool overwrite);

/// Of the disk that a file is on; infinite when that cannot be found out.
double free_bytes(const std::filesystem::path& file);

}  // namespace saltus::tools
