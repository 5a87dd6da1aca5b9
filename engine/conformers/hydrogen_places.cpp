#include "engine/conformers/hydrogen_places.h"

#include <algorithm>
#include <cmath>

#include "engine/conformers/held_atoms.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::engine {

namespace {

/// One thing to decide about: a bond to turn or a hydrogen of a nitrogen to put on a side.
struct Choice {
  const TorsionBond* torsion = nullptr;  ///< null: a nitrogen
  std::size_t torsion_index = 0, n_places = 2;
  std::size_t nitrogen = 0, hydrogen = 0, first = 0, second = 0;
};

bool carries_hydrogen_only(const GraphAtom& atom) { return atom.n_hydrogens + 1 >= atom.degree; }

std::vector<Choice> choices_of(const TorsionGraph& graph, const std::vector<std::size_t>& held) {
  constexpr int kPlaces = 6;
  std::vector<Choice> choices;
  const std::vector<std::uint8_t> stays = held_torsions(graph, held);
  for (std::size_t t = 0; t < graph.torsions.size(); ++t) {
    const TorsionBond& torsion = graph.torsions[t];
    // Three equal atoms are settled by minimisation.
    if (stays[t] != 0 || torsion.symmetry > 2 || !turns_hydrogen_only(graph, torsion)) continue;
    Choice choice;
    choice.torsion = &torsion, choice.torsion_index = t;
    choice.n_places = static_cast<std::size_t>(kPlaces / torsion.symmetry);
    choices.push_back(choice);
  }
  for (const InvertibleCentre& centre : graph.inversions) {
    Choice choice;
    choice.nitrogen = centre.atom;
    std::vector<std::size_t> others;
    std::size_t n_hydrogens = 0;
    for (const std::size_t atom : centre.neighbours) {
      if (graph.atoms[atom].atomic_number == 1)
        choice.hydrogen = atom, ++n_hydrogens;
      else
        others.push_back(atom);
    }
    if (n_hydrogens != 1 || std::count(held.begin(), held.end(), choice.hydrogen) > 0) continue;
    choice.first = others[0], choice.second = others[1];
    choices.push_back(choice);
  }
  return choices;
}

/// Through the plane of the nitrogen and its two other neighbours.
void mirror(const Choice& choice, Span<double> x) {
  const Vec3 origin = load_atom(x.data(), choice.nitrogen);
  const Vec3 normal = cross(load_atom(x.data(), choice.first) - origin,
                            load_atom(x.data(), choice.second) - origin);
  const Vec3 bond = load_atom(x.data(), choice.hydrogen) - origin;
  const double square = dot(normal, normal);
  if (!(square > 0.0)) return;
  const Vec3 place = origin + bond + (-2.0 * dot(bond, normal) / square) * normal;
  double* out = x.data() + 3 * choice.hydrogen;
  out[0] = place.x, out[1] = place.y, out[2] = place.z;
}

/// Puts the hydrogens of a choice into another of its places, counted from where they are.
void put(const TorsionGraph& graph, const Choice& choice, std::size_t place, Span<double> x) {
  if (place == 0) return;
  if (choice.torsion == nullptr) {
    mirror(choice, x);
    return;
  }
  std::vector<double> angles(graph.torsions.size());
  torsion_angles(graph, x, angles);
  const double step = kTwoPi / choice.torsion->symmetry / static_cast<double>(choice.n_places);
  set_torsion(*choice.torsion, angles[choice.torsion_index] + static_cast<double>(place) * step, x);
}

void settle(const EnergyFunction& energy, const TorsionGraph& graph,
            const std::vector<Choice>& choices, CoordinateBatch& x) {
  if (choices.empty() || x.n_chains() == 0) return;
  std::vector<double> lowest(x.n_chains()), energies(x.n_chains());
  energy.evaluate(x.view(), lowest, {});
  const int n_rounds = choices.size() > 1 ? 2 : 1;
  for (int round = 0; round < n_rounds; ++round)
    for (const Choice& choice : choices) {
      const CoordinateBatch start = x;
      CoordinateBatch tried = x;
      for (std::size_t place = 1; place < choice.n_places; ++place) {
        for (std::size_t c = 0; c < x.n_chains(); ++c) {
          tried.copy_chain(start.view(), c, c);
          put(graph, choice, place, tried.chain(c));
        }
        energy.evaluate(tried.view(), energies, {});
        for (std::size_t c = 0; c < x.n_chains(); ++c) {
          if (!(energies[c] < lowest[c])) continue;
          lowest[c] = energies[c];
          x.copy_chain(tried.view(), c, c);
        }
      }
    }
}

}  // namespace

bool turns_hydrogen_only(const TorsionGraph& graph, const TorsionBond& torsion) {
  return carries_hydrogen_only(graph.atoms[torsion.ends[0].atom]) ||
         carries_hydrogen_only(graph.atoms[torsion.ends[1].atom]);
}

void settle_hydrogens(const EnergyFunction& energy, const TorsionGraph& graph,
                      const std::vector<std::size_t>& held, CoordinateBatch& x) {
  const TorsionGraph turning = turning_free_sides(graph, held);
  settle(energy, turning, choices_of(turning, held), x);
}

CoordinateBatch hydrogen_variants(const EnergyFunction& energy, const TorsionGraph& graph,
                                  const std::vector<std::size_t>& held, Span<const double> x,
                                  std::size_t max_variants, StepKey key) {
  const TorsionGraph turning = turning_free_sides(graph, held);
  const std::vector<Choice> choices = choices_of(turning, held);
  std::size_t n_all = 1;
  for (const Choice& choice : choices)
    if (n_all <= max_variants) n_all *= choice.n_places;
  const bool all = n_all <= max_variants;
  if (choices.empty() || max_variants == 0) return {};
  CoordinateBatch result(all ? n_all - 1 : max_variants, turning.atoms.size());
  for (std::size_t v = 0; v < result.n_chains(); ++v) {
    std::copy(x.begin(), x.end(), result.chain(v).begin());
    RandomStream random(key, StreamName::kPoolChoice, static_cast<std::uint32_t>(v));
    std::size_t left = v + 1;
    for (const Choice& choice : choices) {
      put(turning, choice, all ? left % choice.n_places : random.below(choice.n_places),
          result.chain(v));
      left /= choice.n_places;
    }
  }
  if (!all) settle(energy, turning, choices, result);
  return result;
}

}  // namespace saltus::engine
