#include "forcefields/chem/cxsmiles.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "engine/conformers/molecule_status.h"
#include "engine/core/text.h"

namespace saltus::forcefields {

using engine::is_digit;

namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw engine::MoleculeFailure(engine::MoleculeStatus::kParseSyntax, "CXSMILES: " + message);
}

enum class Use {
  kGroup,       ///< atoms; a number in the name
  kRadical,     ///< atoms; a number in the name
  kCoordinate,  ///< atom.bond
  kWedge,       ///< atom.bond, of the drawing
  kWavy,        ///< atom.bond, of the drawing
  kLeftOut,     ///< text
  kRefused,     ///< text
};

struct Feature {
  const char* name;  ///< "#" stands for a number
  Use use;
  const char* meaning;
};

constexpr std::array<Feature, 26> kFeatures = {{
    {"a:", Use::kGroup, "absolute stereo centres"},
    {"&#:", Use::kGroup, "an 'and' group of stereo centres"},
    {"o#:", Use::kGroup, "an 'or' group of stereo centres"},
    {"^#:", Use::kRadical, "radicals"},
    {"C:", Use::kCoordinate, "coordinate bonds"},
    {"wU:", Use::kWedge, "wedge bonds"},
    {"wD:", Use::kWedge, "wedge bonds"},
    {"w:", Use::kWavy, "wavy bonds"},
    {"atomProp:", Use::kLeftOut, "properties of atoms"},
    {"lp:", Use::kLeftOut, "lone pairs"},
    {"f:", Use::kLeftOut, "grouping of fragments"},
    {"SgD:", Use::kLeftOut, "attached data"},
    {"SgH:", Use::kLeftOut, "hierarchy of attached data"},
    {"Sg:", Use::kRefused, "a polymer or another group of atoms that repeats"},
    {"H:", Use::kRefused, "hydrogen bonds; a molecule of covalent bonds is expected"},
    {"LN:", Use::kRefused, "atoms that repeat; one molecule is expected"},
    {"m:", Use::kRefused, "bonds to several atoms; one molecule is expected"},
    {"rb:", Use::kRefused, "a query; one molecule is expected"},
    {"s:", Use::kRefused, "a query; one molecule is expected"},
    {"u:", Use::kRefused, "a query; one molecule is expected"},
    {"RG:", Use::kRefused, "R groups; one molecule is expected"},
    {"LOG:", Use::kRefused, "R groups; one molecule is expected"},
    {"ctu:", Use::kRefused, "configurations of double bonds; write them with / and \\"},
    {"c:", Use::kRefused, "configurations of double bonds; write them with / and \\"},
    {"t:", Use::kRefused, "configurations of double bonds; write them with / and \\"},
    {"r", Use::kRefused,
     "relative configurations of a whole molecule; write a group such as o1:1,3"},
}};

/// Where the name of a feature that begins at `at` ends; 0 when it is another one.
std::size_t end_of_name(const std::string& text, std::size_t at, const std::string& name) {
  for (const char c : name) {
    if (c == '#') {
      const std::size_t first = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      if (at == first) return 0;
    } else if (at >= text.size() || text[at++] != c) {
      return 0;
    }
  }
  return at;
}

class Block {
 public:
  Block(const std::string& text, std::size_t n_atoms, std::size_t n_bonds)
      : text_(text), n_atoms_(n_atoms), n_bonds_(n_bonds) {}

  Cxsmiles read() {
    while (at_ < text_.size()) {
      feature();
      if (at_ < text_.size() && text_[at_++] != ',')
        refuse("expected a comma at character " + std::to_string(at_ + 1) + " of the block");
    }
    write_groups();
    if (!result_.decisive.empty()) result_.decisive = "|" + result_.decisive + "|";
    return std::move(result_);
  }

 private:
  void leave_out(const std::string& what) {
    auto& list = result_.left_out;
    if (std::find(list.begin(), list.end(), what) == list.end()) list.push_back(what);
  }
  void keep(const std::string& feature) {
    result_.decisive += (result_.decisive.empty() ? "" : ",") + feature;
  }

  /// Text in the marks of a list, after which `at_` is then.
  void enclosed(char close, const char* what) {
    const std::size_t end = text_.find(close, at_ + 1);
    if (end == std::string::npos) refuse(std::string(what) + " are opened but not closed");
    leave_out(what);
    at_ = end + 1;
  }

