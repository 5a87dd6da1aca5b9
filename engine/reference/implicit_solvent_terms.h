#pragma once

#include <memory>

#include "engine/reference/potential_term.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// "implicit_solvent": generalised Born energy and the ACE surface term.
///   psi_i = rho_i sum_j I(r_ij, rho_i, s_j),  rho = radius - offset,  s = scale rho
///   B_i = 1 / (1/rho_i - tanh(alpha psi - beta psi^2 + gamma psi^3) / radius_i)
///   f^2 = r^2 + B_i B_j exp(-r^2 / (4 B_i B_j)),  tau = k_C (1/e_solute - 1/e_solvent)
///   E = -tau (sum_i q_i^2 / (2 B_i) + sum_(i<j) q_i q_j (1/f_ij - 1/cutoff))
///       + sum_i 4 pi surface_energy (radius_i + 0.14 nm)^2 (radius_i / B_i)^6
/// I is the pairwise descreening integral of Hawkins, Cramer, Truhlar, J. Phys. Chem. 100, 19824
/// (1996), doi:10.1021/jp961710n; GBn2 adds the neck correction to it (see gbn2_neck_tables.h).
/// When atom i lies inside atom j's scaled sphere (never in a molecule of sound geometry), OBC adds
/// the part of the sphere around i as OpenMM's GBSAOBCForce does, and GBn2 does not, as OpenMM's
/// GBn2 script. The scale may be negative (sulfur in GBn2). +inf where two atoms coincide.
/// @throws InputError  when a GBn2 radius is outside the neck table
std::unique_ptr<const PotentialTerm> make_implicit_solvent_term(const ImplicitSolvent& solvent);

}  // namespace saltus::engine
