#include "engine/ensemble/isobaric.h"

#include <limits>
#include <vector>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

void require_boxes(ConstCoordinates x) {
  if (x.boxes.empty())
    throw InputError(
        "a pressure acts on the volume of a periodic box, but the chains have no boxes; use a "
        "periodic system, or leave the pressure out");
}

}  // namespace

Isobaric::Isobaric(const std::shared_ptr<const EnergyFunction>& energy,
                   ReferenceMeasure at_fixed_volume)
    : canonical_(energy, at_fixed_volume) {}

void Isobaric::evaluate(ConstCoordinates x, TargetTerms& terms) const {
  require_boxes(x);
  const BoxNeeds needs = guide()->box_needs();
  std::vector<std::size_t> fitting;
  for (std::size_t c = 0; c < x.n_chains; ++c)
    if (needs.wide_enough(x.boxes[c])) fitting.push_back(c);
  std::vector<double> energies(x.n_chains, std::numeric_limits<double>::infinity());
  if (!fitting.empty()) {
    TargetTerms of_fitting;
    canonical_.evaluate(CoordinateBatch::rows(x, fitting).view(), of_fitting);
    for (std::size_t row = 0; row < fitting.size(); ++row)
      energies[fitting[row]] = of_fitting.energies[row];
  }
  evaluate_with_guide(x, energies, terms);
}

void Isobaric::evaluate_with_guide(ConstCoordinates x, Span<const double> guide_energies,
                                   TargetTerms& terms) const {
  require_boxes(x);
  canonical_.evaluate_with_guide(x, guide_energies, terms);
  terms.others.clear();
  for (const Box& box : x.boxes) terms.others.push_back(box.volume());
}

double Isobaric::log_density(double energy, Span<const double> other_terms,
                             const ThermodynamicState& state) const {
  if (!state.pressure_bar)
    throw InputError(
        "a chain has no pressure, and the density is one at constant pressure; give each a "
        "pressure, or use the canonical density");
  const double work = kKJPerBarNm3 * *state.pressure_bar * other_terms[0];
  return canonical_.log_density(energy + work, {}, state);
}

}  // namespace saltus::engine
