#include "tests/tools/openmm_plugin/small_solution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>

#include "engine/core/units.h"
#include "engine/leap/leap_weights.h"
#include "engine/system/internal_coordinates.h"
#include "mlsamplers/leap/leap_weights_file.h"
#include "tests/support/environment.h"

namespace saltus::tests {

namespace {

using OpenMM::Vec3;

constexpr double kThermal = engine::kGasConstant * SmallSolution::kTemperature_K;
constexpr double kPi = engine::kPi;
constexpr double kBox_nm = 0.9, kCutoff_nm = 0.44;
constexpr double kLength_nm = 0.15, kBondConstant = 6000.0;  // of k/2 (b - b0)^2
constexpr double kAngle_rad = 1.9, kAngleConstant = 200.0;
constexpr double kTorsion1 = 2.0, kTorsion2 = 3.0, kField = 1.2, kPush = 12.0;
constexpr double kMass = 12.0;
constexpr std::size_t kReference = 100000;

double length(const Vec3& v) { return std::sqrt(v.dot(v)); }
double angle_of(const Vec3& a, const Vec3& b) {
  return std::acos(a.dot(b) / (length(a) * length(b)));
}
double torsion_of(const std::vector<Vec3>& x) {
  const Vec3 axis = x[2] - x[1], a = x[0] - x[1], b = x[3] - x[2];
  const Vec3 first = axis.cross(a), second = axis.cross(b);
  return std::atan2(axis.dot(first.cross(second)) / length(axis), first.dot(second));
}
double torsion_energy(double t) {
  return kTorsion1 * (1.0 + std::cos(t)) + kTorsion2 * (1.0 + std::cos(2.0 * t));
}
double field_of(const std::vector<Vec3>& x) {
  double sum = 0.0;
  for (std::size_t i = 0; i < SmallSolution::kSolute; ++i)
    sum += kField * (1.0 - std::cos(2.0 * kPi * x[i][0] / kBox_nm));
  return sum;
}
/// To the nearest image.
double distance(const Vec3& a, const Vec3& b) {
  Vec3 d = a - b;
  for (int k = 0; k < 3; ++k) d[k] -= kBox_nm * std::round(d[k] / kBox_nm);
  return length(d);
}

/// b^2 exp(-k (b - b0)^2 / 2 kT): the normal, accepted with (b / far)^2.
double draw_bond(engine::RandomStream& stream) {
  const double width = std::sqrt(kThermal / kBondConstant), far = kLength_nm + 8.0 * width;
  for (;;) {
    const double b = kLength_nm + width * stream.normal();
    const double u = stream.uniform();
    if (b > 0.0 && u < (b / far) * (b / far)) return b;
  }
}
double draw_angle(engine::RandomStream& stream) {
  for (;;) {
    const double a = kAngle_rad + std::sqrt(kThermal / kAngleConstant) * stream.normal();
    const double u = stream.uniform();
    if (a > 0.0 && a < kPi && u < std::sin(a)) return a;
  }
}
double draw_torsion(engine::RandomStream& stream) {
  for (;;) {
    const double t = kPi * (2.0 * stream.uniform() - 1.0);
    if (stream.uniform() < std::exp(-torsion_energy(t) / kThermal)) return t;
  }
}
Vec3 draw_place(engine::RandomStream& stream) {
  Vec3 place;
  for (int k = 0; k < 3; ++k) place[k] = kBox_nm * stream.uniform();
  return place;
}
/// Uniform on the sphere, and one at right angles to it.
std::array<Vec3, 2> draw_directions(engine::RandomStream& stream) {
  std::array<Vec3, 2> d;
  for (Vec3& v : d)
    for (int k = 0; k < 3; ++k) v[k] = stream.normal();
  d[0] /= length(d[0]);
  d[1] -= d[0] * d[0].dot(d[1]);
  d[1] /= length(d[1]);
  return d;
}

/// Two components that depend on the torsion leapt from, by random numbers.
void write_network(mlsamplers::ModelWriter& writer) {
  constexpr std::int64_t kComponents = 2, kHidden = 3, kInputs = 6;
  writer.add_size("soft0.components", kComponents);
  writer.add_size("soft0.hidden", kHidden);
  engine::RandomStream stream = test_stream(60);
  const auto add = [&](const std::string& name, std::int64_t n_rows, std::int64_t n_columns) {
    std::vector<double> values(
        static_cast<std::size_t>(n_rows * std::max<std::int64_t>(1, n_columns)));
    for (double& value : values) value = 0.7 * stream.normal();
    mlsamplers::Shape shape = {static_cast<std::uint64_t>(n_rows)};
    if (n_columns > 0) shape.push_back(static_cast<std::uint64_t>(n_columns));
    writer.add("soft0." + name, "F64", shape, values.data());
  };
  add("first.weight", kHidden, kInputs);
  add("first.bias", kHidden, 0);
  add("second.weight", kHidden, kHidden);
  add("second.bias", kHidden, 0);
  add("head.weight", 4 * kComponents, kHidden);
  add("head.bias", 4 * kComponents, 0);
}

void add_row(const std::vector<double>& values, std::vector<std::vector<double>>& columns) {
  columns.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) columns[i].push_back(values[i]);
}

std::string number(double value) { return std::to_string(value); }

}  // namespace

