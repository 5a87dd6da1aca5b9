#include "tools/solvation/ions.h"

#include <cmath>
#include <cstdlib>

#include "engine/core/error.h"

namespace saltus::tools {

std::vector<Ion> known_ions(int charge) {
  if (charge > 0)
    return {{"Li+", "LI", "LI", 3, 1},
            {"Na+", "NA", "NA", 11, 1},
            {"K+", "K", "K", 19, 1},
            {"Rb+", "RB", "RB", 37, 1},
            {"Cs+", "CS", "CS", 55, 1}};
  return {{"F-", "F", "F", 9, -1},
          {"Cl-", "CL", "CL", 17, -1},
          {"Br-", "BR", "BR", 35, -1},
          {"I-", "IOD", "I", 53, -1}};
}

std::optional<Ion> ion_named(const std::string& name, int charge) {
  for (const Ion& ion : known_ions(charge))
    if (ion.name == name) return ion;
  return std::nullopt;
}

IonCounts count_ions(const IonOptions& options, int solute_charge, std::size_t n_waters) {
  constexpr double kWaterMolPerLitre = 55.4;
  IonCounts counts;
  const auto n_against = static_cast<std::size_t>(std::abs(solute_charge));
  if (options.neutralise) (solute_charge > 0 ? counts.negative : counts.positive) = n_against;
  if (counts.total() < n_waters) {
    const auto n_left = static_cast<double>(n_waters - counts.total());
    const auto n_pairs = static_cast<std::size_t>(
        std::llround(n_left * options.salt_mol_per_litre / kWaterMolPerLitre));
    counts.positive += n_pairs;
    counts.negative += n_pairs;
  }
  if (counts.total() > n_waters)
    throw engine::InputError(std::to_string(counts.total()) + " ions cannot take the place of " +
                             std::to_string(n_waters) +
                             " water molecules; take a larger box or less salt");
  return counts;
}

}  // namespace saltus::tools
