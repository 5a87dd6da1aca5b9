#include "forcefields/ffxml/template_mismatch.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/vec3.h"
#include "engine/system/elements.h"
#include "forcefields/ffxml/residue_template.h"

namespace saltus::forcefields {

namespace {

using ElementCounts = std::map<int, int>;

std::string element_list(const ElementCounts& counts) {
  std::string text;
  for (const auto& [element, count] : counts) {
    const std::string symbol = element == 0 ? "extra particle" : engine::element_symbol(element);
    text += (text.empty() ? "" : " and ") + std::to_string(count) + " " + symbol;
  }
  return text;
}

struct Difference {
  ElementCounts missing, extra;
  int n_heavy = 0, n_extra = 0, n_total = 0;
};

Difference compare(const ResidueGraph& residue, const ResidueTemplate& candidate) {
  constexpr int kHydrogen = 1;
  ElementCounts balance;
  for (const TemplateAtom& atom : candidate.atoms) ++balance[atom.atomic_number];
  for (int element : residue.atomic_numbers) --balance[element];
  Difference result;
  for (const auto& [element, count] : balance) {
    if (count > 0) result.missing[element] = count;
    if (count < 0) result.extra[element] = -count;
    result.n_extra += std::max(-count, 0);
    result.n_total += std::abs(count);
    if (element != kHydrogen) result.n_heavy += std::abs(count);
  }
  return result;
}

/// Names of the residue that the template lacks, when they explain the superfluous atoms exactly.
std::string extra_names(const engine::Topology& topology, const ResidueGraph& residue,
                        const ResidueTemplate& candidate, const Difference& difference) {
  std::set<std::string> known;
  for (const TemplateAtom& atom : candidate.atoms) known.insert(atom.name);
  ElementCounts counts;
  std::string text;
  for (std::size_t n = 0; n < residue.n_atoms(); ++n) {
    const std::string& name = topology.atoms[residue.first_atom + n].name;
    if (known.count(name) > 0) continue;
    ++counts[residue.atomic_numbers[n]];
    text += (text.empty() ? "" : ", ") + name;
  }
  return counts == difference.extra ? " (" + text + ")" : "";
}

/// Names of the template that the residue lacks, when they explain the missing atoms exactly.
std::string missing_names(const engine::Topology& topology, const ResidueGraph& residue,
                          const ResidueTemplate& candidate, const Difference& difference) {
  std::set<std::string> present;
  for (std::size_t n = 0; n < residue.n_atoms(); ++n)
    present.insert(topology.atoms[residue.first_atom + n].name);
  ElementCounts counts;
  std::string text;
  for (const TemplateAtom& atom : candidate.atoms)
    if (present.count(atom.name) == 0) {
      ++counts[atom.atomic_number];
      text += (text.empty() ? "" : ", ") + atom.name;
    }
  return counts == difference.missing ? " (" + text + ")" : "";
}

std::size_t count_bonds(const std::vector<std::vector<std::size_t>>& bonded_to) {
  std::size_t ends = 0;
  for (const auto& list : bonded_to) ends += list.size();
  return ends / 2;
}

/// "9 bonds inside, to other residues from N, SG"
std::string describe_bonds(std::size_t inside, const std::vector<std::string>& leaving) {
  std::string text = std::to_string(inside) + " bonds inside, ";
  if (leaving.empty()) return text + "none to other residues";
  text += "to other residues from ";
  for (std::size_t n = 0; n < leaving.size(); ++n) text += (n == 0 ? "" : ", ") + leaving[n];
  return text;
}

std::string describe_bonds(const ResidueTemplate& candidate) {
  std::vector<std::vector<std::size_t>> bonds;
  std::vector<std::string> leaving;
  for (const TemplateAtom& atom : candidate.atoms) {
    bonds.push_back(atom.bonded_to);
    leaving.insert(leaving.end(), atom.external_bonds, atom.name);
  }
  return describe_bonds(count_bonds(bonds), leaving);
}

std::string explain_bonds(const engine::Topology& topology, const ResidueGraph& graph,
                          const std::vector<ResidueTemplate>& templates) {
  std::vector<std::string> leaving;
  for (std::size_t n = 0; n < graph.n_atoms(); ++n)
    leaving.insert(leaving.end(), graph.external_bonds[n],
                   topology.atoms[graph.first_atom + n].name);
  std::string known;
  for (const ResidueTemplate& candidate : templates)
    if (compare(graph, candidate).n_total == 0)
      known +=
          (known.empty() ? "" : "; ") + candidate.name + " (" + describe_bonds(candidate) + ")";
  return "it has the atoms of " + known + ", but " +
         describe_bonds(count_bonds(graph.bonded_to), leaving) +
         "; is an end of the chain not capped, or a TER record missing or misplaced?";
}

bool has_no_bonds(const ResidueGraph& graph) {
  return graph.n_atoms() > 1 && count_bonds(graph.bonded_to) == 0;
}

/// The template whose atoms have the same names, for residues whose own name says nothing.
std::string describe_likeness(const engine::Topology& topology, const ResidueGraph& graph,
                              const std::vector<ResidueTemplate>& templates) {
  // The names of a handful of atoms say little.
  constexpr std::size_t kMinAtoms = 7;
  if (graph.n_atoms() < kMinAtoms) return "";
  std::set<std::string> names;
  for (std::size_t n = 0; n < graph.n_atoms(); ++n)
    names.insert(topology.atoms[graph.first_atom + n].name);
  for (const ResidueTemplate& candidate : templates) {
    std::set<std::string> known;
    for (const TemplateAtom& atom : candidate.atoms) known.insert(atom.name);
    if (known == names && candidate.atoms.size() == graph.n_atoms())
      return "; its atoms are called like those of " + candidate.name +
             ": if it is that residue, or its mirror image, give it that name";
  }
  return "";
}

/// Members of one of the two only.
template <class Container>
std::size_t count_differences(const Container& a, const Container& b) {
  std::vector<std::string> only_one;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(),
                                std::back_inserter(only_one));
  return only_one.size();
}

/// How little the names of atoms have in common with those of a template.
struct NameDistance {
  std::size_t heavy = 0;     ///< names of heavy atoms that one of the two has alone
  std::size_t external = 0;  ///< bonds to other residues that one has alone, of atoms in both
  bool is_known = false;     ///< at least half of the names of heavy atoms are common to both
};

NameDistance compare_names(const ResidueGraph& residue, const ResidueTemplate& candidate) {
  constexpr int kHydrogen = 1;
  const std::set<std::string> all(residue.names.begin(), residue.names.end());
  std::set<std::string> names, known;
  std::multiset<std::string> leaving, known_leaving;
  for (std::size_t n = 0; n < residue.n_atoms(); ++n) {
    if (residue.atomic_numbers[n] > kHydrogen) names.insert(residue.names[n]);
    for (std::size_t k = 0; k < residue.external_bonds[n]; ++k) leaving.insert(residue.names[n]);
  }
  for (const TemplateAtom& atom : candidate.atoms) {
    if (atom.atomic_number > kHydrogen) known.insert(atom.name);
    for (std::size_t k = 0; k < atom.external_bonds && all.count(atom.name) > 0; ++k)
      known_leaving.insert(atom.name);
  }
  NameDistance result{count_differences(names, known), count_differences(leaving, known_leaving),
                      false};
  const std::size_t common = (names.size() + known.size() - result.heavy) / 2;
  result.is_known = common > 0 && common >= result.heavy;
  return result;
}

/// Names of atoms without any bond in a residue that has some: bonds follow from names, and theirs
/// are not known, or the atom they belong to is missing.
std::vector<std::string> names_without_bonds(const ResidueGraph& graph) {
  std::vector<std::string> names;
  for (std::size_t n = 0; n < graph.n_atoms() && graph.n_atoms() > 1; ++n)
    if (graph.bonded_to[n].empty() && graph.external_bonds[n] == 0) names.push_back(graph.names[n]);
  return names;
}

bool has_name(const ResidueTemplate& candidate, const std::string& name) {
  return std::any_of(candidate.atoms.begin(), candidate.atoms.end(),
                     [&](const TemplateAtom& atom) { return atom.name == name; });
}

/// Atoms of the right elements, of which some have names that the template lacks; empty when all
/// names are known.
std::string explain_names(const ResidueGraph& graph, const ResidueTemplate& candidate) {
  std::string foreign, absent;
  for (const std::string& name : names_without_bonds(graph))
    if (!has_name(candidate, name)) foreign += (foreign.empty() ? "" : ", ") + name;
  if (foreign.empty()) return "";
  for (const TemplateAtom& atom : candidate.atoms)
    if (std::find(graph.names.begin(), graph.names.end(), atom.name) == graph.names.end())
      absent += (absent.empty() ? "" : ", ") + atom.name;
  return "the closest template is " + candidate.name + ": no bond leads to " + foreign +
         ", names that it does not have; missing are " + absent +
         "; give the atoms these names, or CONECT records";
}

std::string explain_mismatch(const engine::Topology& topology, std::size_t residue,
                             const ResidueGraph& graph,
                             const std::vector<ResidueTemplate>& templates) {
  if (has_no_bonds(graph))
    return "it has no bonds: only standard residues get them by name, others need CONECT records" +
           describe_likeness(topology, graph, templates);
  const std::string& name = topology.residues[residue].name;
  const ResidueTemplate* closest = nullptr;
  Difference best;
  const std::vector<std::string> loose = names_without_bonds(graph);
  const auto rank = [&](const ResidueTemplate& candidate, const Difference& difference) {
    // A residue without an O is no other amino acid that lacks hydrogens: where the names of heavy
    // atoms are those of a template, they decide, then the place in the chain, atoms that the
    // template lacks and the residue's name. Elsewhere fewest atoms to change; among equals a
    // template whose name contains the residue's.
    constexpr std::size_t kUnlike = std::numeric_limits<std::size_t>::max();
    NameDistance names = compare_names(graph, candidate);
    for (const std::string& atom : loose) names.heavy += has_name(candidate, atom) ? 0 : 1;
    const bool is_other_name = candidate.name.find(name) == std::string::npos;
    // What has just the atoms of a template has wrong bonds, not missing atoms.
    const bool same_atoms = names.is_known && names.heavy == 0 && difference.n_total == 0;
    return std::make_tuple(!same_atoms, names.is_known ? names.heavy : kUnlike, difference.n_heavy,
                           names.is_known ? names.external : 0,
                           names.is_known ? difference.n_extra : 0, names.is_known && is_other_name,
                           difference.n_total, is_other_name, candidate.name != name);
  };
  for (const ResidueTemplate& candidate : templates) {
    const Difference difference = compare(graph, candidate);
    if (closest == nullptr || rank(candidate, difference) < rank(*closest, best)) {
      closest = &candidate;
      best = difference;
    }
  }
  if (closest == nullptr) return "the force field has no templates";
  if (best.n_total == 0) {
    const std::string names = explain_names(graph, *closest);
    return names.empty() ? explain_bonds(topology, graph, templates) : names;
  }
  if (static_cast<std::size_t>(best.n_extra) == graph.n_atoms())
    return "the force field has nothing like it";
  std::string text = "the closest template is " + closest->name + ":";
  if (!best.missing.empty())
    text +=
        " missing " + element_list(best.missing) + missing_names(topology, graph, *closest, best);
  if (!best.extra.empty())
    text += std::string(best.missing.empty() ? "" : ",") + " too many by " +
            element_list(best.extra) + extra_names(topology, graph, *closest, best);
  if (best.n_heavy == 0 && best.extra.empty())
    text += "; add the missing hydrogens to the file first";
  const auto particles_alone = [](const ElementCounts& counts) {
    return counts.size() == 1 && counts.begin()->first == 0;
  };
  if (best.missing.empty() && particles_alone(best.extra))
    text +=
        "; take the force field of the model that the structure is of, or leave the particles out "
        "of the structure";
  if (best.extra.empty() && particles_alone(best.missing))
    text +=
        "; take the force field of the model that the structure is of, or add the particles to the "
        "structure";
  return text;
}

/// True when some template has as many atoms of each element.
bool has_known_atoms(const ResidueGraph& graph, const std::vector<ResidueTemplate>& templates) {
  return std::any_of(templates.begin(), templates.end(), [&](const ResidueTemplate& candidate) {
    return compare(graph, candidate).n_total == 0;
  });
}

bool fits_some(const ResidueGraph& graph, const std::vector<ResidueTemplate>& templates) {
  return std::any_of(templates.begin(), templates.end(), [&](const ResidueTemplate& candidate) {
    return match_template(graph, candidate).has_value();
  });
}

/// The same with bonds to other residues left out of account.
bool fits_inside(ResidueGraph graph, const std::vector<ResidueTemplate>& templates) {
  std::fill(graph.external_bonds.begin(), graph.external_bonds.end(), 0);
  return std::any_of(templates.begin(), templates.end(), [&](ResidueTemplate candidate) {
    if (candidate.atoms.size() != graph.n_atoms()) return false;
    for (TemplateAtom& atom : candidate.atoms) atom.external_bonds = 0;
    return match_template(graph, candidate).has_value();
  });
}

std::string distance_text(double nm) { return engine::fixed_text(nm, 3) + " nm"; }

/// Everything a refusal looks at.
class Blame {
 public:
  Blame(const engine::Topology& topology, const std::vector<std::size_t>& failed,
        const ForceFieldXml& force_field, const StructureHints& hints)
      : topology_(topology),
        failed_(failed),
        templates_(force_field.templates()),
        field_(force_field.description()),
        hints_(hints),
        graphs_(residue_graphs(topology)) {}

