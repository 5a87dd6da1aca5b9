#include "tools/saltus/conformers_output.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "io/formats/structure_text.h"
#include "io/hdf5/conformer_file.h"
#include "saltus_version.h"

namespace saltus::tools {

using engine::kKJPerKcal;

namespace {

std::string number_text(double value, int decimals) {
  if (!std::isfinite(value)) return "";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// SD file, one record per conformer.
class SdfOutput final : public ConformerOutput {
 public:
  SdfOutput(const std::filesystem::path& path, const io::TextOutput::Options& options,
            const ConformerSettings& settings)
      : file_(path, options), force_field_(settings.force_field_text()) {}

  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override {
    for (const IsomerConformers& isomer : outcome.isomers)
      for (std::size_t c = 0; c < isomer.positions.n_chains(); ++c)
        file_.write(io::sdf_record(isomer.name, "Saltus", isomer.molecule,
                                   isomer.positions.chain(c), fields(record, isomer, c)));
  }
  void commit() override { file_.commit(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields(const ConformerRecord& record,
                                                          const IsomerConformers& isomer,
                                                          std::size_t c) const {
    std::vector<std::pair<std::string, std::string>> fields = {
        {"record", std::to_string(record.number)},
        {"conformer", std::to_string(c + 1)},
        {"smiles", isomer.smiles_3d[c]},
        {"force_field", force_field_},
    };
    if (std::isfinite(isomer.energies[c])) {
      const double lowest = *std::min_element(isomer.energies.begin(), isomer.energies.end());
      fields.emplace_back("energy_kcal_mol", number_text(isomer.energies[c] / kKJPerKcal, 4));
      fields.emplace_back("relative_energy_kcal_mol",
                          number_text((isomer.energies[c] - lowest) / kKJPerKcal, 4));
      fields.emplace_back("minimised", isomer.converged[c] ? "yes" : "partly");
    }
    fields.emplace_back("seed", std::to_string(isomer.seed));
    fields.emplace_back("program", "saltus " SALTUS_VERSION ", ETKDGv3");
    return fields;
  }

  io::TextOutput file_;
  std::string force_field_;
};

/// Frames with a comment.
class XyzOutput final : public ConformerOutput {
 public:
  XyzOutput(const std::filesystem::path& path, const io::TextOutput::Options& options)
      : file_(path, options) {}
  void write(const ConformerRecord&, const ConformerOutcome& outcome) override {
    for (const IsomerConformers& isomer : outcome.isomers)
      for (std::size_t c = 0; c < isomer.positions.n_chains(); ++c) {
        const std::string energy = number_text(isomer.energies[c] / kKJPerKcal, 4);
        file_.write(io::xyz_frame(isomer.name + " conformer " + std::to_string(c + 1) +
                                      (energy.empty() ? "" : ", " + energy + " kcal/mol"),
                                  isomer.molecule, isomer.positions.chain(c)));
      }
  }
  void commit() override { file_.commit(); }

 private:
  io::TextOutput file_;
};

std::vector<std::string> status_words() {
  std::vector<std::string> words;
  for (int s = 0; s <= static_cast<int>(engine::MoleculeStatus::kInternal); ++s)
    words.push_back(engine::status_word(static_cast<engine::MoleculeStatus>(s)));
  return words;
}

/// One HDF5 file, failed records included.
class Hdf5Output final : public ConformerOutput {
 public:
  Hdf5Output(const std::filesystem::path& path, bool overwrite, const ConformerSettings& settings,
             const std::string& command_line)
      : writer_(path, overwrite,
                {{"program", "saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ")"},
                 {"command_line", command_line},
                 {"force_field", settings.force_field_text()}},
                status_words()) {}

  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override {
    io::ConformerSet set;
    set.record = record.number;
    set.status = static_cast<int>(outcome.status);
    if (outcome.isomers.empty()) {
      set.name = record.name;
      set.smiles = outcome.smiles;
      writer_.write(set);
    }
    for (const IsomerConformers& isomer : outcome.isomers) {
      set.name = isomer.name;
      set.smiles = isomer.smiles;
      set.molecule = isomer.molecule;
      set.positions = isomer.positions.view();
      set.energies_kJ_mol = isomer.energies;
      set.seed = isomer.seed;
      writer_.write(set);
    }
  }
  void commit() override { writer_.commit(); }

 private:
  io::ConformerFileWriter writer_;
};

std::string quoted(const std::string& value) {
  if (value.find_first_of(",\"\n\r") == std::string::npos) return value;
  std::string text = "\"";
  for (const char c : value) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// Lowest energy of all isomers, kcal/mol.
double lowest_energy(const ConformerOutcome& outcome) {
  double lowest = std::numeric_limits<double>::infinity();
  for (const IsomerConformers& isomer : outcome.isomers)
    for (const double energy : isomer.energies)
      if (energy < lowest) lowest = energy;
  return lowest / kKJPerKcal;
}

}  // namespace

std::unique_ptr<ConformerOutput> make_conformer_output(const std::filesystem::path& path,
                                                       bool overwrite,
                                                       const ConformerSettings& settings,
                                                       const std::string& command_line) {
  if (path == "-") return std::make_unique<SdfOutput>(path, io::TextOutput::Options{}, settings);
  const bool gzip = path.extension() == ".gz";
  const std::string extension = (gzip ? path.stem() : path).extension().string();
  const io::TextOutput::Options options{gzip, overwrite};
  if (extension == ".sdf") return std::make_unique<SdfOutput>(path, options, settings);
  if (extension == ".xyz") return std::make_unique<XyzOutput>(path, options);
  if (extension == ".h5" && !gzip)
    return std::make_unique<Hdf5Output>(path, overwrite, settings, command_line);
  throw engine::UsageError("saltus conformers: -o " + path.string() +
                           ": its name must end with .sdf, .sdf.gz, .xyz, .xyz.gz or .h5");
}

ConformerReport::ConformerReport(const std::filesystem::path& path, bool overwrite)
    : file_(path, {false, overwrite}) {
  file_.write(
      "record,where,name,smiles,status,n_isomers,n_requested,n_embedded,n_stereo_rejected,n_kept,"
      "energy_min_kcal_mol,seconds,message\n");
}

void ConformerReport::write(const ConformerRecord& record, const ConformerOutcome& outcome) {
  std::string line;
  for (const std::string& cell :
       {std::to_string(record.number), record.where, record.name, outcome.smiles,
        engine::status_word(outcome.status), std::to_string(outcome.isomers.size()),
        std::to_string(outcome.n_requested), std::to_string(outcome.n_embedded),
        std::to_string(outcome.n_stereo_rejected), std::to_string(outcome.n_kept),
        number_text(lowest_energy(outcome), 4), number_text(outcome.seconds, 3), outcome.message})
    line += (line.empty() ? "" : ",") + quoted(cell);
  file_.write(line + "\n");
}

FailedRecords::FailedRecords(const std::filesystem::path& path, bool overwrite)
    : file_(path, {false, overwrite}) {}

void FailedRecords::write(const ConformerRecord& record, const ConformerOutcome& outcome) {
  if (outcome.status == engine::MoleculeStatus::kOk) return;
  file_.write("# " + record.where + ": " + engine::status_word(outcome.status) + ": " +
              one_line(outcome.message) + "\n");
  if (!record.text.empty())
    file_.write(record.text + "\n");
  else if (!outcome.smiles.empty())
    file_.write(outcome.smiles + "\t" + record.name + "\n");
}

void ConformerTotals::add(const ConformerOutcome& outcome) {
  ++n_records;
  n_with_conformers += engine::has_conformers(outcome.status) ? 1 : 0;
  n_conformers += outcome.n_kept;
  n_embedded += outcome.n_embedded;
  n_stereo_rejected += outcome.n_stereo_rejected;
  ++statuses[engine::status_word(outcome.status)];
}

}  // namespace saltus::tools
