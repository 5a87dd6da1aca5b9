// Oracle: the same work done by one thread, and the pool's promises on exceptions.
#include "engine/core/thread_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>

#include "engine/core/error.h"

namespace saltus::engine {
namespace {

std::vector<double> squares(std::size_t n_threads, std::size_t n_blocks) {
  ThreadPool pool(n_threads);
  std::vector<double> result(n_blocks);
  pool.for_each_block(n_blocks, [&result](std::size_t block) {
    result[block] = static_cast<double>(block * block);
  });
  return result;
}

TEST(ThreadPool, ResultsDoNotDependOnTheNumberOfThreads) {
  for (std::size_t n_blocks : {0u, 1u, 2u, 7u, 1000u})
    for (std::size_t n_threads : {2u, 3u, 8u})
      EXPECT_EQ(squares(n_threads, n_blocks), squares(1, n_blocks));
}

TEST(ThreadPool, EveryBlockRunsOnceInEveryOfManyCalls) {
  ThreadPool pool(4);
  EXPECT_EQ(pool.n_threads(), 4u);
  for (int call = 0; call < 200; ++call) {
    std::vector<std::atomic<int>> runs(13);
    pool.for_each_block(runs.size(), [&runs](std::size_t block) { ++runs[block]; });
    for (const auto& count : runs) ASSERT_EQ(count, 1);
  }
}

TEST(ThreadPool, RethrowsTheExceptionOfTheLowestBlock) {
  for (std::size_t n_threads : {1u, 4u}) {
    ThreadPool pool(n_threads);
    for (int repeat = 0; repeat < 50; ++repeat) {
      try {
        pool.for_each_block(20, [](std::size_t block) {
          if (block == 5 || block == 6 || block == 19)
            throw std::runtime_error("block " + std::to_string(block));
        });
        FAIL() << "nothing thrown";
      } catch (const std::runtime_error& error) {
        ASSERT_STREQ(error.what(), "block 5");
      }
    }
  }
}

TEST(ThreadPool, WorksAgainAfterAnException) {
  ThreadPool pool(3);
  EXPECT_THROW(pool.for_each_block(4, [](std::size_t) { throw std::runtime_error("no"); }),
               std::runtime_error);
  std::atomic<int> count{0};
  pool.for_each_block(10, [&count](std::size_t) { ++count; });
  EXPECT_EQ(count, 10);
}

TEST(ThreadPool, NeedsAThread) {
  try {
    ThreadPool pool(0);
    FAIL() << "nothing thrown";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "threads: expected at least 1, got 0");
  }
}

}  // namespace
}  // namespace saltus::engine
