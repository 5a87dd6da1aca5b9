#pragma once

#include <array>
#include <cstddef>

namespace saltus::engine {

/// Up to here the power series, beyond the expansion in 1 / kappa.
constexpr double kBesselSeriesLimit = 9.0;

/// Terms of I0(kappa) - 1 = sum_{j >= 1} (kappa^2 / 4)^j / (j!)^2, for kappa <= kBesselSeriesLimit:
/// all are positive and the first one left out is below 1e-17 of the sum.
constexpr std::size_t kBesselTerms = 26;

/// 1 / j^2 at j, 0 at 0.
constexpr std::array<double, kBesselTerms + 1> inverse_squares() {
  std::array<double, kBesselTerms + 1> values{};
  for (std::size_t j = 1; j <= kBesselTerms; ++j)
    values[j] = 1.0 / (static_cast<double>(j) * static_cast<double>(j));
  return values;
}
constexpr std::array<double, kBesselTerms + 1> kInverseSquares = inverse_squares();

/// sqrt(kappa) exp(-kappa) I0(kappa) for kappa >= kBesselSeriesLimit. Chebyshev coefficients in
/// 2 (kBesselSeriesLimit / kappa) - 1, interpolated at 80 nodes in 60 digits; the first one left
/// out is below 1e-18.
constexpr std::array<double, 22> kBesselTail = {
    0.40185749311841431422,     0.0029662428974560552718,   0.00005282155778377108337,
    1.8936351214277818204e-6,   1.1108819445021809216e-7,   9.9361602440689632384e-9,
    1.2832373720179359643e-9,   2.0460366457583476964e-10,  2.8152423803042239367e-11,
    -6.312155247717990042e-13,  -2.3983928738970105848e-12, -8.9364445226981689696e-13,
    -1.0646196287265391553e-13, 5.0930598668172729979e-14,  2.5806919566087296668e-14,
    1.312942794091097455e-15,   -2.6197970981496503311e-15, -7.0082824384748868825e-16,
    1.9776121515207122115e-16,  1.2165571753482123114e-16,  -1.0282237082481278661e-17,
    -1.8028674941270241298e-17};

}  // namespace saltus::engine
