#include "tools/saltus/common/interruption.h"

#include <unistd.h>

#include <csignal>

#include "tools/saltus/common/signals.h"

namespace saltus::tools {

namespace {

enum Stage : std::sig_atomic_t { kPreparing, kProducing, kInterrupted };

// The only globals of the program: a signal handler can reach nothing else.
volatile std::sig_atomic_t stage = kPreparing;
volatile std::sig_atomic_t resumes = 0;

void on_signal(int signal) {
  if (stage == kPreparing) {
    constexpr char kNew[] = "\ninterrupted before production: run the same command again\n";
    constexpr char kResumed[] = "\ninterrupted; the checkpoint is unchanged\n";
    // Nothing can be done when even this cannot be written.
    [[maybe_unused]] const ssize_t written =
        resumes ? write(STDERR_FILENO, kResumed, sizeof kResumed - 1)
                : write(STDERR_FILENO, kNew, sizeof kNew - 1);
    _exit(kInterruptedExit);
  }
  stage = kInterrupted;
  // A second signal ends the program at once; but a closed terminal is reported by both kernel and
  // shell.
  if (signal != SIGHUP) std::signal(signal, SIG_DFL);
}

}  // namespace

void handle_interruptions(bool resuming) {
  resumes = resuming ? 1 : 0;
  handle_requests_to_end(on_signal);
}

bool is_interrupted() {
  if (stage == kPreparing) stage = kProducing;
  return stage == kInterrupted;
}

}  // namespace saltus::tools
