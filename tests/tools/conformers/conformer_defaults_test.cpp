// Oracle: the option structs that the settings hold, default-constructed, and what a user gets who
// gives no option, written out by hand.
#include <gtest/gtest.h>

#include <limits>
#include <tuple>

#include "engine/core/units.h"
#include "engine/minimisation/minimise.h"
#include "tools/conformers/generate.h"
#include "tools/saltus/conformers/option_list_detail.h"
#include "tools/saltus/conformers/options.h"

namespace saltus::tools {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Structured bindings name every member: whoever adds one has to add it here.
auto fields(const engine::SelectionOptions& options) {
  const auto& [rmsd, tolerance, window, max_kept] = options;
  return std::make_tuple(rmsd, tolerance, window, max_kept);
}

auto fields(const engine::RelaxationOptions& options) {
  const auto& [tolerance, steps, frozen, deadline] = options;
  return std::make_tuple(tolerance, steps, frozen, deadline.time_since_epoch().count());
}

auto fields(const forcefields::MmffOptions& options) {
  const auto& [variant, dielectric, distance_dependent, solvent, solvent_dielectric, surface_term,
               charges] = options;
  return std::make_tuple(variant, dielectric, distance_dependent, solvent, solvent_dielectric,
                         surface_term, charges);
}

auto fields(const forcefields::StereoisomerOptions& options) {
  const auto& [max_isomers, random_order, seed] = options;
  return std::make_tuple(max_isomers, random_order, seed);
}

/// In two tuples, lest one be longer than templates like.
auto numbers(const ConformerSettings& s) {
  return std::make_tuple(s.n_conformers, fields(s.selection), fields(s.relaxation), fields(s.mmff),
                         fields(s.isomers), s.temperature_K, s.max_atoms, s.max_rotors, s.timeout_s,
                         s.seed);
}
auto choices(const ConformerSettings& s) {
  return std::make_tuple(s.mode, s.minimise, s.fallback_uff, s.stereo, s.fragments, s.sampler,
                         s.model, s.network == nullptr, s.use_input_3d, s.sort_by_energy);
}

ConformerSettings settings_of(const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"list.smi", "-o", "out.sdf"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return parse_conformer_request(arguments)->settings;
}

TEST(ConformerDefaults, OfTheCommandAreThoseOfTheStructs) {
  const ConformerSettings given = settings_of({});
  EXPECT_EQ(numbers(given), numbers(ConformerSettings{}));
  EXPECT_EQ(choices(given), choices(ConformerSettings{}));
  EXPECT_EQ(fields(given.selection), fields(engine::SelectionOptions{}));
  EXPECT_EQ(fields(given.relaxation), fields(engine::RelaxationOptions{}));
  EXPECT_EQ(fields(given.isomers), fields(forcefields::StereoisomerOptions{}));
  EXPECT_EQ(given.temperature_K, engine::EnsembleOptions{}.temperature_K);
}

TEST(ConformerDefaults, OfEachModeAreThoseOfTheCommand) {
  for (const auto& [word, mode] : {std::make_pair("ensemble", ConformerMode::kEnsemble),
                                   std::make_pair("minima", ConformerMode::kMinima),
                                   std::make_pair("boltzmann", ConformerMode::kBoltzmann)}) {
    const ConformerSettings given = settings_of({"--mode", word}), usual = default_settings(mode);
    EXPECT_EQ(numbers(given), numbers(usual)) << word;
    EXPECT_EQ(choices(given), choices(usual)) << word;
  }
}

TEST(ConformerDefaults, AreTheseNumbers) {
  const std::size_t all = static_cast<std::size_t>(-1);
  const ConformerSettings ensemble = default_settings(ConformerMode::kEnsemble);
  EXPECT_EQ(fields(ensemble.selection),
            std::make_tuple(0.05, kInfinity, 10.0 * engine::kKJPerKcal, all));
  EXPECT_EQ(ensemble.relaxation.force_tolerance, 10.0);
  EXPECT_EQ(ensemble.relaxation.n_steps, 5000u);
  EXPECT_EQ(ensemble.force_field_text(), "MMFF94s, dielectric 4r");
  EXPECT_EQ(ensemble.isomers.max_isomers, 8u);
  EXPECT_EQ(ensemble.temperature_K, 300.0);
  EXPECT_EQ(ensemble.max_atoms, 500u);
  EXPECT_EQ(ensemble.max_rotors, 60u);
  EXPECT_EQ(ensemble.timeout_s, 60.0);
  EXPECT_EQ(ensemble.seed, 1u);
  EXPECT_EQ(ensemble.model, "none");

  const ConformerSettings minima = default_settings(ConformerMode::kMinima);
  EXPECT_EQ(fields(minima.selection),
            std::make_tuple(engine::kNmPerAngstrom * 0.125, 0.05 * engine::kKJPerKcal,
                            10.0 * engine::kKJPerKcal, all));
  EXPECT_EQ(minima.relaxation.force_tolerance, 0.1);
  EXPECT_EQ(minima.force_field_text(), "MMFF94s, dielectric 1");
  EXPECT_EQ(minima.model, "none");

  const ConformerSettings boltzmann = default_settings(ConformerMode::kBoltzmann);
  EXPECT_EQ(fields(boltzmann.selection), std::make_tuple(0.0, kInfinity, kInfinity, all));
  EXPECT_EQ(boltzmann.relaxation.force_tolerance, 10.0);
  EXPECT_EQ(boltzmann.force_field_text(), "MMFF94, dielectric 1");
  EXPECT_EQ(boltzmann.model, "default");
  EXPECT_FALSE(boltzmann.sort_by_energy);
}

TEST(ConformerDefaults, GiveWayToWhatIsAskedFor) {
  const ConformerSettings given = settings_of(
      {"--rmsd-prune", "0.7", "--energy-window", "5", "--max-confs-out", "9", "--max-isomers", "3",
       "--dielectric", "2", "--minimize", "mmff94", "--sort", "none", "--model", "default"});
  EXPECT_EQ(fields(given.selection), std::make_tuple(engine::kNmPerAngstrom * 0.7, kInfinity,
                                                     5.0 * engine::kKJPerKcal, std::size_t{9}));
  EXPECT_EQ(given.isomers.max_isomers, 3u);
  EXPECT_EQ(given.force_field_text(), "MMFF94, dielectric 2");
  EXPECT_FALSE(given.sort_by_energy);
  EXPECT_EQ(given.model, "default");
  const ConformerSettings drawn =
      settings_of({"--mode", "boltzmann", "--minimize", "mmff94s", "--model", "none"});
  EXPECT_EQ(drawn.force_field_text(), "MMFF94s, dielectric 1");
  EXPECT_EQ(drawn.model, "none");
}

TEST(ConformerDefaults, ArePrintedFromTheStructs) {
  const CommandLine line = conformer_command_line();
  const auto option = [&](const char* name) { return line.options.find(name, false); };
  for (const auto& [name, shown] :
       {std::make_pair("energy-window", "arg (=10)"), std::make_pair("temperature", "arg (=300)"),
        std::make_pair("max-isomers", "arg (=8)"), std::make_pair("max-atoms", "arg (=500)"),
        std::make_pair("max-rotors", "arg (=60)"), std::make_pair("timeout", "arg (=60)"),
        std::make_pair("seed", "arg (=1)"), std::make_pair("model", "arg (=default)")})
    EXPECT_EQ(option(name).format_parameter(), shown) << name;
  EXPECT_EQ(option("rmsd-prune").description(),
            "angstrom; closer ones count as one: heavy atoms, superposed, equal atoms "
            "interchangeable; default: 0.5, minima: 0.125 (and 0.05 kcal/mol)");
  EXPECT_EQ(
      option("dielectric").description(),
      "constant of the electrostatics, such as 4, or 4r for one that grows with distance; "
      "default: 4r, which keeps molecules from folding onto themselves; minima, boltzmann: 1");
  EXPECT_EQ(option("max-atoms").description(), "hydrogens included; at most 999");
}

TEST(GenerationOptions, HaveTheDefaultsOfTheirParts) {
  const GenerationOptions options;
  EXPECT_EQ(options.energy_window, engine::SelectionOptions{}.energy_window);
  EXPECT_EQ(options.rmsd_nm, engine::SelectionOptions{}.rmsd_nm);
  EXPECT_EQ(options.force_tolerance, engine::RelaxationOptions{}.force_tolerance);
  EXPECT_EQ(options.force_tolerance, engine::MinimisationOptions{}.force_tolerance);
}

}  // namespace
}  // namespace saltus::tools
