// Oracle: what is known of methylcyclohexane and of ethane.
#include "tools/saltus/run/ring_source.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/mmff/mmff_system.h"
#include "tests/support/errors.h"

namespace saltus::tools {
namespace {

/// A molecule of a run, and where its puckers come from.
struct Case {
  Molecule molecule;
  std::shared_ptr<const engine::Canonical> target;
  std::shared_ptr<RingSource> rings;

  explicit Case(const std::string& smiles, bool bond_orders = true) {
    const forcefields::ChemMolecule chem =
        forcefields::with_hydrogens(forcefields::parse_listed_smiles(smiles, "test", 100));
    forcefields::EmbeddingOptions options;
    options.n_conformers = 1;
    molecule.topology = chem.topology;
    molecule.system = forcefields::mmff_system(chem);
    molecule.positions =
        forcefields::embed(chem, forcefields::configuration_of(chem), options).positions.values();
    if (bond_orders) molecule.chem = std::make_shared<const forcefields::ChemMolecule>(chem);
    target = std::make_shared<const engine::Canonical>(
        std::make_shared<engine::NativeEnergy>(molecule.system, nullptr),
        engine::measure_of(molecule.system));
    rings = std::make_shared<RingSource>(molecule, target,
                                         std::make_shared<TorsionSource>(molecule.chem));
  }
};

TEST(RingSource, FindsBothChairsOnce) {
  const Case ring("CC1CCCCC1");
  const engine::RingSearch& search = ring.rings->states({}, 300.0);
  ASSERT_EQ(search.systems.size(), 1u);
  const engine::RingStates& states = *search.systems[0];
  ASSERT_GE(states.size(), 2u);
  // The chair whose methyl group is equatorial, then the other one.
  EXPECT_LT(states[0].torsions[0] * states[1].torsions[0], 0.0);
  EXPECT_GT(states[0].log_weight, states[1].log_weight);
  EXPECT_EQ(&ring.rings->states({}, 300.0), &search);
  RingRequest narrow;
  narrow.energy_window = 0.5;
  EXPECT_TRUE(ring.rings->states(narrow, 300.0).systems.empty());
}

TEST(RingSource, FindsNothingWhereThereIsNoRing) {
  EXPECT_TRUE(Case("CC").rings->states({}, 300.0).systems.empty());
}

TEST(RingSource, NeedsBondOrders) {
  EXPECT_NE(tests::message_of<engine::InputError>([] {
              Case("CC1CCCCC1", false).rings->states({}, 300.0);
            }).find("need bond orders"),
            std::string::npos);
}

}  // namespace
}  // namespace saltus::tools
