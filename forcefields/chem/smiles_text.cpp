#include "forcefields/chem/smiles_text.h"

#include <fmt/format.h>
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "engine/conformers/molecule_status.h"
#include "engine/core/text.h"
#include "engine/core/utf8.h"

namespace saltus::forcefields {

using engine::is_digit;

namespace {

constexpr const char* kBlanks = " \t";

[[noreturn]] void refuse(const std::string& message) {
  throw engine::MoleculeFailure(engine::MoleculeStatus::kParseSyntax, message);
}

std::string byte_text(unsigned value) { return fmt::format(FMT_STRING("0x{:02X}"), value); }

/// Characters that word processors and web pages put where another one was meant.
const char* usual_name(std::uint32_t code) {
  struct Named {
    std::uint32_t code;
    const char* name;
  };
  static constexpr std::array<Named, 20> kNamed = {{{0xA0, "a no-break space"},
                                                    {0xAD, "a soft hyphen"},
                                                    {0x2009, "a thin space"},
                                                    {0x200B, "a zero-width space"},
                                                    {0x200C, "a zero-width non-joiner"},
                                                    {0x200D, "a zero-width joiner"},
                                                    {0x200E, "a left-to-right mark"},
                                                    {0x2010, "a hyphen"},
                                                    {0x2011, "a non-breaking hyphen"},
                                                    {0x2013, "an en dash"},
                                                    {0x2014, "an em dash"},
                                                    {0x2018, "a left quotation mark"},
                                                    {0x2019, "a right quotation mark"},
                                                    {0x201C, "a left double quotation mark"},
                                                    {0x201D, "a right double quotation mark"},
                                                    {0x202F, "a narrow no-break space"},
                                                    {0x2060, "a word joiner"},
                                                    {0x2212, "a minus sign"},
                                                    {0x3000, "an ideographic space"},
                                                    {0xFEFF, "a byte-order mark"}}};
  for (const Named& named : kNamed)
    if (named.code == code) return named.name;
  return nullptr;
}

/// Reads a SMILES string symbol by symbol.
class Scan {
 public:
  explicit Scan(const std::string& text) : text_(text) {}

  std::size_t atoms() {
    while (at_ < text_.size()) symbol();
    if (!branches_.empty())
      refuse("the branch opened with ( at character " + std::to_string(branches_.back()) +
             " is not closed");
    if (!rings_.empty())
      refuse("ring bond " + std::to_string(rings_.begin()->first) + ", opened at character " +
             std::to_string(rings_.begin()->second) + ", is not closed");
    return n_atoms_;
  }

 private:
  std::size_t position() const { return at_ + 1; }  // all before it is ASCII
  std::string here() const { return "character " + std::to_string(position()); }

  void check_character() const {
    const char c = text_[at_];
    const auto [code, size] = engine::utf8_character(text_, at_);
    if (size == 0)
      refuse(here() + " is byte " + byte_text(code) +
             ", which no SMILES string contains: remove it");
    if (code >= 0x80) {
      const char* name = usual_name(code);
      const std::string number = fmt::format(FMT_STRING("U+{:04X}"), code);
      const bool dash = code == 0x2212 || (code >= 0x2010 && code <= 0x2014);
      refuse(here() + " is " + (name != nullptr ? name + (" (" + number + ")") : number) +
             ", which no SMILES string contains: " + (dash ? "write -" : "remove it"));
    }
    if (code < 0x20 || code == 0x7F)
      refuse(here() + " is a control character (" + byte_text(code) +
             "), which no SMILES string contains: remove it");
    if (c == ' ') refuse(here() + " is a blank, which no SMILES string contains: remove it");
  }

  void symbol() {
    check_character();
    const char c = text_[at_];
    if (c == '[') return bracket();
    if (c == ']') refuse(here() + ": ] closes a bracket that was not opened");
    if (c == '(') branches_.push_back(position());
    if (c == ')') {
      if (branches_.empty()) refuse(here() + ": ) closes a branch that was not opened");
      branches_.pop_back();
    }
    if (is_digit(c) || c == '%') return ring();
    if (std::string("().-=#$:/\\~").find(c) != std::string::npos && !is_arrow()) {
      ++at_;
      return;
    }
    if (is_arrow()) {
      at_ += 2;
      return;
    }
    atom();
  }

  bool is_arrow() const {
    const std::string two = text_.substr(at_, 2);
    return two == "->" || two == "<-";
  }

