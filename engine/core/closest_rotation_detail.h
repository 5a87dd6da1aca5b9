#pragma once

#include <Eigen/Core>

namespace saltus::engine::detail {

/// The rotation R that makes sum_i |a_i - R b_i|^2 least for points around their means: the
/// quaternion of the largest eigenvalue of a symmetric matrix of the elements of s.
/// @param s  sum_i b_i a_i^T
/// Source: Horn, J. Opt. Soc. Am. A 4, 629 (1987), doi:10.1364/JOSAA.4.000629.
Eigen::Matrix3d closest_rotation(const Eigen::Matrix3d& s);

}  // namespace saltus::engine::detail
