#pragma once

#include <OpenMM.h>
#include <openmm/internal/ContextImpl.h>

#include <vector>

#include "engine/potential/energy_function.h"
#include "engine/system/box.h"

namespace saltus::openmm_plugin {

/// The energy of a Context as an energy function: all forces of some force groups, whatever they
/// are, on the Context's platform, one chain after the other. Evaluations move the Context to the
/// positions they look at. What was found at the last ones is remembered: a trajectory starts where
/// the one before it ended, and platforms compute forces along with energies. Energies that come
/// out as NaN or -inf are +inf; positions that are not finite have energy +inf and NaN forces. One
/// thread at a time.
class ContextEnergy final : public engine::EnergyFunction {
 public:
  /// @param context       must outlive this
  /// @param force_groups  bits of those that count
  ContextEnergy(OpenMM::ContextImpl& context, int force_groups);

  std::size_t n_atoms() const override { return n_atoms_; }
  /// Needed when a force uses periodic boundary conditions; OpenMM itself checks cutoffs.
  engine::BoxNeeds box_needs() const override;
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override;
  /// Without the energy: 0, or +inf where forces are not finite.
  void evaluate_forces(engine::ConstCoordinates x, engine::Span<double> energies,
                       engine::Span<double> forces) const override;
  /// Something else than positions has changed in the Context.
  void forget() { known_.x.clear(); }

 private:
  /// Moves the Context there. Returns whether the positions are finite.
  bool place(engine::Span<const double> x) const;
  void take_forces(engine::Span<double> forces) const;

  struct Evaluation {
    std::vector<double> x, forces;
    double energy = 0.0;
  };

  OpenMM::ContextImpl& context_;
  int force_groups_;
  std::size_t n_atoms_;
  bool is_periodic_, has_sites_;
  mutable std::vector<OpenMM::Vec3> buffer_;
  mutable Evaluation known_;  ///< the last one; no positions: none
};

/// [N, 3] flat to OpenMM's vectors and back.
void to_vectors(engine::Span<const double> flat, std::vector<OpenMM::Vec3>& vectors);
void to_flat(const std::vector<OpenMM::Vec3>& vectors, engine::Span<double> flat);

/// The periodic box that a Context has.
engine::Box box_of(OpenMM::ContextImpl& context);

}  // namespace saltus::openmm_plugin
