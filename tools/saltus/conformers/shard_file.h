#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/files/text_output.h"
#include "tools/saltus/conformers/input.h"
#include "tools/saltus/conformers/output.h"

namespace saltus::tools {

/// What a shard file begins with: which part of which run it is.
struct ShardHead {
  Shard shard;
  std::string program;                         ///< "saltus 0.1.0 (1a2b3c)"
  std::vector<std::string> arguments;          ///< of `saltus conformers`
  std::map<std::string, std::string> options;  ///< all that decide about results, with values
};

/// What a shard file ends with, once its run has come to its end.
struct ShardEnd {
  std::size_t n_records = 0;  ///< of the whole input
  std::string digest;         ///< of the whole input
  double seconds = 0.0;       ///< that the run took
};

/// Keeps all that came of the records of a shard, so that merging shards writes what a single run
/// would have written. Blocks one after the other: size (8 bytes), kind, content, checksum.
class ShardOutput final : public ConformerOutput {
 public:
  /// @param inputs   of the run, read to their end when all is done
  /// @param seconds  that the run has taken so far; outlives this object
  /// @throws FileError  as TextOutput
  ShardOutput(const std::filesystem::path& path, const OutputStart& start, const ShardHead& head,
              std::shared_ptr<const ConformerInputs> inputs, const double& seconds);
  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override;
  std::string mark() override { return std::to_string(file_.mark()); }
  void commit(bool complete) override;

 private:
  io::TextOutput file_;
  std::shared_ptr<const ConformerInputs> inputs_;
  const double& seconds_;
};

/// Reads a shard file. Opens it for each block: there may be more shards than a process may have
/// open files.
class ShardFile {
 public:
  /// @throws FileError   when it cannot be read
  /// @throws InputError  when it is no shard file, or a block of it is damaged
  explicit ShardFile(const std::string& path);

  const std::string& path() const { return path_; }
  const ShardHead& head() const { return head_; }
  /// Nothing when its run has not come to its end.
  const std::optional<ShardEnd>& end() const { return end_; }

  /// Number of the record that comes next; nothing at the end.
  std::optional<std::size_t> next_number() const;
  /// @throws FileError, InputError  when the file was changed since it was opened
  ConformerRecord next();

 private:
  struct Place {
    std::uint64_t at = 0;
    std::size_t number = 0;
  };
  void survey();

  std::string path_;
  ShardHead head_;
  std::optional<ShardEnd> end_;
  std::vector<Place> records_;
  std::size_t n_read_ = 0;
};

}  // namespace saltus::tools
