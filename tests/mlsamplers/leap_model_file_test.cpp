// Oracle: equal bits after a round trip, and the documented message for each way in which a file
// can be wrong.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>

#include "engine/core/error.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using mlsamplers::LeapModel;
using mlsamplers::load_leap_model;
using mlsamplers::save_leap_model;

std::string refusal(const std::string& path) {
  return message_of<engine::ModelError>([&] { load_leap_model(path); });
}

std::string not_a_model(const std::string& path) {
  return path +
         ": this is not a model file of Saltus, or it is cut short; make one with saltus train";
}

TEST(LeapModelFile, RoundTripKeepsEveryBit) {
  const TemporaryFolder folder;
  const std::string path = folder.file("leap.pt");
  const LeapModel& model = trained_leap().model;
  save_leap_model(model, path);
  const LeapModel back = load_leap_model(path);
  EXPECT_EQ(mlsamplers::card_to_json(back.card), mlsamplers::card_to_json(model.card));
  EXPECT_EQ(mlsamplers::card_to_json(mlsamplers::read_model_card(path)),
            mlsamplers::card_to_json(model.card));
  EXPECT_EQ(back.uniform_fraction, model.uniform_fraction);
  const engine::ChainBatch to = molecule().draw(50, 1), from = molecule().draw(50, 2);
  EXPECT_EQ(leap_density(back, to, from), leap_density(model, to, from));
  EXPECT_EQ(leap_of(back)->sample(from.view(), {3, 4}).positions.values(),
            leap_of(model)->sample(from.view(), {3, 4}).positions.values());

  // Written again over the old one it is the same file, and nothing else is left in the folder.
  const std::string first = content_of(path);
  save_leap_model(back, path);
  EXPECT_TRUE(first == content_of(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
}

TEST(LeapModelFile, RefusesWhatIsNoModel) {
  const TemporaryFolder folder;
  const std::string missing = folder.file("missing.pt");
  EXPECT_EQ(message_of<engine::FileError>([&] { load_leap_model(missing); }),
            missing + ": cannot open the model file: No such file or directory");
  EXPECT_EQ(message_of<engine::FileError>([&] { mlsamplers::read_model_card(missing); }),
            missing + ": cannot open the model file: No such file or directory");
  for (const std::string& path : {folder.write("text.pt", "a text file, not a model\n"),
                                  folder.write("empty.pt", ""), folder.path()}) {
    EXPECT_EQ(refusal(path), not_a_model(path));
    EXPECT_EQ(message_of<engine::ModelError>([&] { mlsamplers::read_model_card(path); }),
              not_a_model(path));
  }
}

TEST(LeapModelFile, RefusesTruncatedFiles) {
  const TemporaryFolder folder;
  save_leap_model(trained_leap().model, folder.file("whole.pt"));
  const std::string whole = content_of(folder.file("whole.pt"));
  ASSERT_GT(whole.size(), 1000u);
  for (const std::size_t size : {std::size_t{1}, std::size_t{4}, std::size_t{100}, whole.size() / 2,
                                 whole.size() - 100, whole.size() - 1}) {
    const std::string path = folder.write("cut.pt", whole.substr(0, size));
    EXPECT_EQ(refusal(path), not_a_model(path)) << size << " of " << whole.size() << " bytes";
  }
}

struct Damage {
  const char* message;
  std::function<void(LeapModel&)> apply;
};

const double kNan = std::numeric_limits<double>::quiet_NaN();

const Damage kDamages[] = {
    {"its Z-matrix does not have one row for each atom", [](auto& m) { m.card.atoms.pop_back(); }},
    {"its Z-matrix does not have one row for each atom", [](auto& m) { m.z.rows.resize(3); }},
    {"its Z-matrix places an atom twice", [](auto& m) { m.z.rows[5].atom = m.z.rows[4].atom; }},
    {"its Z-matrix places an atom twice", [](auto& m) { m.z.rows[0].atom = 1000; }},
    {"its Z-matrix is out of order", [](auto& m) { m.z.rows[1].bond_to = m.z.rows[7].atom; }},
    {"its Z-matrix is out of order", [](auto& m) { m.z.rows[2].angle_to = 999; }},
    {"its Z-matrix is out of order", [](auto& m) { m.z.rows[3].torsion_to = m.z.rows[3].atom; }},
    {"a coordinate index is out of range", [](auto& m) { m.split.soft[0].coordinate = 18; }},
    {"a soft torsion is not a torsion", [](auto& m) { m.split.soft[1].coordinate = 12; }},
    {"a rotor is not a torsion", [](auto& m) { m.split.rotors[0].coordinate = 0; }},
    {"a rotor is neither two- nor threefold", [](auto& m) { m.split.rotors[0].fold = 4; }},
    {"a fast coordinate is a torsion in one place and not in another",
     [](auto& m) { m.split.fast.back().is_torsion = false; }},
    {"a fast coordinate is a torsion in one place and not in another",
     [](auto& m) { m.split.fast.front().is_torsion = true; }},
    {"the centre of a fast torsion is not finite",
     [](auto& m) { m.split.fast.back().centre = kNan; }},
    {"a coordinate is in two groups",
     [](auto& m) { m.split.fast[1].coordinate = m.split.fast[0].coordinate; }},
    {"a coordinate is in no group",
     [](auto& m) {
       const std::size_t n = m.fast.n_fast -= 1;
       m.split.fast.pop_back();
       m.fast.weights.resize(n * m.fast.n_basis);
       m.fast.cholesky.assign(n * n, 0.0);
       for (std::size_t i = 0; i < n; ++i) m.fast.cholesky[i * n + i] = 0.01;
     }},
    {"its temperature is not a positive number", [](auto& m) { m.card.temperature_K = 0.0; }},
    {"its uniform fraction is not in (0, 1)", [](auto& m) { m.uniform_fraction = 0.0; }},
    {"its uniform fraction is not in (0, 1)", [](auto& m) { m.uniform_fraction = kNan; }},
    {"the regression of fast coordinates has the wrong size",
     [](auto& m) {
       m.fast.n_basis = 2;
       m.fast.weights.resize(2 * m.fast.n_fast);
     }},
    {"the regression of fast coordinates has the wrong size",
     [](auto& m) {
       m.fast.n_fast -= 1;
       m.fast.weights.resize(m.fast.n_fast * m.fast.n_basis);
       m.fast.cholesky.resize(m.fast.n_fast * m.fast.n_fast);
     }},
    {"a weight is not finite", [](auto& m) { m.fast.weights[7] = kNan; }},
    {"the Cholesky factor is not lower triangular with a positive diagonal",
     [](auto& m) { m.fast.cholesky[0] = 0.0; }},
    {"the Cholesky factor is not lower triangular with a positive diagonal",
     [](auto& m) { m.fast.cholesky[1] = 1e-9; }},
    {"the Cholesky factor is not lower triangular with a positive diagonal",
     [](auto& m) { m.fast.cholesky[m.fast.n_fast] = kNan; }},
};

TEST(LeapModelFile, RefusesInconsistentModels) {
  const TemporaryFolder folder;
  const std::string path = folder.file("damaged.pt");
  for (const Damage& damage : kDamages) {
    LeapModel model = trained_leap().model;
    damage.apply(model);
    save_leap_model(model, path);
    EXPECT_EQ(refusal(path), path + ": the model is damaged: " + damage.message);
  }
}

TEST(LeapModelFile, RefusesAnotherKind) {
  const TemporaryFolder folder;
  const std::string path = folder.file("flow.pt");
  LeapModel model = trained_leap().model;
  model.card.kind = "coupling flow";
  save_leap_model(model, path);
  EXPECT_EQ(refusal(path),
            path + ": a model of kind 'coupling flow', expected 'internal-coordinate leap'");
  EXPECT_EQ(mlsamplers::read_model_card(path).kind, "coupling flow");
}

TEST(LeapModelFile, FlippedBytesAreRefused) {
  const TemporaryFolder folder;
  save_leap_model(trained_leap().model, folder.file("whole.pt"));
  const std::string whole = content_of(folder.file("whole.pt"));
  auto stream = test_stream(111);
  for (int trial = 0; trial < 300; ++trial) {
    std::string damaged = whole;
    const std::size_t n_flips = 1 + stream.below(8);
    for (std::size_t i = 0; i < n_flips; ++i)
      damaged[stream.below(whole.size())] ^= static_cast<char>(1 + stream.below(255));
    if (damaged == whole) continue;
    const std::string path = folder.write("flipped.pt", damaged);
    const std::string message = refusal(path);
    EXPECT_TRUE(message == not_a_model(path) ||
                message.rfind(path + ": the model file is damaged: ", 0) == 0)
        << message;
  }
}

}  // namespace
}  // namespace saltus::tests
