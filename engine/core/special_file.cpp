#include "engine/core/special_file.h"

#include <system_error>

#include "engine/core/error.h"

namespace saltus::engine {

std::string special_file(const std::filesystem::path& path) {
  std::error_code ignored;
  switch (std::filesystem::status(path, ignored).type()) {
    case std::filesystem::file_type::fifo:
      // Those of shells, <(command), have names there only.
      return path.string().rfind("/dev/", 0) == 0 ? "a pipe" : "a named pipe (FIFO)";
    case std::filesystem::file_type::socket:
      return "a socket";
    case std::filesystem::file_type::character:
    case std::filesystem::file_type::block:
      return "a device";
    default:
      return "";
  }
}

void refuse_special_file(const std::filesystem::path& path) {
  const std::string kind = special_file(path);
  if (!kind.empty()) throw FileError(path.string() + ": is " + kind + ", expected a regular file");
}

}  // namespace saltus::engine
