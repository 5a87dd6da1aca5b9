#pragma once

#include <cmath>
#include <vector>

#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/potential/energy_function.h"
#include "engine/system/system.h"

namespace saltus::tests {

/// Two four-site waters (O, H1, H2, M) whose charges sit on H and M: TIP4P-Ew with springs of its
/// bonds and of H1-H2. Source: Horn et al., J. Chem. Phys. 120, 9665 (2004), doi:10.1063/1.1683075.
inline engine::System water_pair() {
  engine::System s;
  for (const std::size_t o : {0u, 4u}) {
    for (const double mass : {15.99943, 1.007947, 1.007947, 0.0}) s.masses.push_back(mass);
    s.virtual_sites.push_back({o + 3,
                               engine::VirtualSite::Kind::kAverage,
                               {o, o + 1, o + 2},
                               {0.786646558, 0.106676721, 0.106676721},
                               {},
                               {},
                               {}});
    s.constraints.push_back({o, o + 1, 0.09572});
    s.constraints.push_back({o, o + 2, 0.09572});
    s.constraints.push_back({o + 1, o + 2, 0.15139006545247});
  }
  return s;
}

/// Positions near a hydrogen bond; those of M are far from their places.
inline std::vector<double> water_pair_positions() {
  return {0.0,  0.0, 0.0, 0.09572, 0.0,    0.0,    -0.024, 0.0927,  0.0,    9.0, 9.0, 9.0,
          0.28, 0.0, 0.0, 0.304,   0.0655, 0.0656, 0.304,  -0.0655, 0.0656, 9.0, 9.0, 9.0};
}

/// Springs of both molecules, Coulomb and Lennard-Jones between them; forces of M go to its
/// parents.
class WaterPairEnergy final : public engine::EnergyFunction {
 public:
  /// @param spread  false: a planted bug, forces of M are lost
  explicit WaterPairEnergy(bool spread = true) : spread_(spread) {}
  std::size_t n_atoms() const override { return system_.n_atoms(); }
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override {
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      const auto chain = x.chain(c);
      std::vector<double> at(chain.begin(), chain.end()), f(at.size(), 0.0);
      engine::place_virtual_sites(system_.virtual_sites, at);
      energies[c] = evaluate_placed(at, f);
      if (spread_) engine::spread_site_forces(system_.virtual_sites, at, f);
      for (std::size_t i = 0; i < f.size() && !forces.empty(); ++i)
        forces[c * f.size() + i] = !spread_ && i / 3 % 4 == 3 ? 0.0 : f[i];
    }
  }

 private:
  /// Adds -dE/dr along the pair.
  static void add_pair(const std::vector<double>& x, std::size_t i, std::size_t j, double slope,
                       std::vector<double>& forces) {
    const engine::Vec3 d = engine::load_atom(x.data(), i) - engine::load_atom(x.data(), j);
    const engine::Vec3 force = (-slope / engine::norm(d)) * d;
    engine::add_to_atom(forces.data(), i, force);
    engine::add_to_atom(forces.data(), j, -1.0 * force);
  }

  double evaluate_placed(const std::vector<double>& x, std::vector<double>& forces) const {
    constexpr double kSpring = 2e5;  // kJ/mol/nm^2
    constexpr double kSigma_nm = 0.316435, kEpsilon = 0.680946;
    constexpr double kCharges[] = {0.0, 0.52422, 0.52422, -1.04844};
    double energy = 0.0;
    for (const engine::Constraint& c : system_.constraints) {
      const double stretch = engine::atom_distance(x.data(), c.i, c.j) - c.distance_nm;
      energy += 0.5 * kSpring * stretch * stretch;
      add_pair(x, c.i, c.j, kSpring * stretch, forces);
    }
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 4; j < 8; ++j) {
        const double r = engine::atom_distance(x.data(), i, j);
        double pair = engine::kCoulombConstant * kCharges[i] * kCharges[j - 4] / r;
        double slope = -pair / r;
        if (i == 0 && j == 4) {
          const double s6 = std::pow(kSigma_nm / r, 6);
          pair += 4.0 * kEpsilon * (s6 * s6 - s6);
          slope += 4.0 * kEpsilon * (6.0 * s6 - 12.0 * s6 * s6) / r;
        }
        energy += pair;
        add_pair(x, i, j, slope, forces);
      }
    return energy;
  }

  engine::System system_ = water_pair();
  bool spread_;
};

}  // namespace saltus::tests
