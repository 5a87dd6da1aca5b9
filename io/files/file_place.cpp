#include "io/files/file_place.h"

#include <unistd.h>

#include <charconv>
#include <system_error>

#include "engine/core/error.h"
#include "engine/core/special_file.h"

namespace saltus::io {

namespace fs = std::filesystem;
using engine::FileError;

void require_file_place(const fs::path& path) {
  const std::string what = "cannot write '" + path.string() + "': it is ";
  const std::string kind = engine::special_file(path);
  if (!kind.empty())
    throw FileError(what + kind + ", expected the name of a regular file" +
                    (descriptor_behind(path.string()) == STDOUT_FILENO
                         ? "; standard output is called \"-\" where it can be written to"
                         : ""));
  std::error_code broken, ignored;
  if (!fs::is_symlink(fs::symlink_status(path, ignored)) || fs::exists(fs::status(path, broken)))
    return;
  if (broken == std::errc::too_many_symbolic_link_levels)
    throw FileError(what + "a symbolic link that leads back to itself; remove it");
  throw FileError(what + "a symbolic link to '" + fs::read_symlink(path, ignored).string() +
                  "', which does not exist; remove the link, or make what it leads to");
}

fs::path behind_links(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
  const fs::path target = fs::canonical(path, error);
  return error ? path : target;
}

void refuse_to_replace_input(const fs::path& output, const std::vector<fs::path>& inputs) {
  std::error_code ignored;
  for (const fs::path& input : inputs)
    if (fs::equivalent(output, input, ignored))
      throw FileError("cannot write '" + output.string() + "': it is the input '" + input.string() +
                      "'; choose another name");
}

std::optional<int> descriptor_behind(const std::string& path) {
  if (path == "/dev/stdin") return STDIN_FILENO;
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (path.compare(0, folder.size(), folder) != 0) continue;
    int descriptor = -1;
    const char* end = path.data() + path.size();
    const auto [stop, error] = std::from_chars(path.data() + folder.size(), end, descriptor);
    if (error == std::errc() && stop == end && descriptor >= 0) return descriptor;
  }
  return std::nullopt;
}

}  // namespace saltus::io
