#include "tools/saltus/run/usual_moves.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "engine/core/error.h"
#include "engine/moves/bond_rotation.h"
#include "engine/system/hydrogen_mass.h"
#include "engine/torsions/nitrogen_inversion.h"
#include "io/deck/deck_node.h"
#include "tools/conformers/torsion_models.h"
#include "tools/saltus/decks/move_kind.h"
#include "tools/saltus/run/observables.h"
#include "tools/saltus/run/peptide_leap.h"
#include "tools/saltus/run/torsion_source.h"

namespace saltus::tools {

namespace {

using engine::Topology;

constexpr int kHydrogen = 1;
constexpr double kHydrogenMass_dalton = 3.0;
constexpr double kTemperature_K = 300.0;        // of the usual deck
constexpr double kLadderTemperature_K = 600.0;  // the last one that the model of peptides knows

/// Adds moves one after the other.
class MoveWriter {
 public:
  explicit MoveWriter(std::vector<DeckChoice>& choices) : choices_(choices) {}

  void begin(const char* kind, const char* why, const char* others) {
    ++n_;
    add("kind", io::toml_quoted(kind), why, others);
  }
  void add(const char* key, const std::string& value, const char* why, const char* others = "") {
    choices_.push_back({"move[" + std::to_string(n_ - 1) + "]." + key, value, why, others});
  }

