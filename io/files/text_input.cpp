#include "io/files/text_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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
#include "io/files/text_decoder.h"
#include "io/files/unpacked_bytes.h"

namespace saltus::io {

using engine::FileError;

/// Unpacked and decoded text, as C++ streams want it.
class TextInput::Buffer final : public std::streambuf {
 public:
  Buffer(const std::string& path, const std::string& name, std::function<bool()> stop)
      : name_(name),
        stop_(std::move(stop)),
        source_(open(path, name)),
        decoder_(name_),
        block_(1 << 16) {
    struct stat about {};
    const bool known = ::fstat(source_.get(), &about) == 0;
    if (known && S_ISDIR(about.st_mode)) throw FileError(name_ + ": is a folder, expected a file");
    const bool regular = known && S_ISREG(about.st_mode);
    if (regular) n_bytes_ = static_cast<double>(about.st_size);
    if (!regular && stop_) {
      pipe_ = std::make_unique<PipedInput>(source_.get(), stop_);
      piped_ = FileDescriptor(pipe_->take_descriptor());
    }
    bytes_ = std::make_unique<UnpackedBytes>(pipe_ ? piped_.get() : source_.get(), name_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  double fraction() const {
    if (!(n_bytes_ > 0.0)) return 0.0;
    // Of the block in hand, what the stream has passed.
    const double n_block = static_cast<double>(bytes_->n_taken()) - n_before_block_;
    const double passed =
        text_.empty() ? 1.0
                      : static_cast<double>(gptr() - eback()) / static_cast<double>(text_.size());
    return std::min(1.0, (n_before_block_ + passed * n_block) / n_bytes_);
  }

 protected:
  int_type underflow() override {
    if (is_stopped()) return traits_type::eof();
    n_before_block_ = static_cast<double>(bytes_->n_taken());
    for (text_.clear(); text_.empty() && !at_end_;) {
      const std::size_t n = read_block();
      at_end_ = n == 0;
      // What was cut off by a stop is no damage.
      if (at_end_ && is_stopped()) return traits_type::eof();
      text_ = at_end_ ? decoder_.finish() : decoder_.decode(block_.data(), n);
    }
    if (text_.empty()) return traits_type::eof();
    setg(text_.data(), text_.data(), text_.data() + text_.size());
    return traits_type::to_int_type(text_[0]);
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

  bool is_stopped() const { return pipe_ && stop_(); }

  std::size_t read_block() {
    try {
      return bytes_->read(block_.data(), block_.size());
    } catch (const FileError&) {
      if (is_stopped()) return 0;  // cut off by the stop
      throw;
    }
  }

  std::string name_;
  std::function<bool()> stop_;
  FileDescriptor source_;
  std::unique_ptr<PipedInput> pipe_;  ///< for what may keep its reader waiting
  FileDescriptor piped_;              ///< read instead of the source then
  std::unique_ptr<UnpackedBytes> bytes_;
  TextDecoder decoder_;
  std::vector<char> block_;
  std::string text_;
  bool at_end_ = false;
  double n_bytes_ = 0.0, n_before_block_ = 0.0;
};

TextInput::TextInput(const std::string& path, std::function<bool()> stop)
    : name_(path == "-" ? "standard input" : path),
      buffer_(std::make_unique<Buffer>(path, name_, std::move(stop))),
      stream_(std::make_unique<std::istream>(buffer_.get())) {
  // Without this, streams catch what their buffers throw.
  stream_->exceptions(std::ios::badbit);
}

TextInput::~TextInput() = default;
TextInput::TextInput(TextInput&&) noexcept = default;

double TextInput::fraction() const { return buffer_->fraction(); }

}  // namespace saltus::io
