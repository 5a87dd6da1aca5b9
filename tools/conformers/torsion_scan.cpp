#include "tools/conformers/torsion_scan.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "engine/conformers/stereo_check.h"
#include "engine/core/counted.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/stereoisomers.h"
#include "tools/conformers/force_field.h"
#include "tools/conformers/isomer.h"
#include "tools/conformers/lone_molecule.h"
#include "tools/conformers/minimum_search.h"
#include "tools/conformers/record_status.h"
#include "tools/conformers/scan_bond.h"

namespace saltus::tools {

using engine::CoordinateBatch;
using engine::MoleculeFailure;
using engine::MoleculeStatus;
using engine::Relaxed;
using Clock = std::chrono::steady_clock;

namespace {

constexpr double kStrength = 1e4;  // kJ/mol/rad^2

/// One scan on its way: best conformers of each angle so far.
class Scan {
 public:
  Scan(const forcefields::ChemMolecule& molecule, ScanBond bond, const ConformerSettings& settings,
       Clock::time_point end)
      : bond_(std::move(bond)),
        options_(settings.relaxation),
        field_(make_conformer_field(molecule, settings)),
        configuration_(forcefields::configuration_of(molecule)) {
    if (!field_.system)
      throw MoleculeFailure(MoleculeStatus::kNoParameters,
                            "MMFF94 has no parameters, and another force field is not scanned");
    options_.deadline = end;
  }

  void begin(std::size_t n_points, std::size_t n_atoms) {
    best_ = CoordinateBatch(n_points, n_atoms);
    energies_.assign(n_points, std::numeric_limits<double>::infinity());
    for (std::size_t p = 0; p < n_points; ++p) {
      engine::System system = *field_.system;
      engine::TorsionRestraint restraint;
      restraint.i = bond_.atoms[0];
      restraint.j = bond_.atoms[1];
      restraint.k_atom = bond_.atoms[2];
      restraint.l = bond_.atoms[3];
      restraint.angle_rad = angle(p);
      restraint.k = kStrength;
      system.torsion_restraints.push_back(restraint);
      held_.push_back(
          std::make_unique<engine::NativeEnergy>(system, nullptr, engine::Precision::kDouble));
    }
  }

  std::size_t n_points() const { return energies_.size(); }
  double angle(std::size_t point) const {
    return -engine::kPi +
           engine::kTwoPi * static_cast<double>(point) / static_cast<double>(energies_.size());
  }
  double energy(std::size_t point) const { return energies_[point]; }
  const CoordinateBatch& best() const { return best_; }
  bool timed_out() const { return timed_out_; }

  /// Tries conformers, turned to the angle of a point. @returns  whether one is lower
  bool improve(std::size_t point, const CoordinateBatch& starts) {
    constexpr double kGain = 1e-3;  // kJ/mol
    CoordinateBatch x = starts;
    for (std::size_t c = 0; c < x.n_chains(); ++c) bond_.set_angle(angle(point), x.chain(c));
    const engine::Relaxation relaxed = engine::relax_conformers(*held_[point], x, options_);
    timed_out_ = timed_out_ || relaxed.timed_out;
    bool any = false;
    for (std::size_t c = 0; c < x.n_chains(); ++c) {
      if (relaxed.ends[c] != Relaxed::kConverged && relaxed.ends[c] != Relaxed::kNotConverged)
        continue;
      if (!engine::has_configuration(configuration_, x.chain(c))) continue;
      const double energy = energy_at(angle(point), x, c);
      if (!(energy < energies_[point] - kGain)) continue;
      energies_[point] = energy;
      best_.copy_chain(x.view(), c, point);
      any = true;
    }
    return any;
  }

  /// Tries the best conformers of the neighbouring points.
  bool improve_from_neighbours(std::size_t point) {
    const std::size_t n = n_points();
    std::vector<std::size_t> neighbours;
    for (const std::size_t other : {(point + n - 1) % n, (point + 1) % n})
      if (std::isfinite(energies_[other])) neighbours.push_back(other);
    return !neighbours.empty() && improve(point, CoordinateBatch::rows(best_.view(), neighbours));
  }

