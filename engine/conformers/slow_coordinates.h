#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// A coordinate that may change rarely: without enough changes of each of them no average over an
/// ensemble means anything.
struct SlowCoordinate {
  enum class Kind {
    kBond,       ///< torsion of a bond that turns
    kRing,       ///< torsion of a single bond within a ring
    kInversion,  ///< sign of a nitrogen that can invert, as +90 or -90 degrees
  };
  Kind kind = Kind::kBond;
  std::array<std::size_t, 4> atoms{};  ///< of the torsion, or the nitrogen and its neighbours
  int symmetry = 1;                    ///< see TorsionBond; 1 of the other kinds
};

/// All of a molecule: bonds that turn, in the graph's order; single bonds of rings of at least four
/// atoms, each within the smallest ring it is in; nitrogens.
std::vector<SlowCoordinate> slow_coordinates(const TorsionGraph& graph);

/// Values [F, K] of all frames, rad, in [-pi, pi).
std::vector<double> values_of_frames(const TorsionGraph& graph,
                                     const std::vector<SlowCoordinate>& coordinates,
                                     ConstCoordinates frames);

/// Handedness (+1, -1) of each tetrahedral atom that has three or more neighbours besides hydrogen,
/// one of its bonds in a ring at least: it never changes, and decides which pucker of a ring is
/// which, also where the molecule is its own mirror image.
std::vector<int> ring_handedness(const TorsionGraph& graph, Span<const double> x);

/// Whether positions differ from others in no more than puckers: their ring_handedness() is the
/// same, but for amines of two rings without a handedness that was given, which invert when the
/// rings around them change.
bool is_pucker_of(const TorsionGraph& graph, Span<const double> x, Span<const double> of);

/// Watches configurations change, at whatever temperature: what none of them ever does at the
/// hottest is not done at the lowest either.
class ChangeWatch {
 public:
  /// @param n  configurations
  ChangeWatch(std::vector<SlowCoordinate> coordinates, std::size_t n);
  /// @param values   [n, K], rad
  /// @param counted  whether changes since the last time count
  void look(const std::vector<double>& values, bool counted);
  /// Two configurations take each other's places.
  void exchange(std::size_t a, std::size_t b) { std::swap(states_[a], states_[b]); }
  /// [K], changes among -120..0, 0..120 degrees and the rest, borders of 20 degrees left out.
  const std::vector<std::size_t>& changes() const { return changes_; }
  /// [K], how many of these states any of them was ever in.
  std::vector<std::size_t> n_states() const;

 private:
  std::vector<SlowCoordinate> coordinates_;
  std::vector<std::vector<int>> states_;  ///< [n, K]; -1: not known yet
  std::vector<std::size_t> changes_;
  std::vector<unsigned> seen_;  ///< [K], bits
};

/// Where frames come from.
struct FrameOrigins {
  std::vector<std::size_t> ladders;   ///< [F]
  std::vector<std::size_t> replicas;  ///< [F], configuration of the ladder; it changes levels
};

/// How well one coordinate was sampled.
struct CoordinateSampling {
  double n_effective = 0.0;   ///< 0 when it never moved
  std::size_t n_changes = 0;  ///< from one state to another, of replicas themselves
  std::size_t n_states = 1;   ///< of at least one percent
};

/// For each coordinate [K] the smaller one of two numbers of effective samples. First that of the
/// autocorrelation of cos(n tau) and sin(n tau), n the symmetry. Second, for each state s of share
/// p (a peak of the histogram, with gaps on both sides that reach down to a third of it), from how
/// often replicas change between s and the others, from one visit of the lowest level
/// to their next one: with N pairs of visits and K changes,
///   u = K / (2 p (1 - p) N),  n = N u / (2 - u),
/// exact for a process of two states. Replicas that take turns at the lowest level look like
/// changes there, but none of them is one. States of less than one percent do not count.
/// @param values  [F, K], of frames in time order
/// @throws InternalError  when the sizes do not fit
std::vector<CoordinateSampling> sampling_of(const std::vector<SlowCoordinate>& coordinates,
                                            const std::vector<double>& values,
                                            const FrameOrigins& origins);

}  // namespace saltus::engine
