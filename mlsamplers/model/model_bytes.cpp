#include "mlsamplers/model/model_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "engine/core/error.h"
#include "engine/core/file.h"
#include "mlsamplers/model/model_file.h"

namespace saltus::mlsamplers {

using engine::FileDescriptor;
using engine::FileError;
using engine::ModelError;

namespace {

/// First bytes that are looked at before anything else is read.
constexpr std::size_t kFirstBytes = 16;

/// Reads so many bytes, or fewer at the end of the file.
std::vector<unsigned char> read_bytes(const FileDescriptor& file, std::uint64_t size,
                                      const std::string& path) {
  std::vector<unsigned char> bytes(static_cast<std::size_t>(size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n =
        ::pread(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      throw FileError(path + ": cannot read the model file: " + engine::system_reason(errno));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

bool starts_with(engine::Span<const unsigned char> bytes, const char* text, std::size_t size) {
  return bytes.size() >= size && std::memcmp(bytes.data(), text, size) == 0;
}

/// Zip archives (LibTorch writes such, and so did Saltus) and pickles of protocols 2 to 5.
bool can_carry_code(engine::Span<const unsigned char> bytes) {
  const bool is_zip = starts_with(bytes, "PK\x03\x04", 4) || starts_with(bytes, "PK\x05\x06", 4) ||
                      starts_with(bytes, "PK\x07\x08", 4);
  const bool is_pickle = bytes.size() >= 2 && bytes[0] == 0x80u && bytes[1] >= 2 && bytes[1] <= 5;
  // The length of a header, in the first eight bytes, can look like either.
  const bool can_begin_header = bytes.size() <= 8 || (bytes[7] == 0 && bytes[8] == '{');
  return (is_zip || is_pickle) && !can_begin_header;
}

struct stat state_of(const FileDescriptor& file, const std::string& path) {
  struct stat state {};
  if (::fstat(file.get(), &state) != 0)
    throw FileError(path + ": cannot read the model file: " + engine::system_reason(errno));
  return state;
}

/// Does not block on a pipe whose other end is not open.
FileDescriptor open_to_read(const std::string& path) {
  return engine::open_file(path, O_RDONLY | O_NOCTTY);
}

/// Makes a rename last. Some file systems cannot sync a folder; the file itself is safe there too.
void sync_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const FileDescriptor descriptor =
      engine::open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (descriptor.get() >= 0) ::fsync(descriptor.get());
}

}  // namespace

void refuse_foreign_bytes(const std::string& path, engine::Span<const unsigned char> begin,
                          const SafetensorsError& error) {
  if (error.is_cut() && can_carry_code(begin))
    throw ModelError(
        path +
        ": this is a zip archive or a pickle, as models of earlier versions were; such files can "
        "carry code that runs when they are opened, so they are not read any more; train the model "
        "again with 'saltus train DECK', which writes a .safetensors file");
  if (error.is_cut())
    throw ModelError(path +
                     ": this is not a model file of Saltus, or it is cut short; make one with "
                     "saltus train");
  throw ModelError(path + ": the model file is damaged: " + error.what());
}

std::vector<unsigned char> read_model_bytes(const std::string& path) {
  const FileDescriptor file = open_to_read(path);
  if (file.get() < 0)
    throw FileError(path + ": cannot open the model file: " + engine::system_reason(errno));
  const struct stat state = state_of(file, path);
  if (S_ISDIR(state.st_mode))
    throw ModelError(path +
                     ": this is not a model file of Saltus, or it is cut short; make one with "
                     "saltus train");
  if (!S_ISREG(state.st_mode))
    throw ModelError(path + ": this is a device or a pipe; a model is read from a regular file");
  const auto size = static_cast<std::uint64_t>(state.st_size);
  const std::vector<unsigned char> begin =
      read_bytes(file, std::min<std::uint64_t>(size, kFirstBytes), path);
  try {
    header_length(begin, size);
  } catch (const SafetensorsError& error) {
    refuse_foreign_bytes(path, begin, error);
  }
  if (size > kMaxModelBytes)
    throw ModelError(path + ": the model file has " + std::to_string(size) + " bytes; at most " +
                     std::to_string(kMaxModelBytes) + " are read");
  return read_bytes(file, size, path);
}

bool looks_like_model(const std::string& path) {
  const FileDescriptor file = open_to_read(path);
  struct stat state {};
  if (file.get() < 0 || ::fstat(file.get(), &state) != 0 || !S_ISREG(state.st_mode)) return false;
  const auto size = static_cast<std::uint64_t>(state.st_size);
  std::vector<unsigned char> begin;
  try {
    begin = read_bytes(file, std::min<std::uint64_t>(size, kFirstBytes), path);
    header_length(begin, size);
    return true;
  } catch (const std::exception&) {
    return can_carry_code(begin);
  }
}

void write_model_bytes(const std::string& path, const std::string& bytes) {
  const std::string partial = path + ".partial";
  const std::string failure = path +
                              ": cannot write the model file; is the directory there and "
                              "writable, and the disk not full?";
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode))
    throw FileError(path + ": this is a device or a pipe; a model is written to a regular file");
  try {
    FileDescriptor file = engine::open_file(partial, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.get() < 0) throw FileError(failure);
    const bool is_written = engine::write_all(file, bytes) == 0 && ::fsync(file.get()) == 0;
    if (!is_written || !file.reset()) throw FileError(failure);
    if (std::rename(partial.c_str(), path.c_str()) != 0)
      throw FileError(path +
                      ": cannot rename the finished model file: " + engine::system_reason(errno));
  } catch (const FileError&) {
    std::remove(partial.c_str());
    throw;
  }
  sync_folder_of(path);
}

}  // namespace saltus::mlsamplers
