#include "engine/rings/ring_kicks.h"

#include <Eigen/Dense>

#include <cmath>

#include "engine/core/vec3.h"
#include "engine/rings/ring_coordinates.h"

namespace saltus::engine {

namespace {

using Eigen::Vector3d;

std::vector<double> ring_points(const RingSystem& system, Span<const double> x) {
  std::vector<double> points;
  for (const std::size_t atom : system.atoms)
    points.insert(points.end(), x.begin() + static_cast<std::ptrdiff_t>(3 * atom),
                  x.begin() + static_cast<std::ptrdiff_t>(3 * atom + 3));
  return points;
}

/// Normal of the plane closest to centred points.
Vector3d normal_of(const std::vector<double>& points) {
  const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, 3, Eigen::RowMajor>> rows(
      points.data(), static_cast<Eigen::Index>(points.size() / 3), 3);
  const Eigen::Matrix3d second = rows.transpose() * rows;
  return Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(second).eigenvectors().col(0);
}

/// Reference points displaced at random.
std::vector<double> displaced(const std::vector<double>& reference, bool across,
                              RandomStream& stream) {
  constexpr double kAcross_nm = 0.06, kAlong_nm = 0.015, kAnywhere_nm = 0.045;
  const Vector3d normal = normal_of(reference);
  std::vector<double> result = reference;
  for (std::size_t a = 0; a < result.size(); a += 3) {
    Eigen::Map<Vector3d> point(result.data() + a);
    const Vector3d noise(stream.normal(), stream.normal(), stream.normal());
    if (across)
      point += kAlong_nm * noise + kAcross_nm * stream.normal() * normal;
    else
      point += kAnywhere_nm * noise;
  }
  return result;
}

std::vector<bool> inverts(const RingSystem& system, const TorsionGraph& graph) {
  std::vector<bool> result(graph.atoms.size(), false);
  for (const std::size_t i : system.inversions) result[graph.inversions[i].atom] = true;
  return result;
}

}  // namespace

CoordinateBatch kicked_rings(const std::shared_ptr<const RingSystem>& system,
                             const TorsionGraph& graph, const CoordinateBatch& starts,
                             const RingKicks& kicks) {
  const std::size_t n_starts = starts.n_chains();
  CoordinateBatch result = CoordinateBatch::like(starts.view(), n_starts + kicks.n);
  const auto can_invert = inverts(*system, graph);
  for (std::size_t c = 0; c < result.n_chains(); ++c) {
    result.copy_chain(starts.view(), c % n_starts, c);
    if (c < n_starts) continue;
    RandomStream stream(kicks.key, StreamName::kEmbedding, static_cast<std::uint32_t>(c));
    const auto x = starts.view().chain(c % n_starts);
    const RingCoordinates before(system, ring_points(*system, x), nullptr);
    RingPose pose;
    std::vector<double> q(before.size());
    before.measure(x, q, pose);
    const RingCoordinates after(system, displaced(before.reference(), c % 2 == 0, stream), nullptr);
    // At the reference of the deformed ring, with substituents as they are.
    for (std::size_t k = 0; k < before.n_ring_coordinates(); ++k) q[k] = 0.0;
    for (std::size_t s = 0; s < system->substituents.size(); ++s)
      if (can_invert[system->substituents[s].centre] && stream.uniform() < 0.5)
        q[before.n_ring_coordinates() + 3 * s + 2] *= -1.0;
    after.build(q, pose, x, result.chain(c));
  }
  return result;
}

void keep_finite(const EnergyFunction& energy, CoordinateBatch& x) {
  std::vector<double> energies(x.n_chains());
  energy.evaluate(x.view(), energies, {});
  const CoordinateBatch first = CoordinateBatch::rows(x.view(), std::vector<std::size_t>{0});
  for (std::size_t c = 0; c < x.n_chains(); ++c)
    if (!std::isfinite(energies[c])) x.copy_chain(first.view(), 0, c);
}

std::vector<SubstituentPair> substituent_order(const RingSystem& system, Span<const double> x) {
  std::vector<SubstituentPair> pairs;
  for (std::size_t s = 0; s + 1 < system.substituents.size(); ++s) {
    const RingSubstituent &a = system.substituents[s], &b = system.substituents[s + 1];
    if (a.centre != b.centre) continue;
    const Vec3 centre = load_atom(x.data(), a.centre);
    const auto bond = [&](std::size_t atom) { return load_atom(x.data(), atom) - centre; };
    const Vec3 outwards = cross(bond(a.sides[0]), bond(a.sides[1]));
    const double side = dot(outwards, bond(a.atom) - bond(b.atom));
    pairs.push_back({a.atom, b.atom, side < 0.0 ? -1 : 1});
  }
  return pairs;
}

}  // namespace saltus::engine
