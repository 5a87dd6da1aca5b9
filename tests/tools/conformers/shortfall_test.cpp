// Oracle: verdicts and sentences written out by hand.
#include "tools/conformers/shortfall.h"

#include <gtest/gtest.h>

namespace saltus::tools {
namespace {

StageCounts of_pool(std::size_t n_chosen, std::size_t n_alone) {
  StageCounts counts;
  counts.n_wanted = 50;
  counts.n_pool = 700;
  counts.n_in_window = 600;
  counts.n_chosen = counts.n_kept = n_chosen;
  counts.n_alone = n_alone;
  counts.n_seeds = 5;
  return counts;
}

std::string text(const StageCounts& counts, const engine::Selection& selection = {}) {
  return shortfall_text(counts, selection, {});
}

TEST(Shortfall, IsNoneWhereEnoughWereKept) {
  EXPECT_FALSE(more_are_possible(of_pool(50, 600)));
  EXPECT_EQ(text(of_pool(50, 600)), "");
}

TEST(Shortfall, OfAPoolThatIsExhaustedIsNoFault) {
  EXPECT_FALSE(more_are_possible(of_pool(3, 0)));
  EXPECT_EQ(text(of_pool(3, 0)),
            "3 of 50 conformers asked for: only 3 different shapes among 700 draws, 100 of these "
            "above the energy window; hardly any others exist");
}

TEST(Shortfall, OfAHandfulOfDrawsIsJudgedMildly) {
  StageCounts counts = of_pool(2, 1);
  counts.n_pool = counts.n_in_window = 5;
  EXPECT_FALSE(more_are_possible(counts));
  counts.n_alone = 3;
  EXPECT_TRUE(more_are_possible(counts));
  counts.n_pool = counts.n_in_window = counts.n_alone = 1;
  EXPECT_FALSE(more_are_possible(counts));
}

TEST(Shortfall, OfAPoolThatIsTooSmallIsOne) {
  EXPECT_TRUE(more_are_possible(of_pool(40, 60)));
  EXPECT_EQ(text(of_pool(40, 60)),
            "40 of 50 conformers asked for: only 40 different shapes among 700 draws, 100 of these "
            "above the energy window; more are possible: 10 % of further draws would be new, a "
            "larger -n draws more");
  StageCounts rings = of_pool(1, 0);
  rings.rings_are_open = true;
  EXPECT_TRUE(more_are_possible(rings));
  EXPECT_EQ(text(rings),
            "1 of 50 conformers asked for: only 1 different shape among 700 draws, 100 of these "
            "above the energy window; more are possible: rings have the shapes of 5 seeds, most of "
            "them different; --mode minima embeds each conformer separately");
}

TEST(Shortfall, OfShapesThatBecameAlikeNamesBoth) {
  StageCounts counts = of_pool(60, 0);
  counts.n_kept = 45;
  counts.n_duplicates = 15;
  counts.n_outside_window = 2;
  counts.pool_is_exhausted = true;
  EXPECT_FALSE(more_are_possible(counts));
  EXPECT_EQ(
      text(counts),
      "45 of 50 conformers asked for: 60 different shapes among 700 draws, 100 of these above "
      "the energy window, 15 duplicates (--rmsd-prune 0.5), 2 above the energy window; hardly "
      "any others exist");
  counts.n_alone = 60;
  EXPECT_TRUE(more_are_possible(counts));
}

TEST(Shortfall, OfRingsSaysHowTheSearchEnded) {
  StageCounts rings = of_pool(2, 9);
  rings.n_pool = rings.n_in_window = rings.n_seeds = 9;
  rings.n_ring_shapes = 6;
  rings.n_ring_builds = 48;
  EXPECT_FALSE(more_are_possible(rings));  // each seed has a shape of its own
  EXPECT_EQ(
      text(rings),
      "2 of 50 conformers asked for: only 2 different shapes among 9 draws; 6 shapes of rings "
      "in 48 builds, the last ones brought none; hardly any others exist");
  rings.rings_are_open = true;
  rings.share_of_new_rings = 0.25;
  EXPECT_TRUE(more_are_possible(rings));
  EXPECT_EQ(text(rings),
            "2 of 50 conformers asked for: only 2 different shapes among 9 draws; more are "
            "possible: 6 shapes of rings in 48 builds, 25 % of further ones would be new; a larger "
            "-n or --timeout builds more");
  rings.rings_timed_out = true;
  EXPECT_NE(text(rings).find("48 builds before their share of the time was used up"),
            std::string::npos);
}

TEST(Shortfall, OfBuildingIsOneUnlessAllWasFoundTwice) {
  StageCounts counts;
  counts.n_wanted = 20;
  counts.n_not_built = 8;
  counts.n_wrong = 2;
  counts.n_kept = 9;
  counts.n_duplicates = 1;
  engine::Selection selection;
  selection.n_duplicates = 1;
  EXPECT_TRUE(more_are_possible(counts));
  EXPECT_EQ(text(counts, selection),
            "9 of 20 conformers asked for: 8 could not be built, 2 had another configuration, 1 "
            "duplicate (--rmsd-prune 0.5)");
  counts.n_kept = 2;
  counts.n_duplicates = 8;
  EXPECT_FALSE(more_are_possible(counts));
  counts.n_not_built = counts.n_wrong = 0;
  counts.n_duplicates = 0;
  EXPECT_FALSE(more_are_possible(counts));
}

}  // namespace
}  // namespace saltus::tools
