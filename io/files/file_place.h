#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// Where files may be written, and which descriptors a path stands for.
namespace saltus::io {

/// Called before a file of that name is made: a pipe would wait for its reader, and a device or a
/// link that leads nowhere cannot be replaced by a file.
/// @throws FileError  "cannot write '<path>': it is a named pipe (FIFO), ..."
void require_file_place(const std::filesystem::path& path);

/// The file that a link leads to, so that it is written there and the link stays; `path` itself
/// when it is no link.
std::filesystem::path behind_links(const std::filesystem::path& path);

/// @throws FileError  when `output` is one of the inputs, under whatever name
void refuse_to_replace_input(const std::filesystem::path& output,
                             const std::vector<std::filesystem::path>& inputs);

/// The descriptor of this process that a path such as /dev/stdin or /dev/fd/63 stands for; shells
/// pass such names for <(command).
std::optional<int> descriptor_behind(const std::string& path);

}  // namespace saltus::io
