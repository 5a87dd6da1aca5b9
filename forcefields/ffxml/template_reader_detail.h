#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/ffxml/residue_template.h"
#include "forcefields/ffxml/xml_detail.h"

namespace saltus::forcefields {

/// Reads <Residues> sections. A template of a higher `override` level replaces one of the same
/// name.
class TemplateReader {
 public:
  TemplateReader(const std::map<std::string, std::size_t>& type_index,
                 const std::vector<AtomType>& atom_types)
      : type_index_(type_index), atom_types_(atom_types) {}

  /// @throws InputError  with file and line
  void read(const XmlElement& section);
  std::vector<ResidueTemplate> finish() { return std::move(templates_); }

 private:
  ResidueTemplate read_template(const XmlElement& element) const;
  TemplateAtom read_atom(const XmlElement& element) const;
  void read_site(const XmlElement& element, ResidueTemplate& residue) const;
  void add(const XmlElement& element, ResidueTemplate candidate);

  const std::map<std::string, std::size_t>& type_index_;
  const std::vector<AtomType>& atom_types_;
  std::vector<ResidueTemplate> templates_;
};

}  // namespace saltus::forcefields
