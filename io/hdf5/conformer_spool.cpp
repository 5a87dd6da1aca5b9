#include "io/hdf5/conformer_spool.h"

#include <fstream>

#include "engine/core/error.h"
#include "io/files/packed_bytes.h"

namespace saltus::io {

using engine::FileError;

namespace {

/// All but the positions.
template <class Visit, class Set, class Ensemble>
void for_all_fields(Visit&& visit, Set& set, Ensemble& ensemble) {
  visit(set.record), visit(set.name), visit(set.smiles), visit(set.status);
  visit(set.molecule.atoms), visit(set.molecule.bonds);
  visit(ensemble.energies), visit(ensemble.log_weights), visit(ensemble.log_q);
  visit(ensemble.accepted), visit(ensemble.degeneracies);
  visit(ensemble.reference_rmsd);
  visit(set.seed), visit(set.method), visit(set.temperature_K), visit(ensemble.facts.biased);
  visit(ensemble.facts.n_effective), visit(ensemble.facts.free_energy);
  visit(ensemble.facts.free_energy_error), visit(ensemble.facts.n_energy_evaluations);
}

}  // namespace

ConformerSpool::ConformerSpool(const std::filesystem::path& path,
                               std::optional<std::uint64_t> resume_at)
    : part_(part_of(path)) {
  constexpr bool kOverwrite = true;
  file_.emplace(path, TextOutput::Options{false, kOverwrite, resume_at});
}

void ConformerSpool::write(const ConformerSet& set) {
  static const engine::ConformerEnsemble kNone;
  const engine::ConformerEnsemble& ensemble = set.ensemble == nullptr ? kNone : *set.ensemble;
  Packer pack;
  for_all_fields(pack, set, ensemble);
  pack(ensemble.positions.values());
  Packer block;
  block(pack.bytes());
  file_->write(block.bytes());
}

std::uint64_t ConformerSpool::mark() { return file_->mark(); }

void ConformerSpool::read(const std::function<void(const ConformerSet&)>& take) {
  file_->mark();
  const std::string what = "'" + part_.string() + "'";
  const std::uintmax_t size = std::filesystem::file_size(part_);
  std::ifstream stream(part_, std::ios::binary);
  for (std::uintmax_t at = 0; at < size;) {
    std::size_t n = 0;
    stream.read(reinterpret_cast<char*>(&n), sizeof n);
    at += sizeof n;
    if (!stream || at > size || n > size - at) throw FileError(what + " has been changed");
    std::string bytes(n, '\0');
    stream.read(bytes.data(), static_cast<std::streamsize>(n));
    if (!stream) throw FileError(what + " cannot be read");
    at += n;
    Unpacker unpack(std::move(bytes), what);
    ConformerSet set;
    engine::ConformerEnsemble ensemble;
    std::vector<double> x;
    for_all_fields(unpack, set, ensemble);
    unpack(x);
    const std::size_t n_atoms = set.molecule.atoms.size(), n_conformers = ensemble.energies.size();
    if (x.size() != 3 * n_atoms * n_conformers) throw FileError(what + " has been changed");
    ensemble.positions = engine::CoordinateBatch(n_conformers, n_atoms);
    ensemble.positions.values() = std::move(x);
    set.ensemble = &ensemble;
    take(set);
  }
}

void ConformerSpool::remove() {
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

}  // namespace saltus::io
