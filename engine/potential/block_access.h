#pragma once

namespace saltus::engine {

class LaneEvaluator;
class ThreadPool;

/// Arithmetic of an energy function that works in lanes.
enum class Precision {
  kDouble,  ///< everything in double
  /// Batches in double; in float only the forces that move chains many steps in lanes: exact, as
  /// energies decide there and forces only propose.
  kMixed,
  kSingle,  ///< both in float; for plain dynamics and comparisons, never for a Metropolis ratio
};

/// The way past the batches of an energy function to its blocks of chains (engine/lanes): who moves
/// chains many steps keeps them there. Valid as long as the energy function.
struct BlockAccess {
  const LaneEvaluator* evaluator = nullptr;
  Precision precision = Precision::kMixed;
  ThreadPool* pool = nullptr;  ///< null: everything on the calling thread
};

}  // namespace saltus::engine
