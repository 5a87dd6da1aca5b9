#pragma once

#include <torch/torch.h>

#include <string>

#include "mlsamplers/model/model_file.h"

namespace saltus::mlsamplers {

/// Copies tensors `prefix` + "." + name into a module's parameters, which must have their dtypes
/// and shapes and be finite. @throws ModelError
void read_parameters(ModelReader& reader, const std::string& prefix, torch::nn::Module& module);

/// Writes parameters as read_parameters reads them.
void write_parameters(const std::string& prefix, const torch::nn::Module& module,
                      ModelWriter& writer);

}  // namespace saltus::mlsamplers
