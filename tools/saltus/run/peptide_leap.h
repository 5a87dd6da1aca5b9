#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/moves/proposal.h"
#include "engine/moves/temperature_map.h"
#include "mlsamplers/peptides/peptide_leap_options.h"
#include "mlsamplers/peptides/peptide_model.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// Whether this Saltus comes with a peptide model, and it fits the molecule at these temperatures.
bool shipped_peptide_model_fits(const Molecule& molecule,
                                const std::vector<double>& temperatures_K);

/// " with SHA-256 0123456789abcdef" of the peptide model within Saltus; empty when there is none.
std::string shipped_peptide_model_version();

/// A peptide model by its name.
/// @param name  a file, or kShippedPeptideModel
/// @throws FileError, ModelError, InputError  as make_peptide_leap
mlsamplers::PeptideModel load_peptide_model_by_name(const std::string& name);

/// "FILE with SHA-256 0123456789abcdef", the folder left out; or "the default model with SHA-256
/// ...".
/// @throws FileError  when the file cannot be read
std::string peptide_model_version(const std::string& name);

/// What the log says of the parts of a system: "the peptide model serves 2 peptides, residues 1-3,
/// 4-6; other atoms (1) stay in place ..."; empty when all is one peptide.
/// @throws InputError  as make_peptide_leap, of the molecule
std::string peptide_note(const Molecule& molecule);

/// Leaps of the blocks of all peptides of a system by a transferable model; one of them is drawn
/// each step.
/// @param name  a file, or kShippedPeptideModel
/// @throws FileError   when the file cannot be read
/// @throws ModelError  when it is not a peptide model, is damaged, or for other temperatures,
///                     residues or another force field
/// @throws InputError  when the molecule is no supported peptide, or no model comes with Saltus
std::shared_ptr<const engine::Proposal> make_peptide_leap(
    const std::string& name, const Molecule& molecule, const std::vector<double>& temperatures_K,
    const mlsamplers::PeptideLeapOptions& options, std::shared_ptr<engine::ThreadPool> pool);

/// What carries all peptides of a system between the temperatures of a ladder.
/// @param name  as above
/// @throws FileError, ModelError, InputError  as above
std::shared_ptr<const engine::TemperatureMap> make_peptide_map(
    const std::string& name, const Molecule& molecule, const std::vector<double>& temperatures_K,
    std::shared_ptr<engine::ThreadPool> pool);

}  // namespace saltus::tools
