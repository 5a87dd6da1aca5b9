#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/units.h"
#include "engine/system/box.h"
#include "engine/system/external_terms.h"
#include "engine/system/mmff_terms.h"
#include "engine/system/virtual_sites.h"

namespace saltus::engine {

/// E = k/2 (r - length)^2; k in kJ/mol/nm^2.
struct HarmonicBond {
  std::size_t i = 0, j = 0;
  double length_nm = 0.0, k = 0.0;
};

/// E = k/2 (theta - angle)^2 with the vertex at j; k in kJ/mol/rad^2.
struct HarmonicAngle {
  std::size_t i = 0, j = 0, k_atom = 0;
  double angle_rad = 0.0, k = 0.0;
};

/// E = k (1 + cos(n phi - phase)); proper and improper torsions alike; k in kJ/mol.
struct PeriodicTorsion {
  std::size_t i = 0, j = 0, k_atom = 0, l = 0;
  int periodicity = 1;
  double phase_rad = 0.0, k = 0.0;
};

/// Charge and Lennard-Jones parameters of one atom.
struct NonbondedParticle {
  double charge = 0.0;                   ///< e
  double sigma_nm = 1.0, epsilon = 0.0;  ///< Lennard-Jones, Lorentz-Berthelot rule; kJ/mol
};

/// Replaces the interaction of one pair: excluded when charge product and epsilon are 0.
struct NonbondedException {
  std::size_t i = 0, j = 0;
  double charge_product = 0.0;  ///< e^2
  double sigma_nm = 1.0, epsilon = 0.0;
};

/// What happens to distant pairs.
enum class NonbondedMethod {
  kNoCutoff,
  /// Pairs beyond the cutoff are dropped; Coulomb is shifted by the reaction field
  /// q_i q_j (1/r + k_rf r^2 - c_rf) (Tironi et al., doi:10.1063/1.469273). Exceptions are neither
  /// cut off nor shifted.
  kCutoffNonPeriodic,
  /// The same with the nearest image of each pair in the box of the chain. Exceptions use the
  /// positions as they are.
  kCutoffPeriodic,
  /// Periodic; Lennard-Jones as with a cutoff, Coulomb without: an Ewald sum over all images, in
  /// surroundings that conduct. Ewald, Ann. Phys. 369, 253 (1921), doi:10.1002/andp.19213690304.
  kEwald,
  /// The same with the reciprocal sum on a grid. Essmann et al., J. Chem. Phys. 103, 8577 (1995),
  /// doi:10.1063/1.470117.
  kPme,
};

/// Whether pairs interact by nearest images, in the box of each chain.
inline bool is_periodic(NonbondedMethod method) {
  return method == NonbondedMethod::kCutoffPeriodic || method == NonbondedMethod::kEwald ||
         method == NonbondedMethod::kPme;
}
/// Whether Coulomb is an Ewald sum.
inline bool is_ewald(NonbondedMethod method) {
  return method == NonbondedMethod::kEwald || method == NonbondedMethod::kPme;
}

/// How an Ewald sum is cut; from a tolerance unless given. Our own energies have no grid: see
/// potential/ewald_split.h.
struct EwaldParameters {
  double tolerance = 5e-4;                 ///< relative error of forces that is aimed at
  double alpha_per_nm = 0.0;               ///< width of screening charges; 0: from the tolerance
  std::array<std::size_t, 3> n_grid = {};  ///< points along each edge; kPme, with alpha_per_nm
};

/// Coulomb and Lennard-Jones interactions of all pairs but the exceptions.
struct Nonbonded {
  std::vector<NonbondedParticle> particles;  ///< [n_atoms]
  std::vector<NonbondedException> exceptions;
  NonbondedMethod method = NonbondedMethod::kNoCutoff;
  double cutoff_nm = 2.0;  ///< without meaning for kNoCutoff
  double reaction_field_dielectric = 78.3;
  EwaldParameters ewald;  ///< kEwald and kPme only
  /// From here to the cutoff Lennard-Jones is multiplied by 1 - 10 t^3 + 15 t^4 - 6 t^5, t = (r -
  /// switching distance) / (cutoff - switching distance). 0: cut off without switching.
  double switching_distance_nm = 0.0;
  /// Adds the mean energy of the Lennard-Jones tail beyond (and inside the switching region, the
  /// part switched off), for a uniform distribution of all particles; a constant in a fixed box.
  /// Shirts et al., JPCB 111, 13052 (2007), doi:10.1021/jp0735987. Periodic only.
  bool long_range_correction = false;
};

/// Generalised Born models; see ImplicitSolvent.
enum class GeneralizedBornModel { kObc1, kObc2, kGbn2 };

/// Parameters of one atom in an implicit solvent; alpha, beta, gamma scale its Born radius.
struct GeneralizedBornParticle {
  double charge = 0.0;     ///< e
  double radius_nm = 0.0;  ///< intrinsic radius, before the offset
  double scale = 0.0;      ///< screening factor S_x
  double alpha = 1.0, beta = 0.8, gamma = 4.85;
};

/// Generalised Born implicit solvent with the ACE surface term.
/// OBC: Onufriev, Bashford, Case, Proteins 55, 383 (2004), doi:10.1002/prot.20033.
/// GBn2: Nguyen, Roe, Simmerling, JCTC 9, 2020 (2013), doi:10.1021/ct3010485.
/// Surface: Schaefer, Bartels, Karplus, JMB 284, 835 (1998), doi:10.1006/jmbi.1998.2172.
struct ImplicitSolvent {
  GeneralizedBornModel model = GeneralizedBornModel::kObc2;
  std::vector<GeneralizedBornParticle> particles;  ///< [n_atoms]
  double offset_nm = 0.009;                        ///< 0.0195141 for GBn2
  double solute_dielectric = 1.0, solvent_dielectric = 78.5;
  /// ACE term: sum 4 pi surface_energy (radius + 0.14 nm)^2 (radius / born_radius)^6; kJ/mol/nm^2.
  double surface_energy = 2.25936;
  /// 0 means none. Pairs beyond it are dropped from Born integrals and energy, and pairs within it
  /// are shifted by q_i q_j / cutoff, as OpenMM's GBSAOBCForce does.
  double cutoff_nm = 0.0;
  /// Coulomb constant of this term. The published scripts of some models use a rounded one, and
  /// energies comparable with theirs need the same.
  double coulomb_constant = kCoulombConstant;
};

/// A fixed distance between two atoms.
struct Constraint {
  std::size_t i = 0, j = 0;
  double distance_nm = 0.0;
};

/// Masses and energy terms of one molecule or box; plain data, checked by `validate`.
struct System {
  /// [n_atoms], dalton; 0: never moves by itself (virtual sites follow their parents)
  std::vector<double> masses;
  std::vector<HarmonicBond> bonds;
  std::vector<HarmonicAngle> angles;
  std::vector<PeriodicTorsion> torsions;
  std::optional<Nonbonded> nonbonded;
  std::optional<ImplicitSolvent> implicit_solvent;
  std::optional<Mmff> mmff;
  std::vector<CorrectionMap> correction_maps;
  std::vector<CorrectionTorsion> correction_torsions;
  std::vector<PositionRestraint> position_restraints;
  std::vector<TorsionRestraint> torsion_restraints;
  std::optional<UniformField> field;
  std::vector<Constraint> constraints;
  std::vector<VirtualSite> virtual_sites;
  std::optional<Box> box;  ///< the periodic box that chains start in; energies use those of chains

