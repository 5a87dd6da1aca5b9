#include "tests/forcefields/openmm/npz_reader.h"

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <regex>
#include <stdexcept>

#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

template <class T>
T little_endian(const std::string& bytes, std::size_t at) {
  if (at + sizeof(T) > bytes.size()) throw std::runtime_error("npz: the file ends early");
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::string inflated(const std::string& packed, std::size_t size) {
  std::string result(size, '\0');
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(size);
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::runtime_error("npz: zlib failed");
  const int outcome = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (outcome != Z_STREAM_END) throw std::runtime_error("npz: cannot be inflated");
  return result;
}

template <class T>
std::vector<double> numbers(const std::string& bytes, std::size_t first, std::size_t count) {
  std::vector<double> values;
  for (std::size_t n = 0; n < count; ++n)
    values.push_back(static_cast<double>(little_endian<T>(bytes, first + n * sizeof(T))));
  return values;
}

NumpyArray parse_npy(const std::string& bytes) {
  constexpr std::size_t kPreamble = 10;  // magic, version 1.0, length of the header
  if (bytes.compare(0, 8, std::string("\x93NUMPY\x01\x00", 8)) != 0)
    throw std::runtime_error("npz: an entry is not npy 1.0");
  const std::size_t length = little_endian<std::uint16_t>(bytes, 8);
  const std::string header = bytes.substr(kPreamble, length);
  std::smatch match;
  static const std::regex pattern(
      R"(.*'descr': '<(\w\d)', 'fortran_order': False, 'shape': \(([\d, ]*)\).*\s*)");
  if (!std::regex_match(header, match, pattern))
    throw std::runtime_error("npz: unexpected header " + header);
  NumpyArray array;
  std::size_t count = 1;
  std::string shape = match[2];
  for (char& c : shape)
    if (c == ',') c = ' ';
  std::istringstream words(shape);
  for (std::size_t extent; words >> extent; count *= extent) array.shape.push_back(extent);
  const std::string type = match[1];
  const std::size_t first = kPreamble + length;
  if (type == "f4")
    array.values = numbers<float>(bytes, first, count);
  else if (type == "f8")
    array.values = numbers<double>(bytes, first, count);
  else if (type == "i8")
    array.values = numbers<std::int64_t>(bytes, first, count);
  else
    throw std::runtime_error("npz: number type " + type);
  return array;
}

}  // namespace

std::map<std::string, NumpyArray> read_npz(const std::string& path) {
  // Offsets of the ZIP format's end record, central directory and local headers (APPNOTE 4.3).
  constexpr std::size_t kEndRecord = 22, kCentral = 46, kLocal = 30;
  constexpr std::uint16_t kDeflated = 8;
  const std::string file = read_text(path);
  const std::size_t end = file.rfind("PK\x05\x06");
  if (end == std::string::npos || end + kEndRecord > file.size())
    throw std::runtime_error(path + ": not an npz file");
  const std::size_t entries = little_endian<std::uint16_t>(file, end + 10);
  std::size_t at = little_endian<std::uint32_t>(file, end + 16);
  std::map<std::string, NumpyArray> arrays;
  for (std::size_t n = 0; n < entries; ++n) {
    const auto method = little_endian<std::uint16_t>(file, at + 10);
    const std::size_t packed_size = little_endian<std::uint32_t>(file, at + 20);
    const std::size_t size = little_endian<std::uint32_t>(file, at + 24);
    const std::size_t name_size = little_endian<std::uint16_t>(file, at + 28);
    const std::size_t extra = little_endian<std::uint16_t>(file, at + 30);
    const std::size_t comment = little_endian<std::uint16_t>(file, at + 32);
    const std::size_t local = little_endian<std::uint32_t>(file, at + 42);
    const std::string name = file.substr(at + kCentral, name_size);
    const std::size_t content = local + kLocal + little_endian<std::uint16_t>(file, local + 26) +
                                little_endian<std::uint16_t>(file, local + 28);
    const std::string packed = file.substr(content, packed_size);
    arrays[name.substr(0, name.find(".npy"))] =
        parse_npy(method == kDeflated ? inflated(packed, size) : packed);
    at += kCentral + name_size + extra + comment;
  }
  return arrays;
}

}  // namespace saltus::tests
