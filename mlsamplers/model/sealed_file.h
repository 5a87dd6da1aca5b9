#pragma once

#include <string>

namespace saltus::mlsamplers {

/// Writes content and, behind it, a line with its checksum, under a temporary name and renames it.
/// The libraries that read models crash on some damaged files; a seal keeps such files from them.
/// @throws FileError
void write_sealed(const std::string& path, const std::string& content);

/// The content of a sealed file.
/// @throws FileError   when the file cannot be read
/// @throws ModelError  when it has no seal (another kind of file, or one cut short) or a wrong one
std::string read_sealed(const std::string& path);

/// The same of the bytes of such a file; `name` begins messages.
/// @throws ModelError
std::string unsealed(std::string bytes, const std::string& name);

}  // namespace saltus::mlsamplers
