#include "engine/reference/plain_energy.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/finite.h"
#include "engine/reference/bonded_terms.h"
#include "engine/reference/correction_map_term.h"
#include "engine/reference/external_terms.h"
#include "engine/reference/implicit_solvent_terms.h"
#include "engine/reference/mmff_terms.h"
#include "engine/reference/nonbonded_terms.h"

namespace saltus::engine {

namespace {

/// Unit of work of a thread; small batches should still occupy all threads.
constexpr std::size_t kChainsPerBlock = 4;

}  // namespace

struct PlainEnergy::Prepared {
  explicit Prepared(const System& system)
      : n_atoms(system.n_atoms()),
        box_needs(engine::box_needs(system)),
        sites(system.virtual_sites) {
    if (!system.bonds.empty()) terms.push_back(make_bond_term(system.bonds));
    if (!system.angles.empty()) terms.push_back(make_angle_term(system.angles));
    if (!system.torsions.empty()) terms.push_back(make_torsion_term(system.torsions));
    if (system.nonbonded) terms.push_back(make_nonbonded_term(*system.nonbonded, system.box));
    if (system.implicit_solvent)
      terms.push_back(make_implicit_solvent_term(*system.implicit_solvent));
    if (system.mmff) add_mmff(*system.mmff);
    if (!system.correction_torsions.empty())
      terms.push_back(make_correction_map_term(system.correction_maps, system.correction_torsions));
    if (!system.position_restraints.empty() || !system.torsion_restraints.empty())
      terms.push_back(make_restraint_term(system.position_restraints, system.torsion_restraints));
    if (system.field) terms.push_back(make_field_term(*system.field));
    for (const auto& term : terms)
      workspace_size = std::max(workspace_size, term->workspace_size());
  }

  void add_mmff(const Mmff& mmff) {
    if (!mmff.bonds.empty()) terms.push_back(make_mmff_bond_term(mmff.bonds));
    if (!mmff.angles.empty() || !mmff.linear_angles.empty())
      terms.push_back(make_mmff_angle_term(mmff.angles, mmff.linear_angles));
    if (!mmff.stretch_bends.empty())
      terms.push_back(make_mmff_stretch_bend_term(mmff.stretch_bends));
    if (!mmff.out_of_planes.empty())
      terms.push_back(make_mmff_out_of_plane_term(mmff.out_of_planes));
    if (mmff.pairs.empty()) return;
    terms.push_back(make_mmff_van_der_waals_term(mmff));
    terms.push_back(make_mmff_electrostatics_term(mmff));
  }

  /// Memory for the work of one thread.
  struct Work {
    std::vector<double> placed, terms;
  };
  Work make_work() const {
    return {std::vector<double>(sites.empty() ? 0 : 3 * n_atoms),
            std::vector<double>(workspace_size)};
  }

  /// x [1, N, 3] with virtual sites where their parents put them.
  ConstCoordinates with_sites_placed(ConstCoordinates x, Work& work) const {
    if (sites.empty()) return x;
    std::copy_n(x.data, x.size(), work.placed.begin());
    place_virtual_sites(sites, work.placed);
    x.data = work.placed.data();
    return x;
  }

  /// Energy of one chain x [1, N, 3]; forces [N, 3] are overwritten unless empty.
  double evaluate_chain(ConstCoordinates given, Span<double> forces, Work& work) const {
    std::fill(forces.begin(), forces.end(), 0.0);
    const ConstCoordinates x = with_sites_placed(given, work);
    if (!all_finite(x.chain(0))) return kInfiniteEnergy;
    double energy = 0.0;
    for (const auto& term : terms)
      energy += finite_or_infinite(term->evaluate(x, forces, work.terms));
    energy = finite_or_infinite(energy);
    if (!forces.empty()) spread_site_forces(sites, x.chain(0), forces);
    if (!std::isfinite(energy) || !all_finite(forces)) std::fill(forces.begin(), forces.end(), 0.0);
    return energy;
  }

  std::size_t n_atoms;
  BoxNeeds box_needs;
  std::vector<VirtualSite> sites;
  std::vector<std::unique_ptr<const PotentialTerm>> terms;
  std::size_t workspace_size = 0;
};

PlainEnergy::PlainEnergy(System system, std::shared_ptr<ThreadPool> pool) : pool_(std::move(pool)) {
  system.validate("system");
  prepared_ = std::make_unique<const Prepared>(system);
}

PlainEnergy::~PlainEnergy() = default;

std::size_t PlainEnergy::n_atoms() const { return prepared_->n_atoms; }

BoxNeeds PlainEnergy::box_needs() const { return prepared_->box_needs; }

EvaluationLimits PlainEnergy::limits() const {
  EvaluationLimits limits;
  limits.preferred_batch = kChainsPerBlock * (pool_ ? pool_->n_threads() : 1);
  return limits;
}

void PlainEnergy::evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const {
  check_evaluation_sizes(*this, x, energies, forces);
  const auto evaluate_block = [&](std::size_t block) {
    Prepared::Work work = prepared_->make_work();
    const std::size_t first = block * kChainsPerBlock;
    const std::size_t last = std::min(first + kChainsPerBlock, x.n_chains);
    for (std::size_t c = first; c < last; ++c)
      energies[c] = prepared_->evaluate_chain(
          x.slice(c, 1), forces.empty() ? forces : forces.subspan(c * x.stride(), x.stride()),
          work);
  };
  const std::size_t n_blocks = (x.n_chains + kChainsPerBlock - 1) / kChainsPerBlock;
  if (pool_) {
    pool_->for_each_block(n_blocks, evaluate_block);
  } else {
    for (std::size_t block = 0; block < n_blocks; ++block) evaluate_block(block);
  }
}

std::vector<EnergyTerm> PlainEnergy::terms(ConstCoordinates x) const {
  double total = 0.0;
  check_evaluation_sizes(*this, x, {&total, 1}, {});
  Prepared::Work work = prepared_->make_work();
  x = prepared_->with_sites_placed(x, work);
  std::vector<EnergyTerm> result;
  for (const auto& term : prepared_->terms)
    result.push_back({term->name(), finite_or_infinite(term->evaluate(x, {}, work.terms))});
  return result;
}

}  // namespace saltus::engine
