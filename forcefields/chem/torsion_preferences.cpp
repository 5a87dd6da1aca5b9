#include "forcefields/chem/torsion_preferences.h"

#include <GraphMol/ForceFieldHelpers/CrystalFF/TorsionPreferences.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/ordered_pair.h"
#include "engine/core/units.h"
#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

namespace {

using engine::AtomShape;
using engine::kNowhere;
using engine::kPi;
using engine::kTwoPi;
using engine::TorsionBond;
using engine::TorsionEnd;
using engine::TorsionGraph;
using engine::VonMisesMixture;

/// In units of RDKit's potentials: a little wider than what crystals show, so that the pool has
/// shapes for unusual surroundings, too.
constexpr double kTemperature = 1.5;
/// Of potentials for bonds that RDKit has none for.
constexpr double kStaggered = 1.5, kFlat = 3.0;

/// A potential of the torsion of four atoms.
struct Preference {
  std::array<std::size_t, 4> atoms{};
  std::array<double, 6> amplitudes{};  ///< V_m
  std::array<double, 6> signs{};       ///< s_m

  double value(double tau) const {
    double sum = 0.0;
    for (std::size_t m = 0; m < amplitudes.size(); ++m)
      sum += amplitudes[m] * (1.0 + signs[m] * std::cos(static_cast<double>(m + 1) * tau));
    return sum;
  }
};

using Axis = std::pair<std::size_t, std::size_t>;

std::map<Axis, Preference> preferences_of(const RDKit::ROMol& molecule) {
  constexpr bool kExperimental = true, kSmallRings = false, kMacrocycles = true, kBasic = true;
  constexpr unsigned kVersion = 2;
  ForceFields::CrystalFF::CrystalFFDetails details;
  ForceFields::CrystalFF::getExperimentalTorsions(molecule, details, kExperimental, kSmallRings,
                                                  kMacrocycles, kBasic, kVersion);
  std::map<Axis, Preference> result;
  for (std::size_t t = 0; t < details.expTorsionAtoms.size(); ++t) {
    Preference preference;
    for (std::size_t i = 0; i < preference.atoms.size(); ++i)
      preference.atoms[i] = static_cast<std::size_t>(details.expTorsionAtoms[t][i]);
    const auto& [signs, amplitudes] = details.expTorsionAngles[t];
    for (std::size_t m = 0; m < preference.amplitudes.size() && m < amplitudes.size(); ++m) {
      preference.amplitudes[m] = amplitudes[m];
      preference.signs[m] = signs[m];
    }
    result.emplace(engine::ordered_pair(preference.atoms[1], preference.atoms[2]), preference);
  }
  return result;
}

/// For bonds without one, as seen from the reference atoms.
Preference usual_preference(const TorsionGraph& graph, const TorsionBond& torsion) {
  const auto& ends = torsion.ends;
  Preference preference;
  preference.atoms = {ends[0].reference, ends[0].atom, ends[1].atom, ends[1].reference};
  const AtomShape first = graph.atoms[ends[0].atom].shape, second = graph.atoms[ends[1].atom].shape;
  if (first == AtomShape::kTetrahedral && second == AtomShape::kTetrahedral) {
    preference.amplitudes[2] = kStaggered;
    preference.signs[2] = 1.0;
  } else if (first == AtomShape::kPlanar && second == AtomShape::kPlanar) {
    preference.amplitudes[1] = kFlat;
    preference.signs[1] = -1.0;
  }
  return preference;
}

/// Angles from the reference atom of an end to another atom on it: two where the graph does not say
/// on which side the atom is.
std::vector<double> slot_angles(const TorsionGraph& graph, const TorsionEnd& end, std::size_t atom,
                                int sign) {
  if (atom == end.reference) return {0.0};
  auto others = end.others;
  if (end.inversion != kNowhere && sign < 0) std::swap(others.front(), others.back());
  constexpr double kThird = kTwoPi / 3.0;
  if (atom == others[1]) return {kPi};
  if (atom != others[0] && atom != others[2])
    throw engine::InternalError("torsion preferences: atom " + std::to_string(atom + 1) +
                                " is not bonded to the end of its torsion");
  if (end.inversion == kNowhere && graph.atoms[end.atom].handedness == 0) return {kThird, -kThird};
  return {atom == others[0] ? kThird : -kThird};
}

/// All sums of one of the first and one of the second.
std::vector<double> all_sums(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<double> sums;
  for (const double a : first)
    for (const double b : second) sums.push_back(a + b);
  return sums;
}

/// A narrow component at each angle of a grid.
/// @param shifts  the potential at a torsion is its mean at the torsion plus these
VonMisesMixture tabulate(const Preference& preference, const std::vector<double>& shifts,
                         int symmetry) {
  constexpr std::size_t kBins = 72;
  constexpr double kBinsPerRadian = kBins / kTwoPi;
  constexpr double kNegligible = 1e-5;
  VonMisesMixture mixture;
  mixture.fold = symmetry;
  mixture.uniform = 0.0;
  // All images of an angle under the symmetry count alike.
  std::vector<double> potential(kBins * static_cast<std::size_t>(symmetry), 0.0);
  for (std::size_t i = 0; i < potential.size(); ++i) {
    const double folded = (static_cast<double>(i) + 0.5) / kBinsPerRadian - kPi;
    for (const double shift : shifts)
      potential[i] +=
          preference.value(folded / symmetry + shift) / static_cast<double>(shifts.size());
  }
  const double lowest = *std::min_element(potential.begin(), potential.end());
  std::vector<double> density(kBins, 0.0);
  double total = 0.0;
  for (std::size_t i = 0; i < potential.size(); ++i) {
    const double weight = std::exp(-(potential[i] - lowest) / kTemperature);
    density[i % kBins] += weight;
    total += weight;
  }
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    if (density[bin] < kNegligible * total) continue;
    mixture.weights.push_back(density[bin] / total);
    mixture.means.push_back((static_cast<double>(bin) + 0.5) / kBinsPerRadian - kPi);
    // Standard deviations of 0.8 bins: neighbours overlap.
    mixture.concentrations.push_back(1.5 * kBinsPerRadian * kBinsPerRadian);
  }
  double kept = 0.0;
  for (const double weight : mixture.weights) kept += weight;
  for (double& weight : mixture.weights) weight /= kept;
  return mixture;
}

