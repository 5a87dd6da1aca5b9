#pragma once

#include <string>
#include <vector>

namespace saltus::tools {

/// Advice for an option that a command does not have: "did you mean '--num-confs'?". It names the
/// options that other programs call so, else the one with the nearest name (io::nearest_name).
/// @param given    as it was written, "--conformers" or "--conformers=10"
/// @param options  of the command, without dashes
/// @returns        empty when nothing is near
std::string option_advice(const std::string& given, const std::vector<std::string>& options);

}  // namespace saltus::tools
