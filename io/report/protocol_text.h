#pragma once

#include <string>
#include <vector>

#include "engine/run/protocol_choice.h"

namespace saltus::io {

/// Tables of what warm-up measured of the protocols of moves, HTML; "" without any.
std::string protocols_html(const std::vector<engine::ProtocolChoice>& choices);

}  // namespace saltus::io
