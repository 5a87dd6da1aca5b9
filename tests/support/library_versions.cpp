#include "tests/support/library_versions.h"

#include <OpenMM.h>
#include <RDGeneral/versions.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace saltus::tests {

namespace {

std::vector<int> numbers_of(const std::string& version) {
  std::vector<int> numbers;
  std::istringstream parts(version);
  for (std::string part; std::getline(parts, part, '.');) numbers.push_back(std::stoi(part));
  return numbers;
}

}  // namespace

std::string rdkit_version() { return RDKit::rdkitVersion; }
std::string openmm_version() { return OpenMM::Platform::getOpenMMVersion(); }

bool is_at_least(const std::string& version, const std::string& first) {
  std::vector<int> have = numbers_of(version), want = numbers_of(first);
  const std::size_t n = std::max(have.size(), want.size());
  have.resize(n);
  want.resize(n);
  return have >= want;
}

}  // namespace saltus::tests
