#include "forcefields/openmm/openmm_energy.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <set>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "forcefields/openmm/openmm_detail.h"
#include "forcefields/openmm/to_openmm_detail.h"

namespace saltus::forcefields {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Of the nonbonded forces of a periodic system.
double widest_cutoff_nm(const OpenMM::System& system) {
  double result = 0.0;
  for (int n = 0; n < system.getNumForces(); ++n) {
    const auto* force = dynamic_cast<const OpenMM::NonbondedForce*>(&system.getForce(n));
    if (force != nullptr && force->usesPeriodicBoundaryConditions())
      result = std::max(result, force->getCutoffDistance());
  }
  return result;
}

}  // namespace

struct OpenMMEnergy::Implementation {
  Implementation(std::unique_ptr<OpenMM::System> made, const OpenMMPlatform& platform)
      : system(std::move(made)),
        integrator(kUnusedTimeStep),
        context(detail::make_context(*system, integrator, platform)) {
    for (int n = 0; n < system->getNumForces(); ++n)
      groups.insert(system->getForce(n).getForceGroup());
    for (int n = 0; n < system->getNumParticles(); ++n)
      if (system->isVirtualSite(n)) sites.push_back(static_cast<std::size_t>(n));
    box_needs.needed = system->usesPeriodicBoundaryConditions();
    if (box_needs.needed) box_needs.cutoff_nm = widest_cutoff_nm(*system);
  }

  /// @param x  [1, N, 3]
  void set_chain(engine::ConstCoordinates x) {
    if (box_needs.needed) set_box(x.boxes[0]);
    detail::to_vec3(x.chain(0), positions);
    context->setPositions(positions);
    if (!sites.empty()) context->computeVirtualSites();
  }
  void set_box(const engine::Box& wanted) {
    if (wanted == box) return;
    detail::set_box(wanted, *context);
    box = wanted;
  }

  static constexpr double kUnusedTimeStep = 1e-3;
  std::unique_ptr<OpenMM::System> system;
  OpenMM::VerletIntegrator integrator;
  std::unique_ptr<OpenMM::Context> context;
  std::set<int> groups;
  std::vector<std::size_t> sites;  ///< particles that OpenMM places
  engine::BoxNeeds box_needs;
  engine::Box box;  ///< that of the context; all 0 before the first
  std::vector<OpenMM::Vec3> positions;
  std::mutex mutex;
};

OpenMMEnergy::OpenMMEnergy(const engine::System& system, const OpenMMPlatform& platform)
    : implementation_(std::make_unique<Implementation>(detail::to_openmm(system), platform)) {}

OpenMMEnergy::OpenMMEnergy(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

std::unique_ptr<OpenMMEnergy> OpenMMEnergy::of_system_xml(const std::string& path,
                                                          const engine::System& added,
                                                          const OpenMMPlatform& platform) {
  std::unique_ptr<OpenMM::System> system = detail::system_from_xml(path, added);
  if (static_cast<std::size_t>(system->getNumParticles()) != added.n_atoms())
    throw engine::InputError(path + ": OpenMM itself reads " +
                             std::to_string(system->getNumParticles()) + " atoms, expected " +
                             std::to_string(added.n_atoms()));
  return std::unique_ptr<OpenMMEnergy>(
      new OpenMMEnergy(std::make_unique<Implementation>(std::move(system), platform)));
}

OpenMMEnergy::~OpenMMEnergy() = default;

std::size_t OpenMMEnergy::n_atoms() const {
  return static_cast<std::size_t>(implementation_->system->getNumParticles());
}

engine::BoxNeeds OpenMMEnergy::box_needs() const { return implementation_->box_needs; }

void OpenMMEnergy::evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                            engine::Span<double> forces) const {
  engine::check_evaluation_sizes(*this, x, energies, forces);
  const std::lock_guard<std::mutex> lock(implementation_->mutex);
  const int wanted =
      forces.empty() ? OpenMM::State::Energy : OpenMM::State::Energy | OpenMM::State::Forces;
  for (std::size_t chain = 0; chain < x.n_chains; ++chain) {
    const engine::Span<double> force =
        forces.empty() ? forces : forces.subspan(chain * x.stride(), x.stride());
    if (!engine::all_finite(x.chain(chain))) {
      energies[chain] = kInfinity;
      std::fill(force.begin(), force.end(), std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    detail::translate_errors<engine::NumericalError>(
        "energy of chain " + std::to_string(chain), [&] {
          implementation_->set_chain(x.slice(chain, 1));
          const OpenMM::State state = implementation_->context->getState(wanted);
          energies[chain] = engine::finite_or_infinite(state.getPotentialEnergy());
          if (forces.empty()) return;
          std::vector<double> flat = detail::to_flat(state.getForces());
          // OpenMM hands forces on to the parents, and leaves them here as well.
          for (const std::size_t site : implementation_->sites)
            std::fill_n(flat.begin() + static_cast<std::ptrdiff_t>(3 * site), 3, 0.0);
          std::copy(flat.begin(), flat.end(), force.begin());
        });
  }
}

std::vector<engine::EnergyTerm> OpenMMEnergy::terms(engine::ConstCoordinates x) const {
  double total = 0.0;
  engine::check_evaluation_sizes(*this, x, {&total, 1}, {});
  const std::lock_guard<std::mutex> lock(implementation_->mutex);
  return detail::translate_errors<engine::NumericalError>("energy terms", [&] {
    implementation_->set_chain(x);
    std::vector<engine::EnergyTerm> result;
    for (int group : implementation_->groups) {
      const OpenMM::State state =
          implementation_->context->getState(OpenMM::State::Energy, false, 1 << group);
      result.push_back({detail::kForceGroupNames[group],
                        engine::finite_or_infinite(state.getPotentialEnergy())});
    }
    return result;
  });
}

}  // namespace saltus::forcefields
