#include "io/files/text_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "engine/core/error.h"
#include "io/files/durable_file.h"

namespace saltus::io {

using engine::FileError;

/// What zlib reads, as C++ streams want it.
class TextInput::Buffer final : public std::streambuf {
 public:
  Buffer(const std::string& path, const std::string& name) : name_(name), block_(1 << 16) {
    const int descriptor =
        path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw FileError(name_ + ": cannot be opened: " + system_reason(errno));
    FileDescriptor owner(descriptor);
    struct stat about {};
    if (::fstat(descriptor, &about) == 0) {
      if (S_ISDIR(about.st_mode)) throw FileError(name_ + ": is a folder, expected a file");
      if (S_ISREG(about.st_mode)) n_bytes_ = static_cast<double>(about.st_size);
    }
    // zlib takes what is not gzipped as it is, and closes the descriptor.
    file_ = ::gzdopen(::dup(descriptor), "rb");
    if (file_ == nullptr) throw FileError(name_ + ": cannot be opened");
  }
  ~Buffer() override { ::gzclose_r(file_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  double fraction() const {
    return n_bytes_ > 0.0 ? std::min(1.0, static_cast<double>(::gzoffset(file_)) / n_bytes_) : 0.0;
  }

 protected:
  int_type underflow() override {
    errno = 0;
    const int n = ::gzread(file_, block_.data(), static_cast<unsigned>(block_.size()));
    int error = Z_OK;
    const char* reason = ::gzerror(file_, &error);
    if (n <= 0 && error == Z_ERRNO)
      throw FileError(name_ + ": cannot be read: " + system_reason(errno));
    if (n <= 0 && error != Z_OK && error != Z_STREAM_END)
      throw FileError(name_ + ": the gzip archive is damaged or cut off (" + reason + ")");
    if (n <= 0) return traits_type::eof();
    setg(block_.data(), block_.data(), block_.data() + n);
    return traits_type::to_int_type(block_[0]);
  }

 private:
  std::string name_;
  std::vector<char> block_;
  gzFile file_ = nullptr;
  double n_bytes_ = 0.0;
};

TextInput::TextInput(const std::string& path)
    : name_(path == "-" ? "standard input" : path),
      buffer_(std::make_unique<Buffer>(path, name_)),
      stream_(std::make_unique<std::istream>(buffer_.get())) {
  // Without this, streams swallow what their buffers throw.
  stream_->exceptions(std::ios::badbit);
}

TextInput::~TextInput() = default;
TextInput::TextInput(TextInput&&) noexcept = default;

double TextInput::fraction() const { return buffer_->fraction(); }

}  // namespace saltus::io
