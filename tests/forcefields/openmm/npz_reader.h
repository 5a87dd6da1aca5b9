#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace saltus::tests {

/// One array of a NumPy file, whatever its number type, row-major.
struct NumpyArray {
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

/// Reads the arrays of an .npz file (little-endian f4, f8 and i8, C order, stored or deflated).
/// @throws std::runtime_error  when it is anything else
std::map<std::string, NumpyArray> read_npz(const std::string& path);

}  // namespace saltus::tests
