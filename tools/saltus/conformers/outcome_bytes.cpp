#include "tools/saltus/conformers/outcome_bytes.h"

#include <utility>

#include "engine/core/error.h"
#include "io/files/packed_bytes.h"

namespace saltus::tools {

namespace {

// Each function names all members of one struct. One that is added to the struct has to be added
// here, too, or merged files would lack it: until then this does not compile.

template <class Visit, class Facts>
void visit_facts(Visit& visit, Facts& facts) {
  auto& [temperature, biased, method, n_effective, slowest, free_energy, free_energy_error,
         n_evaluations, rings, acceptances] = facts;
  visit(temperature), visit(biased), visit(method), visit(n_effective), visit(slowest);
  visit(free_energy), visit(free_energy_error), visit(n_evaluations), visit(rings);
  std::size_t n = acceptances.size();
  visit(n);
  if constexpr (std::is_same_v<Visit, io::Unpacker>) acceptances.resize(n);
  for (auto& acceptance : acceptances) {
    auto& [name, n_tried, n_accepted] = acceptance;
    visit(name), visit(n_tried), visit(n_accepted);
  }
}

template <class Visit, class Ensemble>
void visit_ensemble(Visit& visit, Ensemble& ensemble) {
  auto& [positions, energies, log_weights, log_q, degeneracies, reference_rmsd, converged, accepted,
         ladders, ancestors, torsion_names, torsions, facts] = ensemble;
  std::size_t n_chains = positions.n_chains(), n_atoms = positions.n_atoms();
  visit(n_chains), visit(n_atoms);
  if constexpr (std::is_same_v<Visit, io::Unpacker>) {
    std::vector<double> x;
    visit(x);
    positions = engine::CoordinateBatch(n_chains, n_atoms);
    positions.values() = std::move(x);
  } else {
    visit(positions.values());
  }
  visit(energies), visit(log_weights), visit(log_q), visit(degeneracies), visit(converged);
  visit(reference_rmsd);
  visit(accepted), visit(ladders), visit(ancestors), visit(torsion_names), visit(torsions);
  visit_facts(visit, facts);
}

template <class Visit, class Isomer>
void visit_isomer(Visit& visit, Isomer& isomer) {
  auto& [name, smiles, part, seed, molecule, partial_charges, force_field, ensemble, smiles_3d] =
      isomer;
  auto& [atoms, bonds] = molecule;
  visit(name), visit(smiles), visit(part), visit(seed), visit(atoms), visit(bonds);
  visit(partial_charges), visit(force_field), visit(smiles_3d);
  visit_ensemble(visit, ensemble);
}

template <class Visit, class Outcome>
void visit_outcome(Visit& visit, Outcome& outcome) {
  auto& [status, message, smiles, isomers, n_requested, n_embedded, n_stereo_rejected, n_kept,
         n_possible_isomers, more_isomers_possible, isomers_cut, seconds] = outcome;
  visit(status), visit(message), visit(smiles), visit(n_requested), visit(n_embedded);
  visit(n_stereo_rejected), visit(n_kept), visit(n_possible_isomers);
  visit(more_isomers_possible), visit(isomers_cut), visit(seconds);
  std::size_t n = isomers.size();
  visit(n);
  if constexpr (std::is_same_v<Visit, io::Unpacker>) isomers.resize(n);
  for (auto& isomer : isomers) visit_isomer(visit, isomer);
}

}  // namespace

std::string outcome_bytes(const ConformerRecord& record, const ConformerOutcome& outcome) {
  io::Packer pack;
  pack(record.number), pack(record.where), pack(record.name), pack(record.smiles);
  pack(record.text);
  visit_outcome(pack, outcome);
  return pack.bytes();
}

ConformerRecord record_of_bytes(std::string bytes, const std::string& what) {
  io::Unpacker unpack(std::move(bytes), what);
  ConformerRecord record;
  unpack(record.number), unpack(record.where), unpack(record.name), unpack(record.smiles);
  unpack(record.text);
  ConformerOutcome outcome;
  visit_outcome(unpack, outcome);
  if (!unpack.at_end()) throw engine::FileError(what + " has been changed");
  record.outcome = std::make_shared<const ConformerOutcome>(std::move(outcome));
  return record;
}

}  // namespace saltus::tools
