#include "mlsamplers/peptides/training_rule.h"

#include <algorithm>
#include <string_view>

#include "mlsamplers/peptides/residue_template.h"

namespace saltus::mlsamplers {

namespace {

constexpr std::string_view kAminoAcids = "ACDEFGHIKLMNPQRSTVWY";
constexpr std::size_t kModulus = 5, kLongest = 4;

/// The letter of an amino acid in whatever protonation state, of proline for hydroxyproline; '\0'
/// of caps.
char letter_of(const ResidueTemplate& residue) {
  const std::string name = residue.pdb_name == "HYP" ? "PRO" : residue.pdb_name;
  for (const ResidueTemplate& other : residue_templates())
    if (other.letter != '\0' && other.pdb_name == name) return other.letter;
  return '\0';
}

}  // namespace

std::string why_test_peptide(const std::vector<std::string>& templates,
                             const std::vector<std::string>& test_letters) {
  std::string letters;
  std::size_t sum = 0, n_caps = 0;
  for (const std::string& name : templates) {
    const ResidueTemplate& residue = residue_templates()[template_index(name)];
    const char letter = letter_of(residue);
    if (residue.is_cap || letter == '\0') {
      ++n_caps;
      continue;
    }
    letters += letter;
    sum += kAminoAcids.find(letter);
  }
  if (n_caps > 0) {
    const bool is_test = letters == "W" || letters == "K" || letters == "T";
    return is_test ? "capped W, K and T are for testing" : "";
  }
  if (letters.size() <= kLongest && sum % kModulus == 0)
    return "the numbers of its amino acids add up to " + std::to_string(sum) +
           ", a multiple of 5: it is for testing";
  if (std::find(test_letters.begin(), test_letters.end(), letters) != test_letters.end())
    return "it is one of the sequences of public tests";
  return "";
}

}  // namespace saltus::mlsamplers