class TorsionPreferences final : public engine::TorsionModel {
 public:
  TorsionPreferences(const TorsionGraph& graph, const std::map<Axis, Preference>& preferences) {
    for (const TorsionBond& torsion : graph.torsions) {
      const auto found =
          preferences.find(engine::ordered_pair(torsion.ends[0].atom, torsion.ends[1].atom));
      add(graph, torsion,
          found == preferences.end() ? usual_preference(graph, torsion) : found->second);
    }
  }

  std::string name() const override { return "torsion_preferences"; }
  std::size_t n_torsions() const override { return bonds_.size(); }
  void density(std::size_t torsion, const engine::TorsionContext& context,
               VonMisesMixture& out) const override {
    const Bond& bond = bonds_.at(torsion);
    const auto is_negative = [&](std::size_t inversion) -> std::size_t {
      return inversion != kNowhere && context.inversions[inversion] < 0 ? 1 : 0;
    };
    out = bond.mixtures[is_negative(bond.inversions[0])][is_negative(bond.inversions[1])];
  }

 private:
  struct Bond {
    std::array<std::size_t, 2> inversions{};
    std::array<std::array<VonMisesMixture, 2>, 2> mixtures;  ///< by signs: 0 for +1, 1 for -1
  };

  void add(const TorsionGraph& graph, const TorsionBond& torsion, const Preference& preference) {
    const auto& ends = torsion.ends;
    const bool reversed = preference.atoms[1] != ends[0].atom;
    const std::size_t first = preference.atoms[reversed ? 3 : 0];
    const std::size_t second = preference.atoms[reversed ? 0 : 3];
    Bond bond;
    bond.inversions = {ends[0].inversion, ends[1].inversion};
    for (std::size_t i = 0; i < 2; ++i)
      for (std::size_t j = 0; j < 2; ++j) {
        const std::vector<double> shifts =
            all_sums(slot_angles(graph, ends[0], first, i == 0 ? 1 : -1),
                     slot_angles(graph, ends[1], second, j == 0 ? 1 : -1));
        bond.mixtures[i][j] = tabulate(preference, shifts, torsion.symmetry);
      }
    bonds_.push_back(std::move(bond));
  }

  std::vector<Bond> bonds_;
};

}  // namespace

std::unique_ptr<engine::TorsionModel> torsion_preferences(const ChemMolecule& molecule,
                                                          const TorsionGraph& graph) {
  return detail::translate_errors(molecule.source, [&] {
    return std::make_unique<TorsionPreferences>(graph, preferences_of(molecule.graph->molecule()));
  });
}

}  // namespace saltus::forcefields
