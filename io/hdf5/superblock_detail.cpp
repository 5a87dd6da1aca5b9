#include "io/hdf5/superblock_detail.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "engine/core/error.h"
#include "engine/core/little_endian.h"
#include "engine/core/special_file.h"
#include "io/files/durable_file.h"

namespace saltus::io::detail {
namespace {

constexpr std::size_t kSuperblockBytes = 48;
constexpr std::size_t kVersionAt = 8, kFlagsAt = 11, kEndAt = 28;
constexpr unsigned char kWriteFlag = 1, kSwmrFlag = 4;

}  // namespace

Superblock read_superblock(const std::filesystem::path& path) {
  const std::string what = "cannot read trajectory '" + path.string() + "': ";
  if (std::filesystem::is_directory(path)) throw engine::FileError(what + system_reason(EISDIR));
  engine::refuse_special_file(path);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw engine::FileError(what + system_reason(errno));
  std::array<unsigned char, kSuperblockBytes> bytes{};
  file.read(reinterpret_cast<char*>(bytes.data()), kSuperblockBytes);
  constexpr unsigned char kSignature[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  if (file.gcount() < static_cast<std::streamsize>(kSuperblockBytes) ||
      std::memcmp(bytes.data(), kSignature, sizeof kSignature) != 0)
    throw engine::InputError(what + "it is not an HDF5 file");
  constexpr unsigned char kOffsetBytes = 8;
  if (bytes[kVersionAt] < 2 || bytes[kVersionAt] > 3 || bytes[kVersionAt + 1] != kOffsetBytes)
    throw engine::InputError(what + "an HDF5 file, but of a format Saltus does not write");

  Superblock block;
  block.open_for_writing = bytes[kFlagsAt] & kWriteFlag;
  block.open_for_swmr = bytes[kFlagsAt] & kSwmrFlag;
  block.stored_end = engine::little_endian(bytes.data() + kEndAt);
  block.file_size = std::filesystem::file_size(path);
  return block;
}

}  // namespace saltus::io::detail
