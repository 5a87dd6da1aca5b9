#include "forcefields/ffxml/force_field_xml.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <system_error>

#include "engine/core/error.h"
#include "engine/system/elements.h"
#include "forcefields/ffxml/force_field_files.h"
#include "forcefields/ffxml/template_reader_detail.h"
#include "forcefields/ffxml/xml_detail.h"

namespace saltus::forcefields {

bool TypePattern::matches(const AtomType& type) const {
  if (kind == Kind::kAny) return true;
  return name == (kind == Kind::kType ? type.name : type.class_name);
}

bool TorsionDefinition::has_wildcard() const {
  return std::any_of(types.begin(), types.end(),
                     [](const TypePattern& p) { return p.kind == TypePattern::Kind::kAny; });
}

double AtomParameters::value(const std::string& name, const AtomType& type,
                             const TemplateAtom& atom, const std::string& section) const {
  const std::size_t index = atom.type;
  if (!known[index])
    throw engine::InputError("<" + section + "> has no parameters for atom type '" + type.name +
                             "'");
  const auto of_this_type = of_type[index].find(name);
  if (of_this_type != of_type[index].end()) return of_this_type->second;
  const auto of_atom = atom.parameters.find(name);
  if (of_atom == atom.parameters.end())
    throw engine::InputError("<" + section + "> takes '" + name +
                             "' from the residue template, but atom " + atom.name + " of type '" +
                             type.name + "' has none there");
  return of_atom->second;
}

/// Reads in passes over all files: types first, then templates, then parameters.
class ForceFieldXmlReader {
 public:
  ForceFieldXml read(const std::vector<std::string>& names,
                     const std::vector<std::string>& search_directories) {
    if (names.empty()) throw engine::InputError("no force-field file is named");
    for (const std::string& name : names) {
      result_.description_ += (result_.description_.empty() ? "" : " + ") + name;
      root_ = find_force_field_file(name, search_directories);
      open(root_, search_directories);
    }
    for_each_section([this](const XmlElement& section) { read_types(section); }, "AtomTypes");
    TemplateReader templates(type_index_, result_.atom_types_);
    for_each_section([&](const XmlElement& section) { templates.read(section); }, "Residues");
    result_.templates_ = templates.finish();
    for_each_section([this](const XmlElement& section) { read_bonds(section); },
                     "HarmonicBondForce");
    for_each_section([this](const XmlElement& section) { read_angles(section); },
                     "HarmonicAngleForce");
    for_each_section([this](const XmlElement& section) { read_torsions(section); },
                     "PeriodicTorsionForce");
    for_each_section([this](const XmlElement& section) { read_nonbonded(section); },
                     "NonbondedForce");
    for_each_section([this](const XmlElement& section) { read_generalized_born(section); },
                     "GBSAOBCForce");
    check_template_parameters();
    return std::move(result_);
  }

 private:
  /// Parses a file and, right after it, what it includes; each file once.
  void open(const std::string& path, const std::vector<std::string>& search_directories) {
    std::error_code failed;
    const std::filesystem::path canonical = std::filesystem::canonical(path, failed);
    if (failed) throw engine::FileError(path + ": " + failed.message());
    if (!opened_.insert(canonical.string()).second) return;
    result_.files_.push_back(path);
    files_.push_back(std::make_unique<XmlFile>(path));
    const XmlFile& file = *files_.back();
    const XmlElement root(file, file.root());
    if (root.tag() != "ForceField")
      root.fail("expected <ForceField> as the root of an OpenMM force-field file");
    // Names and versions of force fields; a rule for mixing parameters stands here in some files.
    root.allow_only({"name", "version"});
    for (const XmlElement& section : root.children()) check_section(section);
    for (const XmlElement& section : root.children()) {
      if (section.tag() != "Include") continue;
      section.allow_only({"file"});
      section.children_of({});
      try {
        open(included_file(section, canonical.string(), search_directories), search_directories);
      } catch (const engine::FileError& error) {
        throw engine::FileError(section.where() + ": <Include>: " + error.what());
      }
    }
  }

  std::string included_file(const XmlElement& section, const std::string& including,
                            const std::vector<std::string>& search_directories) const {
    try {
      return find_included_file(section.text("file"), including, root_, search_directories);
    } catch (const engine::InputError& error) {
      section.fail(error.what());
    }
  }

  static void check_section(const XmlElement& section) {
    static const std::set<std::string> kKnown = {"Include",
                                                 "Info",
                                                 "AtomTypes",
                                                 "Residues",
                                                 "HarmonicBondForce",
                                                 "HarmonicAngleForce",
                                                 "PeriodicTorsionForce",
                                                 "NonbondedForce",
                                                 "GBSAOBCForce"};
    static const std::set<std::string> kWithoutAttributes = {"AtomTypes", "HarmonicBondForce",
                                                             "HarmonicAngleForce"};
    if (kWithoutAttributes.count(section.tag()) > 0) section.allow_only({});
    if (kKnown.count(section.tag()) > 0) return;
    if (section.tag() == "Script" || section.tag() == "InitializationScript")
      section.fail(
          "Python scripts in force-field files are not run; for an implicit/*.xml file set "
          "implicit_solvent in the deck instead");
    section.fail(
        "this tag is not supported; make an OpenMM System XML of the molecule and read that "
        "instead");
  }

