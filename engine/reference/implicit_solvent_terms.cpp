#include "engine/reference/implicit_solvent_terms.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/core/vec3.h"
#include "engine/potential/gbn2_neck_tables.h"
#include "engine/potential/surface_factor.h"

namespace saltus::engine {

namespace {

/// What one atom adds to another's Born integral, 1/nm, and its derivative by r^2, 1/nm^3.
struct BornIntegral {
  double value = 0.0, slope = 0.0;
};

/// Distance of a pair in the forms that the integrals need.
struct PairDistance {
  explicit PairDistance(double squared)
      : r(std::sqrt(squared)), inverse_r(1.0 / r), inverse_r2(inverse_r * inverse_r) {}
  double r, inverse_r, inverse_r2;
};

/// Descreening of an atom of radius rho by a sphere of radius s.
template <bool kWithSlope>
inline BornIntegral descreening(const PairDistance& d, double rho, double s, bool add_engulfed) {
  const double upper = d.r + s;
  if (upper <= rho) return {};
  const double lower = std::max(rho, std::abs(d.r - s));
  const double inverse_product = 1.0 / (lower * upper);
  const double l = upper * inverse_product, u = lower * inverse_product;
  const double log_ratio = std::log(upper * l);
  const double difference2 = (l - u) * (l + u);
  const double s2 = s * s;
  BornIntegral result;
  result.value = 0.5 * (l - u) - 0.125 * (d.r - s2 * d.inverse_r) * difference2 -
                 0.25 * log_ratio * d.inverse_r;
  // The integral is stationary in both of its limits, so only the explicit r counts.
  if constexpr (kWithSlope)
    result.slope =
        0.5 * d.inverse_r *
        (0.25 * log_ratio * d.inverse_r2 - 0.125 * (1.0 + s2 * d.inverse_r2) * difference2);
  // Inside the sphere the lower limit moves with r; the engulfed part cancels just that.
  if (rho < s - d.r) {
    if (add_engulfed)
      result.value += 1.0 / rho - l;
    else if (kWithSlope)
      result.slope += 0.5 * d.inverse_r * l * l;
  }
  return result;
}

/// Neck correction of the Born integral.
template <bool kWithSlope>
inline BornIntegral neck(const PairDistance& distance, const NeckParameters& parameters) {
  const double d = distance.r - parameters.distance_nm, d2 = d * d;
  const double inverse = 1.0 / (1.0 + 100.0 * d2 + 0.3e6 * d2 * d2 * d2);
  BornIntegral result;
  result.value = kNeckScale * parameters.value * inverse;
  if constexpr (kWithSlope)
    result.slope = -result.value * inverse * d * (100.0 + 0.9e6 * d2 * d2) * distance.inverse_r;
  return result;
}

class ImplicitSolventTerm final : public PotentialTerm {
 public:
  explicit ImplicitSolventTerm(const ImplicitSolvent& solvent)
      : cutoff2_(solvent.cutoff_nm > 0.0 ? solvent.cutoff_nm * solvent.cutoff_nm : kInfiniteEnergy),
        inverse_cutoff_(solvent.cutoff_nm > 0.0 ? 1.0 / solvent.cutoff_nm : 0.0),
        tau_(solvent.coulomb_constant *
             (1.0 / solvent.solute_dielectric - 1.0 / solvent.solvent_dielectric)),
        has_neck_(solvent.model == GeneralizedBornModel::kGbn2) {
    for (const GeneralizedBornParticle& p : solvent.particles) {
      const double rho = p.radius_nm - solvent.offset_nm;
      atoms_.push_back({p.charge, p.radius_nm, rho, p.scale * rho, p.alpha, p.beta, p.gamma,
                        surface_factor(p, solvent.surface_energy)});
    }
    if (has_neck_) tabulate_necks();
  }

  std::string name() const override { return "implicit_solvent"; }

  std::size_t workspace_size() const override { return 3 * n_atoms() + 4 * n_pairs(); }

  double evaluate(ConstCoordinates x, Span<double> forces, Span<double> workspace) const override {
    const Scratch scratch(workspace.data(), n_atoms(), n_pairs());
    return forces.empty() ? sum<false>(x.data, nullptr, scratch)
                          : sum<true>(x.data, forces.data(), scratch);
  }

