#include "mlsamplers/peptides/proline_rings.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/rings/find_ring_states.h"
#include "mlsamplers/peptides/peptide_leaps.h"

namespace saltus::mlsamplers {

namespace {

using engine::kNowhere;
using engine::RingStates;
using engine::RingSystem;
using engine::System;
using engine::TorsionGraph;
using Atoms = std::vector<std::size_t>;

/// Whether each atom is in the ring of a proline.
std::vector<bool> proline_ring_atoms(const PeptideSubject& subject) {
  constexpr const char* kRing[] = {"N", "CA", "CB", "CG", "CD"};
  std::vector<bool> result(subject.topology.n_atoms(), false);
  for (const Peptide& peptide : subject.peptides) {
    const std::vector<Atoms> atoms = residue_atoms(peptide);
    for (std::size_t r = 0; r < peptide.residues.size(); ++r) {
      const ResidueTemplate& residue = peptide.template_of(r);
      if (std::none_of(residue.rows.begin(), residue.rows.end(),
                       [](const TemplateRow& row) { return row.is_ring; }))
        continue;
      const std::vector<std::string> names = residue.atoms();
      for (const char* name : kRing) {
        const auto at = std::find(names.begin(), names.end(), name) - names.begin();
        result[atoms[r].at(static_cast<std::size_t>(at))] = true;
      }
    }
  }
  return result;
}

/// The molecule with no other rings than those of prolines.
TorsionGraph graph_of(const engine::Topology& topology, const std::vector<bool>& in_ring) {
  TorsionGraph graph;
  for (const engine::Atom& atom : topology.atoms) {
    engine::GraphAtom copy;
    copy.atomic_number = atom.atomic_number;
    graph.atoms.push_back(copy);
  }
  for (const engine::Bond& bond : topology.bonds) {
    engine::GraphBond copy;
    copy.first = bond.first, copy.second = bond.second;
    copy.in_ring = in_ring[bond.first] && in_ring[bond.second] &&
                   topology.atoms[bond.first].residue == topology.atoms[bond.second].residue;
    graph.bonds.push_back(copy);
  }
  return graph;
}

/// Whether all that hangs on a ring can be carried along: none of it is bonded to it twice, and all
/// of it is of the peptides.
bool can_flip(const RingSystem& ring, const std::vector<Atoms>& neighbours,
              const std::vector<bool>& is_peptide) {
  std::size_t n_bonds = 0;
  for (const std::size_t atom : ring.atoms) n_bonds += neighbours[atom].size();
  return ring.substituents.size() == n_bonds - 2 * ring.atoms.size() &&
         std::all_of(ring.substituents.begin(), ring.substituents.end(),
                     [&](const engine::RingSubstituent& substituent) {
                       return std::all_of(substituent.branch.begin(), substituent.branch.end(),
                                          [&](std::size_t atom) { return is_peptide[atom]; });
                     });
}

/// The ring and what is up to two bonds away from it, ascending.
Atoms fragment_of(const RingSystem& ring, const std::vector<Atoms>& neighbours) {
  Atoms atoms = ring.atoms;
  for (int bonds = 0; bonds < 2; ++bonds)
    for (const std::size_t atom : Atoms(atoms))
      atoms.insert(atoms.end(), neighbours[atom].begin(), neighbours[atom].end());
  std::sort(atoms.begin(), atoms.end());
  atoms.erase(std::unique(atoms.begin(), atoms.end()), atoms.end());
  return atoms;
}

/// Terms all of whose atoms are in the fragment, by their numbers there.
template <class Term>
void keep_inside(const std::vector<Term>& terms, const Atoms& place,
                 std::initializer_list<std::size_t Term::*> members, std::vector<Term>& inside) {
  for (Term term : terms) {
    bool all = true;
    for (const auto member : members) {
      term.*member = place[term.*member];
      all = all && term.*member != kNowhere;
    }
    if (all) inside.push_back(term);
  }
}

/// Bonds, angles, torsions and Lennard-Jones terms of a fragment.
System system_of(const System& whole, const Atoms& atoms, const Atoms& place) {
  using engine::HarmonicAngle, engine::HarmonicBond, engine::NonbondedException,
      engine::PeriodicTorsion;
  System system;
  for (const std::size_t atom : atoms) system.masses.push_back(whole.masses[atom]);
  keep_inside(whole.bonds, place, {&HarmonicBond::i, &HarmonicBond::j}, system.bonds);
  keep_inside(whole.angles, place, {&HarmonicAngle::i, &HarmonicAngle::j, &HarmonicAngle::k_atom},
              system.angles);
  keep_inside(
      whole.torsions, place,
      {&PeriodicTorsion::i, &PeriodicTorsion::j, &PeriodicTorsion::k_atom, &PeriodicTorsion::l},
      system.torsions);
  if (!whole.nonbonded) return system;
  engine::Nonbonded& nonbonded = system.nonbonded.emplace();
  for (const std::size_t atom : atoms) {
    nonbonded.particles.push_back(whole.nonbonded->particles[atom]);
    nonbonded.particles.back().charge = 0.0;
  }
  keep_inside(whole.nonbonded->exceptions, place, {&NonbondedException::i, &NonbondedException::j},
              nonbonded.exceptions);
  for (NonbondedException& exception : nonbonded.exceptions) exception.charge_product = 0.0;
  return system;
}

/// The fragment's own graph.
std::shared_ptr<const TorsionGraph> graph_of(const TorsionGraph& whole, const Atoms& atoms,
                                             const Atoms& place) {
  auto graph = std::make_shared<TorsionGraph>();
  for (const std::size_t atom : atoms) graph->atoms.push_back(whole.atoms[atom]);
  keep_inside(whole.bonds, place, {&engine::GraphBond::first, &engine::GraphBond::second},
              graph->bonds);
  return graph;
}

/// The puckers of a fragment's ring; null: fewer than two were found.
std::shared_ptr<const RingStates> states_of(const PeptideSubject& subject,
                                            const TorsionGraph& graph, const Atoms& atoms,
                                            double temperature_K) {
  Atoms place(subject.topology.n_atoms(), kNowhere);
  for (std::size_t i = 0; i < atoms.size(); ++i) place[atoms[i]] = i;
  const System system = system_of(subject.system, atoms, place);
  engine::CoordinateBatch start(1, atoms.size());
  for (std::size_t i = 0; i < atoms.size(); ++i)
    std::copy_n(subject.x.begin() + static_cast<std::ptrdiff_t>(3 * atoms[i]), 3,
                start.chain(0).begin() + static_cast<std::ptrdiff_t>(3 * i));
  const engine::Canonical target(
      std::make_shared<engine::NativeEnergy>(system, nullptr, engine::Precision::kDouble),
      engine::ReferenceMeasure::kCartesian);
  engine::RingSearchOptions options;
  options.temperature_K = temperature_K;
  options.n_kicks = 24;     // a ring of five has few puckers
  options.n_frames = 1000;  // of 16 chains: widths of each pucker within some per cent
  const engine::RingSearch search = engine::find_ring_states(
      {graph_of(graph, atoms, place), target, engine::moving_particles(system), {}}, start,
      options);
  return search.systems.empty() ? nullptr : search.systems.front();
}

/// States of a fragment's ring as those of the same ring of the whole system, whose atoms are in
/// the same order.
std::shared_ptr<const RingStates> in_whole(const RingStates& found,
                                           std::shared_ptr<const TorsionGraph> graph,
                                           std::shared_ptr<const RingSystem> ring) {
  std::vector<engine::RingState> states;
  for (std::size_t s = 0; s < found.size(); ++s) {
    engine::RingState state = found[s];
    state.coordinates =
        engine::RingCoordinates(ring, state.coordinates.reference(),
                                states.empty() ? nullptr : &states.front().coordinates);
    states.push_back(std::move(state));
  }
  return std::make_shared<const RingStates>(std::move(graph), std::move(ring), std::move(states));
}

}  // namespace

std::vector<std::shared_ptr<const RingStates>> proline_ring_states(const PeptideSubject& subject,
                                                                   double temperature_K) {
  const auto graph =
      std::make_shared<const TorsionGraph>(graph_of(subject.topology, proline_ring_atoms(subject)));
  const std::vector<Atoms> neighbours = subject.topology.neighbours();
  std::vector<bool> is_peptide(subject.topology.n_atoms(), false);
  for (const Peptide& peptide : subject.peptides)
    for (const engine::ZMatrixRow& row : peptide.z.rows) is_peptide[row.atom] = true;
  std::map<std::vector<std::string>, std::shared_ptr<const RingStates>> known;
  std::vector<std::shared_ptr<const RingStates>> result;
  for (RingSystem& found : engine::movable_ring_systems(*graph)) {
    if (!can_flip(found, neighbours, is_peptide)) continue;
    const Atoms atoms = fragment_of(found, neighbours);
    std::vector<std::string> key;
    for (const std::size_t atom : atoms) {
      const engine::Atom& named = subject.topology.atoms[atom];
      key.push_back(subject.topology.residues[named.residue].name + " " + named.name);
    }
    const auto search = known.find(key);
    const std::shared_ptr<const RingStates> states =
        search != known.end() ? search->second : states_of(subject, *graph, atoms, temperature_K);
    known[key] = states;
    if (states)
      result.push_back(
          in_whole(*states, graph, std::make_shared<const RingSystem>(std::move(found))));
  }
  return result;
}

}  // namespace saltus::mlsamplers
