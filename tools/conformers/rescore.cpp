#include "tools/conformers/rescore.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <optional>

#include "engine/conformers/stereo_check.h"
#include "engine/core/counted.h"
#include "forcefields/chem/atom_order.h"
#include "forcefields/chem/conformer_input.h"
#include "tools/conformers/force_field.h"
#include "tools/conformers/isomer.h"
#include "tools/conformers/isomer_stages.h"
#include "tools/conformers/lone_molecule.h"
#include "tools/conformers/populations.h"
#include "tools/conformers/record_status.h"

namespace saltus::tools {

using engine::CoordinateBatch;
using engine::MoleculeFailure;
using engine::MoleculeStatus;

namespace {

/// The conformers that could be read, in the order of atoms of the first one.
struct Readable {
  std::optional<LoneMolecule> first;
  std::vector<std::size_t> places;  ///< among all conformers
  std::vector<double> positions;    ///< [places, N, 3], nm
};

Readable read(const std::vector<EnsembleMember>& members, const ConformerSettings& settings,
              std::vector<RescoredConformer>& conformers) {
  Readable readable;
  for (std::size_t c = 0; c < members.size(); ++c) {
    RescoredConformer conformer;
    conformer.number = members[c].number;
    conformer.where = members[c].where;
    conformer.name = members[c].name;
    with_status(conformer, "OTHER_MOLECULE", [&] {
      LoneMolecule lone = lone_molecule(members[c], settings, true);
      note(lone.note, conformer.message);
      if (!readable.first) readable.first = lone;
      const std::vector<double> x =
          forcefields::positions_in_order_of(lone.molecule, readable.first->molecule);
      readable.places.push_back(c);
      readable.positions.insert(readable.positions.end(), x.begin(), x.end());
    });
    conformers.push_back(std::move(conformer));
  }
  return readable;
}

/// Energies as the conformers are; those that have none or another configuration go.
void score(IsomerJob& job, const engine::EnergyFunction& energy) {
  engine::ConformerEnsemble& ensemble = job.ensemble();
  energy.evaluate(ensemble.positions.view(), ensemble.energies, {});
  std::vector<std::size_t> good;
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c)
    if (std::isfinite(ensemble.energies[c]) &&
        engine::has_configuration(job.configuration, ensemble.positions.chain(c)))
      good.push_back(c);
  if (good.empty())
    throw MoleculeFailure(MoleculeStatus::kEmbedFailed,
                          "no conformer has a finite energy and the configuration of the molecule");
  ensemble.keep(good);
}

/// Where each conformer that has an energy went: the place of itself or of the one it duplicates.
class Fates {
 public:
  Fates(const forcefields::ChemMolecule& molecule, const engine::ConformerEnsemble& scored,
        const ConformerSettings& settings)
      : comparison_(forcefields::shape_comparison(molecule, forcefields::shape_atoms(molecule),
                                                  kMaxSymmetries)),
        scored_(scored),
        settings_(settings) {}

  /// @param kept  of the scored ones, those that count
  void tell(const engine::ConformerEnsemble& kept, std::vector<RescoredConformer>& conformers) {
    for (std::size_t c = 0; c < scored_.n_frames(); ++c) {
      RescoredConformer& conformer = conformers[scored_.ancestors[c]];
      conformer.energy = scored_.energies[c];
      const auto own =
          std::find(kept.ancestors.begin(), kept.ancestors.end(), scored_.ancestors[c]);
      if (own != kept.ancestors.end()) continue;
      conformer.status = "DUPLICATE";
      conformer.population = 0.0;
      conformer.duplicate_of = conformers[kept.ancestors[twin_of(c, kept)]].number;
    }
  }

  /// Of those that count, the one that stands for a conformer of the file.
  std::size_t twin_of(std::size_t c, const engine::ConformerEnsemble& kept) const {
    const auto shape = comparison_.shape(scored_.positions.chain(c));
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < kept.n_frames(); ++k) {
      if (std::abs(kept.energies[k] - scored_.energies[c]) >= settings_.selection.energy_tolerance)
        continue;
      const double rmsd = comparison_.rmsd(shape, comparison_.shape(kept.positions.chain(k)));
      if (rmsd < least) least = rmsd, best = k;
    }
    return best;
  }

 private:
  static constexpr std::size_t kMaxSymmetries = 5000;
  engine::ShapeComparison comparison_;
  const engine::ConformerEnsemble& scored_;
  const ConformerSettings& settings_;
};

void set_populations(RescoredEnsemble& result, const ConformerSettings& settings) {
  engine::ConformerEnsemble& ensemble = result.distinct.ensemble;
  result.populations = populations(result.distinct, settings);
  result.thermodynamics = ensemble_thermodynamics(result.populations, ensemble.energies,
                                                  ensemble.degeneracies, result.temperature_K);
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c) {
    RescoredConformer& conformer = result.conformers[ensemble.ancestors[c]];
    conformer.population = result.populations[c];
    if (!ensemble.degeneracies.empty()) conformer.degeneracy = ensemble.degeneracies[c];
  }
}

