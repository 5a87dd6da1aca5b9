#include "tests/bench/other_programs.h"

#include <ForceField/ForceField.h>
#include <GraphMol/ForceFieldHelpers/MMFF/AtomTyper.h>
#include <GraphMol/ForceFieldHelpers/MMFF/Builder.h>
#include <GraphMol/GraphMol.h>
#include <OpenMM.h>

#include <algorithm>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/openmm/openmm_detail.h"
#include "forcefields/openmm/to_openmm_detail.h"

namespace saltus::tests {

namespace {

// Every configuration in the form the other program takes, made before the clock starts.
template <class T>
class Carousel {
 public:
  void add(T configuration) { all_.push_back(std::move(configuration)); }
  T& next() { return all_[next_++ % all_.size()]; }

 private:
  std::vector<T> all_;
  std::size_t next_ = 0;
};

void require_native_solvent(const OpenMM::System& system) {
  for (int n = 0; n < system.getNumForces(); ++n)
    if (dynamic_cast<const OpenMM::CustomGBForce*>(&system.getForce(n)))
      throw engine::InternalError(
          "the benchmark would compare with OpenMM's CustomGBForce, which is far slower than its "
          "native implicit solvent");
}

class OpenMMProgram final : public OtherProgram {
 public:
  OpenMMProgram(const BenchSystem& bench, const std::string& platform)
      : system_(forcefields::detail::to_openmm(bench.system)),
        has_sites_(!bench.system.virtual_sites.empty()) {
    require_native_solvent(*system_);
    context_ = forcefields::detail::make_context(*system_, integrator_,
                                                 {platform, platform == "CPU" ? 1 : 0});
    for (std::size_t c = 0; c < kConfigurations; ++c) {
      std::vector<OpenMM::Vec3> positions;
      forcefields::detail::to_vec3(bench.configurations.chain(c), positions);
      configurations_.add(std::move(positions));
    }
  }

  double evaluate() override {
    context_->setPositions(configurations_.next());
    if (has_sites_) context_->computeVirtualSites();
    const OpenMM::State state = context_->getState(OpenMM::State::Energy | OpenMM::State::Forces);
    return state.getPotentialEnergy();
  }

 private:
  static constexpr double kUnusedTimeStep = 1e-3;
  std::unique_ptr<OpenMM::System> system_;
  bool has_sites_;
  OpenMM::VerletIntegrator integrator_{kUnusedTimeStep};
  std::unique_ptr<OpenMM::Context> context_;
  Carousel<std::vector<OpenMM::Vec3>> configurations_;
};

class RdkitProgram final : public OtherProgram {
 public:
  explicit RdkitProgram(const BenchSystem& bench) : molecule_(bench.chem->graph->molecule()) {
    const unsigned n_atoms = molecule_.getNumAtoms();
    auto conformer = std::make_unique<RDKit::Conformer>(n_atoms);
    for (unsigned i = 0; i < n_atoms; ++i) {
      const double* x = bench.chem->positions_nm.data() + 3 * i;
      conformer->setAtomPos(i, RDGeom::Point3D(x[0], x[1], x[2]) * kAngstromPerNm);
    }
    molecule_.addConformer(conformer.release(), true);
    RDKit::MMFF::MMFFMolProperties types(molecule_);
    force_field_.reset(
        RDKit::MMFF::constructForceField(molecule_, &types, kAllPairs, kConformer, false));
    force_field_->initialize();
    gradient_.resize(3 * n_atoms);
    for (std::size_t c = 0; c < kConfigurations; ++c) {
      const auto chain = bench.configurations.chain(c);
      std::vector<double> x(chain.begin(), chain.end());
      for (double& value : x) value *= kAngstromPerNm;
      configurations_.add(std::move(x));
    }
  }

  double evaluate() override {
    double* x = configurations_.next().data();
    // The energy comes first: it forgets the distances of the configuration before.
    const double energy = force_field_->calcEnergy(x);
    std::fill(gradient_.begin(), gradient_.end(), 0.0);
    force_field_->calcGrad(x, gradient_.data());
    return energy * engine::kKJPerKcal;
  }

 private:
  static constexpr double kAngstromPerNm = 1.0 / engine::kNmPerAngstrom;
  static constexpr double kAllPairs = 1e3;  // threshold, angstrom
  static constexpr int kConformer = -1;
  RDKit::RWMol molecule_;
  std::unique_ptr<ForceFields::ForceField> force_field_;
  std::vector<double> gradient_;
  Carousel<std::vector<double>> configurations_;
};

}  // namespace

std::unique_ptr<OtherProgram> openmm_program(std::shared_ptr<const BenchSystem> system,
                                             const std::string& platform) {
  return std::make_unique<OpenMMProgram>(*system, platform);
}

std::unique_ptr<OtherProgram> rdkit_program(std::shared_ptr<const BenchSystem> system) {
  return std::make_unique<RdkitProgram>(*system);
}

}  // namespace saltus::tests
