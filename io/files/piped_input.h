#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "io/files/durable_file.h"

namespace saltus::io {

/// A pipe or terminal whose reader can be told to stop waiting for it: a thread passes on what
/// comes, until the end or until somebody asks it to stop.
class PipedInput {
 public:
  /// @param source  descriptor to read from; stays the caller's
  /// @param stop    asked several times a second while nothing comes
  /// @throws FileError  when the system has no descriptors left
  PipedInput(int source, std::function<bool()> stop);
  ~PipedInput();
  PipedInput(const PipedInput&) = delete;
  PipedInput& operator=(const PipedInput&) = delete;

  /// Gives away what is to be read instead of the source; it ends where the source ends or when
  /// stop() says so.
  int take_descriptor() { return reader_.release(); }

 private:
  void pass_on();

  int source_;
  std::function<bool()> stop_;
  FileDescriptor reader_, writer_;
  std::atomic<bool> abandoned_{false};
  std::thread thread_;
};

}  // namespace saltus::io
