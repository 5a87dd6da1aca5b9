// How many of a molecule's reference conformers come back: with K of them (at most 512), 2 K
// conformers are made of the SMILES string, and a reference counts as found when one of these lies
// within 1 angstrom of it (heavy atoms, symmetry considered). Saltus beside RDKit's ETKDGv3.
// saltus_recall_benchmark [--folder FOLDER] [--part 0|1] [--max-molecules N] [--seed N]
//                         [--etkdg 0|1] [--model none|default|FILE]
//
// FOLDER has molecules.txt (a head, then rotors, SMILES string and name of each molecule between
// tabs) and NAME.xyz.gz: frames of all atoms in any order, angstrom. --part 0 takes every second
// molecule beginning with the second, --part 1 the others: settings were chosen on part 0.
#include <GraphMol/PeriodicTable.h>
#include <GraphMol/RWMol.h>
#include <GraphMol/Substruct/SubstructMatch.h>
#include <RDGeneral/RDLog.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

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

constexpr std::size_t kMaxReferences = 512, kMaxSymmetries = 5000;
constexpr std::array<double, 4> kLimits_A = {0.5, 0.75, 1.0, 1.25};

struct Options {
  std::string folder = SALTUS_TEST_FIXTURE_DIR "/geom_drugs_80";
  std::size_t max_molecules = static_cast<std::size_t>(-1);
  int part = -1;  // -1: all
  int seed = 42;
  bool etkdg = true;
  std::string model = "none";
  std::shared_ptr<const mlsamplers::TorsionNetwork> network;
};

struct Listed {
  std::size_t number = 0;  // from 1
  std::string rotors, smiles, name;
};

std::vector<Listed> read_list(const std::string& path) {
  io::TextInput input(path);
  std::vector<Listed> list;
  std::string line;
  std::getline(input.stream(), line);
  while (std::getline(input.stream(), line)) {
    Listed listed;
    std::istringstream words(line);
    if (!(words >> listed.rotors >> listed.smiles >> listed.name))
      throw engine::InputError(path + ": not rotors, SMILES string and name: " + line);
    listed.number = list.size() + 1;
    list.push_back(listed);
  }
  return list;
}

// Elements and positions of all atoms, nm.
struct Frame {
  std::vector<int> elements;
  std::vector<double> x;

  double distance(std::size_t i, std::size_t j) const {
    return std::sqrt(std::pow(x[3 * i] - x[3 * j], 2) + std::pow(x[3 * i + 1] - x[3 * j + 1], 2) +
                     std::pow(x[3 * i + 2] - x[3 * j + 2], 2));
  }
};

std::vector<Frame> read_frames(const std::string& path) {
  io::TextInput input(path);
  std::vector<Frame> frames;
  std::string line;
  while (frames.size() < kMaxReferences && std::getline(input.stream(), line)) {
    std::istringstream head(line);
    std::size_t n = 0;
    if (!(head >> n)) continue;  // an empty line at the end
    std::getline(input.stream(), line);
    Frame frame;
    for (std::size_t i = 0; i < n; ++i) {
      std::string element;
      std::array<double, 3> r{};
      if (!std::getline(input.stream(), line) ||
          !(std::istringstream(line) >> element >> r[0] >> r[1] >> r[2]))
        throw engine::InputError(path + ": frame " + std::to_string(frames.size() + 1) +
                                 " has fewer than " + std::to_string(n) + " atoms");
      frame.elements.push_back(RDKit::PeriodicTable::getTable()->getAtomicNumber(element));
      for (const double value : r) frame.x.push_back(value * engine::kNmPerAngstrom);
    }
    frames.push_back(std::move(frame));
  }
  if (frames.empty()) throw engine::InputError(path + " has no frames");
  return frames;
}

// Heavy atoms, told apart by element and hydrogens (as an isotope), all bonds alike.
struct Skeleton {
  RDKit::RWMol graph;
  std::vector<std::size_t> atoms;  // of the whole molecule

  void add(std::size_t atom, int element, std::size_t n_hydrogens) {
    constexpr unsigned kSome = 100;          // 0 would match any
    auto* added = new RDKit::Atom(element);  // owned by the graph
    added->setNoImplicit(true);
    added->setIsotope(kSome + static_cast<unsigned>(n_hydrogens));
    graph.addAtom(added, false, true);
    atoms.push_back(atom);
  }
};

