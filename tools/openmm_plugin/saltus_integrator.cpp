#include "tools/openmm_plugin/saltus_integrator.h"

#include <openmm/internal/ContextImpl.h>

#include <cmath>
#include <limits>
#include <utility>

#include "tools/openmm_plugin/exceptions.h"
#include "tools/openmm_plugin/progress.h"
#include "tools/openmm_plugin/sampler.h"
#include "tools/openmm_plugin/settings.h"

namespace saltus::openmm_plugin {

namespace {

void require_index(int index, std::size_t size, const std::string& what) {
  if (index < 0 || static_cast<std::size_t>(index) >= size)
    throw OpenMM::OpenMMException("SaltusIntegrator: there is no " + what + " " +
                                  std::to_string(index) + "; there are " + std::to_string(size));
}

SaltusMove move_of(const std::string& kind, double weight) {
  SaltusMove move;
  move.kind = kind;
  move.weight = weight;
  return move;
}

SaltusMove dynamics_of(const std::string& kind, int steps, double weight, double friction) {
  SaltusMove move = move_of(kind, weight);
  move.steps = steps;
  move.friction = friction;
  return move;
}

SaltusMove leap_of(const std::string& kind, const std::string& model, double weight,
                   const std::vector<int>& atoms) {
  SaltusMove move = move_of(kind, weight);
  move.model = model;
  move.atoms = atoms;
  return move;
}

double mean_of(const engine::WorkMoments& work) {
  return work.count > 0 ? work.mean : std::numeric_limits<double>::quiet_NaN();
}

SaltusTrials trials_of(int steps, const engine::ProtocolTrials& from) {
  SaltusTrials result;
  result.steps = steps;
  result.trials = static_cast<long long>(from.n_drives);
  result.energyEvaluations = from.evaluations;
  result.meanWork = mean_of(from.work);
  result.workDeviation = from.work.standard_deviation();
  result.acceptance = from.acceptance;
  result.acceptanceError = from.acceptance_error;
  result.gain = from.gain;
  result.gainError = from.gain_error;
  return result;
}

}  // namespace

SaltusIntegrator::SaltusIntegrator(double temperature, double step_size)
    : settings_(std::make_unique<Settings>()), progress_(std::make_unique<Progress>()) {
  setTemperature(temperature);
  setStepSize(step_size);
  setConstraintTolerance(1e-5);
}

SaltusIntegrator::~SaltusIntegrator() = default;

Settings& SaltusIntegrator::changed_settings() {
  sampler_.reset();
  return *settings_;
}

void SaltusIntegrator::setStepSize(double size) {
  if (!(size > 0.0) || !std::isfinite(size))
    throw OpenMM::OpenMMException("SaltusIntegrator: the step size must be positive and finite");
  Integrator::setStepSize(size);
  sampler_.reset();
}

void SaltusIntegrator::setIntegrationForceGroups(int groups) {
  Integrator::setIntegrationForceGroups(groups);
  sampler_.reset();
}

double SaltusIntegrator::getTemperature() const { return settings_->temperature_K; }

void SaltusIntegrator::setTemperature(double temperature) {
  as_openmm([&] { require_temperature(temperature); });
  changed_settings().temperature_K = temperature;
}

int SaltusIntegrator::getRandomNumberSeed() const { return settings_->seed; }

void SaltusIntegrator::setRandomNumberSeed(int seed) { changed_settings().seed = seed; }

int SaltusIntegrator::addMove(const SaltusMove& move) {
  as_openmm([&] { require_move(move); });
  changed_settings().moves.push_back(move);
  return getNumMoves() - 1;
}

int SaltusIntegrator::addHamiltonianMonteCarlo(int steps, double weight, double friction) {
  return addMove(dynamics_of("hmc", steps, weight, friction));
}

int SaltusIntegrator::addLangevin(double friction, int steps, double weight) {
  return addMove(dynamics_of("langevin", steps, weight, friction));
}

int SaltusIntegrator::addPeptideLeaps(double weight, const std::string& model,
                                      const std::vector<int>& atoms) {
  return addMove(leap_of("peptide_leaps", model, weight, atoms));
}

int SaltusIntegrator::addLeap(const std::string& model, double weight,
                              const std::vector<int>& atoms) {
  return addMove(leap_of("leap", model, weight, atoms));
}

int SaltusIntegrator::addTorsionWalk(double width, double weight, const std::vector<int>& atoms) {
  SaltusMove move = move_of("torsion_walk", weight);
  move.width = width;
  move.atoms = atoms;
  return addMove(move);
}

int SaltusIntegrator::addDrivenTorsions(const std::vector<int>& atoms, const std::string& change,
                                        int steps, double timeStep, double stiffness,
                                        double weight) {
  SaltusMove move = move_of("driven_torsion", weight);
  move.atoms = atoms;
  move.change = change;
  move.steps = steps;
  move.timeStep = timeStep;
  move.stiffness = stiffness;
  return addMove(move);
}

SaltusChoice SaltusIntegrator::chooseSteps(int move, const std::vector<int>& steps, int trials) {
  as_openmm([&] { require_trials(getMove(move), steps, trials); });
  engine::ProtocolChoice choice;
  as_openmm([&] {
    choice = sampler().try_steps(
        {static_cast<std::size_t>(move), steps, static_cast<std::size_t>(trials)},
        progress_->n_moves);
  });
  SaltusChoice result;
  result.atOnce = trials_of(1, choice.at_once);
  for (std::size_t i = 0; i < steps.size(); ++i)
    result.tried.push_back(trials_of(steps[i], choice.tried[i]));
  result.steps = steps[choice.chosen];
  result.warning = choice.warning();
  changed_settings().moves[static_cast<std::size_t>(move)].steps = result.steps;
  progress_->chosen_steps[move] = result.steps;
  return result;
}

int SaltusIntegrator::getNumMoves() const { return static_cast<int>(settings_->moves.size()); }

const SaltusMove& SaltusIntegrator::getMove(int index) const {
  require_index(index, settings_->moves.size(), "move");
  return settings_->moves[static_cast<std::size_t>(index)];
}

bool SaltusIntegrator::isExact() const {
  for (const SaltusMove& move : settings_->moves)
    if (move.kind == "langevin") return false;
  return true;
}

int SaltusIntegrator::addResidue(const std::string& name, int number, int chain) {
  Settings& settings = changed_settings();
  as_openmm([&] { add_residue(settings.topology, name, number, chain); });
  return static_cast<int>(settings.topology.residues.size()) - 1;
}

int SaltusIntegrator::addAtom(const std::string& name, int atomicNumber, int residue) {
  Settings& settings = changed_settings();
  as_openmm([&] { add_atom(settings.topology, name, atomicNumber, residue); });
  return getNumAtoms() - 1;
}

void SaltusIntegrator::addBond(int atom1, int atom2) {
  Settings& settings = changed_settings();
  as_openmm([&] { add_bond(settings.topology, atom1, atom2); });
}

int SaltusIntegrator::getNumAtoms() const {
  return static_cast<int>(settings_->topology.n_atoms());
}

int SaltusIntegrator::getNumStatistics() const {
  return static_cast<int>(progress_->statistics.rows().size());
}

SaltusStatistics SaltusIntegrator::getStatistics(int index) const {
  require_index(index, progress_->statistics.rows().size(), "statistics");
  const engine::MoveStatistics& row = progress_->statistics.rows()[static_cast<std::size_t>(index)];
  SaltusStatistics result;
  result.name = row.name;
  result.proposed = static_cast<long long>(row.proposed);
  result.accepted = static_cast<long long>(row.accepted);
  result.invalid = static_cast<long long>(row.invalid);
  result.energyEvaluations = static_cast<long long>(row.n_energy_evaluations);
  result.cpuSeconds = row.cpu_seconds;
  result.longestRejectionRun = static_cast<long long>(row.longest_rejection_run);
  result.meanWork = mean_of(row.work);
  result.workDeviation = row.work.standard_deviation();
  return result;
}

void SaltusIntegrator::resetStatistics() { progress_->statistics = {}; }

long long SaltusIntegrator::getNumMovesMade() const {
  return static_cast<long long>(progress_->n_moves);
}

Sampler& SaltusIntegrator::sampler() {
  if (context == nullptr)
    throw OpenMM::OpenMMException("This SaltusIntegrator is not bound to a Context: make one");
  if (!sampler_)
    sampler_ =
        std::make_unique<Sampler>(*context, *settings_, getIntegrationForceGroups(), getStepSize());
  return *sampler_;
}

void SaltusIntegrator::step(int steps) {
  if (steps < 0) throw OpenMM::OpenMMException("SaltusIntegrator: the number of steps is negative");
  as_openmm([&] {
    Sampler& moves = sampler();
    for (int n = 0; n < steps; ++n) {
      progress_->statistics.add(moves.move(progress_->n_moves));
      ++progress_->n_moves;
    }
  });
}

void SaltusIntegrator::initialize(OpenMM::ContextImpl& contextImpl) {
  if (owner != nullptr && &contextImpl.getOwner() != owner)
    throw OpenMM::OpenMMException("This SaltusIntegrator is already bound to a Context");
  const int n_particles = contextImpl.getSystem().getNumParticles();
  if (getNumAtoms() != 0 && getNumAtoms() != n_particles)
    throw OpenMM::OpenMMException("SaltusIntegrator: the topology has " +
                                  std::to_string(getNumAtoms()) + " atoms, the System " +
                                  std::to_string(n_particles) + " particles");
  context = &contextImpl;
  owner = &contextImpl.getOwner();
  sampler_.reset();
  *progress_ = {};
}

void SaltusIntegrator::cleanup() { sampler_.reset(); }

void SaltusIntegrator::stateChanged(OpenMM::State::DataType) {
  if (sampler_) sampler_->forget_energy();
}

double SaltusIntegrator::computeKineticEnergy() { return kinetic_energy(*context); }

void SaltusIntegrator::restore(Progress progress) {
  for (const auto& [move, steps] : progress.chosen_steps) require_trials(getMove(move), {steps}, 2);
  for (const auto& [move, steps] : progress.chosen_steps)
    if (getMove(move).steps != steps)
      changed_settings().moves[static_cast<std::size_t>(move)].steps = steps;
  *progress_ = std::move(progress);
}

void SaltusIntegrator::createCheckpoint(std::ostream& stream) const {
  write_progress(*progress_, stream);
}

void SaltusIntegrator::loadCheckpoint(std::istream& stream) {
  as_openmm([&] { restore(read_progress(stream)); });
  if (sampler_) sampler_->forget_energy();
}

void SaltusIntegrator::serializeParameters(OpenMM::SerializationNode& node) const {
  write_progress(*progress_, node);
}

void SaltusIntegrator::deserializeParameters(const OpenMM::SerializationNode& node) {
  as_openmm([&] { restore(read_progress(node)); });
}

}  // namespace saltus::openmm_plugin
