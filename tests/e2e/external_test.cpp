// Oracle: energies worked out by hand, the exact distributions of a restrained dipole in a field,
// and messages written out by hand.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/core/units.h"
#include "io/hdf5/trajectory_reader.h"
#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"
#include "tests/forcefields/reference_data.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using nlohmann::json;

constexpr int kInput = 65;

/// Two atoms of 12 dalton and +-0.2 e, 0.15 nm apart, that feel nothing but their bond.
constexpr const char* kDipolePdb =
    "HETATM    1  A1  DIP A   1       1.000   2.000   3.000  1.00  0.00           C\n"
    "HETATM    2  A2  DIP A   1       1.000   2.000   4.500  1.00  0.00           C\n";
constexpr const char* kDipoleXml =
    R"(<System openmmVersion="7.7" type="System" version="1">
<PeriodicBoxVectors><A x="3" y="0" z="0"/><B x="0" y="3" z="0"/><C x="0" y="0" z="3"/>
</PeriodicBoxVectors>
<Particles><Particle mass="12"/><Particle mass="12"/></Particles><Constraints/><Forces>
<Force forceGroup="0" name="HarmonicBondForce" type="HarmonicBondForce" usesPeriodic="0" version="2">
<Bonds><Bond d=".15" k="50000" p1="0" p2="1"/></Bonds></Force>
<Force alpha="0" cutoff="1" dispersionCorrection="0" ewaldTolerance=".0005"
 exceptionsUsePeriodic="0" forceGroup="0" includeDirectSpace="1" ljAlpha="0" ljnx="0" ljny="0"
 ljnz="0" method="0" name="NonbondedForce" nx="0" ny="0" nz="0" recipForceGroup="-1"
 rfDielectric="78.3" switchingDistance="-1" type="NonbondedForce" useSwitchingFunction="0"
 version="4"><GlobalParameters/><ParticleOffsets/><ExceptionOffsets/>
<Particles><Particle eps="0" q=".2" sig=".3"/><Particle eps="0" q="-.2" sig=".3"/></Particles>
<Exceptions><Exception eps="0" p1="0" p2="1" q="0" sig="1"/></Exceptions></Force>
</Forces></System>
)";
constexpr double kLength = 0.15, kBond = 50000.0, kCharge = 0.2;
constexpr double kHold = 500.0, kTemperature_K = 300.0;
constexpr const char* kHeld =
    "[[restraint]]\nkind = \"position\"\natoms = [\"1:A1\"]\nk = \"500 kJ/mol/nm^2\"\n";
constexpr const char* kField = "[field]\nstrength = [\"0 V/nm\", \"0 V/nm\", \"1.5 V/nm\"]\n";
constexpr double kStrength = 1.5 * engine::kKJPerElectronVolt;

class Externals : public ProgramTest {
 protected:
  /// A deck of the dipole with whatever else.
  DeckText dipole(const std::string& more) const {
    write("dipole.pdb", kDipolePdb);
    write("dipole.xml", kDipoleXml);
    DeckText deck;
    deck.coordinates = "dipole.pdb";
    deck.energy_source = "system_xml = \"dipole.xml\"";
    deck.ensemble = "temperature = \"300 K\"";
    deck.more = more;
    return deck;
  }
  void expect_term(const DeckText& deck, const std::string& term, double expected) const {
    write_deck(deck);
    const json answer = json::parse(good({"energy", "deck.toml", "--json"}).out);
    for (const char* name : {"native", "openmm"}) {
      // Rounding of sums of a few numbers.
      EXPECT_NEAR(answer.at("backends").at(name).at("terms_kJ_mol").at(term).get<double>(),
                  expected, 1e-8)
          << name;
    }
  }
  void expect_refusal(const DeckText& deck, const std::string& message) const {
    write_deck(deck);
    expect_error({"energy", "deck.toml"}, kInput, message);
    expect_error({"run", "deck.toml"}, kInput, message);
  }
};

