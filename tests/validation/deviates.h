#pragma once

#include <cstddef>

namespace saltus::tests {

/// Probability that |T| >= |t| for Student's t: with cos(a) = t / sqrt(t^2 + n) for n degrees of
/// freedom it is int_0^a sin^(n-1) / int_0^(pi/2) sin^(n-1), which loses no digits in the tail.
double student_p_value(double t, std::size_t degrees_of_freedom);

/// z >= 0 of a standard normal with P(|Z| >= z) = p.
/// @param p  in (0, 1]
double normal_deviate_of(double p);

/// |t| of Student's distribution that is as rare as `normal_deviate` of a normal distribution.
double student_limit(double normal_deviate, std::size_t degrees_of_freedom);

/// P(X >= x) of a sum of n squares of standard normal numbers; n >= 1.
double chi_square_survival(std::size_t n, double x);

}  // namespace saltus::tests
