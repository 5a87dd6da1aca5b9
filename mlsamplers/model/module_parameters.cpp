#include "engine/core/finite.h"
#include "mlsamplers/model/module_parameters_detail.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/core/error.h"

namespace saltus::mlsamplers {

namespace {

std::string dtype_of(const torch::Tensor& tensor) {
  if (tensor.scalar_type() == torch::kFloat64) return "F64";
  if (tensor.scalar_type() == torch::kFloat32) return "F32";
  throw engine::InternalError("a parameter is neither float32 nor float64");
}

Shape shape_of(const torch::Tensor& tensor) {
  return {tensor.sizes().begin(), tensor.sizes().end()};
}

template <class Value>
bool all_finite(const torch::Tensor& tensor) {
  return engine::all_finite(engine::Span<const Value>(tensor.data_ptr<Value>(),
                                                      static_cast<std::size_t>(tensor.numel())));
}

}  // namespace

void read_parameters(ModelReader& reader, const std::string& prefix, torch::nn::Module& module) {
  torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    const std::string name = prefix + "." + item.key();
    torch::Tensor& parameter = item.value();
    const auto bytes = reader.array(name, dtype_of(parameter), shape_of(parameter));
    if (!parameter.is_contiguous())
      throw engine::InternalError("the parameter " + name + " is not contiguous");
    if (!bytes.empty()) std::memcpy(parameter.data_ptr(), bytes.data(), bytes.size());
    const bool finite = parameter.scalar_type() == torch::kFloat64 ? all_finite<double>(parameter)
                                                                   : all_finite<float>(parameter);
    if (!finite) reader.damaged("'" + name + "' holds a value that is not finite");
  }
}

void write_parameters(const std::string& prefix, const torch::nn::Module& module,
                      ModelWriter& writer) {
  for (const auto& item : module.named_parameters()) {
    const torch::Tensor values = item.value().detach().contiguous();
    writer.add(prefix + "." + item.key(), dtype_of(values), shape_of(values), values.data_ptr());
  }
}

}  // namespace saltus::mlsamplers
