#include "engine/diagnostics/transport.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"

namespace saltus::engine {
namespace {

/// A value and how much of the sample lies there.
struct Atom {
  double value, mass;
};

std::vector<Atom> sorted_atoms(const WeightedSample& sample) {
  const std::size_t n = sample.values.size();
  if (n == 0) throw InputError("Wasserstein distance: a sample is empty");
  if (!sample.weights.empty() && sample.weights.size() != n)
    throw InputError("Wasserstein distance: " + std::to_string(sample.weights.size()) +
                     " weights of " + std::to_string(n) + " values");
  double total = 0.0;
  std::vector<Atom> atoms;
  for (std::size_t i = 0; i < n; ++i) {
    const double mass = sample.weights.empty() ? 1.0 : sample.weights[i];
    if (!std::isfinite(sample.values[i]) || !std::isfinite(mass) || mass < 0.0)
      throw InputError("Wasserstein distance: entry " + std::to_string(i) +
                       " is not finite or has a negative weight");
    total += mass;
    if (mass > 0.0) atoms.push_back({sample.values[i], mass});
  }
  if (atoms.empty()) throw InputError("Wasserstein distance: no weight is positive");
  for (Atom& atom : atoms) atom.mass /= total;
  std::sort(atoms.begin(), atoms.end(),
            [](const Atom& a, const Atom& b) { return a.value < b.value; });
  return atoms;
}

/// Points as columns of equal coordinates, angles in [-pi, pi): loops over points are vector code.
class Columns {
 public:
  Columns(const PointSample& sample, PointMetric metric)
      : n_(sample.n_points()), values_(sample.values.size()) {
    const std::size_t d = sample.n_dimensions;
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t k = 0; k < d; ++k) {
        const double value = sample.values[i * d + k];
        if (!std::isfinite(value))
          throw InputError("Wasserstein distance: point " + std::to_string(i) + " is not finite");
        values_[k * n_ + i] = metric == PointMetric::kTorus ? wrap_angle(value) : value;
      }
  }
  std::size_t n() const { return n_; }
  double at(std::size_t i, std::size_t k) const { return values_[k * n_ + i]; }
  const double* column(std::size_t k) const { return values_.data() + k * n_; }

 private:
  std::size_t n_;
  std::vector<double> values_;
};

/// The assignment problem between two samples, in the notation of the source: v are prices of the
/// columns (points of b); the reduced cost of a row i and column j is c(i, j) - v(j).
class Assignment {
 public:
  Assignment(const PointSample& a, const PointSample& b, PointMetric metric)
      : n_dimensions_(a.n_dimensions),
        torus_(metric == PointMetric::kTorus),
        rows_(a, metric),
        columns_(b, metric),
        n_(rows_.n()),
        cost_(n_),
        price_(n_, std::numeric_limits<double>::infinity()),
        column_of_(n_, kFree),
        row_of_(n_, kFree) {}

  std::vector<std::size_t> solve() {
    reduce_columns();
    std::vector<std::size_t> free_rows;
    for (std::size_t i = 0; i < n_; ++i)
      if (column_of_[i] == kFree) free_rows.push_back(i);
    constexpr int kRounds = 2;
    for (int round = 0; round < kRounds; ++round) free_rows = bid(free_rows);
    for (std::size_t row : free_rows) augment(row);
    return column_of_;
  }

  /// Squared distance of a pair.
  double cost(std::size_t i, std::size_t j) const {
    double sum = 0.0;
    for (std::size_t k = 0; k < n_dimensions_; ++k) {
      double d = std::abs(rows_.at(i, k) - columns_.at(j, k));
      if (torus_) d = std::min(d, kTwoPi - d);
      sum += d * d;
    }
    return sum;
  }

 private:
  static constexpr std::size_t kFree = std::numeric_limits<std::size_t>::max();

