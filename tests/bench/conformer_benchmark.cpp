// Recovery of crystal-like conformers and speed, beside RDKit's ETKDGv3 with and without MMFF94
// minimisation: same molecules, same number of conformers, one thread, in turn in one process.
// saltus_conformer_benchmark [--sdf FILE] [--max-molecules N] [--part 0|1] [--seed N] [--mmff 0|1]
//                            [--model none|default|FILE]
//
// Programs see the SMILES string with stereo marks; the coordinates only judge. Times are CPU
// seconds of the thread, everything from the molecule with hydrogens to positions included.
#include <ForceField/ForceField.h>
#include <GraphMol/Descriptors/Lipinski.h>
#include <GraphMol/DistGeomHelpers/Embedder.h>
#include <GraphMol/FileParsers/MolSupplier.h>
#include <GraphMol/ForceFieldHelpers/MMFF/AtomTyper.h>
#include <GraphMol/ForceFieldHelpers/MMFF/Builder.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <GraphMol/Substruct/SubstructMatch.h>
#include <RDGeneral/RDLog.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <sstream>

#include "engine/conformers/automorphisms.h"
#include "engine/conformers/shape_comparison.h"
#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/native_energy.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "forcefields/mmff/mmff_system.h"
#include "io/files/text_input.h"
#include "saltus_test_paths.h"
#include "tests/bench/bench_main.h"
#include "tools/conformers/generate.h"
#include "tools/conformers/torsion_models.h"

