#include "mlsamplers/model/sealed_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "mlsamplers/model/fnv1a.h"

namespace saltus::mlsamplers {

using engine::FileError;
using engine::ModelError;

namespace {

std::string seal_of(const std::string& content) {
  Fnv1a hash;
  hash.add(content.data(), content.size());
  return "\nsaltus model " + hash.hex() + "\n";
}

}  // namespace

void write_sealed(const std::string& path, const std::string& content) {
  const std::string partial = path + ".partial";
  engine::refuse_special_file(path);
  engine::refuse_special_file(partial);
  std::ofstream stream(partial, std::ios::binary);
  stream << content << seal_of(content);
  stream.close();
  if (!stream) {
    std::remove(partial.c_str());
    throw FileError(path +
                    ": cannot write the model file; is the directory there and writable, "
                    "and the disk not full?");
  }
  if (std::rename(partial.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    std::remove(partial.c_str());
    throw FileError(path + ": cannot rename the finished model file: " + why);
  }
}

std::string read_sealed(const std::string& path) {
  engine::refuse_special_file(path);
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw FileError(path + ": cannot open the model file: " + std::strerror(errno));
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return unsealed(bytes.str(), path);
}

std::string unsealed(std::string content, const std::string& path) {
  // The seal's length and first words are always the same.
  const std::string pattern = seal_of("");
  const std::size_t n_words = pattern.find_last_of(' ') + 1;
  const std::size_t end =
      content.size() < pattern.size() ? std::string::npos : content.size() - pattern.size();
  if (end == std::string::npos || content.compare(end, n_words, pattern, 0, n_words) != 0)
    throw ModelError(path +
                     ": this is not a model file of Saltus, or it is cut short; make one "
                     "with saltus train");
  const std::string seal = content.substr(end);
  content.resize(end);
  if (seal != seal_of(content))
    throw ModelError(path +
                     ": the model file is damaged: its checksum does not fit; copy it again, or "
                     "make a new one with saltus train");
  return content;
}

}  // namespace saltus::mlsamplers
