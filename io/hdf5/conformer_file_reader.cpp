#include "io/hdf5/conformer_file_reader.h"

#include <algorithm>
#include <iterator>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "engine/core/units.h"
#include "io/hdf5/hdf5_detail.h"
#include "io/hdf5/native_type_detail.h"

namespace saltus::io {

using detail::check;
using detail::checked;
using detail::Handle;
using engine::InputError;

namespace {

/// The newest; files of version 1 have no mol blocks, which are not read.
constexpr std::uint64_t kLayoutVersion = 2;

/// What tells these files from others.
constexpr const char* kOwnArrays[] = {"molecules/conformer_ptr", "conformers/xyz"};

Handle open(const std::filesystem::path& path, const std::string& what) {
  engine::refuse_special_file(path);
  Handle file = checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, what);
  for (const char* array : kOwnArrays)
    if (!detail::path_exists(file.get(), array))
      throw InputError(what + ": it has no '" + array + "', expected a file of saltus conformers");
  const std::uint64_t version = detail::read_integer_attribute(file.get(), "layout_version", what);
  if (version < 1 || version > kLayoutVersion)
    throw InputError(what + ": layout version " + std::to_string(version) +
                     ", this program reads 1 to " + std::to_string(kLayoutVersion) +
                     "; make the conformers again");
  return file;
}

std::vector<std::string> read_words(hid_t file, const std::string& what) {
  const Handle attribute =
      checked(H5Aopen(file, "status_words", H5P_DEFAULT), H5Aclose, what + ": status_words");
  const Handle stored = checked(H5Aget_type(attribute.get()), H5Tclose, what);
  const Handle space = checked(H5Aget_space(attribute.get()), H5Sclose, what);
  const hssize_t n = H5Sget_simple_extent_npoints(space.get());
  if (n < 0 || H5Tis_variable_str(stored.get()) <= 0)
    throw InputError(what + ": its status_words are no list of words");
  std::vector<char*> texts(static_cast<std::size_t>(n), nullptr);
  check(H5Aread(attribute.get(), stored.get(), texts.data()), what + ": status_words");
  std::vector<std::string> words;
  for (char* text : texts) {
    words.emplace_back(text == nullptr ? "" : text);
    H5free_memory(text);
  }
  return words;
}

/// Rows [begin, end).
struct Rows {
  hsize_t begin = 0, end = 0;
  hsize_t count() const { return end - begin; }
};

}  // namespace

/// The file and where its molecules are.
class ConformerFileReader::Arrays {
 public:
  explicit Arrays(const std::filesystem::path& path)
      : what_("cannot read conformers '" + path.string() + "'"),
        file_(open(path, what_)),
        file_size_(std::filesystem::file_size(path)) {
    words_ = read_words(file_.get(), what_);
    atoms_ = pointers("molecules/atom_ptr", "molecules/z");
    bonds_ = pointers("molecules/bond_ptr", "molecules/bond");
    names_ = pointers("molecules/name_ptr", "molecules/name");
    smiles_ = pointers("molecules/smiles_ptr", "molecules/smiles");
    conformers_ = pointers("molecules/conformer_ptr", "conformers/energy");
    for (const auto* all : {&atoms_, &bonds_, &names_, &smiles_})
      if (all->size() != conformers_.size())
        throw InputError(what_ + ": its pointers are for different numbers of molecules");
  }

  std::size_t n_molecules() const { return conformers_.size() - 1; }

  ConformerFileSummary summary() const {
    ConformerFileSummary summary;
    summary.n_conformers = static_cast<std::size_t>(conformers_.back());
    const auto statuses = values<std::int64_t>("molecules/status", {0, n_molecules()});
    for (std::size_t m = 0; m < statuses.size(); ++m) ++summary.statuses[word(statuses[m], m)];
    for (const char* name : {"program", "force_field", "command_line"})
      if (H5Aexists(file_.get(), name) > 0)
        summary.made_by[name] = detail::read_string_attribute(file_.get(), name, what_);
    return summary;
  }

