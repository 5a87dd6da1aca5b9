#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/system/system.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::tests {

/// Cyclohexane with bonds, angles and torsions alone, whose two chairs are mirror images of each
/// other. Carbons 0 to 5; hydrogens 6 + 2 a and 7 + 2 a at carbon a.
class Cyclohexane {
 public:
  static constexpr std::size_t kCarbons = 6, kAtoms = 18;

  explicit Cyclohexane(std::shared_ptr<engine::ThreadPool> pool = nullptr) {
    engine::TorsionGraph made;
    made.atoms.resize(kAtoms);
    const auto bond = [&](std::size_t a, std::size_t b, double length_nm) {
      made.bonds.emplace_back();
      made.bonds.back().first = a, made.bonds.back().second = b;
      made.bonds.back().in_ring = a < kCarbons && b < kCarbons;
      system_.bonds.push_back({a, b, length_nm, 2.6e5});
    };
    for (std::size_t a = 0; a < kCarbons; ++a) {
      made.atoms[a].atomic_number = 6;
      bond(a, (a + 1) % kCarbons, 0.153);
    }
    for (std::size_t h = kCarbons; h < kAtoms; ++h) {
      made.atoms[h].atomic_number = 1;
      bond((h - kCarbons) / 2, h, 0.109);
    }
    system_.masses.assign(kAtoms, 4.0);
    std::fill(system_.masses.begin(), system_.masses.begin() + kCarbons, 12.0);
    add_angles_and_torsions(made.neighbours());
    graph_ = std::make_shared<const engine::TorsionGraph>(std::move(made));
    target_ =
        std::make_unique<engine::Canonical>(std::make_shared<engine::NativeEnergy>(system_, pool),
                                            engine::ReferenceMeasure::kCartesian);
  }

  /// One chair.
  static engine::CoordinateBatch start() {
    engine::CoordinateBatch x(1, kAtoms);
    for (std::size_t a = 0; a < kCarbons; ++a) {
      const double angle = engine::kTwoPi / 6.0 * static_cast<double>(a),
                   up = a % 2 == 0 ? 1.0 : -1.0;
      const engine::Vec3 out = {std::cos(angle), std::sin(angle), 0.0}, axis = {0.0, 0.0, up};
      const engine::Vec3 carbon = 0.145 * out + 0.025 * axis;
      engine::add_to_atom(x.values().data(), a, carbon);
      engine::add_to_atom(x.values().data(), kCarbons + 2 * a, carbon + 0.109 * axis);
      engine::add_to_atom(x.values().data(), kCarbons + 2 * a + 1,
                          carbon + 0.109 * (0.94 * out - 0.34 * axis));
    }
    return x;
  }

  const engine::System& system() const { return system_; }
  const engine::Canonical& target() const { return *target_; }
  const std::shared_ptr<const engine::TorsionGraph>& graph() const { return graph_; }

 private:
  void add_angles_and_torsions(const std::vector<std::vector<std::size_t>>& neighbours) {
    constexpr double kAngle_rad = 110.0 * engine::kRadianPerDegree;
    for (std::size_t b = 0; b < kCarbons; ++b)
      for (const std::size_t a : neighbours[b])
        for (const std::size_t c : neighbours[b])
          if (a < c) system_.angles.push_back({a, b, c, kAngle_rad, 400.0});
    for (std::size_t b = 0; b < kCarbons; ++b) {
      const std::size_t c = (b + 1) % kCarbons;
      for (const std::size_t a : neighbours[b])
        for (const std::size_t d : neighbours[c])
          if (a != c && d != b) system_.torsions.push_back({a, b, c, d, 3, 0.0, 0.65});
    }
  }

  engine::System system_;
  std::shared_ptr<const engine::TorsionGraph> graph_;
  std::unique_ptr<engine::Canonical> target_;
};

}  // namespace saltus::tests