  [[noreturn]] void refuse() const {
    for (const std::size_t residue : failed_)
      if (has_no_bonds(graphs_[residue]) || !has_known_atoms(graphs_[residue], templates_))
        fail(residue, "");
    for (const std::size_t residue : failed_) check_records(residue);
    for (const std::size_t residue : failed_)
      if (!fits_inside(graphs_[residue], templates_)) fail(residue, "");
    fail(failed_.front(), describe_near_atoms(failed_.front()));
  }

 private:
  [[noreturn]] void fail(std::size_t residue, const std::string& more) const {
    throw engine::InputError(
        "no template of " + field_ + " matches " + describe_residue(residue) + ": " +
        explain_mismatch(topology_, residue, graphs_[residue], templates_) + more);
  }

  /// With the line of its first atom.
  std::string describe_residue(std::size_t residue) const {
    const std::string place = hints_.place_of(graphs_[residue].first_atom);
    return topology_.describe_residue(residue) + (place.empty() ? "" : " (" + place + ")");
  }

  std::size_t residue_of(std::size_t atom) const { return topology_.atoms[atom].residue; }

  bool is_at(const RecordedBond& bond, std::size_t residue) const {
    return residue_of(bond.first) == residue || residue_of(bond.second) == residue;
  }

  /// Refuses the record, or the records, without which the residue would fit.
  void check_records(std::size_t residue) const {
    std::vector<RecordedBond> records;
    for (const RecordedBond& bond : hints_.recorded_bonds)
      if (is_at(bond, residue)) records.push_back(bond);
    for (const RecordedBond& bond : records)
      if (fits_without({bond}, residue)) refuse_records({bond}, residue);
    if (records.size() > 1 && fits_without(records, residue)) refuse_records(records, residue);
  }

