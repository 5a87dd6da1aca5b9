#include <algorithm>

#include "forcefields/ffxml/template_reader_detail.h"

namespace saltus::forcefields {

namespace {

/// The atom a bond or a virtual site refers to, by name or by index (counted from 0).
std::size_t atom_of(const XmlElement& element, const std::string& by_name,
                    const std::string& by_index, const ResidueTemplate& residue) {
  if (element.has(by_name) == element.has(by_index))
    element.fail("expected either '" + by_name + "' or '" + by_index + "'");
  if (element.has(by_index)) return element.index(by_index, residue.atoms.size());
  const std::string name = element.text(by_name);
  for (std::size_t n = 0; n < residue.atoms.size(); ++n)
    if (residue.atoms[n].name == name) return n;
  element.fail("residue " + residue.name + " has no atom '" + name + "'");
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

/// Parents and numbers of one <VirtualSite>, and the names of the attributes they are in.
class SiteReader {
 public:
  SiteReader(const XmlElement& element, const ResidueTemplate& residue)
      : element_(element), residue_(residue) {}

  TemplateSite read() {
    TemplateSite result;
    engine::VirtualSite& site = result.site;
    site.site = atom("siteName", "index");
    const std::string type = element_.text("type");
    if (type == "average2" || type == "average3") {
      site.kind = engine::VirtualSite::Kind::kAverage;
      read_parents(type == "average2" ? 2 : 3, site);
      for (std::size_t n = 1; n <= site.parents.size(); ++n)
        site.weights.push_back(number("weight" + std::to_string(n)));
    } else if (type == "outOfPlane") {
      site.kind = engine::VirtualSite::Kind::kOutOfPlane;
      read_parents(3, site);
      site.weights = {number("weight12"), number("weight13"), number("weightCross")};
    } else if (type == "localCoords") {
      site.kind = engine::VirtualSite::Kind::kLocalCoordinates;
      std::size_t n_parents = 0;
      while (element_.has("wo" + std::to_string(n_parents + 1))) ++n_parents;
      read_parents(n_parents, site);
      for (std::size_t n = 1; n <= n_parents; ++n) {
        const std::string suffix = std::to_string(n);
        site.weights.push_back(number("wo" + suffix));
        site.x_weights.push_back(number("wx" + suffix));
        site.y_weights.push_back(number("wy" + suffix));
      }
      site.local_position_nm = {number("p1"), number("p2"), number("p3")};
    } else {
      element_.fail("virtual sites of type '" + type +
                    "' are not supported, expected average2, average3, outOfPlane or localCoords");
    }
    known_.insert(known_.end(), {"type", "excludeWith"});
    element_.allow_only(known_);
    result.exclude_with = site.parents.empty() ? site.site : site.parents.front();
    if (element_.has("excludeWith"))
      result.exclude_with = element_.index("excludeWith", residue_.atoms.size());
    return result;
  }

 private:
  std::size_t atom(const std::string& by_name, const std::string& by_index) {
    known_.insert(known_.end(), {by_name, by_index});
    return atom_of(element_, by_name, by_index, residue_);
  }
  double number(const std::string& attribute) {
    known_.push_back(attribute);
    return element_.number(attribute);
  }
  void read_parents(std::size_t count, engine::VirtualSite& site) {
    for (std::size_t n = 1; n <= count; ++n)
      site.parents.push_back(atom("atomName" + std::to_string(n), "atom" + std::to_string(n)));
  }

  const XmlElement& element_;
  const ResidueTemplate& residue_;
  std::vector<std::string> known_;
};

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
  const std::vector<XmlElement> parts =
      element.children_of({"Atom", "Bond", "ExternalBond", "VirtualSite"});
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
    if (part.tag() == "VirtualSite") read_site(part, residue);
  }
  for (const TemplateSite& site : residue.sites)
    for (const TemplateSite& other : residue.sites)
      if (site.exclude_with == other.site.site)
        element.fail("residue " + residue.name + ": atom " + residue.atoms[site.site.site].name +
                     " has excludeWith " + residue.atoms[other.site.site].name +
                     ", a virtual site; expected an atom that is none");
  return residue;
}

void TemplateReader::read_site(const XmlElement& element, ResidueTemplate& residue) const {
  residue.sites.push_back(SiteReader(element, residue).read());
  std::vector<engine::VirtualSite> sites;
  for (const TemplateSite& site : residue.sites) sites.push_back(site.site);
  std::vector<double> masses;
  for (const TemplateAtom& atom : residue.atoms)
    masses.push_back(atom_types_[atom.type].mass_dalton);
  if (const std::string problem = engine::problem_of_sites(sites, masses); !problem.empty())
    element.fail("residue " + residue.name + ", " + problem);
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