  template <class Reader>
  void for_each_section(const Reader& reader, const std::string& tag) {
    for (const auto& file : files_)
      for (const XmlElement& section : XmlElement(*file, file->root()).children())
        if (section.tag() == tag) reader(section);
  }

  void read_types(const XmlElement& section) {
    for (const XmlElement& element : section.children_of({"Type"})) {
      element.allow_only({"name", "class", "element", "mass"});
      element.children_of({});
      AtomType type;
      type.name = element.text("name");
      type.class_name = element.text("class");
      type.mass_dalton = element.number("mass");
      type.where = element.where();
      if (type.name.empty()) element.fail("attribute 'name' is empty");
      if (type.mass_dalton < 0.0) element.fail("attribute 'mass' is negative");
      if (element.has("element")) {
        type.atomic_number = engine::atomic_number_of(element.text("element"));
        if (type.atomic_number == 0)
          element.fail("'" + element.text("element") + "' is not the symbol of an element");
      }
      const auto [entry, is_new] = type_index_.emplace(type.name, result_.atom_types_.size());
      if (!is_new)
        element.fail("atom type '" + type.name + "' is defined already at " +
                     result_.atom_types_[entry->second].where);
      classes_.insert(type.class_name);
      result_.atom_types_.push_back(type);
    }
  }

  /// Pattern of one slot; nothing when no atom of the force field can match it.
  std::optional<TypePattern> pattern(const XmlElement& element, const std::string& suffix) const {
    const std::string type = "type" + suffix, class_name = "class" + suffix;
    if (element.has(type) == element.has(class_name))
      element.fail("expected either '" + type + "' or '" + class_name + "'");
    const bool by_type = element.has(type);
    const std::string name = element.text(by_type ? type : class_name);
    if (name.empty()) return TypePattern{};
    if (by_type ? type_index_.count(name) == 0 : classes_.count(name) == 0) return std::nullopt;
    return TypePattern{by_type ? TypePattern::Kind::kType : TypePattern::Kind::kClass, name};
  }

  template <std::size_t N>
  bool read_patterns(const XmlElement& element, std::array<TypePattern, N>& types) const {
    bool usable = true;
    for (std::size_t n = 0; n < N; ++n) {
      const auto slot = pattern(element, std::to_string(n + 1));
      if (slot) types[n] = *slot;
      usable = usable && slot.has_value();
    }
    return usable;
  }

  void read_bonds(const XmlElement& section) {
    for (const XmlElement& element : section.children_of({"Bond"})) {
      element.allow_only({"type1", "type2", "class1", "class2", "length", "k"});
      element.children_of({});
      BondDefinition bond;
      const bool usable = read_patterns(element, bond.types);
      bond.length_nm = element.number("length");
      bond.k = element.number("k");
      if (usable) result_.bonds_.push_back(bond);
    }
  }

  void read_angles(const XmlElement& section) {
    for (const XmlElement& element : section.children_of({"Angle"})) {
      element.allow_only({"type1", "type2", "type3", "class1", "class2", "class3", "angle", "k"});
      element.children_of({});
      AngleDefinition angle;
      const bool usable = read_patterns(element, angle.types);
      angle.angle_rad = element.number("angle");
      angle.k = element.number("k");
      if (usable) result_.angles_.push_back(angle);
    }
  }

  void read_torsions(const XmlElement& section) {
    ImproperOrdering ordering = ImproperOrdering::kDefault;
    section.allow_only({"ordering"});
    if (section.has("ordering")) {
      const std::string name = section.text("ordering");
      if (name == "amber")
        ordering = ImproperOrdering::kAmber;
      else if (name != "default")
        section.fail("ordering '" + name + "' is not supported, expected default or amber");
    }
    for (const XmlElement& element : section.children_of({"Proper", "Improper"})) {
      element.children_of({});
      TorsionDefinition torsion;
      torsion.ordering = ordering;
      const bool usable = read_patterns(element, torsion.types);
      torsion.terms = read_terms(element);
      if (!usable) continue;
      (element.tag() == "Proper" ? result_.propers_ : result_.impropers_).push_back(torsion);
    }
  }

  /// periodicity1, phase1, k1, periodicity2 ... without gaps; nothing else but types. Terms without
  /// force constant may have the periodicity 0 (amberfb15 has such).
  static std::vector<TorsionTerm> read_terms(const XmlElement& element) {
    constexpr std::size_t kTypeSlots = 4;
    std::vector<TorsionTerm> terms;
    for (std::size_t n = 1; element.has("phase" + std::to_string(n)); ++n) {
      const std::string suffix = std::to_string(n);
      TorsionTerm term;
      term.periodicity = element.integer("periodicity" + suffix);
      term.phase_rad = element.number("phase" + suffix);
      term.k = element.number("k" + suffix);
      if (term.periodicity < 1 && term.k != 0.0)
        element.fail("attribute 'periodicity" + suffix + "' is " +
                     std::to_string(term.periodicity) + ", expected 1 or more");
      terms.push_back(term);
    }
    if (terms.empty()) element.fail("attribute 'phase1' is missing");
    if (element.attribute_names().size() != kTypeSlots + 3 * terms.size())
      element.fail("expected four types or classes and periodicity, phase and k of terms 1 to " +
                   std::to_string(terms.size()) + ", and nothing else");
    return terms;
  }

