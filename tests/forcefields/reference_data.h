#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "saltus_test_paths.h"

namespace saltus::tests {

/// Path of a file in tests/forcefields/data.
inline std::string data_path(const std::string& name) {
  return std::string(SALTUS_TEST_SOURCE_DIR) + "/tests/forcefields/data/" + name;
}

inline std::string read_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error(path + " cannot be opened");
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Numbers by key, from lines "key number number ...".
class ReferenceData {
 public:
  explicit ReferenceData(const std::string& path) : path_(path) {
    std::istringstream lines(read_text(path));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string key;
      words >> key;
      for (double value; words >> value;) values_[key].push_back(value);
    }
  }
  const std::vector<double>& operator[](const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) throw std::runtime_error(path_ + " has no " + key);
    return found->second;
  }
  bool has(const std::string& key) const { return values_.count(key) > 0; }

 private:
  std::string path_;
  std::map<std::string, std::vector<double>> values_;
};

/// `text` with its first `from` replaced; throws when there is none, so that no test of bad input
/// runs on good input by mistake.
inline std::string with_replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("\"" + from + "\" does not occur");
  return text.replace(at, from.size(), to);
}

/// Writes `text` to a file of that name in `folder`; returns its path.
inline std::string write_text(const std::string& folder, const std::string& name,
                              const std::string& text) {
  const std::string path = folder + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

/// Message of the ErrorType that `work` throws; a note when it throws none.
template <class ErrorType, class Work>
std::string message_of(Work&& work) {
  try {
    work();
  } catch (const ErrorType& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

}  // namespace saltus::tests
