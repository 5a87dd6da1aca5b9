#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tools/saltus/decks/run_deck.h"

/// What a run takes of the machine, found out before anything is allocated or written.
namespace saltus::tools {

/// "1.5 GB", "23 MB": powers of ten, two digits.
std::string bytes_text(double bytes);

/// Refuses chains and pilots that do not fit into the memory of the machine.
/// @param memory_bytes  of the machine; 0: as it says itself
/// @throws InputError  "chains.count: 1000000000 chains of 22 atoms take about 5300 GB of memory,
///                     but this machine has 16 GB; ..."
void require_memory(const RunDeck& deck, std::size_t n_atoms, double memory_bytes = 0.0);

/// A sentence when the trajectory may not fit onto the disk; empty when it does.
/// @param n_steps       that are still to come
/// @param n_atoms       of the molecule
/// @param free_bytes    of the disk it goes to
std::string disk_warning(const RunDeck& deck, std::uint64_t n_steps, std::size_t n_atoms,
                         double free_bytes);

}  // namespace saltus::tools
