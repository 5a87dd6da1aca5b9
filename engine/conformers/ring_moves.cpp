#include "engine/conformers/ring_moves.h"

#include <algorithm>
#include <cmath>

#include "engine/conformers/rigid_placement.h"
#include "engine/conformers/ring_systems.h"
#include "engine/core/units.h"

namespace saltus::engine {

namespace {

Vec3 mean_of(const std::vector<std::size_t>& atoms, Span<const double> x) {
  Vec3 sum;
  for (const std::size_t atom : atoms) sum = sum + load_atom(x.data(), atom);
  return (1.0 / static_cast<double>(atoms.size())) * sum;
}

/// By the two bonds of an atom in the ring.
Frame frame_at(std::size_t atom, std::size_t before, std::size_t after, Span<const double> x) {
  const Vec3 origin = load_atom(x.data(), atom);
  const Vec3 a = load_atom(x.data(), before) - origin, b = load_atom(x.data(), after) - origin;
  return Frame::of(origin, (1.0 / norm(a)) * a + (1.0 / norm(b)) * b, b);
}

}  // namespace

RingMoves::RingMoves(const TorsionGraph& graph, const std::vector<std::size_t>& system)
    : system_(system), inside_(marked(graph.atoms.size(), system)) {
  const auto neighbours = graph.neighbours();
  for (std::size_t a = 0; a < system.size(); ++a)
    for (std::size_t b = 0; b < a; ++b) add_hinges(neighbours, system[b], system[a]);
  for (const InvertibleCentre& centre : graph.inversions) {
    if (!inside_[centre.atom]) continue;
    const Anchor anchor = anchor_at(neighbours, centre.atom);
    if (!anchor.hanging.empty()) nitrogens_.push_back(anchor);
  }
}

void RingMoves::add_hinges(const std::vector<std::vector<std::size_t>>& neighbours, std::size_t i,
                           std::size_t j) {
  std::vector<bool> barred(inside_.size(), false);
  barred[i] = barred[j] = true;
  const auto touches = [&](const std::vector<std::size_t>& part, std::size_t atom) {
    return std::any_of(part.begin(), part.end(), [&](std::size_t p) {
      return std::count(neighbours[p].begin(), neighbours[p].end(), atom) > 0;
    });
  };
  std::vector<Hinge> parts;
  std::vector<bool> seen = barred;
  for (const std::size_t start : neighbours[i]) {
    if (seen[start] || !inside_[start]) continue;
    Hinge hinge;
    hinge.first = i, hinge.second = j;
    hinge.turning = reached_from(neighbours, start, barred);
    for (const std::size_t atom : hinge.turning) seen[atom] = true;
    if (!touches(hinge.turning, j)) continue;
    for (const std::size_t atom : hinge.turning)
      if (inside_[atom]) hinge.turning_ring.push_back(atom);
    parts.push_back(std::move(hinge));
  }
  if (parts.size() < 2) return;
  // The largest rests.
  const auto largest = static_cast<std::size_t>(
      std::max_element(parts.begin(), parts.end(),
                       [](const Hinge& a, const Hinge& b) {
                         return a.turning_ring.size() < b.turning_ring.size();
                       }) -
      parts.begin());
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (p == largest) continue;
    Hinge hinge = parts[p];
    const std::vector<bool> turns = marked(inside_.size(), hinge.turning_ring);
    for (const std::size_t atom : system_)
      if (!turns[atom] && atom != i && atom != j) hinge.resting_ring.push_back(atom);
    hinge.anchors = {anchor_at(neighbours, i), anchor_at(neighbours, j)};
    hinges_.push_back(std::move(hinge));
  }
}

RingMoves::Anchor RingMoves::anchor_at(const std::vector<std::vector<std::size_t>>& neighbours,
                                       std::size_t atom) const {
  constexpr std::size_t kRingBonds = 2;
  Anchor anchor;
  anchor.atom = atom;
  std::vector<std::size_t> ring, others;
  for (const std::size_t other : neighbours[atom])
    (inside_[other] ? ring : others).push_back(other);
  if (ring.size() != kRingBonds) return anchor;
  anchor.before = ring[0], anchor.after = ring[1];
  std::vector<bool> barred(inside_.size(), false);
  barred[atom] = true;
  for (const std::size_t other : others) {
    const auto branch = reached_from(neighbours, other, barred);
    anchor.hanging.insert(anchor.hanging.end(), branch.begin(), branch.end());
  }
  return anchor;
}

