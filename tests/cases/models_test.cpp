// Oracle: a model file is data. Whatever a file holds, the program refuses it in a sentence and
// with the documented exit code, runs nothing of it, writes nothing and needs little memory.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmath>
#include <limits>

#include "saltus_test_paths.h"
#include "tests/cases/cases.h"
#include "tests/mlsamplers/model_edit.h"

namespace saltus::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Edit = std::function<void(ModelEdit&)>;

constexpr int kInput = 65, kConformersRefuse = 1;
const std::string kNoModel =
    "this is not a model file of Saltus, or it is cut short; make one with saltus train";
const std::string kCanCarryCode =
    "this is a zip archive or a pickle, as models of earlier versions were; such files can carry "
    "code that runs when they are opened, so they are not read any more; train the model again "
    "with 'saltus train DECK', which writes a .safetensors file";
const std::string kDamaged = "the model file is damaged: ";

/// The models that come with Saltus, whole and changed.
class Models : public CasesTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    const std::string models = std::string(SALTUS_TEST_SOURCE_DIR) + "/data/models/";
    copy_in(models + "alanine_dipeptide_310K.leap.safetensors", "leap.safetensors");
    copy_in(models + "torsion_mixtures.safetensors", "torsions.safetensors");
    write("list.smi", "CCCO propanol\n");
  }
  /// The name of a changed copy of a model.
  std::string changed(const std::string& name, const Edit& edit) const {
    ModelEdit model(file(name));
    edit(model);
    model.write(file("changed.safetensors"));
    return "changed.safetensors";
  }
  std::vector<std::string> run_with(const std::string& model) const {
    DeckText deck;
    deck.run = "steps = 2";
    deck.moves = "[[move]]\nkind = \"learned_leap\"";
    deck.more = "[leap]\nmodel = \"" + model + "\"";
    write_deck(deck);
    return {"run", "deck.toml", "--no-report"};
  }
  static std::vector<std::string> conformers_with(const std::string& model) {
    return {"conformers", "list.smi", "-o",     "a.sdf",     "-n",      "2",
            "-j",         "1",        "--mode", "boltzmann", "--model", model};
  }
  void expect_leap_refused(const std::string& model, const std::string& message) const {
    expect_error(run_with(model), kInput, model + ": " + message);
    EXPECT_FALSE(std::filesystem::exists(file("out/trajectory.h5")));
  }
  void expect_torsions_refused(const std::string& model, const std::string& message) const {
    const ProgramEnd end = saltus(conformers_with(model));
    EXPECT_EQ(end.exit_code, kConformersRefuse);
    EXPECT_THAT(end.err, HasSubstr(model + ": " + message));
    EXPECT_FALSE(std::filesystem::exists(file("a.sdf")));
  }
  void expect_refused_everywhere(const std::string& model, const std::string& message) const {
    SCOPED_TRACE(model);
    expect_error({"info", model}, kInput, model + ": " + message);
    expect_leap_refused(model, message);
    expect_torsions_refused(model, message);
  }
};

TEST_F(Models, AreReadWhereTheyAreWhole) {
  EXPECT_THAT(good({"info", "leap.safetensors"}).out,
              HasSubstr("kind         internal-coordinate leap\n"));
  EXPECT_THAT(good({"info", "torsions.safetensors"}).out,
              HasSubstr("kind         torsion_mixtures\n"));
  good(run_with("leap.safetensors"));
  good(conformers_with("torsions.safetensors"));
  // By content, not by name.
  copy_in(file("leap.safetensors"), "a.model");
  EXPECT_THAT(good({"info", "a.model"}).out, HasSubstr("internal-coordinate leap"));
}

/// The archive is a model file as earlier versions read it: opening it makes LibTorch run its
/// method __setstate__, which writes the file "written_by_the_model".
TEST_F(Models, OfEarlierVersionsRunNoCode) {
  copy_case("models");
  copy_in(file("models/with_code.pt"), "with_code.pt");
  expect_refused_everywhere("with_code.pt", kCanCarryCode);
  copy_in(file("with_code.pt"), "renamed.safetensors");
  expect_refused_everywhere("renamed.safetensors", kCanCarryCode);
  EXPECT_FALSE(std::filesystem::exists(file("written_by_the_model")));
}

TEST_F(Models, ThatAreArchivesOrPicklesAreRefused) {
  const std::string empty_zip = "PK\x05\x06" + std::string(18, '\0');
  write("zip.pt", empty_zip);
  // "Call os.system", as a pickle says it.
  write("pickle.pt",
        std::string("\x80\x02") + "cos\nsystem\nq\0X\x04\0\0\0trueq\x01\x85q\x02Rq\x03.");
  expect_refused_everywhere("zip.pt", kCanCarryCode);
  expect_refused_everywhere("pickle.pt", kCanCarryCode);
}

