#include "forcefields/chem/core_pattern.h"

#include <GraphMol/Substruct/SubstructMatch.h>
#include <GraphMol/new_canon.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/conformers/automorphisms.h"
#include "engine/conformers/molecule_status.h"
#include "engine/core/counted.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/smarts_detail.h"

namespace saltus::forcefields {

using engine::HeldAtoms;
using engine::InputError;
using engine::MoleculeFailure;
using engine::MoleculeStatus;

namespace {

constexpr const char* kNumber = "_saltus_number";
constexpr unsigned kMaxWays = 1000;

/// For each atom of a query the atom that it is.
using Match = std::vector<std::size_t>;

std::vector<Match> matches(const RDKit::ROMol& molecule, const RDKit::ROMol& query,
                           bool once_for_each_set) {
  RDKit::SubstructMatchParameters parameters;
  parameters.uniquify = once_for_each_set;
  parameters.maxMatches = kMaxWays;
  std::vector<Match> result;
  for (const RDKit::MatchVectType& pairs : RDKit::SubstructMatch(molecule, query, parameters)) {
    Match match(pairs.size());
    for (const auto& [of_query, of_molecule] : pairs)
      match[static_cast<std::size_t>(of_query)] = static_cast<std::size_t>(of_molecule);
    result.push_back(std::move(match));
  }
  return result;
}

/// Tells ways to find a core apart that differ by more than equal atoms.
class Equivalence {
 public:
  explicit Equivalence(const ChemMolecule& molecule) {
    constexpr bool kBreakTies = false;
    RDKit::Canon::rankMolAtoms(molecule.graph->molecule(), ranks_, kBreakTies);
    const std::vector<std::size_t> heavy = shape_atoms(molecule);
    const auto found = engine::find_automorphisms(shape_graph(molecule, heavy), kMaxMaps);
    for (const auto& map : found.maps) {
      std::vector<std::size_t> image(molecule.n_atoms(), engine::kNowhere);
      for (std::size_t i = 0; i < heavy.size(); ++i) image[heavy[i]] = heavy[map[i]];
      images_.push_back(std::move(image));
    }
  }

  bool operator()(const Match& a, const Match& b) const {
    // Centres that are mirror images of each other have different ranks.
    for (std::size_t i = 0; i < a.size(); ++i)
      if (ranks_[a[i]] != ranks_[b[i]]) return false;
    return std::any_of(images_.begin(), images_.end(), [&](const auto& image) {
      for (std::size_t i = 0; i < a.size(); ++i)
        if (image[a[i]] != b[i]) return false;
      return true;
    });
  }

 private:
  static constexpr std::size_t kMaxMaps = 5000;
  std::vector<unsigned> ranks_;
  std::vector<std::vector<std::size_t>> images_;
};

std::vector<Match> different(const std::vector<Match>& all, const ChemMolecule& molecule) {
  if (all.size() < 2) return all;
  const Equivalence equivalent(molecule);
  std::vector<Match> result;
  for (const Match& match : all)
    if (std::none_of(result.begin(), result.end(),
                     [&](const Match& other) { return equivalent(other, match); }))
      result.push_back(match);
  return result;
}

void require_enough(std::size_t n_atoms, const std::string& what) {
  if (n_atoms < kMinCoreAtoms)
    throw InputError(what + engine::counted(n_atoms, "atom") + ", expected at least " +
                     std::to_string(kMinCoreAtoms) +
                     ": fewer do not tell where the rest of a molecule is");
}

}  // namespace

struct CorePattern::Content {
  std::unique_ptr<RDKit::ROMol> query;  ///< null: `numbers`
  std::vector<std::size_t> numbers;     ///< from 0
  std::vector<double> positions;        ///< [query atoms, 3], nm; empty: those of records
  std::string name;                     ///< "SMARTS 'c1ccccc1'"
};

CorePattern::CorePattern(std::unique_ptr<Content> content) : content_(std::move(content)) {}
CorePattern::~CorePattern() = default;

std::shared_ptr<const CorePattern> CorePattern::of_smarts(const std::string& smarts) {
  auto content = std::make_unique<Content>();
  content->query = detail::read_smarts(smarts);
  content->name = "SMARTS '" + smarts + "'";
  require_enough(content->query->getNumAtoms(), content->name + " has ");
  return std::shared_ptr<const CorePattern>(new CorePattern(std::move(content)));
}

std::shared_ptr<const CorePattern> CorePattern::of_atoms(const std::vector<std::size_t>& numbers) {
  auto content = std::make_unique<Content>();
  std::set<std::size_t> seen;
  for (const std::size_t number : numbers) {
    if (number == 0) throw InputError("atoms are counted from 1, got 0");
    if (!seen.insert(number).second)
      throw InputError("atom " + std::to_string(number) + " is given twice");
    content->numbers.push_back(number - 1);
  }
  require_enough(numbers.size(), "the core has ");
  content->name = "the list of atoms";
  return std::shared_ptr<const CorePattern>(new CorePattern(std::move(content)));
}

std::shared_ptr<const CorePattern> CorePattern::of_template(const ChemMolecule& structure) {
  if (structure.positions_nm.empty())
    throw InputError(structure.source +
                     ": no 3D coordinates, expected a place for each atom of the core");
  const ChemMolecule heavy = without_hydrogens(with_remembered_numbers(structure));
  require_enough(heavy.n_atoms(), structure.source + ": without hydrogens ");
  auto content = std::make_unique<Content>();
  content->query = std::make_unique<RDKit::ROMol>(heavy.graph->molecule());
  for (const std::size_t number : remembered_numbers(heavy))
    content->positions.insert(content->positions.end(), &structure.positions_nm[3 * number],
                              &structure.positions_nm[3 * number] + 3);
  content->name = "the core of '" + structure.source + "'";
  return std::shared_ptr<const CorePattern>(new CorePattern(std::move(content)));
}

bool CorePattern::is_of_records() const { return content_->positions.empty(); }

std::vector<HeldAtoms> CorePattern::ways_of_record(const ChemMolecule& molecule,
                                                   const CoreSearch& search) const {
  const ChemMolecule* record = search.record;
  if (record == nullptr || record->positions_nm.empty())
    throw MoleculeFailure(MoleculeStatus::kNoCoordinates,
                          "the core is where the input has it, which has no 3D coordinates; "
                          "--core-template takes them from a file");
  constexpr bool kOnceForEachSet = true;
  const std::vector<Match> found =
      content_->query ? matches(record->graph->molecule(), *content_->query, kOnceForEachSet)
                      : std::vector<Match>{content_->numbers};
  std::vector<std::size_t> place(record->n_atoms(), engine::kNowhere);
  const std::vector<std::size_t> numbers = remembered_numbers(molecule);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] < place.size()) place[numbers[i]] = i;
  std::vector<HeldAtoms> ways;
  for (const Match& match : found) {
    HeldAtoms held;
    for (const std::size_t number : match) {
      if (number >= place.size())
        throw MoleculeFailure(MoleculeStatus::kCoreNotFound,
                              "atom " + std::to_string(number + 1) + " of the core is not there: " +
                                  engine::counted(place.size(), "atom"));
      if (place[number] == engine::kNowhere)
        throw MoleculeFailure(MoleculeStatus::kCoreNotFound,
                              record->describe_atom(number) +
                                  " is a hydrogen or of another molecule of the record, expected "
                                  "atoms of one molecule, without hydrogens");
      held.atoms.push_back(place[number]);
      held.positions.insert(held.positions.end(), &record->positions_nm[3 * number],
                            &record->positions_nm[3 * number] + 3);
    }
    ways.push_back(std::move(held));
  }
  return ways;
}

