#include "mlsamplers/model/printable.h"

#include "engine/core/text.h"

namespace saltus::mlsamplers {

namespace {

std::string escaped(unsigned char byte) { return "\\x" + engine::hexadecimal_text(byte, 2); }

bool is_continuation(unsigned char byte) { return (byte & 0xc0u) == 0x80u; }

}  // namespace

std::string printable(const std::string& text, std::size_t max_bytes) {
  std::string shown;
  std::size_t end = text.size();
  if (end > max_bytes) {
    end = max_bytes;
    while (end > 0 && is_continuation(static_cast<unsigned char>(text[end]))) --end;
  }
  for (std::size_t i = 0; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool begins_c1 =
        byte == 0xc2u && i + 1 < end && static_cast<unsigned char>(text[i + 1]) < 0xa0u;
    if (begins_c1) {
      shown += escaped(static_cast<unsigned char>(text[++i]));
    } else if (byte < 0x20u || byte == 0x7fu) {
      shown += escaped(byte);
    } else {
      shown += text[i];
    }
  }
  return shown + (end < text.size() ? "..." : "");
}

}  // namespace saltus::mlsamplers
