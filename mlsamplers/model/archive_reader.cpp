#include <sstream>

#include "mlsamplers/model/archive_reader_detail.h"
#include "mlsamplers/model/sealed_file.h"

namespace saltus::mlsamplers {

using engine::ModelError;

ArchiveReader::ArchiveReader(const std::string& path) : path_(path) {
  const std::string content = read_sealed(path);
  archive_.load_from(content.data(), content.size());
}

ArchiveReader::ArchiveReader(const std::string& name, const std::string& bytes) : path_(name) {
  const std::string content = unsealed(bytes, name);
  archive_.load_from(content.data(), content.size());
}

void ArchiveReader::damaged(const std::string& what) const {
  throw ModelError(path_ + ": the model file is damaged: " + what);
}

ModelCard ArchiveReader::card() {
  c10::IValue text;
  if (!archive_.try_read("card", text) || !text.isString())
    throw ModelError(path_ + ": this file holds no model card; it was not written by Saltus");
  ModelCard card = card_from_json(text.toStringRef(), path_);
  if (card.format != kModelFormat)
    throw ModelError(path_ + ": model format " + std::to_string(card.format) +
                     ", this Saltus reads format " + std::to_string(kModelFormat) +
                     "; train the model again");
  return card;
}

ModelCard ArchiveReader::card_of_kind(const std::string& kind) {
  ModelCard result = card();
  if (result.kind != kind)
    throw ModelError(path_ + ": a model of kind '" + result.kind + "', expected '" + kind + "'");
  return result;
}

torch::Tensor ArchiveReader::tensor(const std::string& name, torch::ScalarType type,
                                    std::int64_t columns) {
  torch::Tensor value;
  if (!archive_.try_read(name, value)) damaged("'" + name + "' is missing");
  if (value.scalar_type() != type ||
      (columns > 0 && (value.dim() != 2 || value.size(1) != columns)))
    damaged("'" + name + "' has the wrong type or shape");
  return value.contiguous();
}

std::vector<std::int64_t> ArchiveReader::integers(const std::string& name, std::int64_t columns) {
  const torch::Tensor value = tensor(name, torch::kInt64, columns);
  std::vector<std::int64_t> result(value.data_ptr<std::int64_t>(),
                                   value.data_ptr<std::int64_t>() + value.numel());
  for (std::int64_t entry : result)
    if (entry < 0) damaged("'" + name + "' has a negative index");
  return result;
}

std::vector<double> ArchiveReader::doubles(const std::string& name) {
  const torch::Tensor value = tensor(name, torch::kFloat64, 0);
  return {value.data_ptr<double>(), value.data_ptr<double>() + value.numel()};
}

std::int64_t ArchiveReader::size(const std::string& name) {
  const auto values = integers(name, 0);
  if (values.size() != 1 || values[0] < 1) damaged("'" + name + "' is not one positive number");
  return values[0];
}

void ArchiveReader::parameters(const std::string& prefix, torch::nn::Module& module) {
  torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    const std::string name = prefix + "." + item.key();
    const torch::Tensor value = tensor(name, item.value().scalar_type(), 0);
    if (value.sizes() != item.value().sizes() || !torch::isfinite(value).all().item<bool>())
      damaged("'" + name + "' has the wrong shape or is not finite");
    item.value().data().copy_(value);
  }
}

void write_parameters(const std::string& prefix, const torch::nn::Module& module,
                      torch::serialize::OutputArchive& archive) {
  for (const auto& item : module.named_parameters())
    archive.write(prefix + "." + item.key(), item.value().detach());
}

void write_model(const ModelCard& card, torch::serialize::OutputArchive& archive,
                 const std::string& path) {
  ModelCard written = card;
  written.format = kModelFormat;
  archive.write("card", c10::IValue(card_to_json(written)));
  std::ostringstream content;
  archive.save_to(content);
  write_sealed(path, content.str());
}

ModelCard read_model_card(const std::string& path) {
  return translated(path, [&] { return ArchiveReader(path).card(); });
}

}  // namespace saltus::mlsamplers
