#include "io/files/text_output.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"

namespace saltus::io {

using engine::FileError;

namespace {

gzFile as_gzip(void* file) { return static_cast<gzFile>(file); }

std::string what(const std::filesystem::path& path) {
  return "cannot write '" + path.string() + "'";
}

/// Checks the name a user gave and those that are written to.
void require_places(const std::filesystem::path& given, const std::filesystem::path& path) {
  require_file_place(given);
  require_file_place(part_of(path));
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw FileError(what(given) + ": it is a folder, expected the name of a file");
}

/// Held until the descriptor is closed.
void lock(int descriptor, const std::filesystem::path& path) {
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw FileError(what(path) + ": another process is writing it");
}

}  // namespace

void refuse_to_overwrite(const std::filesystem::path& path, bool overwrite) {
  require_file_place(path);
  if (overwrite) return;
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
    throw FileError("'" + path.string() +
                    "' exists: choose another name, or replace it with --overwrite");
}

std::filesystem::path part_of(const std::filesystem::path& path) {
  std::filesystem::path part = path;
  return part += ".new";
}

TextOutput::TextOutput(const std::filesystem::path& path, const Options& options)
    : path_(behind_links(path)), marked_(options.resume_at.has_value()) {
  if (path != "-") require_places(path, path_);
  if (path == "-") {
    descriptor_ = ::dup(STDOUT_FILENO);
    if (descriptor_ < 0) throw FileError(what(path_) + ": " + system_reason(errno));
  } else if (options.resume_at) {
    descriptor_ = open_marked(*options.resume_at);
  } else {
    refuse_to_overwrite(path, options.overwrite);
    descriptor_ = open_new();
  }
  if (path != "-") temporary_ = part_of(path_);
  // T: written as it is. Level 6 is zlib's own compromise.
  file_ = ::gzdopen(descriptor_, options.gzip ? "wb6" : "wbT");
  if (file_ == nullptr) throw FileError(what(path_) + ": not enough memory");
}

int TextOutput::open_new() {
  constexpr mode_t kReadWriteForAll = 0666;
  FileDescriptor file(::open(part_of(path_).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK,
                             kReadWriteForAll));
  if (file.get() < 0) throw FileError(what(path_) + ": " + system_reason(errno));
  lock(file.get(), path_);
  if (::ftruncate(file.get(), 0) != 0) throw FileError(what(path_) + ": " + system_reason(errno));
  return file.release();
}

int TextOutput::open_marked(std::uint64_t size) {
  const std::filesystem::path part = part_of(path_);
  std::error_code error;
  // An interrupted run has given its file the name already.
  const std::filesystem::path& written = std::filesystem::exists(part, error) ? part : path_;
  FileDescriptor file(::open(written.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0)
    throw FileError("cannot resume '" + written.string() + "': " + system_reason(errno));
  lock(file.get(), path_);
  const std::uint64_t found = std::filesystem::file_size(written, error);
  if (error || found < size || (found > size && written == path_))
    throw FileError("cannot resume '" + written.string() + "': it has " + std::to_string(found) +
                    " bytes, the interrupted run had written " + std::to_string(size));
  if (written == path_) rename_durably(path_, part);
  const auto end = static_cast<off_t>(size);
  if (::ftruncate(file.get(), end) != 0 || ::lseek(file.get(), end, SEEK_SET) != end)
    throw FileError("cannot resume '" + part.string() + "': " + system_reason(errno));
  return file.release();
}

TextOutput::~TextOutput() {
  if (file_ != nullptr) ::gzclose_w(as_gzip(file_));
  if (!temporary_.empty() && !marked_) ::unlink(temporary_.c_str());
}

std::uint64_t TextOutput::mark() {
  errno = 0;
  if (::gzflush(as_gzip(file_), Z_FINISH) != Z_OK || ::fsync(descriptor_) != 0)
    throw FileError(what(path_) + ": " + system_reason(errno));
  struct stat about {};
  if (::fstat(descriptor_, &about) != 0) throw FileError(what(path_) + ": " + system_reason(errno));
  marked_ = true;
  return static_cast<std::uint64_t>(about.st_size);
}

void TextOutput::write(const std::string& text) {
  constexpr std::size_t kMaxBytesAtOnce = 1 << 30;
  for (std::size_t done = 0; done < text.size();) {
    const auto n = static_cast<unsigned>(std::min(kMaxBytesAtOnce, text.size() - done));
    errno = 0;
    if (::gzwrite(as_gzip(file_), text.data() + done, n) != static_cast<int>(n))
      throw FileError(what(path_) + ": " + system_reason(errno));
    done += n;
  }
}

void TextOutput::close() {
  errno = 0;
  const int status = ::gzclose_w(as_gzip(file_));
  file_ = nullptr;
  if (status != Z_OK) throw FileError(what(path_) + ": " + system_reason(errno));
}

void TextOutput::commit() {
  close();
  if (temporary_.empty()) return;
  rename_durably(temporary_, path_);
  temporary_.clear();
}

}  // namespace saltus::io
