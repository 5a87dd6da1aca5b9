#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace saltus::tools {

/// Works on items one by one on several threads and hands on the results in the order of the items,
/// however long each takes. Items are taken and results handed on by one thread at a time; only a
/// limited number of results ever waits.
template <class Item, class Result>
class OrderedWork {
 public:
  std::function<std::optional<Item>()> take;
  std::function<Result(const Item&)> work;
  std::function<void(const Item&, const Result&)> hand_on;

  /// Returns when take() has returned nothing and all is handed on.
  /// @throws whatever one of the three throws, first of all
  void run(std::size_t n_threads) {
    std::vector<std::thread> others;
    try {
      for (std::size_t t = 1; t < n_threads; ++t) others.emplace_back([this] { loop(); });
      loop();
    } catch (...) {  // the system refused another thread
      fail();
    }
    for (std::thread& other : others) other.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  static constexpr std::size_t kMostWaiting = 256;

  void loop() {
    try {
      std::unique_lock<std::mutex> lock(mutex_);
      while (auto item = take_next(lock)) {
        const std::size_t number = n_taken_++;
        lock.unlock();
        Result result = work(*item);
        lock.lock();
        waiting_.emplace(number, std::make_pair(std::move(*item), std::move(result)));
        hand_on_what_is_due();
      }
    } catch (...) {
      fail();
    }
  }

  std::optional<Item> take_next(std::unique_lock<std::mutex>& lock) {
    room_.wait(lock, [&] { return failure_ || n_taken_ - n_handed_on_ < kMostWaiting; });
    if (failure_ || at_end_) return std::nullopt;
    std::optional<Item> item = take();
    at_end_ = !item;
    return item;
  }

  void hand_on_what_is_due() {
    while (!waiting_.empty() && waiting_.begin()->first == n_handed_on_) {
      hand_on(waiting_.begin()->second.first, waiting_.begin()->second.second);
      waiting_.erase(waiting_.begin());
      ++n_handed_on_;
      room_.notify_all();
    }
  }

  void fail() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    room_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable room_;
  std::size_t n_taken_ = 0, n_handed_on_ = 0;
  std::map<std::size_t, std::pair<Item, Result>> waiting_;
  bool at_end_ = false;
  std::exception_ptr failure_;
};

}  // namespace saltus::tools
