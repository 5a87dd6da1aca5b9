#include "mlsamplers/leap/leap_weights_file.h"
#include "mlsamplers/model/model_file.h"
#include "tests/fuzz/feeding.h"

namespace saltus::fuzz {

void feed_safetensors(Bytes bytes) {
  expect_result_or_error([&] { mlsamplers::ModelReader("model.safetensors", bytes); });
  expect_result_or_error([&] {
    mlsamplers::ModelReader reader("model.safetensors", bytes);
    mlsamplers::read_leap_weights(reader);
  });
}

}  // namespace saltus::fuzz