  bool fits_without(const std::vector<RecordedBond>& records, std::size_t residue) const {
    engine::Topology without = topology_;
    const auto is_one = [&](const engine::Bond& bond) {
      return std::any_of(records.begin(), records.end(), [&](const RecordedBond& record) {
        return std::minmax(bond.first, bond.second) == std::minmax(record.first, record.second);
      });
    };
    without.bonds.erase(std::remove_if(without.bonds.begin(), without.bonds.end(), is_one),
                        without.bonds.end());
    return fits_some(residue_graphs(without)[residue], templates_);
  }

  [[noreturn]] void refuse_records(const std::vector<RecordedBond>& records,
                                   std::size_t residue) const {
    const RecordedBond& bond = records.front();
    std::string text = bond.source + " bonds " + topology_.describe_atom(bond.first) + " and " +
                       topology_.describe_atom(bond.second);
    if (!hints_.positions_nm.empty())
      text += ", " +
              distance_text(
                  engine::atom_distance(hints_.positions_nm.data(), bond.first, bond.second)) +
              " apart";
    if (records.size() > 1)
      text += " (and " + std::to_string(records.size() - 1) + " more, the next " +
              records[1].source + ")";
    throw engine::InputError(text + "; with it no template of " + field_ + " matches " +
                             describe_residue(residue) +
                             ", without it one does: is the record wrong?");
  }

