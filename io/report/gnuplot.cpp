#include "io/report/gnuplot.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

#include "engine/core/error.h"
#include "engine/core/file.h"

namespace saltus::io {
namespace {

using engine::FileError;

/// A folder of our own that goes away with its content.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
    std::string name = (parent / "saltus-plot-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr) {
      throw FileError("cannot make a temporary folder for plots in " + parent.string() +
                      "; set TMPDIR to a folder that can be written");
    }
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Empty where the file is not there.
std::string content_of(const std::string& path) {
  std::string text;
  engine::read_rest(engine::open_file(path, O_RDONLY), text);
  return text;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw FileError("cannot write " + path + "; is the disk full?");
}

/// Starts the program in a process group of its own with its three streams on files.
pid_t start(const TemporaryFolder& folder, const GnuplotOptions& options) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int kOwnerOnly = 0600;
  const int write_new = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, folder.file("output").c_str(),
                                   write_new, kOwnerOnly);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, folder.file("errors").c_str(),
                                   write_new, kOwnerOnly);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);

  // -d: without the user's start-up files.
  std::string program = options.program, defaults = "-d", script = folder.file("script");
  char* const arguments[] = {program.data(), defaults.data(), script.data(), nullptr};
  pid_t child = 0;
  const int error =
      ::posix_spawnp(&child, program.c_str(), &actions, &attributes, arguments, ::environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error == ENOENT) {
    throw FileError(options.program +
                    " is needed to draw the report's plots but is not in PATH; install it (Debian: "
                    "apt-get install gnuplot-nox)");
  }
  if (error != 0) {
    throw FileError("cannot start " + options.program + ": " +
                    std::generic_category().message(error));
  }
  return child;
}

/// Waits for the end of a child, at most so long; false when it had to be killed.
bool wait_for(pid_t child, double timeout_seconds, int& status) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration<double>(timeout_seconds);
  for (;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return true;
    if (ended < 0 && errno != EINTR) {
      throw FileError("cannot wait for gnuplot to end: " + std::generic_category().message(errno));
    }
    if (Clock::now() >= deadline) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ::kill(-child, SIGKILL);
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return false;
}

/// On one line, without leading and repeated white space.
std::string on_one_line(const std::string& text) {
  std::istringstream words(text);
  std::string line, word;
  while (words >> word) line += (line.empty() ? "" : " ") + word;
  return line;
}

void replace_all(const std::string& what, const std::string& with, std::string& text) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// Removes every `<tag>...</tag>` of elements that contain no others.
void remove_elements(const std::string& tag, std::string& text) {
  const std::string open = "<" + tag + ">", close = "</" + tag + ">";
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    const std::size_t end = text.find(close, at);
    if (end == std::string::npos) return;
    text.erase(at, end + close.size() - at);
  }
}

}  // namespace

std::string run_gnuplot(const std::string& script, const std::string& figure,
                        const GnuplotOptions& options) {
  const TemporaryFolder folder;
  write_file(folder.file("script"), script);
  int status = 0;
  if (!wait_for(start(folder, options), options.timeout_seconds, status)) {
    std::ostringstream message;
    message << options.program << " did not draw " << figure << " within "
            << options.timeout_seconds << " s and was stopped";
    throw FileError(message.str());
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    const std::string how = WIFEXITED(status) ? "exit status " + std::to_string(WEXITSTATUS(status))
                                              : "signal " + std::to_string(WTERMSIG(status));
    std::string complaint = on_one_line(content_of(folder.file("errors")));
    replace_all(folder.file("script"), "script", complaint);
    throw FileError(options.program + " failed to draw " + figure + " (" + how +
                    "): " + (complaint.empty() ? "it wrote no error message" : complaint));
  }
  std::string svg = content_of(folder.file("output"));
  if (svg.find("</svg>") == std::string::npos) {
    throw FileError(options.program + " drew nothing for " + figure +
                    ": its output is not an SVG picture; is it gnuplot with the svg terminal?");
  }
  return svg;
}

std::string inline_svg(const std::string& svg, const std::string& prefix) {
  const std::size_t begin = svg.find("<svg");
  std::string text = begin == std::string::npos ? "" : svg.substr(begin);
  // The head tag keeps nothing but its view box.
  const std::size_t box = text.find("viewBox=\"");
  const std::size_t box_end = box == std::string::npos ? box : text.find('"', box + 9);
  const std::size_t head_end = text.find('>');
  if (box_end == std::string::npos || box_end > head_end) {
    throw engine::InternalError("an SVG picture has no viewBox");
  }
  text = "<svg " + text.substr(box, box_end + 1 - box) + text.substr(head_end);

  remove_elements("title", text);
  remove_elements("desc", text);
  replace_all("\"black\"", "\"currentColor\"", text);
  replace_all("'black'", "'currentColor'", text);
  replace_all("rgb(  0,   0,   0)", "currentColor", text);
  replace_all("rgb(0,0,0)", "currentColor", text);
  replace_all(" id='", " id='" + prefix, text);
  replace_all(" id=\"", " id=\"" + prefix, text);
  replace_all("href='#", "href='#" + prefix, text);
  replace_all("url(#", "url(#" + prefix, text);
  return text;
}

std::string gnuplot_string(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20;
    if (c == '\'') quoted += '\'';
    quoted += is_control ? ' ' : c;
  }
  return quoted + "'";
}

std::string gnuplot_tic_label(const std::string& text) {
  std::string label = text;
  replace_all("%", "%%", label);
  return gnuplot_string(label);
}

}  // namespace saltus::io
