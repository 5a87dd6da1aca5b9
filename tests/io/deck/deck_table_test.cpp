// Oracle: values, messages and resolved decks written out by hand for a small schema.
#include "io/deck/deck_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/units.h"
#include "io/deck/sha256.h"
#include "tests/io/deck/deck_test_files.h"

namespace saltus::io {
namespace {

using engine::InputError;
using engine::InternalError;

enum class Colour { kRed, kBlue };

struct Example {
  double temperature = 0.0, step = 0.0, angle = 0.0, fraction = 0.0;
  std::optional<double> mass;
  std::vector<double> levels;
  std::int64_t number = 0;
  std::size_t count = 0;
  bool flag = false;
  std::string name;
  std::vector<std::string> words;
  Colour colour = Colour::kRed;
  std::filesystem::path file;
  std::vector<std::pair<std::string, std::vector<std::string>>> lists;
  std::vector<std::string> kinds;
};

// Uses every kind of look-up once.
Example read_example(DeckTable& root) {
  Example e;
  e.name = root.string({"name", "of the thing"}, "nobody");
  DeckTable t = root.table({"t", "Numbers."});
  e.temperature = t.quantity({"temperature", "of all"}, "K", 310.0, Bounds::between(1e-3, 1e5));
  e.step = t.quantity({"step", "of time"}, "fs", 0.002, Bounds::between(0.0, 0.004));
  e.angle = t.quantity({"angle", "of view"}, "deg", engine::kPi, Bounds::between(0.1, 7.0));
  e.mass =
      t.optional_quantity({"mass", "of hydrogen"}, "amu", Bounds::between(0.1, 20.0).usually(3.0));
  e.levels = t.quantity_list({"levels", "of energy"}, "kJ/mol", std::vector<double>{1.0},
                             Bounds::between(-10.0, 10.0), 1);
  e.fraction = t.real({"fraction", "of all"}, 0.5, Bounds::inside(0.0, 1.0));
  e.number = t.integer({"number", "any"}, -1, -5, 5);
  e.count = t.count({"count", "of things"}, 3, 1, 100);
  e.flag = t.boolean({"flag", "up or down"}, false);
  e.words = t.string_list({"words", "to say"}, std::vector<std::string>{"a", "b"}, 2);
  e.colour = t.choice<Colour>({"colour", "of the thing"},
                              {{"red", Colour::kRed}, {"blue", Colour::kBlue}}, Colour::kBlue);
  if (t.applies("depth", e.colour == Colour::kBlue, "colour = \"blue\"")) {
    t.real({"depth", "of blue"}, 2.0, Bounds::between(0.0, 100.0));
  }
  e.file = root.path({"file", "to read"}, "", PathRule::kAny, {"none"});
  e.lists = root.table({"lists", "By name."}).named_string_lists(1);
  for (auto& [kind, table] :
       root.tables_by_kind({"item", "Things."}, "kind", {{"ball", "round"}, {"box", "square"}})) {
    if (kind == "ball")
      table.quantity({"radius", "of the ball"}, "nm", kRequired, Bounds::between(0.01, 10.0));
    e.kinds.push_back(kind);
  }
  return e;
}

struct Outcome {
  Example example;
  std::string resolved, digest;
};

Outcome read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  DeckReader reader(parse_deck(text, "deck.toml", "", overrides));
  DeckTable root = reader.root();
  Outcome outcome;
  outcome.example = read_example(root);
  reader.finish();
  outcome.resolved = reader.resolved_toml();
  outcome.digest = reader.digest();
  return outcome;
}

std::string input_error(const std::string& text) {
  return message_of<InputError>([&] { read(text); });
}

TEST(DeckTable, GivesDefaultsForAnEmptyDeck) {
  const Example e = read("").example;
  EXPECT_EQ(e.name, "nobody");
  EXPECT_EQ(e.temperature, 310.0);
  EXPECT_EQ(e.step, 0.002);
  EXPECT_FALSE(e.mass.has_value());
  EXPECT_EQ(e.levels, std::vector<double>{1.0});
  EXPECT_EQ(e.colour, Colour::kBlue);
  EXPECT_TRUE(e.file.empty());
  EXPECT_TRUE(e.lists.empty());
  EXPECT_TRUE(e.kinds.empty());
}

TEST(DeckTable, ReadsValuesInInternalUnits) {
  const Example e = read(
                        "name = \"me\"\nfile = \"none\"\n[t]\ntemperature = 300\nstep = \"1 fs\"\n"
                        "angle = \"90 deg\"\nmass = \"4 dalton\"\nlevels = [\"1 kcal/mol\", 2]\n"
                        "fraction = 0.25\nnumber = 5\ncount = 1\nflag = true\n"
                        "words = [\"x\", \"y\", \"z\"]\ncolour = \"red\"\n[lists]\nl = [\"1\"]\n"
                        "[[item]]\nkind = \"box\"\n[[item]]\nkind = \"ball\"\nradius = \"1 A\"\n")
                        .example;
  EXPECT_EQ(e.name, "me");
  EXPECT_EQ(e.file, "none");
  EXPECT_EQ(e.temperature, 300.0);
  EXPECT_EQ(e.step, 0.001);
  EXPECT_DOUBLE_EQ(e.angle, engine::kPi / 2.0);
  EXPECT_EQ(e.mass, 4.0);
  EXPECT_THAT(e.levels, testing::ElementsAre(4.184, 2.0));
  EXPECT_EQ(e.fraction, 0.25);
  EXPECT_EQ(e.number, 5);
  EXPECT_EQ(e.count, 1U);
  EXPECT_TRUE(e.flag);
  EXPECT_THAT(e.words, testing::ElementsAre("x", "y", "z"));
  EXPECT_EQ(e.colour, Colour::kRed);
  ASSERT_EQ(e.lists.size(), 1U);
  EXPECT_EQ(e.lists[0].first, "l");
  EXPECT_THAT(e.kinds, testing::ElementsAre("box", "ball"));
}

struct BadDeck {
  const char* text;
  const char* message;  ///< without the name of the deck and the line with the number of errors
};

class BadDecks : public testing::TestWithParam<BadDeck> {};

TEST_P(BadDecks, AreRefusedWithPlaceAndReason) {
  EXPECT_EQ(input_error(GetParam().text),
            std::string("deck.toml") + GetParam().message + "\n1 error in deck.toml");
}

INSTANTIATE_TEST_SUITE_P(
    Keys, BadDecks,
    testing::Values(
        BadDeck{"nam = 1", ":1:1: nam: unknown key; did you mean \"name\"?"},
        BadDeck{"pressure = 1",
                ":1:1: pressure: unknown key; known here: name, t, file, lists, item"},
        BadDeck{"[t]\ntemp = 1", ":2:1: t.temp: unknown key; did you mean \"temperature\"?"},
        BadDeck{"[T]\nx = 1", ":1:2: T: unknown key; did you mean \"t\"?"},
        BadDeck{"t = 3", ":1:5: t: expected a table [t], got integer 3"},
        BadDeck{"[[t]]\nx = 1", ":1:1: t: expected a table [t], got a list"},
        BadDeck{"[item]\nkind = \"box\"", ":1:1: item: expected tables [[item]], got a table"},
        BadDeck{"item = [3]", ":1:9: item[0]: expected a table [[item]], got integer 3"},
        BadDeck{"[[item]]\nx = 1", ":1:1: item[0].kind: missing; expected \"ball\" or \"box\""},
        BadDeck{"[[item]]\nkind = \"boxx\"\nx = 1",
                ":2:8: item[0].kind: expected \"ball\" or \"box\", got string \"boxx\"; did you "
                "mean \"box\"?"},
        BadDeck{"[[item]]\nkind = \"box\"\nradius = 1",
                ":3:1: item[0].radius: unknown key; known here: kind"},
        BadDeck{"[[item]]\nkind = \"ball\"",
                ":1:1: item[0].radius: missing; expected a length such as \"1 nm\""},
        BadDeck{"[t]\ncolour = \"red\"\ndepth = 1",
                ":3:1: t.depth: only used with colour = \"blue\""},
        BadDeck{"[lists]\nl = []", ":2:5: lists.l: expected at least 1 entry, got 0"},
        BadDeck{"[lists]\nl = 3",
                ":2:5: lists.l: expected a list; each entry a string, got integer 3"}));

INSTANTIATE_TEST_SUITE_P(
    Quantities, BadDecks,
    testing::Values(
        BadDeck{"[t]\ntemperature = \"3 kJ/mol\"",
                ":2:15: t.temperature: expected a temperature such as \"310 K\", got energy \"3 "
                "kJ/mol\""},
        BadDeck{"[t]\ntemperature = \"310\"",
                ":2:15: t.temperature: expected a temperature such as \"310 K\", got \"310\" "
                "without a unit"},
        BadDeck{"[t]\ntemperature = \"310 k\"",
                ":2:15: t.temperature: expected a temperature such as \"310 K\": unknown unit "
                "\"k\"; did you mean \"K\"?"},
        BadDeck{"[t]\ntemperature = \"25 degC\"",
                ":2:15: t.temperature: expected a temperature such as \"310 K\": unit \"degC\" "
                "has a shifted zero; write the temperature in kelvin, such as \"298.15 K\""},
        BadDeck{"[t]\ntemperature = \"warm\"",
                ":2:15: t.temperature: expected a temperature such as \"310 K\": no number at the "
                "start of \"warm\""},
        BadDeck{"[t]\ntemperature = true",
                ":2:15: t.temperature: expected a temperature such as \"310 K\", got boolean true"},
        BadDeck{"[t]\ntemperature = -1",
                ":2:15: t.temperature: expected a temperature from 0.001 K to 1e+05 K, usually "
                "310 K, got -1"},
        BadDeck{"[t]\ntemperature = \"0 K\"",
                ":2:15: t.temperature: expected a temperature from 0.001 K to 1e+05 K, usually "
                "310 K, got \"0 K\""},
        BadDeck{"[t]\ntemperature = \"1e9 K\"",
                ":2:15: t.temperature: expected a temperature from 0.001 K to 1e+05 K, usually "
                "310 K, got \"1e9 K\""},
        BadDeck{"[t]\nmass = 1e300",
                ":2:8: t.mass: expected a mass from 0.1 amu to 20 amu, usually 3 amu, got 1e+300"},
        BadDeck{"[t]\nlevels = [1, -11]",
                ":2:14: t.levels[1]: expected an energy from -10 kJ/mol to 10 kJ/mol, usually 1 "
                "kJ/mol, got -11"},
        BadDeck{"[t]\ncount = 1000000000000000000",
                ":2:9: t.count: expected an integer from 1 to 100, usually 3, got integer "
                "1000000000000000000"},
        BadDeck{"[t]\ndepth = 101",
                ":2:9: t.depth: expected a number from 0 to 100, usually 2, got integer 101"},
        BadDeck{"[t]\ntemperature = nan",
                ":2:15: t.temperature: expected a finite temperature, got nan"},
        BadDeck{"[t]\ntemperature = -inf",
                ":2:15: t.temperature: expected a finite temperature, got -inf"},
        BadDeck{"[t]\ntemperature = \"inf K\"",
                ":2:15: t.temperature: expected a temperature such as \"310 K\": the number in "
                "\"inf K\" is not finite or out of range"},
        BadDeck{"[t]\nstep = \"5 fs\"",
                ":2:8: t.step: expected a time from 0 fs to 4 fs, usually 2 fs, got \"5 fs\""},
        BadDeck{"[t]\nangle = \"90\"",
                ":2:9: t.angle: expected an angle such as \"180 deg\", got \"90\" without a unit"},
        BadDeck{"[t]\nmass = \"4 nm\"",
                ":2:8: t.mass: expected a mass such as \"3 amu\", got length \"4 nm\""},
        BadDeck{"[t]\nlevels = [\"1 kJ/mol\", \"2 kJ\"]",
                ":2:23: t.levels[1]: expected an energy such as \"1 kJ/mol\", got energy not per "
                "mole \"2 kJ\""},
        BadDeck{"[t]\nlevels = []", ":2:10: t.levels: expected at least 1 entry, got 0"},
        BadDeck{"[t]\nlevels = \"1 kJ/mol\"",
                ":2:10: t.levels: expected a list; each entry an energy such as \"1 kJ/mol\", got "
                "string \"1 kJ/mol\""}));

INSTANTIATE_TEST_SUITE_P(
    Scalars, BadDecks,
    testing::Values(
        BadDeck{"[t]\nfraction = 1",
                ":2:12: t.fraction: expected a number between 0 and 1, both excluded, "
                "usually 0.5, got integer 1"},
        BadDeck{"[t]\nfraction = \"0.5\"",
                ":2:12: t.fraction: expected a number between 0 and 1, both excluded, "
                "usually 0.5, got string \"0.5\""},
        BadDeck{"[t]\nfraction = nan", ":2:12: t.fraction: expected a finite number, got real nan"},
        BadDeck{"[t]\nnumber = 6",
                ":2:10: t.number: expected an integer from -5 to 5, usually -1, got "
                "integer 6"},
        BadDeck{"[t]\nnumber = 2.0",
                ":2:10: t.number: expected an integer from -5 to 5, usually -1, got real 2"},
        BadDeck{"[t]\ncount = 0",
                ":2:9: t.count: expected an integer from 1 to 100, usually 3, got integer 0"},
        BadDeck{"[t]\ncount = \"20\"",
                ":2:9: t.count: expected an integer from 1 to 100, usually 3, got string \"20\""},
        BadDeck{"[t]\ncount = 2026-01-02",
                ":2:9: t.count: expected an integer from 1 to 100, usually 3, got a date or time"},
        BadDeck{"[t]\nflag = 1", ":2:8: t.flag: expected true or false, got integer 1"},
        BadDeck{"[t]\nflag = \"true\"",
                ":2:8: t.flag: expected true or false, got string \"true\""},
        BadDeck{"name = [1]", ":1:8: name: expected a string, got a list"},
        BadDeck{"[t]\nwords = [\"a\", 2]", ":2:15: t.words[1]: expected a string, got integer 2"},
        BadDeck{"[t]\ncolour = \"green\"",
                ":2:10: t.colour: expected \"red\" or \"blue\", got string \"green\""},
        BadDeck{"[t]\ncolour = \"Red\"",
                ":2:10: t.colour: expected \"red\" or \"blue\", got string \"Red\"; did you mean "
                "\"red\"?"},
        BadDeck{"file = \"x\\u0000y\"", ":1:8: file: expected a path, got string \"x\\u0000y\""},
        BadDeck{"file = 3", ":1:8: file: expected a path, got integer 3"},
        BadDeck{"file = \"\"", ":1:8: file: expected a path, got string \"\""}));

TEST(DeckTable, ReportsAllErrorsInTheOrderOfTheFile) {
  EXPECT_EQ(
      input_error("[[item]]\nkind = \"ball\"\nradius = \"1 fs\"\n[t]\nflag = 1\ncuont = 1\n"
                  "temperature = \"${x}\"\n[vars]\ny = 1\n"),
      "deck.toml:3:10: item[0].radius: expected a length such as \"1 nm\", got time \"1 fs\"\n"
      "deck.toml:5:8: t.flag: expected true or false, got integer 1\n"
      "deck.toml:6:1: t.cuont: unknown key; did you mean \"count\"?\n"
      "deck.toml:7:15: t.temperature: unknown variable \"${x}\"; define it in [vars]\n"
      "deck.toml:9:1: vars.y: never used; write \"${y}\" where it is wanted, or remove it\n"
      "5 errors in deck.toml");
}

TEST(DeckTable, ReportsErrorsOfIncludesAndOverridesWhereTheyAre) {
  const DeckFolder folder;
  folder.write("base.toml", "[t]\nflag = 1\n");
  folder.write("deck.toml", "include = [\"base.toml\"]\n[t]\nnumber = 9\n");
  EXPECT_EQ(
      message_of<InputError>([] {
        DeckReader reader(load_deck("deck.toml", {"t.step=9 nm", "t.stepp=1"}));
        DeckTable root = reader.root();
        read_example(root);
        reader.finish();
      }),
      "deck.toml:3:10: t.number: expected an integer from -5 to 5, usually -1, got integer 9\n"
      "base.toml:2:8: t.flag: expected true or false, got integer 1\n"
      "--set t.step=9 nm: t.step: expected a time such as \"2 fs\", got length \"9 nm\"\n"
      "--set t.stepp=1: t.stepp: unknown key; did you mean \"step\"?\n"
      "4 errors in deck.toml");
}

constexpr const char* kResolvedDefaults =
    "name = \"nobody\"\n\n[t]\ntemperature = \"310 K\"\nstep = \"2 fs\"\nangle = \"180 deg\"\n"
    "levels = [\"1 kJ/mol\"]\nfraction = 0.5\nnumber = -1\ncount = 3\nflag = false\n"
    "words = [\"a\", \"b\"]\ncolour = \"blue\"\ndepth = 2.0\n";

TEST(ResolvedDeck, HoldsEveryDefault) {
  const Outcome outcome = read("");
  EXPECT_EQ(outcome.resolved, kResolvedDefaults);
  EXPECT_EQ(outcome.digest, sha256_hex(kResolvedDefaults));
}

TEST(ResolvedDeck, IsTheSameForDecksThatMeanTheSame) {
  const std::string digest = read("[t]\ntemperature = \"300 K\"\nstep = 0.001\n").digest;
  EXPECT_EQ(read("t = {step = \"1 fs\", temperature = 300.0} # other layout\n").digest, digest);
  EXPECT_EQ(read("", {"t.step=1e-3 ps", "t.temperature=300"}).digest, digest);
  EXPECT_NE(read("[t]\ntemperature = \"301 K\"\nstep = 0.001\n").digest, digest);
}

TEST(ResolvedDeck, ReadsBackToItself) {
  const Outcome first = read(
      "name = \"$${x} \\\"q\\\"\"\nfile = \"sub/../x\"\n[t]\ntemperature = 300.123456789012345\n"
      "step = 0.00123\nangle = 0.3\nmass = 4\ncolour = \"red\"\n[lists]\n\"a b\" = [\"1\"]\n"
      "[[item]]\nkind = \"ball\"\nradius = \"1.1 A\"\n[[item]]\nkind = \"box\"\n");
  const Outcome second = read(first.resolved);
  EXPECT_EQ(second.resolved, first.resolved);
  EXPECT_EQ(second.digest, first.digest);
  EXPECT_EQ(second.example.name, "${x} \"q\"");
  EXPECT_EQ(second.example.temperature, first.example.temperature);
  EXPECT_EQ(second.example.step, first.example.step);
  EXPECT_EQ(second.example.angle, 0.3);
}

TEST(DefaultDeck, DocumentsEveryKeyAndReadsBackToTheDefaults) {
  const std::string text = default_deck([](DeckTable& root) { read_example(root); });
  EXPECT_EQ(text,
            "name = \"nobody\"                         # of the thing\n"
            "#file = \"\"                              # to read [optional]\n"
            "\n"
            "# Numbers.\n"
            "[t]\n"
            "temperature = \"310 K\"                   # of all\n"
            "step = \"2 fs\"                           # of time\n"
            "angle = \"180 deg\"                       # of view\n"
            "#mass = \"3 amu\"                         # of hydrogen [optional]\n"
            "levels = [\"1 kJ/mol\"]                   # of energy\n"
            "fraction = 0.5                          # of all\n"
            "number = -1                             # any\n"
            "count = 3                               # of things\n"
            "flag = false                            # up or down\n"
            "words = [\"a\", \"b\"]                      # to say\n"
            "colour = \"blue\"                         # of the thing; one of: red, blue\n"
            "#depth = 2.0                            # of blue [colour = \"blue\"]\n"
            "\n"
            "# By name.\n"
            "[lists]\n"
            "\n"
            "# Things.\n"
            "#[[item]]\n"
            "#kind = \"ball\"                          # round\n"
            "#radius = ...                           # required, a length such as \"1 nm\"; of the "
            "ball\n"
            "\n"
            "#[[item]]\n"
            "#kind = \"box\"                           # square\n");
  EXPECT_EQ(read(text).resolved, kResolvedDefaults);
}

// The schema's own mistakes are not the user's.
TEST(DeckTable, RefusesASchemaThatReadsAKeyTwice) {
  DeckReader reader(parse_deck("", "deck.toml", ""));
  DeckTable root = reader.root();
  root.boolean({"flag", "once"}, true);
  EXPECT_EQ(message_of<InternalError>([&] {
              root.boolean({"flag", "twice"}, true);
            }),
            "the deck's schema reads flag twice");
}

TEST(DeckTables, HaveDefaultsInsideTheirRanges) {
  const auto message = [](const std::function<void(DeckTable&)>& read) {
    return message_of<engine::InternalError>([&] { default_deck(read); });
  };
  EXPECT_EQ(message([](DeckTable& root) {
              root.real({"x", ""}, 2.0, Bounds::between(0.0, 1.0));
            }),
            "x: the default is outside the range");
  EXPECT_EQ(message([](DeckTable& root) {
              root.count({"n", ""}, 5, 6, 7);
            }),
            "n: the default is outside the range");
  EXPECT_EQ(message([](DeckTable& root) {
              root.quantity({"t", ""}, "fs", 1.0, Bounds::between(0.0, 0.004));
            }),
            "t: the default is outside the range");
}

const std::vector<DeckKey> kShapes = {{"ball", "round"}, {"box", "square"}};

std::string read_shape(DeckTable& root) {
  auto found = root.table_by_kind({"shape", "of the thing"}, "kind", kShapes);
  if (!found) return "none";
  if (found->first == "box") found->second.count({"edge", "in steps"}, 3, 0, 100);
  return found->first;
}

TEST(DeckTable, ReadsOneTableByItsKind) {
  const auto shape = [](const std::string& text) {
    DeckReader reader(parse_deck(text, "deck.toml", ""));
    DeckTable root = reader.root();
    const std::string kind = read_shape(root);
    reader.finish();
    return kind + "; " + reader.resolved_toml();
  };
  EXPECT_EQ(shape("[shape]\nkind = \"box\"\n"), "box; [shape]\nkind = \"box\"\nedge = 3\n");
  const auto error = [&](const std::string& text) {
    return message_of<InputError>([&] { shape(text); });
  };
  EXPECT_EQ(error(""),
            "deck.toml: shape.kind: missing; expected \"ball\" or \"box\"\n1 error in deck.toml");
  // What keys another kind has is not known.
  EXPECT_EQ(error("[shape]\nkind = \"cone\"\nangle = 3\n"),
            "deck.toml:2:8: shape.kind: expected \"ball\" or \"box\", got string \"cone\"\n1 error "
            "in deck.toml");
  EXPECT_EQ(error("shape = 1\n"),
            "deck.toml:1:9: shape: expected a table [shape], got integer 1\n1 error in deck.toml");
  EXPECT_EQ(
      default_deck([](DeckTable& root) { read_shape(root); }),
      "\n# of the thing\n#[shape]\n#kind = \"ball\"                          # round; one of: "
      "ball, box\n");
}

}  // namespace
}  // namespace saltus::io
