#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/core/span.h"

namespace saltus::mlsamplers {

/// Name of the table of texts in a header.
inline constexpr const char* kMetadataName = "__metadata__";

/// A tensor as the header describes it; not yet compared with the data.
struct HeaderEntry {
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0, end = 0;
};

/// The header of a safetensors file.
struct Header {
  std::map<std::string, std::string> metadata;
  std::map<std::string, HeaderEntry> entries;
};

/// Reads a header by the events of the JSON parser, so that nothing is built of what does not
/// belong there and no level is deeper than three.
/// @throws SafetensorsError
Header read_header(engine::Span<const unsigned char> text);

/// A name for messages: 'quoted', without control characters, not long.
std::string quoted_name(const std::string& name);

}  // namespace saltus::mlsamplers
