#pragma once

#include <memory>

#include "engine/core/thread_pool.h"
#include "engine/potential/energy_function.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// The reference that other evaluations of a System are compared with: written plainly, in double
/// precision, one chain at a time; chains are spread over the pool's threads. For runs there is
/// NativeEnergy (engine/lanes), which is many times faster. Bits do not depend on the number of
/// threads or the batch, and energies are the same bits with and without forces. Formulas:
/// bonded_terms.h, nonbonded_terms.h, implicit_solvent_terms.h, mmff_terms.h,
/// correction_map_term.h, external_terms.h. Terms that a System lacks are left out.
///
/// The energy is +inf where two atoms that share a term coincide (but for the buffered interactions
/// of MMFF94, which are finite there), and where a coordinate is not
/// finite or so large or small that numbers overflow. All forces of such a chain are 0, as they are
/// where a force alone overflows. A charge without a repulsive core (some hydroxyl hydrogens) can
/// come arbitrarily close to an opposite one: that energy is very negative, as the force field has
/// it.
class PlainEnergy final : public DecomposableEnergy {
 public:
  /// @param pool  may be null: everything runs on the calling thread
  /// @throws InputError  when the system does not validate
  PlainEnergy(System system, std::shared_ptr<ThreadPool> pool);
  ~PlainEnergy() override;

  std::size_t n_atoms() const override;
  EvaluationLimits limits() const override;
  /// Those of the system.
  BoxNeeds box_needs() const override;
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override;
  std::vector<EnergyTerm> terms(ConstCoordinates x) const override;

 private:
  struct Prepared;
  std::unique_ptr<const Prepared> prepared_;
  std::shared_ptr<ThreadPool> pool_;
};

}  // namespace saltus::engine
