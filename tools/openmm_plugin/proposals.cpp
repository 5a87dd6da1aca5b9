#include "tools/openmm_plugin/proposals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/leap/lane_leap.h"
#include "engine/moves/driven_torsion.h"
#include "engine/moves/torsion_walk.h"
#include "mlsamplers/leap/leap_weights_file.h"
#include "mlsamplers/peptides/peptide_block_leap.h"
#include "tools/openmm_plugin/on_target_measure.h"

namespace saltus::openmm_plugin {

namespace {

using engine::InputError;
using engine::Topology;

const Topology& topology_of(const SaltusMove& move, const MoveTask& task) {
  const Topology& topology = task.settings.topology;
  const std::size_t n = task.parameters.n_atoms();
  if (topology.atoms.empty())
    throw InputError("move '" + move.kind +
                     "' needs the topology, which an OpenMM System does not have: hand it over "
                     "(addResidue, addAtom, addBond; in Python topology=...)");
  if (topology.n_atoms() != n)
    throw InputError("the topology has " + std::to_string(topology.n_atoms()) +
                     " atoms, the System " + std::to_string(n) + " particles");
  return topology;
}

/// Which atoms a move may touch: those it names, or all.
std::vector<bool> allowed_atoms(const SaltusMove& move, std::size_t n_atoms) {
  std::vector<bool> allowed(n_atoms, move.atoms.empty());
  for (const int atom : move.atoms) {
    if (static_cast<std::size_t>(atom) >= n_atoms)
      throw InputError("move '" + move.kind + "': atom " + std::to_string(atom) +
                       " is not one of the System's " + std::to_string(n_atoms));
    allowed[static_cast<std::size_t>(atom)] = true;
  }
  return allowed;
}

/// Refuses molecules that the box cuts: turning a bond across it means nothing.
void require_whole(const Topology& topology, const MoveTask& task) {
  if (task.box == nullptr) return;
  const double limit = 0.5 * task.box->shortest_width();
  for (const engine::Bond& bond : topology.bonds) {
    double square = 0.0;
    for (std::size_t d = 0; d < 3; ++d) {
      const double gap = task.start[3 * bond.first + d] - task.start[3 * bond.second + d];
      square += gap * gap;
    }
    if (std::sqrt(square) > limit)
      throw InputError("the periodic box cuts the bond between " +
                       topology.describe_atom(bond.first) + " and " +
                       topology.describe_atom(bond.second) + ": set positions of whole molecules");
  }
}

/// What holds the atoms of a system.
class Ties {
 public:
  explicit Ties(const MoveTask& task)
      : system_(task.parameters), topology_(task.settings.topology) {}

  /// @param moved  [N]; @param carried  [N], atoms that may have constraints with those that move
  void require_free(const SaltusMove& move, const std::vector<bool>& moved,
                    const std::vector<bool>& carried) const {
    for (std::size_t i = 0; i < moved.size(); ++i)
      if (moved[i] && system_.masses[i] == 0.0)
        refuse(move, i, "has a mass of 0, which means that it never moves");
    for (const engine::VirtualSite& site : system_.virtual_sites)
      for (const std::size_t parent : site.parents)
        if (moved[parent]) refuse(move, parent, "is the parent of a virtual site");
    for (const engine::Constraint& constraint : system_.constraints) {
      const std::size_t i = constraint.i, j = constraint.j;
      if ((moved[i] && !carried[j]) || (moved[j] && !carried[i]))
        refuse(move, moved[i] ? i : j,
               "has a constrained distance to another atom: create the System without constraints "
               "of this molecule (constraints=None; rigid water may stay), or take the move out");
    }
  }

  /// Refuses turns that change the angle between two constraints of one atom, and with it the
  /// metric of the surface of constraints (OnTargetMeasure).
  void require_kept_metric(const SaltusMove& move, const engine::RotatableBond& bond,
                           const std::vector<bool>& moved) const {
    for (const engine::Constraint& constraint : system_.constraints)
      for (const auto& [here, other] :
           {std::pair(constraint.i, constraint.j), std::pair(constraint.j, constraint.i)})
        if (here == bond.axis_to && other != bond.axis_from && !moved[other])
          refuse(move, here, "has a constrained angle: constrain bonds of hydrogens at most");
  }

  /// Whether a constraint is of an atom that moves.
  bool constrain(const std::vector<bool>& moved) const {
    return std::any_of(system_.constraints.begin(), system_.constraints.end(),
                       [&](const engine::Constraint& c) { return moved[c.i] || moved[c.j]; });
  }

