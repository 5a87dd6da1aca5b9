#pragma once

namespace saltus::tools {

/// Exit code of a program that was interrupted.
constexpr int kInterruptedExit = 130;

/// Takes requests to end the program (signals.h) from now on. Until is_interrupted() is first asked
/// they end it at once, with a line that says how to go on; afterwards is_interrupted() is true.
/// @param resuming  whether a checkpoint is there already
void handle_interruptions(bool resuming);

/// Whether somebody asked for the end; the first call says that preparation is over. Another
/// request then ends the program at once.
bool is_interrupted();

}  // namespace saltus::tools
