#include "engine/rigid/rigid_groups.h"

#include <Eigen/QR>
#include <map>
#include <string>

#include "engine/core/error.h"
#include "engine/core/vec3.h"
#include "engine/system/molecules.h"

namespace saltus::engine {

namespace {

[[noreturn]] void refuse(const std::string& what) { throw InputError("rigid bodies: " + what); }

std::string name_of_atom(std::size_t atom, const Topology* topology) {
  return topology ? topology->describe_atom(atom) : "atom " + std::to_string(atom);
}

void require_movable(const System& system, const Topology* topology) {
  const std::vector<std::size_t> frozen = frozen_atoms(system);
  if (!frozen.empty())
    refuse(name_of_atom(frozen.front(), topology) +
           " has mass 0 and is no virtual site: it never moves. Give it a mass, or leave rigid "
           "moves out");
}

/// Which atoms constraints hold together, with virtual sites beside their parents.
Molecules held_together(const System& system, const Topology* topology) {
  std::vector<Bond> bonds;
  for (const Constraint& c : system.constraints) bonds.push_back({c.i, c.j});
  const Molecules held = connected_molecules(system.n_atoms(), bonds);
  for (const VirtualSite& site : system.virtual_sites) {
    for (const std::size_t parent : site.parents)
      if (held.of_atom[parent] != held.of_atom[site.parents.front()])
        refuse(name_of_atom(site.site, topology) +
               " is a virtual site whose parents constraints do not hold together: it moves inside "
               "its molecule. Use rigid molecules, or moves for flexible ones");
    bonds.push_back({site.site, site.parents.front()});
  }
  return connected_molecules(system.n_atoms(), bonds);
}

void require_no_bonds_between(const System& system, const Topology* topology,
                              const Molecules& bodies) {
  const auto require_one = [&](std::size_t i, std::size_t j) {
    if (bodies.of_atom[i] != bodies.of_atom[j])
      refuse(name_of_atom(i, topology) + " and " + name_of_atom(j, topology) +
             " are bonded, but no constraints hold them: the molecule is flexible. Rigid moves are "
             "for rigid molecules and single atoms alone; leave them out, or hold the molecules by "
             "constraints: rigid_water = true for water, others in a System XML");
  };
  for (const HarmonicBond& bond : system.bonds) require_one(bond.i, bond.j);
  if (system.mmff)
    for (const MmffBond& bond : system.mmff->bonds) require_one(bond.i, bond.j);
  if (topology)
    for (const Bond& bond : topology->bonds) require_one(bond.first, bond.second);
}

/// Rank of the Jacobian of constraints among atoms: rows are directions of distances.
std::size_t rank_of(const std::vector<Constraint>& constraints,
                    const std::map<std::size_t, std::size_t>& place, Span<const double> positions) {
  // Directions are known to 1e-9 where constraints are solved; what is held by less than this would
  // move freely in practice.
  constexpr double kSmallest = 1e-5;
  Eigen::MatrixXd jacobian = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(constraints.size()),
                                                   static_cast<Eigen::Index>(3 * place.size()));
  for (std::size_t n = 0; n < constraints.size(); ++n) {
    const Constraint& c = constraints[n];
    const Vec3 difference = load_atom(positions.data(), c.i) - load_atom(positions.data(), c.j);
    const Vec3 along = 1.0 / norm(difference) * difference;
    const auto row = static_cast<Eigen::Index>(n);
    const auto i = static_cast<Eigen::Index>(3 * place.at(c.i)),
               j = static_cast<Eigen::Index>(3 * place.at(c.j));
    jacobian.row(row).segment<3>(i) << along.x, along.y, along.z;
    jacobian.row(row).segment<3>(j) << -along.x, -along.y, -along.z;
  }
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(jacobian.transpose());
  qr.setThreshold(kSmallest);
  return static_cast<std::size_t>(qr.rank());
}

void require_rigid(const std::vector<std::size_t>& atoms,
                   const std::vector<Constraint>& constraints, const System& system,
                   Span<const double> positions, const Topology* topology) {
  std::map<std::size_t, std::size_t> place;
  for (const std::size_t atom : atoms)
    if (system.masses[atom] > 0.0) place.emplace(atom, place.size());
  const std::size_t n = place.size();
  if (n < 2) return;
  const std::size_t internal = n == 2 ? 1 : 3 * n - 6;
  const std::size_t rank = rank_of(constraints, place, positions);
  if (rank == internal) return;
  refuse("the " + std::to_string(n) + " atoms from " + name_of_atom(atoms.front(), topology) +
         " to " + name_of_atom(atoms.back(), topology) + " are held by " +
         std::to_string(constraints.size()) + " constraints that leave " +
         std::to_string(internal - rank) +
         " internal motions, expected none. Rigid parts that share a joint have another density "
         "than rigid bodies; three atoms on a line and four in a plane are not held by distances. "
         "Leave rigid moves out");
}

}  // namespace

std::vector<std::vector<std::size_t>> rigid_groups(const System& system,
                                                   Span<const double> positions,
                                                   const Topology* topology) {
  if (positions.size() != 3 * system.n_atoms() ||
      (topology && topology->n_atoms() != system.n_atoms()))
    throw InternalError("rigid bodies: system, positions and topology are of different sizes");
  require_movable(system, topology);
  const Molecules bodies = held_together(system, topology);
  require_no_bonds_between(system, topology, bodies);

  std::vector<std::vector<std::size_t>> result(bodies.count);
  std::vector<std::vector<Constraint>> constraints(bodies.count);
  for (std::size_t atom = 0; atom < system.n_atoms(); ++atom)
    result[bodies.of_atom[atom]].push_back(atom);
  for (const Constraint& c : system.constraints) constraints[bodies.of_atom[c.i]].push_back(c);
  for (std::size_t body = 0; body < bodies.count; ++body)
    require_rigid(result[body], constraints[body], system, positions, topology);
  return result;
}

}  // namespace saltus::engine
