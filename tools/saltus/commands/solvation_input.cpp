#include "tools/saltus/commands/solvation_input.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "forcefields/ffxml/create_system.h"
#include "forcefields/ffxml/force_field_files.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/ffxml/standard_bonds.h"
#include "io/formats/pdb.h"
#include "tools/saltus/molecules/contacts.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/run/usual_deck.h"
#include "tools/solvation/solvated_topology.h"

namespace saltus::tools {

namespace fs = std::filesystem;
using engine::InputError;

namespace {

struct WaterModel {
  const char* name;
  const char* box_file;          ///< of OpenMM's data
  const char* force_field_file;  ///< the same, with ions
};

constexpr WaterModel kWaterModels[] = {
    {"tip3p", "tip3p.pdb", "amber14/tip3p.xml"},
    {"tip4pew", "tip4pew.pdb", "amber14/tip4pew.xml"},
    {"spce", "spce.pdb", "amber14/spce.xml"},
};

const WaterModel& water_model(const std::string& name) {
  std::vector<std::string> names;
  for (const WaterModel& model : kWaterModels) {
    if (name == model.name) return model;
    names.emplace_back(model.name);
  }
  throw engine::UsageError("saltus solvate: --water: expected " + engine::joined(names, " or ") +
                           ", got '" + name + "'");
}

WaterBox read_water(const WaterModel& model) {
  std::string path;
  try {
    path = forcefields::find_force_field_file(model.box_file, {});
  } catch (const engine::FileError& error) {
    throw engine::FileError(std::string("the box of equilibrated water that is needed is part of "
                                        "OpenMM's Python package (Debian: python3-openmm or "
                                        "python3-simtk): ") +
                            error.what());
  }
  const io::PdbStructure pdb = io::read_pdb(path);
  constexpr double kRightAngle = engine::kPi / 2.0, kRounding = 1e-6;
  const bool rectangular =
      pdb.box && std::all_of(pdb.box->angles_rad.begin(), pdb.box->angles_rad.end(),
                             [](double a) { return std::abs(a - kRightAngle) < kRounding; });
  if (!rectangular)
    throw InputError(path + ": expected a CRYST1 record with the rectangular box of the water");
  return water_box_of(pdb.topology, pdb.positions.chain(0), pdb.box->edges_nm, path);
}

/// A file that is not here may be an installed one.
fs::path found_here(const std::string& name) {
  std::error_code ignored;
  return fs::exists(name, ignored) ? fs::absolute(name) : fs::path(name);
}

bool has_water(const forcefields::ForceFieldXml& force_field) {
  constexpr int kHydrogen = 1, kOxygen = 8;
  const auto is_water = [](const forcefields::ResidueTemplate& residue) {
    std::vector<int> elements;
    for (const forcefields::TemplateAtom& atom : residue.atoms)
      if (atom.atomic_number != 0) elements.push_back(atom.atomic_number);
    std::sort(elements.begin(), elements.end());
    return elements == std::vector<int>{kHydrogen, kHydrogen, kOxygen};
  };
  return std::any_of(force_field.templates().begin(), force_field.templates().end(), is_water);
}

/// Names for a deck, and the files as they are found from the current folder.
struct ForceFieldNames {
  std::vector<std::string> for_deck, found;

