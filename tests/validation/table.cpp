#include "tests/validation/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <sstream>
#include <utility>

namespace saltus::tests {

namespace {

std::string number(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string line(const ValidationRow& row) {
  const char* judgement = row.is_defect ? row.agrees ? "NOT CAUGHT" : "caught"
                          : row.agrees  ? "agrees"
                                        : "DIFFERS";
  const std::string away =
      std::isnan(row.standard_errors) ? "" : number("%.1f", row.standard_errors);
  return "| " + row.check + " | " + row.subject + " | " + row.measured + " | " + row.expected +
         " | " + away + " | " + row.seen + " | " + judgement + " |\n";
}

}  // namespace

ValidationRow row_of(std::string check, std::string subject, const Comparison& comparison) {
  ValidationRow row{std::move(check), std::move(subject)};
  row.measured = number("%.5g", comparison.measured) + " ± " + number("%.2g", comparison.error);
  row.expected = number("%.5g", comparison.expected);
  row.seen = number("%.2g %%", 100.0 * comparison.relative_deviation_seen(kLimit));
  row.standard_errors = comparison.standard_errors();
  row.agrees = std::abs(row.standard_errors) <= kLimit;  // NaN does not
  return row;
}

ValidationRow row_of(std::string check, std::string subject, const DistributionCheck& gap) {
  ValidationRow row{std::move(check), std::move(subject)};
  row.measured = "gap " + number("%.4f", gap.gap);
  row.expected = "below " + number("%.4f", gap.threshold);
  row.seen = "gap " + number("%.4f", gap.power_gap);
  row.agrees = gap.passed();
  return row;
}

ValidationTable& ValidationTable::of_this_run() {
  static ValidationTable table;
  return table;
}

void ValidationTable::add(ValidationRow row) {
  EXPECT_TRUE(row.agrees) << line(row);
  rows_.push_back(std::move(row));
}

void ValidationTable::add_defect(ValidationRow row) {
  row.is_defect = true;
  EXPECT_FALSE(row.agrees) << line(row);
  rows_.push_back(std::move(row));
}

std::string ValidationTable::text() const {
  constexpr double kBeyondTwo = 0.0455;  // of a normal distribution
  std::ostringstream text;
  text << "| check | of | measured | expected | standard errors | deviation seen | |\n"
       << "| --- | --- | --- | --- | --- | --- | --- |\n";
  std::size_t n = 0, beyond_two = 0;
  for (const ValidationRow& row : rows_) {
    text << line(row);
    if (row.is_defect || std::isnan(row.standard_errors)) continue;
    ++n;
    if (std::abs(row.standard_errors) > 2.0) ++beyond_two;
  }
  text << "\n"
       << beyond_two << " of " << n
       << " rows with standard errors and without a planted defect are beyond two of them; "
       << number("%.1f", kBeyondTwo * static_cast<double>(n))
       << " are expected. \"Deviation seen\": from what is expected, caught in 97.7 % of "
          "repetitions or more.\n";
  return text.str();
}

}  // namespace saltus::tests
