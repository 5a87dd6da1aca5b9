#include <cstdio>
#include <iostream>

#include "engine/core/error.h"
#include "io/hdf5/repair.h"
#include "io/hdf5/trajectory_reader.h"
#include "mlsamplers/leap/leap_model.h"
#include "tools/saltus/command_line_detail.h"
#include "tools/saltus/commands.h"
#include "tools/saltus/run_report.h"
#include "tools/saltus/run_setup.h"

namespace saltus::tools {

namespace {

void print_model(const std::string& path) {
  const mlsamplers::ModelCard card = mlsamplers::read_model_card(path);
  for (const auto& [key, value] : card_entries(card))
    std::printf("%-12s %s\n", key.c_str(), value.c_str());
  if (card.atoms.empty()) return;
  std::printf("%-12s", "atoms");
  for (const std::string& atom : card.atoms) std::printf(" %s;", atom.c_str());
  std::printf("\n");
}

void print_trajectory(const std::string& path, bool with_deck) {
  const io::TrajectoryReader reader(path);
  const io::TrajectoryInfo& info = reader.info();
  std::printf(
      "title        %s\natoms        %zu\nchains       %zu\nframes       %llu of each "
      "chain\n",
      info.title.c_str(), reader.n_atoms(), reader.n_chains(),
      static_cast<unsigned long long>(reader.n_frames()));
  if (reader.n_frames() > 0)
    std::printf("steps        %llu to %llu\n",
                static_cast<unsigned long long>(reader.steps(0, 1)[0]),
                static_cast<unsigned long long>(reader.steps(reader.n_frames() - 1, 1)[0]));
  std::printf("seed         %llu\nforce field  %s\ndeck digest  %s\n",
              static_cast<unsigned long long>(info.seed), info.force_field.c_str(),
              info.deck_digest.c_str());
  std::printf("observables ");
  for (const std::string& name : reader.observable_names()) std::printf(" %s", name.c_str());
  std::printf("\n");
  for (const auto& [key, value] : info.provenance)
    std::printf("%-12s %s\n", key.c_str(), value.c_str());
  if (with_deck) std::printf("\n%s", info.resolved_deck.c_str());
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

int report_command(const std::vector<std::string>& arguments) {
  CommandLine line("report", "TRAJECTORY",
                   "Analyses a trajectory and writes report.html and summary.json beside it. Works "
                   "on\nruns that are still going on or were killed.",
                   "  saltus report runs/alanine_dipeptide/trajectory.h5\n");
  const auto parsed = parse(line, arguments);
  if (!parsed) return 0;
  const RunFiles files(parsed->positional);
  const io::ReportData data = analyse_run(files);
  write_summary(data, files);
  write_report(data, files);
  std::cout << "summary: " << files.summary.string() << "\nreport:  " << files.report.string()
            << "\n";
  return 0;
}

int info_command(const std::vector<std::string>& arguments) {
  CommandLine line("info", "FILE",
                   "Says what a trajectory (.h5) or a model (.pt) holds and where it comes from.",
                   "  saltus info trajectory.h5 --deck\n"
                   "  saltus info trajectory.leap.pt\n");
  line.options.add_options()("deck", boost::program_options::bool_switch(),
                             "print the deck a trajectory was made with");
  const auto parsed = parse(line, arguments);
  if (!parsed) return 0;
  if (ends_with(parsed->positional, ".pt"))
    print_model(parsed->positional);
  else
    print_trajectory(parsed->positional, parsed->flag("deck"));
  return 0;
}

int repair_command(const std::vector<std::string>& arguments) {
  CommandLine line("repair", "TRAJECTORY",
                   "Makes the trajectory of a run that was killed readable again and cuts it to "
                   "its\nlast whole frame. (saltus run --resume does so by itself.)",
                   "  saltus repair runs/alanine_dipeptide/trajectory.h5\n");
  const auto parsed = parse(line, arguments);
  if (!parsed) return 0;
  const io::RepairReport report = io::repair_trajectory(parsed->positional);
  std::cout << parsed->positional << ": " << report.describe() << "\n";
  return 0;
}

}  // namespace saltus::tools
