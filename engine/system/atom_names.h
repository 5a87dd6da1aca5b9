#pragma once

#include <string>
#include <vector>

namespace saltus::engine {

/// A name for each atom, of at most four characters, none twice: element and number among its
/// element ("C1", "Cl2", "H12"); numbers of two characters that are too large for decimals are
/// written with letters ("ClA0" is chlorine 100).
/// @param atomic_numbers  [N]
/// @throws InputError  for more atoms of an element than there are names
std::vector<std::string> unique_atom_names(const std::vector<int>& atomic_numbers);

}  // namespace saltus::engine
