// Oracle: decks and messages written out by hand.
#include "tools/saltus/decks/compare_deck.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tools/saltus/decks/deck_kind.h"
#include "tools/saltus/decks/load_run_deck.h"

namespace saltus::tools {
namespace {

using tests::message_of;

constexpr char kDeck[] = R"(schema = 1
[output]
directory = "out"
[[peptide]]
name = "AA"
reference = "r.h5"
[[peptide.run]]
name = "leaps"
trajectory = "a.h5"
training_energy_evaluations = 1.0e6
[[peptide.run]]
name = "md"
role = "plain_dynamics"
trajectory = "b.h5"
)";

class CompareDecks : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"r.h5", "a.h5", "b.h5"}) folder_.write(name, "");
  }
  CompareDeck load(const std::string& text) {
    return load_compare_deck(folder_.write("deck.toml", text), {}).deck;
  }
  std::string error_of(const std::string& text) {
    return message_of<engine::InputError>([&] { load(text); });
  }
  tests::TemporaryFolder folder_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_F(CompareDecks, AndThoseOfOtherCommandsAreToldApart) {
  const auto path = folder_.write("deck.toml", "schema = 1\n[system]\n[ensemble]\n");
  EXPECT_EQ(message_of<engine::InputError>([&] { load_compare_deck(path, {}); }),
            path +
                ": this is a deck of 'saltus run', by its tables, not of 'saltus compare'; use "
                "'saltus run " +
                path + "'");
  folder_.write("deck.toml", kDeck);
  EXPECT_EQ(message_of<engine::InputError>([&] { load_run_deck(path, {}); }),
            path +
                ": this is a deck of 'saltus compare', by its tables, not of 'saltus run'; use "
                "'saltus compare " +
                path + "'");
  for (const char* table :
       {"[torsion_network]\n", "[peptide_model]\n[peptides]\n", "[rigid_flow]\n[system]\n"}) {
    folder_.write("deck.toml", table);
    for (const std::string& message :
         {message_of<engine::InputError>([&] { load_run_deck(path, {}); }),
          message_of<engine::InputError>([&] { load_compare_deck(path, {}); })})
      EXPECT_THAT(message, testing::EndsWith("; use 'saltus train " + path + "'")) << table;
  }
  // Nothing is said of decks that may be either.
  folder_.write("deck.toml", "[system]\n[peptides]\n");
  EXPECT_THAT(message_of<engine::InputError>([&] { load_run_deck(path, {}); }),
              testing::Not(testing::HasSubstr("this is a deck of")));
}

TEST_F(CompareDecks, EveryDeckOfSaltusIsToldByItsTables) {
  int n_decks = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(SALTUS_TEST_SOURCE_DIR "/data/decks")) {
    if (entry.path().extension() != ".toml") continue;
    const std::string name = entry.path().stem().string();
    const bool compares = name.size() > 11 && name.substr(name.size() - 11) == "_comparison";
    const bool trains = name == "torsion_mixtures" || name == "peptide_leaps" ||
                        name == "ice_xi_16_flow" || name == "rigid_molecule_in_field_flow";
    EXPECT_EQ(command_of_deck(io::load_deck(entry.path(), {})), compares ? "compare"
                                                                : trains ? "train"
                                                                         : "run")
        << name;
    ++n_decks;
  }
  EXPECT_GT(n_decks, 10);
}

TEST_F(CompareDecks, AreRead) {
  const CompareDeck deck = load(kDeck);
  ASSERT_EQ(deck.peptides.size(), 1u);
  const ComparedPeptideDeck& peptide = deck.peptides[0];
  EXPECT_EQ(peptide.name, "AA");
  EXPECT_TRUE(peptide.tica_trajectory.empty());
  ASSERT_EQ(peptide.runs.size(), 2u);
  EXPECT_EQ(peptide.runs[0].role, ComparedRole::kRun);
  EXPECT_EQ(peptide.runs[0].training_energy_evaluations, 1e6);
  EXPECT_TRUE(std::isnan(peptide.runs[0].training_cpu_seconds));
  EXPECT_TRUE(std::isnan(peptide.runs[1].training_energy_evaluations));
  EXPECT_EQ(peptide.runs[1].role, ComparedRole::kPlainDynamics);
  EXPECT_EQ(deck.distances.n_frames, 10000u);
}

TEST_F(CompareDecks, SayTheSameAgainWhenResolved) {
  const LoadedCompareDeck loaded = load_compare_deck(folder_.write("deck.toml", kDeck), {});
  const LoadedCompareDeck again =
      load_compare_deck(folder_.write("again.toml", loaded.resolved_toml), {});
  EXPECT_EQ(again.resolved_toml, loaded.resolved_toml);
}

