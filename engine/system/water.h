#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "engine/system/topology.h"

namespace saltus::engine {

/// One molecule of water, as atoms of a topology.
struct Water {
  std::size_t residue = 0, oxygen = 0;
  std::array<std::size_t, 2> hydrogens{};
  std::vector<std::size_t> sites;  ///< particles without element, such as M of four-site water
};

/// Molecules of water, whatever their names: residues of one oxygen, two hydrogens bonded to it and
/// else only particles without element, none of them bonded to another residue. Unlike
/// `water_residues`, which counts elements only and serves files whose bonds are not known yet.
std::vector<Water> find_waters(const Topology& topology);

/// Index in `waters` of the molecule of each atom; none where there is none; [n_atoms].
std::vector<std::optional<std::size_t>> waters_of_atoms(const std::vector<Water>& waters,
                                                        std::size_t n_atoms);

}  // namespace saltus::engine
