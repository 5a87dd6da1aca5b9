#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "tests/bench/torsion_metrics.h"
#include "tests/bench/torsion_molecules.h"
#include "tools/saltus/common/ordered_work.h"

namespace saltus::tests {

using Json = nlohmann::ordered_json;

/// "1.234 ± 0.056"
std::string text_of(const Estimate& estimate, int digits);
/// value, standard_error, n; what is not finite is null.
Json json_of(const Estimate& estimate);
/// A row of a Markdown table, and the line below its head.
std::string table_row(const std::vector<std::string>& cells);
std::string table_rule(std::size_t n_cells);
std::string number_text(double value, int digits);

/// A result, or why there is none.
template <class Result>
struct Measured {
  std::optional<Result> result;
  std::string failure;
};

/// Measures molecule after molecule on some threads, and hands on what came out in order. Molecules
/// that cannot be prepared or sampled do not end the others.
template <class Item, class Result>
void measure_all(const std::vector<Item>& items, std::size_t n_threads,
                 const std::function<Result(const Item&)>& measure,
                 const std::function<void(const Item&, const Measured<Result>&)>& hand_on) {
  tools::OrderedWork<Item, Measured<Result>> work;
  std::size_t next = 0;
  work.take = [&]() -> std::optional<Item> {
    if (next == items.size()) return std::nullopt;
    return items[next++];
  };
  work.work = [&](const Item& item) {
    Measured<Result> measured;
    try {
      measured.result = measure(item);
    } catch (const engine::Error& error) {
      measured.failure = error.what();
    }
    return measured;
  };
  work.hand_on = hand_on;
  work.run(n_threads);
}

}  // namespace saltus::tests
