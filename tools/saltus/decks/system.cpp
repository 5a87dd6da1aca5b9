#include <algorithm>
#include <string>
#include <utility>

#include "io/formats/file_names.h"
#include "tools/saltus/decks/move_kinds.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"
#include "tools/saltus/decks/whole_deck.h"

namespace saltus::tools {
namespace {

namespace fs = std::filesystem;
using io::Bounds;
using io::DeckTable;
using io::PathRule;

// force_field = "mmff94" is no file but a force field of its own.
void find_mmff(DeckTable& table, SystemDeck& system) {
  for (const fs::path& name : system.force_field) {
    const auto variant = mmff_variant(name.string());
    if (!variant) continue;
    if (system.force_field.size() > 1)
      table.error("force_field", name.string() + " is complete; give it alone");
    system.mmff.emplace().variant = *variant;
  }
  if (system.mmff) system.force_field.clear();
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
        "missing force_field, system_xml or topology; one of them must define the energy");
  }
  for (std::size_t i = 1; i < given.size(); ++i) {
    table.error(given[i], "give either " + given[0] + " or " + given[i] + ", not both");
  }
  if (table.has("force_field") || table.describing()) {
    table.applies("force_field", true, "neither system_xml nor topology");
    system.force_field = table.path_list(
        {"force_field", "OpenMM ForceField XML files, by the deck or installed; or \"mmff94\""},
        PathRule::kFileOrName, table.describing() ? 0 : 1);
    find_mmff(table, system);
    system.force_field_key = table.path() + ".force_field";
  }
  system.system_xml =
      table.path({"system_xml", "OpenMM System XML file"}, "", PathRule::kExistingFile);
  system.topology =
      table.path({"topology", "AMBER .prmtop or .parm7 file"}, "", PathRule::kExistingFile);
}

void read_coordinates(DeckTable& table, SystemDeck& system) {
  system.coordinates =
      table.path({"coordinates", "structure: .pdb, .sdf, .mol, or AMBER .inpcrd or .rst7"},
                 std::nullopt, PathRule::kExistingFile);
  if (system.coordinates.empty()) return;
  const bool amber = io::is_amber_coordinates(system.coordinates);
  if (!amber && !io::is_molecule_file(system.coordinates) && !io::is_pdb_file(system.coordinates)) {
    table.error("coordinates", "expected a .pdb, .sdf, .mol, .inpcrd or .rst7 file, got \"" +
                                   system.coordinates.filename().string() + '"');
  } else if (amber && !table.has("topology")) {
    table.error("coordinates",
                "AMBER coordinates need topology, the .prmtop file with the atoms' names");
  }
}

// Whether the energy is put together from files of AMBER's kind, with solvent, cutoff and
// constraints to be chosen here; a System XML and MMFF94 have their own.
bool builds_amber(const DeckTable& table, const SystemDeck& system) {
  return !table.has("system_xml") && !system.mmff;
}
std::string builder_text(const SystemDeck& system) {
  return system.mmff ? "force_field files or topology" : "force_field or topology";
}

// MMFF94 reads bond orders and charges, which PDB files lack; the others know no molecule files.
void check_molecule_file(DeckTable& table, const SystemDeck& system) {
  const bool molecule_file = io::is_molecule_file(system.coordinates);
  if (system.mmff && !system.coordinates.empty() && !molecule_file &&
      !table.failed("coordinates")) {
    table.error("coordinates",
                "MMFF94 needs bond orders and charges; expected an .sdf or .mol file, got \"" +
                    system.coordinates.filename().string() + '"');
  } else if (!system.mmff && molecule_file && !table.failed("force_field")) {
    table.error("coordinates",
                "an .sdf or .mol file needs force_field = \"mmff94\" or \"mmff94s\"");
  }
}

void read_mmff_options(DeckTable& table, SystemDeck& system) {
  forcefields::MmffOptions unused;
  forcefields::MmffOptions& options = system.mmff ? *system.mmff : unused;
  const std::string when = "force_field = \"mmff94\" or \"mmff94s\"";
  if (table.applies("dielectric", system.mmff.has_value(), when)) {
    options.dielectric =
        table.real({"dielectric", "divides MMFF94's electrostatic energy"}, options.dielectric,
                   Bounds::between(0.01, kDielectrics.highest));
  }
  if (table.applies("distance_dependent_dielectric", system.mmff.has_value(), when)) {
    options.distance_dependent_dielectric =
        table.boolean({"distance_dependent_dielectric", "it grows with the distance"},
                      options.distance_dependent_dielectric);
  }
  if (table.applies("charges", system.mmff.has_value(), when)) {
    using forcefields::PartialCharges;
    options.charges = table.choice<PartialCharges>(
        {"charges", "partial charges; file: the field atom.dprop.PartialCharge of the .sdf file"},
        {{"mmff94", PartialCharges::kMmff94}, {"file", PartialCharges::kGiven}}, options.charges);
  }
}

