#include "engine/reference/mmff_terms.h"

#include <cmath>
#include <tuple>
#include <utility>

#include "engine/potential/internal_geometry.h"

namespace saltus::engine {

namespace {

/// Adds equal and opposite forces along d = x_i - x_j, -slope d/r on atom i, slope = dE/dr.
void add_pair_forces(double* forces, std::size_t i, std::size_t j, double slope_over_r, Vec3 d) {
  const Vec3 f = -slope_over_r * d;
  add_to_atom(forces, i, f);
  add_to_atom(forces, j, -1.0 * f);
}

/// One overload for each kind of term: its energy, forces added if wanted.
template <bool kWithForces>
double add_term(const MmffBond& bond, const double* x, double* forces) {
  const Vec3 d = load_atom(x, bond.i) - load_atom(x, bond.j);
  const double r = norm(d);
  if (r == 0.0) return kInfiniteEnergy;
  const double stretch = r - bond.length_nm;
  const double cubic = kMmffBondCubicPerNm * stretch;
  const double quartic = kMmffBondQuarticPerNm2 * stretch * stretch;
  if constexpr (kWithForces) {
    const double slope = bond.k * stretch * (1.0 + 1.5 * cubic + 2.0 * quartic);
    add_pair_forces(forces, bond.i, bond.j, slope / r, d);
  }
  return 0.5 * bond.k * stretch * stretch * (1.0 + cubic + quartic);
}

template <bool kWithForces>
double add_term(const MmffAngle& angle, const double* x, double* forces) {
  const AngleGeometry geometry(x, angle.i, angle.j, angle.k_atom);
  if (geometry.coincident()) return kInfiniteEnergy;
  const double bend = geometry.theta() - angle.angle_rad;
  const double cubic = kMmffAngleCubicPerRad * bend;
  if constexpr (kWithForces) geometry.add_forces(forces, angle.k * bend * (1.0 + 1.5 * cubic));
  return 0.5 * angle.k * bend * bend * (1.0 + cubic);
}

template <bool kWithForces>
double add_term(const MmffLinearAngle& angle, const double* x, double* forces) {
  const Vec3 vertex = load_atom(x, angle.j);
  const Vec3 a = load_atom(x, angle.i) - vertex, b = load_atom(x, angle.k_atom) - vertex;
  const double a_length = norm(a), b_length = norm(b);
  if (a_length == 0.0 || b_length == 0.0) return kInfiniteEnergy;
  const Vec3 a_unit = (1.0 / a_length) * a, b_unit = (1.0 / b_length) * b;
  const double cosine = dot(a_unit, b_unit);
  if constexpr (kWithForces) {
    const Vec3 on_i = (-angle.k / a_length) * (b_unit - cosine * a_unit);
    const Vec3 on_k = (-angle.k / b_length) * (a_unit - cosine * b_unit);
    add_to_atom(forces, angle.i, on_i);
    add_to_atom(forces, angle.k_atom, on_k);
    add_to_atom(forces, angle.j, -1.0 * (on_i + on_k));
  }
  // 1 + cos theta of two unit vectors without cancellation near pi.
  const Vec3 sum = a_unit + b_unit;
  return 0.5 * angle.k * dot(sum, sum);
}

template <bool kWithForces>
double add_term(const MmffStretchBend& term, const double* x, double* forces) {
  const AngleGeometry geometry(x, term.i, term.j, term.k_atom);
  if (geometry.coincident()) return kInfiniteEnergy;
  const Vec3 a = geometry.arm_i(), b = geometry.arm_k();
  const double a_length = norm(a), b_length = norm(b);
  const double stretch =
      term.k_ij * (a_length - term.length_ij_nm) + term.k_kj * (b_length - term.length_kj_nm);
  const double bend = geometry.theta() - term.angle_rad;
  if constexpr (kWithForces) {
    geometry.add_forces(forces, stretch);
    add_pair_forces(forces, term.i, term.j, term.k_ij * bend / a_length, a);
    add_pair_forces(forces, term.k_atom, term.j, term.k_kj * bend / b_length, b);
  }
  return stretch * bend;
}

template <bool kWithForces>
double add_term(const MmffOutOfPlane& term, const double* x, double* forces) {
  const Vec3 centre = load_atom(x, term.j);
  const Vec3 a = load_atom(x, term.i) - centre, c = load_atom(x, term.k_atom) - centre;
  const Vec3 d = load_atom(x, term.l) - centre;
  const double d2 = dot(d, d);
  if (dot(a, a) == 0.0 || dot(c, c) == 0.0 || d2 == 0.0) return kInfiniteEnergy;
  const Vec3 normal = cross(a, c), sideways = cross(normal, d);
  const double sideways_length = norm(sideways);
  const double chi = std::atan2(dot(normal, d), sideways_length);
  if constexpr (kWithForces) {
    if (sideways_length != 0.0) {
      // Unit vectors: s along normal x d; dchi/dd = d x s / |d|^2, dchi/dnormal = s x normal /
      // |normal|^2, and the normal moves with a and c.
      const Vec3 s = (1.0 / sideways_length) * sideways;
      const double slope = term.k * chi;
      const Vec3 on_l = (-slope / d2) * cross(d, s);
      const Vec3 on_normal = (-slope / dot(normal, normal)) * cross(s, normal);
      const Vec3 on_i = cross(c, on_normal), on_k = cross(on_normal, a);
      add_to_atom(forces, term.i, on_i);
      add_to_atom(forces, term.k_atom, on_k);
      add_to_atom(forces, term.l, on_l);
      add_to_atom(forces, term.j, -1.0 * (on_i + on_k + on_l));
    }
  }
  return 0.5 * term.k * chi * chi;
}

/// Buffered 14-7 interaction of one pair.
struct Buffered147 {
  std::size_t i = 0, j = 0;
  double epsilon = 0.0, r_min_nm = 0.0;
};

template <bool kWithForces>
double add_term(const Buffered147& pair, const double* x, double* forces) {
  const Vec3 d = load_atom(x, pair.i) - load_atom(x, pair.j);
  const double r = norm(d), rho = r / pair.r_min_nm;
  const double near = 1.07 / (rho + 0.07), near3 = near * near * near;
  const double rho3 = rho * rho * rho, rho6 = rho3 * rho3;
  const double far = 1.0 / (rho6 * rho + 0.12);
  const double depth = pair.epsilon * near3 * near3 * near, shape = 1.12 * far - 2.0;
  if constexpr (kWithForces) {
    const double slope = -7.0 * depth * (shape / (rho + 0.07) + 1.12 * rho6 * far * far);
    if (r != 0.0) add_pair_forces(forces, pair.i, pair.j, slope / (pair.r_min_nm * r), d);
  }
  return depth * shape;
}

/// strength / (r + buffer)^kPower.
template <int kPower>
struct BufferedCoulomb {
  std::size_t i = 0, j = 0;
  double strength = 0.0;
};

template <bool kWithForces, int kPower>
double add_term(const BufferedCoulomb<kPower>& pair, const double* x, double* forces) {
  const Vec3 d = load_atom(x, pair.i) - load_atom(x, pair.j);
  const double r = norm(d), inverse = 1.0 / (r + kMmffCoulombBufferNm);
  const double energy = pair.strength * (kPower == 2 ? inverse * inverse : inverse);
  if constexpr (kWithForces) {
    if (r != 0.0) add_pair_forces(forces, pair.i, pair.j, -kPower * energy * inverse / r, d);
  }
  return energy;
}

/// The sum of all terms of one or more lists.
template <class... Kinds>
class ListTerm final : public PotentialTerm {
 public:
  ListTerm(std::string name, std::vector<Kinds>... lists)
      : name_(std::move(name)), lists_(std::move(lists)...) {}
  std::string name() const override { return name_; }
  double evaluate(ConstCoordinates x, Span<double> forces, Span<double>) const override {
    return std::apply(
        [&](const auto&... list) {
          return forces.empty() ? (sum<false>(list, x.data, nullptr) + ...)
                                : (sum<true>(list, x.data, forces.data()) + ...);
        },
        lists_);
  }

