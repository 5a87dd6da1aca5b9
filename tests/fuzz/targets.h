#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/span.h"

namespace saltus::fuzz {

using Bytes = engine::Span<const std::uint8_t>;

/// Reads bytes as a kind of file. Whatever they are, the reader gives a result or one of our own
/// errors with a message; anything else (a crash, a foreign exception, an error without a text)
/// ends the process.
/// @throws nothing
void feed_pdb(Bytes bytes);
void feed_force_field_xml(Bytes bytes);
void feed_prmtop(Bytes bytes);
void feed_inpcrd(Bytes bytes);
void feed_system_xml(Bytes bytes);
void feed_sdf(Bytes bytes);
void feed_smiles(Bytes bytes);
void feed_csv(Bytes bytes);
void feed_deck(Bytes bytes);
void feed_trajectory(Bytes bytes);
void feed_checkpoint(Bytes bytes);
void feed_conformers(Bytes bytes);
void feed_safetensors(Bytes bytes);

/// One of the above.
struct Target {
  const char* name;  ///< of its folder in tests/fuzz/corpus: "pdb"
  void (*feed)(Bytes);
};

/// All of them.
std::vector<Target> all_targets();

}  // namespace saltus::fuzz
