#include "tools/solvation/water_filling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <tuple>

#include "engine/core/error.h"
#include "engine/system/near_pairs.h"

namespace saltus::tools {

using engine::Box;
using engine::Vec3;

namespace {

// The shortest distances between molecules in OpenMM's boxes of TIP3P, TIP4P-Ew and SPC/E.
constexpr double kOxygensNm = 0.245, kWithHydrogenNm = 0.15;
// What may be left of an overlap: far below the width of thermal motion.
constexpr double kSlackNm = 0.002;
// Sites of molecules whose oxygens are farther apart than this cannot be too close.
constexpr double kReachNm = 0.45;

/// A molecule of the periodic water that may be taken.
struct Candidate {
  double place = 0.0;  ///< the size of the brick, in that of the box, on whose surface it lies
  std::size_t molecule = 0;
  Vec3 from_centre;  ///< of its oxygen
};

bool operator<(const Candidate& a, const Candidate& b) {
  const auto key = [](const Candidate& c) {
    return std::make_tuple(c.place, c.from_centre.z, c.from_centre.y, c.from_centre.x);
  };
  return key(a) < key(b);
}

/// Whole multiples of `edge` that bring x between -half and half.
std::vector<double> shifts(double x, double edge, double half) {
  std::vector<double> result;
  for (double n = std::ceil((-half - x) / edge); x + n * edge <= half; n += 1.0)
    result.push_back(n * edge);
  return result;
}

/// All images of molecules in a brick that is larger than the box, the innermost first.
std::vector<Candidate> candidates(const Box& box, const WaterBox& water, Vec3 centre) {
  constexpr double kMargin = 1.15;  // half as many again
  const std::array<double, 3> half = {0.5 * box.ax, 0.5 * box.by, 0.5 * box.cz};
  std::vector<Candidate> found;
  for (std::size_t n = 0; n < water.n_molecules(); ++n) {
    const Vec3 d = water.oxygens[n] - centre;
    for (const double z : shifts(d.z, water.edges_nm[2], kMargin * half[2]))
      for (const double y : shifts(d.y, water.edges_nm[1], kMargin * half[1]))
        for (const double x : shifts(d.x, water.edges_nm[0], kMargin * half[0])) {
          const Vec3 r{d.x + x, d.y + y, d.z + z};
          const double place =
              std::max({std::abs(r.x) / half[0], std::abs(r.y) / half[1], std::abs(r.z) / half[2]});
          found.push_back({place, n, r});
        }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Pushes molecules apart; see fill_with_water.
class Separation {
 public:
  Separation(const Box& box, const WaterBox& water, FilledWater& filled)
      : box_(box), sites_(water.sites), filled_(filled) {}

  void run() {
    constexpr std::size_t kMaxRounds = 1000;  // some ten are enough
    for (std::size_t round = 0; round < kMaxRounds; ++round) {
      if (find_shifts() < kSlackNm) return;
      for (std::size_t i = 0; i < shifts_.size(); ++i)
        filled_.oxygens[i] = filled_.oxygens[i] + shifts_[i];
    }
    throw engine::NumericalError(
        "molecules of water could not be pushed apart in a periodic box; take another seed");
  }

 private:
  double least_distance(std::size_t site, std::size_t other) const {
    if (sites_[site].atomic_number == 0 || sites_[other].atomic_number == 0) return 0.0;
    return site == 0 && other == 0 ? kOxygensNm : kWithHydrogenNm;
  }

  /// Both molecules of each pair that is too close have to move by half of what is missing.
  /// @returns the largest distance that is missing
  double find_shifts() {
    const std::vector<double> x = flat(filled_.oxygens);
    shifts_.assign(filled_.oxygens.size(), Vec3());
    double worst = 0.0;
    for (const engine::NearPair& pair : engine::near_pairs(x, kReachNm, box_))
      worst = std::max(worst, shift_pair(pair.i, pair.j));
    return worst;
  }

  double shift_pair(std::size_t i, std::size_t j) {
    double worst = 0.0;
    const Vec3* const offsets = filled_.offsets.data();
    const Vec3 apart = box_.nearest_image(filled_.oxygens[j] - filled_.oxygens[i]);
    for (std::size_t a = 0; a < sites_.size(); ++a)
      for (std::size_t b = 0; b < sites_.size(); ++b) {
        const Vec3 d = apart + offsets[j * sites_.size() + b] - offsets[i * sites_.size() + a];
        const double distance = norm(d), missing = least_distance(a, b) - distance;
        if (!(missing > 0.0)) continue;
        worst = std::max(worst, missing);
        // Sites on top of each other have no direction of their own.
        const Vec3 unit = distance > 0.0 ? (1.0 / distance) * d : Vec3{1.0, 0.0, 0.0};
        shifts_[i] = shifts_[i] - 0.5 * missing * unit;
        shifts_[j] = shifts_[j] + 0.5 * missing * unit;
      }
    return worst;
  }

  const Box& box_;
  const std::vector<engine::Atom>& sites_;
  FilledWater& filled_;
  std::vector<Vec3> shifts_;
};

}  // namespace

std::vector<double> flat(const std::vector<Vec3>& places) {
  std::vector<double> x;
  for (const Vec3 r : places) x.insert(x.end(), {r.x, r.y, r.z});
  return x;
}

std::size_t molecules_in(const Box& box, const WaterBox& water) {
  return static_cast<std::size_t>(std::llround(box.volume() * water.density()));
}

FilledWater fill_with_water(const Box& box, const WaterBox& water, std::size_t n,
                            engine::RandomStream& random) {
  if (!(box.shortest_width() >= kMinBoxWidthNm))
    throw engine::InternalError("fill_with_water: the box is too narrow");
  const Vec3 centre{water.edges_nm[0] * random.uniform(), water.edges_nm[1] * random.uniform(),
                    water.edges_nm[2] * random.uniform()};
  const std::vector<Candidate> all = candidates(box, water, centre);
  if (n == 0 || all.size() <= n)
    throw engine::InternalError("fill_with_water: " + std::to_string(n) +
                                " molecules are not what the box holds");
  // Half-way to the first one that is left out.
  const double size = 0.5 * (all[n - 1].place + all[n].place);
  FilledWater filled;
  const std::size_t n_sites = water.sites.size();
  const Vec3 middle{0.5 * box.ax, 0.5 * box.by, 0.5 * box.cz};
  for (std::size_t i = 0; i < n; ++i) {
    filled.oxygens.push_back(middle + (1.0 / size) * all[i].from_centre);
    const auto first =
        water.offsets.begin() + static_cast<std::ptrdiff_t>(n_sites * all[i].molecule);
    filled.offsets.insert(filled.offsets.end(), first,
                          first + static_cast<std::ptrdiff_t>(n_sites));
  }
  Separation(box, water, filled).run();
  for (Vec3& oxygen : filled.oxygens) oxygen = box.wrapped(oxygen);
  return filled;
}

}  // namespace saltus::tools