namespace saltus::tests {
namespace {

constexpr unsigned kConformers = 50;
constexpr std::size_t kMaxSymmetries = 5000;

struct Options {
  std::string sdf = SALTUS_TEST_FIXTURE_DIR "/crystal_ligands/ligands_500.sdf.gz";
  std::size_t max_molecules = static_cast<std::size_t>(-1);
  int part = -1;  // 0, 1: every second molecule; -1: all
  int seed = 42;
  bool mmff = true;
  std::string model =
      "none";  // crystal-derived (ETKDG) torsion preferences; else see load_torsion_model
  std::shared_ptr<const mlsamplers::TorsionNetwork> network;
};

struct Ligand {
  std::string name;
  unsigned n_rotors = 0;
  forcefields::ChemMolecule molecule;
  std::vector<double> crystal;  // heavy atoms in the order of the molecule's, nm
};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Nothing when the SMILES string does not lead back to the same heavy atoms.
std::unique_ptr<Ligand> make_ligand(const RDKit::ROMol& record) {
  std::unique_ptr<RDKit::ROMol> heavy(RDKit::MolOps::removeHs(record));
  RDKit::MolOps::assignStereochemistryFrom3D(*heavy);
  auto ligand = std::make_unique<Ligand>();
  heavy->getPropIfPresent("_Name", ligand->name);
  ligand->n_rotors = RDKit::Descriptors::calcNumRotatableBonds(*heavy, RDKit::Descriptors::Strict);
  ligand->molecule = forcefields::parse_smiles(RDKit::MolToSmiles(*heavy));
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

std::vector<std::unique_ptr<Ligand>> read_ligands(const std::string& path) {
  constexpr unsigned kMinRotors = 4, kMaxRotors = 9;
  io::TextInput input(path);
  std::stringstream text;
  text << input.stream().rdbuf();
  constexpr bool kOwned = false, kSanitised = true, kHydrogensRemoved = false;
  RDKit::SDMolSupplier records(&text, kOwned, kSanitised, kHydrogensRemoved);
  std::vector<std::unique_ptr<Ligand>> ligands;
  while (!records.atEnd()) {
    try {
      const std::unique_ptr<RDKit::ROMol> record(records.next());
      auto ligand = record ? make_ligand(*record) : nullptr;
      if (ligand && ligand->n_rotors >= kMinRotors && ligand->n_rotors <= kMaxRotors)
        ligands.push_back(std::move(ligand));
    } catch (const std::exception&) {
      continue;  // not a molecule that either program could be asked for
    }
  }
  return ligands;
}

// RDKit tries some molecules without end. One that takes longer than this has no conformers.
constexpr double kMaxEtkdgSeconds = 30.0;
thread_local double etkdg_deadline = 0.0;

void stop_when_late(unsigned) {
  if (cpu_seconds() > etkdg_deadline) throw std::runtime_error("late");
}

// RDKit's conformers of a molecule, and what they cost.
class EtkdgRun {
 public:
  EtkdgRun(const forcefields::ChemMolecule& molecule, int seed)
      : molecule_(molecule.graph->molecule()) {
    const double start = cpu_seconds();
    auto parameters = RDKit::DGeomHelpers::ETKDGv3;
    parameters.randomSeed = seed;
    parameters.numThreads = 1;
    parameters.callback = stop_when_late;
    etkdg_deadline = start + kMaxEtkdgSeconds;
    try {
      ids_ = RDKit::DGeomHelpers::EmbedMultipleConfs(molecule_, kConformers, parameters);
    } catch (const std::runtime_error&) {
      molecule_.clearConformers();
    }
    seconds_ = cpu_seconds() - start;
  }

  void minimise() {
    constexpr double kNoCutoff = 1000.0;
    constexpr int kSteps = 200, kMaxRounds = 5;
    const double start = cpu_seconds();
    RDKit::RWMol typed(molecule_);
    RDKit::MMFF::MMFFMolProperties properties(typed);
    if (!properties.isValid()) return;
    for (const int id : ids_) {
      const std::unique_ptr<ForceFields::ForceField> field(
          RDKit::MMFF::constructForceField(molecule_, &properties, kNoCutoff, id, false));
      field->initialize();
      for (int round = 0; round < kMaxRounds && field->minimize(kSteps) != 0; ++round) continue;
    }
    seconds_ += cpu_seconds() - start;
  }

  double seconds() const { return seconds_; }
  engine::CoordinateBatch positions() const {
    engine::CoordinateBatch x(ids_.size(), molecule_.getNumAtoms());
    std::size_t value = 0;
    for (const int id : ids_)
      for (const auto& point : molecule_.getConformer(id).getPositions())
        for (const double coordinate : {point.x, point.y, point.z})
          x.values()[value++] = coordinate * engine::kNmPerAngstrom;
    return x;
  }

 private:
  RDKit::RWMol molecule_;
  std::vector<int> ids_;
  double seconds_ = 0.0;
};

struct Outcome {
  double rmsd_A = 0.0, seconds = 0.0;
};

struct SaltusRun {
  engine::CoordinateBatch positions;
  double seconds = 0.0;
};

SaltusRun run_saltus(const forcefields::ChemMolecule& molecule, const Options& settings, int seed) {
  const double start = cpu_seconds();
  forcefields::MmffOptions mmff;
  mmff.variant = forcefields::MmffVariant::kMmff94s;
  mmff.dielectric = 4.0;
  mmff.distance_dependent_dielectric = true;
  const engine::NativeEnergy energy(forcefields::mmff_system(molecule, mmff), nullptr);
  tools::GenerationOptions options;
  options.n_conformers = kConformers;
  options.energy_window = std::numeric_limits<double>::infinity();
  options.seed = static_cast<std::uint64_t>(seed);
  options.graph = std::make_shared<engine::TorsionGraph>(forcefields::torsion_graph_of(molecule));
  if (settings.network) options.model = tools::torsion_model_for(settings.network, *options.graph);
  auto made = tools::generate_conformers(molecule, forcefields::configuration_of(molecule), energy,
                                         options);
  return {std::move(made.positions), cpu_seconds() - start};
}

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
  const SaltusRun saltus = run_saltus(ligand.molecule, options, options.seed);
  row.saltus = {best_rmsd(ligand, saltus.positions), saltus.seconds};
  EtkdgRun etkdg(ligand.molecule, options.seed);
  row.etkdg = {best_rmsd(ligand, etkdg.positions()), etkdg.seconds()};
  if (options.mmff) {
    etkdg.minimise();
    row.mmff = {best_rmsd(ligand, etkdg.positions()), etkdg.seconds()};
  }
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

void print_program(const char* name, const std::vector<Row>& rows, Outcome Row::*program) {
  double seconds = 0.0;
  for (const Row& row : rows) seconds += (row.*program).seconds;
  std::printf("| %s |", name);
  for (const double limit : {0.5, 1.0, 2.0}) {
    const Share share = share_within(rows, program, limit);
    std::printf(" %.1f ± %.1f |", share.percent, share.error);
  }
  std::printf(" %.3f |\n", seconds / static_cast<double>(rows.size()));
}

void print_table(const std::string& title, const std::vector<Row>& rows, bool mmff) {
  if (rows.empty()) return;
  std::printf("\n%s, %zu molecules, %u conformers of each\n\n", title.c_str(), rows.size(),
              kConformers);
  std::printf(
      "| | < 0.5 A, %% | < 1 A, %% | < 2 A, %% | CPU s a molecule |\n"
      "| --- | --- | --- | --- | --- |\n");
  print_program("ETKDGv3", rows, &Row::etkdg);
  if (mmff) print_program("ETKDGv3 + MMFF94", rows, &Row::mmff);
  print_program("Saltus", rows, &Row::saltus);
  const Share gain = paired_difference(rows, &Row::etkdg, 1.0);
  std::printf("\nWithin 1 A, Saltus - ETKDGv3: %.1f ± %.1f points (paired)\n", gain.percent,
              gain.error);
}

void print_recovery(const std::vector<Row>& rows, bool mmff) {
  const auto between = [&](unsigned first, unsigned last) {
    std::vector<Row> some;
    for (const Row& row : rows)
      if (row.n_rotors >= first && row.n_rotors <= last) some.push_back(row);
    return some;
  };
  print_table("4 to 6 rotors", between(4, 6), mmff);
  print_table("7 to 9 rotors", between(7, 9), mmff);
  print_table("4 to 9 rotors", rows, mmff);
}

// In turn, so that whatever else the machine does hits both.
void print_speed(const Options& options) {
  const int seed = options.seed;
  constexpr int kRounds = 5;
  const std::map<std::string, std::string> drugs = {
      {"celecoxib", "Cc1ccc(cc1)-c1cc(nn1-c1ccc(cc1)S(N)(=O)=O)C(F)(F)F"},
      {"atenolol", "CC(C)NC[C@H](O)COc1ccc(CC(N)=O)cc1"}};
  std::printf(
      "\n| molecule | ETKDGv3, s | Saltus, s | conformers | times faster |\n"
      "| --- | --- | --- | --- | --- |\n");
  for (const auto& [name, smiles] : drugs) {
    const auto molecule = forcefields::parse_smiles(smiles);
    run_saltus(molecule, options, seed);  // the first typing of all takes longer
    double theirs = 0.0, ours = 0.0;
    std::size_t n = 0;
    for (int round = 0; round < kRounds; ++round) {
      theirs += EtkdgRun(molecule, seed + round).seconds() / kRounds;
      const SaltusRun run = run_saltus(molecule, options, seed + round);
      ours += run.seconds / kRounds;
      n = run.positions.n_chains();
    }
    const double ratio = theirs / ours * static_cast<double>(n) / kConformers;
    std::printf("| %s | %.3f | %.3f | %zu | %.2f |\n", name.c_str(), theirs, ours, n, ratio);
  }
}

Options parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    if (i + 1 == arguments.size())
      throw engine::UsageError("saltus_conformer_benchmark: " + name + " needs a value");
    const std::string& value = arguments[i + 1];
    try {
      if (name == "--sdf")
        options.sdf = value;
      else if (name == "--max-molecules")
        options.max_molecules = std::stoul(value);
      else if (name == "--part")
        options.part = std::stoi(value);
      else if (name == "--seed")
        options.seed = std::stoi(value);
      else if (name == "--model")
        options.model = value;
      else if (name == "--mmff")
        options.mmff = std::stoi(value) != 0;
      else
        throw engine::UsageError(
            "saltus_conformer_benchmark: unknown option " + name +
            "; --sdf, --max-molecules, --part, --seed, --model and --mmff are known");
    } catch (const std::logic_error&) {
      throw engine::UsageError("saltus_conformer_benchmark: " + name + " needs a number, not " +
                               value);
    }
  }
  return options;
}

void run(Options options) {
  engine::choose_instruction_set();
  RDLog::InitLogs();
  boost::logging::disable_logs("rdApp.*");
  options.network = tools::load_torsion_model(options.model);
  std::vector<Row> rows;
  const auto ligands = read_ligands(options.sdf);
  for (std::size_t i = 0; i < ligands.size() && rows.size() < options.max_molecules; ++i) {
    if (options.part >= 0 && i % 2 != static_cast<std::size_t>(options.part)) continue;
    try {
      rows.push_back(measure(*ligands[i], options));
    } catch (const engine::Error& error) {
      std::cerr << ligands[i]->name << " is left out: " << error.what() << '\n';
      continue;
    }
    const Row& row = rows.back();
    std::fprintf(stderr, "%s %u rotors: %.2f %.2f %.2f A\n", ligands[i]->name.c_str(), row.n_rotors,
                 row.etkdg.rmsd_A, row.mmff.rmsd_A, row.saltus.rmsd_A);
  }
  print_recovery(rows, options.mmff);
  print_speed(options);
}

}  // namespace
}  // namespace saltus::tests

int main(int argc, char** argv) {
  using namespace saltus::tests;
  return bench_main(argc, argv,
                    [](const std::vector<std::string>& arguments) { run(parse(arguments)); });
}
