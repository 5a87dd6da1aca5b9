#include "io/hdf5/torsion_ensemble_file.h"

#include <string_view>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "io/hdf5/hdf5_detail.h"
#include "io/hdf5/native_type_detail.h"

namespace saltus::io {

using detail::check;
using detail::checked;
using detail::Handle;

namespace {

constexpr std::uint64_t kLayoutVersion = 2;

template <class T>
void write_column(hid_t file, const char* name, const std::vector<T>& values,
                  const std::string& what) {
  detail::write_fixed_dataset(file, name,
                              {detail::native_type<T>(), {values.size()}, values.data()}, what);
}

template <class T>
std::vector<T> read_column(hid_t file, const char* name, const std::string& what) {
  const Handle dataset = detail::open_dataset(file, name, what);
  const auto shape = detail::shape_of(dataset.get(), what);
  if (shape.size() != 1) throw engine::InputError(what + ": '" + name + "' is not a column");
  std::vector<T> values(shape[0]);
  if (!values.empty())
    check(H5Dread(dataset.get(), detail::native_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                  values.data()),
          what);
  return values;
}

std::string problem_with(const std::filesystem::path& path) {
  return "cannot read torsion ensembles '" + path.string() + "'";
}

/// Of this program's layout.
Handle open(const std::filesystem::path& path) {
  const std::string what = problem_with(path);
  engine::refuse_special_file(path);
  Handle file = checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, what);
  const std::uint64_t version = detail::read_integer_attribute(file.get(), "layout_version", what);
  if (version != kLayoutVersion)
    throw engine::InputError(what + ": layout version " + std::to_string(version) +
                             ", this program reads " + std::to_string(kLayoutVersion) +
                             "; make the ensembles again");
  return file;
}

/// All molecules' numbers, one after the other.
struct Columns {
  std::vector<std::uint64_t> record, n_frames, n_torsions, n_inversions, n_smiles;
  std::vector<std::uint32_t> split_key;
  std::vector<std::uint8_t> smiles;
  std::vector<float> torsions;
  std::vector<std::int8_t> inversions;
  std::vector<double> acceptance;

  /// Calls visit(name, column) for each.
  template <class Visit>
  void each(const Visit& visit) {
    visit("record", record), visit("n_frames", n_frames), visit("n_torsions", n_torsions);
    visit("n_inversions", n_inversions), visit("n_smiles", n_smiles);
    visit("split_key", split_key), visit("smiles", smiles), visit("torsions", torsions);
    visit("inversions", inversions), visit("single_acceptance", acceptance);
  }
  void add(const TorsionEnsemble& one);
  std::vector<TorsionEnsemble> split(const std::string& what) const;
};

void Columns::add(const TorsionEnsemble& one) {
  record.push_back(one.record);
  n_frames.push_back(one.n_frames());
  n_torsions.push_back(one.n_torsions);
  n_inversions.push_back(one.n_inversions);
  n_smiles.push_back(one.smiles.size());
  split_key.push_back(one.split_key);
  smiles.insert(smiles.end(), one.smiles.begin(), one.smiles.end());
  torsions.insert(torsions.end(), one.torsions.begin(), one.torsions.end());
  inversions.insert(inversions.end(), one.inversions.begin(), one.inversions.end());
  acceptance.push_back(one.single_acceptance);
}

/// Takes the next pieces of columns; says when one is too short.
class Cutter {
 public:
  explicit Cutter(const std::string& what) : what_(what) {}
  template <class To, class From>
  To cut(const std::vector<From>& column, std::size_t& position, std::uint64_t count) const {
    if (count > column.size() - position)
      throw engine::InputError(what_ + ": the file is damaged: its columns do not fit together");
    const auto first = column.begin() + static_cast<std::ptrdiff_t>(position);
    position += count;
    return To(first, first + static_cast<std::ptrdiff_t>(count));
  }

 private:
  const std::string& what_;
};

std::vector<TorsionEnsemble> Columns::split(const std::string& what) const {
  for (const std::size_t size : {n_frames.size(), n_torsions.size(), n_inversions.size(),
                                 n_smiles.size(), split_key.size(), acceptance.size()})
    if (size != record.size())
      throw engine::InputError(what + ": the file is damaged: its columns do not fit together");
  const Cutter cutter(what);
  std::size_t s = 0, t = 0, i = 0;
  std::vector<TorsionEnsemble> ensembles(record.size());
  for (std::size_t m = 0; m < record.size(); ++m) {
    TorsionEnsemble& one = ensembles[m];
    one.record = record[m];
    one.split_key = split_key[m];
    one.single_acceptance = acceptance[m];
    one.n_torsions = n_torsions[m];
    one.n_inversions = n_inversions[m];
    one.smiles = cutter.cut<std::string>(smiles, s, n_smiles[m]);
    one.torsions = cutter.cut<std::vector<float>>(torsions, t, n_frames[m] * n_torsions[m]);
    one.inversions =
        cutter.cut<std::vector<std::int8_t>>(inversions, i, n_frames[m] * n_inversions[m]);
  }
  return ensembles;
}

}  // namespace

void write_torsion_ensembles(const std::filesystem::path& path,
                             const std::vector<TorsionEnsemble>& ensembles,
                             const std::vector<std::pair<std::string, std::string>>& attributes) {
  const detail::QuietErrors quiet;
  const std::string what = "cannot write '" + path.string() + "'";
  Columns columns;
  for (const TorsionEnsemble& one : ensembles) columns.add(one);
  std::filesystem::path temporary = path;
  temporary += ".new";
  require_file_place(path);
  require_file_place(temporary);
  {
    Handle file = checked(H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
                          H5Fclose, what);
    detail::write_attribute(file.get(), "layout_version", kLayoutVersion, what);
    for (const auto& [name, value] : attributes)
      detail::write_attribute(file.get(), name, value, what);
    columns.each([&](const char* name, const auto& column) {
      write_column(file.get(), name, column, what);
    });
    check(file.reset(), what);
  }
  rename_durably(temporary, path);
}

std::vector<TorsionEnsemble> read_torsion_ensembles(const std::filesystem::path& path) {
  const detail::QuietErrors quiet;
  const std::string what = problem_with(path);
  const Handle file = open(path);
  Columns columns;
  columns.each([&](const char* name, auto& column) {
    using T = typename std::decay_t<decltype(column)>::value_type;
    column = read_column<T>(file.get(), name, what);
  });
  return columns.split(what);
}

std::string torsion_ensembles_attribute(const std::filesystem::path& path,
                                        const std::string& name) {
  const detail::QuietErrors quiet;
  return detail::read_string_attribute(open(path).get(), name, problem_with(path));
}

}  // namespace saltus::io
