// Kills the program, or makes a disk full, at a chosen change of a file: loaded before the
// program's libraries (LD_PRELOAD), it stands in front of the calls that change files. Changes are
// counted from 1; those of pipes and terminals do not count. Told by variables of the environment,
// which it removes so that programs that the program starts are left alone:
//
// * SALTUS_FAULTS_COUNT=FILE: keeps the number of changes, a long, in FILE, even if it is killed
// * SALTUS_FAULTS=before:K: SIGKILL in front of change K
// * SALTUS_FAULTS=torn:K: SIGKILL in change K, if it is a write that lies across memory pages,
//   where alone the kernel tears a write; else after it
// * SALTUS_FAULTS=after:K:US: SIGKILL so many microseconds after change K
// * SALTUS_FAULTS=cpu:US: SIGKILL when the first thread has had so much CPU time
// * SALTUS_FAULTS=full:K: from change K on nothing can be written: "No space left on device"
// * SALTUS_FAULTS=broken:K: from change K on writing fails: "Input/output error"
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <string>

namespace {

enum class Kind { kNone, kBefore, kTorn, kAfter, kCpu, kFails };

Kind kind = Kind::kNone;
int failure = 0;  // errno of writing
long change_of_fault = 0, microseconds = 0;
std::atomic<long> own_count{0};
std::atomic<long>* n_changes = &own_count;

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

void die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

void die_later(clockid_t clock) {
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGKILL;
  timer_t timer{};
  itimerspec when{};
  when.it_value.tv_sec = microseconds / 1'000'000;
  when.it_value.tv_nsec = microseconds % 1'000'000 * 1000 + 1;
  if (timer_create(clock, &event, &timer) != 0 || timer_settime(timer, 0, &when, nullptr) != 0)
    abort();
}

void count_in(const char* path) {
  const int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (file < 0 || ftruncate(file, sizeof own_count) != 0) abort();
  void* place = mmap(nullptr, sizeof own_count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (place == MAP_FAILED) abort();
  n_changes = new (place) std::atomic<long>(0);
}

__attribute__((constructor)) void begin() {
  unsetenv("LD_PRELOAD");
  if (const char* path = std::getenv("SALTUS_FAULTS_COUNT")) count_in(path);
  const char* text = std::getenv("SALTUS_FAULTS");
  if (text == nullptr) return;
  char word[16];
  const int n = std::sscanf(text, "%15[a-z]:%ld:%ld", word, &change_of_fault, &microseconds);
  const std::string name = n < 2 ? "" : word;
  if (name == "before") kind = Kind::kBefore;
  if (name == "torn") kind = Kind::kTorn;
  if (name == "after") kind = Kind::kAfter;
  if (name == "cpu") kind = Kind::kCpu;
  if (name == "full" || name == "broken") kind = Kind::kFails;
  if (kind == Kind::kNone) abort();
  failure = name == "full" ? ENOSPC : EIO;
  unsetenv("SALTUS_FAULTS");
  if (kind != Kind::kCpu) return;
  microseconds = change_of_fault;
  change_of_fault = -1;
  // Not of the process: its clock counts in ticks while a timer waits for it, and runs that take
  // less would see no CPU time.
  die_later(CLOCK_THREAD_CPUTIME_ID);
}

bool is_file(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/// One change of a file, and what happens in front of it and after it.
class Change {
 public:
  Change() : number_(++*n_changes) {
    if (kind == Kind::kBefore && number_ == change_of_fault) die();
  }
  bool is_torn() const { return kind == Kind::kTorn && number_ == change_of_fault; }
  /// Whether it fails; only what needs space does.
  bool fails() const {
    if (kind != Kind::kFails || number_ < change_of_fault) return false;
    errno = failure;
    return true;
  }
  template <class Result>
  Result done(Result result) const {
    if (is_torn()) die();
    if (kind == Kind::kAfter && number_ == change_of_fault) die_later(CLOCK_MONOTONIC);
    return result;
  }

 private:
  long number_;
};

/// Bytes of a write at `place` that come before the first border of two memory pages in it; all
/// when there is none.
std::size_t first_page(off_t place, std::size_t n) {
  constexpr off_t kPage = 4096;
  const auto rest = static_cast<std::size_t>(kPage - place % kPage);
  return rest < n ? rest : n;
}

off_t place_of(int descriptor) {
  if ((fcntl(descriptor, F_GETFL) & O_APPEND) != 0) {
    struct stat status {};
    fstat(descriptor, &status);
    return status.st_size;
  }
  return lseek(descriptor, 0, SEEK_CUR);
}

using Open = int (*)(const char*, int, ...);
using OpenAt = int (*)(int, const char*, int, ...);

bool changes_files(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t n) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  if (!is_file(descriptor)) return real(descriptor, bytes, n);
  const Change change;
  if (change.fails()) return -1;
  if (change.is_torn()) n = first_page(place_of(descriptor), n);
  return change.done(real(descriptor, bytes, n));
}

ssize_t writev(int descriptor, const iovec* parts, int n) {
  static const auto real = next<ssize_t (*)(int, const iovec*, int)>("writev");
  if (!is_file(descriptor)) return real(descriptor, parts, n);
  const Change change;
  if (change.fails()) return -1;
  return change.done(real(descriptor, parts, change.is_torn() && n > 1 ? 1 : n));
}

ssize_t pwrite(int descriptor, const void* bytes, size_t n, off_t place) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  if (!is_file(descriptor)) return real(descriptor, bytes, n, place);
  const Change change;
  if (change.fails()) return -1;
  return change.done(real(descriptor, bytes, change.is_torn() ? first_page(place, n) : n, place));
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t n, off64_t place) {
  return pwrite(descriptor, bytes, n, place);
}

int fsync(int descriptor) {
  static const auto real = next<int (*)(int)>("fsync");
  const Change change;
  return change.done(real(descriptor));
}

int ftruncate(int descriptor, off_t size) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  const Change change;
  return change.done(real(descriptor, size));
}

int ftruncate64(int descriptor, off64_t size) noexcept { return ftruncate(descriptor, size); }

int fallocate(int descriptor, int mode, off_t place, off_t n) {
  static const auto real = next<int (*)(int, int, off_t, off_t)>("fallocate");
  const Change change;
  if (change.fails()) return -1;
  return change.done(real(descriptor, mode, place, n));
}

int fallocate64(int descriptor, int mode, off64_t place, off64_t n) {
  return fallocate(descriptor, mode, place, n);
}

int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  const Change change;
  return change.done(real(from, to));
}

int unlink(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("unlink");
  const Change change;
  return change.done(real(path));
}

int remove(const char* path) noexcept {
  static const auto real = next<int (*)(const char*)>("remove");
  const Change change;
  return change.done(real(path));
}

int open(const char* path, int flags, ...) {
  static const auto real = next<Open>("open");
  std::va_list more;
  va_start(more, flags);
  const auto mode = changes_files(flags) ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (!changes_files(flags)) return real(path, flags);
  const Change change;
  if (change.fails()) return -1;
  return change.done(real(path, flags, mode));
}

int open64(const char* path, int flags, ...) {
  std::va_list more;
  va_start(more, flags);
  const auto mode = changes_files(flags) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  static const auto real = next<OpenAt>("openat");
  std::va_list more;
  va_start(more, flags);
  const auto mode = changes_files(flags) ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (!changes_files(flags)) return real(folder, path, flags);
  const Change change;
  if (change.fails()) return -1;
  return change.done(real(folder, path, flags, mode));
}
}
