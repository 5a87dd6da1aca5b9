#include "tools/conformers/screen.h"

#include <algorithm>
#include <limits>

#include "engine/conformers/relaxation.h"
#include "engine/conformers/stereo_check.h"
#include "engine/core/error.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/mmff/mmff_system.h"

namespace saltus::tools {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kUnbuilt = std::numeric_limits<double>::infinity();

/// kJ/mol, of one conformer after a few steps downwards.
double rough_energy(const forcefields::ChemMolecule& isomer, const ConformerSettings& settings,
                    Clock::time_point deadline) {
  constexpr std::size_t kSteps = 100;
  const forcefields::ChemMolecule molecule = forcefields::with_hydrogens(isomer);
  const engine::Configuration configuration = forcefields::configuration_of(molecule);
  forcefields::EmbeddingOptions embedding;
  embedding.n_conformers = 1;
  embedding.seed = settings.seed;
  embedding.thorough = false;
  embedding.deadline = deadline;
  engine::CoordinateBatch positions =
      forcefields::embed(molecule, configuration, embedding).positions;
  if (positions.n_chains() == 0) return kUnbuilt;
  const engine::System system = forcefields::mmff_system(molecule, settings.mmff);
  engine::RelaxationOptions relaxation;
  relaxation.n_steps = kSteps;
  relaxation.deadline = deadline;
  const engine::Relaxation relaxed = engine::relax_conformers(
      engine::NativeEnergy(system, nullptr, engine::Precision::kDouble), positions, relaxation);
  const bool right = engine::has_configuration(configuration, positions.view().chain(0));
  return right ? relaxed.energies_kJ_mol.at(0) : kUnbuilt;
}

ScreenedIsomers judge(const std::vector<double>& energies) {
  ScreenedIsomers result;
  const double best = *std::min_element(energies.begin(), energies.end());
  for (std::size_t i = 0; i < energies.size(); ++i)
    if (!(energies[i] < kUnbuilt))
      ++result.n_unbuilt;
    else if (energies[i] > best + kMaxStrain)
      ++result.n_strained;
    else
      result.kept.push_back(i);
  return result;
}

ScreenedIsomers all_of(std::size_t n) {
  ScreenedIsomers result;
  for (std::size_t i = 0; i < n; ++i) result.kept.push_back(i);
  result.n_looked_at = n;
  return result;
}

std::string isomers_text(std::size_t n) {
  return std::to_string(n) + (n == 1 ? " stereoisomer" : " stereoisomers");
}

}  // namespace

std::string ScreenedIsomers::note() const {
  std::string text;
  if (n_unbuilt > 0)
    text = isomers_text(n_unbuilt) + " left out because a few attempts to build " +
           (n_unbuilt == 1 ? "it" : "them") + " failed";
  if (n_strained > 0)
    text += (text.empty() ? "" : "; ") + isomers_text(n_strained) +
            " left out because of ring strain of more than 30 kcal/mol above the best";
  return text;
}

ScreenedIsomers screen_isomers(const std::vector<forcefields::ChemMolecule>& isomers,
                               std::size_t wanted, const ConformerSettings& settings,
                               Clock::time_point deadline) {
  std::vector<double> energies;
  ScreenedIsomers screened;
  try {
    for (const forcefields::ChemMolecule& isomer : isomers) {
      if (Clock::now() > deadline) return all_of(isomers.size());
      energies.push_back(rough_energy(isomer, settings, deadline));
      screened = judge(energies);
      screened.n_looked_at = energies.size();
      if (screened.kept.size() >= wanted) break;
    }
  } catch (const engine::InputError&) {  // no parameters: the work itself says so
    return all_of(isomers.size());
  }
  return screened.kept.empty() ? all_of(isomers.size()) : screened;
}

}  // namespace saltus::tools
