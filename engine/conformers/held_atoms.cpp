#include "engine/conformers/held_atoms.h"

#include <algorithm>
#include <utility>

#include "engine/conformers/superposition.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

std::vector<double> at_atoms(const std::vector<std::size_t>& atoms, Span<const double> x) {
  std::vector<double> positions;
  positions.reserve(3 * atoms.size());
  for (const std::size_t atom : atoms)
    positions.insert(positions.end(), x.data() + 3 * atom, x.data() + 3 * atom + 3);
  return positions;
}

std::vector<std::uint8_t> flags_of(const std::vector<std::size_t>& atoms, std::size_t n) {
  std::vector<std::uint8_t> flags(n, 0);
  for (const std::size_t atom : atoms) flags[atom] = 1;
  return flags;
}

/// The motion that puts the held atoms near their places, and how far they are off then.
struct Fit {
  RigidMotion motion;
  double rms = 0.0;
};

Fit fit(const HeldAtoms& held, Span<const double> x) {
  std::vector<double> own = at_atoms(held.atoms, x);
  Fit result;
  result.motion = superpose(own, held.positions);
  result.motion.apply(own);
  result.rms = rms_distance(own, held.positions);
  return result;
}

void mirror(Span<double> x) {
  for (std::size_t i = 2; i < x.size(); i += 3) x[i] = -x[i];
}

/// The corner of a centre made by three of its neighbours when one of four is not held: the fourth
/// stands opposite, so that the corner tells the handedness. Of neighbours 0..3 without k, in
/// order, its sign is that of the whole, times -1 for k = 0 or 2.
/// @returns  +1, -1; 0 where the places do not tell
int sign_by_places(const ChiralCentre& centre, const std::vector<std::uint8_t>& is_held,
                   Span<const double> x) {
  if (is_held[centre.atom] == 0) return 0;
  ChiralCentre corner = centre;
  corner.neighbours.clear();
  std::size_t missing = kNowhere;
  for (std::size_t k = 0; k < centre.neighbours.size(); ++k) {
    if (is_held[centre.neighbours[k]] != 0)
      corner.neighbours.push_back(centre.neighbours[k]);
    else if (missing != kNowhere)
      return 0;
    else
      missing = k;
  }
  if (missing == kNowhere) return sign_of(centre, x);
  if (corner.neighbours.size() < 3) return 0;
  const int sign = sign_of(corner, x);
  return missing % 2 == 0 ? -sign : sign;
}

}  // namespace

double put_in_place(const HeldAtoms& held, Span<double> x) {
  Fit best = fit(held, x);
  // Flat cores fit as well either way, and then nothing is turned over.
  constexpr double kClearly_nm = 1e-3;
  mirror(x);
  const Fit mirrored = fit(held, x);
  if (mirrored.rms < best.rms - kClearly_nm)
    best = mirrored;
  else
    mirror(x);
  best.motion.apply(x);
  set_in_place(held, x);
  return best.rms;
}

void set_in_place(const HeldAtoms& held, Span<double> x) {
  for (std::size_t k = 0; k < held.atoms.size(); ++k)
    std::copy_n(held.positions.data() + 3 * k, 3, x.data() + 3 * held.atoms[k]);
}

bool are_in_place(const HeldAtoms& held, Span<const double> x) {
  // As numbers: adding 0 to -0 gives 0.
  for (std::size_t k = 0; k < held.atoms.size(); ++k)
    if (!std::equal(held.positions.data() + 3 * k, held.positions.data() + 3 * k + 3,
                    x.data() + 3 * held.atoms[k]))
      return false;
  return true;
}

std::vector<std::size_t> contradictions(const HeldAtoms& held, const Configuration& configuration,
                                        std::size_t n_atoms) {
  const std::vector<std::uint8_t> is_held = flags_of(held.atoms, n_atoms);
  std::vector<double> x(3 * n_atoms, 0.0);
  for (std::size_t k = 0; k < held.atoms.size(); ++k)
    std::copy_n(held.positions.data() + 3 * k, 3, x.data() + 3 * held.atoms[k]);
  std::vector<std::size_t> found;
  for (const ChiralCentre& centre : configuration.centres)
    if (sign_by_places(centre, is_held, x) == -centre.sign) found.push_back(centre.atom);
  const auto all_held = [&](const auto& chain) {
    return is_held[chain.first_end] + is_held[chain.first] + is_held[chain.second] +
               is_held[chain.second_end] ==
           4;
  };
  for (const ConfiguredDoubleBond& bond : configuration.double_bonds)
    if (all_held(bond) && sign_of(bond, x) == (bond.cis ? -1 : 1)) found.push_back(bond.first);
  for (const ConfiguredAxis& axis : configuration.axes)
    if (all_held(axis) && sign_of(axis, x) == -axis.sign) found.push_back(axis.first);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::uint8_t> held_torsions(const TorsionGraph& graph,
                                        const std::vector<std::size_t>& held) {
  std::vector<std::uint8_t> result;
  for (const TorsionBond& torsion : graph.torsions) {
    const RotatableBond& bond = torsion.bond;
    const std::vector<std::uint8_t> moves = flags_of(bond.moving, graph.atoms.size());
    bool near = false, far = false;
    for (const std::size_t atom : held) {
      if (atom == bond.axis_from || atom == bond.axis_to) continue;
      (moves[atom] != 0 ? far : near) = true;
    }
    result.push_back(near && far ? 1 : 0);
  }
  return result;
}

TorsionGraph turning_free_sides(const TorsionGraph& graph, const std::vector<std::size_t>& held) {
  TorsionGraph result = graph;
  const std::vector<std::uint8_t> is_held = flags_of(held, graph.atoms.size());
  for (TorsionBond& torsion : result.torsions) {
    RotatableBond& bond = torsion.bond;
    if (std::none_of(bond.moving.begin(), bond.moving.end(),
                     [&](std::size_t atom) { return is_held[atom] != 0; }))
      continue;
    const std::vector<std::uint8_t> moves = flags_of(bond.moving, graph.atoms.size());
    bond.moving.clear();
    for (std::size_t atom = 0; atom < graph.atoms.size(); ++atom)
      if (moves[atom] == 0 && atom != bond.axis_from && atom != bond.axis_to)
        bond.moving.push_back(atom);
    std::swap(bond.axis_from, bond.axis_to);
  }
  return result;
}

}  // namespace saltus::engine
