#include "io/hdf5/conformer_file.h"

#include <cstddef>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "io/files/text_output.h"
#include "io/formats/mol_block_text.h"
#include "io/hdf5/hdf5_detail.h"

namespace saltus::io {

using detail::check;
using detail::checked;
using detail::Handle;

namespace {

/// 2: with mol blocks.
constexpr std::uint64_t kLayoutVersion = 2;
constexpr std::size_t kChunkBytes = 1 << 16;
/// The same conformers make the same bytes, whenever they were written.
constexpr bool kNoTimes = false;

/// A dataset that grows by rows of `width` numbers; small pieces are buffered until they fill a
/// chunk.
template <class T>
class Column {
 public:
  Column(hid_t file, const std::string& path, hid_t type, hsize_t width, const std::string& unit,
         const std::string& what)
      : type_(type), width_(width), what_(what) {
    const hsize_t shape[2] = {0, width}, most[2] = {H5S_UNLIMITED, width};
    const hsize_t chunk[2] = {kChunkBytes / (sizeof(T) * width), width};
    const int rank = width == 1 ? 1 : 2;
    const Handle space = checked(H5Screate_simple(rank, shape, most), H5Sclose, what);
    const Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, what);
    check(H5Pset_chunk(properties.get(), rank, chunk), what);
    check(H5Pset_shuffle(properties.get()), what);
    check(H5Pset_obj_track_times(properties.get(), kNoTimes), what);
    // The same molecules make the same bytes.
    check(H5Pset_obj_track_times(properties.get(), false), what);
    constexpr unsigned kFast = 1;
    check(H5Pset_deflate(properties.get(), kFast), what);
    dataset_ = checked(H5Dcreate2(file, path.c_str(), type, space.get(), H5P_DEFAULT,
                                  properties.get(), H5P_DEFAULT),
                       H5Dclose, what);
    detail::write_attribute(dataset_.get(), "unit", unit, what);
  }

  void add(T value) {
    waiting_.push_back(value);
    const bool whole_rows = waiting_.size() % width_ == 0;
    if (whole_rows && waiting_.size() * sizeof(T) >= kChunkBytes) flush();
  }
  void flush() {
    if (waiting_.empty()) return;
    const hsize_t start[2] = {n_rows_, 0}, count[2] = {waiting_.size() / width_, width_};
    const hsize_t shape[2] = {start[0] + count[0], width_};
    check(H5Dset_extent(dataset_.get(), shape), what_);
    const Handle space = checked(H5Dget_space(dataset_.get()), H5Sclose, what_);
    check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start, nullptr, count, nullptr), what_);
    const int rank = width_ == 1 ? 1 : 2;
    const Handle memory = checked(H5Screate_simple(rank, count, nullptr), H5Sclose, what_);
    check(H5Dwrite(dataset_.get(), type_, memory.get(), space.get(), H5P_DEFAULT, waiting_.data()),
          what_);
    n_rows_ = shape[0];
    waiting_.clear();
  }
  void close() {
    flush();
    check(dataset_.reset(), what_);
  }

 private:
  hid_t type_;
  hsize_t width_, n_rows_ = 0;
  std::string what_;
  Handle dataset_;
  std::vector<T> waiting_;
};

/// Creates the groups that its members' datasets lie in.
struct File {
  File(const std::filesystem::path& path, const std::string& what)
      : handle(checked(
            H5Fcreate(path.c_str(), H5F_ACC_TRUNC, without_times(H5P_FILE_CREATE, what).get(),
                      detail::make_file_access(what).get()),
            H5Fclose, what)) {
    const Handle properties = without_times(H5P_GROUP_CREATE, what);
    for (const char* group : {"molecules", "conformers"})
      checked(H5Gcreate2(handle.get(), group, H5P_DEFAULT, properties.get(), H5P_DEFAULT), H5Gclose,
              what);
  }
  static Handle without_times(hid_t kind, const std::string& what) {
    Handle properties = checked(H5Pcreate(kind), H5Pclose, what);
    check(H5Pset_obj_track_times(properties.get(), kNoTimes), what);
    return properties;
  }
  Handle handle;
};

}  // namespace

/// The file and all its datasets.
class ConformerFileWriter::Columns {
 public:
  Columns(const std::filesystem::path& path, std::string what)
      : what_(std::move(what)), file_(path, what_) {
    for (auto* pointer : pointers()) pointer->add(0);
  }

  hid_t file() const { return file_.handle.get(); }
  const std::string& what() const { return what_; }

