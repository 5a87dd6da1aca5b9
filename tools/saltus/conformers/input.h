#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forcefields/chem/molecule_reader.h"
#include "io/files/text_input.h"
#include "io/formats/molecule_lines.h"
#include "tools/saltus/conformers/record_digest.h"

namespace saltus::tools {

/// One of several runs that share the records of an input: record k is worked on by the run of
/// index (k - 1) mod count + 1, so that neighbours in lists, which are often alike, are shared out
/// evenly.
struct Shard {
  std::size_t index = 1, count = 1;
  bool has(std::size_t record) const { return (record - 1) % count + 1 == index; }
};

/// How to read the inputs.
struct ConformerInputOptions {
  std::string format;  ///< "smi", "csv", "tsv" or "sdf"; empty: by the name of each file
  io::MoleculeListOptions lists;
  bool use_input_3d = false;   ///< whether records must have coordinates of all atoms
  bool needs_charges = false;  ///< whether they must be of SD files, which may have charges
  std::optional<Shard> shard;  ///< which records count; none: all
};

/// The records of several files, one after the other; "-" is standard input.
class ConformerInputs {
 public:
  /// @param stop         see io::TextInput
  /// @throws UsageError  when a file's name does not tell its format, coordinates or charges are
  ///                     asked for of a list, columns where no file has any
  /// @throws InputError  when one is recognisably of another kind, such as a PDB file
  /// @throws FileError   when one cannot be opened
  ConformerInputs(const std::vector<std::string>& paths, const ConformerInputOptions& options,
                  std::function<bool()> stop = {});

  /// The next record (of the shard), numbered from 1 among all; nothing at the end.
  /// @throws FileError, InputError  when a file cannot be read on
  std::optional<ConformerRecord> next();

  /// Records read so far, and, of shards, their fingerprint: those of other shards included.
  std::size_t n_records() const { return n_records_; }
  const std::string& digest() const { return digest_.text(); }

 private:
  std::optional<ConformerRecord> next_of_all();
  void open(std::size_t file);
  std::optional<ConformerRecord> next_line();
  std::optional<ConformerRecord> next_sdf();
  /// How much of all inputs the records up to now are, 0 to 1; 0 where unknown.
  double fraction() const;

  std::vector<std::string> paths_;
  ConformerInputOptions options_;
  std::function<bool()> stop_;
  std::size_t file_ = 0, n_records_ = 0;
  RecordDigest digest_;
  std::unique_ptr<io::TextInput> input_;
  std::unique_ptr<io::MoleculeListReader> lines_;
  std::unique_ptr<forcefields::SdfReader> sdf_;
};

}  // namespace saltus::tools
