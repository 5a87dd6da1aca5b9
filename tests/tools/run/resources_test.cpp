// Oracle: bytes counted by hand: 240 for each atom of a chain, 24 for each atom of a pilot's frame,
// 12 for each atom of a stored frame.
#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tools/saltus/run/resources.h"

namespace saltus::tools {
namespace {

using engine::InputError;
using tests::message_of;

RunDeck deck_of(std::size_t chains) {
  RunDeck deck;
  deck.temperatures_K = {300.0, 400.0};
  deck.chains.count = chains;
  return deck;
}

TEST(Resources, BytesAreShownWithTwoDigitsAtLeast) {
  EXPECT_EQ(bytes_text(0.0), "0 bytes");
  EXPECT_EQ(bytes_text(999.0), "999 bytes");
  EXPECT_EQ(bytes_text(1500.0), "1.5 kB");
  EXPECT_EQ(bytes_text(23.4e9), "23 GB");
  EXPECT_EQ(bytes_text(5e18), "5000000 TB");
}

TEST(Resources, ChainsHaveToFitIntoMemory) {
  // 2 levels of 1000 chains of 10 atoms.
  constexpr double kNeeded = 2.0 * 1000.0 * 10.0 * 240.0;
  EXPECT_NO_THROW(require_memory(deck_of(1000), 10, kNeeded));
  EXPECT_EQ(message_of<InputError>([&] { require_memory(deck_of(1000), 10, 0.5 * kNeeded); }),
            "chains.count: 2000 chains of 10 atoms take about 4.8 MB of memory, but this machine "
            "has 2.4 MB; use fewer chains");
  EXPECT_THROW(require_memory(deck_of(std::size_t(1) << 62), 10), InputError);
  EXPECT_NO_THROW(require_memory(deck_of(1), 10));
}

TEST(Resources, PilotsHaveToFitIntoMemory) {
  RunDeck deck = deck_of(1);
  PilotDeck& pilot = deck.pilot.emplace();
  pilot.temperatures_K = {300.0};
  pilot.ladders = 100;
  pilot.length_ps = 1000.0;
  pilot.frame_period_ps = 0.5;
  // 100 replicas, but 200,000 frames.
  constexpr double kNeeded = 200000.0 * 10.0 * 24.0;
  EXPECT_NO_THROW(require_memory(deck, 10, kNeeded));
  EXPECT_EQ(message_of<InputError>([&] { require_memory(deck, 10, 0.5 * kNeeded); }),
            "pilot.length: 200000 frames of 10 atoms take about 48 MB of memory, but this machine "
            "has 24 MB; use a shorter pilot, a longer frame_period or fewer ladders");
  EXPECT_EQ(message_of<InputError>([&] { require_memory(deck, 10, 1e5); }),
            "pilot.ladders: 100 chains of 10 atoms take about 240 kB of memory, but this machine "
            "has 100 kB; use fewer ladders");
}

TEST(Resources, TrajectoriesThatMayFillTheDiskAreTold) {
  RunDeck deck = deck_of(50);
  deck.run.frame_period = 2;
  constexpr double kBytes = 500.0 * 100.0 * 10.0 * 12.0;
  EXPECT_EQ(disk_warning(deck, 1000, 10, kBytes), "");
  EXPECT_EQ(disk_warning(deck, 1000, 10, 0.5 * kBytes),
            "the trajectory will have 500 frames of 100 chains of 10 atoms, about 6.0 MB before it "
            "is compressed, but its disk has 3.0 MB free; a full disk ends the run "
            "(run.frame_period, run.steps)");
  deck.output.velocities = true;
  EXPECT_NE(disk_warning(deck, 1000, 10, kBytes), "");
  deck.run.frame_period = 0;
  EXPECT_EQ(disk_warning(deck, 1000, 10, 0.0), "");
}

}  // namespace
}  // namespace saltus::tools
