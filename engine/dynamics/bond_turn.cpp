#include "engine/dynamics/bond_turn.h"

#include <array>
#include <cmath>

#include "engine/core/axis_turn.h"
#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/system/internal_coordinates.h"

namespace saltus::engine {

namespace {

/// Atoms of one chain.
struct Atoms {
  ChainPlace place;

  Vec3 load(const double* block, std::size_t atom) const {
    return {block[place(3 * atom)], block[place(3 * atom + 1)], block[place(3 * atom + 2)]};
  }
  void store(Vec3 value, std::size_t atom, double* block) const {
    block[place(3 * atom)] = value.x;
    block[place(3 * atom + 1)] = value.y;
    block[place(3 * atom + 2)] = value.z;
  }
};

/// A torsion and its derivatives by the positions of its four atoms.
/// Source: Blondel, Karplus, J. Comput. Chem. 17, 1132 (1996),
/// doi:10.1002/(SICI)1096-987X(19960715)17:9<1132::AID-JCC5>3.0.CO;2-T.
struct TorsionSlope {
  double angle;
  std::array<Vec3, 4> gradients;

  explicit TorsionSlope(const std::array<Vec3, 4>& r) {
    const Vec3 f = r[0] - r[1], g = r[1] - r[2], h = r[3] - r[2];
    const Vec3 a = cross(f, g), b = cross(h, g);
    const double length = norm(g);
    angle = std::atan2(dot(cross(b, a), g), length * dot(a, b));
    const Vec3 along_a = (1.0 / dot(a, a)) * a, along_b = (1.0 / dot(b, b)) * b;
    const Vec3 shared = (dot(f, g) / length) * along_a - (dot(h, g) / length) * along_b;
    gradients = {-length * along_a, length * along_a + shared, -1.0 * shared - length * along_b,
                 length * along_b};
  }
};

/// The torsion less the spring's center, in [-pi, pi).
double deviation(const BondTurn& turn, std::size_t n_steps, double torsion) {
  const double center = turn.center_rad + static_cast<double>(n_steps) * turn.angle_rad;
  return std::remainder(torsion - center, kTwoPi);
}

}  // namespace

double draw_deviation(double k, RandomStream& stream) {
  const double width = 1.0 / std::sqrt(k);
  // By rejection: of normal angles where few of them are beyond the circle, else of uniform ones.
  for (;;) {
    if (width < kPi) {
      const double d = width * stream.normal();
      if (std::abs(d) < kPi) return d;
    } else {
      const double d = kPi * (2.0 * stream.uniform() - 1.0);
      if (std::log(stream.uniform()) < -0.5 * k * d * d) return d;
    }
  }
}

double spring_energy(const BondTurn& turn, std::size_t n_steps, Span<const double> x) {
  const double torsion = torsion_angle(x, turn.first, turn.axis_from, turn.axis_to, turn.last);
  const double d = deviation(turn, n_steps, torsion);
  return 0.5 * turn.stiffness * d * d;
}

void kick_by_spring(const BondTurn& turn, std::size_t n_steps, const double* factors,
                    ChainPlace place, const double* x, double* v) {
  const Atoms own{place};
  const std::array<std::size_t, 4> atoms = {turn.first, turn.axis_from, turn.axis_to, turn.last};
  const TorsionSlope slope(
      {own.load(x, atoms[0]), own.load(x, atoms[1]), own.load(x, atoms[2]), own.load(x, atoms[3])});
  const double force = -turn.stiffness * deviation(turn, n_steps, slope.angle);
  for (std::size_t i = 0; i < atoms.size(); ++i)
    own.store(own.load(v, atoms[i]) + force * factors[3 * atoms[i]] * slope.gradients[i], atoms[i],
              v);
}

void turn_lane(const BondTurn& turn, ChainPlace place, double* x, double* v) {
  const Atoms own{place};
  const Vec3 origin = own.load(x, turn.axis_to), drift = own.load(v, turn.axis_to);
  const AxisTurn turned(origin - own.load(x, turn.axis_from), turn.angle_rad);
  for (const std::size_t atom : turn.moving) {
    own.store(origin + turned(own.load(x, atom) - origin), atom, x);
    own.store(drift + turned(own.load(v, atom) - drift), atom, v);
  }
}

}  // namespace saltus::engine
