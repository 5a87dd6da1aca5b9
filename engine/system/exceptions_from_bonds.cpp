#include <algorithm>
#include <cmath>

#include "engine/system/system.h"

namespace saltus::engine {

std::vector<NonbondedException> exceptions_from_bonds(
    const std::vector<NonbondedParticle>& particles,
    const std::vector<std::pair<std::size_t, std::size_t>>& bonds, double coulomb_14_scale,
    double lennard_jones_14_scale) {
  const std::size_t n_atoms = particles.size();
  std::vector<std::vector<std::size_t>> bonded(n_atoms);
  for (const auto& [i, j] : bonds) {
    bonded[i].push_back(j);
    bonded[j].push_back(i);
  }
  std::vector<NonbondedException> result;
  std::vector<int> distance(n_atoms, -1);
  for (std::size_t i = 0; i < n_atoms; ++i) {
    // Breadth-first distances up to three bonds.
    std::vector<std::size_t> near = {i};
    distance[i] = 0;
    for (std::size_t at = 0; at < near.size() && distance[near[at]] < 3; ++at)
      for (const std::size_t b : bonded[near[at]])
        if (distance[b] < 0) {
          distance[b] = distance[near[at]] + 1;
          near.push_back(b);
        }
    std::sort(near.begin(), near.end());
    for (const std::size_t j : near) {
      if (j <= i) continue;
      NonbondedException e;
      e.i = i;
      e.j = j;
      if (distance[j] == 3) {
        const NonbondedParticle &p = particles[i], &q = particles[j];
        e.charge_product = coulomb_14_scale * p.charge * q.charge;
        e.sigma_nm = 0.5 * (p.sigma_nm + q.sigma_nm);
        e.epsilon = lennard_jones_14_scale * std::sqrt(p.epsilon * q.epsilon);
      }
      result.push_back(e);
    }
    for (const std::size_t j : near) distance[j] = -1;
  }
  return result;
}

}  // namespace saltus::engine
