#include "engine/potential/nonbonded_terms.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

/// E = c12/r^12 - c6/r^6 + coulomb/r.
struct PairParameters {
  std::uint32_t i = 0, j = 0;
  double c12 = 0.0, c6 = 0.0, coulomb = 0.0;
};

PairParameters pair_parameters(std::size_t i, std::size_t j, double charge_product, double sigma,
                               double epsilon) {
  const double sigma6 = std::pow(sigma, 6);
  PairParameters pair;
  pair.i = static_cast<std::uint32_t>(i);
  pair.j = static_cast<std::uint32_t>(j);
  pair.c6 = 4.0 * epsilon * sigma6;
  pair.c12 = pair.c6 * sigma6;
  pair.coulomb = kCoulombConstant * charge_product;
  return pair;
}

class NonbondedTerm final : public PotentialTerm {
 public:
  explicit NonbondedTerm(const Nonbonded& nonbonded) {
    const bool has_cutoff = nonbonded.method == NonbondedMethod::kCutoffNonPeriodic;
    if (has_cutoff) set_reaction_field(nonbonded.cutoff_nm, nonbonded.reaction_field_dielectric);
    std::map<std::pair<std::size_t, std::size_t>, const NonbondedException*> exceptions;
    for (const NonbondedException& e : nonbonded.exceptions) exceptions[std::minmax(e.i, e.j)] = &e;
    const std::size_t n_atoms = nonbonded.particles.size();
    for (std::size_t i = 0; i < n_atoms; ++i)
      for (std::size_t j = i + 1; j < n_atoms; ++j) {
        const auto found = exceptions.find({i, j});
        if (found != exceptions.end()) {
          const NonbondedException& e = *found->second;
          add(full_, pair_parameters(i, j, e.charge_product, e.sigma_nm, e.epsilon));
        } else {
          const NonbondedParticle &p = nonbonded.particles[i], &q = nonbonded.particles[j];
          add(has_cutoff ? cut_ : full_,
              pair_parameters(i, j, p.charge * q.charge, 0.5 * (p.sigma_nm + q.sigma_nm),
                              std::sqrt(p.epsilon * q.epsilon)));
        }
      }
  }

  std::string name() const override { return "nonbonded"; }

  double evaluate(Span<const double> x, Span<double> forces, Span<double>) const override {
    if (forces.empty())
      return sum<false, false>(full_, x.data(), nullptr) +
             sum<false, true>(cut_, x.data(), nullptr);
    return sum<true, false>(full_, x.data(), forces.data()) +
           sum<true, true>(cut_, x.data(), forces.data());
  }

 private:
  void set_reaction_field(double cutoff, double dielectric) {
    cutoff2_ = cutoff * cutoff;
    k_rf_ = (dielectric - 1.0) / ((2.0 * dielectric + 1.0) * cutoff2_ * cutoff);
    c_rf_ = 3.0 * dielectric / ((2.0 * dielectric + 1.0) * cutoff);
  }

  static void add(std::vector<PairParameters>& pairs, const PairParameters& pair) {
    if (pair.c6 != 0.0 || pair.coulomb != 0.0) pairs.push_back(pair);
  }

  template <bool kWithForces, bool kCut>
  double sum(const std::vector<PairParameters>& pairs, const double* x, double* forces) const {
    double energy = 0.0;
    for (const PairParameters& pair : pairs) {
      const Vec3 d = load_atom(x, pair.i) - load_atom(x, pair.j);
      const double r2 = dot(d, d);
      if (kCut && r2 > cutoff2_) continue;
      if (r2 == 0.0) return kInfiniteEnergy;
      const double inverse_r = 1.0 / std::sqrt(r2), inverse_r2 = inverse_r * inverse_r;
      const double inverse_r6 = inverse_r2 * inverse_r2 * inverse_r2;
      const double repulsion = pair.c12 * inverse_r6 * inverse_r6;
      const double attraction = pair.c6 * inverse_r6;
      const double coulomb = pair.coulomb * inverse_r;
      energy += repulsion - attraction + coulomb;
      if constexpr (kCut) energy += pair.coulomb * (k_rf_ * r2 - c_rf_);
      if constexpr (kWithForces) {
        double slope = (12.0 * repulsion - 6.0 * attraction + coulomb) * inverse_r2;
        if constexpr (kCut) slope -= 2.0 * k_rf_ * pair.coulomb;
        const Vec3 f = slope * d;
        add_to_atom(forces, pair.i, f);
        add_to_atom(forces, pair.j, -1.0 * f);
      }
    }
    return energy;
  }

  std::vector<PairParameters> full_;  // neither cut off nor shifted
  std::vector<PairParameters> cut_;   // with cutoff and reaction field
  double cutoff2_ = 0.0, k_rf_ = 0.0, c_rf_ = 0.0;
};

}  // namespace

std::unique_ptr<const PotentialTerm> make_nonbonded_term(const Nonbonded& nonbonded) {
  return std::make_unique<NonbondedTerm>(nonbonded);
}

}  // namespace saltus::engine
