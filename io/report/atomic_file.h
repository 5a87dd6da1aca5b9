#pragma once

#include <string>

namespace saltus::io {

/// Replaces a file as a whole: writes `<path>.tmp` beside it, syncs it to disk and renames it, so
/// that a reader (or a crash) sees either the old text or the new one.
/// @throws FileError  naming the path and what the system said; the old file is then untouched
void write_file_atomically(const std::string& path, const std::string& text);

}  // namespace saltus::io
