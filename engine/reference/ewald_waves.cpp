#include "engine/reference/ewald_waves.h"

#include <array>
#include <cmath>
#include <utility>

#include "engine/core/units.h"
#include "engine/core/vec3.h"

namespace saltus::engine {

namespace {

/// Below this erf(alpha r) / r and its slope are taken from their series, whose next term is 1e-17
/// of the first; above, the slope has lost four digits at most.
constexpr double kSmallArgument = 0.02;

/// erf(alpha r) / r and its derivative over r, -d/dr (erf(alpha r) / r) / r.
std::pair<double, double> screening(double alpha, double r) {
  const double u = alpha * r, u2 = u * u, scale = 2.0 * alpha / std::sqrt(kPi);
  if (u < kSmallArgument)
    return {scale * (1.0 - u2 * (1.0 / 3.0 - u2 * (1.0 / 10.0 - u2 / 42.0))),
            scale * alpha * alpha * (2.0 / 3.0 - u2 * (2.0 / 5.0 - u2 * (1.0 / 7.0 - u2 / 27.0)))};
  const double value = std::erf(u) / r;
  return {value, (value - scale * std::exp(-u2)) / (r * r)};
}

}  // namespace

EwaldWaves::EwaldWaves(const Nonbonded& nonbonded, const Box& box,
                       std::vector<PairParameters> in_waves)
    : split_(nonbonded, box), in_waves_(std::move(in_waves)) {
  for (std::size_t n = 0; n < nonbonded.particles.size(); ++n)
    if (nonbonded.particles[n].charge != 0.0)
      charges_.push_back({n, nonbonded.particles[n].charge});
}

double EwaldWaves::evaluate(ConstCoordinates x, Span<double> forces, Span<double> workspace) const {
  return split_.self_energy() + sum_waves(x, forces, workspace) + give_back(x.data, forces);
}

double EwaldWaves::sum_waves(ConstCoordinates x, Span<double> forces,
                             Span<double> workspace) const {
  if (charges_.empty()) return 0.0;
  const Box& box = x.boxes[0];
  const std::array<Vec3, 3> reciprocal = box.reciprocal_vectors();
  const std::array<long, 3> largest = split_.largest_indices(box);
  const double longest2 = split_.longest_wave_vector() * split_.longest_wave_vector();
  const double falloff = kPi * kPi / (split_.alpha() * split_.alpha());
  double energy = 0.0;
  // One wave of each pair m, -m, which have the same energy.
  for (long a = 0; a <= largest[0]; ++a)
    for (long b = a == 0 ? 0 : -largest[1]; b <= largest[1]; ++b)
      for (long c = a == 0 && b == 0 ? 1 : -largest[2]; c <= largest[2]; ++c) {
        const Vec3 m = static_cast<double>(a) * reciprocal[0] +
                       static_cast<double>(b) * reciprocal[1] +
                       static_cast<double>(c) * reciprocal[2];
        const double m2 = dot(m, m);
        if (m2 > longest2) continue;
        const double strength =
            kCoulombConstant / (kPi * box.volume()) * std::exp(-falloff * m2) / m2;
        energy += evaluate_wave({m, strength}, x.data, forces, workspace);
      }
  return energy;
}

double EwaldWaves::evaluate_wave(const Wave& wave, const double* x, Span<double> forces,
                                 Span<double> workspace) const {
  // The structure factor, and q_j times the phase factor of each charge.
  double real = 0.0, imaginary = 0.0;
  for (std::size_t n = 0; n < charges_.size(); ++n) {
    const double phase = kTwoPi * dot(wave.m, load_atom(x, charges_[n].atom));
    workspace[2 * n] = charges_[n].value * std::cos(phase);
    workspace[2 * n + 1] = charges_[n].value * std::sin(phase);
    real += workspace[2 * n];
    imaginary += workspace[2 * n + 1];
  }
  if (!forces.empty())
    for (std::size_t n = 0; n < charges_.size(); ++n) {
      const double slope = real * workspace[2 * n + 1] - imaginary * workspace[2 * n];
      add_to_atom(forces.data(), charges_[n].atom, 2.0 * kTwoPi * wave.strength * slope * wave.m);
    }
  return wave.strength * (real * real + imaginary * imaginary);
}

double EwaldWaves::give_back(const double* x, Span<double> forces) const {
  double energy = 0.0;
  for (const PairParameters& pair : in_waves_) {
    const Vec3 d = load_atom(x, pair.i) - load_atom(x, pair.j);
    const auto [value, slope] = screening(split_.alpha(), norm(d));
    energy -= pair.coulomb * value;
    if (forces.empty()) continue;
    const Vec3 f = -pair.coulomb * slope * d;
    add_to_atom(forces.data(), pair.i, f);
    add_to_atom(forces.data(), pair.j, -1.0 * f);
  }
  return energy;
}

}  // namespace saltus::engine
