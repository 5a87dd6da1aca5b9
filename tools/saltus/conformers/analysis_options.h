#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tools/conformers/pose_strain.h"
#include "tools/conformers/settings.h"
#include "tools/conformers/torsion_scan.h"
#include "tools/saltus/conformers/input.h"

namespace saltus::tools {

/// What `saltus conformers` may be asked about molecules in place of making conformers of them.
enum class Analysis { kStrain, kRescore, kScan };

/// What was asked: --strain, --rescore or --scan.
struct AnalysisRequest {
  Analysis kind = Analysis::kStrain;
  std::vector<std::string> inputs;
  std::string output, report, html;  ///< may be empty
  ConformerInputOptions input;
  ConformerSettings settings;  ///< of mode kMinima
  StrainOptions strain;
  ScanOptions scan;
  std::size_t n_threads = 1;
  bool overwrite = false, json = false, quiet = false;
  double progress_period_s = 10.0;  ///< between lines, where there is no terminal
  std::string command_line;

  /// What was chosen, in one line.
  std::string choices_text() const;
};

/// Whether --strain, --rescore or --scan is among the arguments.
bool asks_for_analysis(const std::vector<std::string>& arguments);

/// Nothing when --help was asked for, which is then printed.
/// @throws UsageError  saying which option is wrong, or does not go with another one
std::optional<AnalysisRequest> parse_analysis_request(const std::vector<std::string>& arguments);

}  // namespace saltus::tools
