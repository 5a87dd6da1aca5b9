#include "tests/validation/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <sstream>
#include <utility>

#include "tests/validation/deviates.h"

namespace saltus::tests {

namespace {

constexpr double kSure = 1.645;        // 95 % of normal numbers are below
constexpr double kVerySure = 4.0;      // all but one in 30,000
constexpr double kBeyondTwo = 0.0455;  // of normal numbers, in size

std::string line(const ValidationRow& row) {
  const auto errors = [](double value) {
    return std::isnan(value) ? std::string() : number("%.1f", value);
  };
  const char* const judgement = row.is_defect ? row.agrees ? "NOT CAUGHT" : "caught"
                                : row.agrees  ? "agrees"
                                              : "DIFFERS";
  const std::string wrong =
      row.wrong.empty() ? "" : row.wrong + (row.wrong_is_caught ? ", caught" : ", NOT CAUGHT");
  std::string text = "|";
  for (const std::string& cell :
       {row.check, row.subject, row.measured, row.expected, errors(row.standard_errors),
        std::string(judgement), row.seen, wrong, errors(row.wrong_standard_errors), row.planted})
    text += ' ' + cell + " |";
  return text + '\n';
}

/// The smallest size in [0, 1] at which what is expected has moved by `shift`, by bisection.
double size_of(const WrongHypothesis& wrong, double expected, double shift) {
  double low = 0.0, high = 1.0;
  constexpr int kHalvings = 40;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    (std::abs(wrong.expected(middle) - expected) < shift ? low : high) = middle;
  }
  return high;
}

}  // namespace

std::string number(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

ValidationRow row_of(std::string check, std::string subject, const Comparison& comparison) {
  ValidationRow row{std::move(check), std::move(subject)};
  row.measured = number("%.5g", comparison.measured) + " ± " + number("%.2g", comparison.error);
  row.expected = number("%.5g", comparison.expected);
  row.standard_errors = comparison.standard_errors();
  row.normal_deviate = comparison.normal_deviate();
  row.agrees = std::abs(row.normal_deviate) <= kLimit;  // NaN does not
  return row;
}

ValidationRow row_of(std::string check, std::string subject, const Comparison& comparison,
                     const WrongHypothesis& wrong) {
  ValidationRow row = row_of(std::move(check), std::move(subject), comparison);
  if (std::isnan(row.standard_errors)) return row;
  const auto percent = [&](double size) { return number("%.2g %% ", 100.0 * size) + wrong.what; };
  row.seen = percent(size_of(wrong, comparison.expected, comparison.deviation_seen(kLimit, kSure)));
  const double needed =
      size_of(wrong, comparison.expected, comparison.deviation_seen(kLimit, kVerySure));
  constexpr double kSizes[] = {0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 0.7};
  const auto* const size =
      std::find_if(std::begin(kSizes), std::end(kSizes), [&](double one) { return one >= needed; });
  if (size == std::end(kSizes) || *size > wrong.largest) {
    row.wrong = "none up to " + percent(wrong.largest);
    return row;
  }
  Comparison under = comparison;
  under.expected = wrong.expected(*size);
  row.wrong = percent(*size);
  row.wrong_standard_errors = under.standard_errors();
  row.wrong_is_caught = std::abs(under.normal_deviate()) > kLimit;
  return row;
}

ValidationRow row_of(std::string check, std::string subject, const DistributionCheck& gap) {
  ValidationRow row{std::move(check), std::move(subject)};
  row.measured = "gap " + number("%.4f", gap.gap);
  row.expected = "below " + number("%.4f", gap.threshold);
  row.seen = "gap " + number("%.4f", gap.power_gap) + " in 99.9 %";
  row.agrees = gap.passed();
  return row;
}

ValidationTable& ValidationTable::of_this_run() {
  static ValidationTable table;
  return table;
}

void ValidationTable::add(ValidationRow row) {
  EXPECT_TRUE(row.agrees) << line(row);
  EXPECT_TRUE(row.wrong.empty() || row.wrong_is_caught) << line(row);
  rows_.push_back(std::move(row));
}

void ValidationTable::add_defect(ValidationRow row) {
  row.is_defect = true;
  EXPECT_FALSE(row.agrees) << line(row);
  rows_.push_back(std::move(row));
}

std::vector<double> ValidationTable::normal_deviates() const {
  std::vector<double> deviates;
  for (const ValidationRow& row : rows_)
    if (!row.is_defect && !std::isnan(row.normal_deviate)) deviates.push_back(row.normal_deviate);
  return deviates;
}

double ValidationTable::joint_p_value() const {
  const std::vector<double> z = normal_deviates();
  if (z.empty()) return 1.0;
  return chi_square_survival(z.size(), std::inner_product(z.begin(), z.end(), z.begin(), 0.0));
}

std::string ValidationTable::text() const {
  std::ostringstream text;
  text << "| check | of | measured | expected | standard errors | | seen in 95 % | wrong "
          "hypothesis | standard errors from it | planted in the move and caught |\n"
       << "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const ValidationRow& row : rows_) text << line(row);
  const std::vector<double> z = normal_deviates();
  const auto n = static_cast<double>(z.size());
  const auto beyond =
      std::count_if(z.begin(), z.end(), [](double one) { return std::abs(one) > 2.0; });
  text << "\nStandard errors of n groups of chains follow Student's t; rows are judged by the "
          "normal deviate that is as rare. A row fails beyond "
       << number("%g", kLimit) << ": by chance one in 16,000, one of the " << z.size() << " in "
       << number("%.0f", 1.0 / (n * std::erfc(kLimit / std::sqrt(2.0))))
       << " whole validations. \"Seen in 95 %\": the smallest defect that fails its row in 95 % of "
          "repetitions. \"Wrong hypothesis\": the same data, held against what they would be with "
          "that defect, must fail.\n\n"
       << "Together: squares of " << z.size() << " normal deviates have the sum "
       << number("%.1f", std::inner_product(z.begin(), z.end(), z.begin(), 0.0))
       << ", as large or larger with probability " << number("%.3f", joint_p_value()) << "; "
       << beyond << " are beyond 2, where " << number("%.1f", kBeyondTwo * n) << " are expected.\n";
  return text.str();
}

}  // namespace saltus::tests
