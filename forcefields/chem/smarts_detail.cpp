#include "forcefields/chem/smarts_detail.h"

#include <GraphMol/SmilesParse/SmilesParse.h>

#include <cctype>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/error.h"

namespace saltus::forcefields::detail {

namespace {

/// What is wrong with a string, and at which character, from 0.
struct Problem {
  std::size_t at = 0;
  std::string what;
};

std::unique_ptr<RDKit::ROMol> parsed(const std::string& smarts) {
  try {
    return std::unique_ptr<RDKit::ROMol>(RDKit::SmartsToMol(smarts));
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// Reads a string from left to right as far as brackets, branches, rings and elements are right.
class Scan {
 public:
  explicit Scan(const std::string& text) : text_(text) {}

  std::optional<Problem> run() {
    while (!problem_ && at_ < text_.size()) step();
    if (problem_) return problem_;
    if (!branches_.empty()) return Problem{branches_.back(), "'(' is not closed"};
    if (!rings_.empty()) {
      const auto& [number, place] = *rings_.begin();
      return Problem{place, "ring " + number + " is not closed"};
    }
    return std::nullopt;
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '[') return take_bracket();
    if (c == '%' || std::isdigit(static_cast<unsigned char>(c)) != 0) return take_ring();
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) return take_element();
    if (c == '(') branches_.push_back(at_);
    if (c == ')') {
      if (branches_.empty()) return fail("')' without '(' before it");
      branches_.pop_back();
    }
    if (std::string("()*-=#:~@/\\!&,;$.^<>").find(c) == std::string::npos)
      return fail("'" + std::string(1, c) + "' has no meaning here");
    ++at_;
  }

  void take_bracket() {
    std::size_t depth = 0, end = at_;
    for (; end < text_.size(); ++end) {
      depth += text_[end] == '[' ? 1 : 0;
      if (text_[end] == ']' && --depth == 0) break;
    }
    if (end == text_.size()) return fail("'[' is not closed");
    const std::string atom = text_.substr(at_, end + 1 - at_);
    if (!parsed(atom)) return fail("'" + atom + "' is no atom");
    at_ = end + 1;
  }

  void take_ring() {
    const std::size_t begin = at_;
    std::string number(1, text_[at_++]);
    if (number == "%") {
      number = text_.substr(at_, 2);
      if (number.size() < 2 || number.find_first_not_of("0123456789") != std::string::npos) {
        at_ = begin;
        return fail("'%' is followed by two digits, the number of a ring");
      }
      at_ += 2;
    }
    if (rings_.erase(number) == 0) rings_.emplace(number, begin);
  }

  void take_element() {
    const std::string two = text_.substr(at_, 2);
    const bool is_two = two == "Cl" || two == "Br";
    if (!is_two && std::string("BCNOPSFIbcnopsaA").find(text_[at_]) == std::string::npos)
      return fail("'" + std::string(1, text_[at_]) +
                  "' is no atom; elements other than B, C, N, O, P, S, F, Cl, Br and I stand in "
                  "brackets");
    at_ += is_two ? 2 : 1;
  }

  void fail(const std::string& what) { problem_ = Problem{at_, what}; }

  const std::string& text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> branches_;
  std::map<std::string, std::size_t> rings_;
  std::optional<Problem> problem_;
};

/// Where nothing else is known: after the longest beginning that can be read.
Problem after_what_is_read(const std::string& smarts) {
  std::size_t n = smarts.size();
  while (n > 0 && !parsed(smarts.substr(0, n))) --n;
  return {n == smarts.size() ? 0 : n, "the rest cannot be read"};
}

}  // namespace

std::unique_ptr<RDKit::ROMol> read_smarts(const std::string& smarts) {
  if (smarts.empty()) throw engine::InputError("there is no SMARTS string");
  // First of all: the reader of RDKit takes what follows a blank for a name.
  const std::optional<Problem> problem = Scan(smarts).run();
  auto query = problem ? nullptr : parsed(smarts);
  if (query) return query;
  const Problem found = problem ? *problem : after_what_is_read(smarts);
  throw engine::InputError("SMARTS '" + smarts + "', column " + std::to_string(found.at + 1) +
                           ": " + found.what);
}

}  // namespace saltus::forcefields::detail
