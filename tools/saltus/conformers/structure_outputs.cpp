#include "tools/saltus/conformers/structure_outputs.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "io/files/file_place.h"
#include "io/files/text_output.h"
#include "io/formats/structure_text.h"
#include "io/hdf5/conformer_spool.h"
#include "saltus_version.h"
#include "tools/conformers/populations.h"
#include "tools/saltus/conformers/modelling_outputs.h"
#include "tools/saltus/conformers/tables.h"

namespace saltus::tools {

using engine::kKJPerKcal;

namespace {

/// SD file, one record per conformer.
class SdfOutput final : public ConformerOutput {
 public:
  SdfOutput(const std::filesystem::path& path, const io::TextOutput::Options& options,
            const ConformerSettings& settings)
      : file_(path, options), settings_(settings) {}

  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override {
    for (const IsomerConformers& isomer : outcome.isomers) {
      const std::vector<double> shares = populations(isomer, settings_);
      const Siblings siblings = siblings_of(outcome, isomer);
      for (std::size_t c = 0; c < isomer.ensemble.n_frames(); ++c) {
        Fields all = fields(record, isomer, shares, c);
        add_sibling_fields(siblings, isomer, c, all);
        file_.write(io::sdf_record(isomer.name, "Saltus", isomer.molecule,
                                   isomer.ensemble.positions.chain(c), all));
      }
    }
  }
  std::string mark() override { return std::to_string(file_.mark()); }
  void commit(bool) override { file_.commit(); }

 private:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  /// An isomer compared with the others of its molecule.
  struct Siblings {
    bool any = false;
    double lowest = 0.0;         ///< kJ/mol
    std::vector<double> shares;  ///< [C]; may be empty
  };

  Siblings siblings_of(const ConformerOutcome& outcome, const IsomerConformers& isomer) const {
    const auto n =
        std::count_if(outcome.isomers.begin(), outcome.isomers.end(),
                      [&](const IsomerConformers& other) { return other.part == isomer.part; });
    return {n > 1, lowest_energy_of_siblings(outcome, isomer.part),
            populations_among_siblings(outcome, isomer, settings_)};
  }

  static void add_sibling_fields(const Siblings& siblings, const IsomerConformers& isomer,
                                 std::size_t c, Fields& fields) {
    if (!siblings.any || !std::isfinite(isomer.ensemble.energies[c])) return;
    fields.emplace_back(
        "energy_above_best_isomer_kcal_mol",
        number_text((isomer.ensemble.energies[c] - siblings.lowest) / kKJPerKcal, 4));
    if (!siblings.shares.empty())
      fields.emplace_back("population_among_isomers", number_text(siblings.shares[c], 6));
  }

  Fields fields(const ConformerRecord& record, const IsomerConformers& isomer,
                const std::vector<double>& shares, std::size_t c) const {
    Fields fields = {
        {"record", std::to_string(record.number)},
        {"conformer", std::to_string(c + 1)},
        {"smiles", isomer.smiles_3d[c]},
        {"force_field", force_field_text(isomer, settings_)},
    };
    if (std::isfinite(isomer.ensemble.energies[c])) {
      const double lowest =
          *std::min_element(isomer.ensemble.energies.begin(), isomer.ensemble.energies.end());
      fields.emplace_back("energy_kcal_mol",
                          number_text(isomer.ensemble.energies[c] / kKJPerKcal, 4));
      fields.emplace_back("relative_energy_kcal_mol",
                          number_text((isomer.ensemble.energies[c] - lowest) / kKJPerKcal, 4));
      if (settings_.mode != ConformerMode::kBoltzmann)
        fields.emplace_back("minimised", isomer.ensemble.converged[c] ? "yes" : "partly");
    }
    if (!shares.empty()) {
      fields.emplace_back("population", number_text(shares[c], 6));
      fields.emplace_back("temperature_K",
                          number_text(population_temperature(isomer, settings_), 2));
    }
    if (!isomer.ensemble.degeneracies.empty())
      fields.emplace_back("degeneracy",
                          engine::significant_text(isomer.ensemble.degeneracies[c], 4));
    if (!isomer.ensemble.log_weights.empty())
      fields.emplace_back("log_weight", number_text(isomer.ensemble.log_weights[c], 6));
    if (!isomer.ensemble.reference_rmsd.empty())
      fields.emplace_back(
          "rmsd_to_reference_angstrom",
          number_text(isomer.ensemble.reference_rmsd[c] * engine::kAngstromPerNm, 4));
    fields.emplace_back("method", method_text(isomer));
    fields.emplace_back("seed", std::to_string(isomer.seed));
    fields.emplace_back("program", "saltus " SALTUS_VERSION);
    return fields;
  }

