#include "tools/openmm_plugin/context_energy.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/core/finite.h"

namespace saltus::openmm_plugin {

namespace {

bool has_virtual_sites(const OpenMM::System& system) {
  for (int i = 0; i < system.getNumParticles(); ++i)
    if (system.isVirtualSite(i)) return true;
  return false;
}

}  // namespace

void to_vectors(engine::Span<const double> flat, std::vector<OpenMM::Vec3>& vectors) {
  vectors.resize(flat.size() / 3);
  for (std::size_t i = 0; i < vectors.size(); ++i)
    vectors[i] = OpenMM::Vec3(flat[3 * i], flat[3 * i + 1], flat[3 * i + 2]);
}

void to_flat(const std::vector<OpenMM::Vec3>& vectors, engine::Span<double> flat) {
  for (std::size_t i = 0; i < vectors.size(); ++i)
    for (std::size_t d = 0; d < 3; ++d) flat[3 * i + d] = vectors[i][static_cast<int>(d)];
}

engine::Box box_of(OpenMM::ContextImpl& context) {
  std::array<OpenMM::Vec3, 3> edges;
  context.getPeriodicBoxVectors(edges[0], edges[1], edges[2]);
  std::array<double, 9> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = edges[i / 3][static_cast<int>(i % 3)];
  return engine::Box::from_vectors({rows.data(), rows.size()});
}

ContextEnergy::ContextEnergy(OpenMM::ContextImpl& context, int force_groups)
    : context_(context),
      force_groups_(force_groups),
      n_atoms_(static_cast<std::size_t>(context.getSystem().getNumParticles())),
      is_periodic_(context.getSystem().usesPeriodicBoundaryConditions()),
      has_sites_(has_virtual_sites(context.getSystem())) {}

engine::BoxNeeds ContextEnergy::box_needs() const {
  engine::BoxNeeds needs;
  needs.needed = is_periodic_;
  return needs;
}

bool ContextEnergy::place(engine::Span<const double> x) const {
  if (!engine::all_finite(x)) return false;
  // Moves do not change boxes: a barostat does, between them, in the Context itself.
  to_vectors(x, buffer_);
  context_.setPositions(buffer_);
  if (has_sites_) context_.computeVirtualSites();
  return true;
}

void ContextEnergy::take_forces(engine::Span<double> forces) const {
  context_.getForces(buffer_);
  to_flat(buffer_, forces);
}

void ContextEnergy::evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                             engine::Span<double> forces) const {
  engine::check_evaluation_sizes(*this, x, energies, forces);
  for (std::size_t chain = 0; chain < x.n_chains; ++chain) {
    const engine::Span<const double> at = x.chain(chain);
    const engine::Span<double> force =
        forces.empty() ? forces : forces.subspan(chain * x.stride(), x.stride());
    if (!std::equal(at.begin(), at.end(), known_.x.begin(), known_.x.end())) {
      known_.x.clear();
      if (!place(at)) {
        energies[chain] = std::numeric_limits<double>::infinity();
        std::fill(force.begin(), force.end(), std::numeric_limits<double>::quiet_NaN());
        continue;
      }
      known_.energy =
          engine::finite_or_infinite(context_.calcForcesAndEnergy(true, true, force_groups_));
      known_.forces.resize(x.stride());
      take_forces(known_.forces);
      known_.x.assign(at.begin(), at.end());
    }
    energies[chain] = known_.energy;
    std::copy_n(known_.forces.begin(), force.size(), force.begin());
  }
}

void ContextEnergy::evaluate_forces(engine::ConstCoordinates x, engine::Span<double> energies,
                                    engine::Span<double> forces) const {
  engine::check_evaluation_sizes(*this, x, energies, forces);
  for (std::size_t chain = 0; chain < x.n_chains; ++chain) {
    const engine::Span<const double> at = x.chain(chain);
    const engine::Span<double> force = forces.subspan(chain * x.stride(), x.stride());
    if (std::equal(at.begin(), at.end(), known_.x.begin(), known_.x.end())) {
      std::copy(known_.forces.begin(), known_.forces.end(), force.begin());
    } else if (place(at)) {
      context_.calcForcesAndEnergy(true, false, force_groups_);
      take_forces(force);
    } else {
      std::fill(force.begin(), force.end(), std::numeric_limits<double>::quiet_NaN());
    }
    energies[chain] = engine::all_finite(force) ? 0.0 : std::numeric_limits<double>::infinity();
  }
}

}  // namespace saltus::openmm_plugin
