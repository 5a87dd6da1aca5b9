#pragma once

namespace saltus::engine {

class LaneEvaluator;
class ThreadPool;

/// Arithmetic of an energy function that works in lanes.
enum class Precision {
  kDouble,  ///< energies and forces in double
  /// Energies in double, forces in float: exact wherever energies decide and forces only propose.
  kMixed,
  kSingle,  ///< both in float; for plain dynamics and comparisons, never for a Metropolis ratio
};

/// The way past the batches of an energy function to its blocks of chains (engine/lanes): who moves
/// chains many steps keeps them there. Valid as long as the energy function.
struct LaneAccess {
  const LaneEvaluator* evaluator = nullptr;
  Precision precision = Precision::kMixed;
  ThreadPool* pool = nullptr;  ///< null: everything on the calling thread
};

}  // namespace saltus::engine