  io::TextOutput file_;
  ConformerSettings settings_;
};

/// Frames with a comment.
class XyzOutput final : public ConformerOutput {
 public:
  XyzOutput(const std::filesystem::path& path, const io::TextOutput::Options& options)
      : file_(path, options) {}
  void write(const ConformerRecord&, const ConformerOutcome& outcome) override {
    for (const IsomerConformers& isomer : outcome.isomers)
      for (std::size_t c = 0; c < isomer.ensemble.n_frames(); ++c) {
        const std::string energy = number_text(isomer.ensemble.energies[c] / kKJPerKcal, 4);
        file_.write(io::xyz_frame(isomer.name + " conformer " + std::to_string(c + 1) +
                                      (energy.empty() ? "" : ", " + energy + " kcal/mol") +
                                      weight_text(isomer.ensemble, c) +
                                      rmsd_text(isomer.ensemble, c),
                                  isomer.molecule, isomer.ensemble.positions.chain(c)));
      }
  }
  std::string mark() override { return std::to_string(file_.mark()); }
  void commit(bool) override { file_.commit(); }

 private:
  /// Frames whose weights differ must not pass for equal ones.
  static std::string weight_text(const engine::ConformerEnsemble& ensemble, std::size_t c) {
    if (ensemble.log_weights.empty()) return "";
    return ", log weight " + engine::significant_text(ensemble.log_weights[c], 6);
  }

  static std::string rmsd_text(const engine::ConformerEnsemble& ensemble, std::size_t c) {
    if (ensemble.reference_rmsd.empty()) return "";
    return ", rmsd " + number_text(ensemble.reference_rmsd[c] * engine::kAngstromPerNm, 4) +
           " angstrom";
  }

  io::TextOutput file_;
};

std::vector<std::string> status_words() {
  std::vector<std::string> words;
  for (int s = 0; s <= static_cast<int>(engine::MoleculeStatus::kInternal); ++s)
    words.push_back(engine::status_word(static_cast<engine::MoleculeStatus>(s)));
  return words;
}

std::filesystem::path spool_of(std::filesystem::path path) { return path += ".spool"; }

/// One HDF5 file, failed records included, made of a spool when all is there.
class Hdf5Output final : public ConformerOutput {
 public:
  Hdf5Output(const std::filesystem::path& path, const OutputStart& start,
             const ConformerSettings& settings, const std::string& command_line)
      : path_(path), command_line_(command_line), settings_(settings) {
    if (!start.mark) io::refuse_to_overwrite(path, start.overwrite);
    io::require_file_place(io::part_of(path));  // only needed in the end, which may be far
    // Killed while it removed what it no longer needed.
    if (start.all_written && std::filesystem::exists(path) && !exists(io::part_of(spool_of(path))))
      mark_of_finished_ = *start.mark;
    else
      spool_ = std::make_unique<io::ConformerSpool>(spool_of(path), start.bytes());
  }

  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override {
    if (!spool_)
      throw engine::FileError("'" + path_.string() + "' is finished, but the input goes on after " +
                              "the records that it was made of: start again with --overwrite");
    if (outcome.isomers.empty()) {
      io::ConformerSet set;
      set.record = record.number;
      set.status = static_cast<int>(outcome.status);
      set.name = record.name;
      set.smiles = outcome.smiles;
      spool_->write(set);
    }
    for (const IsomerConformers& isomer : outcome.isomers)
      spool_->write(set_of(record, outcome, isomer));
  }
  std::string mark() override {
    return spool_ ? std::to_string(spool_->mark()) : mark_of_finished_;
  }

  void commit(bool) override {
    if (!spool_) return;
    constexpr bool kOverwrite = true;  // was asked in the beginning
    io::ConformerFileWriter writer(
        path_, kOverwrite,
        {{"program", "saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ")"},
         {"command_line", command_line_},
         {"force_field", settings_.force_field_text()}},
        status_words());
    spool_->read([&](const io::ConformerSet& set) { writer.write(set); });
    writer.commit();
  }
  void forget_marks() override {
    if (spool_) spool_->remove();
  }

