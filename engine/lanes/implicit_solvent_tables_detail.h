#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "engine/potential/gbn2_neck_tables.h"
#include "engine/potential/surface_factor.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// Factor of Born integrals and their slopes in scratch memory: it makes other factors 1.
constexpr double kBornIntegralScale = 8.0;

template <class T>
struct SolventTable {
  struct Atom {
    T charge, rho, scaled_rho, scaled_rho2, inverse_rho, inverse_radius, alpha, beta, gamma,
        surface;
  };
  /// Neck corrections of a pair i < j: of i by j, and of j by i.
  struct Necks {
    T range2;  // squared distance beyond which there is none
    T distance_i, value_i, distance_j, value_j;
  };

  explicit SolventTable(const ImplicitSolvent& solvent)
      : has_cutoff(solvent.cutoff_nm > 0.0),
        has_neck(solvent.model == GeneralizedBornModel::kGbn2) {
    cutoff2 = static_cast<T>(solvent.cutoff_nm * solvent.cutoff_nm);
    inverse_cutoff = has_cutoff ? static_cast<T>(1.0 / solvent.cutoff_nm) : T(0);
    tau = static_cast<T>(solvent.coulomb_constant *
                         (1.0 / solvent.solute_dielectric - 1.0 / solvent.solvent_dielectric));
    for (const GeneralizedBornParticle& p : solvent.particles) {
      const double rho = p.radius_nm - solvent.offset_nm;
      atoms.push_back({static_cast<T>(p.charge), static_cast<T>(rho), static_cast<T>(p.scale * rho),
                       static_cast<T>(p.scale * rho * p.scale * rho), static_cast<T>(1.0 / rho),
                       static_cast<T>(1.0 / p.radius_nm), static_cast<T>(p.alpha),
                       static_cast<T>(p.beta), static_cast<T>(p.gamma),
                       static_cast<T>(surface_factor(p, solvent.surface_energy))});
    }
    if (has_neck) tabulate_necks(solvent.particles);
  }

  void tabulate_necks(const std::vector<GeneralizedBornParticle>& particles) {
    std::map<std::pair<double, double>, NeckParameters> known;
    const auto find = [&](double radius_i, double radius_j) {
      const auto [entry, is_new] = known.try_emplace({radius_i, radius_j});
      if (is_new) entry->second = neck_parameters(radius_i, radius_j);
      return entry->second;
    };
    for (std::size_t i = 0; i < particles.size(); ++i)
      for (std::size_t j = i + 1; j < particles.size(); ++j) {
        const double a = particles[i].radius_nm, b = particles[j].radius_nm;
        const double range = a + b + kNeckRangeNm;
        const NeckParameters of_i = find(a, b), of_j = find(b, a);
        necks.push_back({static_cast<T>(range * range), static_cast<T>(of_i.distance_nm),
                         static_cast<T>(kBornIntegralScale * kNeckScale * of_i.value),
                         static_cast<T>(of_j.distance_nm),
                         static_cast<T>(kBornIntegralScale * kNeckScale * of_j.value)});
      }
  }

  std::size_t n_atoms() const { return atoms.size(); }
  /// Four values of an atom, then four of a pair.
  std::size_t workspace_size() const { return 4 * n_atoms() + 2 * n_atoms() * (n_atoms() - 1); }

  std::vector<Atom> atoms;
  std::vector<Necks> necks;
  T cutoff2, inverse_cutoff, tau;
  bool has_cutoff, has_neck;
};

}  // namespace saltus::engine