 private:
  std::vector<DeckChoice>& choices_;
  std::size_t n_ = 0;
};

void add_hmc(MoveWriter& moves) {
  moves.begin("hmc", "Short trajectories relax everything; exact by the Metropolis rule.",
              "Others: \"ghmc\", \"mala\"; \"langevin\" is not exact.");
  moves.add("time_step", "\"1 fs\"", "Where the warm-up starts to tune it.");
  moves.add("steps", "10", "Leapfrog steps of a trajectory.",
            "Longer ones move further and cost more.");
}

void add_peptide_leap(MoveWriter& moves) {
  moves.begin("peptide_leap", "Learned jumps of residues, side chains and links, across barriers.",
              "Take it out for a run without anything learned.");
  moves.add("model", io::toml_quoted(kShippedPeptideModel),
            "Within Saltus, for any peptide of ff14SB with OBC2.",
            "The file of another one, as saltus train makes it.");
  moves.add("repeat", "4", "Applications in each step; one costs a single energy.");
}

void add_replica_exchange(MoveWriter& moves) {
  moves.begin("replica_exchange", "Neighbouring temperatures exchange configurations.",
              "ensemble.temperature in place of temperatures goes without it.");
  moves.add("model", io::toml_quoted(kShippedPeptideModel),
            "Carries them to their new temperature, which is accepted more often.");
}

void add_torsion_walk(MoveWriter& moves) {
  moves.begin("torsion_walk", "Turns one bond by a random angle, whose width the warm-up tunes.",
              "");
  moves.add("repeat", "2", "Applications in each step; one costs a single energy.");
}

/// Null without bond orders, and of several molecules.
std::shared_ptr<const engine::TorsionGraph> graph_of(const Molecule& molecule) {
  if (!molecule.chem) return nullptr;
  try {
    return TorsionSource(molecule.chem).graph();
  } catch (const engine::InputError&) {
    return nullptr;
  }
}

void add_moves_of_graph(const engine::TorsionGraph& graph, MoveWriter& moves) {
  if (!graph.torsions.empty()) {
    const bool known = load_torsion_model(kNetworkTorsions)->supports(graph);
    moves.begin("torsion_reset", "Draws one torsion anew, across barriers.",
                "torsions = 2 draws neighbours together.");
    moves.add("densities", io::toml_quoted(known ? kNetworkTorsions : kCrystalTorsions),
              known ? "From the network within Saltus."
                    : "As in crystals: the network within Saltus does not know an element.",
              "Others: \"crystal\", \"uniform\", or the file of a torsion network.");
    moves.add("repeat", "2", "Applications in each step; one costs a single energy.");
  }
  if (engine::NitrogenInversion::applies(graph))
    moves.begin("nitrogen_inversion", "Turns nitrogens with three bonds inside out.", "");
}

/// Whether moves may turn bonds: they cannot keep lengths fixed, nor atoms in their places.
bool may_turn_bonds(const engine::System& system) {
  return system.constraints.empty() &&
         std::find(system.masses.begin(), system.masses.end(), 0.0) == system.masses.end();
}

/// The only other neighbour of an end of an axis that tells where it is turned to: the first heavy
/// one, or the hydrogen of a hydroxyl group; nothing for methyl groups.
std::optional<std::size_t> reference_of(const Topology& topology,
                                        const std::vector<std::size_t>& neighbours,
                                        std::size_t other_end) {
  std::vector<std::size_t> hydrogens;
  for (const std::size_t atom : neighbours) {
    if (atom == other_end) continue;
    if (topology.atoms[atom].atomic_number != kHydrogen) return atom;
    hydrogens.push_back(atom);
  }
  return hydrogens.size() == 1 ? std::optional(hydrogens[0]) : std::nullopt;
}

/// The quartets of atoms of all bonds that can be turned, where turning makes a difference.
std::vector<std::array<std::size_t, 4>> torsions_to_watch(const Molecule& molecule) {
  std::vector<engine::RotatableBond> bonds;
  if (const auto graph = graph_of(molecule)) {
    for (const engine::TorsionBond& torsion : graph->torsions) bonds.push_back(torsion.bond);
  } else {
    bonds = engine::rotatable_bonds(molecule.topology);
  }
  const auto neighbours = molecule.topology.neighbours();
  std::vector<std::array<std::size_t, 4>> result;
  for (const engine::RotatableBond& bond : bonds) {
    const std::size_t from = bond.axis_from, to = bond.axis_to;
    const auto first = reference_of(molecule.topology, neighbours[from], to);
    const auto last = reference_of(molecule.topology, neighbours[to], from);
    if (first && last) result.push_back({*first, from, to, *last});
  }
  return result;
}

/// "A/2:CA"; empty when that is the name of another atom, too.
std::string selector_of(const Topology& topology, std::size_t atom) {
  const engine::Residue& residue = topology.residues[topology.atoms[atom].residue];
  std::size_t n_same = 0;
  for (const engine::Atom& other : topology.atoms) {
    const engine::Residue& there = topology.residues[other.residue];
    n_same += other.name == topology.atoms[atom].name && there.number == residue.number &&
              there.chain == residue.chain;
  }
  if (n_same > 1) return "";
  return (residue.chain.empty() ? "" : residue.chain + "/") + std::to_string(residue.number) + ":" +
         topology.atoms[atom].name;
}

/// "C7_O2", of the axis, or with the residue's number in a molecule of several.
std::string name_of(const Topology& topology, std::size_t from, std::size_t to) {
  std::string name;
  for (const std::size_t atom : {from, to}) {
    name += (name.empty() ? "" : "_") + topology.atoms[atom].name;
    if (topology.residues.size() > 1)
      name += "_" + std::to_string(topology.residues[topology.atoms[atom].residue].number);
  }
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

/// Named torsions as [observables.torsions] takes them.
void add_named_torsions(const Molecule& molecule, std::vector<DeckChoice>& choices) {
  std::set<std::string> names;
  for (const auto& atoms : torsions_to_watch(molecule)) {
    std::string list;
    bool complete = true;
    for (const std::size_t atom : atoms) {
      const std::string selector = selector_of(molecule.topology, atom);
      complete = complete && !selector.empty();
      list += (list.empty() ? "[" : ", ") + io::deck_quoted(selector);
    }
    const std::string name = name_of(molecule.topology, atoms[1], atoms[2]);
    if (!complete || !names.insert(name).second) continue;
    const bool first = names.size() == 1;
    choices.push_back({"observables.torsions." + name, list + "]",
                       first
                           ? "Bonds that can be turned, with four atoms each; the report compares "
                             "chains by them."
                           : "",
                       first ? "Names are free; take out what does not matter." : ""});
  }
}

bool takes_peptide_leaps(const Molecule& molecule) {
  return may_turn_bonds(molecule.system) && shipped_peptide_model_fits(molecule, {kTemperature_K});
}

}  // namespace

void add_heavy_hydrogens(const Molecule& molecule, std::vector<DeckChoice>& choices) {
  const auto& atoms = molecule.topology.atoms;
  const auto is_hydrogen = [](const engine::Atom& atom) { return atom.atomic_number == kHydrogen; };
  if (std::none_of(atoms.begin(), atoms.end(), is_hydrogen)) return;
  try {
    const std::vector<double>& before = molecule.system.masses;
    const std::vector<double> masses =
        engine::repartitioned_masses(molecule.topology, molecule.system, kHydrogenMass_dalton);
    // Rigid water keeps its masses.
    for (std::size_t i = 0; i < masses.size(); ++i)
      if (masses[i] != before[i] && masses[i] < kHydrogenMass_dalton) return;
    if (masses == before) return;
  } catch (const engine::InputError&) {
    return;  // no mass would be left for an atom
  }
  choices.push_back({"system.hydrogen_mass", "\"3 amu\"",
                     "Heavier hydrogens, at the cost of their neighbours: longer time steps, and "
                     "the same distribution.",
                     "Leave it out for the usual masses."});
}

std::vector<double> usual_ladder_K(const Molecule& molecule) {
  constexpr std::size_t kTorsions = 6;  // phi and psi of four amino acids
  if (!takes_peptide_leaps(molecule) || find_torsions({}, molecule.topology).size() < kTorsions)
    return {};
  // Energies spread with the square root of the number of atoms. Measured with the map of the
  // model: four levels of 59 atoms exchange 20 % (many charges) to 56 %, seven of 138 atoms 54 %.
  constexpr double kLevels = 0.5;
  const double n_levels = std::max(
      4.0, std::round(kLevels * std::sqrt(static_cast<double>(molecule.system.n_atoms()))));
  std::vector<double> ladder;
  for (double level = 0.0; level < n_levels; level += 1.0)
    ladder.push_back(std::round(kTemperature_K * std::pow(kLadderTemperature_K / kTemperature_K,
                                                          level / (n_levels - 1.0))));
  return ladder;
}

void add_usual_moves(const Molecule& molecule, bool is_ladder, std::vector<DeckChoice>& choices) {
  MoveWriter moves(choices);
  if (takes_peptide_leaps(molecule)) add_peptide_leap(moves);
  add_hmc(moves);
  if (!may_turn_bonds(molecule.system)) return;
  if (const auto graph = graph_of(molecule)) add_moves_of_graph(*graph, moves);
  if (!engine::rotatable_bonds(molecule.topology).empty()) add_torsion_walk(moves);
  if (is_ladder) add_replica_exchange(moves);
}

void add_moves_of_liquid(std::vector<DeckChoice>& choices) {
  MoveWriter moves(choices);
  moves.begin("openmm_langevin", "Langevin dynamics by OpenMM; errors of order time_step squared.",
              "\"hmc\" is exact, and slow in liquids.");
  moves.add("time_step", "\"2 fs\"", "Bonds to hydrogen and water are rigid.");
  moves.add("steps", "500", "1 ps between changes of the volume.");
  moves.begin("volume", "Changes the box by the Metropolis rule, molecules as wholes; exact.", "");
  moves.add("repeat", "4", "Attempts in each step; one costs a single energy.");
}

void add_usual_observables(const Molecule& molecule, std::vector<DeckChoice>& choices) {
  const std::size_t n_backbone = find_torsions({}, molecule.topology).size();
  const std::string found = std::to_string(n_backbone);
  choices.push_back({"observables.backbone_torsions", n_backbone > 0 ? "true" : "false",
                     n_backbone > 0
                         ? "Every phi and psi, " + found +
                               " here; the report compares "
                               "chains by them (split R-hat) and counts effective samples."
                         : "The molecule has no phi or psi.",
                     n_backbone > 0 ? "More by name in a table [observables.torsions]: chi1_2 = "
                                      "[\"2:N\", \"2:CA\", \"2:CB\", \"2:CG\"]."
                                    : ""});
  if (n_backbone == 0) add_named_torsions(molecule, choices);
}

}  // namespace saltus::tools
