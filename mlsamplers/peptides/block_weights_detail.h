#pragma once

#include <cstddef>
#include <string>

#include "mlsamplers/peptides/peptide.h"
#include "mlsamplers/peptides/peptide_model.h"

namespace saltus::mlsamplers::detail {

/// Index of the template that the model knows a residue by.
/// @throws ModelError  beginning with `path`, when it was not trained on that
std::size_t known_template(const PeptideModel& model, const Peptide& peptide, std::size_t residue,
                           const std::string& path);

/// Whether a residue is one that the model need not know: it does not, and leaps never move the
/// residue's own coordinates, as those of a disulfide bridge's ends.
bool is_unknown_and_kept(const PeptideModel& model, const Peptide& peptide, std::size_t residue);

}  // namespace saltus::mlsamplers::detail
