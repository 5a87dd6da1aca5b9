#include "mlsamplers/peptides/peptide_leaps.h"

#include <algorithm>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "mlsamplers/peptides/block_weights_detail.h"
#include "mlsamplers/peptides/residue_match_detail.h"

namespace saltus::mlsamplers {

namespace {

using detail::is_unknown_and_kept;
using detail::known_template;
using engine::LeapWeights;

/// Whether a map between temperatures moves anything of a residue.
bool has_carried(const PeptideResidue& residue) {
  return std::any_of(residue.fast.begin(), residue.fast.end(), [](const PeptideFast& fast) {
    return !fast.is_kept || (fast.goes_along && !fast.coordinate.is_held);
  });
}

/// The carries of a block. A crankshaft moves little, and would lose that if it drew fast
/// coordinates anew: it takes the other carries, if there are any, more often.
std::vector<CarryChoice> carries_of(const PeptideBlock& block, const PeptideLeapOptions& options) {
  std::vector<CarryChoice> some;
  double all_weights = 0.0, weights = 0.0;
  for (const CarryChoice& choice : options.carries) {
    all_weights += choice.weight;
    if (!(choice.carry > 0.0)) continue;
    some.push_back(choice);
    weights += choice.weight;
  }
  if (block.direction.empty() || some.empty()) return options.carries;
  for (CarryChoice& choice : some) choice.weight *= all_weights / weights;
  return some;
}

/// The block that a map between temperatures moves; without parts when all is kept.
PeptideBlock carried_block(const PeptideModel& serving, const Peptide& peptide) {
  PeptideBlock block;
  block.name = "temperature_map";
  block.between_temperatures = true;
  for (std::size_t r = 0; r < peptide.residues.size(); ++r)
    if (!is_unknown_and_kept(serving, peptide, r) && has_carried(peptide.residues[r]))
      block.parts.push_back({r, true, true});
  return block;
}

[[noreturn]] void refuse_to_carry() {
  throw engine::InputError(
      "replica exchange with a peptide model: all bonds, angles and stiff torsions of the peptide "
      "are kept, so that nothing is carried between temperatures; leave the model out");
}

}  // namespace

LeapWeights temperature_map_weights(const PeptideModel& model, const Peptide& peptide,
                                    const std::string& path) {
  const PeptideBlock block = carried_block(model.serving(peptide), peptide);
  if (block.parts.empty()) refuse_to_carry();
  return block_weights(model, peptide, block, path);
}

std::vector<LeapWeights> temperature_map_weights(const PeptideModel& model,
                                                 const std::vector<Peptide>& peptides,
                                                 const std::string& path) {
  std::vector<LeapWeights> maps;
  for (const Peptide& peptide : peptides)
    if (const PeptideBlock block = carried_block(model.serving(peptide), peptide);
        !block.parts.empty())
      maps.push_back(block_weights(model, peptide, block, path));
  if (maps.empty()) refuse_to_carry();
  return maps;
}

namespace {

/// Leaps of a peptide, with probabilities that add up to 1; none when all is kept.
std::vector<PeptideLeap> leaps_of(const PeptideModel& model, const Peptide& peptide,
                                  const PeptideLeapOptions& options, const std::string& path) {
  std::vector<PeptideLeap> leaps;
  double total = 0.0;
  for (const PeptideBlock& block : peptide_blocks(peptide, options)) {
    LeapWeights weights = block_weights(model, peptide, block, path);
    weights.uniform_fraction =
        weights.shifts() ? options.crankshaft_uniform : options.uniform_fraction;
    weights.shift.widths = options.crankshaft_widths;
    weights.wide_scale = options.wide_scale;
    for (const CarryChoice& choice : carries_of(block, options)) {
      // Without soft torsions and rotors, transport leaves everything as it is.
      if (choice.carry >= 1.0 && weights.soft.empty() && weights.rotors.empty()) continue;
      PeptideLeap leap = {block.name + "/carry_" + engine::shortest_text(choice.carry),
                          block.weight * choice.weight, choice.carry, weights};
      // What is carried must have normal residuals.
      leap.weights.wide_fraction = choice.carry > 0.0 ? 0.0 : options.wide_fraction;
      total += leap.probability;
      leaps.push_back(std::move(leap));
    }
  }
  for (PeptideLeap& leap : leaps) leap.probability /= total;
  return leaps;
}

}  // namespace

std::vector<PeptideLeap> peptide_leaps(const PeptideModel& model, const Peptide& peptide,
                                       const PeptideLeapOptions& options, const std::string& path) {
  std::vector<PeptideLeap> leaps = leaps_of(model, peptide, options, path);
  if (leaps.empty())
    throw engine::InputError(std::string("peptide leap: nothing of this peptide can be redrawn; ") +
                             detail::kWithoutPeptideModel);
  return leaps;
}

std::vector<PeptideLeap> peptide_leaps(const PeptideModel& model,
                                       const std::vector<Peptide>& peptides,
                                       const PeptideLeapOptions& options, const std::string& path) {
  if (peptides.size() == 1) return peptide_leaps(model, peptides.front(), options, path);
  std::vector<PeptideLeap> leaps;
  double total = 0.0;
  for (const Peptide& peptide : peptides) {
    const auto n_blocks = static_cast<double>(peptide_blocks(peptide, options).size());
    for (PeptideLeap& leap : leaps_of(model, peptide, options, path)) {
      leap.probability *= n_blocks;
      total += leap.probability;
      leaps.push_back(std::move(leap));
    }
  }
  if (leaps.empty())
    throw engine::InputError(
        std::string("peptide leap: nothing of these peptides can be redrawn; ") +
        detail::kWithoutPeptideModel);
  for (PeptideLeap& leap : leaps) leap.probability /= total;
  return leaps;
}

std::vector<std::vector<std::size_t>> residue_atoms(const Peptide& peptide) {
  std::vector<std::vector<std::size_t>> atoms(peptide.residues.size());
  std::size_t next = 0;
  for (std::size_t r = 0; r < atoms.size(); ++r)
    for (const TemplateRow& row : peptide.template_of(r).rows)
      atoms[row.atom[0] == '+' ? r + 1 : r].push_back(peptide.z.rows[next++].atom);
  return atoms;
}

void require_force_field(const PeptideModel& model, const Peptide& peptide,
                         const engine::System& system, const std::string& path,
                         ComparedTerms terms) {
  const PeptideModel& serving = model.serving(peptide);
  const auto atoms = residue_atoms(peptide);
  for (std::size_t r = 0; r < atoms.size(); ++r) {
    if (is_unknown_and_kept(serving, peptide, r)) continue;
    const TemplateStatistics& entry = serving.templates[known_template(serving, peptide, r, path)];
    ResidueFingerprint here = residue_fingerprint(system, atoms[r]);
    if (terms == ComparedTerms::kAllButSolvent)
      std::copy(entry.fingerprint.begin() + kFirstSolventPart, entry.fingerprint.end(),
                here.begin() + kFirstSolventPart);
    const std::string difference = fingerprint_difference(entry.fingerprint, here);
    if (difference.empty()) continue;
    throw engine::ModelError(path + ": the model is for " + model.card.force_field +
                             "; this molecule has other " + difference + " in residue " +
                             std::to_string(peptide.number_of(r)) + ", " + entry.name +
                             ": use that force field, or a model trained with this one");
  }
}

void require_temperatures(const PeptideModel& model, const std::vector<double>& temperatures_K,
                          const std::string& path) {
  for (const double temperature_K : temperatures_K)
    if (temperature_K < model.min_temperature_K || temperature_K > model.max_temperature_K)
      throw engine::ModelError(path + ": the model is for " +
                               engine::significant_text(model.min_temperature_K, 6) + " to " +
                               engine::significant_text(model.max_temperature_K, 6) + " K, not " +
                               engine::significant_text(temperature_K, 6) + " K");
}

}  // namespace saltus::mlsamplers
