#include "forcefields/chem/common_atoms.h"

#include <GraphMol/FMCS/FMCS.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/Substruct/SubstructMatch.h>

#include <memory>
#include <string>

#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/core_pattern.h"

namespace saltus::forcefields {

namespace {

constexpr std::size_t kMinAtoms = 3;

/// A molecule without hydrogens, and which atoms are left.
struct Skeleton {
  explicit Skeleton(const ChemMolecule& molecule) {
    const ChemMolecule heavy = without_hydrogens(with_remembered_numbers(molecule));
    numbers = remembered_numbers(heavy);
    graph.reset(new RDKit::ROMol(heavy.graph->molecule()));
  }
  std::vector<std::size_t> numbers;
  RDKit::ROMOL_SPTR graph;
};

/// For each atom of a query the atom that it is.
std::vector<std::vector<std::size_t>> ways_in(const Skeleton& skeleton, const RDKit::ROMol& query,
                                              std::size_t max_ways) {
  RDKit::SubstructMatchParameters parameters;
  parameters.uniquify = false;
  parameters.maxMatches = static_cast<unsigned>(max_ways);
  std::vector<std::vector<std::size_t>> ways;
  for (const RDKit::MatchVectType& pairs :
       RDKit::SubstructMatch(*skeleton.graph, query, parameters)) {
    std::vector<std::size_t> way(pairs.size());
    for (const auto& [of_query, of_molecule] : pairs)
      way[static_cast<std::size_t>(of_query)] =
          skeleton.numbers[static_cast<std::size_t>(of_molecule)];
    ways.push_back(std::move(way));
  }
  return ways;
}

/// @param cut  out: whether there may be a larger one
std::unique_ptr<RDKit::ROMol> largest_common(const Skeleton& a, const Skeleton& b, bool& cut) {
  constexpr unsigned kMaxSeconds = 10;
  RDKit::MCSParameters parameters;
  parameters.Timeout = kMaxSeconds;
  parameters.AtomCompareParameters.RingMatchesRingOnly = true;
  parameters.BondCompareParameters.RingMatchesRingOnly = true;
  parameters.BondCompareParameters.CompleteRingsOnly = true;
  const RDKit::MCSResult result = RDKit::findMCS({a.graph, b.graph}, &parameters);
  cut = result.Canceled;
  if (result.NumAtoms < kMinAtoms) return nullptr;
  return std::unique_ptr<RDKit::ROMol>(RDKit::SmartsToMol(result.SmartsString));
}

}  // namespace

CommonAtoms common_atoms(const ChemMolecule& molecule, const ChemMolecule& other,
                         std::size_t max_ways) {
  return detail::translate_errors(molecule.source, [&] {
    const Skeleton a(molecule), b(other);
    CommonAtoms result;
    const std::unique_ptr<RDKit::ROMol> query = largest_common(a, b, result.cut);
    if (!query) return result;
    const auto in_a = ways_in(a, *query, max_ways), in_b = ways_in(b, *query, max_ways);
    const std::size_t n = query->getNumAtoms();
    result.complete = n == a.numbers.size() && n == b.numbers.size();
    // Where the query is symmetric the same pairs come several times: those of the whole molecule
    // are all there with a single way to lie in the other.
    const std::size_t n_in_b = result.complete ? 1 : in_b.size();
    for (std::size_t k = 0; k < n_in_b; ++k)
      for (const auto& way : in_a) {
        if (result.ways.size() == max_ways) {
          result.cut = true;
          return result;
        }
        AtomPairs pairs;
        for (std::size_t i = 0; i < n; ++i) pairs.emplace_back(way[i], in_b[k][i]);
        result.ways.push_back(std::move(pairs));
      }
    return result;
  });
}

}  // namespace saltus::forcefields
