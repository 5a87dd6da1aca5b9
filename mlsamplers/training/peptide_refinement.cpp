#include "mlsamplers/training/peptide_refinement.h"

#include <algorithm>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace saltus::mlsamplers {

namespace {

/// The initial model has to know every residue.
void require_known(const PeptideModel& initial, const PeptideSamples& peptide,
                   const std::string& name) {
  for (std::size_t r = 0; r < peptide.residues.size(); ++r) {
    if (initial.find(peptide.residues[r])) continue;
    std::vector<std::string> known;
    for (const TemplateStatistics& entry : initial.templates) known.push_back(entry.name);
    throw engine::InputError(name + ": the model does not know residue " + std::to_string(r + 1) +
                             " of " + peptide.name + ", " + peptide.residues[r] + ", only " +
                             engine::joined(known, " ") +
                             ": refining adds no residues; train a model on peptides with it");
  }
}

}  // namespace

PeptideTrainingOptions peptide_refinement_options() {
  PeptideTrainingOptions options;
  options.n_steps = 1000;
  options.learning_rate = 5e-4;
  options.check_period = 100;
  return options;
}

PeptideModel begin_refinement(std::shared_ptr<const PeptideModel> initial,
                              const std::vector<TemplateStatistics>& fitted,
                              const std::vector<PeptideSamples>& samples, const std::string& name) {
  if (initial->initial)
    throw engine::InputError(name +
                             ": it was refined already; refine the model that it was made of, on "
                             "the runs of all peptides that count");
  PeptideModel model = *initial;
  for (const PeptideSamples& peptide : samples) {
    require_known(*initial, peptide, name);
    auto& all = model.refined_on;
    if (std::find(all.begin(), all.end(), peptide.residues) == all.end())
      all.push_back(peptide.residues);
  }
  for (const TemplateStatistics& entry : fitted) {
    const auto index = initial->find(entry.name);
    if (!index)
      throw engine::InternalError("peptide refinement: statistics of an unknown template");
    const std::string difference =
        fingerprint_difference(initial->templates[*index].fingerprint, entry.fingerprint);
    if (!difference.empty())
      throw engine::InputError(name + ": the model is for " + initial->card.force_field +
                               "; the runs to refine it on have other " + difference + " in " +
                               entry.name + ": give the force field that the model is for");
    model.templates[*index] = entry;
  }
  model.initial = std::move(initial);
  return model;
}

}  // namespace saltus::mlsamplers
