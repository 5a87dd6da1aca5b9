#pragma once

#include <iostream>
#include <string>
#include <vector>

#include "engine/core/error.h"

namespace saltus::tests {

/// What main() of a benchmark returns: 0, or the exit code of the error that run(arguments) throws,
/// which is printed.
/// @param arguments  without the program's name
template <class Run>
int bench_main(int argc, char** argv, Run&& run) {
  try {
    run(std::vector<std::string>(argv + 1, argv + argc));
    return 0;
  } catch (const engine::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return error.exit_code();
  }
}

}  // namespace saltus::tests
