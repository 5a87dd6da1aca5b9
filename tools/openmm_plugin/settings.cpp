#include "tools/openmm_plugin/settings.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "engine/core/error.h"

namespace saltus::openmm_plugin {

namespace {

constexpr MoveKind kKinds[] = {
    // name, steps, friction, jitter, width, model, atoms, protocol
    {"hmc", true, true, true, false, false, false, false},
    {"langevin", true, true, false, false, false, false, false},
    {"peptide_leaps", false, false, false, false, true, true, false},
    {"leap", false, false, false, false, true, true, false},
    {"torsion_walk", false, false, false, true, false, true, false},
    {"driven_torsion", true, false, false, true, false, true, true},
};

constexpr std::size_t kAtomsOfTorsion = 4;
/// As in decks.
constexpr std::size_t kMostAlternatives = 8;

void require(bool ok, const std::string& what) {
  if (!ok) throw engine::InputError("SaltusIntegrator: " + what);
}

bool is_index(int i, std::size_t size) { return i >= 0 && static_cast<std::size_t>(i) < size; }

}  // namespace

const MoveKind& kind_of(const std::string& name) {
  const auto found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const MoveKind& kind) { return name == kind.name; });
  if (found != std::end(kKinds)) return *found;
  std::string all;
  for (const MoveKind& kind : kKinds) all += (all.empty() ? "" : ", ") + std::string(kind.name);
  throw engine::InputError("SaltusIntegrator: there is no move '" + name +
                           "'; expected one of: " + all);
}

engine::TorsionChange torsion_change(const std::string& name) {
  if (name == "uniform") return engine::TorsionChange::kUniform;
  if (name == "half_turn") return engine::TorsionChange::kHalfTurn;
  if (name == "walk") return engine::TorsionChange::kWalk;
  throw engine::InputError("SaltusIntegrator: move 'driven_torsion': there is no change '" + name +
                           "'; expected one of: uniform, half_turn, walk");
}

void require_temperature(double temperature_K) {
  require(temperature_K > 0.0 && std::isfinite(temperature_K),
          "the temperature must be positive and finite");
}

void require_move(const SaltusMove& move) {
  const MoveKind& kind = kind_of(move.kind);
  const auto check = [&](bool ok, const std::string& what) {
    require(ok, "move '" + move.kind + "': " + what);
  };
  check(move.weight > 0.0 && std::isfinite(move.weight), "the weight must be positive and finite");
  if (kind.has_steps) check(move.steps > 0, "steps must be at least 1");
  if (kind.has_friction)
    check(move.friction >= 0.0 && std::isfinite(move.friction),
          "the friction must be finite and not negative");
  if (kind.has_jitter)
    check(move.lengthJitter >= 0.0 && move.lengthJitter < 1.0, "lengthJitter must be in [0, 1)");
  if (kind.has_width)
    check(move.width > 0.0 && std::isfinite(move.width), "the width must be positive and finite");
  if (move.kind == "leap")
    check(!move.model.empty(), "it needs the file of a model, which 'saltus run' writes");
  std::vector<int> atoms = move.atoms;
  std::sort(atoms.begin(), atoms.end());
  check(atoms.empty() || atoms.front() >= 0, "indices of atoms must not be negative");
  if (!kind.has_protocol) {
    check(std::adjacent_find(atoms.begin(), atoms.end()) == atoms.end(),
          "an atom is given more than once");
    return;
  }
  check(!atoms.empty() && atoms.size() % kAtomsOfTorsion == 0,
        "it needs four atoms for each torsion, bonded in a row, and was given " +
            std::to_string(atoms.size()));
  torsion_change(move.change);
  check(move.stiffness >= 0.0 && std::isfinite(move.stiffness),
        "the stiffness must be finite and not negative");
  check(move.timeStep > 0.0 && std::isfinite(move.timeStep),
        "timeStep must be positive and finite");
}

void require_trials(const SaltusMove& move, const std::vector<int>& steps, int n_trials) {
  require(kind_of(move.kind).has_protocol,
          "chooseSteps: '" + move.kind + "' has no protocol; it is for driven_torsion");
  require(!steps.empty() && steps.size() <= kMostAlternatives,
          "chooseSteps: expected 1 to " + std::to_string(kMostAlternatives) +
              " numbers of steps to choose from, got " + std::to_string(steps.size()));
  std::vector<int> sorted = steps;
  std::sort(sorted.begin(), sorted.end());
  require(sorted.front() > 0, "chooseSteps: steps must be at least 1");
  require(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(),
          "chooseSteps: a number of steps is given more than once");
  require(n_trials >= 2, "chooseSteps: trials must be at least 2");
}

void add_residue(engine::Topology& topology, const std::string& name, int number, int chain) {
  require(chain >= 0, "numbers of chains must not be negative");
  engine::Residue residue;
  residue.name = name;
  residue.number = number;
  residue.chain_index = static_cast<std::size_t>(chain);
  topology.residues.push_back(std::move(residue));
}

void add_atom(engine::Topology& topology, const std::string& name, int atomic_number, int residue) {
  require(is_index(residue, topology.residues.size()),
          "atom " + std::to_string(topology.n_atoms()) + " is of residue " +
              std::to_string(residue) + ", there are " + std::to_string(topology.residues.size()));
  const auto index = static_cast<std::size_t>(residue);
  require(
      topology.atoms.empty() || topology.atoms.back().residue <= index,
      "atom " + std::to_string(topology.n_atoms()) +
          " is of an earlier residue than the one before: atoms of a residue follow each other");
  require(atomic_number >= 0 && atomic_number <= 118, "atom " + std::to_string(topology.n_atoms()) +
                                                          " has the atomic number " +
                                                          std::to_string(atomic_number));
  topology.atoms.push_back({name, atomic_number, index});
}

void add_bond(engine::Topology& topology, int first, int second) {
  require(is_index(first, topology.n_atoms()) && is_index(second, topology.n_atoms()),
          "bond of atoms " + std::to_string(first) + " and " + std::to_string(second) +
              ": there are " + std::to_string(topology.n_atoms()) + " atoms");
  require(first != second, "bond of atom " + std::to_string(first) + " with itself");
  topology.bonds.push_back({static_cast<std::size_t>(first), static_cast<std::size_t>(second)});
}

}  // namespace saltus::openmm_plugin
