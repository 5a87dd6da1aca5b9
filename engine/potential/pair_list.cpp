#include "engine/potential/pair_list.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace saltus::engine {

namespace {

PairParameters pair_of(std::size_t i, std::size_t j, double charge_product, double sigma,
                       double epsilon) {
  const double sigma6 = std::pow(sigma, 6), c6 = 4.0 * epsilon * sigma6;
  return {i, j, c6 * sigma6, c6, kCoulombConstant * charge_product};
}

void add(std::vector<PairParameters>& pairs, const PairParameters& pair) {
  if (pair.c6 != 0.0 || pair.coulomb != 0.0) pairs.push_back(pair);
}

}  // namespace

PairList make_pair_list(const Nonbonded& nonbonded) {
  std::map<std::pair<std::size_t, std::size_t>, const NonbondedException*> exceptions;
  for (const NonbondedException& e : nonbonded.exceptions) exceptions[std::minmax(e.i, e.j)] = &e;
  PairList result;
  auto& rest = nonbonded.method == NonbondedMethod::kNoCutoff ? result.full : result.cut;
  const std::size_t n_atoms = nonbonded.particles.size();
  for (std::size_t i = 0; i < n_atoms; ++i)
    for (std::size_t j = i + 1; j < n_atoms; ++j) {
      const auto found = exceptions.find({i, j});
      const NonbondedParticle &p = nonbonded.particles[i], &q = nonbonded.particles[j];
      if (found != exceptions.end()) {
        const NonbondedException& e = *found->second;
        add(result.full, pair_of(i, j, e.charge_product, e.sigma_nm, e.epsilon));
        if (is_ewald(nonbonded.method))
          add(result.in_waves, pair_of(i, j, p.charge * q.charge, 0.0, 0.0));
      } else {
        add(rest, pair_of(i, j, p.charge * q.charge, 0.5 * (p.sigma_nm + q.sigma_nm),
                          std::sqrt(p.epsilon * q.epsilon)));
      }
    }
  return result;
}

ReactionField::ReactionField(const Nonbonded& nonbonded) {
  if (nonbonded.method == NonbondedMethod::kNoCutoff || is_ewald(nonbonded.method)) return;
  const double cutoff = nonbonded.cutoff_nm, dielectric = nonbonded.reaction_field_dielectric;
  k_rf = (dielectric - 1.0) / ((2.0 * dielectric + 1.0) * cutoff * cutoff * cutoff);
  c_rf = 3.0 * dielectric / ((2.0 * dielectric + 1.0) * cutoff);
}

}  // namespace saltus::engine
