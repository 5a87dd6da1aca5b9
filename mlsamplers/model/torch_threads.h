#pragma once

namespace saltus::mlsamplers {

/// From now on torch computes for the calling thread on this many threads. Does not use
/// torch::set_num_threads, which fails where /proc is not mounted.
void use_torch_threads(int n_threads);

/// On the calling thread alone: sums then do not depend on how many cores there are.
inline void use_one_torch_thread() { use_torch_threads(1); }

}  // namespace saltus::mlsamplers
