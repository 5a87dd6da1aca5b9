// Oracle: superpositions of all pairs of what was made, and the counts of the stages.
#include "tools/conformers/generate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "engine/conformers/shape_comparison.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "forcefields/mmff/mmff_system.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {
namespace {

constexpr const char* kFlexible = "CCCCCC(=O)NCCCOCC";

struct Case {
  forcefields::ChemMolecule molecule;
  forcefields::MmffOptions mmff = default_settings(ConformerMode::kEnsemble).mmff;
  GenerationOptions options;

  explicit Case(const std::string& smiles) : molecule(forcefields::parse_smiles(smiles)) {
    options.graph = std::make_shared<engine::TorsionGraph>(forcefields::torsion_graph_of(molecule));
    options.n_conformers = 30;
  }
  GeneratedConformers made() const {
    const engine::NativeEnergy energy(forcefields::mmff_system(molecule, mmff), nullptr);
    return generate_conformers(molecule, forcefields::configuration_of(molecule), energy, options);
  }
  /// Of the two that are most alike, nm.
  double least_rmsd(const GeneratedConformers& made) const {
    constexpr std::size_t kAllSymmetries = 5000;
    const engine::ShapeComparison comparison =
        forcefields::shape_comparison(molecule, forcefields::shape_atoms(molecule), kAllSymmetries);
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t a = 0; a < made.n_frames(); ++a)
      for (std::size_t b = 0; b < a; ++b)
        least = std::min(least, comparison.rmsd(comparison.shape(made.positions.chain(a)),
                                                comparison.shape(made.positions.chain(b))));
    return least;
  }
};

TEST(GenerateConformers, MakesAllThatAreWantedAndAllDiffer) {
  Case chain("CCCCC(=O)NCCOC");
  // Relaxation brings some of those that are chosen nearer to each other than this.
  constexpr double kApart_nm = 0.06;
  chain.options.rmsd_nm = kApart_nm;
  const GeneratedConformers made = chain.made();
  EXPECT_EQ(made.n_frames(), 30u);
  EXPECT_GE(chain.least_rmsd(made), kApart_nm);
  EXPECT_TRUE(std::is_sorted(made.energies.begin(), made.energies.end()));
  EXPECT_LE(made.energies.back() - made.energies.front(), chain.options.energy_window);
  EXPECT_GT(made.counts.n_duplicates, 0u) << "none had to be replaced: this shows nothing";
  EXPECT_GT(made.counts.n_chosen, 30u);
}

TEST(GenerateConformers, DrawsAgainWhileDrawsAreOfNewShapes) {
  Case chain(kFlexible);
  const std::size_t n_of_one_pool = chain.made().counts.n_pool;
  // More than this far apart, there are hardly any in one pool.
  chain.options.rmsd_nm = 0.25;
  const GeneratedConformers made = chain.made();
  EXPECT_GE(made.counts.n_pool, 2 * n_of_one_pool - n_of_one_pool / 10);
  EXPECT_GE(chain.least_rmsd(made), 0.25);
}

TEST(GenerateConformers, StopsWhereThereAreNoMore) {
  Case butane("CCCC");
  const GeneratedConformers made = butane.made();
  EXPECT_EQ(made.n_frames(), 2u)
      << "anti and gauche, whose mirror image is as near as 0.5 angstrom";
  EXPECT_TRUE(made.counts.pool_is_exhausted);
  EXPECT_EQ(made.counts.n_wanted, 30u);
}

TEST(GenerateConformers, AreTheSameAgainAndOthersWithAnotherSeed) {
  Case chain(kFlexible);
  const GeneratedConformers made = chain.made();
  EXPECT_EQ(made.positions.values(), chain.made().positions.values());
  chain.options.seed = 2;
  EXPECT_NE(made.positions.values(), chain.made().positions.values());
}

TEST(GenerateConformers, OfAZwitterionDoNotAllFoldUp) {
  // Two ionic ends, 0.9 nm apart when the chain between them is straight.
  constexpr double kStraight_nm = 0.75;
  Case zwitterion("[NH3+]CCCCCCC(=O)[O-]");
  const auto n_straight = [&] {
    const GeneratedConformers made = zwitterion.made();
    constexpr std::size_t kNitrogen = 0, kCarboxyl = 7;
    std::size_t n = 0;
    for (std::size_t c = 0; c < made.n_frames(); ++c) {
      double square = 0.0;
      for (std::size_t k = 0; k < 3; ++k)
        square += std::pow(
            made.positions.chain(c)[3 * kNitrogen + k] - made.positions.chain(c)[3 * kCarboxyl + k],
            2);
      n += square > kStraight_nm * kStraight_nm ? 1 : 0;
    }
    return n;
  };
  EXPECT_GE(n_straight(), 3u) << "of 30";
  zwitterion.mmff = forcefields::MmffOptions{};  // as in vacuum
  EXPECT_EQ(n_straight(), 0u) << "what the weak electrostatics are there for";
}

}  // namespace
}  // namespace saltus::tools