 private:
  template <bool kWithForces, class Kind>
  static double sum(const std::vector<Kind>& list, const double* x, double* forces) {
    double energy = 0.0;
    for (const Kind& term : list) energy += add_term<kWithForces>(term, x, forces);
    return energy;
  }

  const std::string name_;
  const std::tuple<std::vector<Kinds>...> lists_;
};

/// @param factor  strength = factor * charge product
template <int kPower>
std::unique_ptr<const PotentialTerm> make_electrostatics(const std::vector<MmffPair>& pairs,
                                                         double factor) {
  std::vector<BufferedCoulomb<kPower>> list;
  for (const MmffPair& pair : pairs)
    if (pair.charge_product != 0.0) list.push_back({pair.i, pair.j, factor * pair.charge_product});
  return std::make_unique<ListTerm<BufferedCoulomb<kPower>>>("mmff_electrostatics",
                                                             std::move(list));
}

}  // namespace

std::unique_ptr<const PotentialTerm> make_mmff_bond_term(const std::vector<MmffBond>& bonds) {
  return std::make_unique<ListTerm<MmffBond>>("mmff_bonds", bonds);
}

std::unique_ptr<const PotentialTerm> make_mmff_angle_term(
    const std::vector<MmffAngle>& angles, const std::vector<MmffLinearAngle>& linear_angles) {
  return std::make_unique<ListTerm<MmffAngle, MmffLinearAngle>>("mmff_angles", angles,
                                                                linear_angles);
}

std::unique_ptr<const PotentialTerm> make_mmff_stretch_bend_term(
    const std::vector<MmffStretchBend>& stretch_bends) {
  return std::make_unique<ListTerm<MmffStretchBend>>("mmff_stretch_bends", stretch_bends);
}

std::unique_ptr<const PotentialTerm> make_mmff_out_of_plane_term(
    const std::vector<MmffOutOfPlane>& out_of_planes) {
  return std::make_unique<ListTerm<MmffOutOfPlane>>("mmff_out_of_planes", out_of_planes);
}

std::unique_ptr<const PotentialTerm> make_mmff_van_der_waals_term(const Mmff& mmff) {
  std::vector<Buffered147> list;
  for (const MmffPair& pair : mmff.pairs)
    if (pair.epsilon != 0.0) list.push_back({pair.i, pair.j, pair.epsilon, pair.r_min_nm});
  return std::make_unique<ListTerm<Buffered147>>("mmff_van_der_waals", std::move(list));
}

std::unique_ptr<const PotentialTerm> make_mmff_electrostatics_term(const Mmff& mmff) {
  const double factor = kMmffCoulombConstant / mmff.dielectric;
  return mmff.distance_dependent_dielectric
             ? make_electrostatics<2>(mmff.pairs, factor * kMmffDielectricLengthNm)
             : make_electrostatics<1>(mmff.pairs, factor);
}

}  // namespace saltus::engine