 private:
  [[noreturn]] void refuse(const SaltusMove& move, std::size_t atom, const std::string& why) const {
    throw InputError("move '" + move.kind + "' cannot move " + topology_.describe_atom(atom) +
                     " (index " + std::to_string(atom) + "): it " + why);
  }

  const engine::System& system_;
  const Topology& topology_;
};

void require_free(const SaltusMove& move, const MoveTask& task, const engine::ZMatrix& z) {
  std::vector<bool> moved(task.parameters.n_atoms(), false);
  for (const engine::ZMatrixRow& row : z.rows) moved[row.atom] = true;
  Ties(task).require_free(move, moved, std::vector<bool>(moved.size(), false));
}

std::shared_ptr<const engine::Proposal> peptide_leaps(const SaltusMove& move,
                                                      const MoveTask& task) {
  const Topology& topology = topology_of(move, task);
  const bool is_shipped = move.model.empty();
  if (is_shipped && mlsamplers::shipped_peptide_model().empty())
    throw InputError("this Saltus comes without a peptide model; give the file of one");
  const std::string name = is_shipped ? "the peptide model that comes with Saltus" : move.model;
  const mlsamplers::PeptideModel model = is_shipped ? mlsamplers::load_shipped_peptide_model()
                                                    : mlsamplers::load_peptide_model(move.model);
  std::vector<mlsamplers::Peptide> peptides = mlsamplers::recognise_peptides(topology, task.start);
  const std::vector<bool> allowed = allowed_atoms(move, topology.n_atoms());
  const auto is_left_out = [&](const mlsamplers::Peptide& peptide) {
    return !std::all_of(peptide.z.rows.begin(), peptide.z.rows.end(),
                        [&](const engine::ZMatrixRow& row) { return allowed[row.atom]; });
  };
  peptides.erase(std::remove_if(peptides.begin(), peptides.end(), is_left_out), peptides.end());
  if (peptides.empty()) throw InputError("peptide_leaps: the atoms given hold no whole peptide");
  mlsamplers::require_temperatures(model, {task.settings.temperature_K}, name);
  for (const mlsamplers::Peptide& peptide : peptides) {
    require_free(move, task, peptide.z);
    mlsamplers::require_force_field(model, peptide, task.parameters, name,
                                    mlsamplers::ComparedTerms::kAllButSolvent);
  }
  return mlsamplers::peptide_block_leap(model, {peptides, topology, task.parameters, task.start},
                                        {}, name, nullptr);
}

/// The molecule of some atoms, in their order.
Topology part_of(const Topology& topology, const std::vector<std::size_t>& atoms) {
  Topology part;
  std::vector<std::size_t> place(topology.n_atoms(), atoms.size());
  std::vector<std::size_t> residues(topology.residues.size(), topology.residues.size());
  for (const std::size_t atom : atoms) {
    place[atom] = part.atoms.size();
    engine::Atom copy = topology.atoms[atom];
    std::size_t& residue = residues[copy.residue];
    if (residue == topology.residues.size()) {
      residue = part.residues.size();
      part.residues.push_back(topology.residues[copy.residue]);
    }
    copy.residue = residue;
    part.atoms.push_back(std::move(copy));
  }
  for (const engine::Bond& bond : topology.bonds) {
    const std::size_t first = place[bond.first], second = place[bond.second];
    if ((first == atoms.size()) != (second == atoms.size()))
      throw InputError("leap: " + topology.describe_atom(bond.first) + " and " +
                       topology.describe_atom(bond.second) +
                       " are bonded, and only one of them is among the atoms given");
    if (first != atoms.size()) part.bonds.push_back({first, second});
  }
  return part;
}

/// OpenMM's readers give atoms and residues other names than the file has: elements, order and
/// bonds tell the molecule.
void forgive_names(const mlsamplers::ModelCard& model, mlsamplers::ModelCard& wanted) {
  const auto element = [](const std::string& atom) { return atom.substr(atom.rfind(' ') + 1); };
  if (model.atoms.size() != wanted.atoms.size()) return;
  for (std::size_t i = 0; i < wanted.atoms.size(); ++i)
    if (element(model.atoms[i]) == element(wanted.atoms[i])) wanted.atoms[i] = model.atoms[i];
}

std::shared_ptr<const engine::Proposal> molecule_leap(const SaltusMove& move,
                                                      const MoveTask& task) {
  const Topology& topology = topology_of(move, task);
  allowed_atoms(move, topology.n_atoms());
  std::vector<std::size_t> atoms(move.atoms.begin(), move.atoms.end());
  if (atoms.empty()) {
    atoms.resize(topology.n_atoms());
    std::iota(atoms.begin(), atoms.end(), std::size_t{0});
  }
  mlsamplers::LeapFile file = mlsamplers::load_leap_weights(move.model);
  mlsamplers::ModelCard wanted;
  wanted.kind = mlsamplers::kLeapKind;
  mlsamplers::describe_molecule(part_of(topology, atoms), wanted);
  forgive_names(file.card, wanted);
  wanted.temperature_K = task.settings.temperature_K;
  // A digest is of a whole system in the order of its own reader; another one, such as that of a
  // molecule in water, changes how often leaps are accepted, and nothing else.
  wanted.force_field_digest = file.card.force_field_digest;
  mlsamplers::require_match(file.card, wanted, move.model);
  for (engine::ZMatrixRow& row : file.weights.z.rows)
    row = {atoms[row.atom], atoms[row.bond_to], atoms[row.angle_to], atoms[row.torsion_to],
           row.is_offset};
  file.weights.n_other_atoms = topology.n_atoms() - atoms.size();
  require_free(move, task, file.weights.z);
  return std::make_shared<engine::LaneLeap>(file.weights, nullptr);
}

/// With fresh velocities when what turns has constraints.
std::shared_ptr<const engine::Proposal> torsion_walk(const SaltusMove& move, const MoveTask& task) {
  const Topology& topology = topology_of(move, task);
  const std::vector<bool> allowed = allowed_atoms(move, topology.n_atoms());
  const Ties ties(task);
  std::vector<engine::RotatableBond> bonds;
  bool turns_constraints = false;
  for (engine::RotatableBond& bond : engine::rotatable_bonds(topology)) {
    std::vector<bool> moved(topology.n_atoms(), false);
    for (const std::size_t atom : bond.moving) moved[atom] = true;
    if (!std::all_of(bond.moving.begin(), bond.moving.end(),
                     [&](std::size_t atom) { return allowed[atom]; }))
      continue;
    std::vector<bool> carried = moved;
    carried[bond.axis_to] = true;
    ties.require_free(move, moved, carried);
    if (ties.constrain(moved)) {
      ties.require_kept_metric(move, bond, moved);
      turns_constraints = true;
    }
    bonds.push_back(std::move(bond));
  }
  engine::TorsionWalkOptions options;
  options.width_rad = move.width;
  auto walk = std::make_shared<engine::TorsionWalk>(std::move(bonds), options);
  if (!turns_constraints) return walk;
  return std::make_shared<OnTargetMeasure>(
      std::move(walk), task.measure,
      engine::Integrator(move.kind, moving_particles(task.parameters)));
}

}  // namespace

std::shared_ptr<const engine::DrivenTorsion> make_driven_torsion(const SaltusMove& move,
                                                                 const MoveTask& task) {
  const Topology& topology = topology_of(move, task);
  allowed_atoms(move, topology.n_atoms());
  require_whole(topology, task);
  std::vector<engine::RotatableTorsion> torsions;
  std::array<std::size_t, 4> four{};
  for (std::size_t first = 0; first < move.atoms.size(); first += four.size()) {
    std::copy_n(move.atoms.begin() + static_cast<std::ptrdiff_t>(first), four.size(), four.begin());
    torsions.push_back(engine::rotatable_torsion(topology, four));
  }
  engine::DrivenTorsionOptions options;
  options.change = torsion_change(move.change);
  options.width_rad = move.width;
  options.steps = {move.timeStep, static_cast<std::size_t>(move.steps)};
  options.stiffness = move.stiffness;
  return std::make_shared<engine::DrivenTorsion>(std::move(torsions),
                                                 moving_particles(task.parameters), options);
}

std::shared_ptr<const engine::Proposal> make_proposal(const SaltusMove& move,
                                                      const MoveTask& task) {
  std::shared_ptr<const engine::Proposal> proposal;
  if (move.kind == "peptide_leaps")
    proposal = peptide_leaps(move, task);
  else if (move.kind == "leap")
    proposal = molecule_leap(move, task);
  else
    proposal = torsion_walk(move, task);
  require_whole(topology_of(move, task), task);
  return std::make_shared<OnTargetMeasure>(std::move(proposal), task.measure, std::nullopt);
}

}  // namespace saltus::openmm_plugin