  std::size_t n_atoms() const { return masses.size(); }

  /// @throws InputError  at the first index out of range, wrong array length, non-finite or
  ///                     impossible number, naming term and atoms; `source` starts the message
  void validate(const std::string& source) const;
};

/// Atoms that never move, ascending: those of mass 0 that are no virtual sites.
std::vector<std::size_t> frozen_atoms(const System& system);

/// What the energy of a system asks of boxes: needed when its nonbonded term is periodic.
BoxNeeds box_needs(const System& system);

/// Boxes for n chains to start in: n times that of the system; none when it has none.
std::vector<Box> start_boxes(const System& system, std::size_t n_chains);

/// What ties a system to a place or a direction, so that moving or turning it as a whole changes
/// its density: "position restraints", "a uniform field", "a periodic box" or "atoms of mass 0".
/// Empty when nothing does.
std::string laboratory_tie(const System& system);

/// Fills exceptions from bonds: pairs one or two bonds apart are excluded, pairs three apart get
/// scaled charge products and epsilons (sigma by the Lorentz rule). Sorted by (i, j).
std::vector<NonbondedException> exceptions_from_bonds(
    const std::vector<NonbondedParticle>& particles,
    const std::vector<std::pair<std::size_t, std::size_t>>& bonds, double coulomb_14_scale,
    double lennard_jones_14_scale);

}  // namespace saltus::engine