// phi of alanine dipeptide is -74.41457026538629 deg: atan2 of cross products of the file's
// coordinates. At the input a position restraint adds nothing.
TEST_F(Externals, RestraintsAddTheirEnergies) {
  const std::string torsion =
      "[[restraint]]\nkind = \"torsion\"\natoms = [\"1:C\", \"2:N\", \"2:CA\", \"2:C\"]\n";
  DeckText deck;
  deck.more = "[[restraint]]\nkind = \"position\"\natoms = [\"2:CA\", \"A/2:CB\"]\n" + torsion +
              "angle = \"-60 deg\"\n";
  expect_term(deck, "restraints", 3.1646678753228223);  // 50 (14.41457 deg)^2
  // 115.58543 deg apart the short way round, 105.58543 of them beyond the flat part.
  deck.more = torsion + "angle = \"170 deg\"\nflat_half_width = \"10 deg\"\n";
  expect_term(deck, "restraints", 169.7980597028387);
}

TEST_F(Externals, AFieldActsOnTheChargesOfTheForceField) {
  // -q F (z1 - z2) with z1 - z2 = -0.15 nm.
  expect_term(dipole(kField), "field", kCharge * kStrength * kLength);
  // Water in MMFF94: -0.86 e on oxygen, 0.43 e on hydrogen.
  write("water.sdf",
        "water\n     by hand        3D\n\n"
        "  3  2  0  0  0  0  0  0  0  0999 V2000\n"
        "    0.0000    0.0000    0.0000 O   0  0\n    0.0000    0.9600    0.1000 H   0  0\n"
        "    0.9300   -0.2400    0.2000 H   0  0\n  1  2  1  0\n  1  3  1  0\nM  END\n");
  DeckText water;
  water.coordinates = "water.sdf";
  water.energy_source = "force_field = \"mmff94\"";
  water.more = "[field]\nstrength = [\"1 V/nm\", 0, \"10 kJ/mol/nm/e\"]\n";
  expect_term(water, "field",
              -0.43 * 0.093 * engine::kKJPerElectronVolt - 0.43 * (0.01 + 0.02) * 10.0);
}

/// Distribution function of the cosine between dipole and field. Density of bond length r and
/// cosine c: r^2 exp(-beta kBond/2 (r - kLength)^2 + a c), a = beta kCharge kStrength r; over r by
/// the trapezoidal rule, which converges exponentially for such peaks.
double cosine_cdf(double cosine) {
  const double beta = 1.0 / (engine::kGasConstant * kTemperature_K);
  const double width = 1.0 / std::sqrt(beta * kBond);
  double below = 0.0, all = 0.0;
  for (int i = -400; i <= 400; ++i) {
    const double r = kLength + 0.02 * i * width, d = r - kLength;
    const double a = beta * kCharge * kStrength * r;
    const double weight = r * r * std::exp(-0.5 * beta * kBond * d * d) / a;
    below += weight * (std::exp(a * cosine) - std::exp(-a));
    all += weight * (std::exp(a) - std::exp(-a));
  }
  return below / all;
}

double normal_cdf(double x, double width) { return 0.5 * std::erfc(-x / (width * std::sqrt(2.0))); }

