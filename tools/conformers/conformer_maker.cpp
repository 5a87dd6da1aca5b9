#include "tools/conformers/conformer_maker.h"

#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "tools/conformers/make_conformers.h"
#include "tools/conformers/populations.h"
#include "tools/conformers/torsion_models.h"

namespace saltus {

namespace {

using engine::InputError;

tools::ConformerMode mode_of(ConformerOptions::Mode mode) {
  if (mode == ConformerOptions::Mode::kMinima) return tools::ConformerMode::kMinima;
  if (mode == ConformerOptions::Mode::kBoltzmann) return tools::ConformerMode::kBoltzmann;
  return tools::ConformerMode::kEnsemble;
}

std::optional<engine::GeneralizedBornModel> model_of(ConformerOptions::Solvent solvent) {
  using engine::GeneralizedBornModel;
  if (solvent == ConformerOptions::Solvent::kObc1) return GeneralizedBornModel::kObc1;
  if (solvent == ConformerOptions::Solvent::kObc2) return GeneralizedBornModel::kObc2;
  if (solvent == ConformerOptions::Solvent::kGbn2) return GeneralizedBornModel::kGbn2;
  return std::nullopt;
}

double positive(const char* name, double value) {
  if (!(value > 0.0) || !std::isfinite(value))
    throw InputError(std::string("conformer options: ") + name +
                     " must be a positive number, got " + std::to_string(value));
  return value;
}

std::size_t at_least_one(const char* name, std::size_t value) {
  if (value == 0)
    throw InputError(std::string("conformer options: ") + name + " must be at least 1, got 0");
  return value;
}

tools::ConformerSettings settings_of(const ConformerOptions& options) {
  tools::ConformerSettings settings = tools::default_settings(mode_of(options.mode));
  if (options.n_conformers)
    settings.n_conformers = at_least_one("n_conformers", *options.n_conformers);
  if (options.energy_window_kJ_mol && options.mode == ConformerOptions::Mode::kBoltzmann)
    throw InputError(
        "conformer options: energy_window_kJ_mol is not for draws from the Boltzmann distribution: "
        "choosing among them changes it");
  if (options.energy_window_kJ_mol)
    settings.selection.energy_window =
        positive("energy_window_kJ_mol", *options.energy_window_kJ_mol);
  if (const auto model = model_of(options.solvent)) tools::put_into_solvent(*model, settings);
  if (options.temperature_K)
    settings.temperature_K = positive("temperature_K", *options.temperature_K);
  if (options.max_stereoisomers)
    settings.isomers.max_isomers = at_least_one("max_stereoisomers", *options.max_stereoisomers);
  if (options.timeout_s) settings.timeout_s = positive("timeout_s", *options.timeout_s);
  if (options.seed) settings.seed = *options.seed;
  settings.network = tools::load_torsion_model(settings.model);
  return settings;
}

Conformers plain(const tools::IsomerConformers& isomer, const tools::ConformerSettings& settings) {
  Conformers result;
  result.smiles = isomer.smiles;
  for (const engine::MoleculeTable::Atom& atom : isomer.molecule.atoms) {
    result.atomic_numbers.push_back(atom.atomic_number);
    result.formal_charges.push_back(atom.charge);
  }
  for (const engine::MoleculeTable::Bond& bond : isomer.molecule.bonds)
    result.bonds.push_back({bond.first, bond.second, bond.order});
  result.positions_nm = isomer.ensemble.positions.values();
  result.energies_kJ_mol = isomer.ensemble.energies;
  result.populations = tools::populations(isomer, settings);
  return result;
}

}  // namespace

ConformerMaker::ConformerMaker(const ConformerOptions& options)
    : settings_(std::make_shared<const tools::ConformerSettings>(settings_of(options))) {}

ConformerResult ConformerMaker::make(const std::string& smiles, std::size_t number) const {
  tools::NamedMolecule named;
  named.number = number;
  named.smiles = smiles;
  const tools::ConformerOutcome outcome = tools::make_conformers(named, *settings_);
  ConformerResult result;
  result.status = engine::status_word(outcome.status);
  result.message = outcome.message;
  for (const tools::IsomerConformers& isomer : outcome.isomers)
    result.stereoisomers.push_back(plain(isomer, *settings_));
  return result;
}

}  // namespace saltus
