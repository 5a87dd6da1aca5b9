#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/diagnostics/ladder_free_energy.h"

namespace saltus::engine {

/// Below this overlap of neighbours free energies between them should not be trusted (see
/// work_overlap).
constexpr double kLowOverlap = 0.03;

/// What a run recorded of its ladders: level k of ladder l at frame t is number
/// (k * n_ladders + l) * n_frames + t.
struct LadderRecord {
  std::vector<double> temperatures_K;  ///< [K], ascending
  std::size_t n_ladders = 0, n_frames = 0;
  std::uint64_t steps_per_frame = 1;
  std::vector<double> energies;  ///< [K, n_ladders, n_frames], kJ/mol
  /// [K, n_ladders, n_frames], nm^3; empty at constant volume
  std::vector<double> volumes = {};
  double pressure = 0.0;  ///< kJ/mol/nm^3, with volumes
  /// [K, n_ladders, n_frames], of a map to the level above and below (LadderWork); or empty
  std::vector<double> works_to_next = {}, works_to_previous = {};
};

/// How much is made of a record.
struct LadderSummaryOptions {
  /// Most reduced potentials, of each level's samples at all levels, that MBAR works on: sets the
  /// time that it takes, some seconds with 100 draws.
  std::size_t most_potentials = 200000;
  BootstrapOptions bootstrap = {100, 0};
};

/// Energies of one level. Errors as in AutocorrelationTime.
struct LevelSummary {
  double temperature_K = 0.0;
  double mean_energy = 0.0, mean_energy_error = 0.0;  ///< potential energy, kJ/mol
  /// Variance of the energy, or at constant pressure of U + p V, over R T^2, kJ/mol/K: without
  /// what velocities add. NaN when it cannot be told.
  double heat_capacity = 0.0, heat_capacity_error = 0.0;
};

/// Free energies of the levels of a ladder, dimensionless: f_k = -log of the integral of
/// exp(-u_k) over configurations, u_k = beta_k U at constant volume and beta_k (U + p V) at
/// constant pressure, with respect to the measure of the run's density, the same at all levels.
/// What velocities add is not in it. f of the lowest temperature is set to 0.
struct FreeEnergySummary {
  std::string missing;  ///< why nothing is estimated: "chains have unequal weights"; or empty
  bool constant_pressure = false;
  std::vector<LevelSummary> levels;  ///< [K]

  /// Samples are the frames left when each is `steps_between_samples` from the next, which is no
  /// less than the longest statistical inefficiency (autocorrelation time) of the energies of all
  /// levels, and of works where all are finite.
  double inefficiency_steps = 0.0;
  std::uint64_t steps_between_samples = 0;
  std::uint64_t n_samples = 0;  ///< of each level
  /// Blocks, which errors are from, are whole ladders, or pieces of them in time.
  bool whole_ladders = false;
  std::uint64_t n_blocks = 0, block_size = 0, n_draws = 0;

  LadderFreeEnergies mbar;   ///< from energies alone; empty: see mbar_missing
  std::string mbar_missing;  ///< why not
  /// From energies alone, configurations taken as they are: w = u_(k+1) - u_k.
  LadderWorkEstimates plain;
  LadderWorkEstimates mapped;           ///< by the run's map; empty: none, or see mapped_missing
  std::string mapped_missing;           ///< why not, where there is a map
  std::uint64_t n_map_evaluations = 0;  ///< energies that were computed for works of the map

  /// "whole ladders", "pieces of ladders".
  std::string block_words() const { return whole_ladders ? "whole ladders" : "pieces of ladders"; }
};

/// Ladders fewer than this say too little about errors: pieces of them are drawn.
constexpr std::size_t kFewestBlocks = 8;

/// Nothing is thrown for what the estimators cannot do: the summary says why.
/// @throws InputError  when the record's arrays do not fit each other
FreeEnergySummary summarise_ladder(const LadderRecord& record,
                                   const LadderSummaryOptions& options = {});

/// Work without a map, [K, n] as in LadderWork: u_(k +- 1) - u_k of samples of level k; 0 at the
/// ends.
/// @param direction  1 to the next level, -1 to the previous one
std::vector<double> plain_works(const LadderRecord& record, int direction);

/// Sentences for RunSummary::warnings about neighbours with an overlap below kLowOverlap.
std::vector<std::string> free_energy_warnings(const FreeEnergySummary& summary);

}  // namespace saltus::engine
