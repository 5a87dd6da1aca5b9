#include "mlsamplers/peptides/context_slots.h"

#include <cmath>

#include "engine/core/error.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::size_t kHarmonics = engine::kSoftHarmonics, kWidth = 2 * kHarmonics;
constexpr std::size_t kMaxOrder = 3;

/// Order of the harmonic at a place of the table cos, sin, cos 2, sin 2 ...
constexpr std::size_t order_of(std::size_t entry) { return entry / 2 + 1; }

/// Calls use(a, b) for each product of two torsions' harmonics that is there.
template <class Use>
void for_each_product(const Use& use) {
  for (std::size_t a = 0; a < kWidth; ++a)
    for (std::size_t b = 0; b < kWidth; ++b)
      if (order_of(a) + order_of(b) <= kMaxOrder) use(a, b);
}

std::size_t products() {
  std::size_t n = 0;
  for_each_product([&](std::size_t, std::size_t) { ++n; });
  return n;
}

void write_harmonics(double angle, std::size_t n, double* out) {
  for (std::size_t k = 0; k < n; ++k) {
    out[2 * k] = std::cos(static_cast<double>(k + 1) * angle);
    out[2 * k + 1] = std::sin(static_cast<double>(k + 1) * angle);
  }
}

}  // namespace

std::optional<std::size_t> context_slot(const PeptideTorsion& torsion, std::size_t of) {
  if (torsion.residue > of + 1 || torsion.residue + 1 < of) return std::nullopt;
  return kTorsionKinds * (torsion.residue + 1 - of) + static_cast<std::size_t>(torsion.kind);
}

std::size_t template_basis_size(std::size_t n_torsions, std::size_t n_rotors) {
  const std::size_t pairs = n_torsions > 0 ? n_torsions - 1 : 0;
  return 1 + kWidth * n_torsions + products() * pairs + kRotorFunctions * n_rotors;
}

void evaluate_template_basis(engine::Span<const double> torsions, engine::Span<const double> rotors,
                             engine::Span<double> out) {
  const std::size_t n = torsions.size();
  std::vector<double> table(kWidth * n);
  std::size_t next = 0;
  out[next++] = 1.0;
  for (std::size_t i = 0; i < n; ++i) {
    write_harmonics(torsions[i], kHarmonics, &table[kWidth * i]);
    for (std::size_t k = 0; k < kWidth; ++k) out[next++] = table[kWidth * i + k];
  }
  for (std::size_t i = 0; i + 1 < n; ++i)
    for_each_product([&](std::size_t a, std::size_t b) {
      out[next++] = table[kWidth * i + a] * table[kWidth * (i + 1) + b];
    });
  for (const double angle : rotors) {
    write_harmonics(angle, engine::kRotorHarmonics, out.data() + next);
    next += kRotorFunctions;
  }
}

void add_to_block_basis(const BasisPlace& place, engine::Span<const double> row,
                        engine::Span<const double> rotor_means, engine::Span<double> out) {
  const std::size_t n = place.n_block_torsions;
  if (row.size() != template_basis_size(place.n_torsions, place.n_rotors) ||
      out.size() != engine::leap_basis_size(n, place.n_block_rotors))
    throw engine::InternalError("add_to_block_basis: wrong sizes");
  std::size_t next = 0;
  out[0] += row[next++];
  for (std::size_t i = 0; i < kWidth * place.n_torsions; ++i)
    out[1 + kWidth * place.first_torsion + i] += row[next++];
  const std::size_t first_pair = 1 + kWidth * n;
  for (std::size_t i = 0; i + 1 < place.n_torsions; ++i)
    for_each_product([&](std::size_t a, std::size_t b) {
      const std::size_t pair = place.first_torsion + i;
      out[first_pair + kWidth * kWidth * pair + kWidth * a + b] += row[next++];
    });
  const std::size_t first_rotor = first_pair + kWidth * kWidth * (n > 0 ? n - 1 : 0);
  const std::size_t crossed = n <= engine::kMaxCrossedSoft ? n : 0;
  const std::size_t stride = kRotorFunctions + 4 * engine::kCrossHarmonics * crossed;
  for (std::size_t r = 0; r < place.n_rotors; ++r)
    for (std::size_t k = 0; k < kRotorFunctions; ++k, ++next) {
      if (place.rotors[r])
        out[first_rotor + stride * *place.rotors[r] + k] += row[next];
      else
        out[0] += row[next] * rotor_means[kRotorFunctions * r + k];
    }
}

}  // namespace saltus::mlsamplers