  /// Atoms of other residues at bonding distance that no bond leads to.
  std::string describe_near_atoms(std::size_t residue) const {
    if (hints_.positions_nm.empty()) return "";
    constexpr double kMaxRelativeLength = 1.2;  // times the sum of covalent radii
    constexpr int kHydrogen = 1;
    const auto neighbours = topology_.neighbours();
    std::string text;
    for (std::size_t i = graphs_[residue].first_atom;
         i < graphs_[residue].first_atom + graphs_[residue].n_atoms(); ++i)
      for (std::size_t j = 0; j < topology_.n_atoms(); ++j) {
        const int a = topology_.atoms[i].atomic_number, b = topology_.atoms[j].atomic_number;
        if (residue_of(j) == residue || a <= kHydrogen || b <= kHydrogen ||
            std::binary_search(neighbours[i].begin(), neighbours[i].end(), j))
          continue;
        const double distance = engine::atom_distance(hints_.positions_nm.data(), i, j);
        if (distance <
            kMaxRelativeLength * (engine::covalent_radius_nm(a) + engine::covalent_radius_nm(b)))
          text += "; " + topology_.describe_atom(i) + " and " + topology_.describe_atom(j) +
                  " are " + distance_text(distance) +
                  " apart and not bonded: if they should be (a ring, a link), a CONECT or LINK "
                  "record says so";
      }
    return text;
  }

  const engine::Topology& topology_;
  const std::vector<std::size_t>& failed_;
  const std::vector<ResidueTemplate>& templates_;
  const std::string field_;
  const StructureHints& hints_;
  const std::vector<ResidueGraph> graphs_;
};

}  // namespace

void refuse_mismatch(const engine::Topology& topology, const std::vector<std::size_t>& failed,
                     const ForceFieldXml& force_field, const StructureHints& hints) {
  Blame(topology, failed, force_field, hints).refuse();
}

}  // namespace saltus::forcefields
