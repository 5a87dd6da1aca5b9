#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/potential/energy_function.h"
#include "engine/system/system.h"
#include "forcefields/openmm/platform.h"

namespace saltus::forcefields {

/// A System evaluated by OpenMM, one chain after the other. On the Reference platform it is the
/// independent check of engine::PlainEnergy, with which it agrees to rounding.
///
/// Energies that come out as NaN or -inf (atoms that coincide) are +inf, with whatever forces
/// OpenMM gives. Positions that are not finite have energy +inf and NaN forces. Safe to call from
/// several threads: a mutex lets one at a time into the only Context.
class OpenMMEnergy final : public engine::DecomposableEnergy {
 public:
  /// @throws InputError  when the system does not validate, the platform is not there (the message
  ///                     lists those that are), or OpenMM refuses the system
  OpenMMEnergy(const engine::System& system, const OpenMMPlatform& platform);

  /// The energy of an OpenMM System XML file as OpenMM itself reads it: a check of read_system_xml,
  /// too, with which it shares nothing. Restraints and field come from `added`. The file must be
  /// one that read_system_xml takes.
  /// @throws FileError   when the file cannot be opened
  /// @throws InputError  when OpenMM refuses the file, or it has another number of atoms than
  ///                     `added`
  static std::unique_ptr<OpenMMEnergy> of_system_xml(const std::string& path,
                                                     const engine::System& added,
                                                     const OpenMMPlatform& platform);
  ~OpenMMEnergy() override;

  std::size_t n_atoms() const override;
  /// Needed when a force uses periodic boundary conditions; any box in reduced form that is at
  /// least twice as wide as the cutoff.
  engine::BoxNeeds box_needs() const override;
  /// Virtual sites are where their parents put them, whatever x says, and have no force.
  /// @throws NumericalError  when OpenMM fails
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override;
  std::vector<engine::EnergyTerm> terms(engine::ConstCoordinates x) const override;

 private:
  struct Implementation;
  explicit OpenMMEnergy(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace saltus::forcefields
