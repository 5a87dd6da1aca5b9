#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/leap/leap_weights.h"
#include "engine/system/system.h"
#include "mlsamplers/peptides/peptide.h"
#include "mlsamplers/peptides/peptide_leap_options.h"
#include "mlsamplers/peptides/peptide_model.h"

namespace saltus::mlsamplers {

/// A leap of one block, as engine::BlockLeap takes it.
struct PeptideLeap {
  std::string name;          ///< "residue_2/carry_0.5"; different from the others'
  double probability = 0.0;  ///< they add up to 1
  double carry = 0.0;
  engine::LeapWeights weights;
};

/// What a block redraws: soft torsions, in this order, and fast coordinates and rotors of the
/// backbones and side chains of residues.
struct PeptideBlock {
  struct Part {
    std::size_t residue = 0;
    bool backbone = false, side_chain = false;
  };
  std::string name;
  std::vector<std::size_t> torsions;  ///< into Peptide::torsions; kept ones are left out
  /// Of crankshafts, which turn their torsions along it (engine::LeapShift); empty: draws.
  std::vector<double> direction;
  std::vector<Part> parts;  ///< ascending residues
  double weight = 0.0;      ///< how often, up to a common factor
  /// Of maps between temperatures: rotors of the parts are not redrawn, and what is kept but goes
  /// along (PeptideFast) is.
  bool between_temperatures = false;
};

/// The blocks of a peptide; none that would redraw what is kept.
std::vector<PeptideBlock> peptide_blocks(const Peptide& peptide, const PeptideLeapOptions& options);

/// The weights of a block. A residue that leaps never move, as the ends of a disulfide bridge, need
/// not be one that the model was trained on: its neighbours then see the model's residue of the
/// same amino acid, or none, which costs acceptance at most.
/// @throws ModelError  beginning with `path`, when the model was not trained on one of the other
///                     residues
engine::LeapWeights block_weights(const PeptideModel& model, const Peptide& peptide,
                                  const PeptideBlock& block, const std::string& path);

/// What carries a peptide between temperatures (engine::LeapTemperatureMap): all fast coordinates,
/// with torsions and rotors kept. Those of proline's ring are spread around their means given how
/// it is puckered: phi and chi1, or, without a phi, chi1 and the torsion that CD is placed by,
/// which is held. What a disulfide bridge keeps stays.
/// @throws ModelError  when the model was not trained on one of the residues that move
/// @throws InputError  when all of the peptide is kept
engine::LeapWeights temperature_map_weights(const PeptideModel& model, const Peptide& peptide,
                                            const std::string& path);

/// The same of each peptide of a system, those left out of which all is kept.
/// @throws ModelError, InputError  as above; the latter when all of all peptides is kept
std::vector<engine::LeapWeights> temperature_map_weights(const PeptideModel& model,
                                                         const std::vector<Peptide>& peptides,
                                                         const std::string& path);

/// All leaps of a peptide. They depend on the peptide alone, never on the state of a chain.
/// @param path  of the model, for messages
/// @throws ModelError  when the model was not trained on one of the residues that move
/// @throws InputError  when options are out of range, or nothing can be redrawn
std::vector<PeptideLeap> peptide_leaps(const PeptideModel& model, const Peptide& peptide,
                                       const PeptideLeapOptions& options, const std::string& path);

/// All leaps of several peptides of a system: which one is moved depends on the numbers of their
/// blocks, in proportion; blocks are named after the first residue's place in the system.
/// @throws ModelError, InputError  as above; the latter when nothing of any can be redrawn
std::vector<PeptideLeap> peptide_leaps(const PeptideModel& model,
                                       const std::vector<Peptide>& peptides,
                                       const PeptideLeapOptions& options, const std::string& path);

/// Which terms must be those that a model was trained with. What surrounds a peptide changes how
/// often leaps are accepted, not what they are.
enum class ComparedTerms { kAll, kAllButSolvent };

/// Refuses a model that was trained with another force field or does not know a residue that moves.
/// @throws ModelError  naming `path`, the residue and what differs
void require_force_field(const PeptideModel& model, const Peptide& peptide,
                         const engine::System& system, const std::string& path,
                         ComparedTerms terms = ComparedTerms::kAll);

/// @throws ModelError  naming `path`, when a temperature is out of the model's range
void require_temperatures(const PeptideModel& model, const std::vector<double>& temperatures_K,
                          const std::string& path);

/// Atoms of each residue by its rows, as fingerprints are made of; the nitrogen included.
std::vector<std::vector<std::size_t>> residue_atoms(const Peptide& peptide);

}  // namespace saltus::mlsamplers
