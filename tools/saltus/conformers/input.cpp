#include "tools/saltus/conformers/input.h"

#include <filesystem>
#include <set>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "io/files/file_place.h"
#include "io/formats/file_kind.h"
#include "io/formats/file_names.h"

namespace saltus::tools {

using engine::MoleculeFailure;
using engine::MoleculeStatus;
using engine::UsageError;

namespace {

/// "smi", "csv", "tsv", "sdf", or nothing.
std::string format_of(const std::filesystem::path& path) {
  const std::string extension = io::extension_of(path);
  if (extension == ".smi" || extension == ".ism" || extension == ".txt") return "smi";
  if (extension == ".csv") return "csv";
  if (extension == ".tsv") return "tsv";
  if (io::is_molecule_file(path)) return "sdf";
  return "";
}

/// What a record lacks to be a conformer.
std::optional<MoleculeFailure> missing_coordinates(const forcefields::ChemMolecule& molecule) {
  if (molecule.positions_nm.empty())
    return MoleculeFailure(MoleculeStatus::kNoCoordinates,
                           "only 2D coordinates: --use-input-3d needs 3D coordinates");
  std::size_t n_missing = 0;
  try {
    n_missing = forcefields::with_hydrogens(molecule).n_atoms() - molecule.n_atoms();
  } catch (const engine::InputError& error) {
    return MoleculeFailure(MoleculeStatus::kInternal, error.what());
  }
  if (n_missing == 0) return std::nullopt;
  return MoleculeFailure(MoleculeStatus::kNoCoordinates,
                         std::to_string(n_missing) +
                             " hydrogens are missing: --use-input-3d needs coordinates of all "
                             "atoms");
}

/// Notices at once that a file is missing, or is of another kind than its name says: the lines of
/// a structure would be taken for molecules.
void probe(const std::string& path, bool sdf) {
  io::TextInput input(path);
  constexpr std::size_t kBeginning = 4096;
  std::string beginning(kBeginning, '\0');
  try {
    const auto n = input.stream().rdbuf()->sgetn(beginning.data(), kBeginning);
    beginning.resize(static_cast<std::size_t>(n));
  } catch (const engine::Error&) {
    return;  // who reads it says how far that was possible
  }
  const std::string kind = io::file_kind(path, beginning).name;
  // Names say little, and text with zero bytes may have good lines.
  if (kind.empty() || kind == "no text" || kind.compare(0, 6, "a list") == 0) return;
  if (!sdf || kind != "an SD or mol file")
    throw engine::InputError(path + ": is " + kind + ", expected " +
                             (sdf ? "an SD or mol file"
                                  : "a list of SMILES strings; of an SD file say --in-format sdf"));
}

std::string default_name(std::size_t record) { return "mol_" + engine::zero_padded(record, 6); }

}  // namespace

ConformerInputs::ConformerInputs(const std::vector<std::string>& paths,
                                 const ConformerInputOptions& options, std::function<bool()> stop)
    : paths_(paths), options_(options), stop_(std::move(stop)) {
  std::set<std::string> formats;
  for (const std::string& path : paths_) {
    if (options_.format.empty() && format_of(path).empty())
      throw UsageError(
          io::wrong_kind(path,
                         "a file whose name ends with .smi, .ism, .txt, .csv, .tsv, .sdf or .mol "
                         "(with or without .gz); of a list or SD file of another name give "
                         "--in-format"));
    const std::string format = options_.format.empty() ? format_of(path) : options_.format;
    formats.insert(format);
    if (options_.use_input_3d && format != "sdf")
      throw UsageError("saltus conformers: --use-input-3d is for SD files, '" + path +
                       "' is a list without coordinates");
    if (options_.needs_charges && format != "sdf")
      throw UsageError("saltus conformers: --charges file is for SD files, '" + path +
                       "' is a list without charges");
    // What a pipe brings can be read once.
    if (path != "-" && !io::descriptor_behind(path)) probe(path, format == "sdf");
  }
  const io::MoleculeListOptions& lists = options_.lists;
  const bool has_columns = formats.count("csv") + formats.count("tsv") > 0;
  if (!has_columns && !(lists.smiles_column.empty() && lists.name_column.empty()))
    throw UsageError("saltus conformers: --" +
                     std::string(lists.smiles_column.empty() ? "name-col" : "smiles-col") +
                     " is for .csv and .tsv files, '" + paths_.front() +
                     "' is none by its name; --in-format csv (or tsv) says that it is");
  if (lists.header && formats.count("smi") == 0 && !has_columns)
    throw UsageError("saltus conformers: --header is for lists, '" + paths_.front() +
                     "' is an SD file");
  open(0);
}

void ConformerInputs::open(std::size_t file) {
  lines_.reset();
  sdf_.reset();
  file_ = file;
  const std::string& path = paths_[file];
  const std::string format = options_.format.empty() ? format_of(path) : options_.format;
  input_ = std::make_unique<io::TextInput>(path, stop_);
  if (format == "sdf") {
    sdf_ = std::make_unique<forcefields::SdfReader>(input_->stream(), input_->name());
    return;
  }
  io::MoleculeListOptions lists = options_.lists;
  lists.format = format == "csv"   ? io::MoleculeListFormat::kCsv
                 : format == "tsv" ? io::MoleculeListFormat::kTsv
                                   : io::MoleculeListFormat::kSmiles;
  lines_ = std::make_unique<io::MoleculeListReader>(input_->stream(), input_->name(), lists);
}

std::optional<ConformerRecord> ConformerInputs::next_line() {
  auto line = lines_->next();
  if (!line) return std::nullopt;
  ConformerRecord record;
  record.where = input_->name() + ":" + std::to_string(line->line);
  record.name = std::move(line->name);
  record.text = std::move(line->text);
  record.smiles = std::move(line->smiles);
  if (!line->problem.empty())
    record.failure = MoleculeFailure(MoleculeStatus::kParseSyntax, line->problem);
  return record;
}

std::optional<ConformerRecord> ConformerInputs::next_sdf() {
  if (sdf_->at_end()) return std::nullopt;
  ConformerRecord record;
  try {
    record.molecule = sdf_->next();
    record.where = record.molecule->source;
    record.name = record.molecule->name;
    record.fields = sdf_->fields();
    if (options_.use_input_3d) record.failure = missing_coordinates(*record.molecule);
  } catch (const engine::InputError& error) {
    record.where = sdf_->place();
    record.name = sdf_->title();
    record.failure = MoleculeFailure(sdf_->problem(), error.what());
  }
  return record;
}

std::optional<ConformerRecord> ConformerInputs::next() {
  while (auto record = next_of_all()) {
    if (!options_.shard) return record;
    digest_.add(*record);
    if (options_.shard->has(record->number)) return record;
  }
  return std::nullopt;
}

std::optional<ConformerRecord> ConformerInputs::next_of_all() {
  while (true) {
    auto record = sdf_ ? next_sdf() : next_line();
    if (record) {
      record->number = ++n_records_;
      if (record->name.empty()) record->name = default_name(n_records_);
      record->input_fraction = fraction();
      return record;
    }
    if (file_ + 1 == paths_.size()) return std::nullopt;
    open(file_ + 1);
  }
}

double ConformerInputs::fraction() const {
  return (static_cast<double>(file_) + input_->fraction()) / static_cast<double>(paths_.size());
}

}  // namespace saltus::tools
