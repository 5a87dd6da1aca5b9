#include "tools/saltus/molecules/structure_checks.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/vec3.h"
#include "engine/system/elements.h"

namespace saltus::tools {

namespace {

constexpr double kMinLimitNm = 0.2, kMaxRelativeLength = 1.5;
// Digits of PDB files move distances by 0.001 nm; hydrogens of SPC/E and TIP3P differ by 0.012 nm.
constexpr double kMaxMoveNm = 0.01;

/// Most bonds to other nonmetals; 0: any number.
std::size_t max_bonds(int element) {
  static const std::map<int, std::size_t> kMaxBonds = {{1, 1}, {6, 4}, {7, 4}, {8, 3}, {9, 1}};
  const auto found = kMaxBonds.find(element);
  return found == kMaxBonds.end() ? 0 : found->second;
}

/// Elements whose bonds count: those that form the ordinary ones of organic chemistry.
bool counts(int element) {
  constexpr int kCounted[] = {1, 6, 7, 8, 9, 14, 15, 16, 17, 34, 35, 53};
  return std::find(std::begin(kCounted), std::end(kCounted), element) != std::end(kCounted);
}

class RecordChecker {
 public:
  RecordChecker(const engine::Topology& topology, engine::Span<const double> positions)
      : topology_(topology), positions_(positions), neighbours_(topology.neighbours()) {}

  void check(const engine::Bond& bond, const std::string& source) const {
    const double distance = engine::atom_distance(positions_.data(), bond.first, bond.second);
    const double longest =
        std::max(kMinLimitNm, kMaxRelativeLength * (radius(bond.first) + radius(bond.second)));
    if (distance > longest) {
      throw engine::InputError(describe(bond, source) + ", which are " +
                               engine::fixed_text(distance, 3) + " nm apart, expected at most " +
                               engine::fixed_text(longest, 3) +
                               " nm; is the record wrong, or are the coordinates?");
    }
    for (const std::size_t atom : {bond.first, bond.second}) check_valence(bond, source, atom);
  }

 private:
  int element(std::size_t atom) const { return topology_.atoms[atom].atomic_number; }
  double radius(std::size_t atom) const { return engine::covalent_radius_nm(element(atom)); }

  std::string describe(const engine::Bond& bond, const std::string& source) const {
    return source + " bonds " + topology_.describe_atom(bond.first) + " and " +
           topology_.describe_atom(bond.second);
  }

  void check_valence(const engine::Bond& bond, const std::string& source, std::size_t atom) const {
    const std::size_t limit = max_bonds(element(atom));
    if (limit == 0 || !counts(element(bond.first)) || !counts(element(bond.second))) return;
    const auto& partners = neighbours_[atom];
    const auto n_bonds = static_cast<std::size_t>(std::count_if(
        partners.begin(), partners.end(), [&](std::size_t n) { return counts(element(n)); }));
    if (n_bonds <= limit) return;
    throw engine::InputError(describe(bond, source) + ", which gives " +
                             topology_.describe_atom(atom) + " " + std::to_string(n_bonds) +
                             " bonds; " + engine::element_symbol(element(atom)) + " has at most " +
                             std::to_string(limit) + ": is the record wrong?");
  }

  const engine::Topology& topology_;
  engine::Span<const double> positions_;
  const std::vector<std::vector<std::size_t>> neighbours_;
};

}  // namespace

void check_recorded_bonds(const engine::Topology& topology, const std::vector<std::string>& sources,
                          engine::Span<const double> positions) {
  const RecordChecker checker(topology, positions);
  for (std::size_t n = 0; n < sources.size(); ++n) checker.check(topology.bonds[n], sources[n]);
}

std::string moved_constraints_note(const std::string& structure, const engine::System& system,
                                   const engine::Topology& topology,
                                   engine::Span<const double> positions) {
  const auto off = [&](const engine::Constraint& c) {
    return std::abs(engine::atom_distance(positions.data(), c.i, c.j) - c.distance_nm);
  };
  const auto& constraints = system.constraints;
  const auto n_moved = std::count_if(constraints.begin(), constraints.end(),
                                     [&](const auto& c) { return off(c) > kMaxMoveNm; });
  if (n_moved == 0) return "";
  const engine::Constraint& worst =
      *std::max_element(constraints.begin(), constraints.end(),
                        [&](const auto& a, const auto& b) { return off(a) < off(b); });
  return structure + ": " + std::to_string(n_moved) + " of " + std::to_string(constraints.size()) +
         " constrained distances are otherwise by more than 0.01 nm; " +
         topology.describe_atom(worst.i) + " and " + topology.describe_atom(worst.j) + " are " +
         engine::significant_text(engine::atom_distance(positions.data(), worst.i, worst.j), 3) +
         " nm apart, constrained to " + engine::significant_text(worst.distance_nm, 3) +
         " nm. Chains start on the constraints; water of another model may be the cause";
}

}  // namespace saltus::tools
