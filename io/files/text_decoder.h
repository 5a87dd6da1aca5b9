#pragma once

#include <cstdint>
#include <string>

namespace saltus::io {

/// Turns text with a byte-order mark into UTF-8 without one, piece by piece: UTF-8 (the mark is
/// taken away), UTF-16 of either order. Other text stays as it is, whatever its encoding.
class TextDecoder {
 public:
  /// @param name  of the text, for messages
  explicit TextDecoder(std::string name) : name_(std::move(name)) {}

  /// What more bytes give; may be nothing until later ones come.
  /// @throws InputError  when UTF-16 is damaged, or the text is UTF-32
  std::string decode(const char* bytes, std::size_t size);
  /// What is left when no more come.
  /// @throws InputError  when that is half a character
  std::string finish();

 private:
  enum class Encoding { kUnknown, kAsItIs, kUtf16Little, kUtf16Big };
  void find_encoding(bool at_end);
  std::string from_utf16();
  [[noreturn]] void refuse() const;

  std::string name_, waiting_;
  Encoding encoding_ = Encoding::kUnknown;
  std::uint64_t n_decoded_ = 0;  ///< bytes, for messages
};

}  // namespace saltus::io
