#include "forcefields/ffxml/torsion_assignment.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace saltus::forcefields {

namespace {

using Quartet = std::array<std::size_t, 4>;
using TypeQuartet = std::array<const AtomType*, 4>;

constexpr int kCarbon = 6;

class TorsionAssigner {
 public:
  TorsionAssigner(const engine::Topology& topology,
                  const std::vector<std::vector<std::size_t>>& neighbours,
                  const std::vector<AssignedAtom>& atoms, const ForceFieldXml& force_field)
      : topology_(topology), neighbours_(neighbours), atoms_(atoms), force_field_(force_field) {}

  std::vector<engine::PeriodicTorsion> run() {
    for (std::size_t j = 0; j < atoms_.size(); ++j)
      for (std::size_t k : neighbours_[j])
        if (j < k) add_propers_around(j, k);
    for (std::size_t centre = 0; centre < atoms_.size(); ++centre) add_impropers_of(centre);
    return std::move(torsions_);
  }

 private:
  void add_propers_around(std::size_t j, std::size_t k) {
    for (std::size_t i : neighbours_[j])
      for (std::size_t l : neighbours_[k]) {
        if (i == k || l == j || i == l) continue;
        if (const TorsionDefinition* definition = proper_of({i, j, k, l}))
          add_terms({i, j, k, l}, *definition);
      }
  }

  TypeQuartet types_of(const Quartet& q) const {
    return {atoms_[q[0]].type, atoms_[q[1]].type, atoms_[q[2]].type, atoms_[q[3]].type};
  }

  const TorsionDefinition* proper_of(const Quartet& quartet) {
    const TypeQuartet types = types_of(quartet);
    const auto [entry, is_new] = propers_.emplace(types, nullptr);
    if (is_new) entry->second = find_proper(types);
    return entry->second;
  }

  /// The first definition without wildcards that fits either way round, else the first that fits.
  const TorsionDefinition* find_proper(const TypeQuartet& types) const {
    const TorsionDefinition* match = nullptr;
    for (const TorsionDefinition& definition : force_field_.propers()) {
      bool forward = true, backward = true;
      for (std::size_t n = 0; n < 4; ++n) {
        forward = forward && definition.types[n].matches(*types[n]);
        backward = backward && definition.types[n].matches(*types[3 - n]);
      }
      if (!forward && !backward) continue;
      if (!definition.has_wildcard()) return &definition;
      if (match == nullptr) match = &definition;
    }
    return match;
  }

  void add_terms(const Quartet& q, const TorsionDefinition& definition) {
    for (const TorsionTerm& term : definition.terms)
      if (term.k != 0.0)
        torsions_.push_back({q[0], q[1], q[2], q[3], term.periodicity, term.phase_rad, term.k});
  }

  void add_impropers_of(std::size_t centre) {
    const std::vector<std::size_t>& outer = neighbours_[centre];
    for (std::size_t a = 0; a < outer.size(); ++a)
      for (std::size_t b = a + 1; b < outer.size(); ++b)
        for (std::size_t c = b + 1; c < outer.size(); ++c)
          add_improper({centre, outer[a], outer[b], outer[c]});
  }

  /// An improper definition and the places (0 = centre) of its four atoms.
  struct OrderedImproper {
    const TorsionDefinition* definition = nullptr;
    Quartet places{};
  };

  void add_improper(const Quartet& atoms) {
    // The order found for the first quartet of its types holds for all others: OpenMM's rule.
    const auto [entry, is_new] = impropers_.emplace(types_of(atoms), OrderedImproper{});
    if (is_new) entry->second = find_improper(atoms);
    const OrderedImproper& found = entry->second;
    if (found.definition == nullptr) return;
    Quartet ordered;
    for (std::size_t n = 0; n < 4; ++n) ordered[n] = atoms[found.places[n]];
    add_terms(ordered, *found.definition);
  }