TEST_F(CompareDecks, NameFileAndLineOfWhatIsWrong) {
  EXPECT_THAT(error_of(replaced(kDeck, "\"r.h5\"", "\"nowhere.h5\"")),
              testing::HasSubstr("deck.toml:6:13: peptide[0].reference: no file \""));
  EXPECT_THAT(error_of(replaced(kDeck, "plain_dynamics", "dynamics")),
              testing::HasSubstr("deck.toml:13:8: peptide[0].run[1].role: expected "));
  EXPECT_THAT(error_of(replaced(kDeck, "\"md\"", "\"leaps\"")),
              testing::HasSubstr("deck.toml:12:8: peptide[0].run[1].name: another run of this "
                                 "peptide has the name; choose a different one"));
  EXPECT_THAT(error_of(replaced(kDeck, "1.0e6", "-1.0")),
              testing::HasSubstr("deck.toml:10:31: peptide[0].run[0].training_energy_evaluations"));
  EXPECT_THAT(error_of("schema = 1\n[output]\ndirectory = \"out\"\n"),
              testing::HasSubstr("peptide: expected at least 1 [[peptide]], got 0"));
}

constexpr char kMadeDeck[] = R"(schema = 1
[output]
directory = "out"
[peptides]
sequences = ["HE", "ACE-ALA-NME"]
coordinates = ["my.pdb"]
folder = "evaluation"
reference_deck = "reference.toml"
tica_run = "OpenMM dynamics"
[[run]]
name = "leaps"
deck = "leaps.toml"
training_cpu_seconds = 60.0
[[run]]
name = "md"
role = "plain_dynamics"
deck = "md.toml"
[openmm_dynamics]
length = "2 ns"
time_step = "4 fs"
)";

class DecksThatRun : public CompareDecks {
 protected:
  void SetUp() override {
    CompareDecks::SetUp();
    for (const char* name : {"my.pdb", "reference.toml", "leaps.toml", "md.toml"})
      folder_.write(name, "");
  }
};

TEST_F(DecksThatRun, AreRead) {
  const MadePeptidesDeck made = load(kMadeDeck).made;
  ASSERT_EQ(made.peptides.size(), 3u);
  EXPECT_EQ(made.peptides[0].name, "HE");
  EXPECT_EQ(made.peptides[1].sequence, "ACE-ALA-NME");
  EXPECT_EQ(made.peptides[2].name, "my");
  EXPECT_TRUE(made.peptides[2].sequence.empty());
  EXPECT_EQ(made.peptides[2].coordinates.filename(), "my.pdb");
  ASSERT_EQ(made.runs.size(), 2u);
  EXPECT_EQ(made.runs[0].run.training_cpu_seconds, 60.0);
  EXPECT_TRUE(std::isnan(made.runs[0].run.training_energy_evaluations));
  EXPECT_EQ(made.runs[1].run.role, ComparedRole::kPlainDynamics);
  EXPECT_EQ(made.runs[1].deck.filename(), "md.toml");
  ASSERT_TRUE(made.openmm_dynamics.has_value());
  EXPECT_EQ(made.openmm_dynamics->length_ps, 2000.0);
  EXPECT_EQ(made.openmm_dynamics->dynamics.time_step_ps, 0.004);
  EXPECT_EQ(made.openmm_dynamics->dynamics.platform.name, "fastest");
  // A molecule that has been run may stand beside those that are.
  const std::string other = kDeck;
  EXPECT_EQ(load(kMadeDeck + other.substr(other.find("[[peptide]]"))).peptides.size(), 1u);
}

TEST_F(DecksThatRun, WithoutOpenMMsTableMakeNone) {
  std::string text = replaced(kMadeDeck, "tica_run = \"OpenMM dynamics\"\n", "");
  text = text.substr(0, text.find("[openmm_dynamics]"));
  EXPECT_FALSE(load(text).made.openmm_dynamics.has_value());
  EXPECT_THAT(error_of(replaced(text, "[[run]]", "tica_run = \"OpenMM dynamics\"\n[[run]]")),
              testing::HasSubstr("deck.toml:9:12: peptides.tica_run: no [[run]] has this name"));
}

TEST_F(DecksThatRun, SayTheSameAgainWhenResolved) {
  const LoadedCompareDeck loaded = load_compare_deck(folder_.write("deck.toml", kMadeDeck), {});
  const LoadedCompareDeck again =
      load_compare_deck(folder_.write("again.toml", loaded.resolved_toml), {});
  EXPECT_EQ(again.resolved_toml, loaded.resolved_toml);
}