  /// Reduced costs of one row.
  void fill_reduced(std::size_t i) {
    for (std::size_t j = 0; j < n_; ++j) cost_[j] = -price_[j];
    add_distances(i);
  }
  void add_distances(std::size_t i) {
    for (std::size_t k = 0; k < n_dimensions_; ++k) {
      const double x = rows_.at(i, k);
      const double* y = columns_.column(k);
      if (torus_) {
        for (std::size_t j = 0; j < n_; ++j) {
          const double d = std::abs(x - y[j]);
          const double shorter = std::min(d, kTwoPi - d);
          cost_[j] += shorter * shorter;
        }
      } else {
        for (std::size_t j = 0; j < n_; ++j) cost_[j] += (x - y[j]) * (x - y[j]);
      }
    }
  }

  void pair(std::size_t row, std::size_t column) {
    column_of_[row] = column;
    row_of_[column] = row;
  }

  /// Prices are the columns' smallest costs; a row takes the first column it is cheapest for.
  void reduce_columns() {
    std::vector<std::size_t> cheapest(n_, 0);
    for (std::size_t i = 0; i < n_; ++i) {
      std::fill(cost_.begin(), cost_.end(), 0.0);
      add_distances(i);
      for (std::size_t j = 0; j < n_; ++j)
        if (cost_[j] < price_[j]) {
          price_[j] = cost_[j];
          cheapest[j] = i;
        }
    }
    for (std::size_t j = n_; j-- > 0;)
      if (column_of_[cheapest[j]] == kFree) pair(cheapest[j], j);
  }

  /// Every free row takes its best column and lowers the price until the second best is as good;
  /// who is driven out bids next. Returns the rows that are still free.
  std::vector<std::size_t> bid(std::vector<std::size_t> free_rows) {
    std::vector<std::size_t> left;
    std::size_t next = 0;
    // Bids may go on for long when costs are nearly equal; what is left is augmented.
    std::size_t bids_left = 20 * n_;
    while (next < free_rows.size()) {
      const std::size_t row = free_rows[next++];
      fill_reduced(row);
      std::size_t best = kFree, second = kFree;
      double lowest = std::numeric_limits<double>::infinity(), second_lowest = lowest;
      for (std::size_t j = 0; j < n_; ++j) {
        if (cost_[j] >= second_lowest) continue;
        if (cost_[j] < lowest) {
          second = best;
          second_lowest = lowest;
          best = j;
          lowest = cost_[j];
        } else {
          second = j;
          second_lowest = cost_[j];
        }
      }
      const double before = price_[best];
      if (second != kFree) price_[best] -= second_lowest - lowest;
      const bool lowered = price_[best] < before;
      if (!lowered && row_of_[best] != kFree && second != kFree) best = second;
      const std::size_t driven_out = row_of_[best];
      pair(row, best);
      if (driven_out == kFree) continue;
      column_of_[driven_out] = kFree;
      if (lowered && bids_left > 0) {
        --bids_left;
        free_rows[--next] = driven_out;
      } else {
        left.push_back(driven_out);
      }
    }
    return left;
  }

  /// Shortest path from a free row to a free column over reduced costs (Dijkstra); pairs change
  /// along it, and prices so that all pairs stay optimal.
  void augment(std::size_t row) {
    fill_reduced(row);
    distance_ = cost_;
    before_.assign(n_, row);
    todo_.resize(n_);
    std::iota(todo_.begin(), todo_.end(), std::size_t{0});
    // todo_[0, low): done; [low, up): at the smallest distance, to be scanned; the rest: farther.
    std::size_t low = 0, up = 0, done = 0, end = kFree;
    double smallest = 0.0;
    while (end == kFree) {
      if (up == low) {
        done = low;
        smallest = nearest(low, up);
        for (std::size_t k = low; k < up && end == kFree; ++k)
          if (row_of_[todo_[k]] == kFree) end = todo_[k];
        if (end != kFree) break;
      }
      end = scan(todo_[low++], smallest, up);
    }
    for (std::size_t k = 0; k < done; ++k) price_[todo_[k]] += distance_[todo_[k]] - smallest;
    for (std::size_t column = end, i = kFree; i != row;) {
      i = before_[column];
      row_of_[column] = i;
      std::swap(column, column_of_[i]);
    }
  }

