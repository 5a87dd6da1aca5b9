#pragma once

namespace saltus::tools {

/// Lets the program keep memory that it has freed, for the next step of a run. A step asks for the
/// same few megabytes as the step before; given back to the system and asked for again, each page
/// of 4 kB costs a page fault, which slows small steps by a tenth. With allocators other than
/// glibc's it does nothing.
void keep_freed_memory();

}  // namespace saltus::tools
