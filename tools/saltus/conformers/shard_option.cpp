#include <cstdio>
#include <filesystem>

#include "engine/core/error.h"
#include "tools/saltus/conformers/option_list_detail.h"
#include "tools/saltus/conformers/options.h"

namespace saltus::tools {

using engine::UsageError;

std::optional<Shard> shard_of(const ParsedCommandLine& parsed) {
  const std::string output =
      parsed.has("output") ? parsed.values["output"].as<std::string>() : std::string();
  const bool is_shard_file = std::filesystem::path(output).extension() == ".shard";
  if (!parsed.has("shard")) {
    if (is_shard_file) throw UsageError("saltus conformers: -o " + output + " needs --shard i/n");
    return std::nullopt;
  }
  const auto given = parsed.values["shard"].as<std::string>();
  unsigned long index = 0, count = 0;
  int n_read = 0;
  constexpr unsigned long kMaxShards = 1'000'000;
  const bool digits = given.find_first_not_of("0123456789/") == std::string::npos;
  if (!digits || std::sscanf(given.c_str(), "%7lu/%7lu%n", &index, &count, &n_read) != 2 ||
      static_cast<std::size_t>(n_read) != given.size() || index < 1 || index > count ||
      count > kMaxShards)
    throw UsageError(
        "saltus conformers: --shard: expected i/n with i from 1 to n, such as 3/16, and n at most "
        "1000000, got '" +
        given + "'");
  if (!is_shard_file)
    throw UsageError(
        "saltus conformers: --shard needs -o NAME.shard, a file that 'saltus merge' makes the "
        "others of; got " +
        (output.empty() ? "none" : "'" + output + "'"));
  return Shard{index, count};
}

}  // namespace saltus::tools
