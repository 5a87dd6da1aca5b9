#pragma once

#include <cstring>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "mlsamplers/model/model_file.h"
#include "tests/mlsamplers/safetensors_text.h"
#include "tests/support/file_content.h"

namespace saltus::tests {

/// A model file whose tensors and texts can be changed; written again, it has a digest that fits.
class ModelEdit {
 public:
  explicit ModelEdit(const std::string& path) {
    text_ = content_of(path);
    content_ = mlsamplers::parse_safetensors(bytes_of_text(text_));
  }
  ModelEdit(const ModelEdit&) = delete;
  ModelEdit& operator=(const ModelEdit&) = delete;

  std::string& card() { return content_.metadata.at(mlsamplers::kCardName); }
  void remove(const std::string& name) { content_.arrays.erase(name); }
  /// The dtype has to be that of the values.
  template <class Value>
  void set(const std::string& name, const std::string& dtype, const mlsamplers::Shape& shape,
           const std::vector<Value>& values) {
    std::vector<unsigned char> bytes(values.size() * sizeof(Value));
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    values_.push_back(std::move(bytes));
    content_.arrays[name] = {dtype, shape, values_.back()};
  }
  /// So many equal numbers as the shape wants.
  template <class Value>
  void fill(const std::string& name, const std::string& dtype, const mlsamplers::Shape& shape,
            Value value) {
    std::size_t size = 1;
    for (std::uint64_t extent : shape) size *= static_cast<std::size_t>(extent);
    set(name, dtype, shape, std::vector<Value>(size, value));
  }
  /// Replaces one number of a tensor.
  template <class Value>
  void spoil(const std::string& name, std::size_t index, Value value) {
    const mlsamplers::SafetensorsArray array = content_.arrays.at(name);
    std::vector<Value> values(array.bytes.size() / sizeof(Value));
    std::memcpy(values.data(), array.bytes.data(), array.bytes.size());
    values.at(index) = value;
    set(name, array.dtype, array.shape, values);
  }
  void write(const std::string& path) {
    content_.metadata[mlsamplers::kDigestName] = mlsamplers::model_digest(content_);
    set_content(path, mlsamplers::safetensors_bytes(content_));
  }

 private:
  std::string text_;
  mlsamplers::SafetensorsContent content_;
  std::list<std::vector<unsigned char>> values_;
};

}  // namespace saltus::tests
