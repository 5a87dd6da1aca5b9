#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/box.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// Kinds of atoms whose distances are counted.
struct RadialPair {
  std::string name;                        ///< such as "O-H"
  std::vector<std::size_t> first, second;  ///< atoms; equal lists count each pair once
};

/// Oxygen and hydrogen of the molecules of water (find_waters): O-O, O-H, H-H; empty when there are
/// fewer than two molecules.
std::vector<RadialPair> water_pairs(const Topology& topology);

/// g(r) of one kind of pairs.
struct RadialCurve {
  std::string name;
  std::size_t n_configurations = 0;
  double bin_nm = 0.0;             ///< width of bins; the first begins at 0
  std::vector<double> g, g_error;  ///< by bin, dimensionless; standard errors
};

/// How distances are counted.
struct RadialBins {
  double bin_nm = 0.005;
  std::size_t n_bins = 0, n_blocks = 1;
};

/// Radial distribution function of pairs of different molecules in periodic boxes,
///   g(r) = sum_f w_f n_f(r) / (N sum_f w_f / V_f  4 pi (r_2^3 - r_1^3) / 3),
/// n_f(r) the number of pairs at nearest images between r_1 and r_2 in configuration f, N that of
/// all pairs, V_f the volume and w_f the weight. Errors are those of the jackknife over blocks
/// (Efron, Ann. Stat. 9, 586 (1981), doi:10.1214/aos/1176345462), which have to be independent:
/// chains, or long parts of them; unknown (NaN) with fewer than two blocks that hold anything.
/// Source: Allen, Tildesley, Computer Simulation of Liquids (1987), sec. 2.6; the same as MDTraj's
/// compute_rdf.
class RadialDistribution {
 public:
  /// @throws InputError  when there is no pair of different molecules, no bin or no block
  RadialDistribution(RadialPair pair, const Topology& topology, const RadialBins& bins);

  /// Adds one configuration.
  /// @param x       [N, 3], nm
  /// @param weight  at least 0
  /// @throws InputError  when the box is narrower than twice the longest distance, where nearest
  ///                     images are not all pairs
  void add(Span<const double> x, const Box& box, double weight, std::size_t block);

  /// Distances that one configuration takes.
  std::size_t n_pairs() const { return n_pairs_; }
  /// @throws NumericalError  when nothing with a weight was added
  RadialCurve curve() const;

 private:
  /// Of the counts and the sum of w / V.
  std::vector<double> ratio(const std::vector<double>& counts, double per_volume) const;

  RadialPair pair_;
  RadialBins bins_;
  std::vector<std::size_t> residues_;  ///< of atoms
  bool is_one_list_ = false;
  std::size_t n_pairs_ = 0, n_configurations_ = 0;
  std::vector<std::vector<double>> counts_;  ///< [n_blocks][n_bins]
  std::vector<double> per_volume_;           ///< [n_blocks], sums of w / V, 1/nm^3
};

}  // namespace saltus::engine
