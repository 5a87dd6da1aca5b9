#include "tools/saltus/molecules/load_molecule.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/error_context.h"
#include "engine/core/units.h"
#include "engine/system/hydrogen_mass.h"
#include "engine/system/whole_molecules.h"
#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/ffxml/add_missing_virtual_sites.h"
#include "forcefields/ffxml/create_system.h"
#include "forcefields/ffxml/force_field_files.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/ffxml/standard_bonds.h"
#include "forcefields/mmff/mmff_system.h"
#include "forcefields/openmm/system_xml.h"
#include "io/files/text_input.h"
#include "io/formats/file_names.h"
#include "io/formats/pdb.h"
#include "tools/saltus/molecules/checks.h"
#include "tools/saltus/molecules/external_terms.h"
#include "tools/saltus/molecules/periodic_box.h"
#include "tools/saltus/molecules/structure_checks.h"

namespace saltus::tools {

using engine::InputError;

namespace {

void append(std::vector<std::string>& notes, const std::vector<std::string>& more) {
  notes.insert(notes.end(), more.begin(), more.end());
}

/// A structure file, of which the first model counts.
struct Structure {
  io::PdbStructure pdb;
  std::vector<double> positions;

  std::optional<InputBox> box(const std::string& path) const {
    if (!pdb.box) return std::nullopt;
    return InputBox{pdb.box->edges_nm, pdb.box->angles_rad,
                    path + ":" + std::to_string(pdb.box->line) + ": the CRYST1 record",
                    pdb.box->space_group};
  }
};

Structure read_structure(const std::filesystem::path& path, std::vector<std::string>& notes) {
  io::PdbStructure pdb = io::read_pdb(path.string());
  append(notes, pdb.notes);
  if (pdb.positions.n_chains() > 1)
    notes.push_back(path.string() + ": holds " + std::to_string(pdb.positions.n_chains()) +
                    " models; the first one is used");
  const auto first = pdb.positions.chain(0);
  return {std::move(pdb), {first.begin(), first.end()}};
}

/// What becomes of the files' box, if any; a note when it is left out.
BoxDecision decide(const SystemDeck& deck, std::optional<InputBox> box, Molecule& molecule) {
  BoxQuestion question;
  question.structure = deck.coordinates.string();
  question.box = std::move(box);
  if (deck.nonbonded_is_given) question.nonbonded = deck.options.nonbonded_method;
  const BoxDecision decision = engine::with_prefix(
      question.nonbonded && engine::is_periodic(*question.nonbonded) ? "system.nonbonded: " : "",
      [&] { return decide_box(question, molecule.topology, molecule.positions); });
  if (!decision.note.empty()) molecule.notes.push_back(decision.note);
  return decision;
}

/// Bonded terms take positions as they are; files often have every atom inside of the box, also of
/// one that is not used.
void make_whole(const BoxDecision& decision, const std::string& path, Molecule& molecule) {
  const std::optional<engine::Box>& box = decision.box ? decision.box : decision.left_out;
  const std::size_t n_atoms = molecule.topology.n_atoms(), n_described = molecule.system.n_atoms();
  // Files that do not belong together are refused later.
  if (!box || molecule.positions.size() != 3 * n_atoms ||
      (n_described != 0 && n_described != n_atoms))
    return;
  std::size_t n = 0;
  try {
    n = engine::make_molecules_whole(engine::held_neighbours(molecule.topology, molecule.system),
                                     molecule.topology, *box, molecule.positions);
  } catch (const InputError& error) {
    // Bonds that are too long in vacuum are refused as such.
    if (!decision.box) return;
    throw InputError(path + ": " + error.what());
  }
  if (n > 0)
    molecule.notes.push_back(path + ": " + std::to_string(n) +
                             (n == 1 ? " molecule was" : " molecules were") +
                             " put together across the periodic box");
}

std::vector<std::string> search_directories(const SystemDeck& deck) {
  const std::filesystem::path folder = deck.coordinates.parent_path();
  return {folder.empty() ? "." : folder.string()};
}

/// As StandardBonds::add_to, with the file's name in front of what is wrong.
void add_standard_bonds(const forcefields::StandardBonds& standard,
                        const std::filesystem::path& file, const std::vector<double>& positions,
                        engine::Topology& topology) {
  try {
    standard.add_to(topology, positions);
  } catch (const engine::InputError& error) {
    throw engine::InputError(file.string() + ": " + error.what());
  }
}

/// Bonds that only records of the file give, so that messages can name these.
std::vector<forcefields::RecordedBond> recorded_bonds(const std::filesystem::path& file,
                                                      const Structure& structure,
                                                      const forcefields::StandardBonds& standard) {
  engine::Topology plain = structure.pdb.topology;
  plain.bonds.clear();
  add_standard_bonds(standard, file, structure.positions, plain);
  std::set<std::pair<std::size_t, std::size_t>> usual;
  for (const engine::Bond& bond : plain.bonds) usual.insert(std::minmax(bond.first, bond.second));
  std::vector<forcefields::RecordedBond> result;
  const auto& bonds = structure.pdb.topology.bonds;
  for (std::size_t n = 0; n < bonds.size(); ++n)
    if (usual.count(std::minmax(bonds[n].first, bonds[n].second)) == 0)
      result.push_back({bonds[n].first, bonds[n].second, structure.pdb.bond_sources[n]});
  return result;
}

/// Formal charges of ions in the file that the force field does not share.
/// @param atoms  of the molecule, for each atom of the file
void note_ion_charges(const std::string& path, const io::PdbStructure& pdb,
                      const std::vector<std::size_t>& atoms, Molecule& molecule) {
  if (!molecule.system.nonbonded) return;
  constexpr double kRounding = 0.005;
  for (const io::PdbIonCharge& ion : pdb.ion_charges) {
    const double charge = molecule.system.nonbonded->particles[atoms[ion.atom]].charge;
    if (std::abs(charge - ion.charge) < kRounding) continue;
    molecule.notes.push_back(
        fmt::format(FMT_STRING("{}:{}: {} has charge {:+} in columns 79-80, but {:+.3f} in {}, "
                               "which is used"),
                    path, ion.line, molecule.topology.describe_atom(atoms[ion.atom]), ion.charge,
                    charge, molecule.force_field));
  }
}

/// Files that bring the masses themselves need not share the structure's isotopes.
void note_isotopes(const std::string& path, const io::PdbStructure& pdb, Molecule& molecule) {
  constexpr double kRounding = 0.1;
  for (std::size_t n = 0; n < std::min(pdb.isotope_masses.size(), molecule.system.n_atoms()); ++n) {
    const double isotope = pdb.isotope_masses[n], mass = molecule.system.masses[n];
    if (isotope == 0.0 || std::abs(isotope - mass) < kRounding) continue;
    molecule.notes.push_back(path + ": " + pdb.topology.describe_atom(n) +
                             " is an isotope of hydrogen, but has the mass " +
                             std::to_string(mass) + " in " + molecule.force_field +
                             ", which is used (for all such atoms)");
    return;
  }
}

/// Positions from a PDB file belong to a prmtop's atoms only when the elements agree, one by one.
void check_same_elements(const std::string& path, const engine::Topology& pdb,
                         const Molecule& molecule) {
  const auto& atoms = molecule.topology.atoms;
  for (std::size_t n = 0; n < std::min(atoms.size(), pdb.n_atoms()); ++n) {
    if (atoms[n].atomic_number == 0 || atoms[n].atomic_number == pdb.atoms[n].atomic_number)
      continue;
    throw InputError(path + ": atom " + std::to_string(n + 1) + " is " + pdb.describe_atom(n) +
                     ", in " + molecule.force_field + " it is " +
                     molecule.topology.describe_atom(n) +
                     "; the two files must have the same atoms in the same order");
  }
}

forcefields::SystemOptions system_options(const SystemDeck& deck) {
  forcefields::SystemOptions options;
  options.molecule = deck.options;
  return options;
}

void from_force_field_xml(const SystemDeck& deck, Molecule& molecule) {
  const std::string path = deck.coordinates.string();
  const Structure structure = read_structure(deck.coordinates, molecule.notes);
  const auto directories = search_directories(deck);
  const auto standard = forcefields::StandardBonds::read(directories);
  molecule.topology = structure.pdb.topology;
  molecule.positions = structure.positions;
  add_standard_bonds(standard, deck.coordinates, molecule.positions, molecule.topology);
  const BoxDecision box = decide(deck, structure.box(path), molecule);
  make_whole(box, path, molecule);
  check_recorded_bonds(molecule.topology, structure.pdb.bond_sources, molecule.positions);
  std::vector<std::string> names;
  for (const auto& file : deck.force_field) {
    names.push_back(file.string());
    molecule.force_field += (molecule.force_field.empty() ? "" : " + ") + file.filename().string();
  }
  const auto force_field = forcefields::ForceFieldXml::read(names, directories);
  molecule.force_field_files = force_field.files();
  const auto added =
      forcefields::add_missing_virtual_sites(force_field, molecule.topology, molecule.positions);
  if (added.n_sites > 0)
    molecule.notes.push_back(path + ": " + std::to_string(added.n_sites) + " virtual sites of " +
                             std::to_string(added.n_residues) +
                             " residues were added, which the force field has and the file lacks");
  forcefields::SystemOptions options = system_options(deck);
  options.molecule.box = box.box;
  options.isotope_masses_dalton = added.moved(structure.pdb.isotope_masses, 0.0);
  options.hints = {recorded_bonds(deck.coordinates, structure, standard), molecule.positions, path,
                   added.moved(structure.pdb.atom_lines, std::size_t{0})};
  for (forcefields::RecordedBond& bond : options.hints.recorded_bonds) {
    bond.first = added.new_index[bond.first];
    bond.second = added.new_index[bond.second];
  }
  molecule.system = engine::with_prefix(
      deck.force_field_key.empty() ? "" : deck.force_field_key + ": ",
      [&] { return forcefields::create_system(molecule.topology, force_field, options); });
  note_carboxylates(deck, molecule);
  note_ion_charges(path, structure.pdb, added.new_index, molecule);
}

/// Positions of AMBER's own files, and their box when they have one.
std::optional<InputBox> read_amber_positions(const std::string& path, Molecule& molecule) {
  const auto coordinates = forcefields::read_inpcrd(path, molecule.topology.n_atoms());
  molecule.positions = coordinates.positions_nm;
  if (!coordinates.velocities_nm_per_ps.empty())
    molecule.notes.push_back(path +
                             ": its velocities are not used; chains start with velocities drawn "
                             "at their temperature");
  if (!coordinates.box_nm) return std::nullopt;
  return InputBox{*coordinates.box_nm, coordinates.box_rad, path + ": its last line"};
}

/// The coordinates' box is the newer one; of a box with lengths only the angles are the same.
void add_box(const InputBox& of_topology, engine::NonbondedMethod method,
             std::optional<InputBox>& of_coordinates, std::vector<std::string>& notes) {
  if (!of_coordinates) {
    of_coordinates = of_topology;
    return;
  }
  if (!of_coordinates->angles_rad) of_coordinates->angles_rad = of_topology.angles_rad;
  if (!engine::is_periodic(method)) return;
  if (std::string note = other_shape_note(*of_coordinates, of_topology); !note.empty())
    notes.push_back(std::move(note));
}

void from_prmtop(const SystemDeck& deck, Molecule& molecule) {
  forcefields::PrmtopOptions options;
  options.molecule = deck.options;
  const std::string path = deck.coordinates.string();
  forcefields::AmberMolecule amber = forcefields::read_prmtop(deck.topology.string(), options);
  molecule.topology = std::move(amber.topology);
  molecule.system = std::move(amber.system);
  molecule.notes = std::move(amber.notes);
  molecule.force_field = deck.topology.filename().string();
  std::optional<InputBox> box;
  if (io::is_pdb_file(deck.coordinates)) {
    const Structure structure = read_structure(deck.coordinates, molecule.notes);
    molecule.positions = structure.positions;
    box = structure.box(path);
    check_same_elements(path, structure.pdb.topology, molecule);
    note_isotopes(path, structure.pdb, molecule);
  } else {
    box = read_amber_positions(path, molecule);
  }
  if (amber.box)
    add_box({amber.box->edges_nm, amber.box->angles_rad,
             deck.topology.string() + ": IFBOX with BOX_DIMENSIONS"},
            deck.options.nonbonded_method, box, molecule.notes);
  // Files that do not belong together are refused later.
  if (molecule.positions.size() != 3 * molecule.topology.n_atoms()) return;
  const BoxDecision decision = decide(deck, std::move(box), molecule);
  molecule.system.box = decision.box;
  make_whole(decision, path, molecule);
}

void from_system_xml(const SystemDeck& deck, Molecule& molecule) {
  const std::string path = deck.coordinates.string();
  const Structure structure = read_structure(deck.coordinates, molecule.notes);
  molecule.topology = structure.pdb.topology;
  molecule.positions = structure.positions;
  forcefields::SystemXml xml = forcefields::read_system_xml(deck.system_xml.string());
  append(molecule.notes, xml.notes);
  molecule.system = std::move(xml.system);
  molecule.force_field = deck.system_xml.filename().string();
  molecule.system_xml = deck.system_xml.string();
  add_standard_bonds(forcefields::StandardBonds::read(search_directories(deck)), deck.coordinates,
                     molecule.positions, molecule.topology);
  make_whole({molecule.system.box, std::nullopt, ""}, path, molecule);
  check_recorded_bonds(molecule.topology, structure.pdb.bond_sources, molecule.positions);
  if (molecule.system.n_atoms() != molecule.topology.n_atoms()) return;
  note_isotopes(path, structure.pdb, molecule);
  // A System says itself whether it is periodic.
  if (const auto box = structure.box(path))
    molecule.notes.push_back(unused_box_note(
        *box, molecule.topology, molecule.positions,
        molecule.force_field +
            (molecule.system.box ? " has a box of its own" : " is a system without one")));
}

void add_mmff(forcefields::ChemMolecule chem, const forcefields::MmffOptions& options,
              Molecule& molecule) {
  if (chem.positions_nm.empty())
    throw InputError((chem.notes.empty() ? chem.source + ": no coordinates" : chem.notes.front()) +
                     "; a three-dimensional structure is needed");
  molecule.notes = std::move(chem.notes);
  for (const std::string& remark : chem.remarks)
    molecule.notes.push_back(chem.source + ": " + remark);
  molecule.system = forcefields::mmff_system(chem, options);
  molecule.charges = forcefields::mmff_charges(chem, options);
  molecule.topology = chem.topology;
  molecule.positions = std::move(chem.positions_nm);
  chem.positions_nm.clear();
  molecule.chem = std::make_shared<const forcefields::ChemMolecule>(std::move(chem));
  molecule.force_field =
      options.variant == forcefields::MmffVariant::kMmff94s ? "MMFF94s" : "MMFF94";
}

void from_molecule_file(const SystemDeck& deck, Molecule& molecule) {
  const std::string path = deck.coordinates.string();
  io::TextInput input(path);
  forcefields::SdfReader reader(input.stream(), path);
  add_mmff(*reader.next(), *deck.mmff, molecule);
  if (!reader.at_end())
    molecule.notes.push_back(path + ": holds several molecules; the first one is used");
}

}  // namespace

Molecule load_molecule(const SystemDeck& deck, const ExternalDeck& external) {
  Molecule molecule;
  if (!deck.topology.empty()) {
    from_prmtop(deck, molecule);
  } else if (!deck.system_xml.empty()) {
    from_system_xml(deck, molecule);
  } else if (deck.mmff) {
    from_molecule_file(deck, molecule);
  } else {
    from_force_field_xml(deck, molecule);
  }
  const std::size_t n_atoms = molecule.system.n_atoms();
  if (molecule.topology.n_atoms() != n_atoms || molecule.positions.size() != 3 * n_atoms)
    throw InputError(deck.coordinates.string() + ": holds " +
                     std::to_string(molecule.positions.size() / 3) + " atoms, but " +
                     molecule.force_field + " describes " + std::to_string(n_atoms) +
                     "; the two files must belong to the same molecule");
  require_requests_that_do_something(deck, molecule);
  if (deck.hydrogen_mass_dalton)
    molecule.system.masses = engine::with_prefix("system.", [&] {
      return engine::repartitioned_masses(molecule.topology, molecule.system,
                                          *deck.hydrogen_mass_dalton);
    });
  if (molecule.system.nonbonded)
    for (const engine::NonbondedParticle& particle : molecule.system.nonbonded->particles)
      molecule.charges.push_back(particle.charge);
  molecule.system.validate(molecule.force_field);
  engine::place_virtual_sites(molecule.system.virtual_sites, molecule.positions);
  if (std::string note = moved_constraints_note(deck.coordinates.string(), molecule.system,
                                                molecule.topology, molecule.positions);
      !note.empty())
    molecule.notes.push_back(std::move(note));
  add_external_terms(external, molecule.topology, molecule.positions, molecule.charges,
                     molecule.system);
  return molecule;
}

Molecule mmff_molecule(forcefields::ChemMolecule chem, const forcefields::MmffOptions& options) {
  Molecule molecule;
  add_mmff(std::move(chem), options, molecule);
  molecule.system.validate(molecule.force_field);
  return molecule;
}

}  // namespace saltus::tools
