// Oracle: all places tried one by one with MMFF94; an atom may move only if it is a hydrogen.
#include "engine/conformers/hydrogen_places.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include "engine/core/units.h"
#include "engine/lanes/native_energy.h"
#include "engine/torsions/torsion_geometry.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "forcefields/mmff/mmff_system.h"

namespace saltus::forcefields {
namespace {

struct Subject {
  ChemMolecule molecule;
  engine::TorsionGraph graph;
  std::unique_ptr<engine::NativeEnergy> energy;
  engine::CoordinateBatch x;

  explicit Subject(const std::string& smiles, std::size_t n = 1)
      : molecule(with_hydrogens(parse_listed_smiles(smiles, "here", 100))),
        graph(torsion_graph_of(molecule)),
        energy(std::make_unique<engine::NativeEnergy>(mmff_system(molecule, {}), nullptr)) {
    EmbeddingOptions options;
    options.n_conformers = n;
    x = embed(molecule, configuration_of(molecule), options).positions;
  }
  double energy_of(const engine::CoordinateBatch& positions, std::size_t chain = 0) const {
    std::vector<double> energies(positions.n_chains());
    energy->evaluate(positions.view(), energies, {});
    return energies[chain];
  }
  /// The bond that turns one hydrogen atom about the bond to the only oxygen atom.
  const engine::TorsionBond& hydroxy() const {
    for (const engine::TorsionBond& torsion : graph.torsions)
      for (const engine::TorsionEnd& end : torsion.ends)
        if (graph.atoms[end.atom].atomic_number == 8) return torsion;
    throw std::logic_error("no hydroxy group");
  }
  void expect_others_stay(const engine::CoordinateBatch& before) const {
    for (std::size_t c = 0; c < x.n_chains(); ++c)
      for (std::size_t a = 0; a < molecule.n_atoms(); ++a)
        for (std::size_t k = 3 * a; graph.atoms[a].atomic_number != 1 && k < 3 * a + 3; ++k)
          EXPECT_EQ(x.view().chain(c)[k], before.view().chain(c)[k]);
  }
};

TEST(HydrogenPlaces, AHydroxyGroupTurnsToTheLowestOfSixPlaces) {
  Subject subject("CC(C)O");
  const engine::CoordinateBatch start = subject.x;
  const engine::TorsionBond& torsion = subject.hydroxy();
  std::vector<double> angles(subject.graph.torsions.size());
  torsion_angles(subject.graph, start.view().chain(0), angles);
  const double angle = angles[static_cast<std::size_t>(&torsion - subject.graph.torsions.data())];
  double lowest = subject.energy_of(start), highest = lowest;
  for (int place = 1; place < 6; ++place) {
    engine::CoordinateBatch turned = start;
    set_torsion(torsion, angle + place * engine::kTwoPi / 6.0, turned.chain(0));
    lowest = std::min(lowest, subject.energy_of(turned));
    highest = std::max(highest, subject.energy_of(turned));
  }
  ASSERT_GT(highest, lowest + 2.0) << "a start that has something to gain";
  for (int place = 0; place < 6; ++place) {
    subject.x = start;
    set_torsion(torsion, angle + place * engine::kTwoPi / 6.0, subject.x.chain(0));
    settle_hydrogens(*subject.energy, subject.graph, {}, subject.x);
    EXPECT_NEAR(subject.energy_of(subject.x), lowest, 1e-6) << "place " << place;
    subject.expect_others_stay(start);
  }
}

TEST(HydrogenPlaces, TheHydrogenOfANitrogenGoesToTheBetterSide) {
  Subject subject("C1CCNCC1", 8);
  const engine::CoordinateBatch start = subject.x;
  settle_hydrogens(*subject.energy, subject.graph, {}, subject.x);
  subject.expect_others_stay(start);
  std::vector<int> before(1), after(1);
  ASSERT_EQ(subject.graph.inversions.size(), 1u);
  for (std::size_t c = 0; c < start.n_chains(); ++c) {
    const auto other = hydrogen_variants(*subject.energy, subject.graph, {},
                                         subject.x.view().chain(c), 12, {1, 0});
    ASSERT_EQ(other.n_chains(), 1u);
    EXPECT_LE(subject.energy_of(subject.x, c), subject.energy_of(other));
    inversion_signs(subject.graph, subject.x.view().chain(c), before);
    inversion_signs(subject.graph, other.view().chain(0), after);
    EXPECT_EQ(before[0], -after[0]);
  }
}

TEST(HydrogenPlaces, NoEnergyIsRaised) {
  Subject subject("OC[C@H]1O[C@@H](O)[C@H](O)[C@@H](O)[C@@H]1O", 10);
  const engine::CoordinateBatch start = subject.x;
  settle_hydrogens(*subject.energy, subject.graph, {}, subject.x);
  std::size_t n_lower = 0;
  for (std::size_t c = 0; c < start.n_chains(); ++c) {
    EXPECT_LE(subject.energy_of(subject.x, c), subject.energy_of(start, c));
    n_lower += subject.energy_of(subject.x, c) < subject.energy_of(start, c) ? 1 : 0;
  }
  EXPECT_GT(n_lower, 0u);
  subject.expect_others_stay(start);
}

TEST(HydrogenPlaces, HeldAtomsStay) {
  Subject subject("CC(C)O");
  std::vector<std::size_t> all;
  for (std::size_t a = 0; a < subject.molecule.n_atoms(); ++a) all.push_back(a);
  const engine::CoordinateBatch start = subject.x;
  settle_hydrogens(*subject.energy, subject.graph, all, subject.x);
  EXPECT_TRUE(std::equal(start.view().chain(0).begin(), start.view().chain(0).end(),
                         subject.x.view().chain(0).begin()));
}

TEST(HydrogenPlaces, VariantsAreAllCombinationsOrRandomOnes) {
  const auto n_variants = [](const std::string& smiles) {
    Subject subject(smiles);
    return hydrogen_variants(*subject.energy, subject.graph, {}, subject.x.view().chain(0), 12,
                             {1, 0})
        .n_chains();
  };
  EXPECT_EQ(n_variants("CC"), 0u) << "turning a methyl group changes nothing";
  EXPECT_EQ(n_variants("CCO"), 5u);
  EXPECT_EQ(n_variants("OCCO"), 12u) << "random ones of 36";
}

}  // namespace
}  // namespace saltus::forcefields
