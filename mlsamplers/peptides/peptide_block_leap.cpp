#include "mlsamplers/peptides/peptide_block_leap.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/core/units.h"
#include "engine/leap/block_leap.h"
#include "engine/leap/lane_leap.h"
#include "engine/moves/bond_rotation.h"
#include "engine/moves/torsion_walk.h"
#include "engine/rings/ring_flip.h"

// The model that comes with Saltus, when there is one, is a part of the library.
#ifdef SALTUS_PEPTIDE_MODEL_FILE
asm(R"(
.pushsection .rodata
.balign 16
saltus_peptide_model_begin:
.incbin ")" SALTUS_PEPTIDE_MODEL_FILE R"("
saltus_peptide_model_end:
.popsection
)");

extern "C" {
extern const unsigned char saltus_peptide_model_begin[], saltus_peptide_model_end[];
}
#endif

namespace saltus::mlsamplers {

namespace {

/// Of the angle of a flip about 180 degrees: peptide bonds deviate from flat by as much.
constexpr double kFlipWidth_rad = 10.0 * engine::kRadianPerDegree;

using Bonds = std::vector<engine::RotatableBond>;

/// Peptide bonds whose nitrogen has one hydrogen: not before proline, and no amide at the end.
Bonds bonds_with_hydrogen(const PeptideSubject& subject) {
  constexpr int kHydrogen = 1;
  const auto neighbours = subject.topology.neighbours();
  std::set<std::pair<std::size_t, std::size_t>> links;
  for (const Peptide& peptide : subject.peptides) {
    std::size_t next = 0;
    for (std::size_t r = 0; r < peptide.residues.size(); ++r)
      for (const TemplateRow& row : peptide.template_of(r).rows) {
        const engine::ZMatrixRow& placed = peptide.z.rows[next++];
        const auto& around = neighbours[placed.atom];
        if (row.atom == "+N" && std::count_if(around.begin(), around.end(), [&](std::size_t atom) {
                                  return subject.topology.atoms[atom].atomic_number == kHydrogen;
                                }) == 1)
          links.insert(std::minmax({placed.atom, placed.bond_to}));
      }
  }
  Bonds bonds = engine::rotatable_bonds(subject.topology);
  bonds.erase(std::remove_if(bonds.begin(), bonds.end(),
                             [&](const engine::RotatableBond& bond) {
                               return links.count(std::minmax({bond.axis_from, bond.axis_to})) == 0;
                             }),
              bonds.end());
  return bonds;
}

/// Half-turns of peptide bonds that turn nothing but peptides: leaps take the bonds as they are,
/// cis or trans.
void add_bond_flips(const std::string& name, const PeptideSubject& subject, Bonds bonds,
                    double probability, std::vector<engine::BlockLeap::Entry>& entries) {
  std::vector<bool> is_peptide(subject.topology.n_atoms(), false);
  for (const Peptide& peptide : subject.peptides)
    for (const engine::ZMatrixRow& row : peptide.z.rows) is_peptide[row.atom] = true;
  bonds.erase(std::remove_if(bonds.begin(), bonds.end(),
                             [&](const engine::RotatableBond& bond) {
                               return !std::all_of(
                                   bond.moving.begin(), bond.moving.end(),
                                   [&](std::size_t atom) { return is_peptide[atom]; });
                             }),
              bonds.end());
  if (bonds.empty() || !(probability > 0.0)) return;
  engine::TorsionWalkOptions options;
  options.width_rad = kFlipWidth_rad;
  options.half_turns = 1.0;
  entries.push_back(
      {name, probability, std::make_shared<engine::TorsionWalk>(std::move(bonds), options)});
}

/// Leaps take proline's ring as it is: it is flipped as such.
void add_ring_flips(const PeptideSubject& subject, double temperature_K, double probability,
                    std::vector<engine::BlockLeap::Entry>& entries) {
  if (!(probability > 0.0)) return;
  std::vector<std::shared_ptr<const engine::RingStates>> rings =
      proline_ring_states(subject, temperature_K);
  if (!rings.empty())
    entries.push_back(
        {"ring_flip", probability, std::make_shared<engine::RingFlip>(std::move(rings))});
}

}  // namespace

engine::Span<const unsigned char> shipped_peptide_model() {
#ifdef SALTUS_PEPTIDE_MODEL_FILE
  return {saltus_peptide_model_begin,
          static_cast<std::size_t>(saltus_peptide_model_end - saltus_peptide_model_begin)};
#else
  return {};
#endif
}

PeptideModel load_shipped_peptide_model() {
  ModelReader reader("the peptide model that comes with Saltus", shipped_peptide_model());
  return read_peptide_model(reader);
}

std::shared_ptr<const engine::Proposal> peptide_block_leap(
    const PeptideModel& model, const PeptideSubject& subject, const PeptideLeapOptions& options,
    const std::string& path, std::shared_ptr<engine::ThreadPool> pool) {
  std::vector<engine::BlockLeap::Entry> entries;
  for (const PeptideLeap& leap : peptide_leaps(model, subject.peptides, options, path)) {
    std::shared_ptr<const engine::Proposal> proposal;
    if (leap.carry > 0.0 || leap.weights.shifts())
      proposal = std::make_shared<engine::CarriedLeap>(leap.weights, leap.carry, pool);
    else
      proposal = std::make_shared<engine::LaneLeap>(leap.weights, pool);
    entries.push_back({leap.name, leap.probability, std::move(proposal)});
  }
  add_bond_flips("proline_flip", subject, engine::bonds_before_proline(subject.topology),
                 options.proline_flips, entries);
  add_bond_flips("peptide_bond_flip", subject, bonds_with_hydrogen(subject),
                 options.peptide_bond_flips, entries);
  add_ring_flips(subject, model.reference_temperature_K, options.ring_flips, entries);
  return std::make_shared<engine::BlockLeap>(std::move(entries));
}

}  // namespace saltus::mlsamplers