  /// The minimum that a point's conformer falls into.
  std::optional<ScanExtremum> minimum(std::size_t point) const {
    CoordinateBatch x = CoordinateBatch::rows(best_.view(), std::vector<std::size_t>{point});
    const engine::Relaxation relaxed = engine::relax_conformers(*field_.energy, x, options_);
    if (relaxed.ends[0] != Relaxed::kConverged && relaxed.ends[0] != Relaxed::kNotConverged)
      return std::nullopt;
    if (!engine::has_configuration(configuration_, x.chain(0))) return std::nullopt;
    return ScanExtremum{bond_.angle(x.chain(0)), relaxed.energies_kJ_mol[0]};
  }

 private:
  double energy_at(double target, const CoordinateBatch& x, std::size_t chain) const {
    double energy = 0.0;
    field_.energy->evaluate(x.view().slice(chain, 1), {&energy, 1}, {});
    const double short_of = wrapped_angle(bond_.angle(x.chain(chain)) - target);
    return energy + kStrength * short_of * short_of;
  }

  ScanBond bond_;
  engine::RelaxationOptions options_;
  ConformerField field_;
  engine::Configuration configuration_;
  std::vector<std::unique_ptr<engine::NativeEnergy>> held_;  ///< [points]
  CoordinateBatch best_;                                     ///< [points, N, 3], nm
  std::vector<double> energies_;                             ///< [points], kJ/mol; inf: none yet
  bool timed_out_ = false;
};

/// Up and down the grid until nothing gets lower.
void sweep(Scan& scan) {
  constexpr std::size_t kMaxRounds = 20;
  bool changed = true;
  for (std::size_t round = 0; changed && round < kMaxRounds && !scan.timed_out(); ++round) {
    changed = false;
    for (std::size_t p = 0; p < scan.n_points(); ++p)
      changed = scan.improve_from_neighbours(p) || changed;
    for (std::size_t p = scan.n_points(); p-- > 0;)
      changed = scan.improve_from_neighbours(p) || changed;
  }
}

/// The minima of lowest energy, at most n of them.
CoordinateBatch starts_of(const MinimumSearch& search, std::size_t n) {
  std::vector<std::size_t> first;
  for (std::size_t c = 0; c < std::min(n, search.conformers.n_frames()); ++c) first.push_back(c);
  return CoordinateBatch::rows(search.conformers.positions.view(), first);
}

/// The vertex of the parabola through a point and its neighbours.
ScanExtremum vertex(const Scan& scan, std::size_t point) {
  const std::size_t n = scan.n_points();
  const double before = scan.energy((point + n - 1) % n), here = scan.energy(point),
               after = scan.energy((point + 1) % n);
  const double step = engine::kTwoPi / static_cast<double>(n);
  const double curvature = before - 2.0 * here + after;
  const double shift = 0.5 * (before - after) / curvature;
  return {wrapped_angle(scan.angle(point) + shift * step),
          here - 0.125 * (before - after) * (before - after) / curvature};
}

/// A minimum that is there already is not added; of neighbouring points only one is an extremum.
void add_minimum(const std::optional<ScanExtremum>& minimum, TorsionScan& result) {
  constexpr double kSameAngle = 2.0 * engine::kRadianPerDegree, kSameEnergy = 0.05;
  if (!minimum) return;
  for (const ScanExtremum& other : result.minima)
    if (std::abs(wrapped_angle(other.angle_rad - minimum->angle_rad)) < kSameAngle &&
        std::abs(other.energy - minimum->energy) < kSameEnergy)
      return;
  result.minima.push_back(*minimum);
}

void find_extrema(const Scan& scan, TorsionScan& result) {
  const std::size_t n = scan.n_points();
  for (std::size_t p = 0; p < n; ++p) {
    const double before = scan.energy((p + n - 1) % n), here = scan.energy(p),
                 after = scan.energy((p + 1) % n);
    if (!std::isfinite(before + here + after)) continue;
    if (here < before && here <= after) add_minimum(scan.minimum(p), result);
    if (here > before && here >= after) result.barriers.push_back(vertex(scan, p));
  }
}

void collect(const Scan& scan, const MinimumSearch& search, TorsionScan& result) {
  std::size_t n_empty = 0;
  result.lowest = search.lowest_energy();
  for (std::size_t p = 0; p < scan.n_points(); ++p) {
    const bool there = std::isfinite(scan.energy(p));
    result.points.push_back({scan.angle(p), there ? scan.energy(p) : ScanPoint::kUnknown});
    if (there) result.lowest = std::min(result.lowest, scan.energy(p));
    n_empty += there ? 0 : 1;
  }
  result.positions = scan.best();
  find_extrema(scan, result);
  for (const ScanExtremum& minimum : result.minima)
    result.lowest = std::min(result.lowest, minimum.energy);
  if (n_empty == 0 && !scan.timed_out()) return;
  result.status = "INCOMPLETE";
  if (n_empty > 0)
    note(engine::counted(n_empty, "angle") +
             " without an energy: no conformer of the configuration of the molecule was reached",
         result.message);
  if (scan.timed_out()) note("time ran out; see --timeout", result.message);
}

/// The torsion that is asked for.
ScanBond chosen_bond(const forcefields::ChemMolecule& molecule, const ScanOptions& options,
                     TorsionScan& result) {
  forcefields::TorsionAtoms atoms = options.atoms;
  if (!options.smarts.empty()) {
    const auto matches = forcefields::matching_torsions(molecule, options.smarts);
    if (matches.empty())
      throw engine::InputError("'" + options.smarts + "' does not match the molecule");
    atoms = matches.front();
    if (matches.size() > 1)
      note("the first of " + std::to_string(matches.size()) + " matches is scanned",
           result.message);
  }
  ScanBond bond = scan_bond(molecule, atoms);
  result.torsion = torsion_name(molecule, atoms);
  return bond;
}

void require_configuration(const forcefields::ChemMolecule& molecule) {
  const auto freedom = forcefields::stereo_freedom(molecule);
  if (!freedom.contradiction.empty() && molecule.positions_nm.empty())
    throw MoleculeFailure(MoleculeStatus::kStereoImpossible, freedom.contradiction);
  if (freedom.n_open() == 0) return;
  throw MoleculeFailure(MoleculeStatus::kStereoUnspecified,
                        engine::counted(freedom.n_open(), "stereo centre or double bond",
                                        "stereo centres or double bonds") +
                            " not specified: a profile is of one stereoisomer, specify them");
}

void run(const NamedMolecule& named, const ConformerSettings& settings, const ScanOptions& options,
         TorsionScan& result) {
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(settings.timeout_s));
  constexpr double kShareOfSearch = 0.4;
  const LoneMolecule lone = lone_molecule(named, settings, false);
  result.smiles = lone.smiles;
  note(lone.note, result.message);
  require_configuration(lone.molecule);
  ScanBond bond = chosen_bond(lone.molecule, options, result);
  const MinimumSearch search = search_minima(lone.molecule, settings, options.n_searches,
                                             share_of_time(end, kShareOfSearch));
  note(search.note, result.message);
  if (std::isnan(bond.angle(search.conformers.positions.chain(0))))
    throw engine::InputError("three atoms of the torsion " + result.torsion + " lie on a line");
  Scan scan(lone.molecule, std::move(bond), settings, end);
  scan.begin(options.n_points, lone.molecule.n_atoms());
  const CoordinateBatch starts = starts_of(search, options.n_starts);
  for (std::size_t p = 0; p < scan.n_points(); ++p) scan.improve(p, starts);
  sweep(scan);
  result.molecule = forcefields::molecule_table(lone.molecule);
  collect(scan, search, result);
}

}  // namespace

TorsionScan scan_torsion(const NamedMolecule& named, const ConformerSettings& settings,
                         const ScanOptions& options) {
  TorsionScan result;
  result.number = named.number;
  result.where = named.where;
  result.name = named.name;
  result.force_field = settings.force_field_text();
  with_status(result, "NO_TORSION", [&] { run(named, settings, options, result); });
  return result;
}

}  // namespace saltus::tools
