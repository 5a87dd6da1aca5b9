#include "io/files/piped_input.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "engine/core/error.h"

namespace saltus::io {

PipedInput::PipedInput(int source, std::function<bool()> stop)
    : source_(source), stop_(std::move(stop)) {
  // A pair of sockets, since writing to a closed one need not raise a signal.
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw engine::FileError("cannot read from a pipe: " + system_reason(errno));
  reader_ = FileDescriptor(ends[0]);
  writer_ = FileDescriptor(ends[1]);
  thread_ = std::thread([this] { pass_on(); });
}

PipedInput::~PipedInput() {
  abandoned_ = true;
  ::shutdown(writer_.get(), SHUT_RDWR);
  thread_.join();
}

void PipedInput::pass_on() {
  constexpr int kPatience_ms = 50;
  std::array<char, 1 << 16> block;
  while (!abandoned_ && !stop_()) {
    pollfd waiting{source_, POLLIN, 0};
    if (::poll(&waiting, 1, kPatience_ms) <= 0) continue;
    const ssize_t n = ::read(source_, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    for (ssize_t done = 0; done < n;) {
      const ssize_t sent = ::send(writer_.get(), block.data() + done,
                                  static_cast<std::size_t>(n - done), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return;  // no reader is left
      done += sent;
    }
  }
  ::shutdown(writer_.get(), SHUT_WR);
}

}  // namespace saltus::io
