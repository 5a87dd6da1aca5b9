#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/system/coordinates.h"
#include "mlsamplers/peptides/context_slots.h"
#include "mlsamplers/peptides/peptide.h"

namespace saltus::mlsamplers {

/// Soft torsions of a peptide's frames at many temperatures, as networks learn from them.
struct PeptideSamples {
  std::string name;                   ///< for messages
  std::vector<std::string> residues;  ///< template of each
  std::vector<PeptideTorsion> torsions;
  std::vector<float> angles;          ///< [n_frames, torsions.size()], rad
  std::vector<float> temperatures_K;  ///< [n_frames]

  std::size_t n_frames() const { return temperatures_K.size(); }
};

/// Frames with a singular angle are left out.
/// @param frames          [n, N, 3], nm
/// @param temperatures_K  [n]
PeptideSamples peptide_samples(const std::string& name, const Peptide& peptide,
                               engine::ConstCoordinates frames,
                               engine::Span<const double> temperatures_K);

/// Frames `first` to `first + n - 1` of a peptide, which have to be there.
PeptideSamples some_frames(const PeptideSamples& samples, std::size_t first, std::size_t n);

/// What a training row shows of the other torsions: one of the situations in which blocks ask.
enum class PeptideMask {
  kResidue,  ///< neighbours; of its own residue the torsions drawn before it
  kPart,     ///< a side chain given its backbone; psi and the next phi given all others
  kInOrder,  ///< what lies before it in the chain: the order of whole-molecule leaps
  kRandom,   ///< each slot with probability 1/2
};
constexpr std::size_t kPeptideMasks = 4;

/// Whether a torsion is seen by one of residue `of` and this kind; the torsion itself never is.
/// @param coin  for kRandom
bool is_seen(PeptideMask mask, const PeptideTorsion& torsion, const PeptideTorsion& by, bool coin);

/// Rows for one network.
struct PeptideRows {
  std::vector<double> inputs;                     ///< [n, 7 slots]: harmonics, then bits
  std::vector<std::int64_t> own, previous, next;  ///< [n], embeddings
  std::vector<double> temperatures;               ///< [n], T_ref / T - 1
  std::vector<double> angles;                     ///< [n], what is to be predicted

  std::size_t size() const { return angles.size(); }
};

/// Draws rows of each kind of torsion from some peptides.
class PeptideRowSource {
 public:
  /// @param members         indices into `samples`, which must outlive this
  /// @param template_names  of embeddings, ascending; the one after the last is of no residue
  PeptideRowSource(const std::vector<PeptideSamples>& samples, std::vector<std::size_t> members,
                   const std::vector<std::string>& template_names, double reference_temperature_K);

  /// Whether there is a torsion of that kind.
  bool has(TorsionKind kind) const { return !places_[static_cast<std::size_t>(kind)].empty(); }
  /// @param n  rows; none when there is no such torsion
  PeptideRows draw(TorsionKind kind, std::size_t n, engine::RandomStream& stream) const;

 private:
  struct Place {
    std::size_t member = 0, torsion = 0;
    std::int64_t own = 0, previous = 0, next = 0;
  };
  void add_row(const Place& place, engine::RandomStream& stream, PeptideRows& rows) const;

  const std::vector<PeptideSamples>& samples_;
  double reference_temperature_K_;
  std::array<std::vector<Place>, kTorsionKinds> places_;
};

}  // namespace saltus::mlsamplers
