#include <algorithm>
#include <utility>

#include "tools/saltus/run_deck_sections.h"

namespace saltus::tools {
namespace {

namespace fs = std::filesystem;
using io::Bounds;
using io::DeckTable;
using io::PathRule;

bool has_extension(const fs::path& path, const std::vector<std::string>& extensions) {
  const std::string extension = path.extension().string();
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

// Exactly one of force_field, system_xml and topology says what the energy is.
void read_energy_source(DeckTable& table, SystemDeck& system) {
  const std::vector<std::string> sources = {"force_field", "system_xml", "topology"};
  std::vector<std::string> given;
  for (const std::string& name : sources) {
    if (table.has(name)) given.push_back(name);
  }
  if (given.empty() && !table.describing()) {
    table.table_error(
        "missing force_field, system_xml or topology; one of them has to say what the energy is");
  }
  for (std::size_t i = 1; i < given.size(); ++i) {
    table.error(given[i], "give either " + given[0] + " or " + given[i] + ", not both");
  }
  if (table.has("force_field") || table.describing()) {
    table.applies("force_field", true, "neither system_xml nor topology");
    system.force_field =
        table.path_list({"force_field", "OpenMM ForceField XML files, by the deck or installed"},
                        PathRule::kFileOrName, table.describing() ? 0 : 1);
  }
  system.system_xml =
      table.path({"system_xml", "OpenMM System XML file"}, "", PathRule::kExistingFile);
  system.topology =
      table.path({"topology", "AMBER .prmtop or .parm7 file"}, "", PathRule::kExistingFile);
}

void read_coordinates(DeckTable& table, SystemDeck& system) {
  system.coordinates = table.path({"coordinates", "structure: .pdb, or AMBER .inpcrd or .rst7"},
                                  std::nullopt, PathRule::kExistingFile);
  if (system.coordinates.empty()) return;
  const bool amber = has_extension(system.coordinates, {".inpcrd", ".rst7"});
  if (!amber && !has_extension(system.coordinates, {".pdb"})) {
    table.error("coordinates", "expected a .pdb, .inpcrd or .rst7 file, got \"" +
                                   system.coordinates.filename().string() + '"');
  } else if (amber && !table.has("topology")) {
    table.error("coordinates",
                "AMBER coordinates need topology, the .prmtop file with the atoms' names");
  }
}

void read_nonbonded(DeckTable& table, SystemDeck& system) {
  using engine::NonbondedMethod;
  const bool builds = !table.has("system_xml");
  const std::string when = "force_field or topology";
  if (table.applies("nonbonded", builds, when)) {
    system.nonbonded =
        table.choice<NonbondedMethod>({"nonbonded", "pair interactions"},
                                      {{"no_cutoff", NonbondedMethod::kNoCutoff},
                                       {"cutoff", NonbondedMethod::kCutoffNonPeriodic}},
                                      system.nonbonded);
  }
  const bool cut = system.nonbonded == NonbondedMethod::kCutoffNonPeriodic;
  if (table.applies("cutoff", (builds && cut) || table.failed("nonbonded"),
                    "nonbonded = \"cutoff\"")) {
    system.cutoff_nm = table.quantity({"cutoff", "distance beyond which pairs are dropped"}, "nm",
                                      system.cutoff_nm, Bounds::positive());
  }
}

void read_solvent(DeckTable& table, SystemDeck& system) {
  using engine::GeneralizedBornModel;
  using Model = std::optional<GeneralizedBornModel>;
  if (table.applies("implicit_solvent", !table.has("system_xml"), "force_field or topology")) {
    system.implicit_solvent = table.choice<Model>({"implicit_solvent", "generalised Born model"},
                                                  {{"none", Model()},
                                                   {"obc1", GeneralizedBornModel::kObc1},
                                                   {"obc2", GeneralizedBornModel::kObc2},
                                                   {"gbn2", GeneralizedBornModel::kGbn2}},
                                                  Model());
  }
  const bool solvent = system.implicit_solvent || table.failed("implicit_solvent");
  const std::string when = "implicit_solvent";
  if (table.applies("solvent_dielectric", solvent, when)) {
    system.solvent_dielectric = table.real({"solvent_dielectric", "of the implicit solvent"},
                                           system.solvent_dielectric, Bounds::at_least(1.0));
  }
  if (table.applies("solute_dielectric", solvent, when)) {
    system.solute_dielectric = table.real({"solute_dielectric", "inside the molecule"},
                                          system.solute_dielectric, Bounds::at_least(1.0));
  }
  if (table.applies("surface_term", solvent, when)) {
    system.surface_term = table.boolean({"surface_term", "ACE surface energy of the solvent model"},
                                        system.surface_term);
  }
}

}  // namespace

SystemDeck read_system(DeckTable table) {
  SystemDeck system;
  read_coordinates(table, system);
  read_energy_source(table, system);
  read_solvent(table, system);
  read_nonbonded(table, system);
  system.hydrogen_mass_dalton =
      table.optional_quantity({"hydrogen_mass", "mass of hydrogens, taken from their neighbours"},
                              "amu", Bounds::positive());
  if (table.applies("constraints", !table.has("system_xml"), "force_field or topology")) {
    system.constraints = table.choice<BondConstraints>(
        {"constraints", "bonds of fixed length"},
        {{"none", BondConstraints::kNone}, {"h_bonds", BondConstraints::kHydrogenBonds}},
        system.constraints);
  }
  return system;
}

EnergyDeck read_energy(DeckTable table) {
  EnergyDeck energy;
  energy.backend = table.choice<EnergyBackend>(
      {"backend", "who computes energies and forces"},
      {{"native", EnergyBackend::kNative}, {"openmm", EnergyBackend::kOpenMM}}, energy.backend);
  const bool native = energy.backend == EnergyBackend::kNative;
  if (table.applies("cross_check", native, "backend = \"native\"")) {
    energy.cross_check =
        table.boolean({"cross_check", "compare with OpenMM's Reference first"}, energy.cross_check);
  }
  if (table.applies("platform", !native || table.failed("backend"), "backend = \"openmm\"")) {
    energy.platform = table.string({"platform", "of OpenMM: Reference, CPU"}, energy.platform);
  }
  energy.threads = table.count({"threads", "0 uses all cores"}, energy.threads);
  return energy;
}

}  // namespace saltus::tools
