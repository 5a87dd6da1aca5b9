#pragma once

#include <memory>

#include "engine/core/thread_pool.h"
#include "engine/potential/energy_function.h"
#include "tools/saltus/molecule.h"

namespace saltus::tools {

/// A pool of as many threads as the deck wants; all cores when it says 0.
std::shared_ptr<engine::ThreadPool> make_thread_pool(std::size_t threads);

/// The energy function [energy] asks for.
std::shared_ptr<const engine::DecomposableEnergy> make_energy(
    const EnergyDeck& deck, const engine::System& system, std::shared_ptr<engine::ThreadPool> pool);

/// Compares native energies with OpenMM's on the Reference platform at one configuration.
/// @throws NumericalError  when they differ by more than 1e-6 of max(1, |U|)
void cross_check(const engine::System& system, const std::vector<double>& positions);

}  // namespace saltus::tools