TEST_F(Models, ThatAreCutShortAreRefused) {
  const std::string whole = read("leap.safetensors");
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{8}, std::size_t{3000},
                                 whole.size() / 2, whole.size() - 1}) {
    const std::string name = "cut_to_" + std::to_string(size) + ".safetensors";
    write(name, whole.substr(0, size));
    expect_error({"info", name}, kInput, name + ": " + kNoModel);
  }
  write("cut.safetensors", whole.substr(0, whole.size() - 8));
  expect_refused_everywhere("cut.safetensors", kNoModel);
}

TEST_F(Models, WithImpossibleHeadersAreRefused) {
  const auto refused = [this](const std::string& text, const std::string& message) {
    write("bad.safetensors", text);
    expect_error({"info", "bad.safetensors"}, kInput, "bad.safetensors: " + message);
  };
  refused(eight_bytes(std::uint64_t{1} << 63) + "{}", kNoModel);
  expect_refused_everywhere("bad.safetensors", kNoModel);
  refused(eight_bytes(std::numeric_limits<std::uint64_t>::max()) + "{}", kNoModel);
  refused(safetensors_text("[]"), kNoModel);
  refused(safetensors_text("{}"), "this file holds no model card; it was not written by Saltus");
  refused(safetensors_text("{\"a\":" + std::string(1'000'000, '[') + "}"),
          kDamaged + "'a' is not an object");
  const auto tensor = [](const std::string& name, const std::string& shape,
                         const std::string& offsets) {
    return "\"" + name + R"(":{"dtype":"F64","shape":[)" + shape + R"(],"data_offsets":[)" +
           offsets + "]}";
  };
  const std::string data(16, '\0'), a = tensor("a", "1", "0,8");
  refused(safetensors_text("{" + a + "," + tensor("b", "1", "8,18446744073709551615") + "}", data),
          kDamaged + "tensor 'b' has 18446744073709551607 bytes, but F64 [1] needs 8");
  refused(
      safetensors_text("{" + a + "," + tensor("b", "1099511627776", "8,8796093022216") + "}", data),
      kNoModel);
  refused(safetensors_text("{" + a + "," + tensor("b", "1", "4,12") + "}", data),
          kDamaged + "tensors 'a' and 'b' overlap");
  expect_refused_everywhere("bad.safetensors", kDamaged + "tensors 'a' and 'b' overlap");
  refused(safetensors_text("{" + a + "}", data),
          kDamaged + "8 bytes at the end belong to no tensor");
  refused(safetensors_text("{" + a + "," + tensor("a", "1", "8,16") + "}", data),
          kDamaged + "the name 'a' is there twice");
  refused(
      safetensors_text("{" + a + "," + tensor("b", "4294967296,4294967296", "8,16") + "}", data),
      kDamaged + "tensor 'b' has a shape of more than 2^64 bytes");
}

TEST_F(Models, WithWeightsThatAreNotFiniteAreRefused) {
  const double not_finite[] = {std::nan(""), std::numeric_limits<double>::infinity()};
  for (const double value : not_finite) {
    const std::string leap =
        changed("leap.safetensors", [&](ModelEdit& m) { m.spoil("soft0.first.weight", 0, value); });
    const std::string message = kDamaged + "'soft0.first.weight' holds a value that is not finite";
    expect_error({"info", leap}, kInput, leap + ": " + message);
    expect_leap_refused(leap, message);
    const std::string torsions = changed("torsions.safetensors", [&](ModelEdit& m) {
      m.spoil("net.mix.weight", 7, static_cast<float>(value));
    });
    const std::string other = kDamaged + "'net.mix.weight' holds a value that is not finite";
    expect_error({"info", torsions}, kInput, torsions + ": " + other);
    expect_torsions_refused(torsions, other);
  }
}

/// Each weight is a number, their sums are not: drawing from such a density would never end.
TEST_F(Models, WithWeightsThatAreTooLargeDoNotHang) {
  const std::string torsions = changed("torsions.safetensors", [](ModelEdit& m) {
    m.fill("net.second.weight", "F32", {64, 64}, 3e38f);
    m.fill("net.output.weight", "F32", {32, 64}, -3e38f);
  });
  std::vector<std::string> command = conformers_with(torsions);
  command.insert(command.end(), {"--report", "r.csv"});
  const ProgramEnd end = saltus(command);
  EXPECT_EQ(end.signal, 0);
  EXPECT_NE(end.exit_code, 0);
  EXPECT_THAT(read("r.csv"), HasSubstr("gives densities that are not finite"));
  // A leap that never draws anything possible is rejected each time; the run stays exact.
  const std::string leap = changed("leap.safetensors", [](ModelEdit& m) {
    m.spoil("soft0.first.weight", 0, 1e308);
    m.spoil("soft0.head.bias", 0, -1e308);
  });
  EXPECT_EQ(saltus(run_with(leap)).signal, 0);
}

TEST_F(Models, WithMissingAndForeignTensorsAreRefused) {
  const std::string missing = changed("leap.safetensors", [](ModelEdit& m) { m.remove("soft"); });
  expect_leap_refused(missing, kDamaged + "'soft' is missing");
  const std::string more =
      changed("leap.safetensors", [](ModelEdit& m) { m.fill("data.pkl", "U8", {3}, '\x80'); });
  expect_leap_refused(more, kDamaged + "it holds the tensor 'data.pkl', which no such model has");
  const std::string huge = changed("torsions.safetensors", [](ModelEdit& m) {
    m.set<std::int64_t>("shape.layers", "I64", {}, {64});
    m.set<std::int64_t>("shape.hidden", "I64", {}, {1024});
  });
  expect_torsions_refused(huge, kDamaged +
                                    "'net.layer0_to_edges.weight' is F32 [384, 128], expected F32 "
                                    "[3072, 1024]");
}

TEST_F(Models, WithOtherCardsAreRefused) {
  expect_leap_refused("torsions.safetensors",
                      "a model of kind 'torsion_mixtures', expected 'internal-coordinate leap'");
  expect_torsions_refused(
      "leap.safetensors",
      "a model of kind 'internal-coordinate leap', expected 'torsion_mixtures'");
  const auto with_card = [this](const std::string& from, const std::string& to) {
    return changed("leap.safetensors",
                   [&](ModelEdit& m) { m.card().replace(m.card().find(from), from.size(), to); });
  };
  const std::string damaged = "the model card is damaged: ";
  expect_refused_everywhere(with_card("\"kind\"", "\"kind\": \"first\", \"kind\""),
                            damaged + "the key 'kind' is there twice");
  expect_refused_everywhere(with_card("\"format\": 1", "\"format\": 1e300"),
                            damaged +
                                "'format': type must be number, whole, not negative and not too "
                                "large, but is number");
  expect_refused_everywhere(with_card("\"lag_ps\"", "\"code\": \"\", \"lag_ps\""),
                            damaged + "the key 'code' is not known");
  expect_refused_everywhere(
      with_card("\"references\": [", "\"references\": [" + std::string(100000, '[')),
      damaged + "it is nested too deeply");
}

TEST_F(Models, CannotWriteIntoTheTerminal) {
  const std::string model = changed("leap.safetensors", [](ModelEdit& m) {
    const std::string from = "\"force_field\": \"";
    m.card().replace(m.card().find(from), from.size(), from + "\\u001b[2J\\u009b");
  });
  EXPECT_THAT(good({"info", model}).out, AllOf(HasSubstr("\\x1b[2J\\x9b"), Not(HasSubstr("\x1b"))));
}

TEST_F(Models, AreReadFromRegularFilesOnly) {
  ASSERT_EQ(::mkfifo(file("pipe.safetensors").c_str(), 0600), 0);
  const std::string message = "this is a device or a pipe; a model is read from a regular file";
  expect_error({"info", "pipe.safetensors"}, kInput, "pipe.safetensors: " + message);
  const ProgramEnd end = saltus(conformers_with("pipe.safetensors"));
  EXPECT_EQ(end.exit_code, kConformersRefuse);
  EXPECT_THAT(end.err, HasSubstr("--model: expected default, none or the path of a model file"));
}

TEST_F(Models, NeedNoMoreMemoryThanTheirFiles) {
  // Four gigabytes of zeros after a correct header.
  write("sparse.safetensors", safetensors_text("{}"));
  std::filesystem::resize_file(file("sparse.safetensors"), std::uintmax_t{1} << 32);
  expect_refused_everywhere("sparse.safetensors",
                            "the model file has 4294967296 bytes; at most 1073741824 are read");
  rusage usage{};
  ASSERT_EQ(::getrusage(RUSAGE_CHILDREN, &usage), 0);
  constexpr long kKilobytes = 1'000'000;
  EXPECT_LT(usage.ru_maxrss, kKilobytes) << "kilobytes";
}

}  // namespace
}  // namespace saltus::tests
