#pragma once

#include <cmath>
#include <vector>

#include "forcefields/chem/molecule_reader.h"
#include "tools/conformers/minimum_search.h"
#include "tools/conformers/scan_bond.h"

namespace saltus::tests {

/// Butane in its two minima, in a plain vacuum: what the tests of strain, rescoring and scans
/// compare with.
struct Butane {
  forcefields::ChemMolecule molecule = forcefields::parse_smiles("CCCC");
  tools::ConformerSettings settings = tools::default_settings(tools::ConformerMode::kMinima);
  std::vector<double> anti, gauche;               ///< [N, 3], nm
  double energy_anti = 0.0, energy_gauche = 0.0;  ///< kJ/mol

  Butane() {
    settings.n_conformers = 20;
    const auto search =
        tools::search_minima(molecule, settings, 1, std::chrono::steady_clock::time_point::max());
    const auto& x = search.conformers;
    for (std::size_t c = x.n_frames(); c-- > 0;) {
      const auto chain = x.positions.chain(c);
      const bool is_anti = std::abs(bond().angle(chain)) > 2.5;
      (is_anti ? anti : gauche).assign(chain.begin(), chain.end());
      (is_anti ? energy_anti : energy_gauche) = x.energies[c];
    }
  }

  tools::ScanBond bond() const { return tools::scan_bond(molecule, {0, 1, 2, 3}); }

  /// A record with these positions.
  template <class Record = tools::NamedMolecule>
  Record record(const std::vector<double>& positions, std::size_t number = 1) const {
    Record named;
    named.number = number;
    named.where = "x.sdf:" + std::to_string(number);
    named.molecule = molecule;
    named.molecule->positions_nm = positions;
    return named;
  }
};

}  // namespace saltus::tests
