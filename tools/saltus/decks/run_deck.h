#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/units.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/langevin.h"
#include "engine/run/simulation.h"
#include "engine/system/system.h"
#include "forcefields/generalized_born/molecule_options.h"
#include "forcefields/mmff/mmff_system.h"
#include "forcefields/openmm/plain_dynamics.h"
#include "mlsamplers/training/leap_options.h"
#include "mlsamplers/training/timewarp_options.h"
#include "tools/saltus/decks/move_deck.h"

namespace saltus::tools {

/// Version of the deck's layout that this program reads.
constexpr std::int64_t kRunDeckSchema = 1;

/// [system]: molecule and force field. Exactly one of force_field, mmff, system_xml and topology is
/// given; in decks mmff is force_field = "mmff94" or "mmff94s".
struct SystemDeck {
  /// What messages call the force field's files: "system.force_field" of a deck, else empty.
  std::string force_field_key;
  std::filesystem::path coordinates;  ///< .pdb, .sdf, .mol, .inpcrd or .rst7
  std::filesystem::path topology;     ///< AMBER .prmtop or .parm7; empty when not given
  std::vector<std::filesystem::path> force_field;  ///< files by the deck (absolute) or plain names
  std::optional<forcefields::MmffOptions> mmff;    ///< instead of force_field files
  std::filesystem::path system_xml;                ///< OpenMM System; empty when not given
  forcefields::MoleculeOptions options;            ///< with force_field files or topology
  /// Whether the deck says `nonbonded`: then a periodic box of the input is knowingly left out.
  bool nonbonded_is_given = false;
  std::optional<double> hydrogen_mass_dalton;
};

/// kAuto: see backend_for.
enum class EnergyBackend { kAuto, kNative, kOpenMM };

/// [energy]: who computes energies and forces.
struct EnergyDeck {
  EnergyBackend backend = EnergyBackend::kAuto;
  /// Of the native backend. Single precision is left out: energies that decide must be double.
  engine::Precision precision = engine::Precision::kMixed;
  std::string platform = forcefields::OpenMMPlatform{}.name;  ///< of OpenMM
  bool cross_check = false;  ///< compare native energies with OpenMM's Reference first
  std::size_t threads = 0;   ///< 0: all cores
};

/// One atom, as "2:CA", or "A/2:CA" when chains have to be told apart.
struct AtomSelector {
  std::string chain;  ///< empty: any
  int residue = 0;    ///< number as in the file
  std::string atom;
};

enum class RestraintKind { kPosition, kTorsion };

/// [[restraint]]; engine/system/external_terms.h has the energies.
struct RestraintDeck {
  RestraintKind kind = RestraintKind::kPosition;
  std::vector<AtomSelector> atoms;  ///< position: each by itself; torsion: four
  double k = 0.0;                   ///< kJ/mol/nm^2 or kJ/mol/rad^2
  double flat_radius_nm = 0.0;      ///< of a position, about where the coordinates file has it
  double angle_rad = 0.0, flat_half_width_rad = 0.0;  ///< of a torsion
};

/// [[restraint]] and [field]: what is added to the force field from outside.
struct ExternalDeck {
  std::vector<RestraintDeck> restraints;
  std::optional<std::array<double, 3>> field;  ///< kJ/mol/nm/e
};

enum class ChainStart { kMinimised, kInput, kPilot };

/// [chains]
struct ChainsDeck {
  std::size_t count = 64;  ///< chains, or ladders when there are temperatures
  ChainStart start = ChainStart::kMinimised;
};

/// [warm_up]: steps that are discarded, in which step sizes may be tuned.
struct WarmUpDeck {
  std::size_t steps = 100;
  bool tune = true;
};

/// Hydrogens of plain dynamics, and the time step that they allow.
constexpr double kHeavyHydrogen_dalton = 4.0;
constexpr double kHeavyTimeStep_ps = 0.002;

/// [pilot]: plain dynamics with replica exchange that the learned leap is fitted to.
struct PilotDeck {
  std::vector<double> temperatures_K = {310.0, 400.0, 520.0, 680.0};
  std::size_t ladders = 16;
  /// Of each application, whose number of steps follows from the periods.
  engine::LangevinOptions dynamics = {kHeavyTimeStep_ps};
  double hydrogen_mass_dalton = kHeavyHydrogen_dalton;
  double exchange_period_ps = 1.0;
  double frame_period_ps = 0.2;
  double length_ps = 150.0;
  double equilibration_ps = 20.0;
};

/// [[proposal]], or [leap] without a name: a learned leap's model and how it is trained.
struct LeapDeck {
  std::string name;              ///< that moves call it by; empty: [leap]
  std::string section = "leap";  ///< as messages call it: "proposal[0]"
  bool train = false;
  std::filesystem::path model;      ///< file to load when not training
  std::filesystem::path save;       ///< where a trained model goes; empty: beside the trajectory
  mlsamplers::LeapOptions options;  ///< their seed comes from that of the run
  /// A Timewarp flow instead of a leap in internal coordinates, when its moves are of that kind.
  std::optional<mlsamplers::TimewarpTrainingOptions> timewarp;

  double lag_ps() const { return timewarp ? timewarp->lag_ps : options.training.lag_ps; }
};

/// [run]
struct RunSectionDeck {
  std::uint64_t steps = 1000;
  std::uint64_t frame_period = 1;          ///< steps; 0 never
  std::uint64_t checkpoint_period = 1000;  ///< steps; 0 only at the end
  std::uint64_t energy_check_period = engine::SimulationOptions{}.energy_check_period;
  double energy_tolerance = engine::SimulationOptions{}.energy_tolerance;
};

struct TorsionSelector {
  std::string name;
  std::vector<AtomSelector> atoms;  ///< four
};

/// [observables]
struct ObservablesDeck {
  bool backbone_torsions = true;  ///< every phi and psi there is
  std::vector<TorsionSelector> torsions;
  /// Work of a move's map between neighbouring temperatures, at every frame.
  bool map_work = true;
};

/// [output]
struct OutputDeck {
  std::string directory;  ///< relative to the current folder
  std::string trajectory = "trajectory.h5";
  bool overwrite = false;
  bool velocities = false;
};

/// [comparison]: plain dynamics by OpenMM next to the run.
struct ComparisonDeck {
  bool openmm_dynamics = false;
  /// Platform "fastest": whichever is. Temperature and seed come from the run.
  forcefields::PlainDynamicsOptions dynamics;
  double length_ps = 1000.0;
  double hydrogen_mass_dalton = kHeavyHydrogen_dalton;
  double frame_period_ps = 1.0;
};

/// A run as its deck describes it, with every default filled in.
struct RunDeck {
  std::string title;
  std::uint64_t seed = 2026;
  SystemDeck system;
  EnergyDeck energy;
  ExternalDeck external;
  std::vector<double> temperatures_K;  ///< one, or the levels of a ladder, ascending
  std::optional<double> pressure_bar;  ///< of all chains; none: constant volume
  ChainsDeck chains;
  WarmUpDeck warm_up;
  std::optional<PilotDeck> pilot;  ///< when a model is trained or chains start from the pilot
  std::vector<LeapDeck> leaps;     ///< each [[proposal]]; or [leap], when a move is learned
  std::vector<MoveDeck> moves;
  RunSectionDeck run;
  ObservablesDeck observables;
  OutputDeck output;
  ComparisonDeck comparison;

  bool has_ladder() const { return temperatures_K.size() > 1; }
};

/// MMFF94's variant of that name; nothing when it is none.
std::optional<forcefields::MmffVariant> mmff_variant(const std::string& name);

}  // namespace saltus::tools
