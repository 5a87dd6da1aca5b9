#include "io/formats/pdb.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/core/error.h"
#include "io/formats/pdb_alternates.h"
#include "io/formats/pdb_connections.h"
#include "io/formats/pdb_parser.h"

namespace saltus::io {

namespace {

int element_or_fail(const std::string& path, const PdbAtomRecord& atom, bool alone) {
  if (is_extra_particle(atom)) return 0;
  const int element = element_of_record(atom, alone);
  if (element == 0)
    throw engine::InputError(
        path + ":" + std::to_string(atom.line) + ": the element of atom " + atom.name +
        (atom.element.empty() ? " does not follow from its name; write it in columns 77-78"
                              : ", '" + atom.element + "' in columns 77-78, is unknown"));
  return element;
}

engine::Topology make_topology(const std::string& path, const PdbModel& model) {
  engine::Topology topology;
  for (const PdbResidue& residue : model) {
    const PdbAtomRecord& head = residue.atoms.front();
    engine::Residue entry;
    entry.name = head.residue_name;
    entry.chain = head.chain;
    entry.number = head.residue_number;
    entry.insertion_code = head.insertion_code;
    entry.chain_index = residue.chain_index;
    topology.residues.push_back(entry);
    for (const PdbAtomRecord& atom : residue.atoms)
      topology.atoms.push_back({atom.name, element_or_fail(path, atom, residue.atoms.size() == 1),
                                topology.residues.size() - 1});
  }
  return topology;
}

void check_same_atoms(const std::string& path, const PdbModel& first, const PdbModel& model,
                      std::size_t number) {
  const auto flatten = [](const PdbModel& residues) {
    std::vector<const PdbAtomRecord*> atoms;
    for (const PdbResidue& residue : residues)
      for (const PdbAtomRecord& atom : residue.atoms) atoms.push_back(&atom);
    return atoms;
  };
  const auto expected = flatten(first), found = flatten(model);
  const auto describe = [](const PdbAtomRecord& atom) {
    return atom.name + " of " + atom.residue_name + " " + std::to_string(atom.residue_number);
  };
  for (std::size_t n = 0; n < std::min(expected.size(), found.size()); ++n)
    if (describe(*expected[n]) != describe(*found[n]) || expected[n]->chain != found[n]->chain)
      throw engine::InputError(path + ":" + std::to_string(found[n]->line) + ": atom " +
                               std::to_string(n + 1) + " of model " + std::to_string(number) +
                               " is " + describe(*found[n]) + ", in model 1 it is " +
                               describe(*expected[n]));
  if (expected.size() != found.size())
    throw engine::InputError(path + ":" + std::to_string(found.back()->line) + ": model " +
                             std::to_string(number) + " has " + std::to_string(found.size()) +
                             " atoms, model 1 has " + std::to_string(expected.size()));
}

engine::CoordinateBatch collect_positions(const std::vector<PdbModel>& models,
                                          std::size_t n_atoms) {
  engine::CoordinateBatch positions(models.size(), n_atoms);
  std::size_t next = 0;
  for (const PdbModel& model : models)
    for (const PdbResidue& residue : model)
      for (const PdbAtomRecord& atom : residue.atoms)
        for (double value : atom.position_nm) positions.values()[next++] = value;
  return positions;
}

/// Masses of D and T, 0 for other atoms; empty when there are none.
std::vector<double> collect_isotopes(const PdbModel& model) {
  std::vector<double> masses;
  for (const PdbResidue& residue : model)
    for (const PdbAtomRecord& atom : residue.atoms) masses.push_back(isotope_mass_of_record(atom));
  const bool natural = std::all_of(masses.begin(), masses.end(), [](double m) { return m == 0.0; });
  return natural ? std::vector<double>() : masses;
}

/// "2+", "+2" or "1-"; nothing for other texts.
std::optional<int> charge_of(const std::string& text) {
  const std::size_t sign = text.find_first_of("+-");
  if (text.size() != 2 || sign == std::string::npos) return std::nullopt;
  const char digit = text[1 - sign];
  if (digit < '0' || digit > '9') return std::nullopt;
  return (text[sign] == '-' ? -1 : 1) * (digit - '0');
}

std::vector<PdbIonCharge> collect_ion_charges(const PdbModel& model) {
  std::vector<PdbIonCharge> charges;
  std::size_t first = 0;
  for (const PdbResidue& residue : model) {
    const PdbAtomRecord& atom = residue.atoms.front();
    const auto charge = residue.atoms.size() == 1 ? charge_of(atom.charge) : std::nullopt;
    if (charge) charges.push_back({first, *charge, atom.line});
    first += residue.atoms.size();
  }
  return charges;
}

/// Atoms without alternative that are not always there. All 0 means that a program had no numbers.
void note_occupancies(const std::string& path, const PdbModel& model,
                      std::vector<std::string>& notes) {
  constexpr double kWhole = 0.995;  // files have two decimals
  std::size_t n_partial = 0, line = 0;
  bool all_zero = true;
  for (const PdbResidue& residue : model)
    for (const PdbAtomRecord& atom : residue.atoms) {
      all_zero = all_zero && atom.occupancy == 0.0;
      if (atom.alternate_location != ' ' || atom.occupancy >= kWhole) continue;
      if (n_partial++ == 0) line = atom.line;
    }
  if (n_partial == 0 || all_zero) return;
  notes.push_back(path + ":" + std::to_string(line) + ": " +
                  (n_partial == 1
                       ? "an atom without alternate location has an occupancy below 1; it is"
                       : std::to_string(n_partial) + " atoms without alternate location, of which "
                                                     "this is the first, have an occupancy below "
                                                     "1; they are") +
                  " taken as fully occupied");
}

}  // namespace

PdbStructure read_pdb(const std::string& path) {
  PdbParser parser(path);
  PdbAlternates alternates;
  for (std::size_t n = parser.models.size(); n-- > 0;)
    // The last pass is the first model's, whose serial numbers CONECT records use.
    alternates = choose_alternates(path, parser.models[n]);
  const PdbModel& first = parser.models.front();
  for (std::size_t n = 1; n < parser.models.size(); ++n)
    check_same_atoms(path, first, parser.models[n], n + 1);
  PdbStructure result;
  result.topology = make_topology(path, first);
  result.positions = collect_positions(parser.models, result.topology.n_atoms());
  for (const PdbResidue& residue : first)
    for (const PdbAtomRecord& atom : residue.atoms) result.atom_lines.push_back(atom.line);
  result.isotope_masses = collect_isotopes(first);
  result.ion_charges = collect_ion_charges(first);
  result.box = parser.box;
  result.notes = std::move(parser.notes);
  if (!alternates.chosen.empty()) result.notes.push_back(describe_alternates(path, alternates));
  note_occupancies(path, first, result.notes);
  PdbConnections connections(first, std::move(alternates), result);
  for (const PdbLine& line : parser.connections) connections.add_connection(line);
  for (const PdbLine& line : parser.links) connections.add_link(line, line.link());
  for (const PdbLine& line : parser.disulfides) connections.add_link(line, line.disulfide());
  return result;
}

}  // namespace saltus::io
