#pragma once

#include <string>
#include <vector>

#include "engine/moves/driven_torsion.h"
#include "engine/system/topology.h"
#include "tools/openmm_plugin/saltus_integrator.h"

namespace saltus::openmm_plugin {

/// What a SaltusIntegrator is told.
struct Settings {
  double temperature_K = 300.0;
  int seed = 0;
  std::vector<SaltusMove> moves;
  engine::Topology topology;
};

/// Numbers and words that each kind of move has; other members of a SaltusMove mean nothing to it.
struct MoveKind {
  const char* name;
  bool has_steps, has_friction, has_jitter, has_width, has_model, has_atoms;
  bool has_protocol;  ///< change, stiffness and timeStep
};

/// @throws InputError  naming all kinds, when there is none of that name
const MoveKind& kind_of(const std::string& name);

/// Of the names that SaltusMove::change has.
/// @throws InputError  naming all of them, when it is none
engine::TorsionChange torsion_change(const std::string& name);

/// @throws InputError  when the temperature is not positive and finite
void require_temperature(double temperature_K);
/// @throws InputError  naming kind and member that is out of range
void require_move(const SaltusMove& move);

/// @throws InputError  when the move is not driven, or trials of steps are none, too many, repeated
///                     or not positive
void require_trials(const SaltusMove& move, const std::vector<int>& steps, int n_trials);

/// A residue, an atom or a bond more.
/// @throws InputError  when an index is out of range, atoms of a residue do not follow each other,
///                     or a bond is of an atom with itself
void add_residue(engine::Topology& topology, const std::string& name, int number, int chain);
void add_atom(engine::Topology& topology, const std::string& name, int atomic_number, int residue);
void add_bond(engine::Topology& topology, int first, int second);

}  // namespace saltus::openmm_plugin