  StoredConformers read(std::size_t m) const {
    if (m >= n_molecules()) throw engine::InternalError("conformer file: no such molecule");
    StoredConformers stored;
    stored.record = static_cast<std::uint64_t>(one<std::int64_t>("molecules/record", m));
    stored.temperature_K = one<double>("molecules/temperature", m);
    stored.status = word(one<std::int64_t>("molecules/status", m), m);
    stored.name = text("molecules/name", rows_of(names_, m));
    stored.smiles = text("molecules/smiles", rows_of(smiles_, m));
    read_molecule(m, stored.molecule);
    read_conformers(m, stored);
    return stored;
  }

 private:
  /// The word for a status of molecule m.
  const std::string& word(std::int64_t status, std::size_t m) const {
    if (status < 0 || status >= static_cast<std::int64_t>(words_.size()))
      throw InputError(what_ + ": molecule " + std::to_string(m + 1) + " has status " +
                       std::to_string(status) + ", which has no word");
    return words_[static_cast<std::size_t>(status)];
  }

  static Rows rows_of(const std::vector<std::int64_t>& pointers, std::size_t m) {
    return {static_cast<hsize_t>(pointers[m]), static_cast<hsize_t>(pointers[m + 1])};
  }

  /// @param width  numbers in a row
  template <class T>
  std::vector<T> values(const char* path, const Rows& rows, hsize_t width = 1) const {
    const Handle dataset = detail::open_dataset(file_.get(), path, what_);
    const auto shape = detail::shape_of(dataset.get(), what_);
    const bool fits = shape.size() == (width == 1 ? 1u : 2u) && (width == 1 || shape[1] == width) &&
                      rows.begin <= rows.end && rows.end <= shape[0];
    if (!fits) throw InputError(what_ + ": '" + path + "' has not the rows that are needed of it");
    require_plausible(path, rows.count() * width * sizeof(T));
    std::vector<T> result(rows.count() * width);
    if (result.empty()) return result;
    const hsize_t start[2] = {rows.begin, 0}, count[2] = {rows.count(), width};
    const Handle space = checked(H5Dget_space(dataset.get()), H5Sclose, what_);
    check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start, nullptr, count, nullptr), what_);
    const int rank = static_cast<int>(shape.size());
    const Handle memory = checked(H5Screate_simple(rank, count, nullptr), H5Sclose, what_);
    check(H5Dread(dataset.get(), detail::native_type<T>(), memory.get(), space.get(), H5P_DEFAULT,
                  result.data()),
          what_ + ": '" + path + "'");
    return result;
  }

  /// An array may say that it is larger than anything the file can hold.
  void require_plausible(const char* path, hsize_t n_bytes) const {
    constexpr hsize_t kMostPacked = 1100, kSmall = 1 << 20;  // of deflate
    if (n_bytes <= kSmall || n_bytes / kMostPacked <= file_size_) return;
    throw InputError(what_ + ": '" + path + "' has more rows than the file can hold");
  }

  template <class T>
  T one(const char* path, std::size_t row) const {
    return values<T>(path, {row, row + 1})[0];
  }

  std::string text(const char* path, const Rows& rows) const {
    const auto bytes = values<std::uint8_t>(path, rows);
    return {bytes.begin(), bytes.end()};
  }

  hsize_t n_rows(const char* path) const {
    const Handle dataset = detail::open_dataset(file_.get(), path, what_);
    const auto shape = detail::shape_of(dataset.get(), what_);
    return shape.empty() ? 0 : shape[0];
  }

  /// Rising numbers from 0 that end where the array does.
  std::vector<std::int64_t> pointers(const char* path, const char* array) const {
    const auto result = values<std::int64_t>(path, {0, n_rows(path)});
    if (result.empty() || result.front() != 0 || !std::is_sorted(result.begin(), result.end()) ||
        static_cast<hsize_t>(result.back()) != n_rows(array))
      throw InputError(what_ + ": '" + path + "' does not fit '" + array + "'");
    return result;
  }

  void read_molecule(std::size_t m, engine::MoleculeTable& molecule) const {
    const Rows atoms = rows_of(atoms_, m), bonds = rows_of(bonds_, m);
    const auto z = values<std::uint8_t>("molecules/z", atoms);
    const auto charge = values<std::int8_t>("molecules/charge", atoms);
    for (std::size_t i = 0; i < z.size(); ++i) molecule.atoms.push_back({z[i], charge[i], 0, 0});
    const auto bond = values<std::int64_t>("molecules/bond", bonds, 2);
    const auto order = values<std::uint8_t>("molecules/bond_order", bonds);
    const auto n = static_cast<std::int64_t>(z.size());
    for (std::size_t b = 0; b < order.size(); ++b) {
      const std::int64_t first = bond[2 * b], second = bond[2 * b + 1];
      if (first < 0 || second < 0 || first >= n || second >= n)
        throw InputError(what_ + ": molecule " + std::to_string(m + 1) +
                         " has a bond to an atom that is not there");
      molecule.bonds.push_back(
          {static_cast<std::size_t>(first), static_cast<std::size_t>(second), order[b]});
    }
  }

  void read_conformers(std::size_t m, StoredConformers& stored) const {
    const Rows rows = rows_of(conformers_, m);
    const std::size_t n = rows.count(), n_atoms = stored.molecule.atoms.size();
    engine::ConformerEnsemble& ensemble = stored.ensemble;
    ensemble.energies = values<double>("conformers/energy", rows);
    for (double& energy : ensemble.energies) energy *= engine::kKJPerKcal;
    ensemble.log_weights = values<double>("conformers/log_weight", rows);
    ensemble.degeneracies = values<double>("conformers/degeneracy", rows);
    if (n == 0) return;
    const auto atoms = values<std::int64_t>("conformers/atom_ptr", {rows.begin, rows.end + 1});
    for (std::size_t c = 0; c <= n; ++c)
      if (atoms[c] < 0 || atoms[c] != atoms[0] + static_cast<std::int64_t>(c * n_atoms))
        throw InputError(what_ + ": molecule " + std::to_string(m + 1) +
                         " has conformers of another number of atoms");
    const Rows xyz{static_cast<hsize_t>(atoms.front()), static_cast<hsize_t>(atoms.back())};
    const auto angstrom = values<float>("conformers/xyz", xyz, 3);
    ensemble.positions = engine::CoordinateBatch(n, n_atoms);
    std::transform(angstrom.begin(), angstrom.end(), ensemble.positions.values().begin(),
                   [](float x) { return engine::kNmPerAngstrom * static_cast<double>(x); });
  }

  std::string what_;
  Handle file_;
  hsize_t file_size_;  ///< bytes
  std::vector<std::string> words_;
  std::vector<std::int64_t> atoms_, bonds_, names_, smiles_, conformers_;  ///< [M + 1]
};

bool is_conformer_file(const std::filesystem::path& path) {
  const detail::QuietErrors quiet;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  return file.is_open() &&
         std::all_of(std::begin(kOwnArrays), std::end(kOwnArrays),
                     [&](const char* array) { return detail::path_exists(file.get(), array); });
}

ConformerFileReader::ConformerFileReader(const std::filesystem::path& path) {
  const detail::QuietErrors quiet;
  arrays_ = std::make_unique<Arrays>(path);
}

ConformerFileReader::~ConformerFileReader() {
  const detail::QuietErrors quiet;
  arrays_.reset();
}

std::size_t ConformerFileReader::n_molecules() const { return arrays_->n_molecules(); }

ConformerFileSummary ConformerFileReader::summary() const {
  const detail::QuietErrors quiet;
  return arrays_->summary();
}

StoredConformers ConformerFileReader::read(std::size_t molecule) const {
  const detail::QuietErrors quiet;
  return arrays_->read(molecule);
}

}  // namespace saltus::io