double SmallSolution::pairs(const std::vector<Vec3>& x) const {
  double sum = 0.0;
  for (std::size_t j = kSolute; j < kSolute + n_solvent_; ++j)
    for (std::size_t i = 0; i < j; ++i) {
      const double ratio = distance(x[i], x[j]) / kCutoff_nm;
      if (ratio < 1.0) sum += kPush * std::pow(1.0 - ratio * ratio, 2);
    }
  return sum;
}

double SmallSolution::energy(const std::vector<Vec3>& x) const {
  double sum = field_of(x) + pairs(x) + torsion_energy(torsion_of(x));
  for (std::size_t i = 0; i + 1 < kSolute; ++i)
    sum += 0.5 * kBondConstant * std::pow(length(x[i + 1] - x[i]) - kLength_nm, 2);
  for (std::size_t i = 0; i + 2 < kSolute; ++i)
    sum += 0.5 * kAngleConstant *
           std::pow(angle_of(x[i] - x[i + 1], x[i + 2] - x[i + 1]) - kAngle_rad, 2);
  return sum;
}

OpenMM::System SmallSolution::system(SolutionBug bug) const {
  OpenMM::System system;
  system.setDefaultPeriodicBoxVectors({kBox_nm, 0, 0}, {0, kBox_nm, 0}, {0, 0, kBox_nm});
  auto bonds = std::make_unique<OpenMM::HarmonicBondForce>();
  auto angles = std::make_unique<OpenMM::HarmonicAngleForce>();
  auto torsions = std::make_unique<OpenMM::PeriodicTorsionForce>();
  auto field = std::make_unique<OpenMM::CustomExternalForce>(number(kField) + "*(1-cos(x*" +
                                                             number(2.0 * kPi / kBox_nm) + "))");
  auto pairs = std::make_unique<OpenMM::CustomNonbondedForce>(number(kPush) + "*(1-(r/" +
                                                              number(kCutoff_nm) + ")^2)^2");
  pairs->setNonbondedMethod(bug == SolutionBug::kNoBox
                                ? OpenMM::CustomNonbondedForce::CutoffNonPeriodic
                                : OpenMM::CustomNonbondedForce::CutoffPeriodic);
  pairs->setCutoffDistance(kCutoff_nm);
  for (int i = 0; i < static_cast<int>(kSolute + n_solvent_); ++i) {
    system.addParticle(kMass);
    pairs->addParticle();
    if (i >= static_cast<int>(kSolute)) continue;
    field->addParticle(i);
    for (int j = 0; j < i; ++j) pairs->addExclusion(j, i);
    if (i >= 1) bonds->addBond(i - 1, i, kLength_nm, kBondConstant);
    if (i >= 2) angles->addAngle(i - 2, i - 1, i, kAngle_rad, kAngleConstant);
  }
  torsions->addTorsion(0, 1, 2, 3, 1, 0.0, kTorsion1);
  torsions->addTorsion(0, 1, 2, 3, 2, 0.0, kTorsion2);
  system.addForce(bonds.release());
  system.addForce(angles.release());
  system.addForce(torsions.release());
  system.addForce(field.release());
  if (n_solvent_ > 0) system.addForce(pairs.release());
  if (bug == SolutionBug::kNoJacobian) {
    auto jacobian = std::make_unique<OpenMM::CustomCompoundBondForce>(
        4, number(kThermal) +
               "*(2*log(distance(p1,p2)*distance(p2,p3)*distance(p3,p4))"
               "+log(sin(angle(p1,p2,p3))*sin(angle(p2,p3,p4))))");
    jacobian->addBond({0, 1, 2, 3});
    system.addForce(jacobian.release());
  }
  return system;
}

