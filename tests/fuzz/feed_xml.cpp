#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/openmm/system_xml.h"
#include "tests/fuzz/feeding.h"

namespace saltus::fuzz {

void feed_force_field_xml(Bytes bytes) {
  const MemoryFile file(bytes);
  expect_result_or_error([&] { forcefields::ForceFieldXml::read({file.path()}, {}); });
}

void feed_system_xml(Bytes bytes) {
  const MemoryFile file(bytes);
  expect_result_or_error([&] { forcefields::read_system_xml(file.path()); });
}

}  // namespace saltus::fuzz
