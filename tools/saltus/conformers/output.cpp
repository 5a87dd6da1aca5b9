#include "tools/saltus/conformers/output.h"

#include <exception>

#include "engine/core/error.h"

namespace saltus::tools {

std::optional<std::uint64_t> OutputStart::bytes() const {
  if (!mark) return std::nullopt;
  try {
    return std::stoull(*mark);
  } catch (const std::exception&) {
    throw engine::InputError("'" + *mark + "' is not a number of bytes");
  }
}

}  // namespace saltus::tools
