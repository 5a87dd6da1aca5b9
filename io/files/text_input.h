#pragma once

#include <functional>
#include <istream>
#include <memory>
#include <streambuf>
#include <string>

namespace saltus::io {

/// Text of a file, unpacked when it is gzipped (seen by its first bytes, whatever its name), or of
/// standard input, called "-". Pipes that a shell made, <(command) or /dev/stdin, can be read, too;
/// named pipes and devices cannot. Text with a byte-order mark (UTF-8, UTF-16) becomes UTF-8
/// without one. Errors of reading are thrown by whatever reads from the stream: FileError for
/// archives that are damaged, cut off or followed by something else, InputError for damaged UTF-16.
class TextInput {
 public:
  /// @param stop  asked while nothing comes from a pipe or terminal: true ends the text there, so
  ///              that the caller need not wait. Empty: it waits
  /// @throws FileError  when it cannot be opened, or is a folder, a named pipe or a device
  explicit TextInput(const std::string& path, std::function<bool()> stop = {});
  ~TextInput();
  TextInput(TextInput&&) noexcept;
  TextInput& operator=(TextInput&&) = delete;

  /// "standard input" or the path.
  const std::string& name() const { return name_; }
  std::istream& stream() { return *stream_; }
  /// How much of the file the stream has passed, 0 to 1; 0 where its size is unknown.
  double fraction() const;

 private:
  class Buffer;
  std::string name_;
  std::unique_ptr<Buffer> buffer_;
  std::unique_ptr<std::istream> stream_;
};

}  // namespace saltus::io
