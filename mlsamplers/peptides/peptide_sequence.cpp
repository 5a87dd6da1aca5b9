#include "mlsamplers/peptides/peptide_sequence.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/system/elements.h"
#include "engine/system/internal_coordinates.h"
#include "mlsamplers/peptides/residue_template.h"

namespace saltus::mlsamplers {

namespace {

[[noreturn]] void bad_sequence(const std::string& text, const std::string& what) {
  throw engine::InputError("sequence '" + text + "': " + what +
                           "; expected letters such as ADK, or names such as ACE-ALA-HIP-NME of " +
                           supported_residues());
}

std::string name_of_letter(char letter) {
  for (const ResidueTemplate& residue : residue_templates())
    if (residue.letter == letter && residue.place == ChainPlace::kMiddle) return residue.name;
  return "";
}

bool is_known(const std::string& name) {
  const auto& all = residue_templates();
  return std::any_of(all.begin(), all.end(),
                     [&](const ResidueTemplate& residue) { return residue.name == name; });
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  if (text.find('-') == std::string::npos && !is_known(text)) {
    for (const char letter : text) {
      words.push_back(name_of_letter(letter));
      if (words.back().empty())
        bad_sequence(text, std::string("'") + letter + "' is no amino acid");
    }
    return words;
  }
  std::istringstream parts(text);
  for (std::string word; std::getline(parts, word, '-');)
    words.push_back(word == "HIS" ? "HIE" : word);
  return words;
}

/// Atoms whose bonds close rings: no row stands for these bonds.
std::vector<std::pair<std::string, std::string>> closing_bonds(const std::string& pdb_name) {
  if (pdb_name == "PRO" || pdb_name == "HYP") return {{"CG", "CD"}};
  if (pdb_name == "HIS") return {{"CE1", "NE2"}};
  if (pdb_name == "PHE" || pdb_name == "TYR") return {{"CE2", "CZ"}};
  if (pdb_name == "TRP") return {{"NE1", "CE2"}, {"CZ3", "CH2"}};
  return {};
}

/// Element of an atom of amino acids, by its name.
int element_of(const std::string& name) { return engine::atomic_number_of(name.substr(0, 1)); }

/// PDB files call the first hydrogen of a charged end H.
std::string pdb_atom_name(const ResidueTemplate& residue, const std::string& name) {
  return residue.place == ChainPlace::kFirst && !residue.is_cap && name == "H1" ? "H" : name;
}

class SequenceBuilder {
 public:
  explicit SequenceBuilder(const std::vector<std::string>& names) {
    for (const std::string& name : names)
      templates_.push_back(&residue_templates()[template_index(name)]);
  }

  BuiltPeptide build() {
    check_places();
    for (std::size_t r = 0; r < templates_.size(); ++r) add_atoms(r);
    for (std::size_t r = 0; r < templates_.size(); ++r) add_rows(r);
    BuiltPeptide result = {std::move(topology_), engine::CoordinateBatch(1, z_.n_atoms())};
    std::vector<double> q = bonds_;
    q.insert(q.end(), angles_.begin(), angles_.end());
    q.insert(q.end(), torsions_.begin(), torsions_.end());
    double log_jacobian = 0.0;
    engine::internal_to_cartesian(z_, q, result.positions.values(), {&log_jacobian, 1});
    return result;
  }

 private:
  void check_places() const {
    const std::size_t n = templates_.size();
    if (n < 2) throw engine::InputError("a peptide has at least two residues, caps included");
    for (std::size_t r = 0; r < n; ++r) {
      const ChainPlace wanted = r == 0       ? ChainPlace::kFirst
                                : r + 1 == n ? ChainPlace::kLast
                                             : ChainPlace::kMiddle;
      if (templates_[r]->place != wanted)
        throw engine::InputError("residue " + std::to_string(r + 1) + ": " + templates_[r]->name +
                                 " does not fit its place in the chain");
    }
  }

