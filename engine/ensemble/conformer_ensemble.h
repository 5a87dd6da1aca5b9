#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "engine/system/coordinates.h"

namespace saltus::engine {

/// Acceptance of one kind of move.
struct MoveAcceptance {
  std::string name;
  std::size_t n_tried = 0, n_accepted = 0;

  /// Accepted fraction; n_tried must not be 0.
  double share() const { return static_cast<double>(n_accepted) / static_cast<double>(n_tried); }
};

/// How an ensemble was made and how good it is; NaN and 0 where nothing is known.
struct EnsembleFacts {
  double temperature_K = 0.0;  ///< 0: no temperature was involved
  bool biased = false;         ///< whether it is known not to have the distribution asked for
  std::string method;          ///< "ETKDGv3, L-BFGS"; empty: the usual one
  double n_effective = 0.0;    ///< effective samples of the slowest coordinate, or Kish's number
  std::string slowest;         ///< which coordinate that is: "ring C1-C2-C3-C4"
  double free_energy = std::numeric_limits<double>::quiet_NaN();        ///< kJ/mol
  double free_energy_error = std::numeric_limits<double>::quiet_NaN();  ///< kJ/mol
  std::size_t n_energy_evaluations = 0;
  /// A clause for each flexible ring system that has no moves though it may need them.
  std::vector<std::string> rings_without_moves;
  std::vector<MoveAcceptance> acceptances;
};

/// Conformers of one molecule, or frames of its ensemble: what samplers and builders return and
/// writers take. A column is empty where it does not apply.
struct ConformerEnsemble {
  CoordinateBatch positions;           ///< [F, N, 3], nm
  std::vector<double> energies;        ///< [F], kJ/mol; NaN without a force field
  std::vector<double> log_weights;     ///< [F], of importance; empty: all equal
  std::vector<double> log_q;           ///< [F], log densities of proposals
  std::vector<double> degeneracies;    ///< [F], minima each represents; empty: not counted
  std::vector<double> reference_rmsd;  ///< [F], nm, to what they are aligned to; empty: to nothing
  std::vector<bool> converged;         ///< [F], whether the minimisation came to its end
  std::vector<bool> accepted;          ///< [F], whether the chain had moved since the frame before
  std::vector<std::size_t> ladders;    ///< [F], which of several independent chains each comes from
  /// [F], what each descends from: of replica exchange the configuration of the ladder, called by
  /// the level it began at (exchanges take configurations from level to level, so that one may be
  /// there again much later); of annealing the draw.
  std::vector<std::size_t> ancestors;
  std::vector<std::string> torsion_names;     ///< of rotatable bonds, bonds in rings, nitrogens
  std::vector<std::vector<double>> torsions;  ///< [name][F], rad; nitrogens: +90 or -90 degrees
  EnsembleFacts facts;

  std::size_t n_frames() const { return positions.n_chains(); }
  /// Keeps these frames, in this order, of all columns; facts stay.
  void keep(const std::vector<std::size_t>& which);
};

}  // namespace saltus::engine
