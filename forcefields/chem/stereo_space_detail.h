#pragma once

#include <GraphMol/GraphMol.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "forcefields/chem/stereo_elements_detail.h"

namespace saltus::forcefields::detail {

/// All configurations of a molecule: signs of its elements, which of them are open, which depend on
/// each other, and which are the same molecule turned or numbered differently.
class StereoSpace {
 public:
  /// Signs of all elements, +1 or -1.
  using Signs = std::vector<int>;
  /// One for each choice.
  using Choices = std::vector<bool>;

  explicit StereoSpace(const RDKit::ROMol& molecule);

  const std::vector<StereoElement>& elements() const { return elements_; }
  /// In how many ways the molecule is open. Ways that lead to the same isomer do not count.
  std::size_t n_choices() const { return choices_.size(); }
  /// The elements that these decide about.
  std::vector<std::size_t> open_elements() const;
  /// Why the signs that are given exclude each other; empty when they do not.
  const std::string& contradiction() const { return contradiction_; }

  Signs signs(const Choices& choices) const;
  /// Of all signs that describe the same isomer, the same ones for each of them.
  Signs canonical(const Signs& signs) const;
  /// Whether the other sign of an element (and of those tied to it) is another isomer.
  bool matters(std::size_t element) const;
  /// All signs that describe the same isomer, the first `max_found`.
  std::vector<Signs> equivalent(const Signs& signs, std::size_t max_found) const;

  struct Count {
    std::uint64_t n = 1;
    bool exact = true;  ///< else there are more
  };
  /// How many different isomers the choices lead to.
  Count count() const;

 private:
  /// Elements tied to one another.
  struct Group {
    std::vector<std::size_t> members;
    std::vector<int> relative;  ///< [members], to the first
    bool given = false;
    int sign = 1;  ///< of the first, when it is given
  };
  /// What a renumbering does to the elements: element e's sign, times the factor, goes to `to[e]`.
  struct Action {
    std::vector<std::size_t> to;
    std::vector<int> factor;
  };

  /// Of each element, the others it is tied to, and the product of their signs.
  using Ties = std::vector<std::vector<std::pair<std::size_t, int>>>;

  void tie(const RDKit::ROMol& molecule);
  void group_elements(const Ties& ties);
  void find_actions(const RDKit::ROMol& molecule);
  bool group_matters(const Group& group) const;
  Signs apply(const Action& action, const Signs& signs) const;
  std::vector<Choices> samples() const;

  std::vector<StereoElement> elements_;
  std::vector<Group> groups_;
  std::vector<std::size_t> group_of_;  ///< [elements]
  std::vector<std::size_t> choices_;   ///< open groups
  std::vector<Action> actions_;
  std::string contradiction_;
};

}  // namespace saltus::forcefields::detail
