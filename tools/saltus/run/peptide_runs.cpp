#include "tools/saltus/run/peptide_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "forcefields/openmm/platform.h"
#include "io/formats/visible_text.h"
#include "tools/saltus/run/folder_run.h"
#include "tools/saltus/run/openmm_run.h"

namespace saltus::tools {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using engine::InputError;

constexpr const char* kReferenceName = "reference";

/// What runs of each kind took, and what is left by that.
class RunClock {
 public:
  /// @param kinds  names, each of which every molecule gets one run of
  RunClock(std::vector<std::string> kinds, std::size_t n_molecules)
      : kinds_(std::move(kinds)), n_molecules_(n_molecules) {}

  void add(const std::string& kind, double seconds) {
    // What is there already says nothing about the others.
    constexpr double kShortest = 0.5;
    if (seconds < kShortest) return;
    Sum& sum = sums_[kind];
    sum.seconds += seconds;
    sum.n += 1.0;
  }

  /// "; about 3 h left", "; at least 3 h left" while some kind has not been timed yet, or nothing.
  std::string left(std::size_t molecule, std::size_t kind) const {
    double seconds = 0.0;
    bool all_known = true;
    for (std::size_t k = 0; k < kinds_.size(); ++k) {
      const std::size_t n = n_molecules_ - molecule - (k < kind ? 1 : 0);
      const auto sum = sums_.find(kinds_[k]);
      if (n == 0) continue;
      if (sum == sums_.end())
        all_known = false;
      else
        seconds += static_cast<double>(n) * sum->second.seconds / sum->second.n;
    }
    if (!(seconds > 0.0)) return "";
    return (all_known ? "; about " : "; at least ") + duration(seconds) + " left";
  }

 private:
  struct Sum {
    double seconds = 0.0, n = 0.0;
  };

  static std::string duration(double seconds) {
    constexpr double kMinute = 60.0, kHour = 3600.0;
    if (seconds < 2.0 * kMinute) return fmt::format(FMT_STRING("{:.0f} s"), seconds);
    if (seconds < 2.0 * kHour) return fmt::format(FMT_STRING("{:.0f} min"), seconds / kMinute);
    return fmt::format(FMT_STRING("{:.1f} h"), seconds / kHour);
  }

  std::vector<std::string> kinds_;
  std::size_t n_molecules_;
  std::map<std::string, Sum> sums_;
};

/// All runs of all molecules.
class PeptideRuns {
 public:
  PeptideRuns(const CompareDeck& deck, const std::function<bool()>& interrupted, Progress& progress)
      : made_(deck.made),
        rules_{deck.overwrite ? ChangedRun::kRemake : ChangedRun::kRefuse, interrupted},
        progress_(progress),
        kinds_(kinds_of(deck.made)),
        clock_(kinds_, deck.made.peptides.size()) {}

  std::optional<std::vector<ComparedPeptideDeck>> make() {
    for (const MadePeptideDeck& peptide : made_.peptides)
      if (!peptide.sequence.empty())
        write_peptide_structure(peptide.sequence, coordinates_of(peptide));
    check_decks();
    std::vector<ComparedPeptideDeck> result;
    for (std::size_t molecule = 0; molecule < made_.peptides.size(); ++molecule) {
      for (std::size_t kind = 0; kind < kinds_.size(); ++kind)
        if (!make_one(molecule, kind)) return std::nullopt;
      result.push_back(compared(made_.peptides[molecule]));
    }
    return result;
  }

 private:
  static std::vector<std::string> kinds_of(const MadePeptidesDeck& made) {
    std::vector<std::string> kinds = {kReferenceName};
    for (const MadeRunDeck& run : made.runs) kinds.push_back(run.run.name);
    if (made.openmm_dynamics) kinds.push_back(kOpenMMRunName);
    return kinds;
  }

  fs::path coordinates_of(const MadePeptideDeck& peptide) const {
    return peptide.sequence.empty() ? peptide.coordinates
                                    : made_.folder / peptide.name / "structure.pdb";
  }

  FolderRun reference_of(const MadePeptideDeck& peptide) const {
    return {made_.reference_deck, coordinates_of(peptide),
            made_.folder / peptide.name / kReferenceName};
  }
  FolderRun run_of(const MadePeptideDeck& peptide, const MadeRunDeck& run) const {
    return {run.deck, coordinates_of(peptide), made_.folder / peptide.name / run.run.name};
  }
  OpenMMRun openmm_of(const MadePeptideDeck& peptide, const LoadedRunDeck& reference) const {
    return {reference, *made_.openmm_dynamics, made_.folder / peptide.name / "openmm_dynamics"};
  }

