#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/conformers/ensemble_sampler.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "forcefields/chem/core_pattern.h"
#include "forcefields/chem/stereoisomers.h"
#include "forcefields/mmff/mmff_system.h"
#include "mlsamplers/torsions/torsion_network.h"

namespace saltus::tools {

/// What conformers are wanted for.
enum class ConformerMode {
  kEnsemble,   ///< different shapes of low energy
  kMinima,     ///< different minima of the energy
  kBoltzmann,  ///< draws from the Boltzmann distribution
};

/// What to do about centres and double bonds whose configuration is not given.
enum class StereoPolicy { kKeep, kEnumerate, kRandom, kFail };

/// What to do about records of several molecules.
enum class FragmentPolicy { kLargest, kAll, kFail };

/// All that decides about the conformers of a molecule, with the defaults of kEnsemble.
struct ConformerSettings {
  ConformerMode mode = ConformerMode::kEnsemble;
  std::optional<std::size_t> n_conformers;  ///< to build; by flexibility when not given
  engine::SelectionOptions selection;       ///< which of them stay
  engine::RelaxationOptions relaxation;     ///< the deadline is each molecule's own
  bool minimise = true;
  bool fallback_uff = false;  ///< what happens to molecules without MMFF94 parameters
  /// Weak electrostatics keep molecules from folding onto themselves.
  forcefields::MmffOptions mmff = {forcefields::MmffVariant::kMmff94s, 4.0, true};
  StereoPolicy stereo = StereoPolicy::kEnumerate;
  forcefields::StereoisomerOptions isomers;  ///< order and seed are each molecule's own
  FragmentPolicy fragments = FragmentPolicy::kLargest;
  /// Of populations, and of kBoltzmann's distribution.
  double temperature_K = engine::EnsembleOptions{}.temperature_K;
  std::string sampler = "exchange";  ///< of kBoltzmann: "exchange" or "annealing"
  std::string model = "none";        ///< of torsions: "default", "none" or the path of a file
  std::shared_ptr<const mlsamplers::TorsionNetwork> network;  ///< what `model` names; may be null
  bool use_input_3d = false;   ///< whether the coordinates of SD records are the first conformer
  bool sort_by_energy = true;  ///< else in the order in which they were made
  /// What is at the same given places in every conformer of kEnsemble and kMinima, which must be
  /// minimised; null: nothing.
  std::shared_ptr<const forcefields::CorePattern> core;
  bool first_core = false;  ///< of several ways to find it the first; else such molecules fail
  bool align = false;       ///< whether conformers are superposed
  /// Onto what, with coordinates; null: onto the first conformer.
  std::shared_ptr<const forcefields::ChemMolecule> reference;
  bool partial_charges = false;  ///< whether the outcome has those of `mmff`
  std::size_t max_atoms = 500, max_rotors = 60;
  double timeout_s = 60.0;  ///< for each molecule
  std::uint64_t seed = 1;

  /// "MMFF94s, dielectric 4r"; "MMFF94, dielectric 1, OBC2 water, charges of the file"
  std::string force_field_text() const;
};

/// What a mode takes where nothing is asked for.
ConformerSettings default_settings(ConformerMode mode);

/// Water around the molecules, and their charges at full strength: dielectric 1, constant.
void put_into_solvent(engine::GeneralizedBornModel model, ConformerSettings& settings);

}  // namespace saltus::tools
