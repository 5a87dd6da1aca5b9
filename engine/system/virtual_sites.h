#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/span.h"

namespace saltus::engine {

/// A particle without mass whose place follows from other atoms, its parents, such as the charge M
/// of four-site water. It is an atom of its system like any other, with mass 0; energies see it
/// where its parents put it, whatever its stored position. The kinds are those of OpenMM 7.7 (user
/// guide, "Virtual Sites").
struct VirtualSite {
  enum class Kind {
    /// sum_n weights[n] r_n over two or three parents.
    kAverage,
    /// r_0 + weights[0] d_1 + weights[1] d_2 + weights[2] d_1 x d_2, d_n = r_n - r_0; weights[2] in
    /// 1/nm. Three parents.
    kOutOfPlane,
    /// o + p_x e_x + p_y e_y + p_z e_z with p = local_position_nm and o = sum weights[n] r_n. The
    /// axes: e_x along X = sum x_weights[n] r_n, e_z along X x Y with Y = sum y_weights[n] r_n, and
    /// e_y = e_z x e_x. Two parents or more. An axis along a vector of length 0 is 0.
    kLocalCoordinates,
  };
  std::size_t site = 0;  ///< the atom that is placed
  Kind kind = Kind::kAverage;
  std::vector<std::size_t> parents;
  std::vector<double> weights;
  std::vector<double> x_weights, y_weights;  ///< [parents], kLocalCoordinates only
  std::array<double, 3> local_position_nm{};
};

/// Writes the positions of all sites from those of their parents, which are no sites themselves.
/// @param x  [N, 3], nm, in and out; molecules must be whole
void place_virtual_sites(Span<const VirtualSite> sites, Span<double> x);

/// Forces on sites go to their parents, by the chain rule; those of sites become 0.
/// @param x       [N, 3], nm, with the sites in their places
/// @param forces  [N, 3], kJ/mol/nm, in and out
void spread_site_forces(Span<const VirtualSite> sites, Span<const double> x, Span<double> forces);

/// What is wrong with the first bad site among atoms of these masses, such as "virtual site 3:
/// parent 12 is a virtual site itself"; empty when nothing is. Weights of averages and origins add
/// up to 1, x_weights and y_weights to 0 (as OpenMM asks), so that sites move with their molecules.
/// @param masses  [N], dalton; those of sites are 0
std::string problem_of_sites(Span<const VirtualSite> sites, Span<const double> masses);

}  // namespace saltus::engine