 private:
  struct Atom {
    double charge, radius, rho, scaled_rho, alpha, beta, gamma;
    double surface;  // 4 pi surface_energy (radius + probe)^2 radius^6
  };

  /// Per atom: Born integrals, then Born radii with what the chain rule needs. Per pair i < j, row
  /// by row: squared distances and derivatives by them.
  struct Scratch {
    Scratch(double* memory, std::size_t n_atoms, std::size_t n_pairs)
        : born_radius(memory),
          radius_per_integral(born_radius + n_atoms),
          energy_per_radius(radius_per_integral + n_atoms),
          r2(energy_per_radius + n_atoms),
          energy_slope(r2 + n_pairs),
          integral_slopes(energy_slope + n_pairs) {}
    double *born_radius, *radius_per_integral, *energy_per_radius;
    double *r2, *energy_slope, *integral_slopes;
  };

  std::size_t n_atoms() const { return atoms_.size(); }
  std::size_t n_pairs() const { return n_atoms() * (n_atoms() - 1) / 2; }

  void tabulate_necks() {
    std::vector<double> radii;
    for (const Atom& atom : atoms_) radii.push_back(atom.radius);
    std::sort(radii.begin(), radii.end());
    radii.erase(std::unique(radii.begin(), radii.end()), radii.end());
    n_radii_ = radii.size();
    for (double radius_i : radii)
      for (double radius_j : radii) necks_.push_back(neck_parameters(radius_i, radius_j));
    for (const Atom& atom : atoms_)
      radius_class_.push_back(static_cast<std::size_t>(
          std::lower_bound(radii.begin(), radii.end(), atom.radius) - radii.begin()));
  }

  template <bool kWithForces>
  double sum(const double* x, double* forces, const Scratch& scratch) const {
    if (!add_born_integrals<kWithForces>(x, scratch)) return kInfiniteEnergy;
    find_born_radii<kWithForces>(scratch);
    const double energy = single_energy<kWithForces>(scratch) + pair_energy<kWithForces>(scratch);
    if constexpr (kWithForces) add_forces(x, forces, scratch);
    return energy;
  }

  /// Born integrals of all atoms, left in scratch.born_radius. False when two atoms coincide.
  template <bool kWithForces>
  bool add_born_integrals(const double* x, const Scratch& scratch) const {
    std::fill_n(scratch.born_radius, n_atoms(), 0.0);
    std::size_t pair = 0;
    for (std::size_t i = 0; i < n_atoms(); ++i)
      for (std::size_t j = i + 1; j < n_atoms(); ++j, ++pair) {
        const Vec3 d = load_atom(x, i) - load_atom(x, j);
        const double r2 = dot(d, d);
        scratch.r2[pair] = r2;
        if (r2 > cutoff2_) continue;
        if (r2 == 0.0) return false;
        const PairDistance distance(r2);
        const Atom &a = atoms_[i], &b = atoms_[j];
        BornIntegral of_i = descreening<kWithForces>(distance, a.rho, b.scaled_rho, !has_neck_);
        BornIntegral of_j = descreening<kWithForces>(distance, b.rho, a.scaled_rho, !has_neck_);
        if (has_neck_ && !(distance.r > a.radius + b.radius + kNeckRangeNm)) {
          add(of_i, neck<kWithForces>(distance, neck_of(i, j)));
          add(of_j, neck<kWithForces>(distance, neck_of(j, i)));
        }
        scratch.born_radius[i] += of_i.value;
        scratch.born_radius[j] += of_j.value;
        if constexpr (kWithForces) {
          scratch.integral_slopes[2 * pair] = of_i.slope;
          scratch.integral_slopes[2 * pair + 1] = of_j.slope;
        }
      }
    return true;
  }

  static void add(BornIntegral& sum, const BornIntegral& part) {
    sum.value += part.value;
    sum.slope += part.slope;
  }

  const NeckParameters& neck_of(std::size_t i, std::size_t j) const {
    return necks_[radius_class_[i] * n_radii_ + radius_class_[j]];
  }

