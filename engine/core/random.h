#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "engine/core/span.h"

namespace saltus::engine {

/// Every purpose random numbers are drawn for. Two purposes never share a stream: sharing one
/// between a proposal and its acceptance biases the chain invisibly (see tests/exactness).
enum class StreamName : std::uint16_t {
  kVelocities = 1,
  kLangevinNoise,
  kMomentumRefresh,
  kHamiltonianLength,
  kProposal,
  kProposalComponent,
  kAccept,
  kMixtureChoice,
  kExchangeAccept,
  kTorsionChoice,
  kTraining,
  kTrainingShuffle,
  kInitialState,
  kTest,
  kStereoChoice,
  kEmbedding,
  kTorsionSubset,
  kTryChoice,
  kNonequilibrium,
  kAnnealing,
  kResampling,
  kModelDropout,
  kPoolTorsions,
  kPoolChoice,
  kSolvation,
  kEnd,  ///< no stream: the numbers before it are the names; a new name goes just before it
};

/// Philox4x32-10, a counter-based generator: 128-bit counter and 64-bit key to 128 random bits.
/// Source: Salmon, Moraes, Dror, Shaw, SC11 (2011), doi:10.1145/2063384.2063405.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// Says which random numbers a move may use: a function of seed, step and the move's place in the
/// step only, so that restarts, thread counts and batch splits cannot change a result.
struct StepKey {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;  ///< < 2^48
  /// How often this move ran in this step before: what moves that alternate go by. Random numbers
  /// do not depend on it (repeated moves have seeds of their own).
  std::uint32_t repeat = 0;

  /// Key of the i-th part of a composite move; parts of parts get keys of their own.
  StepKey child(std::uint32_t index) const;
};

/// Where a stream of random numbers begins: its n-th 128 bits are Philox of this counter with n as
/// its first word.
struct StreamStart {
  std::array<std::uint32_t, 4> counter;
  std::array<std::uint32_t, 2> key;
};
StreamStart stream_start(const StepKey& key, StreamName name, std::uint32_t chain);

/// Independent random numbers for one (key, purpose, chain).
class RandomStream {
 public:
  RandomStream(const StepKey& key, StreamName name, std::uint32_t chain);

  std::uint64_t bits();
  /// Uniform in the open interval (0, 1), multiples of 2^-52 shifted by half a step.
  double uniform();
  /// Standard normal (Box-Muller).
  double normal();
  /// Uniform integer in [0, n), without modulo bias; n > 0.
  std::uint64_t below(std::uint64_t n);

 private:
  void refill();

  StreamStart next_bits_;
  std::array<std::uint32_t, 4> buffer_{};
  int next_ = 4;
  bool has_spare_ = false;
  double spare_ = 0.0;
};

/// Puts values in random order, all orders being equally likely (Fisher-Yates).
template <class T>
void shuffle(Span<T> values, RandomStream& stream) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[stream.below(i)]);
}

}  // namespace saltus::engine