  void add(const ConformerSet& set) {
    static const engine::ConformerEnsemble kNone;
    const engine::ConformerEnsemble& ensemble = set.ensemble == nullptr ? kNone : *set.ensemble;
    add_molecule(set);
    add_mol_block(set, ensemble);
    add_facts(set, ensemble.facts);
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t c = 0; c < ensemble.n_frames(); ++c) {
      for (const double x : ensemble.positions.chain(c))
        xyz_.add(static_cast<float>(x * engine::kAngstromPerNm));
      n_rows_ += static_cast<std::int64_t>(ensemble.positions.n_atoms());
      rows_.add(n_rows_);
      mol_.add(n_molecules_);
      energy_.add(ensemble.energies[c] / engine::kKJPerKcal);
      log_weight_.add(ensemble.log_weights.empty() ? 0.0 : ensemble.log_weights[c]);
      log_q_.add(ensemble.log_q.empty() ? kNaN : ensemble.log_q[c]);
      degeneracy_.add(ensemble.degeneracies.empty() ? kNaN : ensemble.degeneracies[c]);
      reference_rmsd_.add(ensemble.reference_rmsd.empty()
                              ? kNaN
                              : ensemble.reference_rmsd[c] * engine::kAngstromPerNm);
      accepted_.add(ensemble.accepted.empty() || ensemble.accepted[c] ? 1 : 0);
      conformer_seed_.add(set.seed);
    }
    n_conformers_ += static_cast<std::int64_t>(ensemble.n_frames());
    conformers_.add(n_conformers_);
    ++n_molecules_;
  }

  void close() {
    for (auto* column : pointers()) column->close();
    z_.close(), charge_.close(), bond_.close(), order_.close();
    smiles_.close(), name_.close(), status_.close(), record_.close(), seed_.close();
    for (auto* column : {&temperature_, &n_effective_, &free_energy_, &free_energy_error_, &energy_,
                         &log_weight_, &log_q_, &degeneracy_, &reference_rmsd_})
      column->close();
    mol_block_.close(), method_.close(), biased_.close(), evaluations_.close(), accepted_.close();
    xyz_.close(), mol_.close(), conformer_seed_.close();
    check(file_.handle.reset(), what_);
  }

 private:
  void add_molecule(const ConformerSet& set) {
    for (const auto& atom : set.molecule.atoms) {
      z_.add(static_cast<std::uint8_t>(atom.atomic_number));
      charge_.add(static_cast<std::int8_t>(atom.charge));
    }
    for (const auto& bond : set.molecule.bonds) {
      bond_.add(static_cast<std::int32_t>(bond.first));
      bond_.add(static_cast<std::int32_t>(bond.second));
      order_.add(static_cast<std::uint8_t>(bond.order));
    }
    atoms_.add(n_atoms_ += static_cast<std::int64_t>(set.molecule.atoms.size()));
    bonds_.add(n_bonds_ += static_cast<std::int64_t>(set.molecule.bonds.size()));
    for (const char c : set.smiles) smiles_.add(static_cast<std::uint8_t>(c));
    for (const char c : set.name) name_.add(static_cast<std::uint8_t>(c));
    smiles_ends_.add(n_smiles_ += static_cast<std::int64_t>(set.smiles.size()));
    name_ends_.add(n_names_ += static_cast<std::int64_t>(set.name.size()));
    status_.add(static_cast<std::int16_t>(set.status));
    record_.add(static_cast<std::int64_t>(set.record));
    seed_.add(set.seed);
  }
  void add_mol_block(const ConformerSet& set, const engine::ConformerEnsemble& ensemble) {
    const std::string text = ensemble.n_frames() > 0
                                 ? mol_block(set.name, set.molecule, ensemble.positions.chain(0))
                                 : "";
    for (const char c : text) mol_block_.add(static_cast<std::uint8_t>(c));
    mol_block_ends_.add(n_mol_blocks_ += static_cast<std::int64_t>(text.size()));
  }
  void add_facts(const ConformerSet& set, const engine::EnsembleFacts& facts) {
    for (const char c : set.method) method_.add(static_cast<std::uint8_t>(c));
    method_ends_.add(n_methods_ += static_cast<std::int64_t>(set.method.size()));
    temperature_.add(set.temperature_K);
    biased_.add(facts.biased ? 1 : 0);
    n_effective_.add(facts.n_effective);
    free_energy_.add(facts.free_energy / engine::kKJPerKcal);
    free_energy_error_.add(facts.free_energy_error / engine::kKJPerKcal);
    evaluations_.add(facts.n_energy_evaluations);
  }

  std::string what_;
  File file_;
  template <class T>
  Column<T> column(const char* path, hid_t type, hsize_t width = 1, const char* unit = "1") {
    return Column<T>(file_.handle.get(), path, type, width, unit, what_);
  }
  Column<double> real(const char* path, const char* unit = "1") {
    return column<double>(path, H5T_NATIVE_DOUBLE, 1, unit);
  }
  using Pointers = Column<std::int64_t>;
  std::vector<Pointers*> pointers() {
    return {&atoms_,       &bonds_,          &smiles_ends_, &name_ends_,
            &method_ends_, &mol_block_ends_, &conformers_,  &rows_};
  }
  Pointers atoms_ = column<std::int64_t>("molecules/atom_ptr", H5T_NATIVE_INT64);
  Pointers bonds_ = column<std::int64_t>("molecules/bond_ptr", H5T_NATIVE_INT64);
  Pointers smiles_ends_ = column<std::int64_t>("molecules/smiles_ptr", H5T_NATIVE_INT64);
  Pointers name_ends_ = column<std::int64_t>("molecules/name_ptr", H5T_NATIVE_INT64);
  Pointers method_ends_ = column<std::int64_t>("molecules/method_ptr", H5T_NATIVE_INT64);
  Pointers mol_block_ends_ = column<std::int64_t>("molecules/mol_block_ptr", H5T_NATIVE_INT64);
  Pointers conformers_ = column<std::int64_t>("molecules/conformer_ptr", H5T_NATIVE_INT64);
  Pointers rows_ = column<std::int64_t>("conformers/atom_ptr", H5T_NATIVE_INT64);
  Column<std::uint8_t> z_ = column<std::uint8_t>("molecules/z", H5T_NATIVE_UINT8);
  Column<std::int8_t> charge_ = column<std::int8_t>("molecules/charge", H5T_NATIVE_INT8, 1, "e");
  Column<std::int32_t> bond_ = column<std::int32_t>("molecules/bond", H5T_NATIVE_INT32, 2);
  Column<std::uint8_t> order_ = column<std::uint8_t>("molecules/bond_order", H5T_NATIVE_UINT8);
  Column<std::uint8_t> smiles_ = column<std::uint8_t>("molecules/smiles", H5T_NATIVE_UINT8);
  Column<std::uint8_t> name_ = column<std::uint8_t>("molecules/name", H5T_NATIVE_UINT8);
  Column<std::int16_t> status_ = column<std::int16_t>("molecules/status", H5T_NATIVE_INT16);
  Column<std::int64_t> record_ = column<std::int64_t>("molecules/record", H5T_NATIVE_INT64);
  Column<std::uint64_t> seed_ = column<std::uint64_t>("molecules/seed", H5T_NATIVE_UINT64);
  Column<std::uint8_t> mol_block_ = column<std::uint8_t>("molecules/mol_block", H5T_NATIVE_UINT8);
  Column<std::uint8_t> method_ = column<std::uint8_t>("molecules/method", H5T_NATIVE_UINT8);
  Column<std::uint8_t> biased_ = column<std::uint8_t>("molecules/biased", H5T_NATIVE_UINT8);
  Column<std::uint64_t> evaluations_ =
      column<std::uint64_t>("molecules/energy_evaluations", H5T_NATIVE_UINT64);
  Column<double> temperature_ = real("molecules/temperature", "K");
  Column<double> n_effective_ = real("molecules/n_effective");
  Column<double> free_energy_ = real("molecules/free_energy", "kcal mol-1");
  Column<double> free_energy_error_ = real("molecules/free_energy_error", "kcal mol-1");
  Column<float> xyz_ = column<float>("conformers/xyz", H5T_NATIVE_FLOAT, 3, "angstrom");
  Column<std::int32_t> mol_ = column<std::int32_t>("conformers/mol", H5T_NATIVE_INT32);
  Column<double> energy_ = real("conformers/energy", "kcal mol-1");
  Column<double> log_weight_ = real("conformers/log_weight"), log_q_ = real("conformers/log_q");
  Column<double> degeneracy_ = real("conformers/degeneracy");
  Column<double> reference_rmsd_ = real("conformers/reference_rmsd", "angstrom");
  Column<std::uint8_t> accepted_ = column<std::uint8_t>("conformers/accepted", H5T_NATIVE_UINT8);
  Column<std::uint64_t> conformer_seed_ =
      column<std::uint64_t>("conformers/seed", H5T_NATIVE_UINT64);
  std::int64_t n_atoms_ = 0, n_bonds_ = 0, n_smiles_ = 0, n_names_ = 0, n_methods_ = 0, n_rows_ = 0;
  std::int64_t n_conformers_ = 0, n_mol_blocks_ = 0;
  std::int32_t n_molecules_ = 0;
};