  void feature() {
    const char c = text_[at_];
    if (c == '(') return enclosed(')', "2D coordinates");
    if (c == '$') return enclosed('$', "atom labels");
    for (const Feature& known : kFeatures) {
      const std::size_t end = end_of_name(text_, at_, known.name);
      if (end == 0) continue;
      const std::string name = text_.substr(at_, end - at_);
      at_ = end;
      return use(known, name, payload());
    }
    refuse("'" + text_.substr(at_, text_.find(',', at_) - at_) + "' is not a known feature");
  }

  bool begins_feature(std::size_t at) const {
    if (at >= text_.size() || text_[at] == '(' || text_[at] == '$') return true;
    return std::any_of(kFeatures.begin(), kFeatures.end(), [&](const Feature& known) {
      return end_of_name(text_, at, known.name) > 0;
    });
  }
  /// Up to the comma before the next feature.
  std::string payload() {
    const std::size_t first = at_;
    while (at_ < text_.size() && !(text_[at_] == ',' && begins_feature(at_ + 1))) ++at_;
    return text_.substr(first, at_ - first);
  }

  void use(const Feature& known, const std::string& name, const std::string& list) {
    const std::string whole = name + list;
    switch (known.use) {
      case Use::kGroup:
        for (const std::size_t atom : atoms(whole, list)) add_to_group(name, atom);
        return;
      case Use::kRadical:
        if (name.size() != 3 || name[1] < '1' || name[1] > '7')
          refuse("'" + whole + "': kinds of radicals are ^1 to ^7");
        atoms(whole, list);
        return keep(whole);
      case Use::kCoordinate:
        pairs(whole, list);
        return keep(whole);
      case Use::kWedge:
      case Use::kWavy: {
        auto& at = known.use == Use::kWavy ? result_.wavy : result_.wedged;
        for (const std::size_t atom : pairs(whole, list)) at.push_back(atom);
        return leave_out(known.meaning);
      }
      case Use::kLeftOut:
        return leave_out(known.meaning);
      case Use::kRefused:
        break;
    }
    refuse("'" + whole + "' stands for " + known.meaning);
  }

  std::size_t number(const std::string& whole, const std::string& text, std::size_t n,
                     const char* what) const {
    std::size_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || text.empty())
      refuse("'" + whole + "': expected numbers of " + what + "s, got '" + text + "'");
    if (value >= n)
      refuse("'" + whole + "': there is no " + what + " " + text + "; the molecule has " +
             std::to_string(n) + ", counted from 0");
    return value;
  }

  static std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts(1);
    for (const char c : text)
      if (c == at)
        parts.emplace_back();
      else
        parts.back() += c;
    return parts;
  }

  std::vector<std::size_t> atoms(const std::string& whole, const std::string& list) const {
    std::vector<std::size_t> found;
    for (const std::string& text : split(list, ','))
      found.push_back(number(whole, text, n_atoms_, "atom"));
    return found;
  }

  /// The atoms of "atom.bond" pairs.
  std::vector<std::size_t> pairs(const std::string& whole, const std::string& list) const {
    std::vector<std::size_t> found;
    for (const std::string& text : split(list, ',')) {
      const auto parts = split(text, '.');
      if (parts.size() != 2) refuse("'" + whole + "': expected atom.bond, got '" + text + "'");
      found.push_back(number(whole, parts[0], n_atoms_, "atom"));
      number(whole, parts[1], n_bonds_, "bond");
    }
    return found;
  }

  void add_to_group(const std::string& name, std::size_t atom) {
    auto& all = result_.grouped;
    if (std::find(all.begin(), all.end(), atom) != all.end())
      refuse("atom " + std::to_string(atom) + " is in two groups of stereo centres");
    all.push_back(atom);
    groups_[name].push_back(atom);
  }
  void write_groups() {
    for (const auto& [name, atoms] : groups_) {
      std::string list = name;
      for (const std::size_t atom : atoms)
        list += (list.size() > name.size() ? "," : "") + std::to_string(atom);
      keep(list);
    }
  }

  const std::string text_;
  std::size_t n_atoms_, n_bonds_, at_ = 0;
  Cxsmiles result_;
  std::map<std::string, std::vector<std::size_t>> groups_;  ///< by "&1:"
};

}  // namespace

Cxsmiles read_cxsmiles(const std::string& block, std::size_t n_atoms, std::size_t n_bonds) {
  return Block(block.substr(1, block.size() - 2), n_atoms, n_bonds).read();
}

}  // namespace saltus::forcefields
