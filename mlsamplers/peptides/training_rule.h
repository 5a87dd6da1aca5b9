#pragma once

#include <string>
#include <vector>

namespace saltus::mlsamplers {

/// Why a peptide must not be learned from, or nothing: peptides that measure how well a model does
/// on what it has not seen. With the amino acids A C D E F G H I K L M N P Q R S T V W Y numbered
/// from 0, uncapped peptides of two to four residues whose numbers add up to a multiple of 5;
/// ACE-X-NME with X = W, K or T; and the sequences of public tests.
/// @param templates     names of residues, as parse_sequence gives them; protonation states count
///                      as their amino acid, hydroxyproline as proline
/// @param test_letters  one-letter sequences of public tests
std::string why_test_peptide(const std::vector<std::string>& templates,
                             const std::vector<std::string>& test_letters);

}  // namespace saltus::mlsamplers