  void atom() {
    const char c = text_[at_];
    const std::string two = text_.substr(at_, 2);
    if (two == "Cl" || two == "Br") {
      at_ += 2;
    } else if (std::string("BCNOPSFIbcnops*").find(c) != std::string::npos) {
      ++at_;
    } else {
      if (c == '>') refuse(here() + ": > is of a reaction, expected one molecule");
      if (c == '|') refuse(here() + ": | is not a symbol; a CXSMILES block follows after a blank");
      refuse_other_texts();
      refuse(
          here() + ": '" + std::string(1, c) +
          "' is not a symbol; elements other than B, C, N, O, P, S, F, Cl, Br and I are written in "
          "brackets");
    }
    ++n_atoms_;
  }

  /// What lists hold instead of SMILES strings.
  void refuse_other_texts() const {
    constexpr std::size_t kKeySize = 27, kFirstDash = 14, kSecondDash = 25;
    if (text_.compare(0, 6, "InChI=") == 0)
      refuse("this is an InChI, expected a SMILES string; convert it (Open Babel: obabel -iinchi)");
    if (text_.size() == kKeySize && text_[kFirstDash] == '-' && text_[kSecondDash] == '-')
      refuse("this is an InChIKey, from which no structure follows; expected a SMILES string");
    const char c = text_[at_];
    if (c == ',' || c == ';' || c == '"')
      refuse(here() + ": '" + std::string(1, c) +
             "' is not a symbol; cells and quotation marks are read in tables (.csv: commas, .tsv: "
             "tabs; or --in-format)");
  }

  /// What patterns and schemes of series have in brackets, and molecules have not.
  void check_content(const std::string& content, const std::string& opened) const {
    const std::size_t logic = content.find_first_of(";,!&$");
    if (logic != std::string::npos)
      refuse("the bracket opened with [ at " + opened + " holds '" +
             std::string(1, content[logic]) +
             "', which is of SMARTS patterns; expected a molecule");
    const bool numbered = content.find_first_not_of("0123456789", 1) == std::string::npos;
    if (!content.empty() && (content[0] == 'R' || content[0] == 'X') && numbered)
      refuse("[" + content + "] at " + opened +
             " is a placeholder, expected an element; fill in what it stands for");
  }

  void bracket() {
    const std::string opened = here();
    const std::size_t start = at_ + 1;
    for (++at_; at_ < text_.size() && text_[at_] != ']'; ++at_) {
      check_character();
      if (text_[at_] == '[') break;
    }
    if (at_ >= text_.size() || text_[at_] != ']')
      refuse("the bracket opened with [ at " + opened + " is not closed");
    check_content(text_.substr(start, at_ - start), opened);
    ++at_;
    ++n_atoms_;
  }

  void ring() {
    const std::size_t opened = position();
    constexpr std::size_t kMaxDigits = 5;
    std::string number;
    const auto digits = [&](std::size_t max_digits) {
      while (number.size() < max_digits && at_ < text_.size() && is_digit(text_[at_]))
        number += text_[at_++];
    };
    if (text_[at_] != '%') {
      digits(1);
    } else if (++at_ < text_.size() && text_[at_] == '(') {
      ++at_;
      digits(kMaxDigits);
      if (number.empty() || at_ >= text_.size() || text_[at_] != ')') number.clear();
      ++at_;
    } else {
      digits(2);
      if (number.size() != 2) number.clear();
    }
    if (number.empty())
      refuse("character " + std::to_string(opened) +
             ": expected two digits after %, or a number in parentheses");
    const unsigned long ring = std::stoul(number);  // at most five digits
    if (rings_.erase(ring) == 0) rings_.emplace(ring, opened);
  }

  const std::string& text_;
  std::size_t at_ = 0, n_atoms_ = 0;
  std::vector<std::size_t> branches_;           ///< where they were opened
  std::map<unsigned long, std::size_t> rings_;  ///< open ones, and where they were opened
};

}  // namespace

SmilesText split_smiles(const std::string& text) {
  SmilesText parts;
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string::npos) return parts;
  const std::size_t end = text.find_first_of(kBlanks, first);
  parts.smiles = text.substr(first, end == std::string::npos ? end : end - first);
  std::size_t rest = end == std::string::npos ? end : text.find_first_not_of(kBlanks, end);
  if (rest == std::string::npos) return parts;
  if (text[rest] == '|') {
    const std::size_t close = text.find('|', rest + 1);
    if (close == std::string::npos)
      refuse("the | after the SMILES string opens a CXSMILES block that is not closed");
    parts.extensions = text.substr(rest, close + 1 - rest);
    rest = text.find_first_not_of(kBlanks, close + 1);
  }
  if (rest != std::string::npos)
    parts.rest = text.substr(rest, text.find_last_not_of(kBlanks) + 1 - rest);
  return parts;
}

std::size_t count_smiles_atoms(const std::string& smiles) { return Scan(smiles).atoms(); }

}  // namespace saltus::forcefields
