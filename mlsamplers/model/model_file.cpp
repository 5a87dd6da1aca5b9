#include "mlsamplers/model/model_file.h"

#include <cstring>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "mlsamplers/model/model_bytes.h"
#include "mlsamplers/model/printable.h"

// Tensors are copied to and from files as they stand in memory.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "model files are little-endian");

namespace saltus::mlsamplers {

using engine::ModelError;

namespace {

template <class Value>
std::vector<Value> values_of(engine::Span<const unsigned char> bytes) {
  std::vector<Value> values(bytes.size() / sizeof(Value));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::uint64_t rows_of(std::size_t n_values, std::uint64_t columns) {
  return columns > 0 ? n_values / columns : 0;
}

}  // namespace

std::string model_digest(const SafetensorsContent& content) {
  engine::Fnv1a hash;
  const auto add_text = [&hash](const std::string& text) {
    hash.add(text.c_str(), text.size() + 1);
  };
  const auto card = content.metadata.find(kCardName);
  add_text(card == content.metadata.end() ? "" : card->second);
  for (const auto& [name, array] : content.arrays) {
    add_text(name + " " + describe_array(array.dtype, array.shape));
    hash.add(array.bytes.data(), array.bytes.size());
  }
  return hash.hex();
}

ModelReader::ModelReader(const std::string& path) : path_(path), bytes_(read_model_bytes(path)) {
  parse(bytes_);
}

ModelReader::ModelReader(const std::string& name, engine::Span<const unsigned char> bytes)
    : path_(name) {
  parse(bytes);
}

void ModelReader::parse(engine::Span<const unsigned char> bytes) {
  try {
    content_ = parse_safetensors(bytes);
  } catch (const SafetensorsError& error) {
    refuse_foreign_bytes(path_, bytes, error);
  }
  const auto card = content_.metadata.find(kCardName);
  if (card == content_.metadata.end())
    throw ModelError(path_ + ": this file holds no model card; it was not written by Saltus");
  const auto digest = content_.metadata.find(kDigestName);
  if (digest == content_.metadata.end()) damaged("it has no digest");
  if (digest->second != model_digest(content_))
    damaged("its checksum does not fit; copy it again, or make a new one with saltus train");
  card_ = card_from_json(card->second, path_);
  if (card_.format != kModelFormat)
    throw ModelError(path_ + ": model format " + std::to_string(card_.format) +
                     ", this Saltus reads format " + std::to_string(kModelFormat) +
                     "; train the model again");
}

void ModelReader::damaged(const std::string& what) const {
  throw ModelError(path_ + ": the model file is damaged: " + what);
}

void ModelReader::require_kind(const std::string& kind) const {
  if (card_.kind == kind) return;
  throw ModelError(path_ + ": a model of kind '" + printable(card_.kind) + "', expected '" + kind +
                   "'");
}

const SafetensorsArray& ModelReader::find(const std::string& name) {
  const auto found = content_.arrays.find(name);
  if (found == content_.arrays.end()) damaged("'" + name + "' is missing");
  used_.insert(name);
  return found->second;
}

void ModelReader::unexpected(const std::string& name, const std::string& expected) const {
  const SafetensorsArray& array = content_.arrays.at(name);
  damaged("'" + name + "' is " + describe_array(array.dtype, array.shape) + ", expected " +
          expected);
}

engine::Span<const unsigned char> ModelReader::array(const std::string& name,
                                                     const std::string& dtype, const Shape& shape) {
  const SafetensorsArray& found = find(name);
  if (found.dtype != dtype || found.shape != shape) unexpected(name, describe_array(dtype, shape));
  return found.bytes;
}

std::vector<std::int64_t> ModelReader::integers(const std::string& name, std::uint64_t columns) {
  const SafetensorsArray& found = find(name);
  const bool fits = columns == 0 || (found.shape.size() == 2 && found.shape[1] == columns);
  if (found.dtype != "I64" || !fits)
    unexpected(name, columns == 0 ? "I64" : "I64 [any, " + std::to_string(columns) + "]");
  std::vector<std::int64_t> result = values_of<std::int64_t>(found.bytes);
  for (std::int64_t entry : result)
    if (entry < 0) damaged("'" + name + "' has a negative index");
  return result;
}

std::vector<double> ModelReader::doubles(const std::string& name) {
  const SafetensorsArray& found = find(name);
  if (found.dtype != "F64") unexpected(name, "F64");
  return values_of<double>(found.bytes);
}

std::int64_t ModelReader::size(const std::string& name, std::int64_t max_size) {
  const auto values = integers(name, 0);
  if (values.size() != 1 || values[0] < 1) damaged("'" + name + "' is not one positive number");
  if (values[0] > max_size)
    damaged("'" + name + "' is " + std::to_string(values[0]) + ", at most " +
            std::to_string(max_size) + " are possible");
  return values[0];
}

void ModelReader::require_all_used() const {
  for (const auto& [name, array] : content_.arrays)
    if (used_.count(name) == 0)
      damaged("it holds the tensor '" + printable(name, 80) + "', which no such model has");
}

void ModelWriter::add(const std::string& name, const std::string& dtype, const Shape& shape,
                      const void* values) {
  std::size_t size = dtype_bytes(dtype);
  for (std::uint64_t extent : shape) size *= static_cast<std::size_t>(extent);
  const auto* first = static_cast<const unsigned char*>(values);
  values_.emplace_back(first, first + size);
  content_.arrays[name] = {dtype, shape, values_.back()};
}

void ModelWriter::add(const std::string& name, const std::vector<std::int64_t>& values,
                      std::uint64_t columns) {
  add(name, "I64", {rows_of(values.size(), columns), columns}, values.data());
}

void ModelWriter::add(const std::string& name, const std::vector<double>& values,
                      std::uint64_t columns) {
  add(name, "F64", {rows_of(values.size(), columns), columns}, values.data());
}

void ModelWriter::write(const ModelCard& card, const std::string& path) {
  ModelCard written = card;
  written.format = kModelFormat;
  content_.metadata[kCardName] = card_to_json(written);
  content_.metadata[kDigestName] = model_digest(content_);
  write_model_bytes(path, safetensors_bytes(content_));
}

ModelCard read_model_card(const std::string& path) { return ModelReader(path).card(); }

}  // namespace saltus::mlsamplers
