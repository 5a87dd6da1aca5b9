#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <sstream>

#include "engine/core/error.h"
#include "io/hdf5/conformer_file_reader.h"
#include "io/hdf5/repair.h"
#include "io/hdf5/trajectory_reader.h"
#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/model/model_file.h"
#include "mlsamplers/model/printable.h"
#include "mlsamplers/rigid/rigid_flow_model.h"
#include "mlsamplers/torsions/torsion_network.h"
#include "tools/saltus/commands/commands.h"
#include "tools/saltus/common/command_line_detail.h"
#include "tools/saltus/run/report.h"
#include "tools/saltus/run/setup.h"

namespace saltus::tools {

namespace {

// What a file holds may be text from anywhere.
using mlsamplers::printable;

void print_rigid_flow(const mlsamplers::RigidFlowModel& flow) {
  const mlsamplers::RigidFlowEnds& ends = flow.ends;
  std::printf("leads        from %g K to %g K\n", ends.base_temperature_K,
              ends.target_temperature_K);
  if (ends.has_box())
    std::printf("box          %g x %g x %g nm\n", ends.edges_nm[0], ends.edges_nm[1],
                ends.edges_nm[2]);
  else
    std::printf("box          none\n");
  std::printf(
      "bodies       %zu%s\ncouplings    %zu of width %zu\n", flow.shape.n_bodies,
      flow.shape.conditioner == mlsamplers::FlowConditioner::kAttention ? ", without sites" : "",
      flow.shape.n_couplings, flow.shape.hidden);
  if (flow.curve.empty()) return;
  const auto best =
      std::min_element(flow.curve.begin(), flow.curve.end(),
                       [](const auto& a, const auto& b) { return a.held_out < b.held_out; });
  std::printf("held out     %.3f nats, effective samples %.4f of all\n", best->held_out,
              best->held_out_samples);
}

void print_model(const std::string& path) {
  const mlsamplers::ModelCard card = mlsamplers::read_model_card(path);
  // Says so when the model itself cannot be used, not only its card.
  if (card.kind == mlsamplers::kLeapKind) mlsamplers::load_leap_model(path);
  if (card.kind == mlsamplers::kTorsionKind) mlsamplers::load_torsion_network(path);
  for (const auto& [key, value] : card_entries(card))
    std::printf("%-12s %s\n", key.c_str(), printable(value).c_str());
  if (card.kind == mlsamplers::kRigidFlowKind) print_rigid_flow(mlsamplers::load_rigid_flow(path));
  if (card.atoms.empty()) return;
  std::printf("%-12s", "atoms");
  for (const std::string& atom : card.atoms) std::printf(" %s;", printable(atom).c_str());
  std::printf("\n");
}

/// An empty line, and the text line by line.
void print_lines(const std::string& text) {
  std::istringstream lines("\n" + text);
  for (std::string line; std::getline(lines, line);)
    std::printf("%s\n", printable(line, line.size()).c_str());
}

/// Whether frames have to be weighted.
std::string weights_text(const io::TrajectoryReader& reader) {
  if (!reader.has_log_weights()) return "equal (not stored)";
  const std::vector<double> log_weights = reader.log_weights(0, reader.n_frames());
  const bool equal = std::adjacent_find(log_weights.begin(), log_weights.end(),
                                        std::not_equal_to<>()) == log_weights.end();
  return equal ? "equal" : "unequal: averages need them, as those of saltus report have them";
}

void print_trajectory(const std::string& path, bool with_deck) {
  const io::TrajectoryReader reader(path);
  const io::TrajectoryInfo& info = reader.info();
  std::printf(
      "title        %s\natoms        %zu\nchains       %zu\nframes       %llu of each "
      "chain\n",
      printable(info.title).c_str(), reader.n_atoms(), reader.n_chains(),
      static_cast<unsigned long long>(reader.n_frames()));
  if (reader.n_frames() > 0)
    std::printf("steps        %llu to %llu\n",
                static_cast<unsigned long long>(reader.steps(0, 1)[0]),
                static_cast<unsigned long long>(reader.steps(reader.n_frames() - 1, 1)[0]));
  std::printf("seed         %llu\nforce field  %s\ndeck digest  %s\n",
              static_cast<unsigned long long>(info.seed), printable(info.force_field).c_str(),
              printable(info.deck_digest).c_str());
  std::printf("weights      %s\n", weights_text(reader).c_str());
  std::printf("observables ");
  for (const std::string& name : reader.observable_names())
    std::printf(" %s", printable(name).c_str());
  std::printf("\n");
  for (const auto& [key, value] : info.provenance)
    std::printf("%-12s %s\n", printable(key).c_str(), printable(value).c_str());
  if (with_deck) print_lines(info.resolved_deck);
}

void print_conformers(const std::string& path) {
  const io::ConformerFileReader reader(path);
  const io::ConformerFileSummary summary = reader.summary();
  std::printf("molecules    %zu, each stereoisomer counted\n", reader.n_molecules());
  for (const auto& [status, n] : summary.statuses)
    std::printf("  %-18s %zu\n", printable(status).c_str(), n);
  std::printf("conformers   %zu\n", summary.n_conformers);
  for (const auto& [key, value] : summary.made_by)
    std::printf("%-12s %s\n", key.c_str(), printable(value).c_str());
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// What files of other kinds are, by the ends of their names, and what reads them.
struct OtherFile {
  std::vector<std::string> ends;
  const char* what;
};

const std::vector<OtherFile>& other_files() {
  static const std::vector<OtherFile> files = {
      {{".pdb", ".sdf", ".sdf.gz", ".sd", ".sd.gz", ".mol", ".mol.gz"},
       "a structure; 'saltus init' and 'saltus energy' read it"},
      {{".prmtop", ".parm7", ".inpcrd", ".rst7"},
       "a file of AMBER; 'saltus init' and 'saltus energy' read it"},
      {{".smi", ".smi.gz", ".ism", ".csv", ".tsv"}, "a list; 'saltus conformers' reads SMILES"},
      {{".toml"}, "a deck; 'saltus check' reads it"},
      {{".shard"}, "a part of a list of conformers; 'saltus merge' reads it"},
      {{".checkpoint"}, "the checkpoint of a run; name the trajectory (.h5) beside it"}};
  return files;
}

/// Commands for trajectories get files of other kinds, and the folders of runs.
void refuse_other_files(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw engine::FileError("'" + path + "' is a folder; name a file in it, such as '" +
                            (std::filesystem::path(path) / "trajectory.h5").string() + "'");
  if (!std::filesystem::exists(path, ignored)) return;
  for (const OtherFile& other : other_files())
    for (const std::string& end : other.ends)
      if (ends_with(path, end))
        throw engine::InputError("'" + path + "' is no trajectory but, by its name, " + other.what);
}

/// The same, also of files with conformers, which are HDF5 files, too.
void refuse_all_but_trajectories(const std::string& path) {
  refuse_other_files(path);
  if (io::is_conformer_file(path))
    throw engine::InputError("'" + path +
                             "' is no trajectory but conformers of 'saltus conformers'; 'saltus "
                             "info' describes them, 'saltus conformers --rescore' reads them");
}

}  // namespace

int report_command(const std::vector<std::string>& arguments) {
  CommandLine line(
      "report", "TRAJECTORY",
      "Analyses a trajectory and writes report.html and summary.json in its folder. Works "
      "on\nruns that are not finished or were killed.",
      "  saltus report runs/alanine_dipeptide/trajectory.h5\n");
  const auto parsed = parse(line, arguments);
  if (!parsed) return 0;
  refuse_all_but_trajectories(parsed->positional);
  const RunFiles files(parsed->positional);
  const io::ReportData data = analyse_run(files);
  write_summary(data, files);
  write_report(data, files);
  std::cout << "summary: " << files.summary.string() << "\nreport:  " << files.report.string()
            << "\n";
  if (data.summary.is_weighted()) std::cout << "averages are " << data.summary.weighting() << "\n";
  return 0;
}

int info_command(const std::vector<std::string>& arguments) {
  CommandLine line("info", "FILE",
                   "Shows what a trajectory (.h5), a file of conformers (.h5) or a model "
                   "(.safetensors)\ncontains and where it comes from. Models are numbers and text; "
                   "nothing in them is run.",
                   "  saltus info trajectory.h5 --deck\n"
                   "  saltus info conformers.h5\n"
                   "  saltus info trajectory.leap.safetensors\n");
  line.options.add_options()("deck", boost::program_options::bool_switch(),
                             "print the deck a trajectory was made with");
  const auto parsed = parse(line, arguments);
  if (!parsed) return 0;
  const std::string& path = parsed->positional;
  refuse_other_files(path);
  if (ends_with(path, ".safetensors") || ends_with(path, ".pt") ||
      mlsamplers::looks_like_model(path))
    print_model(path);
  else if (io::is_conformer_file(path))
    print_conformers(path);
  else
    print_trajectory(path, parsed->flag("deck"));
  return 0;
}

int repair_command(const std::vector<std::string>& arguments) {
  CommandLine line("repair", "TRAJECTORY",
                   "Makes the trajectory of a run that was killed readable again and cuts it to "
                   "its\nlast whole frame. (saltus run --resume does so by itself.)",
                   "  saltus repair runs/alanine_dipeptide/trajectory.h5\n");
  const auto parsed = parse(line, arguments);
  if (!parsed) return 0;
  refuse_all_but_trajectories(parsed->positional);
  const io::RepairReport report = io::repair_trajectory(parsed->positional);
  std::cout << parsed->positional << ": " << report.describe() << "\n";
  return 0;
}

}  // namespace saltus::tools