  /// Moves all columns at the smallest distance to [low, up).
  double nearest(std::size_t low, std::size_t& up) {
    double smallest = distance_[todo_[up++]];
    for (std::size_t k = up; k < n_; ++k) {
      const std::size_t j = todo_[k];
      if (distance_[j] > smallest) continue;
      if (distance_[j] < smallest) {
        up = low;
        smallest = distance_[j];
      }
      todo_[k] = todo_[up];
      todo_[up++] = j;
    }
    return smallest;
  }

  /// Shortens distances over the row that has `column`; returns a free column at the smallest
  /// distance, if there is one.
  std::size_t scan(std::size_t column, double smallest, std::size_t& up) {
    const std::size_t i = row_of_[column];
    fill_reduced(i);
    const double offset = cost_[column] - smallest;
    for (std::size_t k = up; k < n_; ++k) {
      const std::size_t j = todo_[k];
      // Rounding must not make a way shorter than the shortest.
      const double way = std::max(cost_[j] - offset, smallest);
      if (way >= distance_[j]) continue;
      before_[j] = i;
      distance_[j] = way;
      if (way > smallest) continue;
      if (row_of_[j] == kFree) return j;
      todo_[k] = todo_[up];
      todo_[up++] = j;
    }
    return kFree;
  }

  std::size_t n_dimensions_;
  bool torus_;
  Columns rows_, columns_;
  std::size_t n_;
  std::vector<double> cost_, price_;
  std::vector<std::size_t> column_of_, row_of_;
  std::vector<double> distance_;
  std::vector<std::size_t> before_, todo_;
};

Assignment assignment_of(const PointSample& a, const PointSample& b, PointMetric metric) {
  if (a.n_points() == 0 || a.n_points() != b.n_points() || a.n_dimensions != b.n_dimensions)
    throw InputError("Wasserstein distance of " + std::to_string(a.n_points()) + " and " +
                     std::to_string(b.n_points()) + " points in " + std::to_string(a.n_dimensions) +
                     " and " + std::to_string(b.n_dimensions) +
                     " dimensions: expected equally many points, at least one, in the same space");
  return {a, b, metric};
}

}  // namespace

double wasserstein(const WeightedSample& a, const WeightedSample& b, WassersteinOrder order) {
  const std::vector<Atom> first = sorted_atoms(a), second = sorted_atoms(b);
  double sum = 0.0;
  // Both quantile functions are constant between the ends of two atoms.
  double left_first = first[0].mass, left_second = second[0].mass;
  for (std::size_t i = 0, j = 0; i < first.size() && j < second.size();) {
    const double mass = std::min(left_first, left_second);
    const double d = std::abs(first[i].value - second[j].value);
    sum += mass * (order == WassersteinOrder::kOne ? d : d * d);
    const bool first_ends = left_first <= left_second, second_ends = left_second <= left_first;
    left_first -= mass;
    left_second -= mass;
    if (first_ends && ++i < first.size()) left_first = first[i].mass;
    if (second_ends && ++j < second.size()) left_second = second[j].mass;
  }
  return order == WassersteinOrder::kOne ? sum : std::sqrt(sum);
}

std::vector<std::size_t> best_pairing(const PointSample& a, const PointSample& b,
                                      PointMetric metric) {
  return assignment_of(a, b, metric).solve();
}

double wasserstein_2(const PointSample& a, const PointSample& b, PointMetric metric) {
  Assignment assignment = assignment_of(a, b, metric);
  const std::vector<std::size_t> partner = assignment.solve();
  double sum = 0.0;
  for (std::size_t i = 0; i < partner.size(); ++i) sum += assignment.cost(i, partner[i]);
  return std::sqrt(sum / static_cast<double>(partner.size()));
}

}  // namespace saltus::engine
