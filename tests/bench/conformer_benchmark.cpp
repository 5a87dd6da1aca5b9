// Recovery of crystal-like conformers and speed, beside RDKit's ETKDGv3 with and without MMFF94
// minimisation: same molecules, same number of conformers, one thread, in turn in one process.
// saltus_conformer_benchmark [--sdf FILE] [--max-molecules N] [--part 0|1] [--seed N] [--etkdg 0|1]
//                            [--mmff 0|1] [--model none|default|FILE] [--conformers N]
//                            [--min-rotors N] [--max-rotors N]
//
// Programs see the SMILES string with stereo marks; the coordinates only judge. Times are CPU
// seconds of the thread, everything from the molecule with hydrogens to positions included.
#include <GraphMol/Descriptors/Lipinski.h>
#include <GraphMol/FileParsers/MolSupplier.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <GraphMol/Substruct/SubstructMatch.h>
#include <RDGeneral/RDLog.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <sstream>

#include "engine/conformers/automorphisms.h"
#include "engine/conformers/shape_comparison.h"
#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/lanes/instruction_set.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"
#include "io/files/text_input.h"
#include "saltus_test_paths.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/conformer_runs.h"
#include "tools/conformers/torsion_models.h"

namespace saltus::tests {
namespace {

constexpr std::size_t kMaxSymmetries = 5000;

struct Options {
  std::string sdf = SALTUS_TEST_FIXTURE_DIR "/crystal_ligands/ligands_500.sdf.gz";
  std::size_t max_molecules = static_cast<std::size_t>(-1);
  int part = -1;  // 0, 1: every second molecule; -1: all
  unsigned min_rotors = 4, max_rotors = 9;
  RunRequest request;
  bool etkdg = true;  // beside Saltus, and the comparison of speeds
  bool mmff = true;   // of ETKDG, if that is run
  // Crystal-derived (ETKDG) torsion preferences; else see load_torsion_model.
  std::string model = "none";
  std::shared_ptr<const mlsamplers::TorsionNetwork> network;
};

struct Ligand {
  std::string name, smiles;
  unsigned n_rotors = 0;
  forcefields::ChemMolecule molecule;
  std::vector<double> crystal;  // heavy atoms in the order of the molecule's, nm
};

// Nothing when the SMILES string does not lead back to the same heavy atoms.
std::unique_ptr<Ligand> make_ligand(const RDKit::ROMol& record) {
  std::unique_ptr<RDKit::ROMol> heavy(RDKit::MolOps::removeHs(record));
  RDKit::MolOps::assignStereochemistryFrom3D(*heavy);
  auto ligand = std::make_unique<Ligand>();
  heavy->getPropIfPresent("_Name", ligand->name);
  ligand->n_rotors = RDKit::Descriptors::calcNumRotatableBonds(*heavy, RDKit::Descriptors::Strict);
  ligand->smiles = RDKit::MolToSmiles(*heavy);
  ligand->molecule = forcefields::parse_smiles(ligand->smiles);
  const auto plain = forcefields::without_hydrogens(ligand->molecule);
  std::vector<RDKit::MatchVectType> matches;
  RDKit::SubstructMatch(*heavy, plain.graph->molecule(), matches, true, true, false);
  if (matches.empty() || plain.n_atoms() != heavy->getNumAtoms()) return nullptr;
  for (const auto& pair : matches.front()) {
    const auto& point = heavy->getConformer().getAtomPos(static_cast<unsigned>(pair.second));
    for (const double x : {point.x, point.y, point.z})
      ligand->crystal.push_back(x * engine::kNmPerAngstrom);
  }
  return ligand;
}

std::vector<std::unique_ptr<Ligand>> read_ligands(const Options& options) {
  io::TextInput input(options.sdf);
  std::stringstream text;
  text << input.stream().rdbuf();
  constexpr bool kOwned = false, kSanitised = true, kHydrogensRemoved = false;
  RDKit::SDMolSupplier records(&text, kOwned, kSanitised, kHydrogensRemoved);
  std::vector<std::unique_ptr<Ligand>> ligands;
  while (!records.atEnd()) {
    try {
      const std::unique_ptr<RDKit::ROMol> record(records.next());
      auto ligand = record ? make_ligand(*record) : nullptr;
      if (ligand && ligand->n_rotors >= options.min_rotors &&
          ligand->n_rotors <= options.max_rotors)
        ligands.push_back(std::move(ligand));
    } catch (const std::exception&) {
      continue;  // not a molecule that either program could be asked for
    }
  }
  return ligands;
}

struct Outcome {
  double rmsd_A = 0.0, seconds = 0.0;
};

double best_rmsd(const Ligand& ligand, const engine::CoordinateBatch& x) {
  const engine::ShapeComparison comparison = forcefields::shape_comparison(
      ligand.molecule, forcefields::shape_atoms(ligand.molecule), kMaxSymmetries);
  const auto crystal = comparison.shape({ligand.crystal.data(), ligand.crystal.size()});
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < x.n_chains(); ++c)
    best = std::min(best, comparison.rmsd(comparison.shape(x.chain(c)), crystal));
  return best / engine::kNmPerAngstrom;
}

// One row for each ligand: raw, minimised, Saltus.
struct Row {
  unsigned n_rotors = 0;
  Outcome etkdg, mmff, saltus;
};

Row measure(const Ligand& ligand, const Options& options) {
  Row row;
  row.n_rotors = ligand.n_rotors;
  const auto outcome = [&](const ConformerRun& run) {
    return Outcome{best_rmsd(ligand, run.positions), run.seconds};
  };
  row.saltus = outcome(run_saltus(ligand.smiles, options.network, options.request));
  if (options.etkdg) row.etkdg = outcome(run_etkdg(ligand.molecule, options.request));
  if (options.mmff) row.mmff = outcome(run_minimised_etkdg(ligand.molecule, options.request));
  return row;
}

struct Share {
  double percent = 0.0, error = 0.0;
};
Share share_within(const std::vector<Row>& rows, Outcome Row::*program, double limit_A) {
  const double n = static_cast<double>(rows.size());
  double p = 0.0;
  for (const Row& row : rows) p += ((row.*program).rmsd_A < limit_A ? 1.0 : 0.0) / n;
  return {100.0 * p, 100.0 * std::sqrt(std::max(0.0, p * (1.0 - p)) / n)};  // rounding
}

// Difference of shares of two programs on the same molecules.
Share paired_difference(const std::vector<Row>& rows, Outcome Row::*other, double limit_A) {
  const double n = static_cast<double>(rows.size());
  double only_saltus = 0.0, only_other = 0.0;
  for (const Row& row : rows) {
    const bool ours = row.saltus.rmsd_A < limit_A, theirs = (row.*other).rmsd_A < limit_A;
    only_saltus += ours && !theirs ? 1.0 / n : 0.0;
    only_other += theirs && !ours ? 1.0 / n : 0.0;
  }
  const double mean = only_saltus - only_other;
  return {100.0 * mean, 100.0 * std::sqrt((only_saltus + only_other - mean * mean) / n)};
}

constexpr double kLimits_A[] = {0.5, 1.0, 1.5, 2.0};

void print_program(const char* name, const std::vector<Row>& rows, Outcome Row::*program) {
  double seconds = 0.0;
  for (const Row& row : rows) seconds += (row.*program).seconds;
  std::printf("| %s |", name);
  for (const double limit : kLimits_A) {
    const Share share = share_within(rows, program, limit);
    std::printf(" %.1f ± %.1f |", share.percent, share.error);
  }
  std::printf(" %.3f |\n", seconds / static_cast<double>(rows.size()));
}

void print_table(const std::string& title, const std::vector<Row>& rows, const Options& options) {
  if (rows.empty()) return;
  std::printf("\n%s, %zu molecules, %zu conformers of each\n\n| |", title.c_str(), rows.size(),
              options.request.n_conformers);
  for (const double limit : kLimits_A) std::printf(" < %.1f A, %% |", limit);
  std::printf(" CPU s a molecule |\n| --- | --- | --- | --- | --- | --- |\n");
  if (options.etkdg) print_program("ETKDGv3", rows, &Row::etkdg);
  if (options.mmff) print_program("ETKDGv3 + MMFF94", rows, &Row::mmff);
  print_program("Saltus", rows, &Row::saltus);
  const auto print_gain = [&](const char* other, Outcome Row::*program) {
    std::printf("\nSaltus - %s, points (paired):", other);
    for (const double limit : kLimits_A) {
      const Share gain = paired_difference(rows, program, limit);
      std::printf(" %.1f ± %.1f within %.1f A%s", gain.percent, gain.error, limit,
                  limit == kLimits_A[std::size(kLimits_A) - 1] ? "\n" : ",");
    }
  };
  if (options.etkdg) print_gain("ETKDGv3", &Row::etkdg);
  if (options.mmff) print_gain("ETKDGv3 + MMFF94", &Row::mmff);
}

void print_recovery(const std::vector<Row>& rows, const Options& options) {
  const auto between = [&](unsigned first, unsigned last) {
    std::vector<Row> some;
    for (const Row& row : rows)
      if (row.n_rotors >= first && row.n_rotors <= last) some.push_back(row);
    return some;
  };
  print_table("4 to 6 rotors", between(4, 6), options);
  print_table("7 to 9 rotors", between(7, 9), options);
  print_table("4 to 9 rotors", between(4, 9), options);
  print_table("10 to 15 rotors", between(10, 15), options);
}

// In turn, so that whatever else the machine does hits both.
void print_speed(const Options& options) {
  constexpr int kRounds = 5;
  const std::map<std::string, std::string> drugs = {
      {"celecoxib", "Cc1ccc(cc1)-c1cc(nn1-c1ccc(cc1)S(N)(=O)=O)C(F)(F)F"},
      {"atenolol", "CC(C)NC[C@H](O)COc1ccc(CC(N)=O)cc1"}};
  std::printf(
      "\n| molecule | ETKDGv3, s | Saltus, s | conformers | times faster |\n"
      "| --- | --- | --- | --- | --- |\n");
  for (const auto& [name, smiles] : drugs) {
    const auto molecule = forcefields::parse_smiles(smiles);
    RunRequest request = options.request;
    run_saltus(smiles, options.network, request);  // the first typing of all takes longer
    double theirs = 0.0, ours = 0.0;
    std::size_t n = 0;
    for (int round = 0; round < kRounds; ++round, ++request.seed) {
      theirs += run_etkdg(molecule, request).seconds / kRounds;
      const ConformerRun run = run_saltus(smiles, options.network, request);
      ours += run.seconds / kRounds;
      n = run.positions.n_chains();
    }
    const double ratio =
        theirs / ours * static_cast<double>(n) / static_cast<double>(options.request.n_conformers);
    std::printf("| %s | %.3f | %.3f | %zu | %.2f |\n", name.c_str(), theirs, ours, n, ratio);
  }
}

// The value of an option.
unsigned long number_of(const std::string& name, const std::string& value, unsigned long least) {
  std::size_t used = 0;
  unsigned long number = 0;
  try {
    number = std::stoul(value, &used);
  } catch (const std::logic_error&) {
    used = 0;
  }
  if (used == 0 || used != value.size() || number < least)
    throw engine::UsageError("saltus_conformer_benchmark: " + name +
                             " needs a whole number of at " + "least " + std::to_string(least) +
                             ", not " + value);
  return number;
}

Options parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    if (i + 1 == arguments.size())
      throw engine::UsageError("saltus_conformer_benchmark: " + name + " needs a value");
    const std::string& value = arguments[i + 1];
    const auto number = [&](unsigned long least) { return number_of(name, value, least); };
    if (name == "--sdf")
      options.sdf = value;
    else if (name == "--model")
      options.model = value;
    else if (name == "--max-molecules")
      options.max_molecules = number(0);
    else if (name == "--part")
      options.part = static_cast<int>(number(0));
    else if (name == "--min-rotors")
      options.min_rotors = static_cast<unsigned>(number(0));
    else if (name == "--max-rotors")
      options.max_rotors = static_cast<unsigned>(number(0));
    else if (name == "--conformers")
      options.request.n_conformers = number(1);
    else if (name == "--seed")
      options.request.seed = static_cast<int>(number(1));
    else if (name == "--etkdg")
      options.etkdg = number(0) != 0;
    else if (name == "--mmff")
      options.mmff = number(0) != 0;
    else
      throw engine::UsageError("saltus_conformer_benchmark: unknown option " + name +
                               "; --sdf, --model, --max-molecules, --part, --min-rotors, "
                               "--max-rotors, --conformers, --seed, --etkdg and --mmff are known");
  }
  options.mmff = options.mmff && options.etkdg;
  if (options.part > 1)
    throw engine::UsageError("saltus_conformer_benchmark: --part is 0 or 1, not " +
                             std::to_string(options.part));
  return options;
}

