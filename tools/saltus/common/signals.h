#pragma once

namespace saltus::tools {

/// Calls `handler` for signals that ask a program to end: SIGINT (Ctrl-C), SIGTERM (batch systems)
/// and SIGHUP (a terminal or connection is closed). A SIGHUP that is ignored when the program
/// starts, as under nohup, stays ignored.
void handle_requests_to_end(void (*handler)(int));

/// Gives these signals back to the system, which ends the program.
void stop_handling_requests_to_end();

/// From now on SIGINT is blocked, in this thread and those it starts, and stays pending until
/// interrupt_pending() is called: RDKit after 2022.09 would catch it while it builds conformers,
/// and drop it. Threads that exist already still run the handler.
void hold_interrupts();

/// Whether SIGINT has come since hold_interrupts(). Then the next one ends the program at once.
bool interrupt_pending();

}  // namespace saltus::tools
