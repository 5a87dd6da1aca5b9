#pragma once

namespace saltus::engine {

/// What a move needs to be right. Programs ask for it before a run (see Move::requirements); moves
/// with none of these may be used on every molecule.
struct MoveRequirements {
  bool no_constraints = false;  ///< does not keep constrained distances
  /// Carries or turns the molecule as a whole: nothing may tie it to the laboratory.
  bool free_molecule = false;
  bool one_temperature = false;       ///< all chains must have the temperature it was made for
  bool several_temperatures = false;  ///< has nothing to do with fewer than two
  /// Moves atoms whatever their masses: none may have mass 0, which stands for "never moves", and
  /// none may be a virtual site, which would not follow.
  bool movable_atoms = false;
  bool pressure = false;  ///< changes the volume: chains must have a pressure
  /// Everything must be single atoms or molecules that constraints hold rigid (RigidBodies).
  bool rigid_molecules = false;
};

/// What several moves together need.
inline MoveRequirements operator|(const MoveRequirements& a, const MoveRequirements& b) {
  return {a.no_constraints || b.no_constraints,   a.free_molecule || b.free_molecule,
          a.one_temperature || b.one_temperature, a.several_temperatures || b.several_temperatures,
          a.movable_atoms || b.movable_atoms,     a.pressure || b.pressure,
          a.rigid_molecules || b.rigid_molecules};
}

/// Whether both need the same.
inline bool operator==(const MoveRequirements& a, const MoveRequirements& b) {
  return a.no_constraints == b.no_constraints && a.free_molecule == b.free_molecule &&
         a.one_temperature == b.one_temperature &&
         a.several_temperatures == b.several_temperatures && a.movable_atoms == b.movable_atoms &&
         a.pressure == b.pressure && a.rigid_molecules == b.rigid_molecules;
}

}  // namespace saltus::engine
