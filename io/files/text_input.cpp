#include "io/files/text_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "io/files/piped_input.h"

namespace saltus::io {

using engine::FileError;

/// What zlib reads, as C++ streams want it.
class TextInput::Buffer final : public std::streambuf {
 public:
  Buffer(const std::string& path, const std::string& name, std::function<bool()> stop)
      : name_(name), stop_(std::move(stop)), block_(1 << 16), source_(open(path, name)) {
    struct stat about {};
    const bool known = ::fstat(source_.get(), &about) == 0;
    if (known && S_ISDIR(about.st_mode)) throw FileError(name_ + ": is a folder, expected a file");
    const bool regular = known && S_ISREG(about.st_mode);
    if (regular) n_bytes_ = static_cast<double>(about.st_size);
    if (!regular && stop_) pipe_ = std::make_unique<PipedInput>(source_.get(), stop_);
    // zlib takes what is not gzipped as it is, and closes the descriptor.
    file_ = ::gzdopen(pipe_ ? pipe_->take_descriptor() : ::dup(source_.get()), "rb");
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
    if (pipe_ && stop_()) return traits_type::eof();
    const int n = ::gzread(file_, block_.data(), static_cast<unsigned>(block_.size()));
    int error = Z_OK;
    const char* reason = ::gzerror(file_, &error);
    if (n <= 0 && pipe_ && stop_()) return traits_type::eof();
    if (n <= 0 && error == Z_ERRNO)
      throw FileError(name_ + ": cannot be read: " + system_reason(errno));
    if (n <= 0 && error != Z_OK && error != Z_STREAM_END)
      throw FileError(name_ + ": the gzip archive is damaged or cut off (" + reason + ")");
    if (n <= 0) return traits_type::eof();
    setg(block_.data(), block_.data(), block_.data() + n);
    return traits_type::to_int_type(block_[0]);
  }

 private:
  /// Descriptors that are open already are used as they are: opening a pipe again could wait.
  static FileDescriptor open(const std::string& path, const std::string& name) {
    const auto open_one = path == "-" ? std::optional<int>(STDIN_FILENO) : descriptor_behind(path);
    if (!open_one) engine::refuse_special_file(path);
    FileDescriptor file(open_one ? ::dup(*open_one)
                                 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) throw FileError(name + ": cannot be opened: " + system_reason(errno));
    return file;
  }

  std::string name_;
  std::function<bool()> stop_;
  std::vector<char> block_;
  FileDescriptor source_;
  std::unique_ptr<PipedInput> pipe_;  ///< for what may keep its reader waiting
  gzFile file_ = nullptr;
  double n_bytes_ = 0.0;
};

TextInput::TextInput(const std::string& path, std::function<bool()> stop)
    : name_(path == "-" ? "standard input" : path),
      buffer_(std::make_unique<Buffer>(path, name_, std::move(stop))),
      stream_(std::make_unique<std::istream>(buffer_.get())) {
  // Without this, streams swallow what their buffers throw.
  stream_->exceptions(std::ios::badbit);
}

TextInput::~TextInput() = default;
TextInput::TextInput(TextInput&&) noexcept = default;

double TextInput::fraction() const { return buffer_->fraction(); }

}  // namespace saltus::io
