#include "tools/saltus/conformers/analysis_run.h"

#include <filesystem>
#include <iostream>
#include <memory>

#include "engine/core/counted.h"
#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "saltus_version.h"
#include "tools/saltus/common/ordered_work.h"
#include "tools/saltus/conformers/analysis_output_detail.h"
#include "tools/saltus/conformers/pose_input.h"

namespace saltus::tools {

namespace {

/// Where the outcomes go.
class Outputs {
 public:
  explicit Outputs(const AnalysisRequest& request) : request_(request) {
    for (const std::string& path : {request.output, request.report, request.html})
      if (!path.empty() && path != "-")
        io::refuse_to_replace_input(path, {request.inputs.begin(), request.inputs.end()});
    if (!request.output.empty()) sdf_ = open(request.output, gzip_of(request.output));
    if (!request.report.empty()) csv_ = open(request.report, false);
    if (!request.html.empty()) {
      io::refuse_to_overwrite(request.html, request.overwrite);
      open(request.html, false);  // a folder that cannot be written to is noticed at once
    }
    if (csv_) csv_->write(analysis_header(request.kind));
  }

  void write(const AnalysisRows& rows) {
    end_.n_rows += rows.n_rows;
    end_.n_ok += rows.n_ok;
    if (sdf_) sdf_->write(rows.sdf);
    if (csv_) csv_->write(rows.csv);
    if (prints_table()) {
      print_header();
      std::cout << rows.csv << std::flush;
    }
    if (request_.json) all_.push_back(rows.json);
  }
  void show(const TorsionScan& scan) {
    if (!request_.html.empty()) page_.scans.push_back(shown_scan(scan));
  }

  AnalysisEnd commit() {
    if (prints_table()) print_header();
    if (sdf_) sdf_->commit();
    if (csv_) csv_->commit();
    if (!request_.html.empty()) {
      page_.title = std::filesystem::path(request_.html).stem().string();
      page_.provenance = {{"Command", request_.command_line},
                          {"Choices", request_.choices_text()},
                          {"Seed", std::to_string(request_.settings.seed)},
                          {"Program", "Saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ")"}};
      io::write_file_durably(request_.html, io::render_torsion_scan_report(page_));
    }
    if (request_.json) {
      nlohmann::ordered_json json = {{"choices", request_.choices_text()},
                                     {"program", "saltus " SALTUS_VERSION},
                                     {"molecules", all_}};
      std::cout << json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                << "\n";
    }
    return end_;
  }
  const AnalysisEnd& end() const { return end_; }

 private:
  bool prints_table() const {
    return request_.report.empty() && !request_.json && request_.output != "-";
  }

  /// Not before there is something below it: input that cannot be read leaves only its error.
  void print_header() {
    if (!header_is_printed_) std::cout << analysis_header(request_.kind);
    header_is_printed_ = true;
  }

  static bool gzip_of(const std::string& path) {
    std::filesystem::path name(path);
    const bool gzip = name.extension() == ".gz";
    if (gzip) name = name.stem();
    if (path != "-" && name.extension() != ".sdf")
      throw engine::UsageError("saltus conformers: -o " + path +
                               ": its name must end with .sdf or .sdf.gz for --strain, --rescore "
                               "and --scan");
    return gzip;
  }

  std::unique_ptr<io::TextOutput> open(const std::string& path, bool gzip) const {
    return std::make_unique<io::TextOutput>(
        path, io::TextOutput::Options{gzip, request_.overwrite, std::nullopt});
  }

  const AnalysisRequest& request_;
  std::unique_ptr<io::TextOutput> sdf_, csv_;
  nlohmann::ordered_json all_ = nlohmann::ordered_json::array();
  io::TorsionScanReportData page_;
  AnalysisEnd end_;
  bool header_is_printed_ = false;
};

/// Groups of poses. @param analyse  (group, request)
template <class Result, class Analyse>
bool run_poses(const AnalysisRequest& request, const Analyse& analyse,
               const std::function<void(const Result&)>& hand_on,
               const std::function<bool()>& stop) {
  const bool hdf5 = request.kind == Analysis::kRescore;
  const auto inputs =
      std::make_shared<PoseInputs>(request.inputs, request.input, request.settings, hdf5);
  OrderedWork<PoseGroup, Result> work;
  work.stop = stop;
  work.take = [inputs] { return inputs->next(); };
  work.work = [request, analyse](const PoseGroup& group) { return analyse(group, request); };
  work.hand_on = [&](const PoseGroup&, const Result& result) { hand_on(result); };
  return work.run(request.n_threads);
}

bool run_scans(const AnalysisRequest& request,
               const std::function<void(const TorsionScan&)>& hand_on,
               const std::function<bool()>& stop) {
  const auto inputs = std::make_shared<ConformerInputs>(request.inputs, request.input, stop);
  OrderedWork<ConformerRecord, TorsionScan> work;
  work.stop = stop;
  work.take = [inputs] { return inputs->next(); };
  work.work = [settings = request.settings, scan = request.scan](const ConformerRecord& record) {
    return scan_torsion(record, settings, scan);
  };
  work.hand_on = [&](const ConformerRecord&, const TorsionScan& result) { hand_on(result); };
  return work.run(request.n_threads);
}

MoleculeStrain strain_of(const PoseGroup& group, const AnalysisRequest& request) {
  return pose_strain({group.begin(), group.end()}, request.settings, request.strain);
}

RescoredEnsemble rescored(const PoseGroup& group, const AnalysisRequest& request) {
  return rescore(group, request.settings);
}

}  // namespace

AnalysisEnd run_analysis(const AnalysisRequest& request, Progress& progress,
                         const std::function<bool()>& stop) {
  Outputs outputs(request);
  progress.say(request.choices_text());
  progress.start(request.kind == Analysis::kStrain    ? "strain"
                 : request.kind == Analysis::kRescore ? "rescore"
                                                      : "scan");
  const auto hand_on = [&](const auto& result) {
    outputs.write(rows_of(result, request));
    progress.update(0.0, engine::counted(outputs.end().n_rows, "row"));
  };
  bool complete = false;
  if (request.kind == Analysis::kStrain)
    complete = run_poses<MoleculeStrain>(request, strain_of, hand_on, stop);
  else if (request.kind == Analysis::kRescore)
    complete = run_poses<RescoredEnsemble>(request, rescored, hand_on, stop);
  else
    complete = run_scans(
        request,
        [&](const TorsionScan& scan) {
          outputs.show(scan);
          hand_on(scan);
        },
        stop);
  if (complete) return outputs.commit();
  AnalysisEnd end = outputs.end();
  end.complete = false;
  return end;
}

}  // namespace saltus::tools
