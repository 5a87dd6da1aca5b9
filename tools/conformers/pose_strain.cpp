#include "tools/conformers/pose_strain.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>

#include "engine/conformers/shape_comparison.h"
#include "engine/conformers/stereo_check.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/atom_order.h"
#include "forcefields/chem/conformer_input.h"
#include "tools/conformers/force_field.h"
#include "tools/conformers/isomer.h"
#include "tools/conformers/lone_molecule.h"
#include "tools/conformers/minimum_search.h"
#include "tools/conformers/pose_checks.h"
#include "tools/conformers/record_status.h"

namespace saltus::tools {

using engine::ConstCoordinates;
using engine::CoordinateBatch;
using engine::MoleculeFailure;
using engine::MoleculeStatus;
using engine::Relaxed;
using Clock = std::chrono::steady_clock;

namespace {

double energy_of(const engine::EnergyFunction& energy, const CoordinateBatch& x) {
  double value = 0.0;
  energy.evaluate(x.view(), {&value, 1}, {});
  return value;
}

/// What all poses of a molecule share.
class Molecule {
 public:
  Molecule(LoneMolecule lone, const ConformerSettings& settings, const StrainOptions& options,
           Clock::time_point end)
      : first_(std::move(lone)),
        settings_(settings),
        options_(options),
        end_(end),
        field_(make_conformer_field(first_.molecule, settings)),
        configuration_(forcefields::configuration_of(first_.molecule)),
        atoms_(restrained_atoms(first_.molecule)),
        comparison_(atoms_, {identity(atoms_.size())}) {
    if (!field_.system)
      throw MoleculeFailure(MoleculeStatus::kNoParameters,
                            "MMFF94 has no parameters, and strain is not known for another force "
                            "field");
  }

  const LoneMolecule& first() const { return first_; }

  void relax(const LoneMolecule& lone, PoseStrain& pose) const {
    const std::vector<double> given =
        forcefields::positions_in_order_of(lone.molecule, first_.molecule);
    CoordinateBatch x(1, first_.molecule.n_atoms());
    x.values() = given;
    pose.energy_given = energy_of(*field_.energy, x);
    const std::string bond = impossible_bond(*field_.system, first_.molecule, given);
    if (!bond.empty()) {
      pose.status = "BAD_GEOMETRY";
      return note(bond + ": the coordinates do not belong to these bonds", pose.message);
    }
    const std::string contact = clash(*field_.system, first_.molecule, given);
    if (!contact.empty()) {
      pose.status = "CLASH";
      note(contact, pose.message);
    }
    if (!std::isfinite(pose.energy_given)) {
      pose.energy_given = PoseStrain::kUnknown;
      return;
    }
    const CoordinateBatch start = x;
    if (hold_and_relax(x, pose)) fall_into_minimum(start, x, pose);
  }

 private:
  static std::vector<std::uint32_t> identity(std::size_t n) {
    std::vector<std::uint32_t> map(n);
    std::iota(map.begin(), map.end(), 0u);
    return map;
  }

  double moved(const CoordinateBatch& from, const CoordinateBatch& to) const {
    return comparison_.rmsd(comparison_.shape(from.chain(0)), comparison_.shape(to.chain(0)));
  }

  bool has_configuration(const CoordinateBatch& x) const {
    return engine::has_configuration(configuration_, x.chain(0));
  }

  Relaxed minimise(const engine::EnergyFunction& energy, CoordinateBatch& x) const {
    engine::RelaxationOptions options = settings_.relaxation;
    options.deadline = end_;
    return engine::relax_conformers(energy, x, options).ends[0];
  }

  /// @param x  the pose, in and out
  /// @returns  whether there is a strain
  bool hold_and_relax(CoordinateBatch& x, PoseStrain& pose) const {
    const CoordinateBatch given = x;
    const engine::NativeEnergy held(
        with_pose_restraints(*field_.system, atoms_, given.chain(0), options_.restraint), nullptr,
        engine::Precision::kDouble);
    const Relaxed end = minimise(held, x);
    if (end == Relaxed::kNotReached)
      throw MoleculeFailure(MoleculeStatus::kTimeout, "time ran out; see --timeout");
    if (end == Relaxed::kFailed) {
      pose.status = "CLASH";
      note("atoms lie on top of each other", pose.message);
      return false;
    }
    if (!has_configuration(x)) {
      pose.status = "STEREO_CHANGED";
      note("the relaxation changed the configuration, or the pose has none that is clear",
           pose.message);
      return false;
    }
    if (end == Relaxed::kNotConverged && pose.status == "OK") {
      pose.status = "NOT_CONVERGED";
      note("the relaxation with restraints did not come to its end", pose.message);
    }
    pose.energy_relaxed = energy_of(*field_.energy, x);
    pose.moved_nm = moved(given, x);
    pose.relaxed = x;
    return true;
  }

