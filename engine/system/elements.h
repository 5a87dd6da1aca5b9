#pragma once

#include <string>

namespace saltus::engine {

/// Chemical symbol ("C"), or "" for 0 (no element: virtual site or unknown). Covers 0..103.
std::string element_symbol(int atomic_number);

/// Atomic number of a symbol in any letter case; 0 when it is none.
int atomic_number_of(const std::string& symbol);

/// Element of a mass as force fields write them: the nearest standard mass within 0.5 dalton of
/// H..Kr and I, else 0. Deuterium and repartitioned hydrogens are not recognised.
int atomic_number_of_mass(double dalton);

}  // namespace saltus::engine
