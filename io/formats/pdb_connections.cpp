#include "io/formats/pdb_connections.h"

#include <algorithm>
#include <cmath>

namespace saltus::io {

namespace {

// A bond between atoms that are left out is one of those in their place only when it can be.
constexpr double kMaxCopiedBondNm = 0.25;

std::string name_key(const std::string& chain, int number, const std::string& insertion_code,
                     const std::string& name) {
  return chain + "|" + std::to_string(number) + "|" + insertion_code + "|" + name;
}

std::string name_key(const PdbAtomName& atom) {
  return name_key(atom.chain, atom.residue_number, atom.insertion_code, atom.name);
}

bool is_nonmetal(int element) {
  // H, He, B to Ne, Si to Ar, As to Kr, Te to Xe
  return element <= 2 || (element >= 5 && element <= 10) || (element >= 14 && element <= 18) ||
         (element >= 33 && element <= 36) || (element >= 52 && element <= 54);
}

}  // namespace

PdbConnections::PdbConnections(const PdbModel& model, PdbAlternates alternates,
                               PdbStructure& result)
    : alternates_(std::move(alternates)), result_(result) {
  std::size_t index = 0;
  for (const PdbResidue& residue : model) {
    residue_sizes_.push_back(residue.atoms.size());
    for (const PdbAtomRecord& atom : residue.atoms) {
      if (!by_serial_.emplace(atom.serial, index).second) ambiguous_.insert(atom.serial);
      by_name_[name_key(atom.chain, atom.residue_number, atom.insertion_code, atom.name)].push_back(
          index);
      letters_.push_back(atom.alternate_location);
      ++index;
    }
  }
}

std::size_t PdbConnections::atom_of_serial(const PdbLine& line, const std::string& written) const {
  const auto replaced = alternates_.replaced_by.find(written);
  const std::string& serial =
      replaced == alternates_.replaced_by.end() ? written : replaced->second;
  const auto found = by_serial_.find(serial);
  if (found == by_serial_.end()) {
    if (alternates_.left_out.count(written) > 0) return kNone;
    line.fail("the CONECT record names atom " + written + ", which the file does not have");
  }
  if (ambiguous_.count(serial) > 0)
    line.fail("the CONECT record names atom " + written +
              ", but more than one atom has this serial number");
  return found->second;
}

void PdbConnections::add_connection(const PdbLine& line) {
  const std::vector<std::string> serials = line.connected_serials();
  const std::size_t first = atom_of_serial(line, serials.front());
  for (std::size_t n = 1; n < serials.size(); ++n) {
    const std::size_t second = atom_of_serial(line, serials[n]);
    if (serials[n] == serials.front())
      line.fail("the CONECT record bonds atom " + serials[n] + " to itself");
    // Equal atoms are two alternate locations of one.
    if (first == kNone || second == kNone || first == second) continue;
    const bool copied = is_left_out(serials.front()) || is_left_out(serials[n]);
    if (copied && distance_nm(first, second) > kMaxCopiedBondNm) continue;
    if (is_metal_ion(first) != is_metal_ion(second)) {
      note_coordination(line, first, second);
      continue;
    }
    add_bond(first, second, line);
  }
}

void PdbConnections::add_link(const PdbLine& line, const PdbLink& link) {
  if (!link.same_copy) return note(line, link, "is one to a symmetry copy of the molecule");
  std::size_t atoms[2] = {kNone, kNone};
  const PdbAtomName* const names[] = {&link.first, &link.second};
  for (std::size_t n = 0; n < 2; ++n) {
    const auto found = by_name_.find(name_key(*names[n]));
    if (found == by_name_.end())
      return note(line, link, "names " + names[n]->describe() + ", which the file does not have");
    if (found->second.size() > 1)
      return note(line, link,
                  "names " + names[n]->describe() + ", but more than one atom is called so");
    atoms[n] = found->second.front();
    const char kept = letters_[atoms[n]], written = names[n]->alternate_location;
    if (written != ' ' && kept != ' ' && kept != written) return;  // of a location left out
  }
  if (atoms[0] == atoms[1]) line.fail("the " + line.record() + " record bonds an atom to itself");
  if (is_metal_ion(atoms[0]) || is_metal_ion(atoms[1]))
    return note_coordination(line, atoms[0], atoms[1]);
  add_bond(atoms[0], atoms[1], line);
}

bool PdbConnections::is_metal_ion(std::size_t atom) const {
  const engine::Atom& entry = result_.topology.atoms[atom];
  return residue_sizes_[entry.residue] == 1 && !is_nonmetal(entry.atomic_number);
}

double PdbConnections::distance_nm(std::size_t i, std::size_t j) const {
  const auto x = result_.positions.chain(0);
  return std::hypot(x[3 * i] - x[3 * j], x[3 * i + 1] - x[3 * j + 1], x[3 * i + 2] - x[3 * j + 2]);
}

void PdbConnections::add_bond(std::size_t first, std::size_t second, const PdbLine& line) {
  if (!seen_.insert(std::minmax(first, second)).second) return;
  result_.topology.bonds.push_back({first, second});
  result_.bond_sources.push_back(line.where() + ": the " + line.record() + " record");
}

void PdbConnections::note_coordination(const PdbLine& line, std::size_t first, std::size_t second) {
  if (!seen_.insert(std::minmax(first, second)).second) return;
  result_.notes.push_back(line.where() + ": the " + line.record() + " record of " +
                          result_.topology.describe_atom(first) + " and " +
                          result_.topology.describe_atom(second) +
                          " is the coordination of a metal ion, no bond of a force field; it makes "
                          "no bond");
}

void PdbConnections::note(const PdbLine& line, const PdbLink& link, const std::string& why) {
  result_.notes.push_back(line.where() + ": the " + line.record() + " record of " +
                          link.first.describe() + " and " + link.second.describe() + " " + why +
                          "; it makes no bond");
}

}  // namespace saltus::io