  OrderedImproper find_improper(const Quartet& atoms) const {
    OrderedImproper match;
    for (const TorsionDefinition& definition : force_field_.impropers()) {
      // A later specific definition replaces an earlier match, one with wildcards does not.
      if (match.definition != nullptr && definition.has_wildcard()) continue;
      if (!definition.types[0].matches(*atoms_[atoms[0]].type)) continue;
      const auto outer = fitting_permutation(definition, atoms);
      if (outer) match = {&definition, order_of(definition, atoms, *outer)};
    }
    return match;
  }

  using Outer = std::array<std::size_t, 3>;  ///< places of the definition's atoms 2, 3, 4

  std::optional<Outer> fitting_permutation(const TorsionDefinition& definition,
                                           const Quartet& atoms) const {
    Outer outer = {1, 2, 3};
    do {
      bool fits = true;
      for (std::size_t n = 0; n < 3; ++n)
        fits = fits && definition.types[n + 1].matches(*atoms_[atoms[outer[n]]].type);
      if (fits) return outer;
    } while (std::next_permutation(outer.begin(), outer.end()));
    return std::nullopt;
  }

  static Quartet order_of_places(const Outer& outer) { return {outer[0], outer[1], 0, outer[2]}; }

  Quartet order_of(const TorsionDefinition& definition, const Quartet& atoms, Outer outer) const {
    if (definition.ordering == ImproperOrdering::kAmber)
      sort_amber(definition.has_wildcard(), atoms, outer);
    else
      sort_default(atoms, outer);
    return order_of_places(outer);
  }

  int element(std::size_t atom) const { return topology_.atoms[atom].atomic_number; }

  /// First two: carbon before others, else lighter element later, equal ones by index.
  void sort_default(const Quartet& atoms, Outer& outer) const {
    const std::size_t first = atoms[outer[0]], second = atoms[outer[1]];
    const int e1 = element(first), e2 = element(second);
    const bool by_index = e1 == e2 && first > second;
    const bool by_element = e1 != kCarbon && (e2 == kCarbon || e1 < e2);
    if (by_index || by_element) std::swap(outer[0], outer[1]);
  }

  /// Pairs (2,4), (3,4), (2,3) are put in the order of residue and template index when they are
  /// alike: of one type, or, when the definition has wildcards, of one element (2,3 always).
  void sort_amber(bool has_wildcard, const Quartet& atoms, Outer& outer) const {
    const Outer original = outer;
    const auto rank = [&](std::size_t place) {
      const std::size_t atom = atoms[place];
      return std::make_pair(topology_.atoms[atom].residue, atoms_[atom].template_index);
    };
    // Likeness is judged by the atoms that first stood there, as OpenMM does.
    const auto sort_pair = [&](std::size_t p, std::size_t q) {
      const std::size_t a = atoms[original[p]], b = atoms[original[q]];
      const bool alike = has_wildcard ? element(a) == element(b) || (p == 0 && q == 1)
                                      : atoms_[a].type == atoms_[b].type;
      if (alike && rank(outer[p]) > rank(outer[q])) std::swap(outer[p], outer[q]);
    };
    sort_pair(0, 2);
    sort_pair(1, 2);
    sort_pair(0, 1);
  }

  const engine::Topology& topology_;
  const std::vector<std::vector<std::size_t>>& neighbours_;
  const std::vector<AssignedAtom>& atoms_;
  const ForceFieldXml& force_field_;
  std::map<TypeQuartet, const TorsionDefinition*> propers_;
  std::map<TypeQuartet, OrderedImproper> impropers_;
  std::vector<engine::PeriodicTorsion> torsions_;
};

}  // namespace

std::vector<engine::PeriodicTorsion> assign_torsions(
    const engine::Topology& topology, const std::vector<std::vector<std::size_t>>& neighbours,
    const std::vector<AssignedAtom>& atoms, const ForceFieldXml& force_field) {
  return TorsionAssigner(topology, neighbours, atoms, force_field).run();
}

}  // namespace saltus::forcefields
