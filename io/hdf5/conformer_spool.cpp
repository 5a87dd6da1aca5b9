#include "io/hdf5/conformer_spool.h"

#include <cstring>
#include <fstream>
#include <type_traits>

#include "engine/core/error.h"

namespace saltus::io {

using engine::FileError;

namespace {

/// Appends numbers, texts and lists of numbers as they lie in memory.
class Packer {
 public:
  template <class T>
  void operator()(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void operator()(const std::string& text) {
    (*this)(text.size());
    bytes_ += text;
  }
  template <class T>
  void operator()(const std::vector<T>& values) {
    (*this)(values.size());
    for (const T& value : values) (*this)(value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Takes the same out of a block again.
class Unpacker {
 public:
  Unpacker(std::string bytes, const std::string& what) : bytes_(std::move(bytes)), what_(what) {}

  template <class T>
  void operator()(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memcpy(&value, take(sizeof value), sizeof value);
  }
  void operator()(std::string& text) {
    const std::size_t n = count(1);
    text.assign(take(n), n);
  }
  template <class T>
  void operator()(std::vector<T>& values) {
    values.resize(count(sizeof(T)));
    for (T& value : values) (*this)(value);
  }
  void operator()(std::vector<bool>& values) {
    values.resize(count(sizeof(bool)));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = *take(1) != 0;
  }

 private:
  const char* take(std::size_t n) {
    if (n > bytes_.size() - at_) throw FileError(what_ + " has been changed");
    at_ += n;
    return bytes_.data() + at_ - n;
  }
  std::size_t count(std::size_t size_of_one) {
    std::size_t n = 0;
    (*this)(n);
    if (n > (bytes_.size() - at_) / size_of_one) throw FileError(what_ + " has been changed");
    return n;
  }

  std::string bytes_;
  const std::string& what_;
  std::size_t at_ = 0;
};

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
