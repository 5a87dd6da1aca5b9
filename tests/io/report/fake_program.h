#pragma once

#include <filesystem>
#include <string>

#include "tests/support/temporary_folder.h"

namespace saltus::tests {

/// Writes an executable shell script into the folder; returns its path.
inline std::string fake_program(const TemporaryFolder& folder, const std::string& name,
                                const std::string& body) {
  const std::string path = folder.write(name, "#!/bin/sh\n" + body + "\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

}  // namespace saltus::tests