  void add_atoms(std::size_t r) {
    const ResidueTemplate& residue = *templates_[r];
    engine::Residue entry;
    entry.name = residue.pdb_name;
    entry.chain = "A";
    entry.number = static_cast<int>(r) + 1;
    topology_.residues.push_back(entry);
    atoms_.emplace_back();
    for (const std::string& name : residue.atoms()) {
      atoms_.back()[name] = topology_.atoms.size();
      topology_.atoms.push_back({pdb_atom_name(residue, name), element_of(name), r});
    }
    for (const auto& [first, second] : closing_bonds(residue.pdb_name))
      topology_.bonds.push_back({atoms_.back().at(first), atoms_.back().at(second)});
  }

  std::size_t atom_of(std::size_t r, const std::string& name) const {
    if (name.empty()) return 0;
    if (name[0] == '+') return atoms_[r + 1].at(name.substr(1));
    if (name[0] != '-') return atoms_[r].at(name);
    const std::string own = name.substr(1);
    return atoms_[r - 1].at(own == "CA" && atoms_[r - 1].count("CA") == 0 ? "CH3" : own);
  }

  void add_rows(std::size_t r) {
    for (const TemplateRow& row : templates_[r]->rows) {
      const std::size_t i = z_.rows.size();
      const engine::ZMatrixRow next = {atom_of(r, row.atom), atom_of(r, row.bond_to),
                                       atom_of(r, row.angle_to), atom_of(r, row.torsion_to),
                                       row.role == RowRole::kOffset};
      z_.rows.push_back(next);
      if (i >= 1) {
        bonds_.push_back(row.bond_nm);
        topology_.bonds.push_back({next.bond_to, next.atom});
      }
      if (i >= 2) angles_.push_back(row.angle_rad);
      if (i >= 3) torsions_.push_back(row.torsion_rad);
    }
  }

  std::vector<const ResidueTemplate*> templates_;
  std::vector<std::map<std::string, std::size_t>> atoms_;
  engine::Topology topology_;
  engine::ZMatrix z_;
  std::vector<double> bonds_, angles_, torsions_;
};

}  // namespace

std::vector<std::string> parse_sequence(const std::string& text) {
  std::vector<std::string> names = words_of(text);
  if (names.size() < 2) {
    const bool spells_name = is_known(text);
    bad_sequence(text, std::string("a peptide has at least two residues, caps included") +
                           (spells_name ? "; letters that spell the name of a residue are that "
                                          "residue, write three names for three of them"
                                        : ""));
  }
  const auto with_prefix = [&](std::string& name, const char* prefix) {
    if (name != "ACE" && name != "NME" && name != "NHE") name = prefix + name;
  };
  for (std::string& name : names)
    if (!is_known(name)) bad_sequence(text, "'" + name + "' is no residue that is supported");
  with_prefix(names.front(), "N");
  with_prefix(names.back(), "C");
  for (const std::string& name : {names.front(), names.back()})
    if (!is_known(name))
      bad_sequence(text, "there is no charged end '" + name +
                             "' in AMBER's force fields: cap that end (ACE first, NME or NHE " +
                             "last), or put the residue in the middle");
  return names;
}

void require_extended(const std::vector<std::string>& templates) {
  for (std::size_t r = 0; r < templates.size(); ++r)
    if (templates[r].find("CYX") != std::string::npos)
      throw engine::InputError("residue " + std::to_string(r + 1) + ", " + templates[r] +
                               ": an extended chain cannot close a disulfide bridge; write CYS, " +
                               "or take a structure that has the bridge");
}

std::string one_letter_sequence(const std::vector<std::string>& templates) {
  std::string letters;
  for (const std::string& name : templates) {
    const ResidueTemplate& residue = residue_templates()[template_index(name)];
    if (residue.letter == '\0') return "";
    letters += residue.letter;
  }
  return letters;
}

BuiltPeptide build_peptide(const std::vector<std::string>& templates) {
  return SequenceBuilder(templates).build();
}

}  // namespace saltus::mlsamplers
