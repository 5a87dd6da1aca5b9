#pragma once

#include <string>

#include "tools/saltus/conformers/record.h"

namespace saltus::tools {

/// Fingerprint of the records of an input, each by its place, name and text, or, of SD files,
/// elements and coordinates.
class RecordDigest {
 public:
  void add(const ConformerRecord& record);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace saltus::tools
