#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "mlsamplers/model/model_card.h"

namespace saltus::mlsamplers {

/// Format of model files that this Saltus writes and reads.
inline constexpr int kModelFormat = 1;

/// Reads the tensors of a sealed LibTorch archive and turns everything that can be wrong with them
/// into ModelErrors that name the file and the entry.
class ArchiveReader {
 public:
  /// @throws FileError, ModelError  as read_sealed
  explicit ArchiveReader(const std::string& path);
  /// @param bytes  of a sealed file that has this name
  /// @throws ModelError  as unsealed
  ArchiveReader(const std::string& name, const std::string& bytes);

  const std::string& path() const { return path_; }
  /// @throws ModelError  when there is none, or it is of another format
  ModelCard card();
  /// The same, and of the kind wanted.
  ModelCard card_of_kind(const std::string& kind);
  /// @param columns  of a two-dimensional tensor; 0: any shape
  torch::Tensor tensor(const std::string& name, torch::ScalarType type, std::int64_t columns);
  /// None of them negative.
  std::vector<std::int64_t> integers(const std::string& name, std::int64_t columns);
  std::vector<double> doubles(const std::string& name);
  /// One positive number.
  std::int64_t size(const std::string& name);
  /// Fills a module's parameters from entries `prefix` + "." + name, which must have their shapes
  /// and be finite.
  void parameters(const std::string& prefix, torch::nn::Module& module);
  [[noreturn]] void damaged(const std::string& what) const;

 private:
  std::string path_;
  torch::serialize::InputArchive archive_;
};

/// Writes parameters as ArchiveReader::parameters reads them.
void write_parameters(const std::string& prefix, const torch::nn::Module& module,
                      torch::serialize::OutputArchive& archive);

/// Adds the card, seals and writes.
/// @throws FileError
void write_model(const ModelCard& card, torch::serialize::OutputArchive& archive,
                 const std::string& path);

/// Runs `read` and turns what torch throws at a damaged file into a ModelError.
template <class Read>
auto translated(const std::string& path, const Read& read) {
  try {
    return read();
  } catch (const engine::Error&) {
    throw;
  } catch (const std::exception&) {
    throw engine::ModelError(path + ": the model file is damaged: its tensors cannot be read");
  }
}

}  // namespace saltus::mlsamplers