/// Of periodic methods; the larger default of the others would not fit into most boxes.
constexpr double kPeriodicCutoff_nm = 0.9;

void read_pairs_in_a_box(DeckTable& table, SystemDeck& system) {
  forcefields::MoleculeOptions& options = system.options;
  const bool periodic =
      builds_amber(table, system) && engine::is_periodic(options.nonbonded_method);
  const std::string when = "nonbonded = \"pme\", \"ewald\" or \"cutoff_periodic\"";
  if (table.applies("ewald_tolerance", periodic && engine::is_ewald(options.nonbonded_method),
                    "nonbonded = \"pme\" or \"ewald\""))
    options.ewald.tolerance =
        table.real({"ewald_tolerance", "relative error of forces of the Ewald sum"},
                   options.ewald.tolerance, Bounds::inside(0.0, 1.0));
  if (table.applies("dispersion_correction", periodic, when))
    options.long_range_correction =
        table.boolean({"dispersion_correction", "add the mean Lennard-Jones energy beyond cutoff"},
                      options.long_range_correction);
  if (table.applies("rigid_water", builds_amber(table, system), builder_text(system)))
    options.rigid_water = table.boolean(
        {"rigid_water",
         "bonds and angle of water keep their values, as its models are made for; in a periodic "
         "box true unless set"},
        periodic);
}

void read_nonbonded(DeckTable& table, SystemDeck& system) {
  using engine::NonbondedMethod;
  const bool builds = builds_amber(table, system);
  const std::string when = builder_text(system);
  NonbondedMethod& method = system.options.nonbonded_method;
  if (table.applies("nonbonded", builds, when)) {
    system.nonbonded_is_given = table.has("nonbonded");
    method = table.choice<NonbondedMethod>(
        {"nonbonded", "pair interactions; the last three are in the periodic box of the input"},
        {{"no_cutoff", NonbondedMethod::kNoCutoff},
         {"cutoff", NonbondedMethod::kCutoffNonPeriodic},
         {"cutoff_periodic", NonbondedMethod::kCutoffPeriodic},
         {"ewald", NonbondedMethod::kEwald},
         {"pme", NonbondedMethod::kPme}},
        method, {{"ljpme", "is not available; \"pme\" with dispersion_correction is"}});
    if (engine::is_periodic(method) && system.options.implicit_solvent)
      table.error("nonbonded",
                  "a periodic box excludes implicit_solvent; leave one of the two out");
  }
  const bool cut = method != NonbondedMethod::kNoCutoff;
  const std::string when_cut = "nonbonded = \"cutoff\", \"cutoff_periodic\", \"ewald\" or \"pme\"";
  if (engine::is_periodic(method)) system.options.cutoff_nm = kPeriodicCutoff_nm;
  if (table.applies("cutoff", (builds && cut) || table.failed("nonbonded"), when_cut)) {
    system.options.cutoff_nm = table.quantity(
        {"cutoff",
         "distance beyond which pairs are dropped (\"ewald\", \"pme\": "
         "summed otherwise); in a periodic box 0.9 nm unless set"},
        "nm", system.options.cutoff_nm, Bounds::between(0.1, kLengthsFromZero.highest));
  }
  if (table.applies("switching_distance", builds && cut, when_cut)) {
    system.options.switching_distance_nm = table.quantity(
        {"switching_distance", "where Lennard-Jones begins to be switched off; 0: it is not"}, "nm",
        system.options.switching_distance_nm, kLengthsFromZero);
    if (system.options.switching_distance_nm >= system.options.cutoff_nm)
      table.error("switching_distance", "must be less than cutoff");
  }
  read_pairs_in_a_box(table, system);
}

void give_mmff_solvent(DeckTable& table, SystemDeck& system) {
  forcefields::MmffOptions& mmff = *system.mmff;
  mmff.implicit_solvent = system.options.implicit_solvent;
  mmff.solvent_dielectric = system.options.solvent.solvent_dielectric;
  mmff.surface_term = system.options.solvent.surface_term;
  if (mmff.distance_dependent_dielectric)
    table.error("distance_dependent_dielectric",
                "excludes implicit_solvent, both stand for water; leave one of them out");
}