ConformerFileWriter::ConformerFileWriter(
    const std::filesystem::path& path, bool overwrite,
    const std::vector<std::pair<std::string, std::string>>& attributes,
    const std::vector<std::string>& status_words)
    : path_(behind_links(path)), temporary_(path_) {
  refuse_to_overwrite(path, overwrite);
  temporary_ += ".new";
  require_file_place(temporary_);
  const detail::QuietErrors quiet;
  columns_ = std::make_unique<Columns>(temporary_, "cannot write '" + path.string() + "'");
  const std::string& what = columns_->what();
  detail::write_attribute(columns_->file(), "layout_version", kLayoutVersion, what);
  detail::write_attribute(columns_->file(), "status_words", status_words, what);
  for (const auto& [name, value] : attributes)
    detail::write_attribute(columns_->file(), name, value, what);
}

ConformerFileWriter::~ConformerFileWriter() {
  if (temporary_.empty()) return;
  const detail::QuietErrors quiet;
  columns_.reset();
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void ConformerFileWriter::write(const ConformerSet& set) {
  const detail::QuietErrors quiet;
  columns_->add(set);
}

void ConformerFileWriter::commit() {
  const detail::QuietErrors quiet;
  columns_->close();
  columns_.reset();
  rename_durably(temporary_, path_);
  temporary_.clear();
}

}  // namespace saltus::io
