#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "engine/system/internal_coordinates.h"
#include "mlsamplers/peptides/residue_match_detail.h"

namespace saltus::mlsamplers::detail {

const char* const kWithoutPeptideModel =
    "without the transferable model, sample with local moves (hmc, torsion_walk) or with a leap "
    "trained on this molecule (a [leap] with model = \"train\")";

namespace {

using Names = std::map<std::string, std::size_t>;

/// Names by which other programs call atoms of ends and caps, and AMBER's.
const std::vector<std::pair<const char*, const char*>>& other_names() {
  static const std::vector<std::pair<const char*, const char*>> names = {
      {"H", "H1"},    {"HT1", "H1"},   {"HT2", "H2"},   {"HT3", "H3"},   {"OT1", "O"},
      {"OT2", "OXT"}, {"O1", "O"},     {"O2", "OXT"},   {"HN", "H"},     {"C", "CH3"},
      {"H1", "HH31"}, {"H2", "HH32"},  {"H3", "HH33"},  {"H", "H3"},     {"H1", "H3"},
      {"CD", "CD1"},  {"HD1", "HD11"}, {"HD2", "HD12"}, {"HD3", "HD13"}, {"H1", "HN1"},
      {"H2", "HN2"}};
  return names;
}

/// "1HB" is "HB1".
std::string with_number_last(const std::string& name) {
  if (name.size() < 2 || !engine::is_digit(name[0])) return name;
  return name.substr(1) + name[0];
}

/// How well a template has a residue's atoms.
struct Comparison {
  Names atoms;
  std::vector<std::string> lacking;
  Names left;
};

/// Gives atoms that are left to names that lack one.
template <class SameAtom>
void pair_up(const SameAtom& same, Comparison& comparison) {
  std::vector<std::string> lacking;
  for (const std::string& name : comparison.lacking) {
    const auto found =
        std::find_if(comparison.left.begin(), comparison.left.end(),
                     [&](const Names::value_type& atom) { return same(name, atom.first); });
    if (found == comparison.left.end()) {
      lacking.push_back(name);
      continue;
    }
    comparison.atoms[name] = found->second;
    comparison.left.erase(found);
  }
  comparison.lacking = std::move(lacking);
}

Comparison compare(const ResidueTemplate& wanted, const Names& atoms) {
  Comparison result;
  result.lacking = wanted.atoms();
  result.left = atoms;
  pair_up([](const std::string& name, const std::string& other) { return name == other; }, result);
  for (const auto& [other, name] : other_names())
    pair_up(
        [&, other = other, name = name](const std::string& lacking, const std::string& left) {
          return lacking == name && left == other;
        },
        result);
  // Older files number the hydrogens of CH2 groups 1 and 2, newer ones 2 and 3.
  pair_up(
      [](const std::string& name, const std::string& left) {
        return name[0] == 'H' && name.back() == '3' && left.back() == '1' &&
               name.substr(0, name.size() - 1) == left.substr(0, left.size() - 1);
      },
      result);
  return result;
}

std::string keys_of(const Names& names) {
  std::vector<std::string> keys;
  for (const auto& name : names) keys.push_back(name.first);
  return engine::joined(keys, " ");
}

[[noreturn]] void no_template(const std::string& residue, const std::string& nearest,
                              const Comparison& best) {
  std::string what = residue + ": no peptide template has its atoms";
  if (!nearest.empty()) {
    what += "; the nearest is " + nearest;
    if (!best.lacking.empty()) what += ", without " + engine::joined(best.lacking, " ");
    if (!best.left.empty()) what += ", with " + keys_of(best.left) + " more";
  }
  throw engine::InputError(what +
                           ". Supported are, with all hydrogens, in one chain with charged " +
                           "ends or caps: " + supported_residues() + "; " + kWithoutPeptideModel);
}

/// The name of the atom that a mirror image of valine's or leucine's end would have.
std::string twin_of(const std::string& name, char branch) {
  if (name.size() < 3 || name[1] != branch) return name;
  std::string twin = name;
  if (name[2] == '1') twin[2] = '2';
  if (name[2] == '2') twin[2] = '1';
  return twin;
}

/// Sine below which an offset says nothing of handedness.
constexpr double kPlanarSine = 0.5;

/// Whether a residue's sulphur is bonded to another one's.
bool is_bridged(const engine::Topology& topology, std::size_t residue) {
  return std::any_of(topology.bonds.begin(), topology.bonds.end(), [&](const engine::Bond& bond) {
    const engine::Atom &a = topology.atoms[bond.first], &b = topology.atoms[bond.second];
    return a.name == "SG" && b.name == "SG" && (a.residue == residue) != (b.residue == residue);
  });
}

/// Atoms alone do not tell the two cysteines without hydrogen on sulphur apart.
bool fits_bridge(const ResidueTemplate& residue, bool bridged) {
  const bool needs_bridge = residue.name.find("CYX") != std::string::npos;
  return residue.pdb_name != "CYS" || needs_bridge == bridged;
}

}  // namespace

ResidueMatch match_residue(const engine::Topology& topology, std::size_t residue,
                           ChainPlace place) {
  Names atoms;
  for (std::size_t atom = 0; atom < topology.n_atoms(); ++atom)
    if (topology.atoms[atom].residue == residue)
      atoms[with_number_last(topology.atoms[atom].name)] = atom;
  const std::vector<ResidueTemplate>& templates = residue_templates();
  Comparison best;
  std::string nearest;
  std::size_t fewest = static_cast<std::size_t>(-1);
  const bool bridged = is_bridged(topology, residue);
  for (std::size_t i = 0; i < templates.size(); ++i) {
    if (templates[i].place != place || !fits_bridge(templates[i], bridged)) continue;
    Comparison next = compare(templates[i], atoms);
    const std::size_t differences = next.lacking.size() + next.left.size();
    if (differences == 0) return {i, std::move(next.atoms)};
    if (differences >= fewest) continue;
    fewest = differences;
    nearest = templates[i].name;
    best = std::move(next);
  }
  no_template(topology.describe_residue(residue), nearest, best);
}

bool HandednessCheck::is_reversed(const TemplateRow& row, const Names& names) const {
  const double wanted = std::sin(row.torsion_rad);
  if (row.role != RowRole::kOffset || std::abs(wanted) < kPlanarSine) return false;
  const double found =
      std::sin(engine::torsion_angle(x_, names.at(row.atom), names.at(row.bond_to),
                                     names.at(row.angle_to), names.at(row.torsion_to)));
  return wanted * found < 0.0;
}

void HandednessCheck::settle(std::size_t residue, std::size_t template_index, Names& names) const {
  const ResidueTemplate& wanted = residue_templates()[template_index];
  const char branch = wanted.pdb_name == "VAL" ? 'G' : wanted.pdb_name == "LEU" ? 'D' : '\0';
  for (const TemplateRow& row : wanted.rows) {
    const bool is_hydrogen = row.atom[0] == 'H', is_backbone = row.atom == "CB";
    if ((row.is_kept && !is_backbone) || !is_reversed(row, names)) continue;
    if (is_backbone)
      throw engine::InputError(topology_.describe_residue(residue) +
                               " is a D amino acid; supported are L amino acids; " +
                               kWithoutPeptideModel);
    if (branch != '\0' && row.atom.size() == 3 && row.atom[1] == branch && row.atom[2] == '2' &&
        !is_hydrogen) {
      const Names before = names;
      for (const TemplateRow& other : wanted.rows)
        names[other.atom] = before.at(twin_of(other.atom, branch));
      continue;
    }
    // Two hydrogens on one atom that count from one sibling can have been named the other way.
    const auto partner =
        std::find_if(wanted.rows.begin(), wanted.rows.end(), [&](const TemplateRow& other) {
          return other.atom != row.atom && other.atom[0] == 'H' && other.bond_to == row.bond_to &&
                 other.torsion_to == row.torsion_to && is_reversed(other, names);
        });
    if (!is_hydrogen || partner == wanted.rows.end())
      throw engine::InputError(topology_.describe_residue(residue) + ": " + row.bond_to +
                               " has the other handedness (" + row.atom + " lies on the other " +
                               "side); supported are natural amino acids; " + kWithoutPeptideModel);
    std::swap(names.at(row.atom), names.at(partner->atom));
  }
}

}  // namespace saltus::mlsamplers::detail
