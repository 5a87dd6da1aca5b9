// Oracle: the coordinates that were put into the files, and Coulomb's law.
#include <gmock/gmock.h>

#include <cmath>

#include "saltus_test_paths.h"
#include "tests/cases/cases.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int kInput = 65, kNumbers = 70;
constexpr char kHydrogen[] = "atom HG of residue SER 2 of chain A";
constexpr char kOxygen[] = "atom O of residue ACE 1 of chain A";

class SingularStarts : public CasesTest {
 protected:
  void SetUp() override {
    copy_case("40_singular_starts");
    copy_case("close_contacts");
  }
  std::string in(const std::string& name) const { return "40_singular_starts/" + name; }
  /// Expects an exit code, a message with all words, and nothing sampled.
  void expect_refusal(const std::vector<std::string>& arguments, int exit_code,
                      const std::vector<std::string>& words) const {
    const ProgramEnd end = saltus(arguments);
    SCOPED_TRACE(testing::PrintToString(arguments));
    EXPECT_EQ(end.exit_code, exit_code) << end.err;
    for (const std::string& word : words) EXPECT_THAT(end.err, HasSubstr(word));
    EXPECT_EQ(end.out, "");
    EXPECT_FALSE(std::filesystem::exists(file("out/trajectory.h5")));
  }
};

/// The number before " kJ/mol, rms force" in what the minimisation says.
double minimised_energy(const std::string& said) {
  const std::size_t end = said.rfind(" kJ/mol, rms force");
  if (end == std::string::npos) return NAN;
  const std::size_t start = said.find_last_of(" \r\n", end - 1);
  return std::stod(said.substr(start + 1, end - start - 1));
}

TEST_F(SingularStarts, ThatAreNoneRun) {
  for (const char* deck : {"fine_input.toml", "fine_minimised.toml"})
    EXPECT_THAT(good({"run", in(deck), "--overwrite"}).err, Not(HasSubstr("charge")));
  good({"energy", in("fine_input.toml"), "--backend", "native"});
}

TEST_F(SingularStarts, OfAHydrogenInsideAnOxygenAreRefused) {
  // 0.003 angstrom along each axis, 33.73 kJ/mol nm: -64,900 kJ/mol.
  const std::vector<std::string> words = {kHydrogen, kOxygen, "0.00052 nm apart",
                                          "too close for their opposite charges (-6.49",
                                          "minimised"};
  expect_refusal({"run", in("hydrogen_near_oxygen_input.toml")}, kInput, words);
  expect_refusal({"energy", in("hydrogen_near_oxygen_input.toml")}, kInput, words);
  expect_refusal({"energy", in("hydrogen_near_oxygen_input.toml"), "--backend", "openmm"}, kInput,
                 words);
}

TEST_F(SingularStarts, OfAHydrogenInsideAnOxygenAreSeparatedWhenMinimised) {
  const ProgramEnd fine = good({"run", in("fine_minimised.toml")});
  const ProgramEnd end =
      good({"run", in("hydrogen_near_oxygen_minimised.toml"), "--set", "output.directory=near"});
  EXPECT_THAT(end.err, AllOf(HasSubstr(kHydrogen), HasSubstr(kOxygen), HasSubstr("separated")));
  // It is a minimum of the same molecule, not the bottom of a hole.
  EXPECT_NEAR(minimised_energy(end.err), minimised_energy(fine.err), 100.0);
  EXPECT_THAT(end.out, HasSubstr("near/trajectory.h5"));
}

TEST_F(SingularStarts, OfAtomsOnTopOfEachOtherAreRefused) {
  for (const char* start : {"input", "minimised"}) {
    const std::string deck = in(std::string("hydrogen_on_oxygen_") + start + ".toml");
    expect_refusal({"run", deck}, kNumbers,
                   {kHydrogen, kOxygen, "on top of each other", "hydrogen_on_oxygen.pdb"});
    const std::string all = in(std::string("all_at_origin_") + start + ".toml");
    expect_refusal({"run", all}, kNumbers,
                   {"atom CH3 of residue ACE 1 of chain A and atom H1 of residue ACE 1",
                    "on top of each other, and 252 pairs more", "all_at_origin.pdb"});
  }
  expect_refusal({"energy", in("hydrogen_on_oxygen_input.toml")}, kNumbers, {kHydrogen, kOxygen});
}

TEST_F(SingularStarts, OfAtomsFarApartAreRefused) {
  const std::string atoms = "atom C of residue SER 2 of chain A and atom N of residue NME 3";
  for (const char* start : {"input", "minimised"}) {
    expect_refusal({"run", in(std::string("far_away_") + start + ".toml")}, kInput,
                   {"far_away.pdb: atom C", atoms, "should be bonded", "are 900.08"});
    // The same with bonds that are not from names.
    DeckText deck;
    deck.coordinates = in("far_away.pdb");
    deck.energy_source = "system_xml = \"close_contacts/serine.xml\"";
    deck.chains = std::string("count = 2\nstart = \"") + start + "\"";
    write_deck(deck);
    expect_refusal({"run", "deck.toml"}, kInput, {atoms, "900"});
  }
}

TEST_F(SingularStarts, OfSystemXml) {
  const auto deck = [&](const std::string& coordinates) {
    DeckText text;
    text.coordinates = in(coordinates);
    text.energy_source = "system_xml = \"close_contacts/serine.xml\"";
    text.chains = "count = 2\nstart = \"input\"";
    write_deck(text);
    return "deck.toml";
  };
  expect_refusal({"run", deck("hydrogen_near_oxygen.pdb")}, kInput, {kHydrogen, kOxygen});
  expect_refusal({"energy", "deck.toml"}, kInput, {kHydrogen, kOxygen});
  good({"energy", deck("fine.pdb"), "--backend", "native"});
}