void run(Options options) {
  engine::choose_instruction_set();
  RDLog::InitLogs();
  boost::logging::disable_logs("rdApp.*");
  options.network = tools::load_torsion_model(options.model);
  std::vector<Row> rows;
  const auto ligands = read_ligands(options);
  for (std::size_t i = 0; i < ligands.size() && rows.size() < options.max_molecules; ++i) {
    if (options.part >= 0 && i % 2 != static_cast<std::size_t>(options.part)) continue;
    try {
      rows.push_back(measure(*ligands[i], options));
    } catch (const engine::Error& error) {
      std::cerr << ligands[i]->name << " is left out: " << error.what() << '\n';
      continue;
    }
    const Row& row = rows.back();
    std::fprintf(stderr, "%s %u rotors: %.2f %.2f %.2f A, Saltus %.2f s\n",
                 ligands[i]->name.c_str(), row.n_rotors, row.etkdg.rmsd_A, row.mmff.rmsd_A,
                 row.saltus.rmsd_A, row.saltus.seconds);
  }
  print_recovery(rows, options);
  if (options.etkdg) print_speed(options);
}

}  // namespace
}  // namespace saltus::tests

int main(int argc, char** argv) {
  using namespace saltus::tests;
  return bench_main(argc, argv,
                    [](const std::vector<std::string>& arguments) { run(parse(arguments)); });
}
