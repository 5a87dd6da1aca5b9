#include "io/formats/visible_text.h"

#include <fmt/format.h>
#include <cstdint>

#include "engine/core/utf8.h"

namespace saltus::io {

namespace {

bool is_invisible(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

std::string escaped(std::uint32_t code, bool byte) {
  if (code == '\n') return "\\n";
  if (code == '\r') return "\\r";
  if (code == '\t') return "\\t";
  return byte || code < 0x80 ? fmt::format(FMT_STRING("\\x{:02X}"), code)
                             : fmt::format(FMT_STRING("\\u{:04X}"), code);
}

bool begins_formula(const std::string& text, std::size_t at) {
  if (at >= text.size()) return false;
  if (std::string("=+-@").find(text[at]) != std::string::npos) return true;
  // Their full-width forms, which some spreadsheets take for the same.
  const std::uint32_t code = engine::utf8_character(text, at).code;
  return code == 0xFF1D || code == 0xFF0B || code == 0xFF0D || code == 0xFF20;
}

}  // namespace

std::string visible_text(const std::string& text, const std::string& keep) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto [code, size] = engine::utf8_character(text, i);
    const bool kept = size == 1 && keep.find(text[i]) != std::string::npos;
    if (size == 0 || (is_invisible(code) && !kept))
      result += escaped(code, size == 0);
    else
      result.append(text, i, size);
    i += size > 0 ? size : 1;
  }
  return result;
}

std::string csv_cell(const std::string& text) {
  const std::string value = visible_text(text);
  // Semicolons and tabs are separators in spreadsheets of some countries.
  if (value.find_first_of(",;\"") == std::string::npos) return value;
  std::string cell = "\"";
  for (const char c : value) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

std::string without_formula(const std::string& text) {
  const bool control = !text.empty() && (text[0] == '\t' || text[0] == '\r' || text[0] == '\n');
  return control || begins_formula(text, 0) ? "'" + text : text;
}

std::string harmless_line(const std::string& line, const std::string& separators) {
  std::string guarded;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    const bool begins = i == 0 || separators.find(line[i - 1]) != std::string::npos;
    const bool quoted = begins && i < line.size() && line[i] == '"';
    if (begins && begins_formula(line, i)) guarded += "'";
    if (i < line.size()) guarded += line[i];
    if (quoted && begins_formula(line, i + 1)) guarded += "'";
  }
  return visible_text(guarded, "\t\n");
}

}  // namespace saltus::io
