#include "tools/saltus/run/resources.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "engine/core/error.h"

namespace saltus::tools {

namespace {

/// For each atom of a chain: positions, velocities, forces, what is proposed, and copies of these
/// in lanes, ten arrays of three doubles. Measured of hybrid Monte Carlo: 245 bytes (22 atoms,
/// 100,000 and 200,000 chains).
constexpr double kBytesPerAtom = 10 * 3 * sizeof(double);
/// Positions of a pilot's frames are kept as they are, those of a trajectory as floats.
constexpr double kBytesPerAtomOfPilotFrame = 3 * sizeof(double);
constexpr double kBytesPerAtomOfFrame = 3 * sizeof(float);

double memory_of_machine() {
  return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
}

void require(double needed, double available, const std::string& what, const std::string& advice) {
  if (needed <= available) return;
  throw engine::InputError(what + " take about " + bytes_text(needed) +
                           " of memory, but this machine has " + bytes_text(available) + "; " +
                           advice);
}

/// A double, as people ask for more than 2^64.
double bytes_of(double n_chains, double n_atoms, double bytes_per_atom) {
  return n_chains * n_atoms * bytes_per_atom;
}

std::string chains_text(double n_chains, std::size_t n_atoms) {
  return fmt::format(FMT_STRING("{:.0f} chains of {} atoms"), n_chains, n_atoms);
}

}  // namespace

std::string bytes_text(double bytes) {
  constexpr double kStep = 1000.0;
  constexpr std::array<const char*, 5> kUnits = {"bytes", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= kStep && unit + 1 < kUnits.size(); ++unit) bytes /= kStep;
  return fmt::format(FMT_STRING("{:.{}f} {}"), bytes, bytes < 10.0 && unit > 0 ? 1 : 0,
                     kUnits[unit]);
}

void require_memory(const RunDeck& deck, std::size_t n_atoms, double memory_bytes) {
  const double memory = memory_bytes > 0.0 ? memory_bytes : memory_of_machine();
  const auto atoms = static_cast<double>(n_atoms);
  const double chains =
      static_cast<double>(deck.chains.count) * static_cast<double>(deck.temperatures_K.size());
  require(bytes_of(chains, atoms, kBytesPerAtom), memory,
          "chains.count: " + chains_text(chains, n_atoms), "use fewer chains");
  if (!deck.pilot) return;
  const auto ladders = static_cast<double>(deck.pilot->ladders);
  const double replicas = ladders * static_cast<double>(deck.pilot->temperatures_K.size());
  require(bytes_of(replicas, atoms, kBytesPerAtom), memory,
          "pilot.ladders: " + chains_text(replicas, n_atoms), "use fewer ladders");
  const double frames = ladders * deck.pilot->length_ps / deck.pilot->frame_period_ps;
  require(bytes_of(frames, atoms, kBytesPerAtomOfPilotFrame), memory,
          fmt::format(FMT_STRING("pilot.length: {:.0f} frames of {} atoms"), frames, n_atoms),
          "use a shorter pilot, a longer frame_period or fewer ladders");
}

std::string disk_warning(const RunDeck& deck, std::uint64_t n_steps, std::size_t n_atoms,
                         double free_bytes) {
  if (deck.run.frame_period == 0) return "";
  const double chains =
      static_cast<double>(deck.chains.count) * static_cast<double>(deck.temperatures_K.size());
  const double frames = static_cast<double>(n_steps / deck.run.frame_period);
  const double kinds = deck.output.velocities ? 2.0 : 1.0;
  const double bytes =
      frames * bytes_of(chains, static_cast<double>(n_atoms), kinds * kBytesPerAtomOfFrame);
  if (bytes <= free_bytes) return "";
  return fmt::format(FMT_STRING("the trajectory will have {:.0f} frames of {}, about {} before it "
                                "is compressed, but its disk has {} free; a full disk ends the run "
                                "(run.frame_period, run.steps)"),
                     frames, chains_text(chains, n_atoms), bytes_text(bytes),
                     bytes_text(free_bytes));
}

}  // namespace saltus::tools
