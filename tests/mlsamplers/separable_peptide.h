#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/ensemble/canonical.h"
#include "engine/ensemble/chain_batch.h"
#include "engine/moves/proposal.h"
#include "engine/potential/energy_function.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "tests/mlsamplers/peptide_fixture.h"
#include "tests/support/statistics.h"

namespace saltus::tests {

/// Two serines with charged ends whose canonical internal coordinates have the exact density
///   psi, phi, polar hydrogens   wrapped normals around fixed angles
///   chi1                        a wrapped normal around psi (first residue) or phi (second)
///   rotors                      wrapped normals of the folded angle
///   bonds, angles, stiff ones   normals around where the structure has them
/// and nothing else that couples them. A model of the same form can be written down: see
/// serine_model.
class SeparablePeptide {
 public:
  static constexpr double kTemperature_K = 420.0;

  SeparablePeptide();
  SeparablePeptide(const SeparablePeptide&) = delete;
  SeparablePeptide& operator=(const SeparablePeptide&) = delete;

  const mlsamplers::Peptide& peptide() const { return example_.peptide; }
  engine::Canonical target() const;
  /// Exact draws, energies set.
  engine::ChainBatch draw(std::size_t n_chains, std::uint64_t seed) const;
  /// Every coordinate as its distance from where it should be, and all fast ones pooled.
  std::vector<Projection> projections(const engine::ChainBatch& chains) const;

  /// Width of a fast coordinate, nm or rad.
  static double width_of(const mlsamplers::PeptideFast& fast, std::size_t n_atoms);
  /// Angle that a torsion is distributed around; `backbone` is psi or phi of its residue.
  static double centre_of(const mlsamplers::PeptideTorsion& torsion, double backbone);
  const std::vector<double>& structure() const { return structure_; }

 private:
  class Energy;
  /// How a coordinate is distributed around its centre.
  struct Spread {
    double width = 0.0;
    int fold = 1;                 ///< of the angle; 0: no angle
    bool is_fast = false;         ///< normal; otherwise a wrapped normal
    std::ptrdiff_t torsion = -1;  ///< index of a soft torsion
  };
  /// Distances of the coordinates [3N-6] from their centres, folded and wrapped.
  std::vector<double> distances(const std::vector<double>& q) const;
  double centre(std::size_t i, const std::vector<double>& q) const;

  PeptideExample example_;
  std::vector<double> structure_;  ///< [3N-6], of the built peptide
  std::vector<Spread> spreads_;    ///< [3N-6]
  std::shared_ptr<const Energy> energy_;
};

const SeparablePeptide& two_serines();

/// What a model has wrong.
enum class ModelFault {
  kNone,
  kEmbedding,  ///< the two residues' embeddings are exchanged
  kSlot,       ///< chi1 looks at the next residue's phi in place of its own backbone
};

/// A model that knows the peptide's density but for its fast coordinates, which are 5 % too narrow
/// and depend a little on torsions.
mlsamplers::PeptideModel serine_model(ModelFault fault);

/// The weights of a block of the peptide, "residue_1" or "link_1".
engine::LeapWeights serine_block(const std::string& name, ModelFault fault = ModelFault::kNone);

/// Starts in the answer, applies Metropolis moves over the proposal and compares every coordinate
/// with its exact distribution; the worst of them.
DistributionCheck check_serines(const std::string& label,
                                const std::shared_ptr<const engine::Proposal>& proposal,
                                std::uint64_t seed, std::size_t n_chains);

/// Part of proposals from exact draws that is accepted.
double serine_acceptance(const std::shared_ptr<const engine::Proposal>& proposal,
                         std::uint64_t seed);

}  // namespace saltus::tests