void SmallSolution::describe(openmm_plugin::SaltusIntegrator& integrator) const {
  integrator.addResidue("ROW", 1, 0);
  for (const char* name : {"C1", "C2", "C3", "C4"}) integrator.addAtom(name, 6, 0);
  for (int i = 0; i + 1 < static_cast<int>(kSolute); ++i) integrator.addBond(i, i + 1);
  for (int n = 1; n <= static_cast<int>(n_solvent_); ++n)
    integrator.addAtom("AR", 18, integrator.addResidue("AR", n + 1, 1));
}

std::vector<Vec3> SmallSolution::draw(engine::RandomStream& stream) const {
  std::vector<Vec3> x(kSolute + n_solvent_);
  const auto is_taken = [&](double energy) {
    return stream.uniform() < std::exp(-energy / kThermal);
  };
  for (;;) {
    const auto [along, across] = draw_directions(stream);
    const Vec3 up = along.cross(across);
    // Bond 1-2 along `along`, the first atom in the plane of `across`, the last turned from it.
    const double first = draw_angle(stream), last = draw_angle(stream), t = draw_torsion(stream);
    x[1] = draw_place(stream);
    x[2] = x[1] + along * draw_bond(stream);
    x[0] = x[1] + (along * std::cos(first) + across * std::sin(first)) * draw_bond(stream);
    x[3] = x[2] +
           (along * -std::cos(last) + (across * std::cos(t) + up * std::sin(t)) * std::sin(last)) *
               draw_bond(stream);
    if (!is_taken(field_of(x))) continue;
    for (std::size_t i = kSolute; i < x.size(); ++i) x[i] = draw_place(stream);
    if (is_taken(pairs(x))) return x;
  }
}

std::vector<double> SmallSolution::observe(const std::vector<Vec3>& x) const {
  const Vec3& last = x[kSolute - 1];
  std::vector<double> values = {energy(x), torsion_of(x), length(last - x[2]),
                                angle_of(x[1] - x[2], last - x[2]),
                                last[0] - kBox_nm * std::floor(last[0] / kBox_nm)};
  if (n_solvent_ == 0) return values;
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t j = kSolute; j < x.size(); ++j)
    nearest = std::min(nearest, distance(last, x[j]));
  values.push_back(nearest);
  return values;
}

const std::vector<std::vector<double>>& SmallSolution::reference() const {
  static std::map<std::size_t, std::vector<std::vector<double>>> drawn;
  std::vector<std::vector<double>>& columns = drawn[n_solvent_];
  if (!columns.empty()) return columns;
  engine::RandomStream stream = test_stream(62);
  for (std::size_t i = 0; i < kReference; ++i) add_row(observe(draw(stream)), columns);
  for (std::vector<double>& column : columns) std::sort(column.begin(), column.end());
  return columns;
}

