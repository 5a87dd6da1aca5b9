#include "engine/system/elements.h"

#include <array>
#include <cctype>
#include <cmath>

namespace saltus::engine {

namespace {

constexpr std::array<const char*, 104> kSymbols = {
    "",   "H",  "He", "Li", "Be", "B",  "C",  "N",  "O",  "F",  "Ne", "Na", "Mg", "Al", "Si",
    "P",  "S",  "Cl", "Ar", "K",  "Ca", "Sc", "Ti", "V",  "Cr", "Mn", "Fe", "Co", "Ni", "Cu",
    "Zn", "Ga", "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y",  "Zr", "Nb", "Mo", "Tc", "Ru",
    "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "I",  "Xe", "Cs", "Ba", "La", "Ce", "Pr",
    "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W",
    "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac",
    "Th", "Pa", "U",  "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es", "Fm", "Md", "No", "Lr"};

// IUPAC 2013 abridged standard atomic weights, H to Kr.
constexpr std::array<double, 37> kMasses = {
    0.0,    1.008,  4.0026, 6.94,   9.0122, 10.81,  12.011, 14.007, 15.999, 18.998,
    20.180, 22.990, 24.305, 26.982, 28.085, 30.974, 32.06,  35.45,  39.948, 39.098,
    40.078, 44.956, 47.867, 50.942, 51.996, 54.938, 55.845, 58.933, 58.693, 63.546,
    65.38,  69.723, 72.630, 74.922, 78.971, 79.904, 83.798};
// Angstrom, H to Xe.
constexpr std::array<double, 55> kCovalentRadii = {
    0.0,  0.31, 0.28, 1.28, 0.96, 0.84, 0.76, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41, 1.21,
    1.11, 1.07, 1.05, 1.02, 1.06, 2.03, 1.76, 1.70, 1.60, 1.53, 1.39, 1.39, 1.32, 1.26,
    1.24, 1.32, 1.22, 1.22, 1.20, 1.19, 1.20, 1.20, 1.16, 2.20, 1.95, 1.90, 1.75, 1.64,
    1.54, 1.47, 1.46, 1.42, 1.39, 1.45, 1.44, 1.42, 1.39, 1.39, 1.38, 1.39, 1.40};
constexpr double kLargeRadiusNm = 0.16;
constexpr double kIodineMass = 126.90;
constexpr int kHydrogen = 1, kIodine = 53;
constexpr double kDeuteriumMass = 2.014, kTritiumMass = 3.016;

}  // namespace

std::string element_symbol(int atomic_number) {
  if (atomic_number < 0 || atomic_number >= static_cast<int>(kSymbols.size())) return "";
  return kSymbols[static_cast<std::size_t>(atomic_number)];
}

int atomic_number_of(const std::string& symbol) {
  if (symbol.empty() || symbol.size() > 2) return 0;
  std::string normal(1, static_cast<char>(std::toupper(static_cast<unsigned char>(symbol[0]))));
  if (symbol.size() == 2)
    normal += static_cast<char>(std::tolower(static_cast<unsigned char>(symbol[1])));
  if (isotope_mass_of(normal) > 0.0) return kHydrogen;
  for (std::size_t z = 1; z < kSymbols.size(); ++z)
    if (normal == kSymbols[z]) return static_cast<int>(z);
  return 0;
}

double isotope_mass_of(const std::string& symbol) {
  if (symbol == "D" || symbol == "d") return kDeuteriumMass;
  if (symbol == "T" || symbol == "t") return kTritiumMass;
  return 0.0;
}

double covalent_radius_nm(int atomic_number) {
  constexpr double kNmPerAngstrom = 0.1;
  const bool listed = atomic_number > 0 && atomic_number < static_cast<int>(kCovalentRadii.size());
  return listed ? kCovalentRadii[static_cast<std::size_t>(atomic_number)] * kNmPerAngstrom
                : kLargeRadiusNm;
}

int atomic_number_of_mass(double dalton) {
  constexpr double kTolerance = 0.5;
  int best = 0;
  double gap = kTolerance;
  for (std::size_t z = 1; z < kMasses.size(); ++z)
    if (std::abs(dalton - kMasses[z]) < gap) {
      gap = std::abs(dalton - kMasses[z]);
      best = static_cast<int>(z);
    }
  if (std::abs(dalton - kIodineMass) < gap) best = kIodine;
  return best;
}

}  // namespace saltus::engine
