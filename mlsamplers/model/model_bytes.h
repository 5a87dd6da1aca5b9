#pragma once

#include <string>
#include <vector>

#include "engine/core/span.h"
#include "mlsamplers/model/safetensors_file.h"

namespace saltus::mlsamplers {

/// The bytes of a model file. Opens nothing but regular files, and reads no more of a file than its
/// first bytes unless a header of this format begins there.
/// @throws FileError   when the file cannot be opened or read
/// @throws ModelError  as ModelReader
std::vector<unsigned char> read_model_bytes(const std::string& path);

/// Says what is wrong with bytes that are no safetensors file: that they are a model of an earlier
/// version or a pickle, which can carry code and are never read; something else, or cut short;
/// damaged.
/// @param begin  the first bytes of the file, at least 9 unless it is shorter
/// @throws ModelError  always
[[noreturn]] void refuse_foreign_bytes(const std::string& path,
                                       engine::Span<const unsigned char> begin,
                                       const SafetensorsError& error);

/// Writes a file under a temporary name beside it, syncs, renames and syncs the folder.
/// @throws FileError
void write_model_bytes(const std::string& path, const std::string& bytes);

}  // namespace saltus::mlsamplers
