#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
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
  /// If given, asked several times a second whether to stop at once. Then take() and work() may
  /// still be at work after the end of run(), on threads of their own: both must own all they use.
  std::function<bool()> stop;

  /// Returns when take() has returned nothing and all is handed on, or stop() has said so; what is
  /// not handed on by then never will be.
  /// @returns whether all is handed on
  /// @throws whatever one of the three throws, first of all
  bool run(std::size_t n_threads) {
    state_ = std::make_shared<State>();
    state_->take = take;
    state_->work = work;
    state_->hand_on = hand_on;
    state_->stop = stop;
    std::vector<std::thread> threads;
    try {
      for (std::size_t t = stop ? 0 : 1; t < n_threads; ++t) {
        state_->begin();
        threads.emplace_back([state = state_] { state->loop(); });
      }
    } catch (...) {  // the system refused another thread
      state_->end();
      state_->fail();
    }
    if (!stop) {
      state_->begin();
      state_->loop();
    }
    const bool ended = state_->wait_for_end();
    for (std::thread& thread : threads) ended ? thread.join() : thread.detach();
    if (state_->failure) std::rethrow_exception(state_->failure);
    return ended;
  }

 private:
  static constexpr std::size_t kMaxWaiting = 256;

  struct State {
    std::function<std::optional<Item>()> take;
    std::function<Result(const Item&)> work;
    std::function<void(const Item&, const Result&)> hand_on;
    std::function<bool()> stop;
    std::mutex input, mutex;  ///< code that needs both locks `input` first
    std::condition_variable room, ended;
    std::size_t n_taken = 0, n_handed_on = 0, n_running = 0;
    std::map<std::size_t, std::pair<Item, Result>> waiting;
    bool at_end = false, closed = false;
    std::exception_ptr failure;

    void begin() {
      const std::lock_guard<std::mutex> lock(mutex);
      ++n_running;
    }

    void end() {
      const std::lock_guard<std::mutex> lock(mutex);
      --n_running;
      ended.notify_all();
    }

    void loop() {
      try {
        while (auto numbered = take_next()) {
          Result result = work(numbered->second);
          const std::lock_guard<std::mutex> lock(mutex);
          if (closed) break;
          waiting.emplace(numbered->first,
                          std::make_pair(std::move(numbered->second), std::move(result)));
          hand_on_what_is_due();
        }
      } catch (...) {
        fail();
      }
      end();
    }

    std::optional<std::pair<std::size_t, Item>> take_next() {
      {
        std::unique_lock<std::mutex> lock(mutex);
        room.wait(lock, [&] { return closed || n_taken - n_handed_on < kMaxWaiting; });
      }
      // Reading may have to wait for whoever writes the input; results are handed on meanwhile.
      const std::lock_guard<std::mutex> input_lock(input);
      {
        const std::lock_guard<std::mutex> lock(mutex);
        if (closed || at_end) return std::nullopt;
      }
      std::optional<Item> item = take();
      const std::lock_guard<std::mutex> lock(mutex);
      // An input that is left at a stop may have been cut in the middle of an item.
      closed = closed || (stop && stop());
      at_end = !item;
      if (!item || closed) return std::nullopt;
      return std::make_pair(n_taken++, std::move(*item));
    }

    void hand_on_what_is_due() {
      while (!waiting.empty() && waiting.begin()->first == n_handed_on) {
        hand_on(waiting.begin()->second.first, waiting.begin()->second.second);
        waiting.erase(waiting.begin());
        ++n_handed_on;
        room.notify_all();
      }
    }

    void fail() {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure && !closed) failure = std::current_exception();
      closed = true;
      room.notify_all();
    }

    /// @returns false when stop() came first
    bool wait_for_end() {
      constexpr std::chrono::milliseconds kBetweenLooks(20);
      std::unique_lock<std::mutex> lock(mutex);
      const auto all_ended = [&] { return n_running == 0; };
      if (!stop) ended.wait(lock, all_ended);
      while (stop && !ended.wait_for(lock, kBetweenLooks, all_ended))
        if (stop()) {
          closed = true;
          room.notify_all();
          return false;
        }
      return !closed;
    }
  };

  std::shared_ptr<State> state_;
};

}  // namespace saltus::tools
