#include "tools/saltus/training/peptides.h"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <limits>
#include <sstream>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "forcefields/ffxml/create_system.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "io/files/durable_file.h"
#include "io/files/text_output.h"
#include "io/hdf5/trajectory_reader.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "mlsamplers/peptides/peptide_sequence.h"
#include "mlsamplers/peptides/training_rule.h"
#include "mlsamplers/training/peptide_refinement.h"
#include "saltus_version.h"
#include "tools/saltus/common/slow_blas.h"

namespace saltus::tools {

namespace fs = std::filesystem;

namespace {

/// Frames of one trajectory, and their temperatures.
struct Frames {
  engine::CoordinateBatch positions;
  std::vector<double> temperatures_K;
};

Frames read_frames(const io::TrajectoryReader& reader, const PeptideDataDeck& deck) {
  const auto n_frames = static_cast<std::size_t>(reader.n_frames());
  const auto first = static_cast<std::size_t>(deck.discarded * static_cast<double>(n_frames));
  const std::size_t n_chains = reader.n_chains();
  std::vector<std::size_t> chosen;
  for (std::size_t frame = first; frame < n_frames; frame += deck.frame_stride)
    chosen.push_back(frame);
  Frames result = {engine::CoordinateBatch(chosen.size() * n_chains, reader.n_atoms()), {}};
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const engine::CoordinateBatch frame = reader.positions(chosen[i]);
    for (std::size_t c = 0; c < n_chains; ++c)
      std::copy(frame.chain(c).begin(), frame.chain(c).end(),
                result.positions.chain(i * n_chains + c).begin());
    const auto temperatures = reader.observable("temperature", chosen[i], 1);
    result.temperatures_K.insert(result.temperatures_K.end(), temperatures.begin(),
                                 temperatures.end());
  }
  return result;
}

/// Everything that is learned from.
struct PeptideData {
  std::vector<std::string> runs;  ///< trajectories
  std::vector<mlsamplers::PeptideSamples> samples;
  std::vector<mlsamplers::TemplateStatistics> templates;
  double min_temperature_K = std::numeric_limits<double>::infinity(), max_temperature_K = 0.0;
};

/// Refuses what is kept for testing, unless the deck allows it or refines a model.
void require_for_training(const std::vector<std::string>& templates, const std::string& name,
                          const PeptideDeck& deck) {
  if (deck.data.allow_test_peptides || !deck.initial.empty()) return;
  std::vector<std::string> test_sequences;
  if (!deck.data.test_sequences.empty())
    test_sequences = read_test_sequences(deck.data.test_sequences);
  const std::string why = mlsamplers::why_test_peptide(templates, test_sequences);
  if (!why.empty())
    throw engine::InputError(name + " must not be trained on: " + why +
                             "; take it out of the deck's peptides, or set "
                             "peptides.allow_test_peptides = true for a model that is not compared "
                             "with others");
}

/// Reads trajectories one after the other.
class PeptideDataReader {
 public:
  PeptideDataReader(const PeptideDeck& deck, const InitialPeptideModel& initial)
      : deck_(deck),
        initial_(initial),
        statistics_(deck.statistics),
        force_field_(read_force_field(deck.data)) {
    options_.molecule.implicit_solvent = deck.data.implicit_solvent;
  }

  void add(const fs::path& file) {
    const io::TrajectoryReader reader(file);
    try {
      add(file, reader);
    } catch (const engine::InputError& error) {
      throw engine::InputError(file.string() + ": " + error.what());
    } catch (const engine::ModelError& error) {
      throw engine::ModelError(file.string() + ": " + error.what());
    }
  }

  PeptideData finish() {
    data_.templates = initial_.model ? statistics_.finish_sufficient() : statistics_.finish();
    return std::move(data_);
  }

 private:
  static forcefields::ForceFieldXml read_force_field(const PeptideDataDeck& deck) {
    std::vector<std::string> names;
    for (const fs::path& file : deck.force_field) names.push_back(file.string());
    return forcefields::ForceFieldXml::read(names, {"."});
  }

  void add(const fs::path& file, const io::TrajectoryReader& reader) {
    if (reader.n_frames() == 0) throw engine::InputError("it has no frames");
    const Frames frames = read_frames(reader, deck_.data);
    const mlsamplers::Peptide peptide =
        mlsamplers::recognise_peptide(reader.topology(), frames.positions.chain(0));
    require_for_training(templates_of(peptide), name_of(peptide), deck_);
    const engine::System system =
        forcefields::create_system(reader.topology(), force_field_, options_);
    if (initial_.model) {
      mlsamplers::require_force_field(*initial_.model, peptide, system, initial_.name);
      mlsamplers::require_temperatures(*initial_.model, frames.temperatures_K, initial_.name);
    }
    statistics_.add(peptide, system, frames.positions.view(), frames.temperatures_K);
    data_.runs.push_back(run_name(file));
    const std::string name = name_of(peptide);
    data_.samples.push_back(mlsamplers::peptide_samples(name.empty() ? file.string() : name,
                                                        peptide, frames.positions.view(),
                                                        frames.temperatures_K));
    for (const double temperature_K : frames.temperatures_K) {
      data_.min_temperature_K = std::min(data_.min_temperature_K, temperature_K);
      data_.max_temperature_K = std::max(data_.max_temperature_K, temperature_K);
    }
  }

