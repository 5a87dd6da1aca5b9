// Oracle: the order of the items, and a clock.
#include "tools/saltus/common/ordered_work.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

namespace saltus::tools {
namespace {

using Work = OrderedWork<int, int>;
using Clock = std::chrono::steady_clock;

/// Takes the numbers below n.
std::function<std::optional<int>()> numbers(int n) {
  return [next = std::make_shared<int>(0), n] {
    return *next < n ? std::optional<int>((*next)++) : std::nullopt;
  };
}

TEST(OrderedWork, HandsOnInOrder) {
  for (const bool can_stop : {false, true})
    for (const std::size_t n_threads : {1u, 3u}) {
      Work work;
      std::vector<int> results;
      work.take = numbers(50);
      work.work = [](int i) {
        std::this_thread::sleep_for(std::chrono::microseconds(i % 3 == 0 ? 300 : 10));
        return i * i;
      };
      work.hand_on = [&](int, int result) { results.push_back(result); };
      if (can_stop) work.stop = [] { return false; };
      EXPECT_TRUE(work.run(n_threads));
      ASSERT_EQ(results.size(), 50u);
      for (int i = 0; i < 50; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)], i * i);
    }
}

TEST(OrderedWork, StopsAlthoughAnItemIsInHand) {
  auto go_on = std::make_shared<std::atomic<bool>>(false);
  auto n_at_work = std::make_shared<std::atomic<int>>(0);
  std::vector<int> results;
  {
    Work work;
    work.take = numbers(10);
    work.work = [go_on, n_at_work](int i) {
      if (i < 2) return i;
      ++*n_at_work;
      while (!*go_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      --*n_at_work;
      return i;
    };
    work.hand_on = [&](int i, int) { results.push_back(i); };
    work.stop = [n_at_work] { return *n_at_work == 2; };
    const auto start = Clock::now();
    EXPECT_FALSE(work.run(2));
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(1));
  }
  EXPECT_THAT(results, testing::ElementsAre(0, 1));
  // What comes of them later is not handed on.
  *go_on = true;
  while (*n_at_work > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(results.size(), 2u);
}

TEST(OrderedWork, StopsAlthoughTheInputSaysNothing) {
  auto go_on = std::make_shared<std::atomic<bool>>(false);
  std::vector<int> results;
  Work work;
  work.take = [go_on, next = std::make_shared<int>(0)]() -> std::optional<int> {
    if (*next < 3) return (*next)++;
    while (!*go_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return std::nullopt;
  };
  work.work = [](int i) { return i; };
  work.hand_on = [&](int i, int) { results.push_back(i); };
  const auto start = Clock::now();
  work.stop = [start] { return Clock::now() - start > std::chrono::milliseconds(100); };
  EXPECT_FALSE(work.run(2));
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(1));
  EXPECT_THAT(results, testing::ElementsAre(0, 1, 2));
  *go_on = true;
}

TEST(OrderedWork, ThrowsWhatWasThrown) {
  for (const bool can_stop : {false, true}) {
    Work work;
    work.take = numbers(10);
    work.work = [](int i) -> int {
      if (i == 3) throw std::runtime_error("three");
      return i;
    };
    work.hand_on = [](int, int) {};
    if (can_stop) work.stop = [] { return false; };
    EXPECT_THROW(work.run(3), std::runtime_error);
  }
}

}  // namespace
}  // namespace saltus::tools
