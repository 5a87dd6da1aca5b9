#include "forcefields/openmm/to_openmm_detail.h"

namespace saltus::forcefields::detail {

namespace {

using engine::Mmff;

std::unique_ptr<OpenMM::Force> bond_force(const std::vector<engine::MmffBond>& bonds) {
  auto force = std::make_unique<OpenMM::CustomBondForce>(
      "0.5*k*d^2*(1+" + number_text(engine::kMmffBondCubicPerNm) + "*d+" +
      number_text(engine::kMmffBondQuarticPerNm2) + "*d^2);d=r-length");
  force->addPerBondParameter("length");
  force->addPerBondParameter("k");
  for (const engine::MmffBond& b : bonds)
    force->addBond(openmm_index(b.i), openmm_index(b.j), {b.length_nm, b.k});
  return force;
}

std::unique_ptr<OpenMM::Force> angle_force(const std::vector<engine::MmffAngle>& angles) {
  auto force = std::make_unique<OpenMM::CustomAngleForce>(
      "0.5*k*d^2*(1+" + number_text(engine::kMmffAngleCubicPerRad) + "*d);d=theta-angle0");
  force->addPerAngleParameter("angle0");
  force->addPerAngleParameter("k");
  for (const engine::MmffAngle& a : angles)
    force->addAngle(openmm_index(a.i), openmm_index(a.j), openmm_index(a.k_atom),
                    {a.angle_rad, a.k});
  return force;
}

/// CustomAngleForce would divide by the sine of an angle whose sine is 0; the cosine from the
/// positions has no such place.
std::unique_ptr<OpenMM::Force> linear_angle_force(
    const std::vector<engine::MmffLinearAngle>& angles) {
  auto force = std::make_unique<OpenMM::CustomCompoundBondForce>(
      3,
      "k*(1+dot/(distance(p1,p2)*distance(p3,p2)));"
      "dot=(x1-x2)*(x3-x2)+(y1-y2)*(y3-y2)+(z1-z2)*(z3-z2)");
  force->addPerBondParameter("k");
  for (const engine::MmffLinearAngle& a : angles)
    force->addBond({openmm_index(a.i), openmm_index(a.j), openmm_index(a.k_atom)}, {a.k});
  return force;
}

std::unique_ptr<OpenMM::Force> stretch_bend_force(
    const std::vector<engine::MmffStretchBend>& stretch_bends) {
  auto force = std::make_unique<OpenMM::CustomCompoundBondForce>(
      3,
      "(k_ij*(distance(p1,p2)-length_ij)+k_kj*(distance(p3,p2)-length_kj))*"
      "(angle(p1,p2,p3)-angle0)");
  for (const char* name : {"length_ij", "length_kj", "angle0", "k_ij", "k_kj"})
    force->addPerBondParameter(name);
  for (const engine::MmffStretchBend& s : stretch_bends)
    force->addBond({openmm_index(s.i), openmm_index(s.j), openmm_index(s.k_atom)},
                   {s.length_ij_nm, s.length_kj_nm, s.angle_rad, s.k_ij, s.k_kj});
  return force;
}

/// Wilson angle from positions relative to the centre: chi = atan2(n.l, |n x l|) with the normal
/// n = i x k.
constexpr const char* kOutOfPlaneEnergy =
    "0.5*k*atan2(nx*lx+ny*ly+nz*lz,sqrt(cx^2+cy^2+cz^2))^2;"
    "cx=ny*lz-nz*ly;cy=nz*lx-nx*lz;cz=nx*ly-ny*lx;"
    "nx=iy*kz-iz*ky;ny=iz*kx-ix*kz;nz=ix*ky-iy*kx;"
    "ix=x1-x2;iy=y1-y2;iz=z1-z2;kx=x3-x2;ky=y3-y2;kz=z3-z2;lx=x4-x2;ly=y4-y2;lz=z4-z2";

std::unique_ptr<OpenMM::Force> out_of_plane_force(
    const std::vector<engine::MmffOutOfPlane>& out_of_planes) {
  auto force = std::make_unique<OpenMM::CustomCompoundBondForce>(4, kOutOfPlaneEnergy);
  force->addPerBondParameter("k");
  for (const engine::MmffOutOfPlane& o : out_of_planes)
    force->addBond(
        {openmm_index(o.i), openmm_index(o.j), openmm_index(o.k_atom), openmm_index(o.l)}, {o.k});
  return force;
}

std::unique_ptr<OpenMM::Force> van_der_waals_force(const std::vector<engine::MmffPair>& pairs) {
  auto force = std::make_unique<OpenMM::CustomBondForce>(
      "epsilon*(1.07*R/(r+0.07*R))^7*(1.12*R^7/(r^7+0.12*R^7)-2)");
  force->addPerBondParameter("epsilon");
  force->addPerBondParameter("R");
  for (const engine::MmffPair& p : pairs)
    if (p.epsilon != 0.0)
      force->addBond(openmm_index(p.i), openmm_index(p.j), {p.epsilon, p.r_min_nm});
  return force;
}

std::unique_ptr<OpenMM::Force> electrostatic_force(const Mmff& mmff) {
  const std::string buffered = "(r+" + number_text(engine::kMmffCoulombBufferNm) + ")";
  const std::string distance_dependence =
      mmff.distance_dependent_dielectric
          ? "*" + number_text(engine::kMmffDielectricLengthNm) + "/" + buffered
          : std::string();
  auto force =
      std::make_unique<OpenMM::CustomBondForce>("strength/" + buffered + distance_dependence);
  force->addPerBondParameter("strength");
  for (const engine::MmffPair& p : mmff.pairs)
    if (p.charge_product != 0.0)
      force->addBond(openmm_index(p.i), openmm_index(p.j),
                     {engine::kMmffCoulombConstant / mmff.dielectric * p.charge_product});
  return force;
}

}  // namespace

void add_mmff_forces(const Mmff& mmff, OpenMM::System& result) {
  if (!mmff.bonds.empty()) add_force(result, bond_force(mmff.bonds), kMmffBonds);
  if (!mmff.angles.empty()) add_force(result, angle_force(mmff.angles), kMmffAngles);
  if (!mmff.linear_angles.empty())
    add_force(result, linear_angle_force(mmff.linear_angles), kMmffAngles);
  if (!mmff.stretch_bends.empty())
    add_force(result, stretch_bend_force(mmff.stretch_bends), kMmffStretchBends);
  if (!mmff.out_of_planes.empty())
    add_force(result, out_of_plane_force(mmff.out_of_planes), kMmffOutOfPlanes);
  if (mmff.pairs.empty()) return;
  add_force(result, van_der_waals_force(mmff.pairs), kMmffVanDerWaals);
  add_force(result, electrostatic_force(mmff), kMmffElectrostatics);
}

}  // namespace saltus::forcefields::detail