  void add(const std::string& name) {
    for_deck.push_back(name);
    found.push_back(found_here(name).string());
  }
};

ForceFieldNames force_field_names(const SolvationRequest& request, const WaterModel& model,
                                  const std::vector<std::string>& directories) {
  ForceFieldNames names;
  for (const std::string& name : request.force_field) names.add(name);
  if (names.found.empty() && !request.structure.empty()) names.add(kProteinForceField);
  if (names.found.empty() || !has_water(forcefields::ForceFieldXml::read(names.found, directories)))
    names.add(model.force_field_file);
  return names;
}

/// How much water there is in the smallest box around the molecules.
void check_waters(const std::string& path, const engine::Topology& topology,
                  const std::vector<double>& positions, std::vector<std::string>& notes) {
  const std::vector<bool> waters = engine::water_residues(topology);
  const auto n_waters = static_cast<std::size_t>(std::count(waters.begin(), waters.end(), true));
  if (n_waters == 0) return;
  constexpr double kAtomNm = 0.3;  // the outermost atoms are as thick
  double volume = 1.0;
  for (std::size_t k = 0; k < 3; ++k) {
    double low = positions[k], high = positions[k];
    for (std::size_t n = k; n < positions.size(); n += 3) {
      low = std::min(low, positions[n]);
      high = std::max(high, positions[n]);
    }
    volume *= high - low + kAtomNm;
  }
  // Crystals have a molecule or two of water for each residue, a tenth of this.
  constexpr double kSolvatedDensity = 15.0;  // half that of liquid water, molecules in a nm^3
  constexpr std::size_t kManyWaters = 50;
  const bool is_solvated =
      n_waters > kManyWaters && static_cast<double>(n_waters) > kSolvatedDensity * volume;
  const std::string count =
      std::to_string(n_waters) + (n_waters == 1 ? " molecule" : " molecules") + " of water";
  if (is_solvated)
    throw InputError(path + ": holds " + count +
                     ", it is in water already; take the water out of the file to put it into "
                     "another box");
  notes.push_back(path + ": holds " + count +
                  (n_waters == 1 ? ", which stays in its place and counts as a part"
                                 : ", which stay in their places and count as parts") +
                  " of the molecule, not as water of the box");
}

/// Charges are given with four decimals or more.
int whole_charge(const SolvationRequest& request, double charge) {
  constexpr double kRounding = 0.01;
  const double whole = std::round(charge);
  if (request.ions.neutralise && std::abs(charge - whole) > kRounding)
    throw InputError(request.structure + ": its net charge is " +
                     engine::significant_text(charge, 4) +
                     " e, not a whole number, which ions could neutralise; see whether atoms are "
                     "missing, or use --no-neutralise");
  return static_cast<int>(whole);
}

Molecule load_solute(const std::string& path, const std::vector<std::string>& force_field,
                     bool usual) {
  SystemDeck deck;
  deck.coordinates = path;
  for (const std::string& name : force_field) deck.force_field.emplace_back(name);
  deck.nonbonded_is_given = true;  // the box of the file, if any, is replaced by another
  try {
    return load_molecule(deck, {});
  } catch (const InputError& error) {
    if (!usual || !engine::starts_with(error.what(), "no template of")) throw;
    throw InputError(std::string(error.what()) +
                     "; residues that are no amino acids need other files (--force-field)");
  }
}

void add_solute(const SolvationRequest& request, const std::vector<std::string>& force_field,
                SolvationInput& input) {
  const std::string& path = request.structure;
  // First, since water of another model fits no template.
  const io::PdbStructure pdb = io::read_pdb(path);
  const auto first = pdb.positions.chain(0);
  check_waters(path, pdb.topology, {first.begin(), first.end()}, input.notes);
  const Molecule molecule = load_solute(path, force_field, request.force_field.empty());
  if (!molecule.system.nonbonded)
    throw InputError(molecule.force_field + " has no charges and radii (NonbondedForce)");
  for (const std::string& note : molecule.notes)
    // That the box is not used would be said of vacuum.
    if (note.find("gives a periodic box") == std::string::npos) input.notes.push_back(note);
  // Water settles around what is there; a run would refuse it, or separate it in minimising.
  check_contacts(molecule, path, InsideCharge::kSeparated);
  input.molecule = describe(molecule, fs::path(path).filename().string());
  input.solute.topology = molecule.topology;
  input.solute.positions = molecule.positions;
  for (const engine::NonbondedParticle& particle : molecule.system.nonbonded->particles)
    input.solute.radii_nm.push_back(half_contact_nm(particle.sigma_nm, particle.epsilon));
  input.solute_charge = std::accumulate(molecule.charges.begin(), molecule.charges.end(), 0.0);
  input.solute.charge = whole_charge(request, input.solute_charge);
  const std::vector<double>& masses = molecule.system.masses;
  input.masses.solute = std::accumulate(masses.begin(), masses.end(), 0.0);
}

bool needs_ions(const IonOptions& ions, int solute_charge) {
  return ions.salt_mol_per_litre > 0.0 || (ions.neutralise && solute_charge != 0);
}

/// A molecule of water and, if there will be ions, one of each kind before it.
SolvatedParts one_of_each(const SolvationRequest& request, const SolvationInput& input) {
  constexpr double kApartNm = 2.0;
  SolvatedParts parts({}, {});
  if (needs_ions(request.ions, input.solute.charge)) {
    parts.add_ion(request.ions.positive, {kApartNm, 0.0, 0.0});
    parts.add_ion(request.ions.negative, {0.0, kApartNm, 0.0});
  }
  FilledWater water;
  water.oxygens = {engine::Vec3()};
  const auto first = input.water.offsets.begin();
  water.offsets.assign(first, first + static_cast<std::ptrdiff_t>(input.water.sites.size()));
  parts.add_water(input.water.sites, water, 0);
  return parts;
}

void check_ion(const Ion& ion, double charge) {
  constexpr double kRounding = 0.01;
  if (std::abs(charge - ion.charge) < kRounding) return;
  throw InputError("the force field gives " + ion.name + " the charge " +
                   engine::significant_text(charge, 4) + " e, expected " +
                   std::to_string(ion.charge));
}

/// What the force field says about water and ions, which shows that it knows them.
void add_solvent(const SolvationRequest& request, const std::vector<std::string>& force_field,
                 const std::vector<std::string>& directories, SolvationInput& input) {
  const SolvatedParts parts = one_of_each(request, input);
  engine::Topology topology = parts.topology();
  forcefields::StandardBonds::read(directories)
      .add_to(topology, {parts.positions().data(), parts.positions().size()});
  engine::System system;
  try {
    system = forcefields::create_system(
        topology, forcefields::ForceFieldXml::read(force_field, directories), {});
  } catch (const InputError& error) {
    throw InputError("water and ions cannot be described: " + std::string(error.what()) +
                     "; --force-field takes the files of the water, too, of the model that --water "
                     "names, and then none is added");
  }
  if (!system.nonbonded)
    throw InputError("the force field of the water has no charges and radii (NonbondedForce)");
  const auto& particles = system.nonbonded->particles;
  const std::size_t oxygen = topology.n_atoms() - input.water.sites.size();
  if (oxygen == 2) {
    check_ion(request.ions.positive, particles[0].charge);
    check_ion(request.ions.negative, particles[1].charge);
    input.masses.positive = system.masses[0];
    input.masses.negative = system.masses[1];
  }
  input.water_radius_nm = half_contact_nm(particles[oxygen].sigma_nm, particles[oxygen].epsilon);
  for (std::size_t atom = oxygen; atom < topology.n_atoms(); ++atom)
    input.masses.water += system.masses[atom];
}

}  // namespace

SolvationInput read_solvation_input(const SolvationRequest& request) {
  const WaterModel& model = water_model(request.water);
  const fs::path folder = fs::path(request.structure).parent_path();
  const std::vector<std::string> directories = {folder.empty() ? "." : folder.string()};
  SolvationInput input;
  input.water = read_water(model);
  const ForceFieldNames names = force_field_names(request, model, directories);
  input.force_field = names.for_deck;
  if (!request.structure.empty()) add_solute(request, names.found, input);
  add_solvent(request, names.found, directories, input);
  return input;
}

}  // namespace saltus::tools
