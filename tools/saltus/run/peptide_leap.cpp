#include "tools/saltus/run/peptide_leap.h"

#include <filesystem>
#include <string_view>
#include <utility>

#include "engine/core/error.h"
#include "engine/leap/leap_temperature_map.h"
#include "engine/moves/joint_temperature_map.h"
#include "io/deck/sha256.h"
#include "io/files/durable_file.h"
#include "mlsamplers/peptides/peptide_block_leap.h"
#include "tools/saltus/decks/move_kind.h"

namespace saltus::tools {

namespace {

/// " with SHA-256 0123456789abcdef": the beginning of the digest of some bytes.
std::string digest_text(std::string_view bytes) {
  constexpr std::size_t kShown = 16;
  return " with SHA-256 " + io::sha256_hex(bytes).substr(0, kShown);
}

/// The peptides of a molecule, or of several, as the model sees them.
std::vector<mlsamplers::Peptide> fitting_peptides(const mlsamplers::PeptideModel& model,
                                                  const Molecule& molecule,
                                                  const std::vector<double>& temperatures_K,
                                                  const std::string& name) {
  std::vector<mlsamplers::Peptide> peptides =
      mlsamplers::recognise_peptides(molecule.topology, molecule.positions);
  for (const mlsamplers::Peptide& peptide : peptides)
    mlsamplers::require_force_field(model, peptide, molecule.system, name);
  mlsamplers::require_temperatures(model, temperatures_K, name);
  return peptides;
}

}  // namespace

mlsamplers::PeptideModel load_peptide_model_by_name(const std::string& name) {
  if (name != kShippedPeptideModel) return mlsamplers::load_peptide_model(name);
  if (mlsamplers::shipped_peptide_model().empty())
    throw engine::InputError(
        "peptide_leap: this Saltus comes without a peptide model; give the file of one, which "
        "'saltus train data/decks/peptide_leaps.toml' makes");
  return mlsamplers::load_shipped_peptide_model();
}

std::string peptide_model_version(const std::string& name) {
  if (name == kShippedPeptideModel) return "the default model" + shipped_peptide_model_version();
  return std::filesystem::path(name).filename().string() +
         digest_text(io::read_whole_file(name, "peptide model"));
}

bool shipped_peptide_model_fits(const Molecule& molecule,
                                const std::vector<double>& temperatures_K) {
  if (mlsamplers::shipped_peptide_model().empty()) return false;
  try {
    fitting_peptides(load_peptide_model_by_name(kShippedPeptideModel), molecule, temperatures_K,
                     kShippedPeptideModel);
  } catch (const engine::Error&) {
    return false;  // another molecule, force field or temperature
  }
  return true;
}

std::string shipped_peptide_model_version() {
  const engine::Span<const unsigned char> bytes = mlsamplers::shipped_peptide_model();
  if (bytes.empty()) return "";
  return digest_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string peptide_note(const Molecule& molecule) {
  const std::vector<mlsamplers::Peptide> peptides =
      mlsamplers::recognise_peptides(molecule.topology, molecule.positions);
  std::size_t n_others = molecule.topology.n_atoms();
  std::string which;
  for (const mlsamplers::Peptide& peptide : peptides) {
    n_others -= peptide.z.n_atoms();
    const std::size_t last = peptide.residues.size() - 1;
    which += (which.empty() ? "" : ", ") + std::to_string(peptide.number_of(0)) + "-" +
             std::to_string(peptide.number_of(last));
  }
  if (peptides.size() == 1 && n_others == 0) return "";
  std::string text = "the peptide model serves " + std::to_string(peptides.size()) +
                     (peptides.size() == 1 ? " peptide" : " peptides") + ", residues " + which;
  if (n_others > 0)
    text += "; other atoms (" + std::to_string(n_others) +
            ") stay in place in leaps and are not carried along between temperatures";
  return text;
}

std::shared_ptr<const engine::Proposal> make_peptide_leap(
    const std::string& name, const Molecule& molecule, const std::vector<double>& temperatures_K,
    const mlsamplers::PeptideLeapOptions& options, std::shared_ptr<engine::ThreadPool> pool) {
  const mlsamplers::PeptideModel model = load_peptide_model_by_name(name);
  const std::vector<mlsamplers::Peptide> peptides =
      fitting_peptides(model, molecule, temperatures_K, name);
  return mlsamplers::peptide_block_leap(
      model, {peptides, molecule.topology, molecule.system, molecule.positions}, options, name,
      std::move(pool));
}

std::shared_ptr<const engine::TemperatureMap> make_peptide_map(
    const std::string& name, const Molecule& molecule, const std::vector<double>& temperatures_K,
    std::shared_ptr<engine::ThreadPool> pool) {
  const mlsamplers::PeptideModel model = load_peptide_model_by_name(name);
  const std::vector<mlsamplers::Peptide> peptides =
      fitting_peptides(model, molecule, temperatures_K, name);
  std::vector<std::shared_ptr<const engine::TemperatureMap>> maps;
  for (const engine::LeapWeights& weights :
       mlsamplers::temperature_map_weights(model, peptides, name))
    maps.push_back(std::make_shared<engine::LeapTemperatureMap>(weights, pool));
  return std::make_shared<engine::JointTemperatureMap>(std::move(maps));
}

}  // namespace saltus::tools
