// Oracle: each peptide alone, bit for bit; what is kept, by residue; messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/system/internal_coordinates.h"
#include "tests/mlsamplers/peptide_system.h"
#include "tests/support/errors.h"

namespace saltus::mlsamplers {
namespace {

using engine::InputError;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::arbitrary_peptide_frames;
using tests::arbitrary_peptide_model;
using tests::message_of;
using tests::PeptideExample;
using tests::PeptideSystemBuilder;
using tests::proposal_of;

/// An ion, a peptide of three, another ion, a peptide of two.
class PeptideSystems : public testing::Test {
 protected:
  static constexpr std::size_t kChains = 11;

  PeptideSystems() : first_("GSA"), second_("PK") {
    system_.add_ion();
    starts_.push_back(system_.add(first_));
    system_.add_ion();
    starts_.push_back(system_.add(second_));
    peptides_ = system_.peptides();
    std::vector<std::string> names;
    for (const PeptideExample* example : examples())
      for (std::size_t r = 0; r < example->peptide.residues.size(); ++r)
        names.push_back(example->peptide.template_of(r).name);
    model_ = arbitrary_peptide_model(names, 81);
  }

  std::vector<const PeptideExample*> examples() const { return {&first_, &second_}; }

  engine::ChainBatch alone(std::size_t k) const {
    const std::vector<double> temperatures(kChains, 330.0);
    engine::ChainBatch chains(kChains, examples()[k]->peptide.z.n_atoms(), {330.0});
    chains.positions = arbitrary_peptide_frames(*examples()[k], temperatures, 82 + k);
    return chains;
  }
  /// Both and the ions.
  engine::ChainBatch together() const {
    engine::ChainBatch all(kChains, system_.positions().size() / 3, {330.0});
    for (std::size_t c = 0; c < kChains; ++c) {
      std::copy(system_.positions().begin(), system_.positions().end(),
                all.positions.chain(c).begin());
      for (std::size_t k = 0; k < 2; ++k) {
        const engine::ChainBatch own = alone(k);
        const auto x = own.positions.chain(c);
        std::copy(x.begin(), x.end(),
                  all.positions.chain(c).begin() + static_cast<std::ptrdiff_t>(3 * starts_[k]));
      }
    }
    return all;
  }

