#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace saltus::tools {

/// A monatomic ion of one elementary charge.
struct Ion {
  std::string name;     ///< "Na+"
  std::string residue;  ///< of the Chemical Component Dictionary: "NA", "IOD"
  std::string atom;     ///< "NA", "I"
  int atomic_number = 0;
  int charge = 0;  ///< e, +1 or -1
};

/// Li+, Na+, K+, Rb+ and Cs+, or F-, Cl-, Br- and I-.
/// @param charge  +1 or -1
std::vector<Ion> known_ions(int charge);

/// The ion of this name among those of a charge, "Na+" for instance; nothing for another name.
std::optional<Ion> ion_named(const std::string& name, int charge);

/// How many ions of each kind a box gets.
struct IonCounts {
  std::size_t positive = 0, negative = 0;

  std::size_t total() const { return positive + negative; }
};

/// What a box of ions and water asks for.
struct IonOptions {
  Ion positive = *ion_named("Na+", 1), negative = *ion_named("Cl-", -1);
  double salt_mol_per_litre = 0.15;  ///< pairs, beside what neutralises
  bool neutralise = true;            ///< ions of the charge opposite to the solute's
};

/// |charge| ions against the solute's charge, then round(c (n - |charge|) / 55.4 mol/l) pairs, n
/// being the number of water molecules before any is replaced and 55.4 mol/l the concentration of
/// water in water, as OpenMM's Modeller does.
/// @throws InputError  when there is not enough water to be replaced
IonCounts count_ions(const IonOptions& options, int solute_charge, std::size_t n_waters);

}  // namespace saltus::tools
