#include "io/deck/toml_text.h"

#include <cstdint>

#include "engine/core/error.h"

namespace saltus::io {
namespace {

using engine::InputError;

constexpr int kMaxNesting = 32;

// Walks through a text and keeps the position; columns count characters, not bytes.
class TextScanner {
 public:
  TextScanner(std::string_view text, const std::string& name) : text_(text), name_(name) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) next_ = kByteOrderMark.size();
  }

  bool at_end() const { return next_ >= text_.size(); }
  char peek() const { return text_[next_]; }
  bool looking_at(std::string_view what) const { return text_.substr(next_, what.size()) == what; }

  void advance() {
    const std::size_t length = character_length();
    column_ += 1;
    if (text_[next_] == '\n') {
      line_ += 1;
      column_ = 1;
    }
    next_ += length;
  }

  void advance(std::size_t n) {
    for (std::size_t i = 0; i < n && !at_end(); ++i) advance();
  }

  InputError error(const std::string& message) const {
    return InputError(name_ + ':' + std::to_string(line_) + ':' + std::to_string(column_) + ": " +
                      message);
  }

 private:
  // Bytes of the character at next_, which has to be well-formed (Unicode 15, table 3-7).
  std::size_t character_length() const {
    const auto byte = [&](std::size_t i) -> unsigned {
      return next_ + i < text_.size() ? static_cast<unsigned char>(text_[next_ + i]) : 0U;
    };
    const unsigned first = byte(0);
    if (first == 0) throw error("a NUL byte; a deck is a text file in UTF-8");
    if (first < 0x80U) return 1;
    const std::size_t length = first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
    unsigned lowest = 0x80U, highest = 0xBFU;
    if (first == 0xE0U) lowest = 0xA0U;
    if (first == 0xEDU) highest = 0x9FU;
    if (first == 0xF0U) lowest = 0x90U;
    if (first == 0xF4U) highest = 0x8FU;
    bool good = first >= 0xC2U && first <= 0xF4U && byte(1) >= lowest && byte(1) <= highest;
    for (std::size_t i = 2; i < length; ++i) good = good && (byte(i) & 0xC0U) == 0x80U;
    if (!good) throw error("not UTF-8; save the deck as UTF-8 text");
    return length;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t next_ = 0;
  std::uint32_t line_ = 1, column_ = 1;
};

void skip_string(TextScanner& scanner) {
  const char quote = scanner.peek();
  const std::string single(1, quote), triple(3, quote);
  const bool multi_line = scanner.looking_at(triple);
  const std::string& fence = multi_line ? triple : single;
  scanner.advance(fence.size());
  while (!scanner.at_end() && !scanner.looking_at(fence)) {
    // An unclosed string ends with its line; the parser proper reports it.
    if (!multi_line && scanner.peek() == '\n') return;
    if (quote == '"' && scanner.peek() == '\\') scanner.advance();
    scanner.advance(1);
  }
  scanner.advance(fence.size());
}

void skip_comment(TextScanner& scanner) {
  while (!scanner.at_end() && scanner.peek() != '\n') scanner.advance();
}

}  // namespace

bool is_utf8(std::string_view text) {
  const std::string no_name;
  try {
    for (TextScanner scanner(text, no_name); !scanner.at_end();) scanner.advance();
  } catch (const InputError&) {
    return false;
  }
  return true;
}

void check_toml_text(std::string_view text, const std::string& name) {
  TextScanner scanner(text, name);
  int depth = 0, dots = 0;
  while (!scanner.at_end()) {
    const char c = scanner.peek();
    if (c == '"' || c == '\'') {
      skip_string(scanner);
      continue;
    }
    if (c == '#') {
      skip_comment(scanner);
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    // Dots of one dotted key; a new key starts after any of these.
    if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{') dots = 0;
    if (c == '.') ++dots;
    if (depth > kMaxNesting || dots > kMaxNesting) {
      throw scanner.error("tables or lists nest more than " + std::to_string(kMaxNesting) +
                          " deep; a deck never does");
    }
    scanner.advance();
  }
}

}  // namespace saltus::io
