#include "engine/run/protocol_choice.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/moves/decision.h"

namespace saltus::engine {

namespace {

/// A gain is told from none by this many standard errors.
constexpr double kStandardErrors = 2.0;
constexpr int kDigits = 3;
/// Per energy evaluation; a rarer change never happens in a run.
constexpr double kSeldom = 1e-9;

/// Standard error of a mean.
double error_of(const WorkMoments& values) {
  return values.standard_deviation() / std::sqrt(static_cast<double>(values.count));
}

std::string number(double value) { return significant_text(value, kDigits); }

/// Without a power of ten up to a million.
std::string count_text(double value) { return value < 1e6 ? fixed_text(value, 0) : number(value); }

std::string measured(const ProtocolTrials& trials) {
  const std::string work =
      trials.work.count == 0
          ? "no finite work"
          : "work " + number(trials.work.mean) + " kT, standard deviation " +
                (trials.work.count > 1 ? number(trials.work.standard_deviation()) : "unknown");
  return work + "; acceptance " + number(trials.acceptance) + " +- " +
         number(trials.acceptance_error) + ", with a change that counts " + number(trials.gain) +
         " +- " + number(trials.gain_error) + ", that is one in " +
         (trials.gain_per_evaluation() > kSeldom ? count_text(trials.evaluations / trials.gain)
                                                 : "more than a billion") +
         " energy evaluations";
}

}  // namespace

ProtocolTrials average_drives(const std::string& protocol, Span<const TrialDrive> drives,
                              double evaluations) {
  if (drives.size() < 2)
    throw InputError("trials of a protocol: expected at least two drives, got " +
                     std::to_string(drives.size()));
  if (!(evaluations > 0.0))
    throw InputError("trials of a protocol: a drive must evaluate energies");
  ProtocolTrials trials;
  trials.protocol = protocol;
  trials.n_drives = drives.size();
  trials.evaluations = evaluations;
  WorkMoments acceptances, gains;
  for (const TrialDrive& drive : drives) {
    if (std::isfinite(drive.log_ratio)) trials.work.add(-drive.log_ratio);
    const double acceptance = acceptance_probability(drive.log_ratio);
    acceptances.add(acceptance);
    gains.add(drive.counts ? acceptance : 0.0);
  }
  trials.acceptance = acceptances.mean;
  trials.acceptance_error = error_of(acceptances);
  trials.gain = gains.mean;
  trials.gain_error = error_of(gains);
  return trials;
}

std::size_t best_protocol(const std::vector<ProtocolTrials>& tried) {
  if (tried.empty()) throw InputError("choice of a protocol: there is none to choose from");
  const auto best = std::max_element(tried.begin(), tried.end(), [](const auto& a, const auto& b) {
    return a.gain_per_evaluation() < b.gain_per_evaluation();
  });
  return static_cast<std::size_t>(best - tried.begin());
}

bool ProtocolChoice::gains() const {
  return (best().gain - kStandardErrors * best().gain_error) / best().evaluations >
         at_once.gain_per_evaluation();
}

std::vector<std::string> ProtocolChoice::table() const {
  constexpr std::size_t kWidth = 16;
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text;
    for (const std::string& cell : cells)
      text += std::string(cell.size() < kWidth ? kWidth - cell.size() : 1, ' ') + cell;
    return text;
  };
  const auto row = [&](const ProtocolTrials& trials) {
    return line({trials.protocol, count_text(trials.evaluations),
                 trials.work.count > 0 ? number(trials.work.mean) : "-",
                 trials.work.count > 1 ? number(trials.work.standard_deviation()) : "-",
                 number(trials.acceptance) + " +- " + number(trials.acceptance_error),
                 number(trials.gain) + " +- " + number(trials.gain_error),
                 number(trials.gain_per_evaluation())});
  };
  std::vector<std::string> lines = {move + ": trials of protocols",
                                    line({"protocol", "energies", "work / kT", "deviation",
                                          "acceptance", "that counts", "per energy"}),
                                    row(at_once)};
  for (const ProtocolTrials& trials : tried) lines.push_back(row(trials));
  return lines;
}

std::string ProtocolChoice::sentence() const {
  return move + ": " + best().protocol + " chosen of " + std::to_string(tried.size()) +
         " protocols, " + std::to_string(best().n_drives) + " trials each: " + measured(best());
}

std::string ProtocolChoice::warning() const {
  if (gains()) return "";
  const bool at_once_works =
      at_once.gain_per_evaluation() > std::max(kSeldom, best().gain_per_evaluation()) &&
      at_once.gain > kStandardErrors * at_once.gain_error;
  return move + ": no protocol tried gains anything that " + std::to_string(best().n_drives) +
         " trials can tell. The best, " + best().protocol + ": " + measured(best()) +
         ". Made at once: " + measured(at_once) + ". The run stays exact, but " +
         (at_once_works ? "the change costs less at once: make it so"
                        : "this move may be worth nothing: leave it out, or try longer protocols, "
                          "more trials or a smaller change");
}

}  // namespace saltus::engine
