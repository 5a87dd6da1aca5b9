#include "mlsamplers/model/model_file.h"
#include "tests/fuzz/feeding.h"

namespace saltus::fuzz {

void feed_safetensors(Bytes bytes) {
  expect_result_or_error([&] { mlsamplers::ModelReader("model.safetensors", bytes); });
}

}  // namespace saltus::fuzz