// The field pulls both charges alike, so the held atom is a three-dimensional oscillator, <d^2> =
// 3 kT/k, whatever the dipole's direction. A molecule whose overall motion was taken out, or a
// field that did not act, would differ.
TEST_F(Externals, HamiltonianMonteCarloSamplesARestrainedDipoleInAField) {
  constexpr std::size_t kChains = 16384;
  DeckText deck = dipole(std::string(kHeld) + kField);
  deck.energy = "threads = 1\ncross_check = true";
  deck.chains = "count = " + std::to_string(kChains) + "\nstart = \"input\"";
  deck.warm_up = "steps = 0";
  // Periods: 69 fs of the bond, 1.4 ps of the restraint. A trajectory of 0.15 ps leaves 4/5 of the
  // correlation, eighty of them nothing.
  deck.moves = "[[move]]\nkind = \"hmc\"\ntime_step = \"5 fs\"\nsteps = 30\n";
  deck.run = "steps = 80\nframe_period = 80";
  write_deck(deck);
  good({"run", "deck.toml"});
  const io::TrajectoryReader reader(file("out/trajectory.h5"));
  ASSERT_EQ(reader.n_frames(), 1u);
  const engine::CoordinateBatch x = reader.positions(0);
  ASSERT_EQ(x.n_chains(), kChains);
  const std::vector<double> energies = reader.observable("potential_energy", 0, 1);

  const double input[3] = {0.1, 0.2, 0.3};
  const double width = std::sqrt(engine::kGasConstant * kTemperature_K / kHold);
  std::vector<Projection> projections;
  for (std::size_t axis = 0; axis < 3; ++axis)
    projections.push_back(
        {std::string("d_") + "xyz" [axis], {}, [width](double d) { return normal_cdf(d, width); }});
  projections.push_back({"cosine", {}, cosine_cdf});
  for (std::size_t c = 0; c < kChains; ++c) {
    const auto p = x.chain(c);
    double d2 = 0.0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double d = p[axis] - input[axis];
      projections[axis].values.push_back(d);
      d2 += d * d;
    }
    const double r = std::hypot(p[0] - p[3], p[1] - p[4], p[2] - p[5]);
    projections[3].values.push_back((p[2] - p[5]) / r);
    const double energy = 0.5 * kHold * d2 + 0.5 * kBond * (r - kLength) * (r - kLength) -
                          kCharge * kStrength * (p[2] - p[5]);
    // Positions are stored as floats, the bond's force is up to 3000 kJ/mol/nm.
    ASSERT_NEAR(energies[c], energy, 1e-3);
  }
  expect_projections(std::move(projections), 0.042);
}

TEST_F(Externals, EveryMoveButTheLeapKeepsThem) {
  DeckText deck;
  deck.more =
      "[[restraint]]\nkind = \"position\"\natoms = [\"2:CA\"]\n[field]\nstrength = [0, 10, 0]\n";
  deck.moves =
      "[[move]]\nkind = \"hmc\"\nsteps = 2\n[[move]]\nkind = \"ghmc\"\nsteps = 2\n"
      "[[move]]\nkind = \"mala\"\n[[move]]\nkind = \"torsion_walk\"";
  write_deck(deck);
  good({"run", "deck.toml"});
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("is_exact"), true);
  EXPECT_EQ(summary.at("moves").size(), 4u);
  for (const json& move : summary.at("moves")) EXPECT_GT(move.at("accepted"), 0) << move.dump();
}

TEST_F(Externals, NameAtomsThatExistAndEachOnce) {
  const auto restraint = [](const std::string& atoms) {
    return "[[restraint]]\nkind = \"position\"\natoms = " + atoms + "\n";
  };
  expect_refusal(dipole(restraint("[\"1:A1\"]") + restraint("[\"1:A2\", \"1:A3\"]")),
                 "restraint[1].atoms: '1:A3' matches no atom; that residue has A1 A2");
  expect_refusal(dipole(restraint("[\"2:A1\"]")),
                 "restraint[0].atoms: '2:A1' matches no residue of the molecule");
  expect_refusal(dipole(restraint("[\"1:A1\", \"A/1:A1\"]")),
                 "restraint[0].atoms: atom A1 of residue DIP 1 of chain A is named twice; name "
                 "each atom once");
}

TEST_F(Externals, FieldsNeedCharges) {
  const DeckText deck = dipole(kField);
  write("dipole.xml",
        with_replaced(with_replaced(kDipoleXml, "q=\".2\"", "q=\"0\""), "q=\"-.2\"", "q=\"0\""));
  const std::string message =
      "field: the force field has no charges for it to act on; leave [field] out or use another "
      "force field";
  expect_refusal(deck, message);
  const std::string xml = kDipoleXml;
  const std::size_t start = xml.find("<Force alpha");
  write("dipole.xml", xml.substr(0, start) + xml.substr(xml.find("</Forces>")));
  expect_refusal(deck, message);
}

