// Oracle: what chemists know of simple bonds, and the symmetry of rotors.
#include "forcefields/chem/torsion_preferences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "engine/core/units.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/torsion_graph_of.h"

namespace saltus::forcefields {
namespace {

using engine::kPi;
using engine::VonMisesMixture;

/// The density of the torsion about the bond of two atoms.
VonMisesMixture density_about(const std::string& smiles, std::size_t a, std::size_t b) {
  const ChemMolecule molecule = parse_smiles(smiles);
  const engine::TorsionGraph graph = torsion_graph_of(molecule);
  const auto model = torsion_preferences(molecule, graph);
  EXPECT_EQ(model->n_torsions(), graph.torsions.size());
  const std::vector<double> angles(graph.torsions.size(), 0.0);
  const std::vector<std::uint8_t> known(graph.torsions.size(), 0);
  const std::vector<int> signs(graph.inversions.size(), 1);
  for (std::size_t t = 0; t < graph.torsions.size(); ++t) {
    const auto& ends = graph.torsions[t].ends;
    if (std::minmax(ends[0].atom, ends[1].atom) != std::minmax(a, b)) continue;
    VonMisesMixture out;
    model->density(t, {angles, known, signs}, out);
    EXPECT_EQ(out.fold, graph.torsions[t].symmetry);
    return out;
  }
  ADD_FAILURE() << "no such torsion in " << smiles;
  return {};
}

double integral(const VonMisesMixture& density, double from, double to) {
  constexpr int kPoints = 2000;
  double sum = 0.0;
  for (int i = 0; i < kPoints; ++i)
    sum += std::exp(density.log_density(from + (i + 0.5) * (to - from) / kPoints));
  return sum * (to - from) / kPoints;
}

TEST(TorsionPreferences, IntegrateToOne) {
  for (const char* smiles : {"CCCC", "OCCO", "CC(C)CC", "COC(C)=O"})
    EXPECT_NEAR(integral(density_about(smiles, 1, 2), -kPi, kPi), 1.0, 1e-9) << smiles;
}

TEST(TorsionPreferences, ButaneIsStaggered) {
  const VonMisesMixture butane = density_about("CCCC", 1, 2);
  const double trans = butane.log_density(kPi);
  EXPECT_GT(trans, butane.log_density(0.0) + 2.0);
  EXPECT_GT(trans, butane.log_density(2.0 * kPi / 3.0) + 1.0);
  EXPECT_GT(butane.log_density(kPi / 3.0), butane.log_density(0.0));
}

TEST(TorsionPreferences, EstersAndAmidesAreZ) {
  // Carbonyl oxygen and the carbon on the other side, or the carbon beside the carbonyl: whatever
  // the references are, the density is at 0 and pi alone.
  const VonMisesMixture ester = density_about("COC(C)=O", 1, 2);
  const double right_angle = std::exp(ester.log_density(0.5 * kPi));
  EXPECT_LT(right_angle, 1e-2);
  const double one = integral(ester, -0.5 * kPi, 0.5 * kPi);
  EXPECT_GT(std::max(one, 1.0 - one), 0.8);
}

TEST(TorsionPreferences, MethylGroupsWithoutPreferenceAreStaggered) {
  const VonMisesMixture ethane = density_about("CC", 0, 1);
  EXPECT_EQ(ethane.fold, 3);
  EXPECT_GT(ethane.log_density(kPi), ethane.log_density(0.0) + 1.0);
  EXPECT_NEAR(ethane.log_density(kPi), ethane.log_density(kPi / 3.0), 1e-9);
}

TEST(TorsionPreferences, UnmarkedSidesAreEqual) {
  // Which of the methyl groups is called the first is arbitrary, so the density is symmetric.
  const VonMisesMixture isobutyl = density_about("CC(C)CCO", 1, 3);
  for (const double tau : {0.3, 0.9, 1.7, 2.5})
    EXPECT_NEAR(isobutyl.log_density(tau), isobutyl.log_density(-tau), 1e-6) << tau;
}

}  // namespace
}  // namespace saltus::forcefields