DistributionCheck SmallSolution::check(const std::string& label,
                                       const std::vector<std::vector<Vec3>>& x) const {
  const std::array<const char*, 6> names = {"energy", "torsion", "bond",
                                            "angle",  "place",   "nearest solvent"};
  std::vector<std::vector<double>> seen;
  for (const std::vector<Vec3>& positions : x) add_row(observe(positions), seen);
  std::vector<Projection> projections;
  for (std::size_t i = 0; i < seen.size(); ++i)
    projections.push_back(
        {label + ", " + names.at(i), seen[i], [&drawn = reference()[i]](double value) {
           const auto above = std::upper_bound(drawn.begin(), drawn.end(), value);
           return static_cast<double>(above - drawn.begin()) / static_cast<double>(kReference);
         }});
  DistributionCheck result = check_projections(std::move(projections), 0.5 * kAlpha);
  // The reference is a sample as well.
  const double drift = dkw_threshold(kReference, 0.5 * kAlpha / static_cast<double>(seen.size()));
  result.threshold += tolerance_scale() * drift;
  result.power_gap += drift;
  return result;
}

void SmallSolution::write_leap(const std::string& path) {
  engine::Topology topology;
  topology.residues.push_back({});
  topology.residues[0].name = "ROW";
  topology.residues[0].number = 1;
  for (const char* name : {"C1", "C2", "C3", "C4"}) topology.atoms.push_back({name, 6, 0});
  for (std::size_t i = 0; i + 1 < kSolute; ++i) topology.bonds.push_back({i, i + 1});
  mlsamplers::ModelCard card;
  card.kind = mlsamplers::kLeapKind;
  card.temperature_K = kTemperature_K;
  mlsamplers::describe_molecule(topology, card);

  // Coordinates: three bonds, two angles, the torsion.
  mlsamplers::ModelWriter writer;
  std::vector<std::int64_t> rows;
  for (const engine::ZMatrixRow& row : engine::build_z_matrix(topology).rows)
    for (const std::size_t value : {row.atom, row.bond_to, row.angle_to, row.torsion_to,
                                    static_cast<std::size_t>(row.is_offset)})
      rows.push_back(static_cast<std::int64_t>(value));
  writer.add("z_matrix", rows, 5);
  writer.add("soft", std::vector<std::int64_t>{5}, 1);
  writer.add("rotors", std::vector<std::int64_t>{}, 2);
  writer.add("fast", std::vector<std::int64_t>{0, 0, 1, 0, 2, 0, 3, 0, 4, 0}, 2);
  constexpr std::uint64_t kFast = 5;
  writer.add("fast_centres", std::vector<double>(kFast, 0.0), 1);
  const double uniform_fraction = 0.2;
  writer.add("uniform_fraction", "F64", {}, &uniform_fraction);
  const std::uint64_t n_basis = engine::leap_basis_size(1, 0);
  std::vector<double> means(kFast * n_basis), cholesky(kFast * kFast);
  for (std::size_t i = 0; i < kFast; ++i) {
    const double width =
        i < 3 ? std::sqrt(kThermal / kBondConstant) : std::sqrt(kThermal / kAngleConstant);
    means[i * n_basis] = i < 3 ? kLength_nm : kAngle_rad;
    for (std::size_t j = 1; j < n_basis; ++j) means[i * n_basis + j] = 0.15 * width;
    for (std::size_t j = 0; j < i; ++j) cholesky[i * kFast + j] = 0.1 * width;
    cholesky[i * kFast + i] = 1.1 * width;
  }
  writer.add("fast_weights", means, n_basis);
  writer.add("fast_cholesky", cholesky, kFast);
  write_network(writer);
  writer.write(card, path);
}

}  // namespace saltus::tests
