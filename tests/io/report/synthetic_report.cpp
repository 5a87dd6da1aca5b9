#include "tests/io/report/synthetic_report.h"

#include <array>
#include <cmath>

#include "engine/core/log_math.h"
#include "engine/core/random.h"
#include "engine/core/units.h"

namespace saltus::tests {
namespace {

using engine::ChainSeries;
using engine::kRadianPerDegree;
using io::ReportData;
using io::Trace;

constexpr std::size_t kChains = 64, kFrames = 2000;
constexpr double kTemperature = 310.0;

struct Series {
  std::vector<double> phi, psi, energy;
  static ChainSeries of(const std::vector<double>& values) { return {values, kChains, kFrames}; }
};

struct Basin {
  double phi, psi, width, cumulative;
};
constexpr std::array<Basin, 4> kBasins = {{{-80.0, 150.0, 22.0, 0.55},
                                           {-150.0, 155.0, 18.0, 0.75},
                                           {-75.0, -20.0, 20.0, 0.97},
                                           {58.0, 40.0, 12.0, 1.0}}};

std::size_t draw_basin(engine::RandomStream& stream) {
  const double u = stream.uniform();
  std::size_t basin = 0;
  while (u > kBasins[basin].cumulative) ++basin;
  return basin;
}

Series hop(double hop_probability, double memory, std::uint64_t seed) {
  Series series;
  for (std::uint32_t c = 0; c < kChains; ++c) {
    engine::RandomStream stream({seed, 0}, engine::StreamName::kTest, c);
    std::size_t basin = draw_basin(stream);
    double a = stream.normal(), b = stream.normal(), e = stream.normal();
    for (std::size_t t = 0; t < kFrames; ++t) {
      if (stream.uniform() < hop_probability) basin = draw_basin(stream);
      const double fresh = std::sqrt(1.0 - memory * memory);
      a = memory * a + fresh * stream.normal();
      b = memory * b + fresh * stream.normal();
      e = memory * e + fresh * stream.normal();
      const Basin& place = kBasins[basin];
      series.phi.push_back(engine::wrap_angle((place.phi + place.width * a) * kRadianPerDegree));
      series.psi.push_back(engine::wrap_angle((place.psi + place.width * b) * kRadianPerDegree));
      series.energy.push_back(-82.0 + 13.0 * e + 1.3 * e * e);
    }
  }
  return series;
}

void add_observables(const Series& series, engine::RunSummary& summary) {
  std::vector<double> sine;
  for (double phi : series.phi) sine.push_back(std::sin(phi));
  engine::compute_observable("potential energy", "kJ/mol", Series::of(series.energy), summary);
  engine::compute_observable("φ", "rad", Series::of(series.phi), summary);
  engine::compute_observable("ψ", "rad", Series::of(series.psi), summary);
  engine::compute_observable("sin φ", "", Series::of(sine), summary);
}

engine::MoveStatistics move(const std::string& name, double acceptance, std::uint64_t invalid,
                            std::uint64_t longest_run, double cpu_seconds) {
  engine::MoveStatistics row;
  row.name = name;
  row.proposed = kChains * kFrames;
  row.accepted = static_cast<std::uint64_t>(acceptance * static_cast<double>(row.proposed));
  row.invalid = invalid;
  row.longest_rejection_run = longest_run;
  row.n_energy_evaluations = row.proposed;
  row.cpu_seconds = cpu_seconds;
  row.largest_log_ratio = 3.21;
  return row;
}

std::vector<Trace> traces_of(const Series& series) {
  std::vector<Trace> traces = {{"φ", "rad", {}}, {"ψ", "rad", {}}};
  for (std::size_t c = 0; c < 4; ++c) {
    const auto begin = static_cast<std::ptrdiff_t>(c * kFrames);
    const auto end = static_cast<std::ptrdiff_t>((c + 1) * kFrames);
    traces[0].chains.emplace_back(series.phi.begin() + begin, series.phi.begin() + end);
    traces[1].chains.emplace_back(series.psi.begin() + begin, series.psi.begin() + end);
  }
  return traces;
}

const char kDeck[] =
    "schema = 1\ntitle = \"Alanine dipeptide, <learned> leaps & Langevin\"\n\n[ensemble]\n"
    "temperature = \"310 K\"\n";

}  // namespace

engine::FreeEnergySummary synthetic_free_energy() {
  engine::FreeEnergySummary summary;
  summary.levels = {{300.25, -52.5, 0.5, 0.2, 0.01}, {400.5, -41.5, 0.75, 0.21, 0.011}};
  summary.inefficiency_steps = 12.5;
  summary.steps_between_samples = 15;
  summary.n_samples = 1600;
  summary.whole_ladders = true;
  summary.n_blocks = 16;
  summary.block_size = 1001;
  summary.n_draws = 99;
  summary.mbar = {{{0.0, 0.0}, {-7.25, 0.0625}}, {{-7.26, 0.0626}}};
  summary.plain = {{{{-7.1, 0.11}, {-7.2, 0.12}, {-7.3, 0.13}, 0.31, 0.041, 0.051, 0.061}},
                   {{0.0, 0.0}, {-7.375, 0.03125}}};
  summary.mapped = {{{{-8.1, 0.21}, {-8.2, 0.22}, {-8.3, 0.23}, 0.32, 0.042, 0.052, 0.062}},
                    {{0.0, 0.0}, {-7.3125, 0.015625}}};
  summary.n_map_evaluations = 123457;
  return summary;
}

ReportData synthetic_report() {
  const Series run = hop(0.02, 0.8, 1), plain = hop(0.001, 0.8, 2), other = hop(0.0008, 0.8, 3);
  ReportData data;
  engine::RunSummary& summary = data.summary;
  summary.title = "Alanine dipeptide, learned leaps";
  summary.molecule = "ACE-ALA-NME, 22 atoms, amber99sb-ildn with OBC implicit solvent";
  summary.n_atoms = 22;
  summary.n_chains = kChains;
  summary.n_steps = kFrames * 10;
  summary.n_frames = kFrames;
  summary.steps_per_frame = 10;
  summary.temperatures_K = {kTemperature};
  summary.seed = 20240611;
  summary.versions = {{"Saltus", "0.1.0 (a1b2c3d4e5f6)"}, {"LibTorch", "1.13.1"}};
  summary.model_card = {{"architecture", "Timewarp, 12 coupling layers, 1 340 112 parameters"},
                        {"trained on", "ACE-ALA-NME, 310 K, 200 ns"},
                        {"lag time", "500 ps"},
                        {"measure", "cartesian"},
                        {"reference", "doi:10.48550/arXiv.2302.01170"}};
  add_observables(run, summary);
  engine::MoveStatisticsTable moves;
  moves.rows() = {move("timewarp", 0.0312, 812, 611, 96.5),
                  move("hamiltonian_monte_carlo", 0.874, 0, 9, 41.3)};
  engine::compute_moves(moves, summary);

  summary.preparation = {{"pilot", 3210987, 61.25}, {"training", 54321, 33.75}};

  engine::RunSummary native, openmm;
  add_observables(plain, native);
  add_observables(other, openmm);
  summary.samplers = {
      engine::compute_efficiency("this run", summary.observables, 137.8, 2816000),
      engine::compute_efficiency("plain dynamics (native)", native.observables, 120.4, 12800000),
      engine::compute_efficiency("plain dynamics (OpenMM)", openmm.observables, 310.9, 12800000)};
  engine::compute_speed_ups(summary);
  engine::compute_warnings(summary);

  data.deck_text = kDeck;
  data.torsion_map = {
      "φ", "ψ",
      engine::free_energy_surface(Series::of(run.phi), Series::of(run.psi), 60, kTemperature)};
  data.energies = {"Potential energy",
                   "kJ/mol",
                   {{"this run", engine::histogram(Series::of(run.energy), -140.0, -20.0, 60)},
                    {"plain dynamics (native)",
                     engine::histogram(Series::of(plain.energy), -140.0, -20.0, 60)}}};
  data.autocorrelations = {
      {"potential energy", engine::autocorrelation(Series::of(run.energy), 400)},
      {"φ", engine::autocorrelation(Series::of(run.phi), 400)},
      {"ψ", engine::autocorrelation(Series::of(run.psi), 400)}};
  data.traces = traces_of(run);
  return data;
}

}  // namespace saltus::tests
