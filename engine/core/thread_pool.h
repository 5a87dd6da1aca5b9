#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace saltus::engine {

/// Runs independent blocks of work on a fixed number of threads. Waiting threads sleep; they never
/// spin. Which thread runs a block is not defined, so a block must not depend on it: results are
/// then the same for any number of threads.
class ThreadPool {
 public:
  /// @param n_threads  >= 1, counts the calling thread
  /// @throws InputError  when it is 0, or more than the system can start
  explicit ThreadPool(std::size_t n_threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t n_threads() const { return workers_.size() + 1; }

  /// Calls work(block) once for each block in [0, n_blocks) and returns when all are done.
  /// Rethrows the exception of the lowest block that threw. Not reentrant.
  void for_each_block(std::size_t n_blocks, const std::function<void(std::size_t)>& work);

 private:
  void worker_loop();
  void join_workers();
  void run_blocks(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(std::size_t)>* work_ = nullptr;
  std::size_t n_blocks_ = 0, next_block_ = 0, running_ = 0;
  std::size_t failed_block_ = 0;
  std::exception_ptr failure_;
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace saltus::engine
