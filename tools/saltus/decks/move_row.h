#pragma once

#include <any>
#include <memory>

#include "engine/core/units.h"
#include "engine/moves/hamiltonian.h"
#include "engine/rigid/rigid_bodies.h"
#include "tools/saltus/decks/move_kind.h"

namespace saltus::tools {

using MovePointer = std::shared_ptr<const engine::Move>;
using ProposalPointer = std::shared_ptr<const engine::Proposal>;

/// Limits of tuned steps. A turn by more than pi is a shorter one, and nothing moves sensibly by
/// more than 10 fs or 1 nm at once, nor a box to e times its volume; the smallest steps are a
/// hundredth of a femtosecond, a millionth of a nanometre, of a radian or of ln V (the volume of a
/// million molecules of water fluctuates by a hundred times that).
inline constexpr double kMaxTimeStep_ps = 0.01, kMinTimeStep_ps = 1e-5;
inline constexpr double kMaxLength_nm = 1.0, kMinLength_nm = 1e-6;
inline constexpr double kMaxTurn_rad = engine::kPi, kMinTurn_rad = 1e-6;
inline constexpr double kMaxLogVolume = 1.0, kMinLogVolume = 1e-6;

/// A row with what people read; see MoveKind.
MoveKind row(const char* name, const char* description, const char* words);

/// What Proposal::requirements says.
engine::MoveRequirements of_proposals();

/// A tuned step that is a member of the options: `step` with the member's default as its initial
/// value and with access to the member of a move's options.
/// @throws std::bad_any_cast  from TunedStep::of, for options of another type
template <class Options>
TunedStep step_in(double Options::*member, TunedStep step) {
  step.initial = Options{}.*member;
  step.of = [member](std::any& options) -> double& {
    return std::any_cast<Options&>(options).*member;
  };
  return step;
}

/// The rigid bodies that everything is made of, at the positions that were read.
/// @throws InputError  when something is not rigid
std::shared_ptr<const engine::RigidBodies> bodies_of(const MoveIngredients& from);

/// Reads time step, number and jitter of steps of trajectories.
engine::HamiltonianOptions read_trajectories(io::DeckTable& table, const char* time_step);

}  // namespace saltus::tools
