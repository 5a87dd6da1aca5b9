#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace saltus::io {

/// What the torsions of one molecule did in an equilibrium ensemble.
struct TorsionEnsemble {
  std::uint64_t record = 0;  ///< of the list of molecules, from 1
  /// Isomeric; read back, it gives the atoms, and so the torsions, in the same order.
  std::string smiles;
  std::uint32_t split_key = 0;  ///< CRC-32 of the molecule's fingerprint: decides about training
  std::size_t n_torsions = 0, n_inversions = 0;
  std::vector<float> torsions;          ///< [F, R], rad
  std::vector<std::int8_t> inversions;  ///< [F, I], +1 or -1
  double single_acceptance = 0.0;       ///< of single-torsion resets

  std::size_t n_frames() const { return n_torsions == 0 ? 0 : torsions.size() / n_torsions; }
};

/// Writes a file of ensembles, all one after the other in compressed sparse rows. It has its name
/// only when it is complete.
/// @param attributes  of the file: what made it
/// @throws FileError  when it cannot be written
void write_torsion_ensembles(const std::filesystem::path& path,
                             const std::vector<TorsionEnsemble>& ensembles,
                             const std::vector<std::pair<std::string, std::string>>& attributes);

/// @throws FileError   when it cannot be opened or read
/// @throws InputError  when it is not such a file
std::vector<TorsionEnsemble> read_torsion_ensembles(const std::filesystem::path& path);

/// One of the attributes that were given when it was written.
/// @throws FileError, InputError  as above
std::string torsion_ensembles_attribute(const std::filesystem::path& path, const std::string& name);

}  // namespace saltus::io
