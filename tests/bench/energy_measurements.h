#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/bench_systems.h"
#include "tests/bench/measurement.h"

namespace saltus::tests {

/// A way to compute energies and forces, and its name for tables.
struct Way {
  std::string key, title;
};

/// Ways of Saltus: blocks of chains as they are moved ("lanes", float), then batches of rows
/// [B, N, 3] in float, mixed and double precision, then one chain at a time in plain double.
const std::vector<Way>& saltus_ways();

/// Ways of other programs: OpenMM on two platforms, one thread; RDKit (MMFF94 only).
const std::vector<Way>& other_ways();

/// "energy/<system>/<way>".
std::string energy_name(const BenchSystem& system, const Way& way);

/// Energy and forces of every system every way, CPU time of one thread; a unit is a chain.
std::vector<Measurement> energy_measurements(
    const std::vector<std::shared_ptr<const BenchSystem>>& systems);

/// Sees to it that all ways compute the same: the energies of the first configuration may differ
/// from PlainEnergy's by no more than float arithmetic explains.
/// @throws NumericalError  naming system and way
void require_agreement(const std::vector<std::shared_ptr<const BenchSystem>>& systems);

/// Numbers of chains in "batch/<chains>": NativeEnergy, mixed precision, on the small solvated
/// system.
const std::vector<std::size_t>& batch_sizes();
std::string batch_name(std::size_t n_chains);
std::vector<Measurement> batch_measurements(std::shared_ptr<const BenchSystem> system);

/// Batches in "threads/<chains>/<threads>", wall time, with one and two threads.
const std::vector<std::size_t>& threaded_batch_sizes();
std::string threads_name(std::size_t n_chains, std::size_t n_threads);
std::vector<Measurement> thread_measurements(std::shared_ptr<const BenchSystem> system);

}  // namespace saltus::tests
