#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/vec3.h"
#include "engine/system/box.h"
#include "tools/solvation/water_box.h"

namespace saltus::tools {

/// Boxes that are narrower than this are not filled: nearest images have to be farther apart than
/// twice the distance within which molecules are compared (0.5 nm).
constexpr double kMinBoxWidthNm = 1.0;

/// Molecules of water in a periodic box.
struct FilledWater {
  std::vector<engine::Vec3> oxygens;  ///< [n], nm, in the box's brick from the origin
  std::vector<engine::Vec3> offsets;  ///< [n, n_sites], nm, of each site from its oxygen
};

/// The same places as [N, 3].
std::vector<double> flat(const std::vector<engine::Vec3>& places);

/// The number of molecules that a box holds at the density of the water it is filled with.
std::size_t molecules_in(const engine::Box& box, const WaterBox& water);

/// Fills a box with exactly n molecules, which may be any lattice, from a larger piece of the
/// periodic water that is laid at random:
///
/// 1. n molecules whose oxygens lie in a brick of the box's proportions are taken, and the brick is
///    scaled to be that of the box, (ax, by, cz), which holds each place of the lattice once. For
///    n = molecules_in that changes distances by some parts in a thousand.
/// 2. Across the faces molecules come too close to images of others. They are pushed apart, as
///    wholes and without being turned, until no oxygens are nearer than 0.243 nm and no hydrogen is
///    nearer than 0.148 nm to an oxygen or hydrogen of another molecule, as in the water itself.
///    So the density is that of the water everywhere, and no gaps are left at the faces.
///
/// @throws InternalError   when the box is narrower than kMinBoxWidthNm, or when n is far from
///                         molecules_in
/// @throws NumericalError  when molecules could not be pushed apart
FilledWater fill_with_water(const engine::Box& box, const WaterBox& water, std::size_t n,
                            engine::RandomStream& random);

}  // namespace saltus::tools
