#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "engine/conformers/molecule_table.h"
#include "engine/core/units.h"
#include "engine/system/coordinates.h"
#include "forcefields/chem/torsion_query.h"
#include "tools/conformers/make_conformers.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// Which bond is turned and how.
struct ScanOptions {
  forcefields::TorsionAtoms atoms{};  ///< without `smarts`: four in a row, as indices
  std::string smarts;                 ///< its first match (torsion_query.h); empty: `atoms`
  std::size_t n_points = 36;          ///< angles of a whole turn, equally far apart
  std::size_t n_starts = 12;          ///< minima of lowest energy that every angle starts from
  std::size_t n_searches = 1;         ///< for these minima
};

/// One angle of a profile.
struct ScanPoint {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  double angle_rad = 0.0;
  double energy = kUnknown;  ///< kJ/mol; NaN: nothing of the molecule's configuration was reached
};

/// A minimum or a barrier of a profile.
struct ScanExtremum {
  double angle_rad = 0.0, energy = 0.0;  ///< kJ/mol
};

/// The relaxed energy of a molecule as a function of one torsion.
struct TorsionScan {
  std::size_t number = 0;  ///< of the record
  std::string where, name, smiles, force_field;
  std::string status = "OK";  ///< "NO_TORSION", "INCOMPLETE", or a word of engine::MoleculeStatus
  std::string message;
  std::string torsion;                  ///< "C1-C2-C3-C4"
  std::vector<ScanPoint> points;        ///< from -180 degrees upwards
  std::vector<ScanExtremum> minima;     ///< minimised without restraint from those of the profile
  std::vector<ScanExtremum> barriers;   ///< vertices of parabolas through three points
  double lowest = ScanPoint::kUnknown;  ///< kJ/mol; of all points and minima, the search's included
  engine::MoleculeTable molecule;
  engine::CoordinateBatch positions;  ///< [points, N, 3], nm; zeros where there is no energy
};

/// Turns one bond through a whole turn. At each angle t of the grid the molecule is minimised with
/// the torsion restrained, U + k/2 (phi - t)^2, k = 1e4 kJ/mol/rad^2, all else free, and
///   E(t) = U + k (phi - t)^2,
/// which takes out to first order that phi stays short of t (dU/dphi = -k (phi - t) there). The
/// starts at each angle are the minima of lowest energy that a search finds, the bond turned to the
/// angle, and, up and down the grid until nothing gets lower any more, the best conformers of both
/// neighbouring angles turned by one step; the lowest counts. So the profile does not depend on
/// where a scan begins or which way it goes. Depends on molecule, number, options and settings
/// only, unless time runs out. Never throws for a molecule.
/// @param settings  of mode kMinima, their force field MMFF94 or MMFF94s
TorsionScan scan_torsion(const NamedMolecule& named, const ConformerSettings& settings,
                         const ScanOptions& options);

}  // namespace saltus::tools
