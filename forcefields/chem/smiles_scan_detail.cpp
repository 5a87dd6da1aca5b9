#include "forcefields/chem/smiles_scan_detail.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "engine/core/text.h"

namespace saltus::forcefields::detail {

namespace {

using engine::is_digit;

class Scan {
 public:
  explicit Scan(const std::string& smiles) : smiles_(smiles) {
    while (at_ < smiles_.size()) step();
  }
  WrittenSmiles result() && { return std::move(result_); }

 private:
  void step() {
    const char c = smiles_[at_];
    if (c == '[' || std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '*') return atom();
    if (is_digit(c) || c == '%') return ring_closure();
    if (c == '(') branches_.push_back(last_);
    if (c == ')' && !branches_.empty()) {
      last_ = branches_.back();
      branches_.pop_back();
    }
    if (c == '.') last_ = kNoAtom;
    if (std::string("-=#$:/\\~<>").find(c) != std::string::npos) {
      symbol_ = c;
      symbol_place_ = at_;
    }
    ++at_;
  }

  void atom() {
    WrittenAtom atom;
    atom.begin = at_;
    const bool bracket = smiles_[at_] == '[';
    const std::size_t close = smiles_.find(']', at_);
    if (bracket && close != std::string::npos)
      atom.end = close + 1;
    else
      atom.end = at_ + (is_two_letters() ? 2 : 1);
    const auto index = static_cast<unsigned>(result_.atoms.size());
    if (last_ != kNoAtom) {
      bond(last_, index, false);
      atom.neighbours.push_back(last_);
      result_.atoms[last_].neighbours.push_back(index);
    }
    if (bracket) read_bracket(atom);
    result_.atoms.push_back(std::move(atom));
    at_ = result_.atoms.back().end;
    last_ = index;
    symbol_ = 0;
  }

  bool is_two_letters() const {
    const std::string two = smiles_.substr(at_, 2);
    return two == "Cl" || two == "Br";
  }

  /// Mark and hydrogen of [13C@@H].
  void read_bracket(WrittenAtom& atom) const {
    std::size_t i = atom.begin + 1;
    while (i < atom.end && is_digit(smiles_[i])) ++i;
    if (i < atom.end) ++i;  // the first letter of the element
    while (i < atom.end && std::islower(static_cast<unsigned char>(smiles_[i])) != 0) ++i;
    const std::size_t mark = i;
    while (i < atom.end && smiles_[i] == '@') ++i;
    for (const char* kind : {"TH", "AL", "SP", "TB", "OH"})
      if (i > mark && smiles_.compare(i, 2, kind) == 0 && is_digit(smiles_[i + 2])) {
        i += 2;
        while (is_digit(smiles_[i])) ++i;
        break;
      }
    atom.mark = smiles_.substr(mark, i - mark);
    if (i < atom.end && smiles_[i] == 'H') atom.neighbours.push_back(kNoAtom);
  }

  void bond(unsigned first, unsigned second, bool closes_ring) {
    WrittenBond bond;
    bond.first = first;
    bond.second = second;
    bond.symbol = symbol_;
    bond.place = symbol_ != 0 ? symbol_place_ : at_;
    bond.closes_ring = closes_ring;
    result_.bonds.push_back(bond);
  }

  void ring_closure() {
    std::string number(1, smiles_[at_]);
    if (smiles_[at_] == '%') {
      const bool brackets = at_ + 1 < smiles_.size() && smiles_[at_ + 1] == '(';
      const std::size_t close = brackets ? smiles_.find(')', at_) : std::string::npos;
      number = brackets && close != std::string::npos ? smiles_.substr(at_ + 2, close - at_ - 2)
                                                      : smiles_.substr(at_ + 1, 2);
      at_ = brackets && close != std::string::npos ? close : at_ + 2;
    }
    ++at_;
    if (number.size() > 1 && number[0] == '0') number.erase(0, 1);
    if (last_ == kNoAtom) return;
    const auto open = open_rings_.find(number);
    if (open == open_rings_.end()) {
      // The other atom is filled in when the ring closes.
      open_rings_[number] = {last_, result_.atoms[last_].neighbours.size()};
      result_.atoms[last_].neighbours.push_back(kNoAtom);
    } else {
      const auto [other, slot] = open->second;
      result_.atoms[other].neighbours[slot] = last_;
      result_.atoms[last_].neighbours.push_back(other);
      bond(other, last_, true);
      open_rings_.erase(open);
    }
    symbol_ = 0;
  }

  struct OpenRing {
    unsigned atom;
    std::size_t slot;
  };
  const std::string& smiles_;
  std::size_t at_ = 0;
  unsigned last_ = kNoAtom;
  char symbol_ = 0;
  std::size_t symbol_place_ = 0;
  std::vector<unsigned> branches_;
  std::map<std::string, OpenRing> open_rings_;
  WrittenSmiles result_;
};

}  // namespace

WrittenSmiles scan_smiles(const std::string& smiles) { return Scan(smiles).result(); }

}  // namespace saltus::forcefields::detail
