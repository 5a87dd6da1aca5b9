#include "io/files/text_decoder.h"

#include "engine/core/error.h"

namespace saltus::io {

namespace {

void append_utf8(std::uint32_t code, std::string& text) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      add(0xE0 | (code >> 12));
    } else {
      add(0xF0 | (code >> 18));
      add(0x80 | ((code >> 12) & 0x3F));
    }
    add(0x80 | ((code >> 6) & 0x3F));
  }
  add(0x80 | (code & 0x3F));
}

}  // namespace

void TextDecoder::refuse() const {
  throw engine::InputError(name_ + ": is text in UTF-16, but damaged at byte " +
                           std::to_string(n_decoded_ + 1) + "; save it as UTF-8");
}

void TextDecoder::find_encoding(bool at_end) {
  constexpr std::size_t kMaxMarkLength = 4;
  if (waiting_.size() < kMaxMarkLength && !at_end) return;
  const auto begins_with = [&](const std::string& mark) {
    return waiting_.compare(0, mark.size(), mark) == 0;
  };
  const auto take = [&](std::size_t size, Encoding encoding) {
    waiting_.erase(0, size);
    n_decoded_ += size;
    encoding_ = encoding;
  };
  if (begins_with(std::string("\xFF\xFE\0\0", 4)) || begins_with(std::string("\0\0\xFE\xFF", 4)))
    throw engine::InputError(name_ + ": is text in UTF-32; save it as UTF-8");
  if (begins_with("\xEF\xBB\xBF")) return take(3, Encoding::kAsItIs);
  if (begins_with("\xFF\xFE")) return take(2, Encoding::kUtf16Little);
  if (begins_with("\xFE\xFF")) return take(2, Encoding::kUtf16Big);
  encoding_ = Encoding::kAsItIs;
}

std::string TextDecoder::from_utf16() {
  std::string text;
  const std::size_t high = encoding_ == Encoding::kUtf16Big ? 0 : 1;
  const auto unit = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(waiting_[at + high])) << 8 |
           static_cast<unsigned char>(waiting_[at + 1 - high]);
  };
  std::size_t at = 0;
  const auto is_high = [](std::uint32_t code) { return code >= 0xD800 && code < 0xDC00; };
  const auto is_low = [](std::uint32_t code) { return code >= 0xDC00 && code < 0xE000; };
  while (at + 2 <= waiting_.size()) {
    std::uint32_t code = unit(at);
    std::size_t size = 2;
    if (is_low(code)) refuse();
    if (is_high(code)) {
      if (at + 4 > waiting_.size()) break;
      const std::uint32_t second = unit(at + 2);
      if (!is_low(second)) refuse();
      code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
      size = 4;
    }
    append_utf8(code, text);
    at += size;
    n_decoded_ += size;
  }
  waiting_.erase(0, at);
  return text;
}

std::string TextDecoder::decode(const char* bytes, std::size_t size) {
  waiting_.append(bytes, size);
  if (encoding_ == Encoding::kUnknown) find_encoding(false);
  if (encoding_ == Encoding::kUnknown) return "";
  if (encoding_ != Encoding::kAsItIs) return from_utf16();
  std::string text;
  text.swap(waiting_);
  return text;
}

std::string TextDecoder::finish() {
  if (encoding_ == Encoding::kUnknown) find_encoding(true);
  std::string text = decode("", 0);
  if (!waiting_.empty()) refuse();
  return text;
}

}  // namespace saltus::io
