#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/potential/energy_function.h"
#include "engine/rigid/rigid_bodies.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/rigid_flow_deck.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// Rigid molecules that are sampled.
struct RigidSystem {
  Molecule molecule;
  std::shared_ptr<const engine::RigidBodies> bodies;
  std::shared_ptr<const engine::EnergyFunction> energy;
};

/// Samples that a training works with, [chains * samples, N, 3], nm, chain by chain, in the box of
/// the molecules.
struct EndSamples {
  engine::CoordinateBatch base;
  std::optional<engine::CoordinateBatch> target;  ///< where the training uses them
};

/// Samples of [base]: hybrid Monte Carlo of rigid molecules from the minimum of the energy that is
/// next to the coordinates (rigid_minimum). Half of the equilibration, then the
/// tuning of the time step, then the other half are discarded. Those of the target, if the training
/// uses them, follow in the same way from where the chains are: they are in the minima that cooling
/// led to, whose populations need not be those of equilibrium. The same deck gives the same
/// samples, whatever the number of threads.
/// @throws NumericalError  when there is no minimum, the time step cannot be tuned, or a chain
///                         falls apart
EndSamples sample_ends(const RigidFlowDeck& deck, const RigidSystem& system, Progress& progress);

/// What samples depend on, in words and digests: those of equal texts are equal.
std::string samples_description(const RigidFlowDeck& deck, const Molecule& molecule);

/// Writes samples as a safetensors file: positions and target_positions [chains, samples, N, 3],
/// nm, F64, and the description as metadata.
/// @throws FileError
void keep_samples(const std::filesystem::path& file, const EndSamples& samples,
                  const std::string& description, std::size_t n_chains);

/// Samples that were kept; none when there is no such file.
/// @throws InputError  when the file is of another description, or is damaged; says what to do
/// @throws FileError   when it cannot be read
std::optional<EndSamples> kept_samples(const std::filesystem::path& file,
                                       const std::string& description, const RigidFlowDeck& deck,
                                       const Molecule& molecule);

}  // namespace saltus::tools
