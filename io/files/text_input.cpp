#include "io/files/text_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/files/text_decoder.h"
#include "io/files/unpacked_bytes.h"

namespace saltus::io {

using engine::FileError;

/// Unpacked and decoded text, as C++ streams want it.
class TextInput::Buffer final : public std::streambuf {
 public:
  Buffer(const std::string& path, const std::string& name)
      : name_(name), decoder_(name), block_(1 << 16) {
    const int descriptor =
        path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw FileError(name_ + ": cannot be opened: " + system_reason(errno));
    FileDescriptor owner(descriptor);
    struct stat about {};
    if (::fstat(descriptor, &about) == 0) {
      if (S_ISDIR(about.st_mode)) throw FileError(name_ + ": is a folder, expected a file");
      if (S_ISREG(about.st_mode)) n_bytes_ = static_cast<double>(about.st_size);
    }
    bytes_ = std::make_unique<UnpackedBytes>(descriptor, name_);
    owner_ = std::move(owner);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  double fraction() const {
    return n_bytes_ > 0.0 ? std::min(1.0, static_cast<double>(bytes_->n_taken()) / n_bytes_) : 0.0;
  }

 protected:
  int_type underflow() override {
    for (text_.clear(); text_.empty() && !at_end_;) {
      const std::size_t n = bytes_->read(block_.data(), block_.size());
      at_end_ = n == 0;
      text_ = at_end_ ? decoder_.finish() : decoder_.decode(block_.data(), n);
    }
    if (text_.empty()) return traits_type::eof();
    setg(text_.data(), text_.data(), text_.data() + text_.size());
    return traits_type::to_int_type(text_[0]);
  }

 private:
  std::string name_;
  FileDescriptor owner_;
  std::unique_ptr<UnpackedBytes> bytes_;
  TextDecoder decoder_;
  std::vector<char> block_;
  std::string text_;
  bool at_end_ = false;
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
