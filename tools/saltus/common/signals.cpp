#include "tools/saltus/common/signals.h"

#include <csignal>

namespace saltus::tools {

namespace {

constexpr int kRequestsToEnd[] = {SIGINT, SIGTERM, SIGHUP};

void set_handlers(void (*handler)(int)) {
  for (const int signal : kRequestsToEnd) {
    const auto before = std::signal(signal, handler);
    if (signal == SIGHUP && before == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

}  // namespace

void handle_requests_to_end(void (*handler)(int)) { set_handlers(handler); }

void stop_handling_requests_to_end() { set_handlers(SIG_DFL); }

}  // namespace saltus::tools
