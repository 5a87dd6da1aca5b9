#include "mlsamplers/training/peptide_samples.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/system/internal_coordinates.h"

namespace saltus::mlsamplers {

PeptideSamples peptide_samples(const std::string& name, const Peptide& peptide,
                               engine::ConstCoordinates frames,
                               engine::Span<const double> temperatures_K) {
  PeptideSamples samples;
  samples.name = name;
  samples.torsions = peptide.torsions;
  for (std::size_t r = 0; r < peptide.residues.size(); ++r)
    samples.residues.push_back(peptide.template_of(r).name);
  std::vector<double> q(peptide.z.n_internal());
  for (std::size_t c = 0; c < frames.n_chains; ++c) {
    double log_jacobian = 0.0;
    engine::cartesian_to_internal(peptide.z, frames.slice(c, 1), q, {&log_jacobian, 1});
    if (!std::isfinite(log_jacobian)) continue;
    for (const PeptideTorsion& torsion : peptide.torsions)
      samples.angles.push_back(static_cast<float>(q[torsion.coordinate]));
    samples.temperatures_K.push_back(static_cast<float>(temperatures_K[c]));
  }
  return samples;
}

PeptideSamples some_frames(const PeptideSamples& samples, std::size_t first, std::size_t n) {
  if (first + n > samples.n_frames())
    throw engine::InternalError("peptide training: frames beyond the last one");
  PeptideSamples result = {samples.name, samples.residues, samples.torsions, {}, {}};
  const std::size_t width = samples.torsions.size();
  const float* angles = samples.angles.data();
  result.angles.assign(angles + first * width, angles + (first + n) * width);
  const float* temperatures = samples.temperatures_K.data();
  result.temperatures_K.assign(temperatures + first, temperatures + first + n);
  return result;
}

bool is_seen(PeptideMask mask, const PeptideTorsion& torsion, const PeptideTorsion& by, bool coin) {
  const bool is_own = torsion.residue == by.residue;
  if (is_own && torsion.kind == by.kind) return false;
  const bool drawn_before = is_own && torsion.kind < by.kind;
  const bool of_backbone = by.kind == TorsionKind::kPhi || by.kind == TorsionKind::kPsi;
  switch (mask) {
    case PeptideMask::kResidue:
      return !is_own || drawn_before;
    case PeptideMask::kPart:
      if (!of_backbone) return !is_own || drawn_before;
      // A link draws psi first, then the next residue's phi.
      return !(by.kind == TorsionKind::kPsi && torsion.kind == TorsionKind::kPhi &&
               torsion.residue == by.residue + 1);
    case PeptideMask::kInOrder:
      return torsion.residue < by.residue || drawn_before;
    case PeptideMask::kRandom:
      return coin;
  }
  return coin;
}

PeptideRowSource::PeptideRowSource(const std::vector<PeptideSamples>& samples,
                                   std::vector<std::size_t> members,
                                   const std::vector<std::string>& template_names,
                                   double reference_temperature_K)
    : samples_(samples), reference_temperature_K_(reference_temperature_K) {
  const auto index_of = [&](const std::string& name) {
    const auto found = std::lower_bound(template_names.begin(), template_names.end(), name);
    if (found == template_names.end() || *found != name)
      throw engine::InternalError("peptide training: template " + name + " is not listed");
    return static_cast<std::int64_t>(found - template_names.begin());
  };
  const auto none = static_cast<std::int64_t>(template_names.size());
  for (const std::size_t member : members) {
    const PeptideSamples& peptide = samples_[member];
    if (peptide.n_frames() == 0) continue;
    for (std::size_t i = 0; i < peptide.torsions.size(); ++i) {
      const std::size_t r = peptide.torsions[i].residue;
      Place place = {member, i, index_of(peptide.residues[r]), none, none};
      if (r > 0) place.previous = index_of(peptide.residues[r - 1]);
      if (r + 1 < peptide.residues.size()) place.next = index_of(peptide.residues[r + 1]);
      places_[static_cast<std::size_t>(peptide.torsions[i].kind)].push_back(place);
    }
  }
}

void PeptideRowSource::add_row(const Place& place, engine::RandomStream& stream,
                               PeptideRows& rows) const {
  const PeptideSamples& peptide = samples_[place.member];
  const std::size_t n = peptide.torsions.size();
  const auto frame = static_cast<std::size_t>(stream.below(peptide.n_frames()));
  const auto mask = static_cast<PeptideMask>(stream.below(kPeptideMasks));
  const float* angles = &peptide.angles[frame * n];
  const PeptideTorsion& by = peptide.torsions[place.torsion];
  constexpr std::size_t kHarmonics = engine::kNetworkHarmonics;
  const std::size_t first = rows.inputs.size();
  rows.inputs.resize(first + (2 * kHarmonics + 1) * kContextSlots, 0.0);
  double* input = &rows.inputs[first];
  for (std::size_t j = 0; j < n; ++j) {
    const auto slot = context_slot(peptide.torsions[j], by.residue);
    if (!slot) continue;
    const bool coin = stream.below(2) == 1;
    if (!is_seen(mask, peptide.torsions[j], by, coin)) continue;
    for (std::size_t k = 0; k < kHarmonics; ++k) {
      const double angle = static_cast<double>(k + 1) * static_cast<double>(angles[j]);
      input[2 * k * kContextSlots + *slot] = std::cos(angle);
      input[(2 * k + 1) * kContextSlots + *slot] = std::sin(angle);
    }
    input[2 * kHarmonics * kContextSlots + *slot] = 1.0;
  }
  rows.own.push_back(place.own);
  rows.previous.push_back(place.previous);
  rows.next.push_back(place.next);
  rows.temperatures.push_back(
      reference_temperature_K_ / static_cast<double>(peptide.temperatures_K[frame]) - 1.0);
  rows.angles.push_back(static_cast<double>(angles[place.torsion]));
}

PeptideRows PeptideRowSource::draw(TorsionKind kind, std::size_t n,
                                   engine::RandomStream& stream) const {
  PeptideRows rows;
  const std::vector<Place>& places = places_[static_cast<std::size_t>(kind)];
  if (places.empty()) return rows;
  for (std::size_t i = 0; i < n; ++i)
    add_row(places[static_cast<std::size_t>(stream.below(places.size()))], stream, rows);
  return rows;
}

}  // namespace saltus::mlsamplers
