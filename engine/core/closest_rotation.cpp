#include <Eigen/Eigenvalues>
#include <Eigen/Geometry>

#include "engine/core/closest_rotation_detail.h"

namespace saltus::engine::detail {

Eigen::Matrix3d closest_rotation(const Eigen::Matrix3d& s) {
  Eigen::Matrix4d m;
  m << s.trace(), s(1, 2) - s(2, 1), s(2, 0) - s(0, 2), s(0, 1) - s(1, 0),   //
      0, s(0, 0) - s(1, 1) - s(2, 2), s(0, 1) + s(1, 0), s(2, 0) + s(0, 2),  //
      0, 0, s(1, 1) - s(0, 0) - s(2, 2), s(1, 2) + s(2, 1),                  //
      0, 0, 0, s(2, 2) - s(0, 0) - s(1, 1);
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix4d> solver(
      m.selfadjointView<Eigen::Upper>().toDenseMatrix());
  const Eigen::Vector4d q = solver.eigenvectors().col(3);
  return Eigen::Quaterniond(q[0], q[1], q[2], q[3]).toRotationMatrix();
}

}  // namespace saltus::engine::detail
