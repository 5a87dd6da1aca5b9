#include "engine/dynamics/moving_particles.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

void MovingParticles::validate(const std::string& source) const {
  for (double mass : masses) {
    if (mass < 0.0) throw InputError(source + ": masses must not be negative");
    if (!std::isfinite(mass)) throw InputError(source + ": masses must be finite");
  }
  if (const std::string problem = problem_of_sites(virtual_sites, masses); !problem.empty())
    throw InputError(source + ": " + problem);
  std::set<std::size_t> sites;
  for (const VirtualSite& site : virtual_sites) sites.insert(site.site);
  std::set<std::pair<std::size_t, std::size_t>> seen;
  for (std::size_t n = 0; n < constraints.size(); ++n) {
    const Constraint& c = constraints[n];
    const auto fail = [&](const std::string& what) {
      throw InputError(source + ": constraint " + std::to_string(n) + " between atoms " +
                       std::to_string(c.i) + " and " + std::to_string(c.j) + ": " + what);
    };
    if (c.i >= n_atoms() || c.j >= n_atoms())
      fail("there are only " + std::to_string(n_atoms()) + " atoms");
    if (c.i == c.j) fail("an atom has no distance from itself");
    if (!(c.distance_nm > 0.0) || !std::isfinite(c.distance_nm))
      fail("the distance must be positive and finite");
    for (const std::size_t atom : {c.i, c.j})
      if (sites.count(atom) > 0)
        fail("atom " + std::to_string(atom) +
             " is a virtual site, whose place follows from its parents; constrain these instead");
    if (masses[c.i] == 0.0 && masses[c.j] == 0.0)
      fail("both have mass 0 and never move; leave this constraint out");
    if (!seen.insert(std::minmax(c.i, c.j)).second) fail("this pair has a constraint already");
  }
}

MovingParticles moving_particles(const System& system) {
  return {system.masses, system.constraints, system.virtual_sites};
}

namespace {

/// Lowest atom of each atom's cluster. Constraints that meet at a frozen atom do not feel each
/// other.
std::vector<std::size_t> find_clusters(const MovingParticles& particles) {
  std::vector<std::size_t> parent(particles.n_atoms());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&parent](std::size_t atom) {
    while (parent[atom] != atom) atom = parent[atom] = parent[parent[atom]];
    return atom;
  };
  for (const Constraint& c : particles.constraints)
    if (particles.masses[c.i] > 0.0 && particles.masses[c.j] > 0.0) {
      const std::size_t a = root(c.i), b = root(c.j);
      parent[std::max(a, b)] = std::min(a, b);
    }
  for (std::size_t atom = 0; atom < parent.size(); ++atom) parent[atom] = root(atom);
  return parent;
}

using Entry = ConstraintTable::Entry;
using Triangle = ConstraintTable::Triangle;

/// Flatter triangles than this, height by leg, are swept over: the closed formula divides by the
/// height. That of water is 0.6.
constexpr double kLowestTriangle = 0.1;

/// The triangle with that apex, if it is one.
/// @param cluster  three constraints among three atoms
std::optional<Triangle> triangle_with(std::size_t apex, Span<const Entry> cluster) {
  Triangle t;
  t.apex = apex;
  const Entry* legs[2] = {};
  std::size_t n_legs = 0;
  for (const Entry& e : cluster) {
    if (e.i == apex || e.j == apex) {
      legs[n_legs++] = &e;
      continue;
    }
    t.left = e.i;
    t.right = e.j;
    t.w_side = e.w_i;
    t.base = e.length;
    if (e.w_i != e.w_j) return std::nullopt;
  }
  t.w_apex = legs[0]->i == apex ? legs[0]->w_i : legs[0]->w_j;
  t.leg = legs[0]->length;
  const double height2 = legs[0]->length2 - 0.25 * t.base * t.base;
  if (legs[1]->length != t.leg || t.w_apex == 0.0 || t.w_side == 0.0 ||
      !(height2 > kLowestTriangle * kLowestTriangle * legs[0]->length2))
    return std::nullopt;
  t.side_share = t.w_apex / (t.w_side + 2.0 * t.w_apex);
  t.above = 2.0 * t.side_share * std::sqrt(height2);
  t.below = std::sqrt(height2) - t.above;
  return t;
}

std::optional<Triangle> find_triangle(Span<const Entry> cluster, std::size_t n_atoms) {
  if (cluster.size() != 3 || n_atoms != 3) return std::nullopt;
  for (std::size_t apex = 0; apex < 3; ++apex)
    if (const auto found = triangle_with(apex, cluster)) return found;
  return std::nullopt;
}

}  // namespace

ConstraintTable::ConstraintTable(const MovingParticles& particles) {
  const std::vector<std::size_t> cluster = find_clusters(particles);
  const auto inverse_mass = [&](std::size_t atom) {
    return particles.masses[atom] > 0.0 ? 1.0 / particles.masses[atom] : 0.0;
  };
  const auto cluster_of = [&](const Entry& e) { return cluster[e.w_i > 0.0 ? e.i : e.j]; };
  std::vector<Entry> all;
  for (const Constraint& c : particles.constraints) {
    const double w_i = inverse_mass(c.i), w_j = inverse_mass(c.j);
    const double length2 = c.distance_nm * c.distance_nm;
    all.push_back({c.i, c.j, w_i, w_j, c.distance_nm, length2, 2.0 * (w_i + w_j),
                   1.0 / ((w_i + w_j) * length2)});
  }
  std::stable_sort(all.begin(), all.end(),
                   [&](const Entry& a, const Entry& b) { return cluster_of(a) < cluster_of(b); });
  std::size_t first = 0;
  for (std::size_t n = 0; n < all.size(); ++n)
    if (n + 1 == all.size() || cluster_of(all[n]) != cluster_of(all[n + 1])) {
      add_cluster(Span<const Entry>(all).subspan(first, n + 1 - first));
      first = n + 1;
    }
}

void ConstraintTable::add_cluster(Span<const Entry> cluster) {
  const auto same = [](const Entry& a, const Entry& b) {
    return a.i == b.i && a.j == b.j && a.w_i == b.w_i && a.w_j == b.w_j && a.length == b.length;
  };
  AlikeClusters own;
  const auto place_of = [&own](std::size_t atom) {
    const auto found = std::find(own.atoms.begin(), own.atoms.end(), atom);
    const auto place = static_cast<std::size_t>(found - own.atoms.begin());
    if (found == own.atoms.end()) own.atoms.push_back(atom);
    return place;
  };
  for (Entry entry : cluster) {
    entry.i = place_of(entry.i);
    entry.j = place_of(entry.j);
    own.entries.push_back(entry);
  }
  own.n_atoms = own.atoms.size();
  own.triangle = find_triangle(own.entries, own.n_atoms);
  if (own.triangle) {
    Triangle t = *own.triangle;
    t.apex = own.atoms[t.apex];
    t.left = own.atoms[t.left];
    t.right = own.atoms[t.right];
    triangles.push_back(t);
  } else {
    entries.insert(entries.end(), cluster.begin(), cluster.end());
    cluster_ends.push_back(entries.size());
  }
  const auto found = std::find_if(alike.begin(), alike.end(), [&](const AlikeClusters& clusters) {
    return std::equal(own.entries.begin(), own.entries.end(), clusters.entries.begin(),
                      clusters.entries.end(), same);
  });
  if (found == alike.end())
    alike.push_back(std::move(own));
  else
    found->atoms.insert(found->atoms.end(), own.atoms.begin(), own.atoms.end());
}

}  // namespace saltus::engine
