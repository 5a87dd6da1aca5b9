#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/statistics.h"
#include "tests/validation/ensemble_ratio.h"

namespace saltus::tests {

/// A row fails beyond this normal deviate: by chance one in 16,000 (two-sided).
constexpr double kLimit = 4.0;

/// A line of the table that the validation writes.
struct ValidationRow {
  std::string check = {};    ///< "energies of two temperatures"
  std::string subject = {};  ///< "peptide_leap", "ff14SB, OBC2"
  std::string measured = {}, expected = {};
  std::string seen = {};  ///< smallest deviation that would be caught, of 95 % of repetitions
  bool agrees = false;    ///< with what is expected
  /// From what is expected; NaN where a row has no standard error.
  double standard_errors = std::numeric_limits<double>::quiet_NaN();
  double normal_deviate = std::numeric_limits<double>::quiet_NaN();  ///< as rare as that
  bool is_defect = false;  ///< the run itself has one: must not agree
  std::string wrong = {};  ///< a defect that is planted in the analysis of the same data
  double wrong_standard_errors = std::numeric_limits<double>::quiet_NaN();
  bool wrong_is_caught = false;
  std::string planted = {};  ///< defects of the move that other tests plant and catch
};

/// How a quantity depends on a defect, for what a row would see.
struct WrongHypothesis {
  std::string what = {};                        ///< "too warm"
  std::function<double(double)> expected = {};  ///< of the relative size of the defect
  double largest = 0.1;                         ///< that a row may need to see it
};

/// Agrees within kLimit; its data are held against the smallest of 1, 2, 3, 5, 10, 20, 50 and 70 %
/// of the defect that they miss once in 30,000 repetitions at most; it must be caught.
ValidationRow row_of(std::string check, std::string subject, const Comparison& comparison,
                     const WrongHypothesis& wrong);
/// Of a run with a defect.
ValidationRow row_of(std::string check, std::string subject, const Comparison& comparison);
/// Agrees where the gap is below its threshold.
ValidationRow row_of(std::string check, std::string subject, const DistributionCheck& gap);

/// "%.3g" and the like.
std::string number(const char* format, double value);

/// All rows of this process; the test program writes them at its end.
class ValidationTable {
 public:
  static ValidationTable& of_this_run();
  /// Keeps the row and fails the running test unless it agrees and its wrong hypothesis does not.
  void add(ValidationRow row);
  /// Keeps the row and fails the running test if it agrees.
  void add_defect(ValidationRow row);
  /// In Markdown, with all rows held together.
  std::string text() const;
  /// Whether no row has a normal deviate.
  bool empty() const { return normal_deviates().empty(); }
  /// Probability that the squares of the normal deviates of all rows without a defect have so large
  /// a sum; 1 without rows.
  double joint_p_value() const;

 private:
  /// Of rows that have them and no defect in the run.
  std::vector<double> normal_deviates() const;
  std::vector<ValidationRow> rows_;
};

}  // namespace saltus::tests
