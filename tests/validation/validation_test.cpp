// Oracle: statistical mechanics. The ratio of two ensembles' energies or volumes, the gamma
// distribution of kinetic energies, equipartition, and errors of integrators of second order, of
// what the program writes. Planted defects: a sampler that is too warm, a box at another pressure,
// constraints that are not counted. Source: Merz and Shirts, PLOS ONE 13, e0202764 (2018),
// doi:10.1371/journal.pone.0202764.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/core/units.h"
#include "saltus_test_paths.h"
#include "tests/e2e/program.h"
#include "tests/support/numerics.h"
#include "tests/validation/cases.h"
#include "tests/validation/run_data.h"
#include "tests/validation/table.h"

namespace saltus::tests {
namespace {

using nlohmann::json;

double inverse_kT(double temperature_K) { return 1.0 / (engine::kGasConstant * temperature_K); }

std::string kelvin(double temperature_K) {
  std::ostringstream text;
  text << '"' << temperature_K << " K\"";
  return text.str();
}

class Validation : public ProgramTest {
 protected:
  void bring_files(const ValidationCase& of) {
    for (const auto& [name, origin] : of.files) {
      if (origin[0] == '=') {
        write("list.smi", origin.substr(1) + " molecule\n");
        good({"conformers", "list.smi", "-o", name, "-n", "1", "--overwrite"});
      } else if (origin.rfind("waters ", 0) == 0) {
        good({"solvate", "--waters", origin.substr(7), "-o", name});
      } else {
        copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/" + origin, name);
      }
    }
  }

  std::string trajectory(const std::string& folder) const {
    return file(folder + "/trajectory.h5");
  }

  /// Runs the case; its seed depends on the folder's name, so that runs are independent.
  void run(const ValidationCase& of, double temperature_K, const std::string& pressure,
           const std::string& folder) {
    DeckText deck = of.deck;
    constexpr double kNextLevel = 1.15;
    deck.ensemble = of.is_ladder ? "temperatures = [" + kelvin(temperature_K) + ", " +
                                       kelvin(kNextLevel * temperature_K) + "]"
                                 : "temperature = " + kelvin(temperature_K);
    if (!pressure.empty()) deck.ensemble += "\npressure = \"" + pressure + "\"";
    deck.output = "directory = \"" + folder + "\"\nvelocities = true";
    write_deck(deck, folder + ".toml");
    const std::size_t seed = 1 + std::hash<std::string>{}(of.id + folder) % 1000000;
    good({"run", folder + ".toml", "--no-report", "--set", "seed=" + std::to_string(seed)});
  }

