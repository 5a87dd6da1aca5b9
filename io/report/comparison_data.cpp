#include "io/report/comparison_data.h"

#include <algorithm>
#include <cmath>

namespace saltus::io {

std::vector<NamedSpeedUp> sorted_speed_ups(const ComparisonData& data,
                                           const std::string& reference) {
  std::vector<NamedSpeedUp> result;
  for (const ComparisonData::Peptide& peptide : data.peptides)
    for (const ComparisonData::Run& run : peptide.runs)
      for (const ComparisonData::SpeedUp& speed_up : run.speed_ups)
        if (speed_up.is_slowest && speed_up.reference == reference && std::isfinite(speed_up.value))
          result.push_back(
              {peptide.name, run.name, speed_up.value, speed_up.error, speed_up.is_lower_bound});
  std::stable_sort(result.begin(), result.end(),
                   [](const NamedSpeedUp& a, const NamedSpeedUp& b) { return a.value > b.value; });
  return result;
}

std::vector<std::string> speed_up_references(const ComparisonData& data) {
  std::vector<std::string> names;
  for (const ComparisonData::Peptide& peptide : data.peptides)
    for (const ComparisonData::Run& run : peptide.runs)
      for (const ComparisonData::SpeedUp& speed_up : run.speed_ups)
        if (std::find(names.begin(), names.end(), speed_up.reference) == names.end())
          names.push_back(speed_up.reference);
  return names;
}

double median_speed_up(const std::vector<NamedSpeedUp>& speed_ups) {
  if (speed_ups.empty()) return ComparisonData::kUnknown;
  std::vector<double> values;
  for (const NamedSpeedUp& speed_up : speed_ups) values.push_back(speed_up.value);
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

}  // namespace saltus::io
