#pragma once

#include <limits>
#include <string>
#include <vector>

#include "tests/support/statistics.h"
#include "tests/validation/ensemble_ratio.h"

namespace saltus::tests {

/// One assertion in about 16,000 is beyond by chance (two-sided, normal distribution).
constexpr double kLimit = 4.0;

/// A line of the table that the validation writes.
struct ValidationRow {
  std::string check = {};    ///< "energies of two temperatures"
  std::string subject = {};  ///< "peptide_leap", "ff14SB, OBC2"
  std::string measured = {}, expected = {};
  std::string seen = {};  ///< what deviation would be caught, 97.7 % of repetitions or more
  bool agrees = false;    ///< with what is expected
  double standard_errors = std::numeric_limits<double>::quiet_NaN();  ///< where it has them
  bool is_defect = false;                                             ///< planted: must not agree
};

/// Agrees within kLimit standard errors.
ValidationRow row_of(std::string check, std::string subject, const Comparison& comparison);
/// Agrees where the gap is below its threshold.
ValidationRow row_of(std::string check, std::string subject, const DistributionCheck& gap);

/// All rows of this process; the test program writes them at its end.
class ValidationTable {
 public:
  static ValidationTable& of_this_run();
  /// Keeps the row and fails the running test unless it agrees.
  void add(ValidationRow row);
  /// Keeps the row and fails the running test if it agrees.
  void add_defect(ValidationRow row);
  /// In Markdown, with how many rows are beyond two standard errors and how many should be.
  std::string text() const;

 private:
  std::vector<ValidationRow> rows_;
};

}  // namespace saltus::tests
