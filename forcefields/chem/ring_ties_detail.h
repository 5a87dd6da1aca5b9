#pragma once

#include <GraphMol/GraphMol.h>

#include <cstddef>
#include <string>
#include <vector>

#include "forcefields/chem/stereo_elements_detail.h"

namespace saltus::forcefields::detail {

/// Two elements of which one decides about the other.
struct StereoTie {
  std::size_t first = 0, second = 0;  ///< elements
  int product = 1;                    ///< of their signs
  std::string reason;                 ///< "bridgeheads of bicyclo[2.2.1]"
};

/// What small bicycles decide about their bridgeheads, which have three ways to each other that
/// share no other atom, of a >= b >= c atoms:
/// - c >= 1 and a + b + c <= 7 (bicyclo[3.3.1], [2.2.2], [2.2.1] ...): the fourth substituents of
///   both point outwards; a ring of eight or fewer cannot be bridged from its inside. Such "in,
///   out" isomers are known from bicyclo[4.4.1]undecane (ingenol) on.
/// - c = 0 and a + b <= 4 (bicyclo[1.1.0] to [3.1.0] and [2.2.0]): the rings are fused cis. Fused
///   trans they are known from bicyclo[4.1.0] and [3.2.0]heptane on.
/// Source: Alder, East, Chem. Rev. 96, 2097 (1996) (in, out isomers).
std::vector<StereoTie> ring_ties(const RDKit::ROMol& molecule,
                                 const std::vector<StereoElement>& elements);

}  // namespace saltus::forcefields::detail
