#pragma once

#include <string>
#include <vector>

namespace saltus::engine {

/// Names of the instruction sets that this processor and this program both have, best first:
/// "AVX3" (AVX-512), "AVX2", "SSE4", "SCALAR" and the like.
std::vector<std::string> available_instruction_sets();

/// Makes terms of blocks created from now on use the best available set, unless one has been chosen
/// already. Must be called before a term takes its functions: chosen later, they would look again
/// at every call.
void choose_instruction_set();

/// Makes terms created from now on use this set; for tests and comparisons.
/// @throws InputError  when it is not available
void choose_instruction_set(const std::string& name);

/// Name of the set in use.
std::string chosen_instruction_set();

}  // namespace saltus::engine
