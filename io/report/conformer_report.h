#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "io/report/gnuplot.h"
#include "io/report/molecule_view.h"

namespace saltus::io {

/// All that a page about a run of many molecules shows.
struct ConformerReportData {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  /// What is left after a stage of the work.
  struct Stage {
    std::string name;
    std::uint64_t count = 0;
  };
  /// Molecules that failed in the same way.
  struct Failure {
    std::string status;
    std::uint64_t count = 0;
    std::vector<std::string> examples;  ///< the first ones
  };
  struct Row {
    std::string name, status;
    std::uint64_t n_isomers = 0, n_conformers = 0;
    double energy_span = kUnknown;  ///< kcal/mol, over the conformers of one isomer, the largest
    double rmsd = kUnknown;         ///< angstrom; largest of any conformer to its isomer's first
    double n_effective = kUnknown, seconds = kUnknown;
    std::string possible_isomers = "";  ///< how many there are, when not all were made
    std::string remark = "";            ///< what the user should know of it
  };
  /// Probabilities of equal bins from -180 to 180 degrees.
  struct TorsionHistogram {
    std::string name;
    std::vector<double> probability;
  };
  struct Torsions {
    std::string molecule;
    std::vector<TorsionHistogram> histograms;
    std::uint64_t n_left_out = 0;  ///< further ones that are not shown
  };

  std::string title;
  bool interrupted = false;
  double seconds = 0.0;
  std::uint64_t n_molecules = 0, n_with_conformers = 0, n_conformers = 0;
  std::vector<Stage> molecule_stages, conformer_stages;  ///< each group has a scale of its own
  std::uint64_t n_isomers = 0;  ///< stereoisomers and fragments that have conformers
  std::uint64_t n_stereo_rejected = 0;
  std::uint64_t n_isomer_lists_cut = 0;  ///< molecules with more isomers than were made
  std::vector<Failure> failures;
  std::vector<Row> rows;  ///< of the first molecules
  std::vector<Torsions> torsions;
  std::vector<MoleculePicture> pictures;
  std::vector<std::pair<std::string, std::string>> provenance;  ///< names and values
};

/// One self-contained HTML page: loads nothing; a small script of its own turns the molecules.
/// Histograms are inline SVG drawn by gnuplot.
/// @throws FileError  as run_gnuplot
std::string render_conformer_report(const ConformerReportData& data,
                                    const GnuplotOptions& gnuplot = {});

/// Gnuplot script: small histograms side by side, three in a row; "" when there are none.
std::string torsion_histograms_script(const ConformerReportData::Torsions& torsions);

}  // namespace saltus::io