std::vector<HeldAtoms> CorePattern::ways_of_template(const ChemMolecule& molecule) const {
  constexpr bool kOnceForEachSet = false;
  const std::vector<Match> all =
      matches(molecule.graph->molecule(), *content_->query, kOnceForEachSet);
  std::vector<HeldAtoms> ways;
  for (const Match& match : different(all, molecule)) ways.push_back({match, content_->positions});
  return ways;
}

FoundCore CorePattern::find(const ChemMolecule& molecule,
                            const engine::Configuration& configuration,
                            const CoreSearch& search) const {
  const std::vector<HeldAtoms> all = detail::translate_errors(molecule.source, [&] {
    return is_of_records() ? ways_of_record(molecule, search) : ways_of_template(molecule);
  });
  if (all.empty())
    throw MoleculeFailure(MoleculeStatus::kCoreNotFound,
                          content_->name + " is not part of the molecule");
  std::vector<std::size_t> wrong;
  FoundCore found;
  found.n_ways = 0;
  for (const HeldAtoms& held : all) {
    wrong = engine::contradictions(held, configuration, molecule.n_atoms());
    if (!wrong.empty()) continue;
    if (found.n_ways++ == 0) found.held = held;
  }
  if (found.n_ways == 0)
    throw MoleculeFailure(MoleculeStatus::kStereoImpossible,
                          "the coordinates of the core have another configuration at " +
                              molecule.describe_atom(wrong.front()) + " than the molecule");
  if (found.n_ways > 1 && !search.first_of_several)
    throw MoleculeFailure(MoleculeStatus::kCoreAmbiguous,
                          content_->name + " is there in " + std::to_string(found.n_ways) +
                              " different ways; --core-match first takes the first of them");
  return found;
}

ChemMolecule with_remembered_numbers(const ChemMolecule& molecule) {
  RDKit::RWMol graph(molecule.graph->molecule());
  for (RDKit::Atom* atom : graph.atoms()) atom->setProp(kNumber, static_cast<int>(atom->getIdx()));
  ChemMolecule result = molecule;
  result.graph = std::make_shared<ChemicalGraph>(std::move(graph));
  return result;
}

std::vector<std::size_t> remembered_numbers(const ChemMolecule& molecule) {
  std::vector<std::size_t> numbers;
  for (const RDKit::Atom* atom : molecule.graph->molecule().atoms()) {
    int number = -1;
    const bool known = atom->getPropIfPresent(kNumber, number);
    numbers.push_back(known ? static_cast<std::size_t>(number) : engine::kNowhere);
  }
  return numbers;
}

}  // namespace saltus::forcefields
