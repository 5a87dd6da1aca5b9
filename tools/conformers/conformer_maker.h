#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Conformers for other programs: what comes in and goes out are plain numbers and texts of the
// standard library. (tools/conformers/make_conformers.h is the same with all options.)

namespace saltus {

namespace tools {
struct ConformerSettings;
}

/// What conformers are wanted. What is not set is as `saltus conformers` has it.
struct ConformerOptions {
  enum class Mode {
    kEnsemble,   ///< different shapes of low energy
    kMinima,     ///< different minima of the energy
    kBoltzmann,  ///< draws from the Boltzmann distribution
  };
  enum class Solvent { kNone, kObc1, kObc2, kGbn2 };

  Mode mode = Mode::kEnsemble;
  std::optional<std::size_t> n_conformers;       ///< to build of each stereoisomer
  std::optional<double> energy_window_kJ_mol;    ///< above the lowest; not of kBoltzmann
  Solvent solvent = Solvent::kNone;              ///< implicit water
  std::optional<double> temperature_K;           ///< of populations and of kBoltzmann
  std::optional<std::size_t> max_stereoisomers;  ///< of what the string leaves open
  std::optional<double> timeout_s;               ///< for each molecule
  std::optional<std::uint64_t> seed;
};

/// Conformers of one stereoisomer: C conformers of N atoms, hydrogens included.
struct Conformers {
  struct Bond {
    std::size_t first = 0, second = 0;  ///< atoms, from 0
    int order = 1;                      ///< 1, 2 or 3; aromatic ones are single and double
  };
  std::string smiles;               ///< with its configuration
  std::vector<int> atomic_numbers;  ///< [N]
  std::vector<int> formal_charges;  ///< [N], e
  std::vector<Bond> bonds;
  std::vector<double> positions_nm;     ///< [C, N, 3]
  std::vector<double> energies_kJ_mol;  ///< [C], lowest first, but for draws
  std::vector<double> populations;      ///< [C], at the temperature; their sum is 1

  std::size_t n_atoms() const { return atomic_numbers.size(); }
  std::size_t n_conformers() const { return energies_kJ_mol.size(); }
  /// [N, 3], nm.
  const double* positions(std::size_t conformer) const {
    return positions_nm.data() + 3 * n_atoms() * conformer;
  }
};

/// What came of one molecule.
struct ConformerResult {
  std::string status;   ///< "OK", "PARTIAL", "PARSE_SYNTAX" ...: see 'saltus conformers --help'
  std::string message;  ///< why, and what else there is to know
  std::vector<Conformers> stereoisomers;  ///< empty when there are no conformers

  bool has_conformers() const { return !stereoisomers.empty(); }
};

/// Makes conformers of one molecule after the other.
class ConformerMaker {
 public:
  /// @throws engine::InputError  when a number is not positive, or a window is given for draws
  explicit ConformerMaker(const ConformerOptions& options = {});

  /// Conformers of a SMILES string; hydrogens need not be written. Nothing is thrown for a
  /// molecule: what is wrong with it is in the result. Several threads may call it at once.
  /// @param number  of the molecule in its list, from 1: random numbers depend on it, so that the
  ///                result is that of `saltus conformers` for this record
  ConformerResult make(const std::string& smiles, std::size_t number = 1) const;

 private:
  std::shared_ptr<const tools::ConformerSettings> settings_;
};

}  // namespace saltus
