#include "tools/saltus/common/signals.h"

#include <csignal>
#include <ctime>

namespace saltus::tools {

namespace {

constexpr int kRequestsToEnd[] = {SIGINT, SIGTERM, SIGHUP};

void set_handlers(void (*handler)(int)) {
  for (const int signal : kRequestsToEnd) {
    const auto before = std::signal(signal, handler);
    if (signal == SIGHUP && before == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

sigset_t interrupts() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void handle_requests_to_end(void (*handler)(int)) { set_handlers(handler); }

void stop_handling_requests_to_end() {
  set_handlers(SIG_DFL);
  const sigset_t set = interrupts();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void hold_interrupts() {
  const sigset_t set = interrupts();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool interrupt_pending() {
  const sigset_t set = interrupts();
  const timespec at_once = {0, 0};
  if (sigtimedwait(&set, nullptr, &at_once) != SIGINT) return false;
  std::signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return true;
}

}  // namespace saltus::tools