  PeptideExample first_, second_;
  PeptideSystemBuilder system_;
  std::vector<std::size_t> starts_;
  std::vector<Peptide> peptides_;
  PeptideModel model_;
};

TEST_F(PeptideSystems, HaveTheCoordinatesOfEachPeptideAlone) {
  ASSERT_EQ(peptides_.size(), 2U);
  EXPECT_EQ(peptides_[0].first_residue, 1U);
  EXPECT_EQ(peptides_[1].first_residue, 5U);
  const std::size_t n_atoms = system_.topology().n_atoms();
  const engine::ConstCoordinates all = {system_.positions().data(), 1, n_atoms};
  for (std::size_t k = 0; k < 2; ++k) {
    const Peptide &here = peptides_[k], &alone = examples()[k]->peptide;
    EXPECT_EQ(here.z.n_atoms() + here.n_other_atoms, n_atoms);
    ASSERT_EQ(here.z.n_atoms(), alone.z.n_atoms());
    for (std::size_t i = 0; i < alone.z.n_atoms(); ++i)
      EXPECT_EQ(here.z.rows[i].atom, alone.z.rows[i].atom + starts_[k]);
    std::vector<double> q(here.z.n_internal()), expected(here.z.n_internal()), log_jac(2);
    engine::cartesian_to_internal(here.z, all, q, {log_jac.data(), 1});
    engine::cartesian_to_internal(alone.z, examples()[k]->built.positions.view(), expected,
                                  {log_jac.data() + 1, 1});
    EXPECT_EQ(q, expected);
    EXPECT_EQ(log_jac[0], log_jac[1]);
    ASSERT_EQ(here.residues.size(), alone.residues.size());
    for (std::size_t r = 0; r < alone.residues.size(); ++r) {
      EXPECT_EQ(here.template_of(r).name, alone.template_of(r).name);
      EXPECT_EQ(here.residues[r].torsions, alone.residues[r].torsions);
    }
  }
}

TEST_F(PeptideSystems, HaveTheLeapsOfEachPeptideAlone) {
  const engine::ChainBatch all = together();
  const std::vector<PeptideLeap> leaps = peptide_leaps(model_, peptides_, {}, "m");
  std::set<std::string> names;
  double total = 0.0;
  for (const PeptideLeap& leap : leaps) {
    names.insert(leap.name);
    total += leap.probability;
  }
  EXPECT_EQ(names.size(), leaps.size());
  EXPECT_NEAR(total, 1.0, 1e-12);
  std::size_t next = 0, n_blocks[2] = {0, 0};
  for (std::size_t k = 0; k < 2; ++k) n_blocks[k] = peptide_blocks(peptides_[k], {}).size();
  EXPECT_NE(n_blocks[0], n_blocks[1]);
  for (std::size_t k = 0; k < 2; ++k) {
    const engine::ChainBatch own = alone(k);
    const double share =
        static_cast<double>(n_blocks[k]) / static_cast<double>(n_blocks[0] + n_blocks[1]);
    const std::size_t begin = 3 * starts_[k], end = begin + own.positions.view().stride();
    for (const PeptideLeap& expected : peptide_leaps(model_, examples()[k]->peptide, {}, "m")) {
      ASSERT_LT(next, leaps.size());
      const PeptideLeap& leap = leaps[next++];
      SCOPED_TRACE(leap.name);
      EXPECT_NEAR(leap.probability, share * expected.probability, 1e-12);
      const engine::ProposalBatch drawn = proposal_of(leap)->sample(all.view(), {83, 1}),
                                  right = proposal_of(expected)->sample(own.view(), {83, 1});
      EXPECT_EQ(drawn.log_forward, right.log_forward);
      EXPECT_EQ(drawn.log_reverse, right.log_reverse);
      for (std::size_t c = 0; c < kChains; ++c) {
        if (!std::isfinite(right.log_forward[c])) continue;  // positions mean nothing
        for (std::size_t i = 0; i < all.positions.chain(c).size(); ++i)
          EXPECT_EQ(drawn.positions.chain(c)[i], i >= begin && i < end
                                                     ? right.positions.chain(c)[i - begin]
                                                     : all.positions.chain(c)[i]);
      }
    }
  }
  EXPECT_EQ(next, leaps.size());
}

TEST_F(PeptideSystems, CallBlocksByTheirPlaceInTheSystem) {
  std::set<std::string> names;
  for (const PeptideLeap& leap : peptide_leaps(model_, peptides_, {}, "m"))
    names.insert(leap.name.substr(0, leap.name.find('/')));
  for (const char* name : {"residue_2", "side_chain_3", "link_3", "crankshaft_2", "side_chain_7"})
    EXPECT_EQ(names.count(name), 1U) << name;
  EXPECT_EQ(names.count("residue_1"), 0U);  // an ion
  PeptideSystemBuilder two;
  two.add(PeptideExample("AA"));
  two.add(PeptideExample("AA"));
  std::set<std::string> wholes;
  const PeptideModel alanines = arbitrary_peptide_model({"NALA", "CALA"}, 84);
  for (const PeptideLeap& leap : peptide_leaps(alanines, two.peptides(), {}, "m"))
    if (leap.name.find("whole") == 0) wholes.insert(leap.name.substr(0, leap.name.find('/')));
  EXPECT_THAT(wholes, ElementsAre("whole_1", "whole_3"));
}

TEST_F(PeptideSystems, GoBetweenTemperaturesOneByOne) {
  const std::vector<engine::LeapWeights> maps = temperature_map_weights(model_, peptides_, "m");
  ASSERT_EQ(maps.size(), 2U);
  for (std::size_t k = 0; k < 2; ++k) {
    const engine::LeapWeights alone = temperature_map_weights(model_, examples()[k]->peptide, "m");
    EXPECT_EQ(maps[k].n_other_atoms, peptides_[k].n_other_atoms);
    EXPECT_EQ(maps[k].fast_weights, alone.fast_weights);
    EXPECT_EQ(maps[k].fast_cholesky, alone.fast_cholesky);
    ASSERT_EQ(maps[k].fast.size(), alone.fast.size());
    for (std::size_t i = 0; i < alone.fast.size(); ++i)
      EXPECT_EQ(maps[k].fast[i].coordinate, alone.fast[i].coordinate);
  }
}

TEST_F(PeptideSystems, TellWhichResidueTheModelDoesNotKnow) {
  const PeptideModel other = arbitrary_peptide_model({"NGLY", "SER", "CALA", "NPRO"}, 85);
  for (const auto& ask :
       std::vector<std::function<void()>>{[&] { peptide_leaps(other, peptides_, {}, "m"); },
                                          [&] { temperature_map_weights(other, peptides_, "m"); }})
    EXPECT_THAT(message_of<engine::ModelError>(ask),
                HasSubstr("m: the model was not trained on residue 7, CLYS"));
}

TEST_F(PeptideSystems, RefuseOtherBondsOfPeptides) {
  system_.topology().bonds.push_back({0, starts_[0]});
  EXPECT_THAT(message_of<InputError>([&] { system_.peptides(); }),
              HasSubstr("supported between residues are peptide links to the next one and "
                        "disulfide bridges"));
}

TEST_F(PeptideSystems, DoNotAskWhatOtherAtomsAreBondedTo) {
  system_.topology().bonds.push_back({0, starts_[1] - 1});  // both ions
  EXPECT_EQ(system_.peptides().size(), 2U);
}

TEST(PeptidesAmongOthers, HaveToBeThere) {
  PeptideSystemBuilder ions;
  ions.add_ion();
  ions.add_ion();
  EXPECT_THAT(message_of<InputError>([&] { ions.peptides(); }),
              HasSubstr("a peptide has at least two residues"));
  PeptideSystemBuilder broken;  // without its first residue's carbonyl the link is not one
  broken.add(PeptideExample("GAG"));
  auto& bonds = broken.topology().bonds;
  const auto& atoms = broken.topology().atoms;
  bonds.erase(std::find_if(bonds.begin(), bonds.end(), [&](const engine::Bond& bond) {
    return atoms[bond.first].residue != atoms[bond.second].residue;
  }));
  // Two of three are left, and the first of these has no charged end.
  EXPECT_THAT(message_of<InputError>([&] { broken.peptides(); }),
              HasSubstr("residue ALA 2 of chain A: no peptide template has its atoms"));
}

/// Two chains with a bridge between them.
class BridgedChains : public testing::Test {
 protected:
  BridgedChains() {
    for (int i = 0; i < 2; ++i)
      system_.add(build_peptide(parse_sequence("ALA-CYX-ALA")).topology,
                  build_peptide(parse_sequence("ALA-CYX-ALA")).positions.chain(0));
    for (std::size_t i = 0; i < system_.topology().n_atoms(); ++i)
      if (system_.topology().atoms[i].name == "SG") sulphurs_.push_back(i);
    system_.topology().bonds.push_back({sulphurs_.at(0), sulphurs_.at(1)});
    peptides_ = system_.peptides();
  }
  PeptideSystemBuilder system_;
  std::vector<std::size_t> sulphurs_;
  std::vector<Peptide> peptides_;
};

TEST_F(BridgedChains, KeepWhatTheBridgeHangsOn) {
  ASSERT_EQ(peptides_.size(), 2U);
  for (const Peptide& peptide : peptides_) {
    EXPECT_EQ(peptide.template_of(1).name, "CYX");
    for (const PeptideTorsion& torsion : peptide.torsions)
      EXPECT_EQ(torsion.is_kept, torsion.residue <= 1);
    for (std::size_t r = 0; r < 3; ++r)
      for (const PeptideFast& fast : peptide.residues[r].fast)
        EXPECT_EQ(fast.is_kept, r == 1 || (r == 0 && !fast.is_side_chain));
  }
}

TEST_F(BridgedChains, AreLeptAndMappedWithoutMovingIt) {
  const PeptideModel model = arbitrary_peptide_model({"NALA", "CALA"}, 86);  // CYX is not needed
  engine::ChainBatch chains(8, system_.topology().n_atoms(), {350.0});
  for (std::size_t c = 0; c < 8; ++c)
    std::copy(system_.positions().begin(), system_.positions().end(),
              chains.positions.chain(c).begin());
  const std::vector<PeptideLeap> leaps = peptide_leaps(model, peptides_, {}, "m");
  EXPECT_FALSE(leaps.empty());
  for (const PeptideLeap& leap : leaps) {
    const engine::ProposalBatch drawn = proposal_of(leap)->sample(chains.view(), {87, 1});
    for (std::size_t c = 0; c < 8; ++c)
      for (const std::size_t sulphur : sulphurs_)
        for (std::size_t k = 0; k < 3; ++k)
          EXPECT_NEAR(drawn.positions.chain(c)[3 * sulphur + k],
                      chains.positions.chain(c)[3 * sulphur + k], 1e-9)
              << leap.name;
  }
  EXPECT_EQ(temperature_map_weights(model, peptides_, "m").size(), 2U);
}

}  // namespace
}  // namespace saltus::mlsamplers
