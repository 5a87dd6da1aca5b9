#pragma once

#include <string>

namespace saltus::tests {

/// Releases of the libraries that this program is linked with, in their own words: "2022.09.3" and
/// "7.7" in Debian 12, "2025.03.1" and "8.1.2" in Debian 13.
std::string rdkit_version();
std::string openmm_version();

/// Whether release `version` is `first` or a later one: numbers between dots are compared, missing
/// ones count as 0.
/// @throws std::invalid_argument  when a part is no number
bool is_at_least(const std::string& version, const std::string& first);

/// What depends on RDKit's release: the value known for 2022.09 or that for 2025.03, whichever is
/// in use. Where these are bounds of a test, one may be wider: as that release builds molecules.
template <class T>
T by_rdkit(const T& of_2022_09, const T& of_2025_03) {
  return is_at_least(rdkit_version(), "2025.03") ? of_2025_03 : of_2022_09;
}

/// What depends on OpenMM's release: the value known for 7.7 or that for 8.1.
template <class T>
T by_openmm(const T& of_7_7, const T& of_8_1) {
  return is_at_least(openmm_version(), "8.1") ? of_8_1 : of_7_7;
}

}  // namespace saltus::tests
