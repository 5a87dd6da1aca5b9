#include <map>

#include "engine/core/counted.h"
#include "engine/core/text.h"
#include "forcefields/chem/mol_block_detail.h"

namespace saltus::forcefields::detail {

namespace {

constexpr const char* kPrefix = "M  V30 ";
constexpr std::size_t kPrefixSize = 7;

struct Token {
  std::string text;
  std::size_t line = 0, column = 0;  ///< from 0 in the record; from 1
};

/// A line with those that continue it, in words.
using Words = std::vector<Token>;

class V3000 {
 public:
  V3000(const MolLines& lines, MolBlock& block, std::vector<bool>& dropped)
      : lines_(lines), block_(block), dropped_(dropped) {}

  void check() {
    constexpr std::size_t kFirstLine = 4;
    at_ = kFirstLine;
    expect("BEGIN CTAB");
    counts();
    bool atoms = false, bonds = false;
    for (Words words = next(); !is(words, "END", "CTAB"); words = next()) {
      if (words[0].text != "BEGIN" || words.size() < 2)
        refuse(words[0], "expected BEGIN of a block or END CTAB, got '" + words[0].text + "'");
      const std::string block = words[1].text;
      if (block == "ATOM") {
        read_atoms();
        atoms = true;
      } else if (block == "BOND") {
        if (!atoms) refuse(words[0], "expected BEGIN ATOM before BEGIN BOND");
        read_bonds();
        bonds = true;
      } else {
        read_other(block);
      }
    }
    if (!atoms && block_.n_atoms > 0)
      lines_.refuse(last_, 0, "expected BEGIN ATOM before END CTAB");
    if (!bonds && block_.n_bonds > 0)
      lines_.refuse(last_, 0, "expected BEGIN BOND before END CTAB" + counts_text());
    for (; at_ < lines_.size() && lines_.is_blank(at_); ++at_) dropped_[at_] = true;
    if (at_ >= lines_.size()) lines_.refuse_end("M  END");
    if (!engine::starts_with(lines_[at_], "M  END")) lines_.refuse(at_, 0, "expected M  END");
  }

 private:
  [[noreturn]] void refuse(const Token& token, const std::string& problem) const {
    lines_.refuse(token.line, token.column, problem);
  }
  std::string counts_text() const {
    return "; COUNTS says " + engine::counted(block_.n_atoms, "atom") + " and " +
           engine::counted(block_.n_bonds, "bond");
  }
  static bool is(const Words& words, const char* first, const char* second) {
    return words.size() > 1 && words[0].text == first && words[1].text == second;
  }
  void expect(const std::string& text) {
    const Words words = next();
    if (words.size() < 2 || words[0].text + " " + words[1].text != text)
      refuse(words[0], "expected " + text + ", got '" + words[0].text + "'");
  }

  /// Splits at blanks outside quotes and parentheses.
  static void add_words(const std::string& text, std::size_t line, Words& words) {
    bool quoted = false, open = false;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '"') quoted = !quoted;
      if (!quoted && c == '(') ++depth;
      if (!quoted && c == ')') --depth;
      const bool blank = (c == ' ' || c == '\t') && !quoted && depth <= 0;
      if (!blank && !open) words.push_back({"", line, kPrefixSize + i + 1});
      if (!blank) words.back().text += c;
      open = !blank;
    }
  }

  /// The next line that is not blank, continued over those that a - at the end announces.
  Words next() {
    Words words;
    for (bool more = true; more || words.empty(); ++at_) {
      if (at_ >= lines_.size()) lines_.refuse_end("M  V30 END CTAB");
      if (lines_.is_blank(at_) && !more_follows_) {
        dropped_[at_] = true;
        continue;
      }
      const std::string& line = lines_[at_];
      if (!engine::starts_with(line, kPrefix))
        lines_.refuse(
            at_, 1, "expected a line that begins with 'M  V30 ', got '" + line.substr(0, 40) + "'");
      std::string rest = line.substr(kPrefixSize);
      more = !rest.empty() && rest.back() == '-';
      if (more) rest.pop_back();
      more_follows_ = more;
      last_ = at_;
      add_words(rest, at_, words);
      if (!more && words.empty()) lines_.refuse(at_, kPrefixSize + 1, "nothing follows 'M  V30 '");
    }
    return words;
  }

  void expect_words(const Words& words, std::size_t n, const char* what) const {
    if (words.size() >= n) return;
    const Token& last = words.back();
    lines_.refuse(last.line, last.column + last.text.size(),
                  "the line ends here, expected " + std::string(what));
  }
  long integer(const Token& token, const char* what, std::pair<long, long> range) const {
    return lines_.integer(token.line, token.column, token.text, what, range);
  }

  void counts() {
    const Words words = next();
    if (words[0].text != "COUNTS") refuse(words[0], "expected COUNTS, got '" + words[0].text + "'");
    expect_words(words, 3, "COUNTS with the numbers of atoms and bonds");
    constexpr long kMaxCount = 1'000'000;
    block_.n_atoms =
        static_cast<std::size_t>(integer(words[1], "the number of atoms", {0, kMaxCount}));
    block_.n_bonds =
        static_cast<std::size_t>(integer(words[2], "the number of bonds", {0, kMaxCount}));
    for (std::size_t i = 3; i < words.size() && i < 6; ++i)
      integer(words[i], "a count", {0, kMaxCount});
  }