  void fall_into_minimum(const CoordinateBatch& given, CoordinateBatch x, PoseStrain& pose) const {
    const Relaxed end = minimise(*field_.energy, x);
    if (end != Relaxed::kConverged && end != Relaxed::kNotConverged)
      return note("its own minimum was not reached in time", pose.message);
    if (!has_configuration(x))
      return note("without restraints it falls into a minimum of another configuration",
                  pose.message);
    pose.energy_minimum = energy_of(*field_.energy, x);
    pose.moved_to_minimum_nm = moved(given, x);
  }

  LoneMolecule first_;
  const ConformerSettings& settings_;
  const StrainOptions& options_;
  Clock::time_point end_;
  ConformerField field_;
  engine::Configuration configuration_;
  std::vector<std::size_t> atoms_;
  engine::ShapeComparison comparison_;
};

void find_global_minimum(const Molecule& molecule, const ConformerSettings& settings,
                         const StrainOptions& options, Clock::time_point end,
                         MoleculeStrain& result) {
  result.n_searches = options.n_searches;
  double lowest = std::numeric_limits<double>::infinity();
  for (const PoseStrain& pose : result.poses)
    if (pose.energy_minimum < lowest) lowest = pose.energy_minimum;
  const MinimumSearch search =
      search_minima(molecule.first().molecule, settings, options.n_searches, end);
  result.note = search.note;
  result.global_minimum = std::min(lowest, search.lowest_energy());
  result.n_found = search.n_found(result.global_minimum);
  if (result.n_found < std::min<std::size_t>(2, result.n_searches))
    note(result.n_found == 0
             ? "the global minimum is that of a pose, no search found one as low: a "
               "larger -n searches more"
             : "only one search found the global minimum: there may be a lower one, "
               "a larger -n searches more",
         result.note);
}

void set_strains(MoleculeStrain& result) {
  for (PoseStrain& pose : result.poses) {
    pose.strain = pose.energy_relaxed - result.global_minimum;
    pose.strain_of_minimum = pose.energy_minimum - result.global_minimum;
  }
}

}  // namespace

MoleculeStrain pose_strain(const std::vector<NamedMolecule>& poses,
                           const ConformerSettings& settings, const StrainOptions& options) {
  constexpr double kShareOfPoses = 0.5;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(settings.timeout_s));
  MoleculeStrain result;
  result.force_field = settings.force_field_text();
  std::optional<Molecule> molecule;
  for (const NamedMolecule& named : poses) {
    PoseStrain pose;
    pose.number = named.number;
    pose.where = named.where;
    pose.name = named.name;
    with_status(pose, "OTHER_MOLECULE", [&] {
      LoneMolecule lone = lone_molecule(named, settings, true);
      note(lone.note, pose.message);
      if (!molecule) molecule.emplace(lone, settings, options, share_of_time(end, kShareOfPoses));
      molecule->relax(lone, pose);
    });
    result.poses.push_back(std::move(pose));
  }
  if (!molecule) return result;
  result.smiles = molecule->first().smiles;
  result.molecule = forcefields::molecule_table(molecule->first().molecule);
  if (std::none_of(result.poses.begin(), result.poses.end(),
                   [](const PoseStrain& pose) { return std::isfinite(pose.energy_relaxed); }))
    return result;
  PoseStrain of_search;
  with_status(of_search, "OTHER_MOLECULE",
              [&] { find_global_minimum(*molecule, settings, options, end, result); });
  if (of_search.status != "OK")
    for (PoseStrain& pose : result.poses) {
      if (pose.status == "OK") pose.status = of_search.status;
      note("no global minimum: " + of_search.message, pose.message);
    }
  set_strains(result);
  return result;
}

}  // namespace saltus::tools
