#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/potential/block_access.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// Batches an energy function works best with, and the largest it takes.
struct EvaluationLimits {
  std::size_t preferred_batch = 1;
  std::size_t max_batch = static_cast<std::size_t>(-1);
};

/// Potential energy of a batch of configurations.
class EnergyFunction {
 public:
  virtual ~EnergyFunction() = default;
  virtual std::size_t n_atoms() const = 0;
  virtual EvaluationLimits limits() const { return {}; }
  /// Energies depend on the boxes of x only if this says that they are needed.
  virtual BoxNeeds box_needs() const { return {}; }

  /// @param x         [B, N, 3], nm, with their boxes when the function is periodic
  /// @param energies  out [B], kJ/mol; +inf where atoms coincide, never NaN for finite positions
  /// @param forces    out [B, N, 3], kJ/mol/nm; an empty span means "not wanted"
  /// @throws InternalError  when an array has the wrong size or boxes are needed and missing
  /// @throws InputError     when a box does not fit (BoxNeeds)
  virtual void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const = 0;
  /// The same where forces alone are wanted, in the midst of a trajectory: energies need only be
  /// finite where those of `evaluate` are. Forces may differ from its in rounding.
  virtual void evaluate_forces(ConstCoordinates x, Span<double> energies,
                               Span<double> forces) const {
    evaluate(x, energies, forces);
  }

  /// Blocks of chains to work on directly, if this function has them. They must give the energies
  /// of `evaluate`; forces may differ from its in rounding. Functions that wrap another one hand on
  /// its blocks, so that wrapping changes no bit.
  virtual std::optional<BlockAccess> blocks() const { return std::nullopt; }
  /// Reported by code that has worked in blocks: functions that wrap another one count or check
  /// here.
  /// @param x              [B, N, 3], where the work ended
  /// @param energies       [B], found there; empty: none were wanted
  /// @param n_evaluations  configurations evaluated on the way
  virtual void after_blocks(ConstCoordinates x, Span<const double> energies,
                            std::size_t n_evaluations) const {
    (void)x, (void)energies, (void)n_evaluations;
  }
};

/// One named part of an energy, kJ/mol: "bonds", "angles", "torsions", "nonbonded",
/// "implicit_solvent", "mmff_bonds", "mmff_angles", "mmff_stretch_bends", "mmff_out_of_planes",
/// "mmff_van_der_waals", "mmff_electrostatics", "correction_maps", "restraints", "field".
struct EnergyTerm {
  std::string name;
  double energy = 0.0;
};

/// An energy function that can say what its total is made of.
class DecomposableEnergy : public EnergyFunction {
 public:
  /// @param x  [1, N, 3], nm. Terms that the system lacks are left out; the sum is the total.
  virtual std::vector<EnergyTerm> terms(ConstCoordinates x) const = 0;
};

/// Throws InternalError unless the arrays of an evaluate() call fit each other, and what BoxNeeds
/// throws.
void check_evaluation_sizes(const EnergyFunction& energy, ConstCoordinates x, Span<double> energies,
                            Span<double> forces);

}  // namespace saltus::engine
