#include "mlsamplers/leap/coordinate_split.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"

namespace saltus::mlsamplers {

using engine::Span;

void CoordinateSplit::read(Span<const double> q, Span<double> soft_out, Span<double> rotor_out,
                           Span<double> fast_out) const {
  for (std::size_t i = 0; i < soft.size(); ++i) soft_out[i] = q[soft[i].coordinate];
  for (std::size_t i = 0; i < rotors.size(); ++i) rotor_out[i] = q[rotors[i].coordinate];
  for (std::size_t i = 0; i < fast.size(); ++i) {
    const double value = q[fast[i].coordinate];
    fast_out[i] = fast[i].is_torsion ? engine::wrap_angle(value - fast[i].centre) : value;
  }
}

bool CoordinateSplit::write(Span<const double> soft_in, Span<const double> rotor_in,
                            Span<const double> fast_in, Span<double> q) const {
  bool inside = true;
  for (std::size_t i = 0; i < soft.size(); ++i) q[soft[i].coordinate] = soft_in[i];
  for (std::size_t i = 0; i < rotors.size(); ++i) q[rotors[i].coordinate] = rotor_in[i];
  for (std::size_t i = 0; i < fast.size(); ++i) {
    if (fast[i].is_torsion && !(fast_in[i] >= -engine::kPi && fast_in[i] < engine::kPi))
      inside = false;
    q[fast[i].coordinate] = fast_in[i] + fast[i].centre;
  }
  return inside;
}

CircularMoments circular_moments(const std::vector<double>& angles) {
  double c = 0.0, s = 0.0;
  for (double angle : angles) {
    c += std::cos(angle);
    s += std::sin(angle);
  }
  const double length = std::hypot(c, s) / static_cast<double>(angles.size());
  return {std::atan2(s, c), std::sqrt(std::max(0.0, -2.0 * std::log(std::min(1.0, length))))};
}

namespace {

constexpr double kPlanarTolerance = 30.0 * engine::kRadianPerDegree;

std::vector<double> column(Span<const double> q, std::size_t width, std::size_t index) {
  std::vector<double> values;
  for (std::size_t start = index; start < q.size(); start += width) values.push_back(q[start]);
  return values;
}

bool are_like_atoms(const engine::Topology& topology, const engine::System& system,
                    const std::vector<std::size_t>& atoms) {
  const std::size_t first = atoms.front();
  return std::all_of(atoms.begin(), atoms.end(), [&](std::size_t atom) {
    if (topology.atoms[atom].atomic_number != topology.atoms[first].atomic_number) return false;
    if (std::abs(system.masses[atom] - system.masses[first]) > 1e-9) return false;
    if (!system.nonbonded) return true;
    const auto &a = system.nonbonded->particles[atom], &b = system.nonbonded->particles[first];
    return std::abs(a.charge - b.charge) < 1e-9 && std::abs(a.sigma_nm - b.sigma_nm) < 1e-12 &&
           std::abs(a.epsilon - b.epsilon) < 1e-12;
  });
}

/// Number of like terminal atoms on the outer end of a leading torsion's bond, or 0.
int rotor_fold(const engine::Topology& topology, const engine::System& system,
               const engine::ZMatrix& z, const engine::ZMatrixRow& lead, Span<const double> q) {
  const auto neighbours = topology.neighbours();
  std::vector<std::size_t> group;
  for (std::size_t atom : neighbours[lead.bond_to]) {
    if (atom == lead.angle_to) continue;
    if (neighbours[atom].size() != 1) return 0;
    group.push_back(atom);
  }
  if (group.size() < 2 || group.size() > 3 || !are_like_atoms(topology, system, group)) return 0;
  if (group.size() == 3) return 3;
  // Two atoms are exchanged by half a turn only when they lie opposite each other.
  for (std::size_t n = 3; n < z.rows.size(); ++n) {
    const engine::ZMatrixRow& row = z.rows[n];
    if (row.bond_to != lead.bond_to || !row.is_offset) continue;
    const std::size_t coordinate = 2 * z.n_atoms() - 3 + n - 3;
    const auto offset = circular_moments(column(q, z.n_internal(), coordinate));
    return engine::kPi - std::abs(offset.mean) < kPlanarTolerance ? 2 : 0;
  }
  return 0;
}

}  // namespace

CoordinateSplit split_coordinates(const engine::Topology& topology, const engine::System& system,
                                  const engine::ZMatrix& z, Span<const double> q,
                                  double soft_threshold_rad) {
  if (q.empty() || q.size() % z.n_internal() != 0)
    throw engine::InternalError("split_coordinates: no frames or a wrong width");
  CoordinateSplit split;
  const std::size_t first_torsion = 2 * z.n_atoms() - 3;
  for (std::size_t i = 0; i < first_torsion; ++i) split.fast.push_back({i, false, 0.0});
  for (std::size_t n = 3; n < z.rows.size(); ++n) {
    const std::size_t i = first_torsion + n - 3;
    const CircularMoments moments = circular_moments(column(q, z.n_internal(), i));
    const int fold = z.rows[n].is_offset ? 0 : rotor_fold(topology, system, z, z.rows[n], q);
    if (fold > 0)
      split.rotors.push_back({i, fold});
    else if (!z.rows[n].is_offset && moments.standard_deviation > soft_threshold_rad)
      split.soft.push_back({i});
    else
      split.fast.push_back({i, true, moments.mean});
  }
  // Along a chain of atoms numbered in order, neighbouring torsions then are neighbours in the
  // list.
  const auto axis = [&](const SoftTorsion& torsion) {
    const engine::ZMatrixRow& row = z.rows[torsion.coordinate - first_torsion + 3];
    return std::minmax(row.bond_to, row.angle_to);
  };
  std::sort(split.soft.begin(), split.soft.end(),
            [&](const SoftTorsion& a, const SoftTorsion& b) { return axis(a) < axis(b); });
  return split;
}

namespace {

using engine::kCrossHarmonics;
using engine::kMaxCrossedSoft;
using engine::kRotorHarmonics;
using engine::kSoftHarmonics;

/// cos and sin of harmonics 1..n of an angle, by repeated rotation.
void harmonics(double angle, std::size_t n, double* out) {
  const double c = std::cos(angle), s = std::sin(angle);
  double ck = c, sk = s;
  for (std::size_t k = 0; k < n; ++k) {
    out[2 * k] = ck;
    out[2 * k + 1] = sk;
    const double next = ck * c - sk * s;
    sk = sk * c + ck * s;
    ck = next;
  }
}

}  // namespace

FourierBasis::FourierBasis(std::size_t n_soft, std::vector<int> rotor_folds)
    : n_soft_(n_soft),
      rotor_folds_(std::move(rotor_folds)),
      size_(engine::leap_basis_size(n_soft_, rotor_folds_.size())) {}

void FourierBasis::evaluate(Span<const double> soft, Span<const double> rotors,
                            Span<double> out) const {
  constexpr std::size_t kWidth = 2 * kSoftHarmonics;
  std::vector<double> table(n_soft_ * kWidth);
  std::size_t next = 0;
  out[next++] = 1.0;
  for (std::size_t i = 0; i < n_soft_; ++i) {
    harmonics(soft[i], kSoftHarmonics, &table[i * kWidth]);
    for (std::size_t k = 0; k < kWidth; ++k) out[next++] = table[i * kWidth + k];
  }
  for (std::size_t i = 0; i + 1 < n_soft_; ++i)
    for (std::size_t a = 0; a < kWidth; ++a)
      for (std::size_t b = 0; b < kWidth; ++b)
        out[next++] = table[i * kWidth + a] * table[(i + 1) * kWidth + b];
  for (std::size_t r = 0; r < rotor_folds_.size(); ++r) {
    double folded[2 * kRotorHarmonics];
    harmonics(rotor_folds_[r] * rotors[r], kRotorHarmonics, folded);
    for (double value : folded) out[next++] = value;
    if (n_soft_ > kMaxCrossedSoft) continue;
    for (std::size_t i = 0; i < n_soft_; ++i)
      for (std::size_t k = 0; k < 2 * kCrossHarmonics; ++k)
        for (std::size_t part = 0; part < 2; ++part)
          out[next++] = folded[part] * table[i * kWidth + k];
  }
}

std::vector<double> FourierBasis::roughness() const {
  // Same order as evaluate(); entries 2k and 2k+1 of a table are cos and sin of harmonic k+1.
  const auto square = [](std::size_t entry) {
    const auto order = static_cast<double>(entry / 2 + 1);
    return order * order;
  };
  std::vector<double> result = {0.0};
  for (std::size_t i = 0; i < n_soft_; ++i)
    for (std::size_t k = 0; k < 2 * kSoftHarmonics; ++k) result.push_back(square(k));
  for (std::size_t i = 0; i + 1 < n_soft_; ++i)
    for (std::size_t a = 0; a < 2 * kSoftHarmonics; ++a)
      for (std::size_t b = 0; b < 2 * kSoftHarmonics; ++b) result.push_back(square(a) + square(b));
  for (std::size_t r = 0; r < rotor_folds_.size(); ++r) {
    for (std::size_t k = 0; k < 2 * kRotorHarmonics; ++k) result.push_back(square(k));
    if (n_soft_ > kMaxCrossedSoft) continue;
    for (std::size_t i = 0; i < n_soft_; ++i)
      for (std::size_t k = 0; k < 2 * kCrossHarmonics; ++k)
        for (std::size_t part = 0; part < 2; ++part) result.push_back(square(part) + square(k));
  }
  return result;
}

}  // namespace saltus::mlsamplers