double RingMoves::flap_angle(const Hinge& hinge, Span<const double> x) {
  const Vec3 origin = load_atom(x.data(), hinge.first);
  const Frame rest = Frame::of(origin, load_atom(x.data(), hinge.second) - origin,
                               mean_of(hinge.resting_ring, x) - origin);
  const Vec3 part = mean_of(hinge.turning_ring, x) - origin;
  return -2.0 * std::atan2(dot(part, rest.e3), dot(part, rest.e2));
}

void RingMoves::turn(const Hinge& hinge, double angle, Span<double> x) const {
  std::array<Frame, 2> before;
  for (std::size_t a = 0; a < before.size(); ++a)
    if (!hinge.anchors[a].hanging.empty())
      before[a] =
          frame_at(hinge.anchors[a].atom, hinge.anchors[a].before, hinge.anchors[a].after, x);
  const Vec3 origin = load_atom(x.data(), hinge.first);
  const Frame from = Frame::of(origin, load_atom(x.data(), hinge.second) - origin,
                               mean_of(hinge.turning_ring, x) - origin);
  const double c = std::cos(angle), s = std::sin(angle);
  const Frame to{origin, from.e1, c * from.e2 + s * from.e3, c * from.e3 + (-s) * from.e2};
  move_rigidly(hinge.turning, from, to, x);
  for (std::size_t a = 0; a < before.size(); ++a) {
    const Anchor& anchor = hinge.anchors[a];
    if (!anchor.hanging.empty())
      move_rigidly(anchor.hanging, before[a], frame_at(anchor.atom, anchor.before, anchor.after, x),
                   x);
  }
}

void RingMoves::flap(std::size_t hinge, Span<double> x) const {
  turn(hinges_[hinge], flap_angle(hinges_[hinge], x), x);
}

void RingMoves::invert(const Anchor& nitrogen, Span<double> x) {
  const Vec3 origin = load_atom(x.data(), nitrogen.atom);
  const Vec3 line = load_atom(x.data(), nitrogen.after) - load_atom(x.data(), nitrogen.before);
  const Vec3 bond = load_atom(x.data(), nitrogen.hanging.front()) - origin;
  const Vec3 between = mean_of({nitrogen.before, nitrogen.after}, x) - origin;
  const Frame from = Frame::of(origin, line, bond);
  // Seen along the line, the bond goes to the other side of the plane.
  const Frame plane = Frame::of(origin, line, between);
  const double angle = std::atan2(dot(from.e2, plane.e3), dot(from.e2, plane.e2));
  const double c = std::cos(-2.0 * angle), s = std::sin(-2.0 * angle);
  move_rigidly(nitrogen.hanging, from,
               {origin, from.e1, c * from.e2 + s * from.e3, c * from.e3 + (-s) * from.e2}, x);
}

void RingMoves::kick(RandomStream& random, Span<double> x) const {
  constexpr std::size_t kMaxMoves = 4;
  constexpr double kMore = 0.5, kInversions = 0.25, kFlaps = 0.5;
  constexpr double kSmallest = 40.0 * kRadianPerDegree;
  for (std::size_t n = 0; n < kMaxMoves; ++n) {
    const bool inverts = hinges_.empty() || (!nitrogens_.empty() && random.uniform() < kInversions);
    if (inverts) {
      invert(nitrogens_[random.below(nitrogens_.size())], x);
    } else {
      const Hinge& hinge = hinges_[random.below(hinges_.size())];
      double angle = random.uniform() < kFlaps ? flap_angle(hinge, x) : 0.0;
      // The two halves of a chair face each other: their mirror places are their own.
      if (std::abs(std::remainder(angle, kTwoPi)) < kSmallest)
        angle = kSmallest + random.uniform() * (kTwoPi - 2.0 * kSmallest);
      turn(hinge, angle, x);
    }
    if (random.uniform() > kMore) break;
  }
}

}  // namespace saltus::engine
