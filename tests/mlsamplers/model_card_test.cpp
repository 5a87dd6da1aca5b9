// Oracle: the documented message of each mismatch; digests of systems that differ in one number.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "engine/core/error.h"
#include "mlsamplers/model/model_card.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using mlsamplers::ModelCard;

std::string mismatch(const std::function<void(ModelCard& model, ModelCard& wanted)>& change) {
  ModelCard model = leap_card(), wanted = leap_card();
  change(model, wanted);
  return message_of<engine::ModelError>([&] { mlsamplers::require_match(model, wanted, "m.pt"); });
}

std::string with(const std::string& reasons) {
  return "m.pt: this model cannot be used here: " + reasons +
         ". Train a model for this deck (saltus train), or use the deck it was trained with.";
}

TEST(ModelCard, DescribesTheMolecule) {
  const ModelCard card = leap_card();
  ASSERT_EQ(card.atoms.size(), 8u);
  EXPECT_EQ(card.atoms[0], "PEN 1 C1 C");
  EXPECT_EQ(card.atoms[7], "PEN 1 H8 H");
  ASSERT_EQ(card.bonds.size(), 7u);
  EXPECT_EQ(card.bonds[6], (std::vector<std::size_t>{4, 7}));
}

TEST(ModelCard, MatchesItself) {
  EXPECT_NO_THROW(mlsamplers::require_match(leap_card(), leap_card(), "m.pt"));
  // What is for the reader need not agree.
  ModelCard renamed = leap_card();
  renamed.force_field = "the same numbers from another file";
  renamed.lag_ps = 99.0;
  EXPECT_NO_THROW(mlsamplers::require_match(renamed, leap_card(), "m.pt"));
}

TEST(ModelCard, NamesEachDifference) {
  EXPECT_EQ(mismatch([](auto& model, auto&) { model.kind = "flow"; }),
            with("it is a 'flow', expected a 'internal-coordinate leap'"));
  EXPECT_EQ(mismatch([](auto& model, auto&) { model.atoms.pop_back(); }),
            with("it was trained for a molecule of 7 atoms, this one has 8"));
  EXPECT_EQ(mismatch([](auto& model, auto&) { model.atoms[2] = "PEN 1 C3 N"; }),
            with("it was trained for another molecule: atom 3 is 'PEN 1 C3 N' in the model and "
                 "'PEN 1 C3 C' here"));
  EXPECT_EQ(mismatch([](auto& model, auto&) { std::swap(model.atoms[1], model.atoms[4]); }),
            with("it was trained for the same atoms in another order: atom 2 is 'PEN 1 C5 C' in "
                 "the model and 'PEN 1 C2 C' here"));
  EXPECT_EQ(mismatch([](auto& model, auto&) { model.bonds.pop_back(); }),
            with("it was trained for a molecule with other bonds"));
  EXPECT_EQ(mismatch([](auto&, auto& wanted) { wanted.temperature_K = 310.25; }),
            with("it was trained at 300 K, this run is at 310.25 K"));
  EXPECT_EQ(mismatch([](auto&, auto& wanted) {
              wanted.force_field = "amber";
              wanted.force_field_digest = "0";
            }),
            with("it was trained with other force-field parameters (separable; here amber)"));
}

TEST(ModelCard, NamesAllDifferencesAtOnce) {
  EXPECT_EQ(mismatch([](auto& model, auto& wanted) {
              model.kind = "flow";
              wanted.temperature_K = 400.0;
              wanted.force_field_digest = "0";
            }),
            with("it is a 'flow', expected a 'internal-coordinate leap'; it was trained at 300 K, "
                 "this run is at 400 K; it was trained with other force-field parameters "
                 "(separable; here separable)"));
  // Parameters of another molecule are no difference to report.
  EXPECT_EQ(mismatch([](auto& model, auto& wanted) {
              model.atoms.pop_back();
              wanted.temperature_K = 400.0;
              wanted.force_field_digest = "0";
            }),
            with("it was trained for a molecule of 7 atoms, this one has 8; it was trained at 300 "
                 "K, this run is at 400 K"));
}