  /// Energies, or enthalpies at a pressure.
  ChainSeries energies(const ValidationCase& of, double temperature_K, const std::string& folder) {
    ChainSeries series = observable_of(trajectory(folder), "potential_energy", temperature_K);
    if (of.pressure.empty()) return series;
    const ChainSeries volumes = observable_of(trajectory(folder), "volume", temperature_K);
    const double pressure = std::stod(of.pressure) * engine::kKJPerBarNm3;
    for (std::size_t chain = 0; chain < series.size(); ++chain)
      for (std::size_t frame = 0; frame < series[chain].size(); ++frame)
        series[chain][frame] += pressure * volumes[chain][frame];
    return series;
  }
};

class TwoTemperatures : public Validation, public testing::WithParamInterface<ValidationCase> {};

TEST_P(TwoTemperatures, HaveTheRatioOfBoltzmann) {
  const ValidationCase& of = GetParam();
  bring_files(of);
  run(of, of.colder_K, of.pressure, "colder");
  run(of, of.warmer_K, of.pressure, "warmer");
  const ChainSeries colder = energies(of, of.colder_K, "colder");
  const ChainSeries warmer = energies(of, of.warmer_K, "warmer");
  const double expected = inverse_kT(of.warmer_K) - inverse_kT(of.colder_K);
  ValidationTable::of_this_run().add(
      row_of("energies of two temperatures", of.name, ensemble_ratio(colder, warmer, expected)));
}

std::string id_of(const testing::TestParamInfo<ValidationCase>& info) { return info.param.id; }
INSTANTIATE_TEST_SUITE_P(ForceFields, TwoTemperatures, testing::ValuesIn(force_field_cases()),
                         id_of);
INSTANTIATE_TEST_SUITE_P(Moves, TwoTemperatures, testing::ValuesIn(move_cases()), id_of);

const ValidationCase& case_of(const std::vector<ValidationCase>& cases, const std::string& id) {
  for (const ValidationCase& one : cases)
    if (one.id == id) return one;
  throw std::invalid_argument("no validation case '" + id + "'");
}

TEST_F(Validation, ASamplerThatIsTooWarmIsCaught) {
  constexpr double kTooWarm = 1.03;
  const auto cases = force_field_cases();
  const ValidationCase& of = case_of(cases, "ff14sb_obc2");
  run(of, kTooWarm * of.colder_K, "", "colder");
  run(of, of.warmer_K, "", "warmer");
  const double expected = inverse_kT(of.warmer_K) - inverse_kT(of.colder_K);
  ValidationTable::of_this_run().add_defect(
      row_of("energies of two temperatures", "defect: the colder one 3 % too warm",
             ensemble_ratio(energies(of, kTooWarm * of.colder_K, "colder"),
                            energies(of, of.warmer_K, "warmer"), expected)));
}

TEST_F(Validation, VolumesOfTwoPressures) {
  const auto cases = move_cases();
  const ValidationCase& of = case_of(cases, "volume_water");
  constexpr double kHigh_bar = 1500.0, kWrong_bar = 2500.0;
  bring_files(of);
  run(of, of.colder_K, "1 bar", "low");
  run(of, of.colder_K, "1500 bar", "high");
  const double expected = (kHigh_bar - 1.0) * engine::kKJPerBarNm3 * inverse_kT(of.colder_K);
  const auto volumes = [&](const std::string& folder) {
    return observable_of(trajectory(folder), "volume", of.colder_K);
  };
  ValidationTable::of_this_run().add(
      row_of("volumes of two pressures", of.name,
             ensemble_ratio(volumes("low"), volumes("high"), expected)));
  run(of, of.colder_K, "2500 bar", "wrong");
  ValidationTable::of_this_run().add_defect(row_of(
      "volumes of two pressures",
      "defect: " + std::to_string(int(kWrong_bar)) + " bar for " + std::to_string(int(kHigh_bar)),
      ensemble_ratio(volumes("low"), volumes("wrong"), expected)));
}

/// Alanine dipeptide whose velocities forget themselves between frames.
ValidationCase thermostatted(const std::string& kind, const std::string& time_step) {
  ValidationCase of{kind, kind + "_velocities", case_of(force_field_cases(), "ff14sb_obc2").deck};
  of.deck.moves = "[[move]]\nkind = \"" + kind + "\"\ntime_step = " + time_step +
                  "\nfriction = \"20 /ps\"\nsteps = 100\n";
  of.deck.chains = "count = 64\nstart = \"minimised\"";
  of.deck.warm_up = "steps = 100\ntune = false";
  of.deck.run = "steps = 200\nframe_period = 2\ncheckpoint_period = 0";
  if (kind == "openmm_langevin") {
    of.deck.moves += "platform = \"Reference\"\n";
    of.deck.chains = "count = 16\nstart = \"minimised\"";
  }
  return of;
}

class Velocities : public Validation, public testing::WithParamInterface<std::string> {};

TEST_P(Velocities, HaveTheKineticEnergiesOfTheirTemperature) {
  const ValidationCase of = thermostatted(GetParam(), "\"0.25 fs\"");
  run(of, of.colder_K, "", "out");
  const double kT = 1.0 / inverse_kT(of.colder_K);
  auto& table = ValidationTable::of_this_run();
  const auto distribution = [&](double shown_kT) {
    std::vector<double> values;
    for (const std::vector<double>& chain : kinetic_energies(trajectory("out"), 3))
      values.insert(values.end(), chain.begin(), chain.end());
    // 66 degrees of freedom: nothing is fixed, not even the centre of mass.
    return check_distribution(
        "kinetic energy", values, [&](double energy) { return gamma_cdf(33, energy / shown_kT); },
        1e-4);
  };
  table.add(row_of("kinetic energies, Kolmogorov-Smirnov", of.name, distribution(kT)));
  table.add_defect(row_of("kinetic energies, Kolmogorov-Smirnov",
                          "defect: " + of.name + " 5 % too warm", distribution(kT / 1.05)));
  for (const int kind : {1, 2}) {
    const double expected = 1.5 * kT * static_cast<double>(n_atoms(trajectory("out"), kind));
    table.add(row_of("equipartition, kJ/mol",
                     of.name + (kind == 1 ? ", hydrogens" : ", other atoms"),
                     mean_of(kinetic_energies(trajectory("out"), kind), expected)));
  }
}

TEST_F(Validation, DegreesOfFreedomThatConstraintsTakeAreMissed) {
  ValidationCase of = thermostatted("langevin", "\"0.25 fs\"");
  of.deck.energy_source += "\nconstraints = \"h_bonds\"";
  run(of, of.colder_K, "", "out");
  const double per_atom = 1.5 / inverse_kT(of.colder_K);
  const auto n = static_cast<double>(n_atoms(trajectory("out"), 3));
  // Of every hydrogen one degree of freedom is fixed.
  const double fixed = static_cast<double>(n_atoms(trajectory("out"), 1)) / 3.0;
  auto& table = ValidationTable::of_this_run();
  table.add(row_of("equipartition, kJ/mol", "langevin, bonds to hydrogen rigid",
                   mean_of(kinetic_energies(trajectory("out"), 3), per_atom * (n - fixed))));
  table.add_defect(row_of("equipartition, kJ/mol", "defect: constraints not counted",
                          mean_of(kinetic_energies(trajectory("out"), 3), per_atom * n)));
}

INSTANTIATE_TEST_SUITE_P(Moves, Velocities, testing::Values("langevin", "ghmc", "openmm_langevin"),
                         [](const auto& kind) { return kind.param; });

/// Trajectories of one length in ps: the spread of their energy errors grows with time_step^2.
class TimeSteps : public Validation, public testing::WithParamInterface<ValidationCase> {
 protected:
  double error_spread(const std::string& folder) const {
    const json summary = json::parse(read(folder + "/summary.json"));
    return summary.at("moves").at(0).at("work_deviation_kT");
  }
};

TEST_P(TimeSteps, HaveErrorsOfSecondOrder) {
  ValidationCase of = GetParam();
  bring_files(of);
  const std::string moves = of.deck.moves;
  constexpr double kLong_fs = 1.0;
  std::vector<double> spreads;
  for (const int halves : {1, 2}) {
    std::ostringstream text;
    text << moves << "time_step = \"" << kLong_fs / halves << " fs\"\nsteps = " << 10 * halves
         << "\nlength_jitter = 0\n";
    of.deck.moves = text.str();
    run(of, of.colder_K, "", halves == 1 ? "long" : "short");
    spreads.push_back(error_spread(halves == 1 ? "long" : "short"));
  }
  Comparison order;
  order.measured = std::log2(spreads[0] / spreads[1]);
  order.expected = 2.0;
  // Errors of the next order, about (frequency * time_step)^2 / 4 of the fastest vibration.
  order.error = 0.02;
  ValidationTable::of_this_run().add(
      row_of("order of the energy error in the time step", of.name, order));
}

std::vector<ValidationCase> integrator_cases() {
  const auto fields = force_field_cases();
  std::vector<ValidationCase> cases;
  for (const char* kind : {"hmc", "ghmc"})
    for (const char* id : {"ff14sb_obc2", "constraints", "mmff94"}) {
      ValidationCase of = case_of(fields, id);
      of.id = std::string(kind) + "_" + id;
      of.name = std::string(kind) + ", " + of.name;
      of.deck.moves = "[[move]]\nkind = \"" + std::string(kind) + "\"\n";
      cases.push_back(of);
    }
  // Ewald sums jump where pairs cross the cutoff, which hides the errors of so short steps.
  ValidationCase rigid = case_of(move_cases(), "rigid_hmc_rotor");
  rigid.id = "rigid_hmc";
  rigid.deck.moves = "[[move]]\nkind = \"rigid_hmc\"\n";
  cases.push_back(rigid);
  for (ValidationCase& of : cases) of.deck.warm_up += "\ntune = false";
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Moves, TimeSteps, testing::ValuesIn(integrator_cases()), id_of);

/// Writes the table at the end, beside the program.
class WriteTable : public testing::Environment {
 public:
  void TearDown() override {
    const std::string text = ValidationTable::of_this_run().text();
    std::cout << text;
    std::ofstream("validation.md") << text;
  }
};
const auto* const kWriteTable = testing::AddGlobalTestEnvironment(new WriteTable);

}  // namespace
}  // namespace saltus::tests
