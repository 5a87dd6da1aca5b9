#include "tools/conformers/groups.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "engine/conformers/molecule_status.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/stereo_groups.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;
using forcefields::ChemMolecule;

namespace {

/// "1 'and' group of stereo centres (a mixture of both configurations)"
std::string meaning(const forcefields::StereoGroupCounts& counts) {
  const auto part = [](std::size_t n, const char* kind, const char* means) {
    return std::to_string(n) + " '" + kind + "' group" + (n == 1 ? "" : "s") +
           " of stereo centres (" + means + ")";
  };
  std::string text;
  if (counts.n_and > 0) text = part(counts.n_and, "and", "both configurations are in the mixture");
  if (counts.n_or > 0)
    text += (text.empty() ? "" : ", ") +
            part(counts.n_or, "or", "one of two configurations, it is not known which");
  return text;
}

}  // namespace

GroupAlternatives group_alternatives(const ChemMolecule& molecule,
                                     const ConformerSettings& settings, std::uint64_t seed) {
  const auto counts = forcefields::stereo_group_counts(molecule);
  if (counts.n_groups() == 0) return {{molecule}, false, ""};
  const std::string groups = meaning(counts);
  if (settings.stereo == StereoPolicy::kFail)
    throw MoleculeFailure(MoleculeStatus::kStereoUnspecified,
                          groups +
                              "; give the configuration, or choose --stereo enumerate, random "
                              "or keep");
  if (settings.stereo == StereoPolicy::kKeep || settings.use_input_3d)
    return {{molecule}, false, groups + ": made as written"};
  forcefields::StereoisomerOptions options = settings.isomers;
  options.seed = seed;
  if (settings.stereo == StereoPolicy::kRandom) {
    options.max_isomers = 1;
    options.random_order = true;
    return {forcefields::group_alternatives(molecule, options), false, groups + ": one is made"};
  }
  // One more than are wanted tells whether there are more.
  ++options.max_isomers;
  auto found = forcefields::group_alternatives(molecule, options);
  const bool cut = found.size() == options.max_isomers;
  if (cut) found.pop_back();
  const std::string n = std::to_string(found.size());
  return {found, cut,
          groups + (cut ? ": " + n +
                              " of more configurations are made; see "
                              "--max-isomers"
                    : found.size() == 1 ? ": the configurations are the same"
                                        : ": " + n + " configurations are made")};
}

std::vector<ChemMolecule> in_turn(const std::vector<std::vector<ChemMolecule>>& lists) {
  if (lists.size() == 1) return lists[0];
  std::size_t longest = 0;
  for (const auto& list : lists) longest = std::max(longest, list.size());
  std::vector<ChemMolecule> all;
  std::set<std::string> seen;
  for (std::size_t row = 0; row < longest; ++row)
    for (const auto& list : lists)
      if (row < list.size() && seen.insert(forcefields::canonical_smiles(list[row])).second)
        all.push_back(list[row]);
  return all;
}

}  // namespace saltus::tools
