#include "tools/saltus/molecule.h"

#include <algorithm>

#include "engine/core/error.h"
#include "engine/system/hydrogen_mass.h"
#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/ffxml/create_system.h"
#include "forcefields/ffxml/force_field_files.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/ffxml/standard_bonds.h"
#include "forcefields/mmff/mmff_system.h"
#include "forcefields/openmm/system_xml.h"
#include "io/formats/pdb.h"
#include "tools/saltus/external_terms.h"
#include "tools/saltus/molecule_checks.h"

namespace saltus::tools {

using engine::InputError;

namespace {

struct Structure {
  engine::Topology topology;
  std::vector<double> positions;
};

Structure read_structure(const std::filesystem::path& path, std::vector<std::string>& notes) {
  io::PdbStructure pdb = io::read_pdb(path.string());
  if (pdb.positions.n_chains() > 1)
    notes.push_back(path.string() + ": holds " + std::to_string(pdb.positions.n_chains()) +
                    " models; the first one is used");
  const auto first = pdb.positions.chain(0);
  return {std::move(pdb.topology), {first.begin(), first.end()}};
}

std::vector<std::string> search_directories(const SystemDeck& deck) {
  const std::filesystem::path folder = deck.coordinates.parent_path();
  return {folder.empty() ? "." : folder.string()};
}

void from_force_field_xml(const SystemDeck& deck, Molecule& molecule) {
  Structure structure = read_structure(deck.coordinates, molecule.notes);
  molecule.topology = std::move(structure.topology);
  molecule.positions = std::move(structure.positions);
  const auto directories = search_directories(deck);
  forcefields::StandardBonds::read(directories).add_to(molecule.topology, molecule.positions);
  std::vector<std::string> names;
  for (const auto& file : deck.force_field) {
    names.push_back(file.string());
    molecule.force_field += (molecule.force_field.empty() ? "" : " + ") + file.filename().string();
  }
  const auto force_field = forcefields::ForceFieldXml::read(names, directories);
  forcefields::SystemOptions options;
  options.nonbonded_method = deck.nonbonded;
  options.cutoff_nm = deck.cutoff_nm;
  options.constraints = deck.constraints == BondConstraints::kHydrogenBonds
                            ? forcefields::BondConstraints::kHydrogenBonds
                            : forcefields::BondConstraints::kNone;
  options.hydrogen_mass_dalton = deck.hydrogen_mass_dalton;
  if (deck.implicit_solvent)
    options.implicit_solvent = forcefields::ImplicitSolventChoice{
        *deck.implicit_solvent, deck.solute_dielectric, deck.solvent_dielectric, deck.surface_term};
  molecule.system = forcefields::create_system(molecule.topology, force_field, options);
  note_carboxylates(deck, molecule);
}

void from_prmtop(const SystemDeck& deck, Molecule& molecule) {
  forcefields::PrmtopOptions options;
  options.constrain_hydrogen_bonds = deck.constraints == BondConstraints::kHydrogenBonds;
  options.implicit_solvent = deck.implicit_solvent;
  options.solute_dielectric = deck.solute_dielectric;
  options.solvent_dielectric = deck.solvent_dielectric;
  options.surface_term = deck.surface_term;
  options.nonbonded_method = deck.nonbonded;
  options.cutoff_nm = deck.cutoff_nm;
  forcefields::AmberMolecule amber = forcefields::read_prmtop(deck.topology.string(), options);
  molecule.topology = std::move(amber.topology);
  molecule.system = std::move(amber.system);
  molecule.notes = std::move(amber.notes);
  molecule.force_field = deck.topology.filename().string();
  if (deck.coordinates.extension() == ".pdb") {
    molecule.positions = read_structure(deck.coordinates, molecule.notes).positions;
  } else {
    const auto coordinates =
        forcefields::read_inpcrd(deck.coordinates.string(), molecule.topology.n_atoms());
    molecule.positions = coordinates.positions_nm;
    if (coordinates.box_nm)
      molecule.notes.push_back(deck.coordinates.string() +
                               ": its periodic box is not used; this run is not periodic");
  }
}

void from_system_xml(const SystemDeck& deck, Molecule& molecule) {
  Structure structure = read_structure(deck.coordinates, molecule.notes);
  molecule.topology = std::move(structure.topology);
  molecule.positions = std::move(structure.positions);
  forcefields::SystemXml xml = forcefields::read_system_xml(deck.system_xml.string());
  molecule.notes.insert(molecule.notes.end(), xml.notes.begin(), xml.notes.end());
  molecule.system = std::move(xml.system);
  molecule.force_field = deck.system_xml.filename().string();
  molecule.system_xml = deck.system_xml.string();
  forcefields::StandardBonds::read(search_directories(deck))
      .add_to(molecule.topology, molecule.positions);
}

void from_molecule_file(const SystemDeck& deck, Molecule& molecule) {
  const std::string path = deck.coordinates.string();
  forcefields::SdfReader reader(path);
  forcefields::ChemMolecule chem = *reader.next();
  if (chem.positions_nm.empty())
    throw InputError((chem.notes.empty() ? path + ": no coordinates" : chem.notes.front()) +
                     "; a three-dimensional structure is needed");
  molecule.notes = std::move(chem.notes);
  if (!reader.at_end())
    molecule.notes.push_back(path + ": holds several molecules; the first one is used");
  molecule.system = forcefields::mmff_system(chem, *deck.mmff);
  molecule.charges = forcefields::mmff_charges(chem);
  molecule.topology = std::move(chem.topology);
  molecule.positions = std::move(chem.positions_nm);
  molecule.force_field =
      deck.mmff->variant == forcefields::MmffVariant::kMmff94s ? "MMFF94s" : "MMFF94";
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
  // Systems made from force-field XML have it already.
  if (deck.hydrogen_mass_dalton && deck.force_field.empty())
    molecule.system.masses = engine::repartitioned_masses(molecule.topology, molecule.system.masses,
                                                          *deck.hydrogen_mass_dalton);
  if (molecule.system.nonbonded)
    for (const engine::NonbondedParticle& particle : molecule.system.nonbonded->particles)
      molecule.charges.push_back(particle.charge);
  molecule.system.validate(molecule.force_field);
  add_external_terms(external, molecule.topology, molecule.positions, molecule.charges,
                     molecule.system);
  return molecule;
}

std::string describe(const Molecule& molecule, const std::string& fallback_name) {
  constexpr std::size_t kLongestListed = 6;
  const auto& residues = molecule.topology.residues;
  std::string name = fallback_name;
  if (residues.size() <= kLongestListed) {
    name.clear();
    for (const engine::Residue& residue : residues)
      name += (name.empty() ? "" : "-") + residue.name;
  }
  return name + ", " + std::to_string(molecule.topology.n_atoms()) + " atoms";
}

}  // namespace saltus::tools
