#include "tools/saltus/run/peptide_leap.h"

#include "engine/leap/block_leap.h"
#include "engine/leap/lane_leap.h"
#include "mlsamplers/peptides/peptide_leaps.h"

namespace saltus::tools {

std::shared_ptr<const engine::Proposal> make_peptide_leap(
    const std::string& file, const Molecule& molecule, const std::vector<double>& temperatures_K,
    const mlsamplers::PeptideLeapOptions& options, std::shared_ptr<engine::ThreadPool> pool) {
  const mlsamplers::PeptideModel model = mlsamplers::load_peptide_model(file);
  const mlsamplers::Peptide peptide =
      mlsamplers::recognise_peptide(molecule.topology, molecule.positions);
  mlsamplers::require_force_field(model, peptide, molecule.system, file);
  mlsamplers::require_temperatures(model, temperatures_K, file);
  std::vector<engine::BlockLeap::Entry> entries;
  for (const mlsamplers::PeptideLeap& leap :
       mlsamplers::peptide_leaps(model, peptide, options, file)) {
    std::shared_ptr<const engine::Proposal> proposal;
    if (leap.carry > 0.0)
      proposal = std::make_shared<engine::CarriedLeap>(leap.weights, leap.carry, pool);
    else
      proposal = std::make_shared<engine::LaneLeap>(leap.weights, pool);
    entries.push_back({leap.name, leap.probability, std::move(proposal)});
  }
  return std::make_shared<engine::BlockLeap>(std::move(entries));
}

}  // namespace saltus::tools