TEST_F(Externals, FieldsDoNotPushIonsAway) {
  DeckText deck = dipole(kField);
  write("dipole.xml", with_replaced(kDipoleXml, "q=\"-.2\"", "q=\".3\""));
  deck.run = "steps = 2";
  write_deck(deck);
  expect_error({"run", "deck.toml"}, kInput,
               "field: the molecule of atom A1 of residue DIP 1 of chain A has a net charge of "
               "0.500 e and no restraint: the field would accelerate it without limit; add a "
               "[[restraint]] of kind \"position\" for one of its atoms");
  // One configuration has an energy all the same: -F (0.2 z1 + 0.3 z2).
  expect_term(deck, "field", -kStrength * (0.2 * 0.3 + 0.3 * 0.45));
  deck.more += kHeld;
  write_deck(deck);
  good({"run", "deck.toml"});
}

TEST_F(Externals, MovesThatWouldNotBeExactAreRefused) {
  DeckText deck = dipole("");
  deck.moves = "[[move]]\nkind = \"learned_leap\"\n[leap]\nmodel = \"train\"";
  write("dipole.xml", with_replaced(kDipoleXml, "method=\"0\"", "method=\"2\""));
  write_deck(deck);
  const std::string leaps =
      "move[0]: learned_leap: it needs a molecule that may be moved and turned freely, but this "
      "one has ";
  expect_error({"run", "deck.toml"}, kInput, leaps + "a periodic box; leave the move out");
  expect_error({"train", "deck.toml"}, kInput, leaps + "a periodic box; leave the move out");
  write("dipole.xml",
        with_replaced(kDipoleXml, "<Particle mass=\"12\"/>", "<Particle mass=\"0\"/>"));
  expect_error({"run", "deck.toml"}, kInput, leaps + "atoms of mass 0; leave the move out");
  deck.moves = "[[move]]\nkind = \"torsion_walk\"";
  write_deck(deck);
  expect_error(
      {"run", "deck.toml"}, kInput,
      "move[0]: torsion_walk: the molecule has atoms of mass 0, which never move, but this move "
      "turns them; leave it out or give them masses");
}

TEST_F(Externals, PeriodicRunsStoreTheirBoxesAndGoOnInThem) {
  DeckText deck = dipole("");
  write("dipole.xml", with_replaced(kDipoleXml, "method=\"0\"", "method=\"2\""));
  write_deck(deck);
  good({"run", "deck.toml"});
  good({"run", "deck.toml", "--resume", "--set", "run.steps=40"});
  good({"run", "deck.toml", "--set", "run.steps=40", "--set", "output.directory=whole"});
  expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5"));
  const io::TrajectoryReader reader(file("out/trajectory.h5"));
  ASSERT_TRUE(reader.has_box());
  EXPECT_EQ(reader.boxes(reader.n_frames() - 1),
            std::vector<engine::Box>(reader.n_chains(), engine::Box({3.0, 3.0, 3.0})));
  // Molecules in empty space have none.
  write("dipole.xml", kDipoleXml);
  good({"run", "deck.toml", "--set", "output.directory=empty"});
  EXPECT_FALSE(io::TrajectoryReader(file("empty/trajectory.h5")).has_box());
}

// Forces that steer dynamics are rounded to float in mixed precision: both runs are exact, and
// after some steps no two chains of them are alike.
TEST_F(Externals, PrecisionIsTheDecks) {
  DeckText deck;
  write_deck(deck);
  good({"run", "deck.toml"});
  good({"run", "deck.toml", "--set", "energy.precision=mixed", "--set", "output.directory=mixed"});
  good(
      {"run", "deck.toml", "--set", "energy.precision=double", "--set", "output.directory=double"});
  const auto observables = [&](const std::string& folder) {
    const json summary = json::parse(read(folder + "/summary.json"));
    EXPECT_EQ(summary.at("is_exact"), true);
    return summary.at("observables");
  };
  EXPECT_EQ(observables("out"), observables("mixed"));
  EXPECT_NE(observables("out"), observables("double"));
}

}  // namespace
}  // namespace saltus::tests