TEST(ModelCard, SurvivesJson) {
  ModelCard card = trained_leap().model.card;
  card.temperature_K = 300.1;  // not a binary fraction
  card.created_by = "quotes \" and \\ and \n";
  const ModelCard back = mlsamplers::card_from_json(mlsamplers::card_to_json(card), "m.pt");
  EXPECT_EQ(mlsamplers::card_to_json(back), mlsamplers::card_to_json(card));
  EXPECT_EQ(back.temperature_K, 300.1);
  EXPECT_EQ(back.bonds, card.bonds);
  EXPECT_NO_THROW(mlsamplers::require_match(back, card, "m.pt"));
}

TEST(ModelCard, DamagedJsonNamesTheField) {
  using ::testing::AllOf;
  using ::testing::HasSubstr;
  using ::testing::StartsWith;
  const std::string good = mlsamplers::card_to_json(leap_card());
  const auto refusal = [](const std::string& text) {
    return message_of<engine::ModelError>([&] { mlsamplers::card_from_json(text, "m.pt"); });
  };
  const auto damaged = StartsWith("m.pt: the model card is damaged: ");
  for (const char* text : {"", "{", "no json", "[1, 2", "\xff\xfe"})
    EXPECT_THAT(refusal(text), AllOf(damaged, HasSubstr("parse error")));
  EXPECT_THAT(refusal("[]"), damaged);
  EXPECT_THAT(refusal("{}"), AllOf(damaged, HasSubstr("key 'kind' not found")));
  for (const char* field : {"kind", "format", "atoms", "bonds", "temperature_K", "lag_ps",
                            "force_field", "force_field_digest", "measure", "precision", "units",
                            "created_by", "training", "references"}) {
    std::string text = good;
    text.replace(text.find("\"" + std::string(field) + "\""), 2, "\"x");
    EXPECT_THAT(refusal(text), AllOf(damaged, HasSubstr("key '" + std::string(field) + "'")));
  }
  std::string text = good;
  text.replace(text.find("300.0"), 5, "\"300\"");
  EXPECT_THAT(refusal(text), AllOf(damaged, HasSubstr("type must be number")));
}

