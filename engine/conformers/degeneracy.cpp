#include "engine/conformers/degeneracy.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/conformers/shape_comparison.h"
#include "engine/core/closest_rotation_detail.h"
#include "engine/core/error.h"

namespace saltus::engine {

namespace {

using Map = std::vector<std::uint32_t>;
using Point = Eigen::Vector3d;

/// A conformer as the comparison wants it.
struct Figure {
  std::vector<double> points;               ///< [n, 3], nm, centred
  std::vector<double> radii;                ///< [n], nm, distances from the centre, sorted
  std::vector<std::vector<Point>> hanging;  ///< from the same centre
  std::vector<int> hands;                   ///< of the centres, +1 or -1
  std::vector<int> sides;                   ///< of the double bonds: +1 cis, -1 trans
};

Point point_at(const std::vector<double>& points, std::size_t i) {
  return {points[3 * i], points[3 * i + 1], points[3 * i + 2]};
}

int sign_of(double value) { return value < 0.0 ? -1 : 1; }

/// Handedness of the atom that a renumbering puts in the place of a centre's.
int hand(const std::vector<double>& points, const MoleculeSymmetry::Centre& centre,
         const Map& map) {
  const Point middle = point_at(points, map[centre.atom]);
  const auto to = [&](std::size_t k) -> Point {
    return point_at(points, map[centre.neighbours[k]]) - middle;
  };
  return sign_of(to(0).dot(to(1).cross(to(2))));
}

int side(const std::vector<double>& points, const std::array<std::size_t, 4>& bond,
         const Map& map) {
  const Point a = point_at(points, map[bond[0]]), b = point_at(points, map[bond[1]]),
              c = point_at(points, map[bond[2]]), d = point_at(points, map[bond[3]]);
  return sign_of((b - a).cross(c - b).dot((c - b).cross(d - c)));
}

/// Whether all points lie on a line, or are one.
bool is_line(const std::vector<double>& points) {
  constexpr double kThin_nm = 0.01;
  const std::size_t n = points.size() / 3;
  std::size_t far = 0;
  for (std::size_t i = 0; i < n; ++i)
    if (point_at(points, i).norm() > point_at(points, far).norm()) far = i;
  const Point axis = point_at(points, far).normalized();
  for (std::size_t i = 0; i < n; ++i)
    if (point_at(points, i).cross(axis).norm() > kThin_nm) return false;
  return true;
}

/// The rotation that brings b, renumbered and perhaps mirrored, upon a.
Eigen::Matrix3d rotation_onto(const std::vector<double>& a, const std::vector<double>& b,
                              const Map& map, double mirror) {
  Eigen::Matrix3d s = Eigen::Matrix3d::Zero();  // sum of b a^T
  for (std::size_t i = 0; i < map.size(); ++i)
    s += mirror * point_at(b, map[i]) * point_at(a, i).transpose();
  return detail::closest_rotation(s);
}

class Counter {
 public:
  Counter(ConstCoordinates x, Span<const double> energies, const MoleculeSymmetry& symmetry,
          const DegeneracyOptions& options)
      : energies_(energies),
        symmetry_(symmetry),
        options_(options),
        identity_(symmetry.atoms.size()) {
    std::iota(identity_.begin(), identity_.end(), 0u);
    for (std::size_t c = 0; c < x.n_chains; ++c) figures_.push_back(figure(x.chain(c)));
  }

  std::vector<double> run() const {
    const std::size_t n = figures_.size();
    std::vector<double> result(n, 1.0);
    if (n == 0 || is_line(figures_.front().points)) return result;
    std::vector<double> n_copies(n, 1.0);
    for (std::size_t i = 0; i < n; ++i) result[i] = copies_of(figures_[i]);
    const std::vector<double> all = result;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < i; ++j) {
        // Copies have the same symmetry.
        if (all[i] != all[j] || !are_copies(i, j)) continue;
        ++n_copies[i], ++n_copies[j];
      }
    for (std::size_t i = 0; i < n; ++i) result[i] /= n_copies[i];
    return result;
  }

 private:
  Figure figure(Span<const double> x) const {
    Figure figure;
    Point mean = Point::Zero();
    const auto at = [&](std::size_t atom) -> Point {
      return {x[3 * atom], x[3 * atom + 1], x[3 * atom + 2]};
    };
    for (const std::size_t atom : symmetry_.atoms)
      mean += at(atom) / static_cast<double>(symmetry_.atoms.size());
    for (const std::size_t atom : symmetry_.atoms) {
      const Point p = at(atom) - mean;
      figure.points.insert(figure.points.end(), {p[0], p[1], p[2]});
      figure.radii.push_back(p.norm());
    }
    std::sort(figure.radii.begin(), figure.radii.end());
    for (const auto& atoms : symmetry_.hanging) {
      figure.hanging.emplace_back();
      for (const std::size_t atom : atoms) figure.hanging.back().push_back(at(atom) - mean);
    }
    for (const auto& centre : symmetry_.centres)
      figure.hands.push_back(hand(figure.points, centre, identity_));
    for (const auto& bond : symmetry_.double_bonds)
      figure.sides.push_back(side(figure.points, bond, identity_));
    return figure;
  }

  /// Whether b, renumbered and perhaps mirrored, has the handedness and double bonds of a.
  bool is_allowed(const Figure& a, const Figure& b, const Map& map, int mirror) const {
    for (std::size_t c = 0; c < symmetry_.centres.size(); ++c)
      if (mirror * hand(b.points, symmetry_.centres[c], map) != a.hands[c]) return false;
    for (std::size_t d = 0; d < symmetry_.double_bonds.size(); ++d)
      if (side(b.points, symmetry_.double_bonds[d], map) != a.sides[d]) return false;
    return true;
  }

