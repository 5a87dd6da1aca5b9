#include "mlsamplers/peptides/peptide_block_leap.h"

#include <algorithm>
#include <utility>

#include "engine/core/units.h"
#include "engine/leap/block_leap.h"
#include "engine/leap/lane_leap.h"
#include "engine/moves/bond_rotation.h"
#include "engine/moves/torsion_walk.h"

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

/// Leaps take peptide bonds as they are: before prolines they are turned over as such.
void add_proline_flips(const engine::Topology& topology, const std::vector<Peptide>& peptides,
                       double probability, std::vector<engine::BlockLeap::Entry>& entries) {
  std::vector<bool> is_peptide(topology.n_atoms(), false);
  for (const Peptide& peptide : peptides)
    for (const engine::ZMatrixRow& row : peptide.z.rows) is_peptide[row.atom] = true;
  std::vector<engine::RotatableBond> bonds;
  for (engine::RotatableBond& bond : engine::bonds_before_proline(topology))
    if (std::all_of(bond.moving.begin(), bond.moving.end(),
                    [&](std::size_t atom) { return is_peptide[atom]; }))
      bonds.push_back(std::move(bond));
  if (bonds.empty() || !(probability > 0.0)) return;
  engine::TorsionWalkOptions options;
  options.width_rad = kFlipWidth_rad;
  options.half_turns = 1.0;
  entries.push_back({"proline_flip", probability,
                     std::make_shared<engine::TorsionWalk>(std::move(bonds), options)});
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
    const PeptideModel& model, const std::vector<Peptide>& peptides,
    const engine::Topology& topology, const PeptideLeapOptions& options, const std::string& path,
    std::shared_ptr<engine::ThreadPool> pool) {
  std::vector<engine::BlockLeap::Entry> entries;
  for (const PeptideLeap& leap : peptide_leaps(model, peptides, options, path)) {
    std::shared_ptr<const engine::Proposal> proposal;
    if (leap.carry > 0.0 || leap.weights.shifts())
      proposal = std::make_shared<engine::CarriedLeap>(leap.weights, leap.carry, pool);
    else
      proposal = std::make_shared<engine::LaneLeap>(leap.weights, pool);
    entries.push_back({leap.name, leap.probability, std::move(proposal)});
  }
  add_proline_flips(topology, peptides, options.proline_flips, entries);
  return std::make_shared<engine::BlockLeap>(std::move(entries));
}

}  // namespace saltus::mlsamplers
