#pragma once

#include <memory>
#include <string>

#include "engine/core/thread_pool.h"
#include "engine/potential/energy_function.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// A pool of as many threads as the deck wants; all cores when it says 0.
std::shared_ptr<engine::ThreadPool> make_thread_pool(std::size_t threads);

/// Largest periodic system that "auto" computes natively. Native energies are for many chains of
/// small boxes; their cost grows with the square of the number of atoms.
constexpr std::size_t kMaxNativeBoxAtoms = 300;

/// kNative or kOpenMM: what the deck says or, for kAuto, OpenMM for periodic systems of more than
/// kMaxNativeBoxAtoms atoms.
EnergyBackend backend_for(const EnergyDeck& deck, const engine::System& system);

/// The energy function [energy] asks for.
std::shared_ptr<const engine::DecomposableEnergy> make_energy(
    const EnergyDeck& deck, const engine::System& system, std::shared_ptr<engine::ThreadPool> pool);

/// OpenMM's energy of a molecule as a second opinion on the native one. Where the molecule comes
/// from a System XML file, OpenMM reads the file itself, so that our reader is checked with the
/// rest. Force-field XML, prmtop and SD files have no other reader in C++: there both energies are
/// of the System that Saltus made, and only its evaluation is checked.
/// @throws InputError  as OpenMMEnergy does
std::shared_ptr<const engine::DecomposableEnergy> make_second_opinion(const EnergyDeck& deck,
                                                                      const Molecule& molecule);

/// What the second opinion shares with the first, in words.
std::string describe_second_opinion(const Molecule& molecule);

/// Compares native energies with the second opinion on the Reference platform at the molecule's
/// positions.
/// @throws NumericalError  when they differ by more than 1e-6 of max(1, |U|)
void cross_check(const Molecule& molecule);

}  // namespace saltus::tools
