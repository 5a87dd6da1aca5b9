#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/coordinates.h"
#include "engine/system/system.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::tests {

/// A molecule with a force field, and configurations of it that every program computes alike.
struct BenchSystem {
  std::string key;    ///< part of a measurement's name: "alanine_vacuum"
  std::string title;  ///< for tables
  engine::System system;
  /// The minimum of the file, or a lattice, in the box of the system, every coordinate displaced at
  /// random by a few thousandths of a nm.
  engine::CoordinateBatch configurations;
  std::optional<forcefields::ChemMolecule> chem;  ///< for RDKit; MMFF94 only
  /// What other programs may be off, as they interpolate on a grid.
  double grid_error_kj_per_mol = 0.0;
};

constexpr std::size_t kConfigurations = 1024;

/// Keys of the two systems that dynamics and scaling are measured on.
constexpr const char* kSmallVacuum = "alanine_vacuum";
constexpr const char* kSmallSolvated = "alanine_obc2";

/// Key of the one with bond orders.
constexpr const char* kDrug = "atenolol_mmff94";

/// All systems, smallest first. @throws InputError, FileError  from the readers
std::vector<std::shared_ptr<const BenchSystem>> load_bench_systems();

/// One with this key. @throws InternalError  when there is none
std::shared_ptr<const BenchSystem> find_system(
    const std::vector<std::shared_ptr<const BenchSystem>>& systems, const std::string& key);

/// Positions of n_chains chains: the configurations, over and over.
engine::CoordinateBatch repeated(const engine::CoordinateBatch& configurations,
                                 std::size_t n_chains);

}  // namespace saltus::tests
