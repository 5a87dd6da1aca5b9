#pragma once

#include <OpenMM.h>

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace saltus::openmm_plugin {

struct Settings;
class Sampler;
struct Progress;

/// One of the moves that a SaltusIntegrator draws from.
struct SaltusMove {
  /// "hmc", "langevin", "peptide_leaps", "leap", "torsion_walk" or "driven_torsion".
  std::string kind;
  /// How often it is drawn, up to a common factor.
  double weight = 1.0;
  /// hmc: leapfrog steps of a trajectory; langevin: steps of a stretch. Of the step size of the
  /// integrator. driven_torsion: steps of the protocol, of timeStep.
  int steps = 20;
  /// langevin, 1/ps; hmc: above 0, momenta are kept in part (generalised hybrid Monte Carlo).
  double friction = 0.0;
  /// hmc: trajectories have steps +- this fraction.
  double lengthJitter = 0.2;
  /// torsion_walk: standard deviation of the angle, radians; driven_torsion: of the change "walk".
  double width = 0.5;
  /// driven_torsion: "uniform", to anywhere on the circle; "half_turn", by 180 degrees; "walk",
  /// normal.
  std::string change = "uniform";
  /// driven_torsion: of the spring that takes the torsion along, kJ/mol/rad^2; 0: none.
  double stiffness = 1000.0;
  /// driven_torsion: of its dynamics, ps, whatever the step size of the integrator is.
  double timeStep = 0.001;
  /// peptide_leaps: model file, empty: the model within Saltus. leap: the file of the molecule.
  std::string model;
  /// peptide_leaps, leap, torsion_walk: the only atoms that may be moved; empty: all. For a leap,
  /// those of the molecule, in the order of the model. driven_torsion: four for each torsion.
  std::vector<int> atoms;
};

/// What one move, or one kind of a move that proposes in several ways ("move/kind"), has done.
struct SaltusStatistics {
  std::string name;
  long long proposed = 0, accepted = 0;
  long long invalid = 0;  ///< rejected because the density there is zero or undefined
  long long energyEvaluations = 0;
  double cpuSeconds = 0.0;  ///< of the process, all threads
  long long longestRejectionRun = 0;
  /// -log of the Metropolis ratio, kT: of a driven torsion the work of the protocol. Mean, and
  /// standard deviation over all that are finite; NaN when there are none, or fewer than two.
  double meanWork = 0.0, workDeviation = 0.0;

  double acceptance() const {
    return proposed == 0 ? 0.0 : static_cast<double>(accepted) / static_cast<double>(proposed);
  }
};

/// What trials of one protocol of a driven torsion measured.
struct SaltusTrials {
  int steps = 0;
  long long trials = 0;
  double energyEvaluations = 0.0;              ///< of one
  double meanWork = 0.0, workDeviation = 0.0;  ///< kT; NaN as in SaltusStatistics
  double acceptance = 0.0, acceptanceError = 0.0;
  /// The acceptance with 0 for turns by less than 60 degrees (or the width of a walk).
  double gain = 0.0, gainError = 0.0;
};

/// Which protocol was chosen, and why.
struct SaltusChoice {
  int steps = 0;
  std::vector<SaltusTrials> tried;
  SaltusTrials atOnce;  ///< a turn in one step
  std::string warning;  ///< what to do when none gains anything; else empty
};

/// Samples the canonical distribution of a Context by moves of Saltus. One step is one move, drawn
/// from all moves in proportion to their weights: a trajectory of hybrid Monte Carlo, a stretch of
/// Langevin dynamics, a learned leap, or the turn of one bond, at once or in small steps while the
/// rest follows. All but Langevin dynamics are accepted or rejected by the Metropolis rule with the
/// energy of the Context, all its forces included, so that the distribution is exact up to the
/// rounding of the platform's energies.
///
/// * Learned leaps and moves of torsions need the topology (addResidue, addAtom, addBond), which an
///   OpenMM System does not have.
/// * Context::updateContextState is called once before each move and never inside one: a barostat
///   acts between moves, once in its frequency of moves. Its temperature must be the integrator's.
/// * Constraints and virtual sites are kept by hmc, langevin and driven torsions; leaps and moves
/// of
///   torsions are refused for atoms whose constraints they would break. Constraints are solved to
///   1e-10 of a length whatever the constraint tolerance is.
/// * The time of the Context grows by steps times step size in each trajectory, stretch or driven
///   torsion, and not in leaps.
/// * Same seed, same moves, same platform: same trajectory, also after a checkpoint.
///
/// Whatever is wrong is an OpenMMException that says what, and what to do.
class SaltusIntegrator final : public OpenMM::Integrator {
 public:
  /// @param temperature  K
  /// @param step_size    of trajectories, ps
  SaltusIntegrator(double temperature, double step_size);
  ~SaltusIntegrator() override;

  void setStepSize(double size) override;
  void setIntegrationForceGroups(int groups) override;
  double getTemperature() const;
  void setTemperature(double temperature);
  /// The seed is used as it is, 0 like any other.
  int getRandomNumberSeed() const;
  void setRandomNumberSeed(int seed);

  /// Returns the index of the move.
  int addMove(const SaltusMove& move);
  int addHamiltonianMonteCarlo(int steps = 20, double weight = 1.0, double friction = 0.0);
  /// Approximate: not exact for any finite step size.
  int addLangevin(double friction, int steps = 100, double weight = 1.0);
  int addPeptideLeaps(double weight = 1.0, const std::string& model = "",
                      const std::vector<int>& atoms = {});
  int addLeap(const std::string& model, double weight = 1.0, const std::vector<int>& atoms = {});
  int addTorsionWalk(double width = 0.5, double weight = 1.0, const std::vector<int>& atoms = {});
  /// One of some torsions is drawn and turned in small steps while everything else follows by
  /// dynamics (engine/moves/driven_torsion.h).
  /// @param atoms   four for each torsion, bonded in a row; the smaller side of the bond turns
  /// @param change  "uniform", "half_turn", or "walk" of the width of a SaltusMove (addMove sets
  ///                another)
  int addDrivenTorsions(const std::vector<int>& atoms, const std::string& change = "uniform",
                        int steps = 200, double timeStep = 0.001, double stiffness = 1000.0,
                        double weight = 1.0);
  /// For a warm-up, before results are kept: tries a driven torsion with several numbers of steps
  /// and gives it the one that accepts most turns per energy evaluation. Needs a Context with
  /// positions; the other moves take it from one trial to the next. Time and number of moves stay.
  /// Checkpoints, States and XML hold what was chosen.
  /// @param move    index that addDrivenTorsions returned
  /// @param trials  of each, >= 2
  SaltusChoice chooseSteps(int move, const std::vector<int>& steps, int trials = 40);
  int getNumMoves() const;
  const SaltusMove& getMove(int index) const;
  /// Whether all moves are exact.
  bool isExact() const;

  /// @param chain  counts chains of the system from 0: residues of two chains are not neighbours
  int addResidue(const std::string& name, int number, int chain);
  /// Atoms of a residue follow each other. Atomic number 0: no element, as virtual sites.
  int addAtom(const std::string& name, int atomicNumber, int residue);
  void addBond(int atom1, int atom2);
  /// Atoms of the topology; 0 or as many as the System has particles.
  int getNumAtoms() const;

  int getNumStatistics() const;
  SaltusStatistics getStatistics(int index) const;
  void resetStatistics();
  /// Moves made since the Context was created, or since the start of a run that was restored.
  long long getNumMovesMade() const;

  void step(int steps) override;

  /// Everything that XML holds.
  const Settings& settings() const { return *settings_; }

 protected:
  void initialize(OpenMM::ContextImpl& context) override;
  void cleanup() override;
  std::vector<std::string> getKernelNames() override { return {}; }
  void stateChanged(OpenMM::State::DataType changed) override;
  double computeKineticEnergy() override;
  bool kineticEnergyRequiresForce() const override { return false; }
  void createCheckpoint(std::ostream& stream) const override;
  void loadCheckpoint(std::istream& stream) override;
  void serializeParameters(OpenMM::SerializationNode& node) const override;
  void deserializeParameters(const OpenMM::SerializationNode& node) override;

 private:
  Settings& changed_settings();
  /// Goes on from there, with the steps that were chosen.
  void restore(Progress progress);
  Sampler& sampler();

  std::unique_ptr<Settings> settings_;
  std::unique_ptr<Progress> progress_;
  /// Made when it is first needed, and anew when settings change; null without a Context.
  std::unique_ptr<Sampler> sampler_;
};

}  // namespace saltus::openmm_plugin
