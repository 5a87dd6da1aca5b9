#pragma once

#include <filesystem>
#include <string>

namespace saltus::engine {

/// What lies at a path when it is neither a regular file nor a folder: "a named pipe (FIFO)", "a
/// pipe" of a shell, "a socket", "a device". Empty otherwise, and where nothing is. Links are
/// followed; nothing is opened.
std::string special_file(const std::filesystem::path& path);

/// Called before a file is opened for reading: opening a pipe blocks until something writes to it,
/// perhaps for ever, and a device has no end.
/// @throws FileError  "<path>: is a named pipe (FIFO), expected a regular file"
void refuse_special_file(const std::filesystem::path& path);

}  // namespace saltus::engine