  /// Replaces each Born integral by the Born radius.
  template <bool kWithForces>
  void find_born_radii(const Scratch& scratch) const {
    for (std::size_t i = 0; i < n_atoms(); ++i) {
      const Atom& atom = atoms_[i];
      const double psi = scratch.born_radius[i] * atom.rho;
      const double argument = psi * (atom.alpha - psi * (atom.beta - psi * atom.gamma));
      const double tanh_value = std::tanh(argument);
      const double born_radius = 1.0 / (1.0 / atom.rho - tanh_value / atom.radius);
      scratch.born_radius[i] = born_radius;
      if constexpr (kWithForces) {
        const double slope = atom.alpha - psi * (2.0 * atom.beta - 3.0 * psi * atom.gamma);
        scratch.radius_per_integral[i] = born_radius * born_radius *
                                         (1.0 - tanh_value * tanh_value) * slope * atom.rho /
                                         atom.radius;
      }
    }
  }

  /// Self energies and surface term; starts the derivatives by the Born radii.
  template <bool kWithForces>
  double single_energy(const Scratch& scratch) const {
    double energy = 0.0;
    for (std::size_t i = 0; i < n_atoms(); ++i) {
      const double inverse = 1.0 / scratch.born_radius[i], inverse2 = inverse * inverse;
      const double self = -0.5 * tau_ * atoms_[i].charge * atoms_[i].charge * inverse;
      const double surface = atoms_[i].surface * inverse2 * inverse2 * inverse2;
      energy += self + surface;
      if constexpr (kWithForces) scratch.energy_per_radius[i] = -(self + 6.0 * surface) * inverse;
    }
    return energy;
  }

  template <bool kWithForces>
  double pair_energy(const Scratch& scratch) const {
    double energy = 0.0;
    std::size_t pair = 0;
    for (std::size_t i = 0; i < n_atoms(); ++i) {
      const double tau_charge = -tau_ * atoms_[i].charge, born_i = scratch.born_radius[i];
      for (std::size_t j = i + 1; j < n_atoms(); ++j, ++pair) {
        const double r2 = scratch.r2[pair];
        if (r2 > cutoff2_) continue;
        const double born_product = born_i * scratch.born_radius[j];
        const double exponent = 0.25 * r2 / born_product, gaussian = std::exp(-exponent);
        const double inverse_f = 1.0 / std::sqrt(r2 + born_product * gaussian);
        const double charges = tau_charge * atoms_[j].charge;
        energy += charges * (inverse_f - inverse_cutoff_);
        if constexpr (kWithForces) {
          const double slope = -0.5 * charges * inverse_f * inverse_f * inverse_f;  // by f^2
          scratch.energy_slope[pair] = slope * (1.0 - 0.25 * gaussian);
          const double by_product = slope * gaussian * (1.0 + exponent);
          scratch.energy_per_radius[i] += by_product * scratch.born_radius[j];
          scratch.energy_per_radius[j] += by_product * born_i;
        }
      }
    }
    return energy;
  }

  /// Chain rule: E(r_ij, B(I(r))) through distances and through all Born integrals at once.
  void add_forces(const double* x, double* forces, const Scratch& scratch) const {
    double* energy_per_integral = scratch.energy_per_radius;
    for (std::size_t i = 0; i < n_atoms(); ++i)
      energy_per_integral[i] *= scratch.radius_per_integral[i];
    std::size_t pair = 0;
    for (std::size_t i = 0; i < n_atoms(); ++i)
      for (std::size_t j = i + 1; j < n_atoms(); ++j, ++pair) {
        if (scratch.r2[pair] > cutoff2_) continue;
        const double slope = scratch.energy_slope[pair] +
                             energy_per_integral[i] * scratch.integral_slopes[2 * pair] +
                             energy_per_integral[j] * scratch.integral_slopes[2 * pair + 1];
        const Vec3 f = (-2.0 * slope) * (load_atom(x, i) - load_atom(x, j));
        add_to_atom(forces, i, f);
        add_to_atom(forces, j, -1.0 * f);
      }
  }

  std::vector<Atom> atoms_;
  double cutoff2_, inverse_cutoff_, tau_;
  bool has_neck_;
  std::size_t n_radii_ = 0;
  std::vector<NeckParameters> necks_;      // by the classes of i and j
  std::vector<std::size_t> radius_class_;  // atoms of one radius share a class
};

}  // namespace

std::unique_ptr<const PotentialTerm> make_implicit_solvent_term(const ImplicitSolvent& solvent) {
  return std::make_unique<ImplicitSolventTerm>(solvent);
}

}  // namespace saltus::engine
