#include "tools/saltus/conformers/html.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/conformers/shape_comparison.h"
#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/system/elements.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/depiction.h"
#include "io/files/durable_file.h"
#include "tools/conformers/populations.h"
#include "tools/saltus/conformers/html_state.h"

namespace saltus::tools {

using Data = io::ConformerReportData;

namespace {

constexpr std::size_t kMaxRows = 200, kMaxExamples = 3;
constexpr std::size_t kMaxPictures = 6, kMaxConformers = 10, kMaxHistograms = 18;

double energy_span(const IsomerConformers& isomer) {
  if (isomer.ensemble.energies.empty()) return Data::kUnknown;
  const auto [low, high] =
      std::minmax_element(isomer.ensemble.energies.begin(), isomer.ensemble.energies.end());
  return (*high - *low) / engine::kKJPerKcal;
}

std::vector<std::size_t> heavy_atoms(const engine::MoleculeTable& molecule) {
  std::vector<std::size_t> heavy, all(molecule.atoms.size());
  std::iota(all.begin(), all.end(), 0u);
  for (const std::size_t i : all)
    if (molecule.atoms[i].atomic_number != 1) heavy.push_back(i);
  return heavy.empty() ? all : heavy;
}

/// Angstrom.
double largest_rmsd(const IsomerConformers& isomer) {
  if (isomer.ensemble.n_frames() == 0) return Data::kUnknown;
  const std::vector<std::size_t> atoms = heavy_atoms(isomer.molecule);
  std::vector<std::uint32_t> identity(atoms.size());
  std::iota(identity.begin(), identity.end(), 0u);
  const engine::ShapeComparison comparison(atoms, {identity});
  const auto first = comparison.shape(isomer.ensemble.positions.chain(0));
  double largest = 0.0;
  for (std::size_t c = 1; c < isomer.ensemble.n_frames(); ++c)
    largest = std::max(
        largest, comparison.rmsd(first, comparison.shape(isomer.ensemble.positions.chain(c))));
  return engine::kAngstromPerNm * largest;
}

/// Of two numbers of which either may be NaN, the larger.
double larger(double a, double b) { return std::isnan(a) || b > a ? b : a; }

/// Empty where it cannot be drawn: it is only a picture.
std::string drawing_of(const IsomerConformers& isomer) {
  constexpr int kWidth = 240, kHeight = 240;
  try {
    return forcefields::drawing_svg(
        forcefields::parse_listed_smiles(isomer.smiles, isomer.name, isomer.smiles.size()), kWidth,
        kHeight);
  } catch (const engine::Error&) {
    return "";
  }
}

io::MoleculePicture picture_of(const IsomerConformers& isomer, const ConformerSettings& settings) {
  io::MoleculePicture picture{isomer.name, isomer.smiles, {}, {}, {}, drawing_of(isomer)};
  for (const auto& atom : isomer.molecule.atoms)
    picture.elements.push_back(engine::element_symbol(atom.atomic_number));
  for (const auto& bond : isomer.molecule.bonds)
    picture.bonds.push_back(
        {static_cast<int>(bond.first), static_cast<int>(bond.second), bond.order});
  const std::vector<double> shares = populations(isomer, settings);
  const std::size_t n = isomer.ensemble.n_frames();
  const auto low =
      std::min_element(isomer.ensemble.energies.begin(), isomer.ensemble.energies.end());
  for (std::size_t c = 0; c < std::min(n, kMaxConformers); ++c) {
    io::MoleculePicture::Conformer conformer;
    for (const double x : isomer.ensemble.positions.chain(c))
      conformer.xyz.push_back(engine::kAngstromPerNm * x);
    conformer.label = std::to_string(c + 1) + " of " + std::to_string(n);
    if (std::isfinite(isomer.ensemble.energies[c]))
      conformer.label += ", +" +
                         number_text((isomer.ensemble.energies[c] - *low) / engine::kKJPerKcal, 2) +
                         " kcal/mol";
    if (!shares.empty()) conformer.label += ", " + number_text(100.0 * shares[c], 1) + " %";
    picture.conformers.push_back(std::move(conformer));
  }
  return picture;
}

Data::Torsions torsions_of(const IsomerConformers& isomer, const ConformerSettings& settings) {
  constexpr std::size_t kBins = 36;
  Data::Torsions torsions{isomer.name, {}, 0};
  if (isomer.ensemble.torsions.size() > kMaxHistograms)
    torsions.n_left_out = isomer.ensemble.torsions.size() - kMaxHistograms;
  std::vector<double> shares = populations(isomer, settings);
  const std::size_t n = isomer.ensemble.n_frames();
  if (shares.empty()) shares.assign(n, 1.0 / static_cast<double>(n));
  for (std::size_t t = 0; t < std::min(isomer.ensemble.torsions.size(), kMaxHistograms); ++t) {
    std::vector<double> probability(kBins, 0.0);
    for (std::size_t c = 0; c < n; ++c) {
      if (!std::isfinite(isomer.ensemble.torsions[t][c])) continue;
      const double turns = isomer.ensemble.torsions[t][c] / engine::kTwoPi + 0.5;
      const double part = turns - std::floor(turns);
      const auto bin = static_cast<std::size_t>(part * kBins);
      probability[std::min(bin, kBins - 1)] += shares[c];
    }
    torsions.histograms.push_back({isomer.ensemble.torsion_names[t], probability});
  }
  return torsions;
}

}  // namespace

ConformerPage::ConformerPage(std::filesystem::path path, const OutputStart& start,
                             const ConformerSettings& settings, const ConformerTotals& totals,
                             std::vector<std::pair<std::string, std::string>> provenance)
    : path_(std::move(path)), settings_(settings), totals_(totals) {
  if (start.mark)
    restore_page_state(*start.mark, data_);
  else
    io::refuse_to_overwrite(path_, start.overwrite);
  data_.provenance = std::move(provenance);
  // So that a folder that cannot be written to is noticed at once.
  if (!start.mark) io::TextOutput probe(path_, {false, start.overwrite, std::nullopt});
}

void ConformerPage::add_row(const ConformerRecord& record, const ConformerOutcome& outcome) {
  Data::Row row;
  row.name = record.name;
  row.status = engine::status_word(outcome.status);
  row.n_isomers = outcome.isomers.size();
  if (outcome.isomers_cut) row.possible_isomers = possible_isomers_text(outcome);
  row.n_conformers = outcome.n_kept;
  row.seconds = outcome.seconds;
  if (engine::has_conformers(outcome.status)) row.remark = outcome.message;
  for (const IsomerConformers& isomer : outcome.isomers) {
    row.energy_span = larger(row.energy_span, energy_span(isomer));
    row.rmsd = larger(row.rmsd, largest_rmsd(isomer));
    const double n = isomer.ensemble.facts.n_effective;
    if (isomer.ensemble.facts.temperature_K > 0.0 && !(row.n_effective < n)) row.n_effective = n;
  }
  data_.rows.push_back(std::move(row));
}

void ConformerPage::add_failure(const ConformerRecord& record, const ConformerOutcome& outcome) {
  const std::string status = engine::status_word(outcome.status);
  auto found = std::find_if(data_.failures.begin(), data_.failures.end(),
                            [&](const Data::Failure& failure) { return failure.status == status; });
  if (found == data_.failures.end())
    found = data_.failures.insert(found, Data::Failure{status, 0, {}});
  if (++found->count <= kMaxExamples)
    found->examples.push_back(record.where + " " + record.name + ": " + outcome.message);
}

void ConformerPage::add_molecule(const IsomerConformers& isomer) {
  data_.pictures.push_back(picture_of(isomer, settings_));
  Data::Torsions torsions = torsions_of(isomer, settings_);
  if (!torsions.histograms.empty()) data_.torsions.push_back(std::move(torsions));
}

void ConformerPage::write(const ConformerRecord& record, const ConformerOutcome& outcome) {
  if (data_.rows.size() < kMaxRows) add_row(record, outcome);
  if (outcome.status != engine::MoleculeStatus::kOk) add_failure(record, outcome);
  if (data_.pictures.size() < kMaxPictures && !outcome.isomers.empty())
    add_molecule(outcome.isomers.front());
}

std::string ConformerPage::mark() { return page_state_text(data_); }

void ConformerPage::commit(bool complete) {
  Data data = data_;
  data.title = path_.stem().string();
  data.interrupted = !complete;
  data.seconds = totals_.seconds;
  data.n_molecules = totals_.n_records;
  data.n_with_conformers = totals_.n_with_conformers;
  data.n_conformers = totals_.n_conformers;
  data.n_stereo_rejected = totals_.n_stereo_rejected;
  data.n_isomer_lists_cut = totals_.n_isomer_lists_cut;
  data.molecule_stages = {{"records of the input", totals_.n_records},
                          {"understood", totals_.n_read},
                          {"with conformers", totals_.n_with_conformers}};
  data.n_isomers = totals_.n_isomers;
  data.conformer_stages = {{"asked for", totals_.n_requested},
                           {"built", totals_.n_embedded},
                           {"kept and written", totals_.n_conformers}};
  io::write_file_durably(path_, io::render_conformer_report(data));
}

}  // namespace saltus::tools
