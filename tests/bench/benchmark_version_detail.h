#pragma once

/// Where releases of Google Benchmark differ: 1.7 of Debian 12 and 1.9 of Debian 13 are known.
namespace saltus::tests::detail {

/// Whether a run gave up: by the member that releases before 1.8 have, or by its successor.
template <class Run>
auto gave_up(const Run& run, int) -> decltype(static_cast<bool>(run.error_occurred)) {
  return run.error_occurred;
}
template <class Run>
bool gave_up(const Run& run, long) {
  return run.skipped != decltype(run.skipped){};
}

}  // namespace saltus::tests::detail
