#include "io/report/comparison_summary.h"

#include <algorithm>
#include <cmath>

namespace saltus::io {
namespace {

using Run = ComparisonData::Run;
using Named = std::vector<std::pair<std::string, double>>;

/// A quantity that every run has, known or not.
struct Quantity {
  const char *key, *title;
  bool high_is_bad;
  double (*of)(const Run& run);
};

constexpr Quantity kQuantities[] = {
    {"acceptance_of_leaps", "Acceptance of learned leaps, all together", false,
     [](const Run& run) { return run.leap_acceptance; }},
    {"median_acceptance_of_blocks", "Acceptance of learned leaps, median over blocks", false,
     [](const Run& run) { return run.block_acceptance; }},
    {"most_standard_errors_from_reference", "Largest deviation of a population, standard errors",
     true, [](const Run& run) { return run.most_standard_errors; }},
    {"worst_split_r_hat", "Worst split R\u0302", true, [](const Run& run) { return run.r_hat; }},
    {"energy_w1_floors", "Energy W₁ in floors", true,
     [](const Run& run) { return run.distances.energy_1_kT.ratio(); }},
    {"energy_w2_floors", "Energy W₂ in floors", true,
     [](const Run& run) { return run.distances.energy_2_kT.ratio(); }},
    {"torus_w2_floors", "Torus W₂ in floors", true,
     [](const Run& run) { return run.distances.torus_2_rad.ratio(); }},
    {"tica_w2_floors", "TICA W₂ in floors", true,
     [](const Run& run) { return run.distances.tica_2.ratio(); }},
};

const Run* find_run(const ComparisonData::Peptide& peptide, const std::string& name) {
  for (const Run& run : peptide.runs)
    if (run.name == name) return &run;
  return nullptr;
}

/// Null when the run was not compared with it.
const ComparisonData::SpeedUp* speed_up_over(const std::string& reference, const Run& run) {
  for (const ComparisonData::SpeedUp& speed_up : run.speed_ups)
    if (speed_up.is_slowest && speed_up.reference == reference) return &speed_up;
  return nullptr;
}

/// A number of one run of all peptides that have it.
template <class Of>
OverPeptides collect(const ComparisonData& data, const std::string& name, const Of& of) {
  Named values;
  for (const ComparisonData::Peptide& peptide : data.peptides)
    if (const Run* run = find_run(peptide, name)) values.emplace_back(peptide.name, of(*run));
  return over_peptides(values);
}

RunOverPeptides summarise(const ComparisonData& data, const Run& first) {
  RunOverPeptides result;
  result.name = first.name;
  result.role = first.role;
  for (const ComparisonData::Peptide& peptide : data.peptides) {
    const Run* run = find_run(peptide, first.name);
    if (run == nullptr) continue;
    ++result.n_peptides;
    result.n_missed += run->n_missed;
    if (run->n_missed > 0) ++result.n_peptides_missed;
  }
  for (const std::string& reference : speed_up_references(data)) {
    std::size_t n_lower_bounds = 0;
    const OverPeptides values = collect(data, first.name, [&](const Run& run) {
      const ComparisonData::SpeedUp* speed_up = speed_up_over(reference, run);
      if (speed_up == nullptr) return ComparisonData::kUnknown;
      if (speed_up->is_lower_bound) ++n_lower_bounds;
      return speed_up->value;
    });
    if (values.n > 0)
      result.speed_ups.push_back({reference,
                                  "Speed-up of the slowest observable, compared with " + reference,
                                  false, values, n_lower_bounds});
  }
  for (const Quantity& quantity : kQuantities)
    result.quantities.push_back({quantity.key, quantity.title, quantity.high_is_bad,
                                 collect(data, first.name, quantity.of), 0});
  return result;
}

}  // namespace

OverPeptides over_peptides(const Named& values) {
  Named known;
  for (const auto& value : values)
    if (!std::isnan(value.second)) known.push_back(value);
  OverPeptides result;
  result.n = known.size();
  if (known.empty()) return result;
  std::stable_sort(known.begin(), known.end(),
                   [](const auto& a, const auto& b) { return a.second < b.second; });
  result.median = 0.5 * (known[(known.size() - 1) / 2].second + known[known.size() / 2].second);
  result.lowest = known.front().second;
  result.lowest_of = known.front().first;
  result.highest = known.back().second;
  result.highest_of = known.back().first;
  return result;
}

std::vector<RunOverPeptides> runs_over_peptides(const ComparisonData& data) {
  std::vector<RunOverPeptides> result;
  for (const ComparisonData::Peptide& peptide : data.peptides)
    for (const Run& run : peptide.runs)
      if (std::none_of(result.begin(), result.end(),
                       [&](const RunOverPeptides& known) { return known.name == run.name; }))
        result.push_back(summarise(data, run));
  return result;
}

}  // namespace saltus::io
