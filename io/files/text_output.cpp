#include "io/files/text_output.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>

#include "engine/core/error.h"
#include "io/files/durable_file.h"

namespace saltus::io {

using engine::FileError;

namespace {

gzFile as_gzip(void* file) { return static_cast<gzFile>(file); }

std::string what(const std::filesystem::path& path) {
  return "cannot write '" + path.string() + "'";
}

}  // namespace

void refuse_to_overwrite(const std::filesystem::path& path, bool overwrite) {
  if (overwrite) return;
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored)))
    throw FileError("'" + path.string() +
                    "' exists: choose another name, or replace it with --overwrite");
}

TextOutput::TextOutput(const std::filesystem::path& path, const Options& options) : path_(path) {
  int descriptor = -1;
  if (path == "-") {
    descriptor = ::dup(STDOUT_FILENO);
  } else {
    refuse_to_overwrite(path, options.overwrite);
    temporary_ = path;
    temporary_ += ".new";
    constexpr mode_t kReadWriteForAll = 0666;
    descriptor =
        ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kReadWriteForAll);
  }
  if (descriptor < 0) throw FileError(what(path_) + ": " + system_reason(errno));
  // T: written as it is. Level 6 is zlib's own compromise.
  file_ = ::gzdopen(descriptor, options.gzip ? "wb6" : "wbT");
  if (file_ == nullptr) throw FileError(what(path_) + ": not enough memory");
}

TextOutput::~TextOutput() {
  if (file_ != nullptr) ::gzclose_w(as_gzip(file_));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void TextOutput::write(const std::string& text) {
  constexpr std::size_t kMostAtOnce = 1 << 30;
  for (std::size_t done = 0; done < text.size();) {
    const auto n = static_cast<unsigned>(std::min(kMostAtOnce, text.size() - done));
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
