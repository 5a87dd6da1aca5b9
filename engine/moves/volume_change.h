#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/moves/proposal.h"
#include "engine/system/molecules.h"

namespace saltus::engine {

/// What of the box changes.
enum class VolumeMode {
  kIsotropic,    ///< all edges, by the same factor
  kAnisotropic,  ///< the edge along x, y or z, one drawn each time; rectangular boxes only
};

/// Step of VolumeChange.
struct VolumeOptions {
  VolumeMode mode = VolumeMode::kIsotropic;
  double max_change = 0.02;  ///< of ln V, either way
};

/// Stretches or shrinks the box and moves the molecules along, each as a whole: ln V' = ln V + d, d
/// uniform in [-max_change, max_change]; the centre of mass R of each molecule becomes f R, f the
/// factors of the edges (product V' / V), and all atoms of the molecule are shifted by f R - R.
/// Distances within molecules and velocities stay, and with them constraints. Where a molecule is
/// among its images makes no difference, as f carries the lattice into that of the new box.
///
/// In the scaled centres S = R / L, L the edges, d^3N x dV is V^M d^3M S dV (and the atoms about
/// their centres) for M molecules, with constraints or without. S stays, so that with respect to
/// d^3N x dV
///   q(x', V'|x, V) = delta(S' - S) V'^-M / (2 max_change V'),
///   log_forward = -ln(2 max_change) - (M + 1) ln V',
///   log_reverse = -ln(2 max_change) - (M + 1) ln V:
/// the ratio of densities gets the factor (V' / V)^(M + 1), whether one edge changes or all. Any
/// grouping of atoms makes an exact move, but where groups are bonded little is accepted. With
/// Isobaric, boxes too narrow for the cutoff are rejected and counted as invalid.
///
/// With kAnisotropic nothing but the density itself gives the box a shape: that of a liquid wanders
/// until an edge is twice the cutoff, that of a crystal or a membrane is determined by its energy.
/// Source: McDonald, Mol. Phys. 23, 41 (1972), doi:10.1080/00268977200100031; Frenkel, Smit,
/// Understanding Molecular Simulation, 2nd edition (2002), section 5.4.
class VolumeChange final : public Proposal {
 public:
  /// @throws InputError  when max_change is not positive, an atom that is no virtual site has mass
  ///                     0, position restraints hold atoms where they are, or the mode asks for a
  ///                     rectangular box and that of the system is not
  VolumeChange(const VolumeOptions& options, const Topology& topology, const System& system);

  std::string name() const override { return "volume"; }
  bool treats_chains_alone() const override { return true; }
  ReferenceMeasure measure() const override { return measure_; }
  MoveRequirements requirements() const override;
  /// @throws InputError  when chains have no boxes, or not such as the mode asks for
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override;

 private:
  /// What the edges along x, y and z are multiplied by when the volume is by exp(log_change).
  std::array<double, 3> factors(double log_change, RandomStream& stream) const;
  void move_molecules(const std::array<double, 3>& factors, Span<double> x) const;

  VolumeOptions options_;
  ReferenceMeasure measure_;
  Molecules molecules_;
  std::vector<double> weights_;  ///< [N], share in the mass of the molecule
};

}  // namespace saltus::engine
