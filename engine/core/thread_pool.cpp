#include "engine/core/thread_pool.h"

#include <string>
#include <system_error>

#include "engine/core/error.h"

namespace saltus::engine {

ThreadPool::ThreadPool(std::size_t n_threads) {
  if (n_threads == 0) throw InputError("threads: expected at least 1, got 0");
  try {
    for (std::size_t i = 1; i < n_threads; ++i) workers_.emplace_back([this] { worker_loop(); });
  } catch (const std::system_error& error) {
    join_workers();
    throw InputError("threads: this machine cannot start " + std::to_string(n_threads) +
                     " threads: " + error.code().message());
  }
}

ThreadPool::~ThreadPool() { join_workers(); }

void ThreadPool::join_workers() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::for_each_block(std::size_t n_blocks,
                                const std::function<void(std::size_t)>& work) {
  if (workers_.empty() || n_blocks <= 1) {
    for (std::size_t block = 0; block < n_blocks; ++block) work(block);
    return;
  }
  std::unique_lock<std::mutex> lock(mutex_);
  work_ = &work;
  n_blocks_ = n_blocks;
  next_block_ = 0;
  failure_ = nullptr;
  wake_.notify_all();
  run_blocks(lock);
  done_.wait(lock, [this] { return running_ == 0 && next_block_ >= n_blocks_; });
  work_ = nullptr;
  if (failure_) std::rethrow_exception(failure_);
}

void ThreadPool::run_blocks(std::unique_lock<std::mutex>& lock) {
  while (work_ != nullptr && next_block_ < n_blocks_) {
    const std::size_t block = next_block_++;
    const auto* work = work_;
    ++running_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      (*work)(block);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    --running_;
    if (failure && (!failure_ || block < failed_block_)) {
      failure_ = failure;
      failed_block_ = block;
    }
  }
  if (running_ == 0 && next_block_ >= n_blocks_) done_.notify_all();
}

void ThreadPool::worker_loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || (work_ != nullptr && next_block_ < n_blocks_); });
    if (stop_) return;
    run_blocks(lock);
  }
}

}  // namespace saltus::engine