TEST(ForceFieldDigest, SeesEveryParameterButMasses) {
  engine::System base = molecule().system();
  base.nonbonded.emplace().particles.assign(8, {0.1, 0.2, 0.3});
  base.nonbonded->exceptions = {{0, 1, 0.0, 1.0, 0.0}};
  base.implicit_solvent.emplace().particles.resize(8);
  base.constraints = {{0, 1, 0.15}};
  const std::string digest = mlsamplers::force_field_digest(base);
  EXPECT_EQ(digest.size(), 16u);
  EXPECT_EQ(digest, mlsamplers::force_field_digest(engine::System(base)));

  engine::System heavier = base;
  heavier.masses[0] = 13.0;
  EXPECT_EQ(mlsamplers::force_field_digest(heavier), digest);

  const std::vector<std::function<void(engine::System&)>> changes = {
      [](auto& s) { s.bonds[0].k += 1.0; },
      [](auto& s) { s.bonds[1].length_nm += 1e-6; },
      [](auto& s) { s.bonds.pop_back(); },
      [](auto& s) { s.angles[0].angle_rad += 1e-6; },
      [](auto& s) { s.angles[0].k += 1.0; },
      [](auto& s) { s.torsions[0].k += 1e-6; },
      [](auto& s) { s.torsions[0].phase_rad += 1e-6; },
      [](auto& s) { s.torsions[0].periodicity += 1; },
      [](auto& s) { s.torsions[0].l = 0; },
      [](auto& s) { s.constraints[0].distance_nm += 1e-6; },
      [](auto& s) { s.nonbonded->particles[3].charge += 1e-6; },
      [](auto& s) { s.nonbonded->particles[3].sigma_nm += 1e-6; },
      [](auto& s) { s.nonbonded->particles[3].epsilon += 1e-6; },
      [](auto& s) { s.nonbonded->exceptions[0].charge_product += 1e-6; },
      [](auto& s) { s.nonbonded->method = engine::NonbondedMethod::kCutoffNonPeriodic; },
      [](auto& s) { s.nonbonded->cutoff_nm += 0.1; },
      [](auto& s) { s.nonbonded.reset(); },
      [](auto& s) { s.implicit_solvent->model = engine::GeneralizedBornModel::kGbn2; },
      [](auto& s) { s.implicit_solvent->particles[0].radius_nm += 1e-6; },
      [](auto& s) { s.implicit_solvent->surface_energy += 1e-6; },
      [](auto& s) { s.implicit_solvent.reset(); },
      [](auto& s) { s.nonbonded->switching_distance_nm = 0.8; },
      [](auto& s) { s.nonbonded->long_range_correction = true; },
      [](auto& s) {
        s.box = engine::Box({1.0, 2.0, 3.0});
      },
      [](auto& s) { s.mmff.emplace(); },
      [](auto& s) { s.correction_torsions.resize(1); },
      [](auto& s) { s.position_restraints.resize(1); },
      [](auto& s) { s.torsion_restraints.resize(1); },
      [](auto& s) { s.field.emplace(); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    engine::System changed = base;
    changes[i](changed);
    EXPECT_NE(mlsamplers::force_field_digest(changed), digest) << "change " << i;
  }
}

TEST(ForceFieldDigest, SeesEveryParameterOfTheLaterTerms) {
  engine::System base = molecule().system();
  base.box = engine::Box({1.0, 2.0, 3.0});
  engine::Mmff& mmff = base.mmff.emplace();
  mmff.bonds.resize(1);
  mmff.angles.resize(1);
  mmff.linear_angles.resize(1);
  mmff.stretch_bends.resize(1);
  mmff.out_of_planes.resize(1);
  mmff.pairs.resize(1);
  base.correction_maps = {{3, std::vector<double>(9, 0.0)}};
  base.correction_torsions.resize(1);
  base.position_restraints.resize(1);
  base.torsion_restraints.resize(1);
  base.field.emplace().charges.resize(8);
  const std::string digest = mlsamplers::force_field_digest(base);

  const std::vector<std::function<void(engine::System&)>> changes = {
      [](auto& s) { s.box->cz += 1e-6; },
      [](auto& s) { s.box->bx += 1e-6; },
      [](auto& s) { s.mmff->bonds[0].k += 1.0; },
      [](auto& s) { s.mmff->angles[0].angle_rad += 1e-6; },
      [](auto& s) { s.mmff->linear_angles[0].k += 1.0; },
      [](auto& s) { s.mmff->stretch_bends[0].length_kj_nm += 1e-6; },
      [](auto& s) { s.mmff->stretch_bends[0].k_kj += 1.0; },
      [](auto& s) { s.mmff->out_of_planes[0].l = 3; },
      [](auto& s) { s.mmff->pairs[0].r_min_nm += 1e-6; },
      [](auto& s) { s.mmff->pairs[0].charge_product += 1e-6; },
      [](auto& s) { s.mmff->dielectric += 1e-6; },
      [](auto& s) { s.mmff->distance_dependent_dielectric = true; },
      [](auto& s) { s.correction_maps[0].energies[8] += 1e-6; },
      [](auto& s) { s.correction_torsions[0].map = 1; },
      [](auto& s) { s.correction_torsions[0].second[3] = 1; },
      [](auto& s) { s.position_restraints[0].position_nm[1] += 1e-6; },
      [](auto& s) { s.position_restraints[0].flat_radius_nm += 1e-6; },
      [](auto& s) { s.torsion_restraints[0].angle_rad += 1e-6; },
      [](auto& s) { s.torsion_restraints[0].flat_half_width_rad += 1e-6; },
      [](auto& s) { s.field->field[2] += 1e-6; },
      [](auto& s) { s.field->charges[7] += 1e-6; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    engine::System changed = base;
    changes[i](changed);
    EXPECT_NE(mlsamplers::force_field_digest(changed), digest) << "change " << i;
  }
}

}  // namespace
}  // namespace saltus::tests