  /// The file and its folder.
  static std::string run_name(const fs::path& file) {
    return (file.parent_path().filename() / file.filename()).string();
  }

  static std::vector<std::string> templates_of(const mlsamplers::Peptide& peptide) {
    std::vector<std::string> names;
    for (std::size_t r = 0; r < peptide.residues.size(); ++r)
      names.push_back(peptide.template_of(r).name);
    return names;
  }

  static std::string name_of(const mlsamplers::Peptide& peptide) {
    const std::vector<std::string> names = templates_of(peptide);
    const std::string letters = mlsamplers::one_letter_sequence(names);
    return letters.empty() ? engine::joined(names, "-") : letters;
  }

  const PeptideDeck& deck_;
  const InitialPeptideModel& initial_;
  mlsamplers::PeptideStatistics statistics_;
  forcefields::ForceFieldXml force_field_;
  forcefields::SystemOptions options_;
  PeptideData data_;
};

PeptideData read_data(const PeptideDeck& deck, const InitialPeptideModel& initial,
                      Progress& progress) {
  std::vector<fs::path> runs = deck.data.runs;
  for (const std::string& sequence : deck.data.sequences)
    runs.push_back(deck.data.folder / sequence);
  const std::vector<fs::path> files = peptide_trajectories(runs);
  progress.start("reading trajectories");
  PeptideDataReader reader(deck, initial);
  for (std::size_t i = 0; i < files.size(); ++i) {
    reader.add(files[i]);
    progress.update(static_cast<double>(i + 1) / static_cast<double>(files.size()));
  }
  PeptideData data = reader.finish();
  progress.finish(std::to_string(data.samples.size()) +
                  (initial.model ? " trajectories, statistics of " : " peptides, ") +
                  std::to_string(data.templates.size()) + " residues");
  return data;
}

std::string solvent_name(const std::optional<engine::GeneralizedBornModel>& model) {
  if (!model) return "vacuum";
  switch (*model) {
    case engine::GeneralizedBornModel::kObc1:
      return "OBC1";
    case engine::GeneralizedBornModel::kObc2:
      return "OBC2";
    case engine::GeneralizedBornModel::kGbn2:
      return "GBn2";
  }
  return "implicit solvent";
}

std::string created_by() { return "saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ")"; }

mlsamplers::ModelCard card_of(const PeptideDeck& deck, const PeptideData& data) {
  mlsamplers::ModelCard card;
  std::vector<std::string> names;
  for (const fs::path& file : deck.data.force_field) names.push_back(file.filename().string());
  card.force_field = engine::joined(names, " + ") + ", " + solvent_name(deck.data.implicit_solvent);
  card.created_by = created_by();
  mlsamplers::TransferableCard transferable;
  transferable.elements = {"H", "C", "N", "O", "S"};
  std::vector<std::string> peptides;
  for (const mlsamplers::PeptideSamples& samples : data.samples) peptides.push_back(samples.name);
  transferable.data = deck.title + "; trajectories of: " + engine::joined(peptides, " ");
  transferable.split =
      deck.data.allow_test_peptides
          ? "none: peptides that are meant for testing may have been learned from"
          : "numbers of the amino acids (A C D E F G H I K L M N P Q R S T V W Y from 0) that add "
            "up to a multiple of 5 are for testing, in peptides of up to four residues; and capped "
            "W, K and T";
  card.transferable = transferable;
  return card;
}

mlsamplers::PeptideModel untrained(const PeptideDeck& deck, PeptideData& data) {
  mlsamplers::PeptideModel model;
  model.card = card_of(deck, data);
  model.reference_temperature_K = deck.statistics.reference_temperature_K;
  model.min_temperature_K = data.min_temperature_K;
  model.max_temperature_K = data.max_temperature_K;
  model.templates = std::move(data.templates);
  return model;
}

/// The initial model, with statistics of the runs, and a card that nobody takes for a zero-shot
/// model's.
mlsamplers::PeptideModel unrefined(const PeptideDeck& deck, const PeptideData& data,
                                   const InitialPeptideModel& initial) {
  mlsamplers::PeptideModel model =
      mlsamplers::begin_refinement(initial.model, data.templates, data.samples, initial.name);
  model.card.created_by = created_by();
  if (!model.card.transferable) model.card.transferable.emplace();
  mlsamplers::TransferableCard& transferable = *model.card.transferable;
  std::vector<std::string> templates;
  for (const mlsamplers::TemplateStatistics& entry : data.templates)
    templates.push_back(entry.name);
  std::vector<std::string> runs;
  for (std::size_t i = 0; i < data.runs.size(); ++i)
    runs.push_back(data.runs[i] + " (" + std::to_string(data.samples[i].n_frames()) +
                   " frames of " + data.samples[i].name + ")");
  transferable.data =
      deck.title + "; refined from " + initial.version + " on " + engine::joined(runs) +
      "; fast coordinates fitted anew: " +
      (templates.empty() ? "none" : engine::joined(templates, " ")) +
      "; the initial model: " + initial.model->card.training +
      (initial.model->card.transferable ? "; " + initial.model->card.transferable->data : "");
  transferable.split =
      "none: what it was refined on may be meant for testing, and is not new to it; other peptides "
      "are served by the initial model";
  return model;
}

std::string state_text(const mlsamplers::PeptideTrainingState& state) {
  return fmt::format(FMT_STRING("step {}: training {:.3f}, held out {:.3f}, best {:.3f} nats per "
                                "torsion, at most {:.0f} s left"),
                     state.step, state.training, state.held_out, state.best_held_out,
                     state.seconds_left);
}

std::string result_text(const mlsamplers::TrainedPeptides& trained) {
  const std::string text =
      fmt::format(FMT_STRING("held out {:.3f} nats per torsion, best after step {}"),
                  trained.held_out, trained.best_step);
  if (!trained.initial_held_out) return text;
  return text + fmt::format(FMT_STRING("; {:.3f} before"), *trained.initial_held_out);
}

/// A deck that refines counts with the initial model's reference temperature.
PeptideDeck with_initial(PeptideDeck deck, const InitialPeptideModel& initial) {
  if ((initial.model == nullptr) != deck.initial.empty())
    throw engine::InternalError("peptide training: the deck's initial model is not the one given");
  if (initial.model)
    deck.statistics.reference_temperature_K = initial.model->reference_temperature_K;
  return deck;
}

}  // namespace