  /// What would end a comparison after hours of its runs.
  void check_decks() const {
    const MadePeptideDeck& first = made_.peptides.front();
    const double reference_K = deck_of(reference_of(first)).deck.temperatures_K[0];
    for (const MadeRunDeck& run : made_.runs) {
      constexpr double kSameTemperature_K = 1e-6;
      const double run_K = deck_of(run_of(first, run)).deck.temperatures_K[0];
      if (std::abs(run_K - reference_K) > kSameTemperature_K)
        throw InputError(fmt::format(FMT_STRING("{}: runs are at {} K, those of {} at {} K; a run "
                                                "is compared at the lowest temperature of its "
                                                "reference"),
                                     run.deck.string(), run_K, made_.reference_deck.string(),
                                     reference_K));
    }
    if (!made_.openmm_dynamics) return;
    const std::string& platform = made_.openmm_dynamics->dynamics.platform.name;
    const std::vector<std::string> offered = forcefields::openmm_platforms();
    if (platform != "fastest" &&
        std::find(offered.begin(), offered.end(), platform) == offered.end())
      throw InputError("openmm_dynamics.platform: '" + platform +
                       "' is not there; this OpenMM offers fastest, " +
                       engine::joined(offered, ", "));
  }

  /// @returns false when interrupted
  bool make_one(std::size_t molecule, std::size_t kind) {
    const MadePeptideDeck& peptide = made_.peptides[molecule];
    const std::string name = io::visible_text(peptide.name);
    progress_.say(fmt::format(FMT_STRING("molecule {} of {}, {}: {} ({} of {} runs{})"),
                              molecule + 1, made_.peptides.size(), name, kinds_[kind],
                              molecule * kinds_.size() + kind + 1,
                              made_.peptides.size() * kinds_.size(), clock_.left(molecule, kind)));
    const Clock::time_point started = Clock::now();
    bool finished = false;
    try {
      finished = made(peptide, kind);
    } catch (const InputError& error) {
      throw InputError(where(peptide, kind) + error.what());
    } catch (const engine::NumericalError& error) {
      throw engine::NumericalError(where(peptide, kind) + error.what());
    }
    if (finished)
      clock_.add(kinds_[kind], std::chrono::duration<double>(Clock::now() - started).count());
    return finished;
  }

  std::string where(const MadePeptideDeck& peptide, std::size_t kind) const {
    return "peptide '" + peptide.name + "', run '" + kinds_[kind] + "': ";
  }

  bool made(const MadePeptideDeck& peptide, std::size_t kind) const {
    if (kind == 0) return make_folder_run(reference_of(peptide), rules_, progress_);
    if (kind <= made_.runs.size())
      return make_folder_run(run_of(peptide, made_.runs[kind - 1]), rules_, progress_);
    const LoadedRunDeck reference = deck_of(reference_of(peptide));
    return make_openmm_run(openmm_of(peptide, reference), rules_, progress_);
  }

  static fs::path trajectory_of(const FolderRun& run) {
    return files_of(deck_of(run).deck).trajectory;
  }

  ComparedPeptideDeck compared(const MadePeptideDeck& peptide) const {
    ComparedPeptideDeck result;
    result.name = peptide.name;
    result.reference = trajectory_of(reference_of(peptide));
    for (const MadeRunDeck& run : made_.runs) {
      result.runs.push_back(run.run);
      result.runs.back().trajectory = trajectory_of(run_of(peptide, run));
    }
    if (made_.openmm_dynamics) {
      const LoadedRunDeck reference = deck_of(reference_of(peptide));
      result.runs.push_back({kOpenMMRunName, ComparedRole::kOpenMMDynamics,
                             openmm_of(peptide, reference).files().trajectory});
    }
    for (const ComparedRunDeck& run : result.runs)
      if (run.name == made_.tica_run) result.tica_trajectory = run.trajectory;
    return result;
  }

  const MadePeptidesDeck& made_;
  FolderRunRules rules_;
  Progress& progress_;
  std::vector<std::string> kinds_;
  RunClock clock_;
};

}  // namespace

std::optional<std::vector<ComparedPeptideDeck>> make_peptide_runs(
    const CompareDeck& deck, const std::function<bool()>& interrupted, Progress& progress) {
  if (deck.made.peptides.empty()) return std::vector<ComparedPeptideDeck>();
  return PeptideRuns(deck, interrupted, progress).make();
}

}  // namespace saltus::tools
