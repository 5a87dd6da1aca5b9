#pragma once

/// Inside Saltus: nm, ps, dalton, kJ/mol, K, elementary charge, radian. Conversions happen only at
/// the border, by these constants. Values follow the SI of 2019 and CODATA 2018.
namespace saltus::engine {

constexpr double kPi = 3.14159265358979323846;
constexpr double kTwoPi = 2.0 * kPi;
constexpr double kRadianPerDegree = kPi / 180.0;
constexpr double kDegreePerRadian = 180.0 / kPi;

constexpr double kNmPerAngstrom = 0.1;
constexpr double kAngstromPerNm = 10.0;
constexpr double kPsPerFs = 1e-3;
constexpr double kKJPerKcal = 4.184;
/// e N_A volt, kJ/mol (exact): what one elementary charge gains across one volt.
constexpr double kKJPerElectronVolt = 96.48533212331;
/// 1 bar nm^3 N_A, kJ/mol (exact): the work against a pressure.
constexpr double kKJPerBarNm3 = 0.0602214076;
/// 1 dalton (g/mol) in one nm^3, g/cm^3 (exact: 1e21 / N_A).
constexpr double kGramPerCm3PerDaltonPerNm3 = 1.0 / 602.214076;

/// Molar gas constant, kJ/mol/K (exact: N_A k_B).
constexpr double kGasConstant = 8.31446261815324e-3;

/// e^2 N_A / (4 pi epsilon_0), kJ/mol nm / e^2.
constexpr double kCoulombConstant = 138.935457644;

/// AMBER files store charges times this, in sqrt(kcal/mol angstrom).
constexpr double kAmberChargeUnit = 18.2223;

}  // namespace saltus::engine