std::vector<fs::path> peptide_trajectories(const std::vector<fs::path>& runs) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const fs::path& run : runs) {
    if (fs::is_regular_file(run, ignored)) {
      files.push_back(run);
      continue;
    }
    const std::size_t n_before = files.size();
    if (fs::is_regular_file(run / kPeptideTrajectory, ignored))
      files.push_back(run / kPeptideTrajectory);
    if (fs::is_directory(run, ignored))
      for (const fs::directory_entry& entry : fs::directory_iterator(run, ignored))
        if (fs::is_regular_file(entry.path() / kPeptideTrajectory, ignored))
          files.push_back(entry.path() / kPeptideTrajectory);
    if (files.size() == n_before)
      throw engine::InputError("peptides.runs: '" + run.string() +
                               "' is neither a trajectory nor a folder with " + kPeptideTrajectory +
                               " in it or in its subfolders");
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

void require_training_sequences(const PeptideDeck& deck) {
  for (const std::string& sequence : deck.data.sequences)
    require_for_training(mlsamplers::parse_sequence(sequence), sequence, deck);
}

std::vector<std::string> read_test_sequences(const fs::path& file) {
  std::istringstream lines(io::read_whole_file(file, "list of sequences"));
  std::vector<std::string> sequences;
  for (std::string line; std::getline(lines, line);) {
    if (engine::starts_with(engine::trimmed(line), "#")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) sequences.push_back(word);
  }
  return sequences;
}

fs::path train_peptide_deck(const PeptideDeck& deck, const PeptideTrainingRequest& request,
                            Progress& progress) {
  const PeptideDeck used = with_initial(deck, request.initial);
  const fs::path path = request.output.empty() ? used.model : fs::path(request.output);
  io::refuse_to_overwrite(path, request.overwrite);
  warn_of_slow_blas(progress);
  PeptideData data = read_data(used, request.initial, progress);
  mlsamplers::PeptideModel model =
      request.initial.model ? unrefined(used, data, request.initial) : untrained(used, data);
  mlsamplers::PeptideTrainingFiles files;
  files.checkpoint = path.string() + ".training";
  files.should_stop = request.interrupted;
  files.progress = [&](const mlsamplers::PeptideTrainingState& state) {
    progress.update(static_cast<double>(state.step) / static_cast<double>(state.n_steps),
                    state_text(state));
  };
  std::error_code ignored;
  if (fs::exists(files.checkpoint, ignored))
    progress.say("going on with the training of '" + files.checkpoint + "'");
  progress.start(request.initial.model ? "refining" : "training");
  const mlsamplers::TrainedPeptides trained =
      mlsamplers::train_peptides(data.samples, used.training, std::move(model), files);
  progress.finish(result_text(trained));
  if (trained.initial_held_out && trained.best_step == 0 && !trained.is_interrupted)
    progress.warn(
        "the initial model is as good on the held-out frames: its networks are kept, and only "
        "statistics of fast coordinates are of the runs");
  if (!trained.stopped.empty()) progress.warn("training ended early: " + trained.stopped);
  if (trained.is_interrupted) return {};
  mlsamplers::save_peptide_model(trained.model, path.string());
  fs::remove(files.checkpoint, ignored);
  return path;
}

}  // namespace saltus::tools
