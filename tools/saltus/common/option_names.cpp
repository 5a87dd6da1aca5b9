#include "tools/saltus/common/option_names.h"

#include <algorithm>

#include "io/deck/nearest_name.h"

namespace saltus::tools {
namespace {

/// Words that other programs, or people, have for options.
struct OtherWords {
  std::vector<std::string> options;  ///< each may be followed by a blank and a value
  std::vector<std::string> words;
};

const std::vector<OtherWords>& other_words() {
  static const std::vector<OtherWords> list = {
      {{"num-confs"},
       {"conformers", "confs", "conf", "nconf", "nconfs", "n-conf", "n-confs", "numconf",
        "num-conf", "numconfs", "n-conformers", "nconformers", "num-conformers", "numconformers",
        "number", "count"}},
      {{"num-confs", "max-confs-out"}, {"max-confs", "maxconfs", "max-conformers", "maxconf"}},
      {{"rmsd-prune"}, {"rms", "rmsd", "rms-threshold", "prune-rms", "prune-rms-thresh"}},
      {{"energy-window"}, {"ewindow", "e-window", "window", "energy-cutoff", "energy-range"}},
      {{"minimize", "force-field"}, {"ff", "forcefield", "force-field", "optimize", "optimise"}},
      {{"solvent"}, {"implicit-solvent", "gb", "gbsa"}},
      {{"align"}, {"reference", "superpose", "align-to"}},
      {{"timeout"}, {"max-time", "time-limit", "maxtime"}},
      {{"threads"},
       {"cores", "cpu", "cpus", "jobs", "nproc", "np", "nt", "processes", "procs", "workers",
        "num-threads", "n-threads", "nthreads"}},
      {{"seed"}, {"random-seed", "random-state", "randomseed"}},
      {{"in-format"}, {"format", "input-format", "informat"}},
      {{"output"}, {"out", "outfile", "out-file", "output-file", "o", "save", "write"}},
      {{"overwrite"}, {"force", "clobber", "replace", "yes"}},
      {{"resume"}, {"continue", "restart", "append", "cpi"}},
      {{"quiet"}, {"silent"}},
      {{"progress", "log"}, {"verbose", "debug"}},
      {{"set"}, {"override", "define", "option", "key"}},
      {{"set ensemble.temperature=..."}, {"temperature", "temp"}},
      {{"set ensemble.pressure=..."}, {"pressure"}},
      {{"set run.steps=..."}, {"steps", "n-steps", "nsteps", "num-steps"}},
      {{"set chains.count=..."}, {"chains", "n-chains", "nchains", "replicas"}},
      {{"set seed=..."}, {"seed"}},
      {{"set energy.threads=..."}, {"threads"}},
      {{"set system.force_field=..."}, {"force-field", "forcefield", "ff"}},
      {{"set output.directory=..."}, {"output", "directory", "outdir", "out-dir", "folder"}},
      {{"print-defaults"}, {"defaults", "template", "example", "print-default"}},
      {{"print-resolved"}, {"resolved", "show-deck", "print-deck"}},
      {{"backend"}, {"platform"}},
      {{"padding"}, {"buffer", "margin", "distance"}},
      {{"shape"}, {"box-type", "bt", "box-shape"}},
      {{"salt"}, {"concentration", "conc", "ionic-strength", "ions"}},
      {{"positive"}, {"cation", "pname", "positive-ion"}},
      {{"negative"}, {"anion", "nname", "negative-ion"}},
      {{"no-neutralise"}, {"no-neutralize", "no-neutral"}},
  };
  return list;
}

bool holds(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

std::string option_advice(const std::string& given, const std::vector<std::string>& options) {
  const std::string name = given.substr(0, given.find('='));
  const std::string word = name.substr(std::min(name.find_first_not_of('-'), name.size()));
  std::vector<std::string> meant;
  for (const OtherWords& entry : other_words()) {
    const bool is_called_so = holds(entry.words, word);
    for (const std::string& option : entry.options)
      if (is_called_so && holds(options, option.substr(0, option.find(' '))))
        meant.push_back(option);
  }
  if (meant.empty()) {
    const std::string nearest = io::nearest_name(word, options);
    if (nearest.empty()) return "";
    meant.push_back(nearest);
  }
  std::string text = "did you mean";
  for (std::size_t i = 0; i < meant.size(); ++i)
    text += std::string(i == 0 ? " '--" : " or '--") + meant[i] + '\'';
  return text + '?';
}

}  // namespace saltus::tools
