#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mlsamplers/peptides/peptide.h"
#include "mlsamplers/peptides/peptide_model.h"
#include "mlsamplers/peptides/peptide_sequence.h"

namespace saltus::tests {

/// A peptide as it is built from its sequence.
struct PeptideExample {
  explicit PeptideExample(const std::string& sequence);

  mlsamplers::BuiltPeptide built;
  mlsamplers::Peptide peptide;
};

/// A model with arbitrary numbers that knows these residues.
mlsamplers::PeptideModel arbitrary_peptide_model(const std::vector<std::string>& templates,
                                                 std::uint64_t seed);

/// The same for the residues of a peptide.
mlsamplers::PeptideModel arbitrary_peptide_model(const mlsamplers::Peptide& peptide,
                                                 std::uint64_t seed);

/// Frames [n, N, 3] of a peptide whose torsions are drawn around two places each, wider by
/// sqrt(T / 300 K), and whose fast coordinates fluctuate a little.
engine::CoordinateBatch arbitrary_peptide_frames(const PeptideExample& example,
                                                 const std::vector<double>& temperatures_K,
                                                 std::uint64_t seed);

}  // namespace saltus::tests
