#include "forcefields/chem/torsion_query.h"

#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/Substruct/SubstructMatch.h>

#include <algorithm>
#include <memory>

#include "engine/core/error.h"
#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

using engine::InputError;

namespace {

/// A pattern and the places of its mapped atoms.
struct Query {
  std::unique_ptr<RDKit::ROMol> pattern;
  std::array<unsigned, 4> mapped{};
};

Query parse(const std::string& smarts) {
  Query query;
  try {
    query.pattern.reset(RDKit::SmartsToMol(smarts));
  } catch (const std::exception&) {
    query.pattern.reset();
  }
  if (!query.pattern || query.pattern->getNumAtoms() == 0)
    throw InputError("'" + smarts + "' is no SMARTS pattern");
  std::array<int, 4> count{};
  for (const RDKit::Atom* atom : query.pattern->atoms()) {
    const int number = atom->getAtomMapNum();
    if (number < 1 || number > 4) continue;
    query.mapped[static_cast<std::size_t>(number - 1)] = atom->getIdx();
    ++count[static_cast<std::size_t>(number - 1)];
  }
  for (const int n : count)
    if (n != 1)
      throw InputError("'" + smarts +
                       "': expected four atoms with the map numbers 1, 2, 3 and 4, each once, as "
                       "in [C:1][C:2]-[C:3][O:4]");
  return query;
}

}  // namespace

void check_torsion_smarts(const std::string& smarts) { parse(smarts); }

std::vector<TorsionAtoms> matching_torsions(const ChemMolecule& molecule,
                                            const std::string& smarts) {
  const Query query = parse(smarts);
  return detail::translate_errors(molecule.source, [&] {
    constexpr bool kUnique = false;  // the mapped atoms decide what is the same, not the whole
    constexpr bool kRecursive = true, kChirality = true, kQueryMatches = false;
    constexpr unsigned kMaxMatches = 100'000;
    std::vector<RDKit::MatchVectType> matches;
    RDKit::SubstructMatch(molecule.graph->molecule(), *query.pattern, matches, kUnique, kRecursive,
                          kChirality, kQueryMatches, kMaxMatches);
    std::vector<TorsionAtoms> torsions;
    for (const RDKit::MatchVectType& match : matches) {
      TorsionAtoms atoms{};
      for (const auto& [in_pattern, in_molecule] : match)
        for (std::size_t i = 0; i < atoms.size(); ++i)
          if (static_cast<int>(query.mapped[i]) == in_pattern)
            atoms[i] = static_cast<std::size_t>(in_molecule);
      const TorsionAtoms reversed = {atoms[3], atoms[2], atoms[1], atoms[0]};
      if (std::find(torsions.begin(), torsions.end(), atoms) == torsions.end() &&
          std::find(torsions.begin(), torsions.end(), reversed) == torsions.end())
        torsions.push_back(atoms);
    }
    return torsions;
  });
}

}  // namespace saltus::forcefields
