#include "mlsamplers/model/safetensors_file.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/core/little_endian.h"
#include "mlsamplers/model/safetensors_header_detail.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::size_t kLengthBytes = 8;

[[noreturn]] void fail(const std::string& what) { throw SafetensorsError(what, false); }
[[noreturn]] void cut(const std::string& what) { throw SafetensorsError(what, true); }

/// Number of bytes of an array.
std::uint64_t array_bytes(const std::string& name, const std::string& dtype,
                          const std::vector<std::uint64_t>& shape) {
  std::uint64_t bytes = dtype_bytes(dtype);
  if (bytes == 0)
    fail("tensor " + quoted_name(name) + " has the unknown dtype " + quoted_name(dtype));
  // An empty dimension makes the product 0 whatever the others are.
  if (std::find(shape.begin(), shape.end(), 0u) != shape.end()) return 0;
  for (std::uint64_t extent : shape) {
    if (extent > std::numeric_limits<std::uint64_t>::max() / bytes)
      fail("tensor " + quoted_name(name) + " has a shape of more than 2^64 bytes");
    bytes *= extent;
  }
  return bytes;
}

/// Offsets lie within the data and fit dtype and shape.
void check_array(const std::string& name, const HeaderEntry& entry, std::uint64_t data_size) {
  const std::string tensor = "tensor " + quoted_name(name);
  const std::uint64_t needed = array_bytes(name, entry.dtype, entry.shape);
  if (entry.begin > entry.end)
    fail(tensor + " ends at byte " + std::to_string(entry.end) + ", before it begins at byte " +
         std::to_string(entry.begin));
  if (entry.end - entry.begin != needed)
    fail(tensor + " has " + std::to_string(entry.end - entry.begin) + " bytes, but " +
         describe_array(entry.dtype, entry.shape) + " needs " + std::to_string(needed));
  if (entry.end > data_size)
    cut(tensor + " ends at byte " + std::to_string(entry.end) + " of the data, which has " +
        std::to_string(data_size));
}

/// Arrays follow each other without overlap and without holes, to the end of the data.
void check_layout(const std::map<std::string, HeaderEntry>& entries, std::uint64_t data_size) {
  std::vector<std::pair<const std::string*, const HeaderEntry*>> sorted;
  for (const auto& [name, entry] : entries) sorted.emplace_back(&name, &entry);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::make_pair(a.second->begin, a.second->end) <
           std::make_pair(b.second->begin, b.second->end);
  });
  std::uint64_t end = 0;
  const std::string* last = nullptr;
  for (const auto& [name, entry] : sorted) {
    if (entry->begin < end)
      fail("tensors " + quoted_name(*last) + " and " + quoted_name(*name) + " overlap");
    if (entry->begin > end)
      fail(std::to_string(entry->begin - end) + " bytes before tensor " + quoted_name(*name) +
           " belong to no tensor");
    end = entry->end;
    last = name;
  }
  if (end < data_size)
    fail(std::to_string(data_size - end) + " bytes at the end belong to no tensor");
}

}  // namespace

std::size_t dtype_bytes(const std::string& dtype) {
  static const std::map<std::string, std::size_t> kBytes = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
      {"U16", 2},  {"I16", 2}, {"F16", 2}, {"BF16", 2},    {"U32", 4},
      {"I32", 4},  {"F32", 4}, {"U64", 8}, {"I64", 8},     {"F64", 8}};
  const auto found = kBytes.find(dtype);
  return found == kBytes.end() ? 0 : found->second;
}

std::string describe_array(const std::string& dtype, const std::vector<std::uint64_t>& shape) {
  constexpr std::size_t kMaxShown = 8;
  std::string text = dtype + " [";
  for (std::size_t i = 0; i < std::min(shape.size(), kMaxShown); ++i)
    text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() > kMaxShown ? ", ...]" : "]");
}

std::uint64_t header_length(engine::Span<const unsigned char> head, std::uint64_t file_size) {
  if (file_size < kLengthBytes + 2 || head.size() < kLengthBytes + 1)
    cut("the file has " + std::to_string(file_size) + " bytes, no room for a header");
  const std::uint64_t length = engine::little_endian(head.data());
  if (length > file_size - kLengthBytes)
    cut("the header should have " + std::to_string(length) + " bytes, the file has " +
        std::to_string(file_size));
  if (head[kLengthBytes] != '{') cut("no header begins at byte 8: expected '{'");
  if (length > kMaxHeaderBytes)
    fail("the header has " + std::to_string(length) + " bytes, at most " +
         std::to_string(kMaxHeaderBytes) + " are allowed");
  return length;
}

SafetensorsContent parse_safetensors(engine::Span<const unsigned char> bytes) {
  const auto length = static_cast<std::size_t>(header_length(bytes, bytes.size()));
  Header header = read_header(bytes.subspan(kLengthBytes, length));
  const std::size_t data_start = kLengthBytes + length;
  const std::uint64_t data_size = bytes.size() - data_start;
  for (const auto& [name, entry] : header.entries) check_array(name, entry, data_size);
  check_layout(header.entries, data_size);

  SafetensorsContent content;
  content.metadata = std::move(header.metadata);
  for (auto& [name, entry] : header.entries)
    content.arrays[name] = {std::move(entry.dtype), std::move(entry.shape),
                            bytes.subspan(data_start + static_cast<std::size_t>(entry.begin),
                                          static_cast<std::size_t>(entry.end - entry.begin))};
  return content;
}

std::string safetensors_bytes(const SafetensorsContent& content) {
  std::vector<std::pair<const std::string*, const SafetensorsArray*>> order;
  for (const auto& [name, array] : content.arrays) {
    if (array_bytes(name, array.dtype, array.shape) != array.bytes.size())
      fail("tensor " + quoted_name(name) + " has " + std::to_string(array.bytes.size()) +
           " bytes, which is not " + describe_array(array.dtype, array.shape));
    order.emplace_back(&name, &array);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return dtype_bytes(a.second->dtype) > dtype_bytes(b.second->dtype);
  });

  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!content.metadata.empty()) json[kMetadataName] = content.metadata;
  std::uint64_t end = 0;
  for (const auto& [name, array] : order) {
    const std::uint64_t begin = end;
    end += array->bytes.size();
    json[*name] = {{"dtype", array->dtype},
                   {"shape", array->shape},
                   {"data_offsets", std::array<std::uint64_t, 2>{begin, end}}};
  }
  std::string header;
  try {
    header = json.dump();
  } catch (const nlohmann::json::exception&) {
    fail("a name or a text of the metadata is not valid UTF-8");
  }
  // Arrays begin at a multiple of eight bytes.
  header.append((kLengthBytes - header.size() % kLengthBytes) % kLengthBytes, ' ');

  std::string bytes;
  bytes.reserve(kLengthBytes + header.size() + static_cast<std::size_t>(end));
  for (std::size_t i = 0; i < kLengthBytes; ++i)
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xffu);
  bytes += header;
  for (const auto& [name, array] : order)
    bytes.append(reinterpret_cast<const char*>(array->bytes.data()), array->bytes.size());
  return bytes;
}

}  // namespace saltus::mlsamplers