Skeleton skeleton_of(const RDKit::ROMol& molecule) {
  Skeleton skeleton;
  std::vector<unsigned> place(molecule.getNumAtoms());
  for (const RDKit::Atom* atom : molecule.atoms()) {
    if (atom->getAtomicNum() == 1) continue;
    std::size_t n_hydrogens = 0;
    for (const RDKit::Atom* other : molecule.atomNeighbors(atom))
      n_hydrogens += other->getAtomicNum() == 1 ? 1 : 0;
    place[atom->getIdx()] = static_cast<unsigned>(skeleton.atoms.size());
    skeleton.add(atom->getIdx(), atom->getAtomicNum(), n_hydrogens);
  }
  for (const RDKit::Bond* bond : molecule.bonds())
    if (bond->getBeginAtom()->getAtomicNum() > 1 && bond->getEndAtom()->getAtomicNum() > 1)
      skeleton.graph.addBond(place[bond->getBeginAtomIdx()], place[bond->getEndAtomIdx()],
                             RDKit::Bond::SINGLE);
  return skeleton;
}

// Bonds are where atoms touch.
Skeleton skeleton_of(const Frame& frame) {
  constexpr double kTouch = 1.25;
  const auto* table = RDKit::PeriodicTable::getTable();
  const std::size_t n = frame.elements.size();
  const auto bonded = [&](std::size_t i, std::size_t j) {
    const double radii =
        table->getRcovalent(frame.elements[i]) + table->getRcovalent(frame.elements[j]);
    return i != j && frame.distance(i, j) < kTouch * radii * engine::kNmPerAngstrom;
  };
  Skeleton skeleton;
  for (std::size_t i = 0; i < n; ++i) {
    if (frame.elements[i] == 1) continue;
    std::size_t n_hydrogens = 0;
    for (std::size_t j = 0; j < n; ++j)
      n_hydrogens += frame.elements[j] == 1 && bonded(i, j) ? 1 : 0;
    skeleton.add(i, frame.elements[i], n_hydrogens);
  }
  for (std::size_t a = 0; a < skeleton.atoms.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      if (bonded(skeleton.atoms[a], skeleton.atoms[b]))
        skeleton.graph.addBond(static_cast<unsigned>(b), static_cast<unsigned>(a),
                               RDKit::Bond::SINGLE);
  return skeleton;
}

struct Molecule {
  forcefields::ChemMolecule molecule;
  std::vector<std::vector<double>> references;  // [heavy atoms in the molecule's order, 3], nm
};

Molecule read_molecule(const Listed& listed, const std::string& folder) {
  Molecule result;
  result.molecule = forcefields::parse_smiles(listed.smiles);
  const std::vector<Frame> frames = read_frames(folder + "/" + listed.name + ".xyz.gz");
  const Skeleton ours = skeleton_of(result.molecule.graph->molecule());
  const Skeleton theirs = skeleton_of(frames.front());
  RDKit::MatchVectType match;
  if (ours.atoms.size() != theirs.atoms.size() ||
      !RDKit::SubstructMatch(theirs.graph, ours.graph, match))
    throw engine::InputError(listed.name + ": the reference conformers are of another molecule");
  for (const Frame& frame : frames) {
    std::vector<double> x(3 * match.size());
    for (const auto& [mine, other] : match)
      std::copy_n(frame.x.begin() + static_cast<std::ptrdiff_t>(
                                        3 * theirs.atoms[static_cast<std::size_t>(other)]),
                  3, x.begin() + 3 * mine);
    result.references.push_back(std::move(x));
  }
  return result;
}

// For each reference the distance of the nearest conformer, angstrom.
std::vector<double> distances(const Molecule& molecule, const engine::CoordinateBatch& x) {
  const engine::ShapeComparison comparison = forcefields::shape_comparison(
      molecule.molecule, forcefields::shape_atoms(molecule.molecule), kMaxSymmetries);
  std::vector<engine::ShapeComparison::Shape> shapes;
  for (std::size_t c = 0; c < x.n_chains(); ++c) shapes.push_back(comparison.shape(x.chain(c)));
  std::vector<double> result;
  for (const std::vector<double>& reference : molecule.references) {
    const auto shape = comparison.shape({reference.data(), reference.size()});
    double best = std::numeric_limits<double>::infinity();
    for (const auto& other : shapes)
      if (comparison.lower_bound(shape, other) < best)
        best = std::min(best, comparison.rmsd(shape, other));
    result.push_back(best / engine::kNmPerAngstrom);
  }
  return result;
}

// Of one program on one molecule.
struct Recall {
  std::array<double, kLimits_A.size()> shares{};  // of the references, within each limit
  double seconds = 0.0, n_made = 0.0, n_asked = 0.0;
};

Recall recall_of(const Molecule& molecule, const ConformerRun& run) {
  const std::vector<double> nearest = distances(molecule, run.positions);
  Recall recall;
  recall.seconds = run.seconds;
  recall.n_made = static_cast<double>(run.positions.n_chains());
  recall.n_asked = 2.0 * static_cast<double>(molecule.references.size());
  for (std::size_t l = 0; l < kLimits_A.size(); ++l)
    recall.shares[l] =
        static_cast<double>(std::count_if(nearest.begin(), nearest.end(),
                                          [&](double d) { return d < kLimits_A[l]; })) /
        static_cast<double>(nearest.size());
  return recall;
}

void print_row(const char* name, const std::vector<Recall>& recalls) {
  if (recalls.empty()) return;
  const double n = static_cast<double>(recalls.size());
  std::printf("| %s |", name);
  for (std::size_t l = 0; l < kLimits_A.size(); ++l) {
    double mean = 0.0, square = 0.0;
    for (const Recall& recall : recalls) {
      mean += recall.shares[l] / n;
      square += recall.shares[l] * recall.shares[l] / n;
    }
    std::printf(" %.1f ± %.1f |", 100.0 * mean,
                100.0 * std::sqrt(std::max(0.0, square - mean * mean) / n));
  }
  double seconds = 0.0, made = 0.0, asked = 0.0;
  for (const Recall& recall : recalls) {
    seconds += recall.seconds / n;
    made += recall.n_made;
    asked += recall.n_asked;
  }
  std::printf(" %.0f | %.3f |\n", 100.0 * made / asked, seconds);
}

Options parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    if (i + 1 == arguments.size())
      throw engine::UsageError("saltus_recall_benchmark: " + name + " needs a value");
    const std::string& value = arguments[i + 1];
    try {
      if (name == "--folder")
        options.folder = value;
      else if (name == "--max-molecules")
        options.max_molecules = std::stoul(value);
      else if (name == "--part")
        options.part = std::stoi(value);
      else if (name == "--seed")
        options.seed = std::stoi(value);
      else if (name == "--etkdg")
        options.etkdg = std::stoi(value) != 0;
      else if (name == "--model")
        options.model = value;
      else
        throw engine::UsageError(
            "saltus_recall_benchmark: unknown option " + name +
            "; --folder, --part, --max-molecules, --seed, --etkdg and --model are known");
    } catch (const std::logic_error&) {
      throw engine::UsageError("saltus_recall_benchmark: " + name + " needs a number, not " +
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
  std::vector<Recall> saltus, etkdg;
  for (const Listed& listed : read_list(options.folder + "/molecules.txt")) {
    if (saltus.size() >= options.max_molecules) break;
    if (options.part >= 0 && static_cast<int>(listed.number % 2) != options.part) continue;
    const Molecule molecule = read_molecule(listed, options.folder);
    const RunRequest request{2 * molecule.references.size(), options.seed};
    saltus.push_back(recall_of(molecule, run_saltus(listed.smiles, options.network, request)));
    if (options.etkdg) etkdg.push_back(recall_of(molecule, run_etkdg(molecule.molecule, request)));
    std::fprintf(stderr, "%s %s rotors, %zu references: %.1f %% within 1 A, %.2f s\n",
                 listed.name.c_str(), listed.rotors.c_str(), molecule.references.size(),
                 100.0 * saltus.back().shares[2], saltus.back().seconds);
  }
  std::printf("\nRecall of reference conformers, %zu molecules, %%\n\n| |", saltus.size());
  for (const double limit : kLimits_A) std::printf(" < %.2f A |", limit);
  std::printf(" made of those asked for, %% | CPU s a molecule |\n");
  std::printf("| --- | --- | --- | --- | --- | --- | --- |\n");
  print_row("ETKDGv3", etkdg);
  print_row("Saltus", saltus);
}

}  // namespace
}  // namespace saltus::tests

int main(int argc, char** argv) {
  using namespace saltus::tests;
  return bench_main(argc, argv,
                    [](const std::vector<std::string>& arguments) { run(parse(arguments)); });
}
