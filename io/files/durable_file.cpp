#include "io/files/durable_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "io/files/file_place.h"

namespace saltus::io {
namespace {

using engine::FileError;

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

FileDescriptor open_or_throw(const std::filesystem::path& path, int flags,
                             const std::string& what) {
  const std::string kind = engine::special_file(path);
  if (!kind.empty())
    throw FileError(what + quoted(path) + ": it is " + kind + ", expected a regular file");
  // Should it have become a pipe meanwhile, it must not block on its other end.
  FileDescriptor file = engine::open_file(path, flags);
  if (file.get() < 0) throw FileError(what + quoted(path) + ": " + system_reason(errno));
  return file;
}

}  // namespace

void sync_file(const std::filesystem::path& path) {
  const FileDescriptor file = open_or_throw(path, O_RDONLY, "cannot open ");
  if (::fsync(file.get()) != 0)
    throw FileError("cannot sync " + quoted(path) + ": " + system_reason(errno));
}

void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  sync_file(from);
  if (std::rename(from.c_str(), to.c_str()) != 0)
    throw FileError("cannot rename " + quoted(from) + " to " + quoted(to) + ": " +
                    system_reason(errno));
  const std::filesystem::path folder = to.has_parent_path() ? to.parent_path() : ".";
  sync_file(folder);
}

void write_file_durably(const std::filesystem::path& name, const std::string& bytes) {
  require_file_place(name);
  const std::filesystem::path path = behind_links(name);
  std::filesystem::path temporary = path;
  temporary += ".new";
  const std::string what = "cannot write " + quoted(path);
  try {
    FileDescriptor file = open_or_throw(temporary, O_WRONLY | O_CREAT | O_TRUNC, "cannot create ");
    const int error = engine::write_all(file, bytes);
    if (error != 0) throw FileError(what + ": " + system_reason(error));
    if (!file.reset()) throw FileError(what + ": " + system_reason(errno));
    rename_durably(temporary, path);
  } catch (const FileError&) {
    ::unlink(temporary.c_str());
    throw;
  }
}

std::string read_whole_file(const std::filesystem::path& path, const std::string& kind) {
  const std::string what = "cannot read " + kind + " ";
  const FileDescriptor file = open_or_throw(path, O_RDONLY, what);
  std::string bytes;
  const int error = engine::read_rest(file, bytes);
  if (error != 0) throw FileError(what + quoted(path) + ": " + system_reason(error));
  return bytes;
}

FileDescriptor lock_as_writer(const std::filesystem::path& path) {
  FileDescriptor file = open_or_throw(path, O_RDWR, "cannot open ");
  if (::flock(file.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw FileError("cannot write " + quoted(path) + ": another process has it open for writing");
  return file;
}

void reserve_space(int descriptor, std::uint64_t end, std::uint64_t n_bytes,
                   const std::string& what) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && end + n_bytes > limit.rlim_cur)
    throw FileError(what + ": " + system_reason(EFBIG));
  const auto first = static_cast<off_t>(end), length = static_cast<off_t>(n_bytes);
  if (::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, first, length) == 0) return;
  const bool cannot_reserve = errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR;
  if (!cannot_reserve) throw FileError(what + ": " + system_reason(errno));
  struct statvfs space {};
  if (::fstatvfs(descriptor, &space) == 0 && space.f_bavail * space.f_frsize < n_bytes)
    throw FileError(what + ": " + system_reason(ENOSPC));
}

void refuse_if_in_use(const std::filesystem::path& path) {
  const FileDescriptor file = open_or_throw(path, O_RDONLY, "cannot open ");
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw FileError("cannot change " + quoted(path) +
                    ": another process has it open; wait until it ends");
}

}  // namespace saltus::io
