#pragma once

namespace saltus::tools {

/// Has `handler` called for what asks a program to end: SIGINT (Ctrl-C), SIGTERM (batch systems)
/// and SIGHUP (a terminal or connection is closed). A SIGHUP that is ignored when the program
/// starts, as under nohup, stays ignored.
void handle_requests_to_end(void (*handler)(int));

/// Gives these signals back to the system, which ends the program.
void stop_handling_requests_to_end();

}  // namespace saltus::tools
