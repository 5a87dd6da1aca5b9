#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/core/span.h"

namespace saltus::mlsamplers {

/// Longest header that is read, bytes; as the format's own programs have it.
inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

/// One array of a file. `bytes` are those of the file, little-endian, row-major.
struct SafetensorsArray {
  std::string dtype;                 ///< as the format names it: "F64", "I64", "F32", ...
  std::vector<std::uint64_t> shape;  ///< empty: one number
  engine::Span<const unsigned char> bytes;
};

/// What a file holds; lives no longer than the bytes it was read from.
struct SafetensorsContent {
  std::map<std::string, std::string> metadata;
  std::map<std::string, SafetensorsArray> arrays;
};

/// Bytes that are no safetensors file; the message says what is wrong and where.
class SafetensorsError final : public std::runtime_error {
 public:
  SafetensorsError(const std::string& message, bool is_cut)
      : std::runtime_error(message), is_cut_(is_cut) {}
  /// Whether a longer file might have been right, or these bytes are another kind of file.
  bool is_cut() const { return is_cut_; }

 private:
  bool is_cut_;
};

/// Bytes of one number of a dtype; 0 when the format knows no such dtype.
std::size_t dtype_bytes(const std::string& dtype);

/// dtype and shape for messages: "F64 [12, 36]".
std::string describe_array(const std::string& dtype, const std::vector<std::uint64_t>& shape);

/// Length of the header that the first bytes announce.
/// @param head       the first bytes of the file, at least 9 unless the file is shorter
/// @param file_size  bytes of the whole file
/// @throws SafetensorsError  when the file cannot hold such a header, or none begins there
std::uint64_t header_length(engine::Span<const unsigned char> head, std::uint64_t file_size);

/// Reads the safetensors format: eight bytes, little-endian, with the length of the header; the
/// header, a JSON object {name: {"dtype", "shape", "data_offsets"}, "__metadata__": {name: text}};
/// the arrays. Strict: each byte after the header belongs to exactly one array; dtype, shape and
/// offsets agree; no name, key or metadata comes twice; nothing but these keys is there; the header
/// is JSON of at most three levels in UTF-8. All of it is checked before anything is allocated for
/// an array, and arrays are not copied: memory is bounded by a small multiple of the header.
/// Source: github.com/huggingface/safetensors, README, "Format".
/// @throws SafetensorsError
SafetensorsContent parse_safetensors(engine::Span<const unsigned char> bytes);

/// The bytes of such a file. Arrays stand in the order of falling size of their numbers, then of
/// their names, and begin at multiples of that size: equal content gives equal bytes.
/// @throws SafetensorsError  when dtype, shape and bytes of an array disagree, or a name or text is
///                           not UTF-8
std::string safetensors_bytes(const SafetensorsContent& content);

}  // namespace saltus::mlsamplers
