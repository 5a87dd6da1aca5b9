#include <algorithm>

#include "forcefields/ffxml/template_reader_detail.h"

namespace saltus::forcefields {

namespace {

/// The atom a bond refers to, by name or by index (counted from 0).
std::size_t atom_of(const XmlElement& bond, const std::string& by_name, const std::string& by_index,
                    const ResidueTemplate& residue) {
  if (bond.has(by_name) == bond.has(by_index))
    bond.fail("expected either '" + by_name + "' or '" + by_index + "'");
  if (bond.has(by_index)) return bond.index(by_index, residue.atoms.size());
  const std::string name = bond.text(by_name);
  for (std::size_t n = 0; n < residue.atoms.size(); ++n)
    if (residue.atoms[n].name == name) return n;
  bond.fail("residue " + residue.name + " has no atom '" + name + "'");
}

void read_bond(const XmlElement& element, ResidueTemplate& residue) {
  element.allow_only({"from", "to", "atomName1", "atomName2"});
  const std::size_t first = atom_of(element, "atomName1", "from", residue);
  const std::size_t second = atom_of(element, "atomName2", "to", residue);
  if (first == second) element.fail("an atom is bonded to itself");
  std::vector<std::size_t>& partners = residue.atoms[first].bonded_to;
  if (std::find(partners.begin(), partners.end(), second) != partners.end())
    element.fail("this bond is given twice");
  partners.push_back(second);
  residue.atoms[second].bonded_to.push_back(first);
}

}  // namespace

void TemplateReader::read(const XmlElement& section) {
  section.allow_only({});
  for (const XmlElement& element : section.children_of({"Residue"}))
    add(element, read_template(element));
}

ResidueTemplate TemplateReader::read_template(const XmlElement& element) const {
  element.allow_only({"name", "override", "rigidWater"});
  ResidueTemplate residue;
  residue.name = element.text("name");
  residue.where = element.where();
  if (element.has("override")) residue.override_level = element.integer("override");
  if (element.has("rigidWater")) residue.rigid_water = element.flag("rigidWater");
  const std::vector<XmlElement> parts = element.children_of({"Atom", "Bond", "ExternalBond"});
  for (const XmlElement& part : parts) {
    part.children_of({});
    if (part.tag() != "Atom") continue;
    residue.atoms.push_back(read_atom(part));
    const std::string& name = residue.atoms.back().name;
    for (std::size_t n = 0; n + 1 < residue.atoms.size(); ++n)
      if (residue.atoms[n].name == name)
        part.fail("residue " + residue.name + " has two atoms named '" + name + "'");
  }
  if (residue.atoms.empty()) element.fail("residue " + residue.name + " has no atoms");
  for (const XmlElement& part : parts) {
    if (part.tag() == "Bond") read_bond(part, residue);
    if (part.tag() == "ExternalBond") {
      part.allow_only({"from", "atomName"});
      ++residue.atoms[atom_of(part, "atomName", "from", residue)].external_bonds;
    }
  }
  return residue;
}

TemplateAtom TemplateReader::read_atom(const XmlElement& element) const {
  TemplateAtom atom;
  atom.name = element.text("name");
  const std::string type = element.text("type");
  const auto found = type_index_.find(type);
  if (found == type_index_.end())
    element.fail("atom type '" + type + "' is not defined in any <AtomTypes>");
  atom.type = found->second;
  atom.atomic_number = atom_types_[atom.type].atomic_number;
  for (const std::string& name : element.attribute_names())
    if (name != "name" && name != "type") atom.parameters[name] = element.number(name);
  return atom;
}

void TemplateReader::add(const XmlElement& element, ResidueTemplate candidate) {
  const auto same_name = [&](const ResidueTemplate& other) { return other.name == candidate.name; };
  const auto existing = std::find_if(templates_.begin(), templates_.end(), same_name);
  if (existing == templates_.end()) {
    templates_.push_back(std::move(candidate));
    return;
  }
  if (candidate.override_level < existing->override_level) return;
  if (candidate.override_level == existing->override_level)
    element.fail("residue " + candidate.name + " is defined already at " + existing->where +
                 " with the same override level");
  templates_.erase(existing);
  templates_.push_back(std::move(candidate));
}

}  // namespace saltus::forcefields
