#include "tests/validation/deviates.h"

#include <cmath>
#include <functional>

namespace saltus::tests {

namespace {

const double kHalfPi = std::acos(0.0);

/// int_0^to sin(x)^power dx by Simpson's rule.
double integral_of_sine(double to, std::size_t power) {
  constexpr int kIntervals = 2000;  // relative error below 1e-9 up to power 200
  const double h = to / kIntervals;
  double sum = 0.0;
  for (int i = 0; i <= kIntervals; ++i) {
    const double weight = i == 0 || i == kIntervals ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
    sum += weight * std::pow(std::sin(i * h), static_cast<double>(power));
  }
  return sum * h / 3.0;
}

/// Where a falling function has a value, by bisection.
double where(const std::function<double(double)>& falling, double value, double high) {
  double low = 0.0;
  constexpr int kHalvings = 60;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    (falling(middle) > value ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double normal_p_value(double z) { return std::erfc(z / std::sqrt(2.0)); }

}  // namespace

double student_p_value(double t, std::size_t degrees_of_freedom) {
  const auto n = static_cast<double>(degrees_of_freedom);
  const double angle = std::atan2(std::sqrt(n), std::abs(t));
  return integral_of_sine(angle, degrees_of_freedom - 1) /
         integral_of_sine(kHalfPi, degrees_of_freedom - 1);
}

double normal_deviate_of(double p) {
  constexpr double kFarthest = 38.0;  // beyond, p is no number of double precision
  return where(normal_p_value, p, kFarthest);
}

double student_limit(double normal_deviate, std::size_t degrees_of_freedom) {
  constexpr double kFarthest = 1e4;
  return where([&](double t) { return student_p_value(t, degrees_of_freedom); },
               normal_p_value(normal_deviate), kFarthest);
}

double chi_square_survival(std::size_t n, double x) {
  // Q(a, x/2) of a = 1/2 or 1, then Q(a + 1, y) = Q(a, y) + y^a exp(-y) / Gamma(a + 1).
  const double y = 0.5 * x;
  double a = n % 2 == 1 ? 0.5 : 1.0;
  double survival = n % 2 == 1 ? std::erfc(std::sqrt(y)) : std::exp(-y);
  if (y <= 0.0) return 1.0;
  for (; a < 0.5 * static_cast<double>(n); a += 1.0)
    survival += std::exp(a * std::log(y) - y - std::lgamma(a + 1.0));
  return survival;
}

}  // namespace saltus::tests
