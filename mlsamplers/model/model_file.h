#pragma once

#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <vector>

#include "mlsamplers/model/model_card.h"
#include "mlsamplers/model/safetensors_file.h"

namespace saltus::mlsamplers {

/// Format of the card and tensors of model files that this Saltus writes and reads.
inline constexpr int kModelFormat = 1;
/// Largest model file that is read.
inline constexpr std::uint64_t kMaxModelBytes = std::uint64_t{1} << 30;

/// Names in the metadata of a model file: the model card, and a digest of the card and all tensors
/// that finds damage (anybody can make a fitting one: it is no barrier).
inline constexpr const char *kCardName = "card", *kDigestName = "digest";

using Shape = std::vector<std::uint64_t>;

/// Digest (FNV-1a, 64 bits, 16 hexadecimal digits) of: the card and a zero byte; then for each
/// tensor, by ascending name, "name dtype [extent, extent]", a zero byte and its bytes.
std::string model_digest(const SafetensorsContent& content);

/// Whether a file seems to be a model, by its first bytes: of this format or of one that is no
/// longer read. False when it cannot be read.
bool looks_like_model(const std::string& path);

/// A model file, read and checked; everything that can be wrong with it is a ModelError that names
/// the file and the tensor. Nothing in a model file is ever executed: it is numbers and text.
class ModelReader {
 public:
  /// @throws FileError   when the file cannot be opened or read
  /// @throws ModelError  when it is no regular file, no safetensors file, larger than
  ///                     kMaxModelBytes, without a card, of another format, or damaged
  explicit ModelReader(const std::string& path);
  /// The same of the bytes of a file of this name; they must outlive the reader.
  /// @throws ModelError
  ModelReader(const std::string& name, engine::Span<const unsigned char> bytes);
  ModelReader(const ModelReader&) = delete;
  ModelReader& operator=(const ModelReader&) = delete;

  const std::string& path() const { return path_; }
  const ModelCard& card() const { return card_; }
  /// @throws ModelError  when the model is of another kind
  void require_kind(const std::string& kind) const;

  /// Whether there is a tensor of that name, for parts that not every model has.
  bool has(const std::string& name) const { return content_.arrays.count(name) > 0; }
  /// The bytes of a tensor that has this dtype and shape.
  engine::Span<const unsigned char> array(const std::string& name, const std::string& dtype,
                                          const Shape& shape);
  /// Whole numbers, none of them negative: I64 [any, columns], or of any shape with columns = 0.
  std::vector<std::int64_t> integers(const std::string& name, std::uint64_t columns);
  /// F64 of any shape.
  std::vector<double> doubles(const std::string& name);
  /// One number, I64, 1 to `max_size`.
  std::int64_t size(const std::string& name, std::int64_t max_size);
  /// @throws ModelError  when a tensor is there that nothing asked for
  void require_all_used() const;
  [[noreturn]] void damaged(const std::string& what) const;

 private:
  void parse(engine::Span<const unsigned char> bytes);
  const SafetensorsArray& find(const std::string& name);
  [[noreturn]] void unexpected(const std::string& name, const std::string& expected) const;

  std::string path_;
  std::vector<unsigned char> bytes_;
  SafetensorsContent content_;
  ModelCard card_;
  std::set<std::string> used_;
};

/// Collects the tensors of a model file.
class ModelWriter {
 public:
  /// @param dtype  that of the values: F64, F32 or I64
  void add(const std::string& name, const std::string& dtype, const Shape& shape,
           const void* values);
  /// I64 and F64 tables, the rows being as many as there are values.
  void add(const std::string& name, const std::vector<std::int64_t>& values, std::uint64_t columns);
  void add(const std::string& name, const std::vector<double>& values, std::uint64_t columns);
  /// One number, I64 of shape [].
  void add_size(const std::string& name, std::int64_t value) { add(name, "I64", {}, &value); }
  /// Adds card and digest and writes the file under a temporary name, syncs and renames it: there
  /// is the old file or the new one, whole, even when the power fails.
  /// @throws FileError
  void write(const ModelCard& card, const std::string& path);

 private:
  SafetensorsContent content_;
  std::list<std::vector<unsigned char>> values_;
};

}  // namespace saltus::mlsamplers