void read_solvent(DeckTable& table, SystemDeck& system) {
  using engine::GeneralizedBornModel;
  using Model = std::optional<GeneralizedBornModel>;
  if (table.applies("implicit_solvent", !table.has("system_xml"), "force_field or topology")) {
    system.options.implicit_solvent =
        table.choice<Model>({"implicit_solvent", "generalised Born model"},
                            {{"none", Model()},
                             {"obc1", GeneralizedBornModel::kObc1},
                             {"obc2", GeneralizedBornModel::kObc2},
                             {"gbn2", GeneralizedBornModel::kGbn2}},
                            system.options.implicit_solvent);
  }
  forcefields::GeneralizedBornOptions& options = system.options.solvent;
  const bool solvent = system.options.implicit_solvent || table.failed("implicit_solvent");
  const std::string when = "implicit_solvent";
  if (table.applies("solvent_dielectric", solvent, when)) {
    options.solvent_dielectric = table.real({"solvent_dielectric", "of the implicit solvent"},
                                            options.solvent_dielectric, kDielectrics);
  }
  // That of MMFF94 is its dielectric.
  if (table.applies(
          "solute_dielectric", solvent && !system.mmff,
          system.mmff ? "force_field files or topology; with MMFF94 give dielectric" : when)) {
    options.solute_dielectric = table.real({"solute_dielectric", "inside the molecule"},
                                           options.solute_dielectric, kDielectrics);
  }
  if (table.applies("surface_term", solvent, when)) {
    options.surface_term = table.boolean(
        {"surface_term", "ACE surface energy of the solvent model"}, options.surface_term);
  }
  if (system.mmff && system.options.implicit_solvent) give_mmff_solvent(table, system);
}

}  // namespace

std::optional<forcefields::MmffVariant> mmff_variant(const std::string& name) {
  if (name == "mmff94") return forcefields::MmffVariant::kMmff94;
  if (name == "mmff94s") return forcefields::MmffVariant::kMmff94s;
  return std::nullopt;
}

SystemDeck read_system(DeckTable table) {
  SystemDeck system;
  read_coordinates(table, system);
  read_energy_source(table, system);
  check_molecule_file(table, system);
  read_mmff_options(table, system);
  read_solvent(table, system);
  read_nonbonded(table, system);
  system.hydrogen_mass_dalton = table.optional_quantity(
      {"hydrogen_mass", "mass of hydrogens, taken from their neighbours"}, "amu", kHydrogenMasses);
  if (table.applies("constraints", builds_amber(table, system), builder_text(system))) {
    using forcefields::BondConstraints;
    const std::string what = "bonds of fixed length; kept by " + kinds_that_keep_constraints();
    system.options.constraints = table.choice<BondConstraints>(
        {"constraints", what.c_str()},
        {{"none", BondConstraints::kNone}, {"h_bonds", BondConstraints::kHydrogenBonds}},
        system.options.constraints);
  }
  return system;
}

EnergyDeck read_energy(DeckTable table) {
  EnergyDeck energy;
  energy.backend = table.choice<EnergyBackend>(
      {"backend",
       "what computes energies and forces; auto: OpenMM's CPU platform for large periodic "
       "systems, else native"},
      {{"auto", EnergyBackend::kAuto},
       {"native", EnergyBackend::kNative},
       {"openmm", EnergyBackend::kOpenMM}},
      energy.backend);
  const bool native = energy.backend != EnergyBackend::kOpenMM;
  if (table.applies("precision", native, "backend = \"auto\" or \"native\"")) {
    energy.precision = table.choice<engine::Precision>(
        {"precision", "mixed: float forces in dynamics, all else double"},
        {{"mixed", engine::Precision::kMixed}, {"double", engine::Precision::kDouble}},
        energy.precision);
  }
  if (table.applies("cross_check", native, "backend = \"auto\" or \"native\"")) {
    energy.cross_check =
        table.boolean({"cross_check", "compare with OpenMM's Reference first"}, energy.cross_check);
  }
  if (table.applies("platform", !native || table.failed("backend"), "backend = \"openmm\"")) {
    energy.platform = table.string({"platform", "of OpenMM: Reference, CPU"}, energy.platform);
  }
  energy.threads = read_threads(table, "0 uses all cores", energy.threads);
  return energy;
}

}  // namespace saltus::tools