/// Weights of the file, only if all of the molecule's records have one.
void compare_with_file(const std::vector<EnsembleMember>& members, RescoredEnsemble& result) {
  double sum = 0.0;
  for (const EnsembleMember& member : members) sum += member.weight;
  if (!(sum > 0.0) || !std::isfinite(sum)) return;
  std::vector<double> of_file(result.conformers.size(), 0.0);
  for (std::size_t c = 0; c < members.size(); ++c) {
    RescoredConformer& conformer = result.conformers[c];
    conformer.population_in_file = members[c].weight / sum;
    std::size_t counts = c;
    if (conformer.duplicate_of != 0)
      counts =
          static_cast<std::size_t>(std::find_if(result.conformers.begin(), result.conformers.end(),
                                                [&](const RescoredConformer& other) {
                                                  return other.number == conformer.duplicate_of;
                                                }) -
                                   result.conformers.begin());
    of_file[counts] += conformer.population_in_file;
  }
  double distance = 0.0;
  for (std::size_t c = 0; c < of_file.size(); ++c) {
    const double p = result.conformers[c].population;
    distance += 0.5 * std::abs((std::isfinite(p) ? p : 0.0) - of_file[c]);
  }
  result.distance_to_file = distance;
}

/// Energies, choice and populations of what could be read.
void run(const Readable& readable, const ConformerSettings& settings, RescoredEnsemble& result) {
  using Clock = std::chrono::steady_clock;
  IsomerTask task;
  task.molecule = readable.first->molecule;
  task.molecule.positions_nm.clear();
  task.end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(settings.timeout_s));
  ConformerSettings all = settings;
  all.minimise = true;  // there are energies to choose by, whatever they are of
  all.selection.energy_window = std::numeric_limits<double>::infinity();
  ConformerOutcome outcome;
  IsomerJob job(task, all, outcome, result.distinct);
  const std::size_t n = readable.places.size();
  engine::ConformerEnsemble& ensemble = job.ensemble();
  ensemble.positions = CoordinateBatch(n, task.molecule.n_atoms());
  ensemble.positions.values() = readable.positions;
  ensemble.energies.assign(n, std::numeric_limits<double>::quiet_NaN());
  ensemble.converged.assign(n, false);
  ensemble.ancestors = readable.places;
  job.counts.n_wanted = job.counts.n_built = n;
  const ConformerField field = make_conformer_field(task.molecule, all);
  if (!field.name.empty()) result.distinct.force_field = field.name;
  note(field.note, result.note);
  if (settings.minimise)
    relax(job, *field.energy);
  else
    score(job, *field.energy);
  if (outcome.status == MoleculeStatus::kPartialTimeout)
    note("time ran out; see --timeout", result.note);
  const engine::ConformerEnsemble scored = ensemble;
  select(job);
  Fates(task.molecule, scored, all).tell(ensemble, result.conformers);
  result.force_field = force_field_text(result.distinct, all);
  if (ensemble.degeneracies.empty())
    note("too many symmetries to count degeneracies: all are taken for 1", result.note);
  set_populations(result, all);
}

/// Those that were neither kept nor taken for another's duplicate.
void report_lost(const Readable& readable, bool minimised, RescoredEnsemble& result) {
  for (const std::size_t place : readable.places) {
    RescoredConformer& conformer = result.conformers[place];
    if (std::isfinite(conformer.energy) || conformer.status != "OK") continue;
    conformer.status = minimised ? "NOT_MINIMISED" : "NO_ENERGY";
    note(minimised ? "no minimum with the configuration of the molecule was reached"
                   : "no finite energy, or another configuration than the molecule's",
         conformer.message);
  }
}

}  // namespace

RescoredEnsemble rescore(const std::vector<EnsembleMember>& members,
                         const ConformerSettings& settings) {
  RescoredEnsemble result;
  result.temperature_K = settings.temperature_K;
  const Readable readable = read(members, settings, result.conformers);
  if (!readable.first) return result;
  result.smiles = readable.first->smiles;
  result.distinct.smiles = result.smiles;
  result.distinct.name = members[readable.places.front()].name;
  result.distinct.molecule = forcefields::molecule_table(readable.first->molecule);
  RescoredConformer whole;
  with_status(whole, "OTHER_MOLECULE", [&] { run(readable, settings, result); });
  if (whole.status != "OK") {
    result.distinct.ensemble = {};
    for (const std::size_t place : readable.places) {
      result.conformers[place].status = whole.status;
      note(whole.message, result.conformers[place].message);
    }
    return result;
  }
  report_lost(readable, settings.minimise, result);
  compare_with_file(members, result);
  return result;
}

}  // namespace saltus::tools
