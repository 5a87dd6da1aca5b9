// Oracle: the same molecules with their atoms in other orders (random SMILES strings of RDKit's
// Python module).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/torsion_graph_of.h"

namespace saltus::forcefields {
namespace {

using engine::kNowhere;
using engine::TorsionBond;
using engine::TorsionEnd;
using engine::TorsionGraph;

TorsionGraph graph_of(const std::string& smiles) { return torsion_graph_of(parse_smiles(smiles)); }

std::string label(const engine::GraphAtom& a) {
  std::ostringstream text;
  text << a.atomic_number << ' ' << a.formal_charge << ' ' << a.degree << ' ' << a.n_hydrogens
       << ' ' << static_cast<int>(a.shape) << ' ' << a.aromatic << ' '
       << static_cast<int>(a.ring_sizes) << ' ' << a.mmff_type << ' '
       << std::lround(1e6 * a.partial_charge) << ' ' << a.handedness;
  return text.str();
}

/// Names for atoms that tell everything of what is up to six bonds away, not how it is numbered.
std::vector<std::size_t> environments(const TorsionGraph& graph) {
  std::vector<std::size_t> names;
  for (const engine::GraphAtom& atom : graph.atoms)
    names.push_back(std::hash<std::string>{}(label(atom)));
  for (int round = 0; round < 6; ++round) {
    std::vector<std::vector<std::string>> around(names.size());
    for (const engine::GraphBond& bond : graph.bonds) {
      std::ostringstream text;
      text << bond.order << ' ' << bond.conjugated << ' ' << bond.in_ring << ' '
           << bond.configuration << ' ' << (bond.torsion != kNowhere) << ' ';
      around[bond.first].push_back(text.str() + std::to_string(names[bond.second]));
      around[bond.second].push_back(text.str() + std::to_string(names[bond.first]));
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::sort(around[i].begin(), around[i].end());
      std::string all = std::to_string(names[i]);
      for (const std::string& one : around[i]) all += ", " + one;
      names[i] = std::hash<std::string>{}(all);
    }
  }
  return names;
}

/// One line for each torsion, in order, then sorted ones for angles and centres.
std::vector<std::string> signature(const TorsionGraph& graph) {
  const std::vector<std::size_t> names = environments(graph);
  std::vector<std::string> lines;
  for (const TorsionBond& torsion : graph.torsions) {
    std::ostringstream text;
    for (const TorsionEnd& end : torsion.ends) {
      text << names[end.atom] << ' ' << names[end.reference] << ' ';
      for (const std::size_t other : end.others)
        text << (other == kNowhere ? std::string("-") : std::to_string(names[other])) << ' ';
      text << (end.inversion == kNowhere ? 0 : names[graph.inversions[end.inversion].atom]) << ' ';
    }
    text << torsion.symmetry << ' ' << torsion.fold << torsion.ends[0].ranked
         << torsion.ends[1].ranked << ' ' << torsion.bond.moving.size() << ':';
    for (const std::size_t near : torsion.neighbours) text << ' ' << near;
    lines.push_back(text.str());
  }
  std::vector<std::string> rest;
  for (const engine::GraphAngle& angle : graph.angles)
    rest.push_back(std::to_string(std::min(names[angle.first], names[angle.second])) + ' ' +
                   std::to_string(names[angle.centre]) + ' ' +
                   std::to_string(std::max(names[angle.first], names[angle.second])) + ' ' +
                   std::to_string(std::lround(1e6 * angle.ideal_rad)));
  std::sort(rest.begin(), rest.end());
  lines.insert(lines.end(), rest.begin(), rest.end());
  for (const engine::InvertibleCentre& centre : graph.inversions) {
    lines.push_back(std::to_string(names[centre.atom]));
    for (const std::size_t near : centre.neighbours)
      lines.back() += ' ' + std::to_string(names[near]);
  }
  return lines;
}

TEST(TorsionGraphOf, DoesNotDependOnHowAtomsAreNumbered) {
  const std::vector<std::vector<const char*>> spellings = {
      {"CCO", "OCC", "OCC"},
      {"CCCC", "C(CC)C", "C(CC)C"},
      {"CC(C)Cc1ccc(cc1)[C@@H](C)C(=O)O", "C[C@@H](C(=O)O)c1ccc(CC(C)C)cc1",
       "c1cc(ccc1CC(C)C)[C@H](C(=O)O)C"},
      {"CC(C)NCC(O)COc1ccc(cc1)CC(N)=O", "C(C(CNC(C)C)O)Oc1ccc(CC(N)=O)cc1",
       "c1c(ccc(CC(=O)N)c1)OCC(CNC(C)C)O"},
      {"C[C@H](N)C(=O)N[C@@H](CO)C(=O)O", "N(C([C@H](C)N)=O)[C@H](C(=O)O)CO",
       "C[C@H](N)C(N[C@H](C(=O)O)CO)=O"},
      {"Cc1ccc(cc1)-c1cc(nn1-c1ccc(cc1)S(N)(=O)=O)C(F)(F)F",
       "c1(nn(c(c1)-c1ccc(cc1)C)-c1ccc(cc1)S(=O)(=O)N)C(F)(F)F",
       "c1cc(ccc1-n1c(-c2ccc(cc2)C)cc(n1)C(F)(F)F)S(=O)(=O)N"},
      {"CC(C)(C)OC(=O)NC", "CNC(OC(C)(C)C)=O", "CC(OC(NC)=O)(C)C"},
      {"C[S@](=O)CCN(C)C", "N(C)(CC[S@@](=O)C)C", "CN(C)CC[S@@](=O)C"},
      {"OC[C@H]1O[C@@H](O)[C@H](O)[C@@H](O)[C@@H]1O", "O[C@@H]1O[C@H](CO)[C@H]([C@H](O)[C@H]1O)O",
       "[C@@H]1([C@H](O)[C@H]([C@@H](O[C@@H]1CO)O)O)O"},
      {"CCN(CC)CC", "C(N(CC)CC)C", "C(N(CC)CC)C"},
      {"[O-][N+](=O)c1ccccc1C(=O)[O-]", "c1ccc(C([O-])=O)c([N+]([O-])=O)c1",
       "O=C(c1ccccc1[N+]([O-])=O)[O-]"},
      {"F/C=C/CCl", "C(\\F)=C/CCl", "ClC/C=C/F"},
      {"C[C@H]1CC[C@@H](CO)CC1", "C1[C@H](C)CC[C@H](CO)C1", "C1C[C@H](CC[C@H]1C)CO"},
      {"CC(CC)(CC)CO", "CCC(CC)(CO)C", "C(C(CC)(C)CC)O"},
      {"NC(=[NH2+])NCCC", "N(C(N)=[NH2+])CCC", "C(CNC(=[NH2+])N)C"},
      {"CP(=O)(OC)OCC", "O(CC)P(C)(=O)OC", "C(OP(=O)(C)OC)C"},
      {"CCC#CC=C", "C=CC#CCC", "C(C)C#CC=C"},
      {"COc1ccc2nc(NCC3CC3)sc2c1", "c12nc(sc2cc(OC)cc1)NCC1CC1", "c1c2nc(sc2cc(c1)OC)NCC1CC1"},
      {"C[C@H](F)C(C)(C)[C@@H](C)F", "F[C@H](C)C([C@H](C)F)(C)C", "C[C@H](C(C)(C)[C@H](C)F)F"},
      {"CN1CCC[C@H]1c1cccnc1", "[C@H]1(c2cnccc2)N(C)CCC1", "c1ncc(cc1)[C@@H]1CCCN1C"},
      {"CCOC(=O)C1=C(C)NC(C)=C(C1c1cccc(Cl)c1)C(=O)OC",
       "C1(=C(C)NC(=C(C(OC)=O)C1c1cc(ccc1)Cl)C)C(OCC)=O",
       "c1(cc(ccc1)Cl)C1C(C(=O)OCC)=C(NC(=C1C(OC)=O)C)C"},
      {"Clc1ccccc1Oc1ccccn1", "c1ccc(Oc2ncccc2)c(Cl)c1", "c1cccc(n1)Oc1c(Cl)cccc1"},
      {"C[Si](C)(C)CCSC", "C(SC)C[Si](C)(C)C", "S(CC[Si](C)(C)C)C"},

  };
  for (const auto& same : spellings) {
    SCOPED_TRACE(same[0]);
    const auto expected = signature(graph_of(same[0]));
    for (std::size_t i = 1; i < same.size(); ++i)
      EXPECT_EQ(signature(graph_of(same[i])), expected) << same[i];
  }
}

TEST(TorsionGraphOf, TellsMirrorImagesApart) {
  EXPECT_NE(signature(graph_of("CC[C@H](F)CO")), signature(graph_of("CC[C@@H](F)CO")));
}

}  // namespace
}  // namespace saltus::forcefields
