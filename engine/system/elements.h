#pragma once

#include <string>

namespace saltus::engine {

/// Chemical symbol ("C"), or "" for 0 (no element: virtual site or unknown). Covers 0..103.
std::string element_symbol(int atomic_number);

/// Atomic number of a symbol in any letter case; 0 when it is none. D and T are hydrogen.
int atomic_number_of(const std::string& symbol);

/// Mass of an isotope that has a symbol of its own: D (2.014) and T (3.016 dalton), in any letter
/// case; 0 for every other text. Masses: IUPAC 2013.
double isotope_mass_of(const std::string& symbol);

/// Covalent radius, nm; 0.16 for elements beyond xenon. Source: Cordero et al., Dalton Trans. 2832
/// (2008), doi:10.1039/b801115j (carbon sp3, manganese to cobalt low spin).
double covalent_radius_nm(int atomic_number);

/// Element of a mass as force fields write them: the nearest standard mass within 0.5 dalton of
/// H..Kr and I, else 0. Deuterium and repartitioned hydrogens are not recognised.
int atomic_number_of_mass(double dalton);

}  // namespace saltus::engine
