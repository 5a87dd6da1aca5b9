#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "mlsamplers/peptides/peptide_model.h"
#include "mlsamplers/training/peptide_trainer.h"

namespace saltus::mlsamplers {

/// Defaults of a refinement: few steps, at a low learning rate.
PeptideTrainingOptions peptide_refinement_options();

/// Frames that a template needs before its statistics are fitted anew: with fewer those of the
/// initial model, which has seen many peptides, are better.
inline constexpr std::size_t kRefinementFrames = 5000;

/// A model on the way to its refinement on some peptides, as train_peptides takes it: everything is
/// the initial model's, but the statistics of templates that were fitted to these peptides.
/// @param fitted  PeptideStatistics::finish_sufficient, at the initial model's T_ref
/// @param name    of the initial model, for messages
/// @throws InputError  beginning with `name`, when the initial model was refined itself, does not
///                     know a residue, or a fitted template has another force field
PeptideModel begin_refinement(std::shared_ptr<const PeptideModel> initial,
                              const std::vector<TemplateStatistics>& fitted,
                              const std::vector<PeptideSamples>& samples, const std::string& name);

}  // namespace saltus::mlsamplers