 private:
  io::ConformerSet set_of(const ConformerRecord& record, const ConformerOutcome& outcome,
                          const IsomerConformers& isomer) const {
    io::ConformerSet set;
    set.record = record.number;
    set.status = static_cast<int>(outcome.status);
    set.name = isomer.name;
    set.smiles = isomer.smiles;
    set.molecule = isomer.molecule;
    set.ensemble = &isomer.ensemble;
    set.seed = isomer.seed;
    set.method = method_text(isomer);
    set.temperature_K = population_temperature(isomer, settings_);
    return set;
  }

  std::filesystem::path path_;
  std::string command_line_;
  ConformerSettings settings_;
  std::unique_ptr<io::ConformerSpool> spool_;  ///< null when the file is finished
  std::string mark_of_finished_;
};

/// A folder of files.
class SplitOutput final : public ConformerOutput {
 public:
  SplitOutput(const std::filesystem::path& folder, std::string format,
              const ConformerSettings& settings, std::string command_line)
      : folder_(folder),
        format_(std::move(format)),
        command_line_(std::move(command_line)),
        settings_(settings) {}

  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override {
    if (outcome.isomers.empty()) return;
    OutputStart start;
    start.overwrite = true;  // was asked in the beginning
    constexpr bool kComplete = true;
    const auto file = make_conformer_output(folder_ / (split_file_name(record) + "." + format_),
                                            start, settings_, command_line_);
    file->write(record, outcome);
    file->commit(kComplete);
    file->forget_marks();
  }
  std::string mark() override { return "0"; }
  void commit(bool) override {}

 private:
  std::filesystem::path folder_;
  std::string format_, command_line_;
  ConformerSettings settings_;
};

}  // namespace

std::unique_ptr<ConformerOutput> make_conformer_output(const std::filesystem::path& path,
                                                       const OutputStart& start,
                                                       const ConformerSettings& settings,
                                                       const std::string& command_line) {
  if (path == "-") return std::make_unique<SdfOutput>(path, io::TextOutput::Options{}, settings);
  const bool gzip = path.extension() == ".gz";
  const std::string extension = (gzip ? path.stem() : path).extension().string();
  const io::TextOutput::Options options{gzip, start.overwrite, start.bytes()};
  if (extension == ".sdf") return std::make_unique<SdfOutput>(path, options, settings);
  if (extension == ".xyz") return std::make_unique<XyzOutput>(path, options);
  if (extension == ".h5" && !gzip)
    return std::make_unique<Hdf5Output>(path, start, settings, command_line);
  if (extension == ".pdb") return make_pdb_output(path, options);
  if (extension == ".mol2") return make_mol2_output(path, options);
  throw engine::UsageError("saltus conformers: -o " + path.string() +
                           ": its name must end with .sdf, .xyz, .pdb, .mol2 (all of these also "
                           "with .gz) or .h5");
}

std::string split_file_name(const ConformerRecord& record) {
  constexpr std::size_t kMaxNameLength = 80;
  std::string name = record.name.substr(0, kMaxNameLength);
  for (char& c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!plain && c != '-' && c != '_') c = '_';
  }
  return name + "_" + engine::zero_padded(record.number, 6);
}

std::unique_ptr<ConformerOutput> make_split_output(const std::filesystem::path& folder,
                                                   const std::string& format,
                                                   const OutputStart& start,
                                                   const ConformerSettings& settings,
                                                   const std::string& command_line) {
  io::require_file_place(folder);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && !std::filesystem::is_directory(folder))
    error = std::make_error_code(std::errc::not_a_directory);
  const bool empty = !error && std::filesystem::is_empty(folder, error);
  if (error)
    throw engine::FileError("cannot write into '" + folder.string() + "': " + error.message());
  if (!empty && !start.overwrite && !start.mark)
    throw engine::FileError("'" + folder.string() +
                            "' is not empty: choose another folder, or replace files in it with "
                            "--overwrite");
  return std::make_unique<SplitOutput>(folder, format, settings, command_line);
}

}  // namespace saltus::tools
