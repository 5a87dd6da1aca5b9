#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/lanes/lane_term.h"

namespace saltus::engine {

/// A term that is a table of parameters, in both precisions, and a function for each. A table may
/// say `std::size_t workspace_size() const`, in values of one lane.
template <template <class> class Table>
class TabulatedLaneTerm final : public LaneTerm {
 public:
  template <class T>
  using Function = void (*)(const Table<T>&, const LaneView<T>&);

  template <class... Arguments>
  TabulatedLaneTerm(std::vector<std::string> names, Function<float> single, Function<double> exact,
                    const Arguments&... arguments)
      : names_(std::move(names)),
        single_(single),
        exact_(exact),
        single_table_(arguments...),
        exact_table_(arguments...) {}

  std::vector<std::string> names() const override { return names_; }
  std::size_t workspace_size() const override {
    return kLaneWidth * values_per_lane(exact_table_, 0);
  }
  void evaluate(const LaneView<float>& view) const override { single_(single_table_, view); }
  void evaluate(const LaneView<double>& view) const override { exact_(exact_table_, view); }

 private:
  template <class AnyTable>
  static auto values_per_lane(const AnyTable& table, int) -> decltype(table.workspace_size()) {
    return table.workspace_size();
  }
  template <class AnyTable>
  static std::size_t values_per_lane(const AnyTable&, long) {
    return 0;
  }

  std::vector<std::string> names_;
  Function<float> single_;
  Function<double> exact_;
  Table<float> single_table_;
  Table<double> exact_table_;
};

}  // namespace saltus::engine

/// Defines function_float and function_double for the instruction set being compiled, which run
/// Kernel over a block. (Macros, because the dispatch tables of Highway need plain functions.)
#define SALTUS_LANE_FUNCTION(function, Kernel, Table)                                \
  void function##_float(const Table<float>& table, const LaneView<float>& view) {    \
    run_block<Kernel>(table, view);                                                  \
  }                                                                                  \
  void function##_double(const Table<double>& table, const LaneView<double>& view) { \
    run_block<Kernel>(table, view);                                                  \
  }

/// Collects both functions of all instruction sets.
#define SALTUS_EXPORT_LANE_FUNCTION(function) \
  HWY_EXPORT(function##_float);               \
  HWY_EXPORT(function##_double);

/// The LaneTerm whose Table is made from the last arguments; names in parentheses, ({"bonds"}).
#define SALTUS_LANE_TERM(names, function, Table, ...)                          \
  std::make_unique<TabulatedLaneTerm<Table>>(                                  \
      std::vector<std::string> names, &HWY_DYNAMIC_DISPATCH(function##_float), \
      &HWY_DYNAMIC_DISPATCH(function##_double), __VA_ARGS__)