TEST_F(DecksThatRun, NameFileAndLineOfWhatIsWrong) {
  const auto wrong = [&](const std::string& from, const std::string& to) {
    return error_of(replaced(kMadeDeck, from, to));
  };
  EXPECT_THAT(wrong("\"HE\"", "\"HB\""),
              testing::HasSubstr("deck.toml:5:14: peptides.sequences[0]: sequence 'HB': 'B' is no "
                                 "amino acid; expected letters such as ADK"));
  EXPECT_THAT(wrong("\"HE\"", "\"ACE-ALA-NME\""),
              testing::HasSubstr("deck.toml:5:29: peptides.sequences[1]: another one is called "
                                 "'ACE-ALA-NME', and folders have these names; leave one out"));
  EXPECT_THAT(wrong("\"md.toml\"", "\"nowhere.toml\""),
              testing::HasSubstr("deck.toml:17:8: run[1].deck: no file \""));
  EXPECT_THAT(wrong("\"reference.toml\"", "\"nowhere.toml\""),
              testing::HasSubstr("deck.toml:8:18: peptides.reference_deck: no file \""));
  EXPECT_THAT(wrong("\"leaps\"", "\"a/b\""),
              testing::HasSubstr("deck.toml:11:8: run[0].name: a folder gets this name; use "));
  EXPECT_THAT(wrong("\"leaps\"", "\"reference\""),
              testing::HasSubstr("deck.toml:11:8: run[0].name: this name is taken; "));
  EXPECT_THAT(wrong("\"md\"", "\"leaps\""),
              testing::HasSubstr("deck.toml:15:8: run[1].name: another run has the name; "));
  EXPECT_THAT(wrong("\"2 ns\"", "\"0.0005 ps\""),
              testing::HasSubstr("deck.toml:19:10: openmm_dynamics.length: expected a multiple of "
                                 "frame_period"));
  EXPECT_THAT(wrong("\"2 ns\"", "\"9 ps\""),
              testing::HasSubstr("deck.toml:19:10: openmm_dynamics.length: expected at least 10 "
                                 "times frame_period"));
  // Runs of nothing.
  std::string text = replaced(kMadeDeck, "sequences = [\"HE\", \"ACE-ALA-NME\"]\n", "");
  text = replaced(text, "coordinates = [\"my.pdb\"]\n", "");
  EXPECT_THAT(error_of(text), testing::HasSubstr("only used with peptides.sequences or "
                                                 "peptides.coordinates"));
  EXPECT_THAT(error_of(text), testing::HasSubstr("expected at least 1 [[peptide]], got 0"));
}

TEST_F(CompareDecks, HaveADeckOfDefaults) {
  const std::string text = default_compare_deck();
  for (const char* part :
       {"[tica]", "[states]", "[distances]", "[[peptide]]", "[[peptide.run]]",
        "training_cpu_seconds", "[peptides]", "sequences", "[[run]]", "[openmm_dynamics]"})
    EXPECT_THAT(text, testing::HasSubstr(part));
}

TEST(ShippedComparisons, TakePeptidesThatAreKeptForTesting) {
  const std::string numbered = "ACDEFGHIKLMNPQRSTVWY";
  const std::string folder = SALTUS_TEST_SOURCE_DIR "/data/decks/";
  struct Shipped {
    std::string file;
    std::size_t n_peptides, n_runs;
  };
  for (const auto& [file, n, n_runs] : {Shipped{"peptide_comparison.toml", 20, 2},
                                        Shipped{"tetrapeptide_comparison.toml", 10, 3}}) {
    const MadePeptidesDeck made = load_compare_deck(folder + file, {}).deck.made;
    EXPECT_EQ(made.peptides.size(), n);
    EXPECT_EQ(made.runs.size(), n_runs);
    EXPECT_TRUE(made.openmm_dynamics.has_value());
    std::string letters;
    for (const MadePeptideDeck& peptide : made.peptides) {
      std::size_t sum = 0;
      for (char letter : peptide.sequence) sum += numbered.find(letter);
      EXPECT_EQ(sum % 5, 0u) << peptide.sequence;
      letters += peptide.sequence;
    }
    for (char letter : std::string("WYFHKRPCDM"))
      EXPECT_NE(letters.find(letter), std::string::npos) << letter;
  }
}

TEST(ShippedComparisons, RunAtOneTemperature) {
  const std::string folder = SALTUS_TEST_SOURCE_DIR "/data/decks/";
  for (const char* file :
       {"peptide_reference.toml", "peptide_run.toml", "peptide_plain_dynamics.toml"})
    EXPECT_EQ(load_run_deck(folder + file, {}).deck.temperatures_K.front(), 310.0) << file;
}

}  // namespace
}  // namespace saltus::tools