  void read_nonbonded(const XmlElement& section) {
    constexpr double kScaleTolerance = 1e-5;  // OpenMM's
    section.allow_only({"coulomb14scale", "lj14scale", "useDispersionCorrection"});
    const double coulomb = section.number("coulomb14scale");
    const double lennard_jones = section.number("lj14scale");
    if (!result_.nonbonded_) {
      result_.nonbonded_.emplace();
      result_.nonbonded_->coulomb_14_scale = coulomb;
      result_.nonbonded_->lennard_jones_14_scale = lennard_jones;
      result_.nonbonded_->where = section.where();
    }
    NonbondedSection& nonbonded = *result_.nonbonded_;
    if (section.has("useDispersionCorrection")) {
      const bool correction = section.flag("useDispersionCorrection");
      if (nonbonded.long_range_correction.value_or(correction) != correction)
        section.fail(
            "useDispersionCorrection differs from that of another file; these force "
            "fields do not belong together");
      nonbonded.long_range_correction = correction;
    }
    if (std::abs(nonbonded.coulomb_14_scale - coulomb) > kScaleTolerance ||
        std::abs(nonbonded.lennard_jones_14_scale - lennard_jones) > kScaleTolerance)
      section.fail("coulomb14scale or lj14scale differ from those at " + nonbonded.where +
                   "; these force fields do not belong together");
    read_atom_parameters(section, {"charge", "sigma", "epsilon"}, nonbonded.parameters);
  }

  void read_generalized_born(const XmlElement& section) {
    section.allow_only({});
    if (!result_.generalized_born_) result_.generalized_born_.emplace();
    read_atom_parameters(section, {"charge", "radius", "scale"}, *result_.generalized_born_);
  }

  void read_atom_parameters(const XmlElement& section, std::vector<std::string> names,
                            AtomParameters& parameters) {
    parameters.of_type.resize(result_.atom_types_.size());
    parameters.known.resize(result_.atom_types_.size(), false);
    std::vector<XmlElement> atoms;
    for (const XmlElement& element : section.children_of({"Atom", "UseAttributeFromResidue"})) {
      if (element.tag() == "Atom") {
        atoms.push_back(element);
        continue;
      }
      element.allow_only({"name"});
      element.children_of({});
      from_residues_.insert(element.text("name"));
      const auto found = std::find(names.begin(), names.end(), element.text("name"));
      if (found == names.end())
        element.fail("'" + element.text("name") + "' is not a parameter of <" + section.tag() +
                     ">, or is named twice");
      names.erase(found);
    }
    for (const XmlElement& element : atoms) read_atom(element, names, parameters);
  }

  void read_atom(const XmlElement& element, const std::vector<std::string>& names,
                 AtomParameters& parameters) const {
    std::map<std::string, double> values;
    element.children_of({});
    for (const std::string& name : names) values[name] = element.number(name);
    if (element.attribute_names().size() != names.size() + 1)
      element.fail(
          "expected a type or class and nothing else but what the section takes from "
          "here: its other parameters come from the residues");
    const auto slot = pattern(element, "");
    if (!slot) return;
    for (std::size_t type = 0; type < result_.atom_types_.size(); ++type) {
      if (!slot->matches(result_.atom_types_[type])) continue;
      if (parameters.known[type] && parameters.of_type[type] != values)
        element.fail("atom type '" + result_.atom_types_[type].name +
                     "' has other parameters already");
      parameters.of_type[type] = values;
      parameters.known[type] = true;
    }
  }

  /// Numbers of template atoms that no section takes from there would have no effect.
  void check_template_parameters() const {
    if (!result_.nonbonded_) return;
    for (const ResidueTemplate& residue : result_.templates_)
      for (const TemplateAtom& atom : residue.atoms)
        for (const auto& [name, value] : atom.parameters)
          if (from_residues_.count(name) == 0)
            throw engine::InputError(residue.where + ": <Residue>: attribute '" + name +
                                     "' of atom " + atom.name + " of residue " + residue.name +
                                     " has no effect: no force takes it from residues "
                                     "(<UseAttributeFromResidue name=\"" +
                                     name + "\"/>)");
  }

  ForceFieldXml result_;
  std::vector<std::unique_ptr<XmlFile>> files_;
  std::string root_;  ///< the file named by the caller that is being read
  std::set<std::string> opened_;
  std::map<std::string, std::size_t> type_index_;
  std::set<std::string> classes_;
  std::set<std::string> from_residues_;  ///< parameters that some force takes from templates
};

ForceFieldXml ForceFieldXml::read(const std::vector<std::string>& names,
                                  const std::vector<std::string>& search_directories) {
  return ForceFieldXmlReader().read(names, search_directories);
}

}  // namespace saltus::forcefields
