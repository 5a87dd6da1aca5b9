#include "forcefields/ffxml/standard_bonds.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/core/error.h"
#include "engine/core/ordered_pair.h"
#include "forcefields/ffxml/force_field_files.h"
#include "forcefields/ffxml/xml_detail.h"

namespace saltus::forcefields {

namespace {

constexpr double kMaxDisulfideNm = 0.3;
constexpr double kMaxLinkNm = 0.25;

double distance_nm(engine::Span<const double> x, std::size_t i, std::size_t j) {
  const double dx = x[3 * i] - x[3 * j], dy = x[3 * i + 1] - x[3 * j + 1],
               dz = x[3 * i + 2] - x[3 * j + 2];
  return std::sqrt(dx * dx + dy * dy + dz * dz);
}

/// Adds bonds once each.
class BondCollector {
 public:
  explicit BondCollector(engine::Topology& topology) : topology_(topology) {
    for (const engine::Bond& bond : topology.bonds)
      known_.insert(engine::ordered_pair(bond.first, bond.second));
  }
  void add(std::size_t i, std::size_t j) {
    if (known_.insert(engine::ordered_pair(i, j)).second) topology_.bonds.push_back({i, j});
  }

 private:
  engine::Topology& topology_;
  std::set<std::pair<std::size_t, std::size_t>> known_;
};

/// Residue an end of a bond lies in: "-C" is atom C of the residue before, "+N" of the one after.
std::optional<std::size_t> residue_of_end(const engine::Topology& topology, std::size_t residue,
                                          char sign) {
  if (sign != '-' && sign != '+') return residue;
  if (sign == '-' ? residue == 0 : residue + 1 == topology.residues.size()) return std::nullopt;
  const std::size_t other = sign == '-' ? residue - 1 : residue + 1;
  if (topology.residues[other].chain_index != topology.residues[residue].chain_index)
    return std::nullopt;
  return other;
}

void check_link(const engine::Topology& topology, engine::Span<const double> positions,
                std::size_t i, std::size_t j) {
  if (topology.atoms[i].residue == topology.atoms[j].residue) return;
  const double distance = distance_nm(positions, i, j);
  if (distance <= kMaxLinkNm) return;
  throw engine::InputError(
      topology.describe_atom(i) + " and " + topology.describe_atom(j) +
      " should be bonded as neighbours in the chain but are " + std::to_string(distance) +
      " nm apart; if residues are missing between them, add them or put a TER record there");
}

XmlFile open_residues(const std::string& path) {
  XmlFile file(path);
  const XmlElement root(file, file.root());
  if (root.tag() != "Residues") root.fail("expected <Residues> as the root");
  return file;
}

/// Every attribute value of the atoms below `residue` names the standard atom.
void collect_atom_names(const XmlElement& residue, std::map<std::string, std::string>& names) {
  for (const XmlElement& atom : residue.children_of({"Atom"})) {
    const std::string standard = atom.text("name");
    for (const std::string& attribute : atom.attribute_names())
      names[atom.text(attribute)] = standard;
  }
}

}  // namespace

StandardBonds StandardBonds::read(const std::vector<std::string>& search_directories) {
  StandardBonds result;
  result.read_bonds(find_force_field_file("residues.xml", search_directories));
  result.read_names(find_force_field_file("pdbNames.xml", search_directories));
  return result;
}

void StandardBonds::read_bonds(const std::string& path) {
  const XmlFile file = open_residues(path);
  for (const XmlElement& residue : XmlElement(file, file.root()).children_of({"Residue"})) {
    auto& bonds = bonds_[residue.text("name")];
    for (const XmlElement& bond : residue.children_of({"Bond"})) {
      bonds.emplace_back(bond.text("from"), bond.text("to"));
      if (bonds.back().first.empty() || bonds.back().second.empty())
        bond.fail("an atom name is empty");
    }
  }
}

void StandardBonds::read_names(const std::string& path) {
  const XmlFile file = open_residues(path);
  const auto residues = XmlElement(file, file.root()).children_of({"Residue"});
  // The entries All, Protein and Nucleic hold names common to many residues.
  std::map<std::string, Names> common;
  for (const XmlElement& residue : residues) {
    const std::string name = residue.text("name");
    if (name == "All" || name == "Protein" || name == "Nucleic")
      collect_atom_names(residue, common[name]);
  }
  for (const auto& [alias, standard] : common["All"])
    common["Protein"][alias] = common["Nucleic"][alias] = standard;
  for (const XmlElement& residue : residues) {
    const std::string name = residue.text("name");
    for (const std::string& attribute : residue.attribute_names())
      if (attribute == "name" || attribute.rfind("alt", 0) == 0)
        residue_names_[residue.text(attribute)] = name;
    const std::string type = residue.has("type") ? residue.text("type") : "All";
    Names names = common.count(type) > 0 ? common[type] : common["All"];
    collect_atom_names(residue, names);
    atom_names_[name] = std::move(names);
  }
  // Heavy water, which OpenMM's list lacks.
  if (residue_names_.count("HOH") > 0) residue_names_["DOD"] = "HOH";
}

std::string StandardBonds::standard_residue_name(const std::string& name) const {
  const auto found = residue_names_.find(name);
  return found == residue_names_.end() ? name : found->second;
}

std::string StandardBonds::standard_atom_name(const std::string& standard_residue,
                                              const std::string& name) const {
  const auto names = atom_names_.find(standard_residue);
  if (names == atom_names_.end()) return name;
  const auto found = names->second.find(name);
  return found == names->second.end() ? name : found->second;
}

std::string StandardBonds::standard_name_of(const std::string& standard_residue,
                                            const engine::Atom& atom) const {
  constexpr int kHydrogen = 1;
  const auto names = atom_names_.find(standard_residue);
  if (names == atom_names_.end()) return atom.name;
  const std::size_t letter = atom.name.find_first_not_of("0123456789");
  // Deuterium is called like the hydrogen in its place, with another first letter.
  const bool isotope = atom.atomic_number == kHydrogen && letter != std::string::npos &&
                       (atom.name[letter] == 'D' || atom.name[letter] == 'T') &&
                       names->second.count(atom.name) == 0;
  std::string name = atom.name;
  if (isotope) name[letter] = 'H';
  return standard_atom_name(standard_residue, name);
}

std::vector<StandardBonds::AtomsByName> StandardBonds::atoms_by_name(
    const engine::Topology& topology) const {
  std::vector<AtomsByName> result(topology.residues.size());
  std::vector<std::string> residue_names;
  for (const engine::Residue& residue : topology.residues)
    residue_names.push_back(standard_residue_name(residue.name));
  for (std::size_t atom = 0; atom < topology.n_atoms(); ++atom) {
    const std::size_t residue = topology.atoms[atom].residue;
    if (bonds_.count(residue_names[residue]) == 0) continue;
    const std::string name = standard_name_of(residue_names[residue], topology.atoms[atom]);
    const auto [entry, is_new] = result[residue].emplace(name, atom);
    if (!is_new)
      throw engine::InputError(topology.describe_residue(residue) + " has two atoms named " + name +
                               ": " + topology.atoms[entry->second].name + " (atom " +
                               std::to_string(entry->second + 1) + ") and " +
                               topology.atoms[atom].name + " (atom " + std::to_string(atom + 1) +
                               "); standard bonds need distinct names");
  }
  return result;
}

void StandardBonds::add_to(engine::Topology& topology, engine::Span<const double> positions) const {
  if (positions.size() != 3 * topology.n_atoms())
    throw engine::InternalError("standard bonds: positions do not fit the topology");
  const std::vector<AtomsByName> atoms = atoms_by_name(topology);
  const auto atom_at = [&](std::size_t residue,
                           const std::string& name) -> std::optional<std::size_t> {
    const auto where = residue_of_end(topology, residue, name.front());
    if (!where) return std::nullopt;
    const bool is_link = name.front() == '-' || name.front() == '+';
    const auto found = atoms[*where].find(is_link ? name.substr(1) : name);
    if (found == atoms[*where].end()) return std::nullopt;
    return found->second;
  };
  BondCollector collector(topology);
  for (std::size_t residue = 0; residue < topology.residues.size(); ++residue) {
    const auto bonds = bonds_.find(standard_residue_name(topology.residues[residue].name));
    if (bonds == bonds_.end()) continue;
    for (const auto& [from, to] : bonds->second) {
      const auto first = atom_at(residue, from), second = atom_at(residue, to);
      if (!first || !second) continue;
      check_link(topology, positions, *first, *second);
      collector.add(*first, *second);
    }
  }
  add_disulfide_bonds(topology, positions, atoms);
}

void StandardBonds::add_disulfide_bonds(engine::Topology& topology,
                                        engine::Span<const double> positions,
                                        const std::vector<AtomsByName>& atoms) const {
  // SG atoms that could close a bridge, and those that have one from the file.
  std::vector<std::size_t> free_sulfurs;
  std::set<std::size_t> all_sulfurs, bridged;
  for (std::size_t residue = 0; residue < topology.residues.size(); ++residue) {
    if (standard_residue_name(topology.residues[residue].name) != "CYS") continue;
    const auto sulfur = atoms[residue].find("SG");
    if (sulfur == atoms[residue].end()) continue;
    all_sulfurs.insert(sulfur->second);
    if (atoms[residue].count("HG") == 0) free_sulfurs.push_back(sulfur->second);
  }
  for (const engine::Bond& bond : topology.bonds)
    if (all_sulfurs.count(bond.first) > 0 && all_sulfurs.count(bond.second) > 0)
      bridged.insert({bond.first, bond.second});
  // Each takes the nearest free one before it.
  for (std::size_t i = 0; i < free_sulfurs.size(); ++i) {
    if (bridged.count(free_sulfurs[i]) > 0) continue;
    double nearest = kMaxDisulfideNm;
    std::optional<std::size_t> partner;
    for (std::size_t j = 0; j < i; ++j) {
      const double distance = distance_nm(positions, free_sulfurs[i], free_sulfurs[j]);
      if (distance < nearest && bridged.count(free_sulfurs[j]) == 0) {
        nearest = distance;
        partner = free_sulfurs[j];
      }
    }
    if (!partner) continue;
    topology.bonds.push_back({*partner, free_sulfurs[i]});
    bridged.insert({*partner, free_sulfurs[i]});
  }
}

}  // namespace saltus::forcefields