  bool coincide(const Figure& a, const Figure& b, const Map& map, int mirror, double rmsd) const {
    std::vector<double> image = b.points;
    if (mirror < 0)
      for (double& value : image) value = -value;
    return superposed_rmsd(a.points, image, map) < rmsd &&
           (symmetry_.hanging.empty() || hydrogens_coincide(a, b, map, mirror));
  }

  bool hydrogens_coincide(const Figure& a, const Figure& b, const Map& map, int mirror) const {
    constexpr double kNear_nm = 0.06;  // places of a rotor's hydrogens are 0.16 nm apart
    const Eigen::Matrix3d turn = mirror * rotation_onto(a.points, b.points, map, mirror);
    for (std::size_t i = 0; i < map.size(); ++i)
      for (const Point& other : b.hanging[map[i]]) {
        const Point image = turn * other;
        if (std::none_of(a.hanging[i].begin(), a.hanging[i].end(),
                         [&](const Point& own) { return (own - image).norm() < kNear_nm; }))
          return false;
      }
    return true;
  }

  /// Copies that there are of a conformer.
  double copies_of(const Figure& figure) const {
    std::size_t n_allowed = 0, n_same = 0;
    for (const Map& map : symmetry_.maps)
      for (const int mirror : {1, -1}) {
        if (!is_allowed(figure, figure, map, mirror)) continue;
        ++n_allowed;
        n_same += coincide(figure, figure, map, mirror, options_.symmetry_nm) ? 1 : 0;
      }
    return static_cast<double>(n_allowed) / static_cast<double>(std::max<std::size_t>(1, n_same));
  }

  /// Never more than the rmsd: nothing that is allowed changes distances from the centre.
  static double least_rmsd(const Figure& a, const Figure& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.radii.size(); ++i)
      sum += (a.radii[i] - b.radii[i]) * (a.radii[i] - b.radii[i]);
    return std::sqrt(sum / static_cast<double>(a.radii.size()));
  }

  bool are_copies(std::size_t i, std::size_t j) const {
    if (std::abs(energies_[i] - energies_[j]) > options_.energy_tolerance) return false;
    const Figure &a = figures_[i], &b = figures_[j];
    if (least_rmsd(a, b) > options_.copy_nm) return false;
    return std::any_of(symmetry_.maps.begin(), symmetry_.maps.end(), [&](const Map& map) {
      for (const int mirror : {1, -1})
        if (is_allowed(a, b, map, mirror) && coincide(a, b, map, mirror, options_.copy_nm))
          return true;
      return false;
    });
  }

  Span<const double> energies_;
  const MoleculeSymmetry& symmetry_;
  const DegeneracyOptions& options_;
  Map identity_;
  std::vector<Figure> figures_;
};

/// Places of atoms in a list, kNowhere for the others.
std::vector<std::size_t> places(std::size_t n, const std::vector<std::size_t>& atoms) {
  std::vector<std::size_t> place(n, kNowhere);
  for (std::size_t i = 0; i < atoms.size(); ++i) place[atoms[i]] = i;
  return place;
}

}  // namespace

MoleculeSymmetry molecule_symmetry(const TorsionGraph& graph, const std::vector<std::size_t>& atoms,
                                   const std::vector<std::vector<std::uint32_t>>& maps,
                                   bool hydrogens) {
  MoleculeSymmetry symmetry;
  symmetry.atoms = atoms;
  symmetry.maps = maps;
  const std::vector<std::size_t> place = places(graph.atoms.size(), atoms);
  std::vector<std::vector<std::size_t>> inside(atoms.size()), hanging(atoms.size());
  for (const GraphBond& bond : graph.bonds)
    for (const auto& [from, to] : {std::pair(bond.first, bond.second), {bond.second, bond.first}}) {
      if (place[from] == kNowhere) continue;
      if (place[to] == kNowhere)
        hanging[place[from]].push_back(to);
      else
        inside[place[from]].push_back(place[to]);
    }
  if (hydrogens) symmetry.hanging = hanging;
  std::vector<bool> inverts(graph.atoms.size(), false);
  for (const InvertibleCentre& centre : graph.inversions) inverts[centre.atom] = true;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    constexpr std::size_t kMinNeighbours = 3;
    if (graph.atoms[atoms[i]].shape == AtomShape::kTetrahedral && !inverts[atoms[i]] &&
        inside[i].size() >= kMinNeighbours)
      symmetry.centres.push_back({i, {inside[i][0], inside[i][1], inside[i][2]}});
  }
  for (const GraphBond& bond : graph.bonds) {
    const std::size_t a = place[bond.first], b = place[bond.second];
    if (bond.order != 2 || a == kNowhere || b == kNowhere) continue;
    const auto end = [&](std::size_t at, std::size_t other) {
      const auto found = std::find_if(inside[at].begin(), inside[at].end(),
                                      [&](std::size_t i) { return i != other; });
      const bool planar = graph.atoms[atoms[at]].shape == AtomShape::kPlanar;
      return planar && found != inside[at].end() ? *found : kNowhere;
    };
    const std::size_t first = end(a, b), second = end(b, a);
    if (first != kNowhere && second != kNowhere)
      symmetry.double_bonds.push_back({first, a, b, second});
  }
  return symmetry;
}

std::vector<double> degeneracies(ConstCoordinates x, Span<const double> energies,
                                 const MoleculeSymmetry& symmetry,
                                 const DegeneracyOptions& options) {
  if (energies.size() != x.n_chains)
    throw InternalError("degeneracies: conformers and their energies are of different numbers");
  return Counter(x, energies, symmetry, options).run();
}

}  // namespace saltus::engine
