#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/saltus/conformers/options.h"
#include "tools/saltus/conformers/shard_file.h"

namespace saltus::tools {

/// Shard files of one run, as one list of records with their outcomes.
class MergedShards {
 public:
  /// @param incomplete  whether shards may be missing or have stopped before their end
  /// @throws FileError   when a file cannot be read
  /// @throws InputError  when one is no shard file, is damaged or was written by another version of
  ///                     the program; when shards are of different options or inputs, or are given
  ///                     twice; when one is missing or not at its end, unless that is allowed
  MergedShards(const std::vector<std::string>& paths, bool incomplete);

  /// The first one's.
  const ShardHead& head() const { return shards_.front().head(); }
  /// What is not there: "shard 2 of 4 is missing; 'c.shard' (shard 3) stops after record 7"; empty
  /// when all is.
  const std::string& lacks() const { return lacks_; }
  double seconds() const;

  /// The next record in the order of the input; nothing at the end.
  std::optional<ConformerRecord> next();

 private:
  void check_that_they_belong_together() const;
  void check_inputs() const;
  std::string find_what_lacks() const;

  std::vector<ShardFile> shards_;
  std::size_t n_records_ = 0;  ///< of the input; 0: not known
  std::string lacks_;
};

/// What `saltus merge` was asked to do.
struct MergeRequest {
  std::vector<std::string> shards;
  bool incomplete = false;
  std::string output, split, split_format, report, failed, html;  ///< may be empty
  bool overwrite = false, strict = false, json = false, quiet = false;
  std::string command_line;
};

/// Nothing when --help was asked for, which is then printed.
/// @throws UsageError
std::optional<MergeRequest> parse_merge_request(const std::vector<std::string>& arguments);

/// The run that writes the merged files: settings of the shards, files of the merge.
ConformerRequest merged_run(const MergeRequest& merge, const MergedShards& shards);

}  // namespace saltus::tools