  void read_atoms() {
    constexpr long kMaxNumber = 2'000'000'000;
    for (std::size_t i = 0; i < block_.n_atoms; ++i) {
      const Words words = next();
      if (words[0].text == "END")
        refuse(words[0], "expected atom " + std::to_string(i + 1) + counts_text());
      expect_words(words, 6, "index, element, x, y, z and mapping of an atom");
      const long index = integer(words[0], "the index of an atom", {1, kMaxNumber});
      if (!atoms_.insert(index).second)
        refuse(words[0], "atom " + std::to_string(index) + " is there already");
      const std::string& symbol = words[1].text;
      const bool list = symbol[0] == '[' || symbol.rfind("NOT", 0) == 0 || symbol[0] == '"';
      if (!list) lines_.check_symbol(words[1].line, words[1].column, symbol);
      for (std::size_t k = 2; k < 5; ++k)
        lines_.coordinate(words[k].line, words[k].column, words[k].text);
      integer(words[5], "the mapping of an atom", {0, kMaxNumber});
      properties(words, 6);
    }
    expect_end("ATOM");
  }

  void read_bonds() {
    BondSet bonds(lines_);
    for (std::size_t i = 0; i < block_.n_bonds; ++i) {
      const Words words = next();
      if (words[0].text == "END")
        refuse(words[0], "expected bond " + std::to_string(i + 1) + counts_text());
      expect_words(words, 4, "index, type and two atoms of a bond");
      constexpr long kMaxNumber = 2'000'000'000;
      integer(words[0], "the index of a bond", {1, kMaxNumber});
      integer(words[1], "a bond type", {0, 10});
      bonds.add(words[0].line, atom(words[2]), atom(words[3]));
      properties(words, 4);
    }
    expect_end("BOND");
  }

  long atom(const Token& token) const {
    const long index = lines_.integer(token.line, token.column, token.text, "an atom");
    if (atoms_.count(index) == 0) refuse(token, "there is no atom " + std::to_string(index));
    return index;
  }

  void expect_end(const std::string& block) {
    const Words words = next();
    if (!is(words, "END", block.c_str()))
      refuse(words[0], "expected END " + block + counts_text() + ", got '" + words[0].text + "'");
  }

  /// KEY=VALUE, of which those that change the molecule must be numbers.
  void properties(const Words& words, std::size_t first) const {
    static const std::map<std::string, std::pair<long, long>> kNumbers = {{"CHG", {-15, 15}},
                                                                          {"RAD", {0, 3}},
                                                                          {"MASS", {1, 999}},
                                                                          {"CFG", {0, 3}},
                                                                          {"VAL", {-1, 15}}};
    for (std::size_t i = first; i < words.size(); ++i) {
      const std::size_t equals = words[i].text.find('=');
      if (equals == std::string::npos || equals == 0)
        refuse(words[i], "expected KEY=VALUE, got '" + words[i].text + "'");
      const std::string key = words[i].text.substr(0, equals);
      const auto known = kNumbers.find(key);
      if (known != kNumbers.end())
        lines_.integer(words[i].line, words[i].column + equals + 1,
                       words[i].text.substr(equals + 1), key.c_str(), known->second);
    }
  }

  /// A block that gives no atoms and bonds; atoms in collections are checked.
  void read_other(const std::string& block) {
    for (Words words = next(); !is(words, "END", block.c_str()); words = next()) {
      if (is(words, "END", "CTAB")) refuse(words[0], "expected END " + block + " before END CTAB");
      if (block == "COLLECTION")
        for (const Token& token : words)
          if (token.text.rfind("ATOMS=", 0) == 0) atom_list(token);
    }
  }

  /// "ATOMS=(2 1 3)": how many, and which.
  void atom_list(const Token& token) const {
    constexpr std::size_t kKeySize = 6;
    const std::string list = token.text.substr(kKeySize);
    if (list.size() < 2 || list.front() != '(' || list.back() != ')')
      refuse(token, "expected ATOMS=(number, atoms), got '" + token.text + "'");
    Words words;
    add_words(list.substr(1, list.size() - 2), token.line, words);
    const std::pair<long, long> range = {0, static_cast<long>(block_.n_atoms)};
    const long n = words.empty() ? -1
                                 : lines_.integer(token.line, token.column, words[0].text,
                                                  "a number of atoms", range);
    if (n + 1 != static_cast<long>(words.size()))
      refuse(token, "'" + token.text + "' does not list as many atoms as it says");
    for (std::size_t i = 1; i < words.size(); ++i) atom({words[i].text, token.line, token.column});
  }

  const MolLines& lines_;
  MolBlock& block_;
  std::vector<bool>& dropped_;
  std::size_t at_ = 0, last_ = 0;
  bool more_follows_ = false;
  std::set<long> atoms_;
};

}  // namespace

void check_v3000(const MolLines& lines, MolBlock& block, std::vector<bool>& dropped) {
  V3000(lines, block, dropped).check();
}

}  // namespace saltus::forcefields::detail