TEST_F(SingularStarts, OfPrmtop) {
  std::string text;
  {
    copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/alanine_dipeptide.pdb",
            "fine.pdb");
    text = read("fine.pdb");
  }
  // The amide's hydrogen goes to 0.003 angstrom from the oxygen of ACE.
  const std::string amide = "0.486   0.169   2.152", near = "1.971   1.395   0.629";
  ASSERT_NE(text.find(amide), std::string::npos);
  text.replace(text.find(amide) - 1, amide.size() + 1, "-" + near);
  write("near.pdb", text);
  DeckText deck;
  deck.coordinates = "near.pdb";
  deck.energy_source = "topology = \"close_contacts/bare.prmtop\"";
  deck.chains = "count = 2\nstart = \"input\"";
  write_deck(deck);
  expect_refusal({"run", "deck.toml"}, kInput,
                 {"atom O of residue ACE 1", "atom H of residue ALA 2", "0.0003 nm apart"});
}

// Two ions at the distance of a salt bridge, between which nothing repels.
TEST_F(SingularStarts, MinimisationsThatRunOffDownwardsNameTheAtoms) {
  write("ions.pdb",
        "HETATM    1 NA    NA A   1       0.000   0.000   0.000  1.00  0.00          NA\n"
        "HETATM    2 CL    CL A   2       3.000   0.000   0.000  1.00  0.00          CL\n");
  write("ions.xml",
        "<?xml version=\"1.0\" ?>\n<System openmmVersion=\"7.7\" type=\"System\" version=\"1\">\n"
        "<PeriodicBoxVectors><A x=\"2\" y=\"0\" z=\"0\"/><B x=\"0\" y=\"2\" z=\"0\"/>"
        "<C x=\"0\" y=\"0\" z=\"2\"/></PeriodicBoxVectors>\n"
        "<Particles><Particle mass=\"22.99\"/><Particle mass=\"35.45\"/></Particles>\n"
        "<Constraints/>\n<Forces>\n<Force alpha=\"0\" cutoff=\"1\" dispersionCorrection=\"0\" "
        "ewaldTolerance=\".0005\" exceptionsUsePeriodic=\"0\" forceGroup=\"0\" "
        "includeDirectSpace=\"1\" method=\"0\" "
        "name=\"NonbondedForce\" nx=\"0\" ny=\"0\" nz=\"0\" ljAlpha=\"0\" ljnx=\"0\" ljny=\"0\" "
        "ljnz=\"0\" recipForceGroup=\"-1\" "
        "rfDielectric=\"78.3\" switchingDistance=\"-1\" type=\"NonbondedForce\" "
        "useSwitchingFunction=\"0\" version=\"4\">\n<GlobalParameters/>\n<ParticleOffsets/>\n"
        "<ExceptionOffsets/>\n<Particles><Particle eps=\"0\" q=\"1\" sig=\"1\"/>"
        "<Particle eps=\"0\" q=\"-1\" sig=\"1\"/></Particles>\n<Exceptions/>\n</Force>\n"
        "</Forces>\n</System>\n");
  DeckText deck;
  deck.coordinates = "ions.pdb";
  deck.energy_source = "system_xml = \"ions.xml\"";
  deck.chains = "count = 2\nstart = \"minimised\"";
  write_deck(deck);
  expect_refusal({"run", "deck.toml"}, kNumbers,
                 {"minimising the start, chain 0: atom NA of residue NA 1 of chain A and atom CL "
                  "of residue CL 2 of chain A lie on top of each other"});
  // At the distance itself nothing is wrong.
  good({"energy", "deck.toml"});
}

TEST_F(SingularStarts, DynamicsThatFallIntoAChargeNameTheAtoms) {
  copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/alanine_dipeptide.pdb", "ala.pdb");
  DeckText deck;
  deck.energy_source = "topology = \"close_contacts/bare.prmtop\"";
  deck.chains = "count = 4\nstart = \"input\"";
  deck.warm_up = "steps = 0";
  deck.moves = "[[move]]\nkind = \"langevin\"\nsteps = 20\ntime_step = \"1 fs\"";
  deck.run = "steps = 2000\nenergy_check_period = 20\nframe_period = 100";
  write_deck(deck);
  const ProgramEnd end = saltus({"run", "deck.toml"});
  EXPECT_EQ(end.exit_code, kNumbers) << end.err;
  EXPECT_THAT(end.err, AllOf(HasSubstr("step "), HasSubstr(", chain "), HasSubstr(" and atom ")));
}

TEST_F(SingularStarts, ChainsThatDoNotMoveNameTheAtoms) {
  copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/alanine_dipeptide.pdb", "ala.pdb");
  DeckText deck;
  deck.chains = "count = 4\nstart = \"input\"";
  deck.warm_up = "steps = 0";
  deck.moves = "[[move]]\nkind = \"hmc\"\nsteps = 5\ntime_step = \"30 fs\"";
  deck.run = "steps = 400\nframe_period = 10";
  write_deck(deck);
  const ProgramEnd end = saltus({"run", "deck.toml"});
  EXPECT_EQ(end.exit_code, kNumbers) << end.err;
  EXPECT_THAT(end.err, AllOf(HasSubstr("of 1600 proposals of hmc 0 were accepted"),
                             HasSubstr("the strongest interaction is that of atom ")));
}

}  // namespace
}  // namespace saltus::tests
