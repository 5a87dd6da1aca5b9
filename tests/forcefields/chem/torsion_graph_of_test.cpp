// Oracle: three-dimensional structures, and what a chemist can tell of small molecules.
#include "forcefields/chem/torsion_graph_of.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "engine/core/units.h"
#include "engine/potential/internal_geometry.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/mmff/mmff_system.h"
#include "tests/support/errors.h"
#include "tests/support/library_versions.h"

namespace saltus::forcefields {
namespace {

using engine::kNowhere;
using engine::TorsionBond;
using engine::TorsionEnd;
using engine::TorsionGraph;

TorsionGraph graph_of(const std::string& smiles) { return torsion_graph_of(parse_smiles(smiles)); }

/// The torsion about the bond of two atoms, counted from 0 as in the SMILES string.
const TorsionBond& torsion_about(const TorsionGraph& graph, std::size_t a, std::size_t b) {
  for (const TorsionBond& torsion : graph.torsions)
    if ((torsion.ends[0].atom == a && torsion.ends[1].atom == b) ||
        (torsion.ends[0].atom == b && torsion.ends[1].atom == a))
      return torsion;
  throw std::logic_error("no such torsion");
}

struct KnownSymmetry {
  const char* smiles;
  std::size_t first, second;
  int symmetry;
};

TEST(TorsionGraphOf, KnowsRotorSymmetry) {
  for (const KnownSymmetry& known : {
           KnownSymmetry{"CC", 0, 1, 3},
           {"CCC", 0, 1, 3},
           {"CCCC", 1, 2, 1},
           {"CO", 0, 1, 3},
           {"CN", 0, 1, 3},  // the lone pair breaks the other end's symmetry
           {"Cc1ccccc1", 0, 1, 6},
           {"Cc1ccncc1", 0, 1, 6},
           {"Cc1cccnc1", 0, 1, 3},
           {"CCc1ccccc1", 1, 2, 2},
           {"CCc1ccccc1F", 1, 2, 1},
           {"CC(=O)Nc1ccccc1", 3, 4, 2},
           {"CC(=O)N", 1, 3, 2},
           {"CC(=O)[O-]", 0, 1, 6},
           {"CCC(=O)[O-]", 1, 2, 2},
           {"CCC(=O)O", 1, 2, 1},
           {"CCC(=O)O", 2, 4, 1},
           {"CC[N+](=O)[O-]", 1, 2, 2},
           {"CCS(=O)(=O)[O-]", 1, 2, 3},
           {"CCC(C)(C)C", 1, 2, 3},
           {"CCC(C)(C)F", 1, 2, 1},
           {"CCC(F)(F)F", 1, 2, 3},
           {"CC[N+](C)(C)C", 1, 2, 3},
           {"c1ccccc1-c1ccccc1", 5, 6, 2},
           {"NC(=[NH2+])CC", 1, 3, 2},
           {"NC(=N)CC", 1, 3, 1},
           {"CCC1(C)CC1", 1, 2, 1},
           {"CCC12CCC(CC1)CC2", 1, 2, 3},
       }) {
    SCOPED_TRACE(std::string(known.smiles) + ' ' + std::to_string(known.second));
    EXPECT_EQ(torsion_about(graph_of(known.smiles), known.first, known.second).symmetry,
              known.symmetry);
  }
}

struct KnownCount {
  const char* smiles;
  std::size_t n;
};

TEST(TorsionGraphOf, CountsAllSingleBondsThatTurn) {
  for (const KnownCount& known : {KnownCount{"C", 0},
                                  {"CC", 1},
                                  {"C=C", 0},
                                  {"CCCC", 3},
                                  {"CC#CC", 0},  // both ends of each bond are in a line
                                  {"CCC#CC", 1},
                                  {"c1ccccc1", 0},
                                  {"CO", 1},
                                  {"CC(=O)NC", 3},
                                  {"C[Hg]C", 0},
                                  {"CN=[N+]=[N-]", 1},
                                  {"C1CCCCC1", 0},
                                  {"CC(C)Cc1ccc(cc1)C(C)C(=O)O", 8},
                                  {"CC(C)NCC(O)COc1ccc(cc1)CC(N)=O", 12}})
    EXPECT_EQ(graph_of(known.smiles).torsions.size(), known.n) << known.smiles;
}

TEST(TorsionGraphOf, FindsNitrogensThatInvert) {
  for (const KnownCount& known : {KnownCount{"CN", 1},
                                  {"CCN(C)C", 1},
                                  {"NCCN", 2},
                                  {"CC(=O)N", 0},
                                  {"Nc1ccccc1", 0},
                                  {"C[NH3+]", 0},
                                  {"C1CCNCC1", 1},
                                  {"C1CC2CCN1CC2", 0},   // would break the bridge
                                  {"C1CCN2CCCC2C1", 0},  // so would two fused rings
                                  {"C[N+](=O)[O-]", 0},
                                  {"CP(C)C", 0},
                                  {"CC=NO", 0},
                                  {"C[N@]1C[C@@H]1F", 0}})
    EXPECT_EQ(graph_of(known.smiles).inversions.size(), known.n) << known.smiles;
}

TEST(TorsionGraphOf, PrefersReferencesWithoutADouble) {
  const auto reference_at = [](const std::string& smiles, std::size_t atom, std::size_t other) {
    const TorsionGraph graph = graph_of(smiles);
    for (const TorsionEnd& end : torsion_about(graph, atom, other).ends)
      if (end.atom == atom) return graph.atoms[end.reference].atomic_number;
    return 0;
  };
  EXPECT_EQ(reference_at("CCC", 1, 2), 6);
  EXPECT_EQ(reference_at("OCC(C)C", 2, 1), 1);
  EXPECT_EQ(reference_at("OCC(F)(F)C", 2, 1), 6);
  EXPECT_EQ(reference_at("OC[C@](F)(Cl)C", 2, 1), 17);
  EXPECT_EQ(reference_at("CCC(=O)N", 2, 1), 8);
}

double torsion(engine::Span<const double> x, std::size_t i, std::size_t j, std::size_t k,
               std::size_t l) {
  return engine::TorsionGeometry(x.data(), {i, j, k, l}).phi();
}

int sign_of(const engine::InvertibleCentre& centre, engine::Span<const double> x) {
  const engine::Vec3 r = engine::load_atom(x.data(), centre.atom);
  std::array<engine::Vec3, 3> to;
  for (std::size_t i = 0; i < 3; ++i) to[i] = engine::load_atom(x.data(), centre.neighbours[i]) - r;
  return dot(to[0], cross(to[1], to[2])) > 0.0 ? 1 : -1;
}

/// Compares the slots of one end with positions.
void check_slots(const TorsionGraph& graph, const TorsionEnd& end, const TorsionEnd& other,
                 engine::Span<const double> x) {
  constexpr double kWanted[] = {120.0, 180.0, 240.0};
  // Strained or pyramidal as RDKit builds it; slots are 60 apart or more.
  const double kTolerance = tests::by_rdkit(25.0, 29.0);
  std::array<std::size_t, 3> others = end.others;
  if (end.inversion != kNowhere && sign_of(graph.inversions[end.inversion], x) < 0)
    std::swap(others[0], others[2]);
  for (std::size_t slot = 0; slot < 3; ++slot) {
    if (others[slot] == kNowhere) continue;
    const auto at = [&](std::size_t s) {
      return torsion(x, other.reference, other.atom, end.atom, s);
    };
    const double turn = (at(others[slot]) - at(end.reference)) / engine::kRadianPerDegree;
    EXPECT_NEAR(std::remainder(turn - kWanted[slot], 360.0), 0.0, kTolerance)
        << end.atom + 1 << ' ' << others[slot] + 1;
  }
}

/// Whether the slots of an end are the same in all conformers.
bool has_known_slots(const ChemMolecule& molecule, const TorsionGraph& graph,
                     const TorsionEnd& end) {
  if (graph.atoms[end.atom].shape == engine::AtomShape::kPlanar || end.inversion != kNowhere)
    return true;
  const auto configuration = configuration_of(molecule);
  return std::any_of(configuration.centres.begin(), configuration.centres.end(),
                     [&](const auto& centre) { return centre.atom == end.atom; });
}

TEST(TorsionGraphOf, SlotsAreWhereThingsAre) {
  std::size_t n_checked = 0;
  for (const char* smiles :
       {"OC[C@H](F)Cl", "OC[C@@H](F)Cl", "C[C@H](N)C(=O)N[C@@H](CO)C(=O)O", "CC[S@](=O)CO",
        "CC[S@@](=O)CO", "CCN(C)CO", "NCCO", "CNC(C)=O", "Cc1cccnc1", "C[C@]1(O)CCC[C@@H](CO)C1",
        "CO[P@](=O)(C)CC", "CC[P@](C)c1ccccc1", "C[C@H]1CC[C@@H](CO)CC1", "OC[C@@](F)(Cl)CC=O",
        "FC(Cl)=C(C)CO"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = parse_smiles(smiles);
    const TorsionGraph graph = torsion_graph_of(molecule);
    EmbeddingOptions options;
    options.n_conformers = 4;
    const Embedding embedding = embed(molecule, configuration_of(molecule), options);
    ASSERT_EQ(embedding.positions.n_chains(), 4u);
    for (std::size_t c = 0; c < 4; ++c)
      for (const TorsionBond& bond : graph.torsions)
        for (std::size_t side : {0, 1}) {
          if (!has_known_slots(molecule, graph, bond.ends[side])) continue;
          ++n_checked;
          check_slots(graph, bond.ends[side], bond.ends[1 - side], embedding.positions.chain(c));
        }
  }
  EXPECT_GT(n_checked, 150u);
}

TEST(TorsionGraphOf, SlotsAreFilledByWhatIsThere) {
  const auto filled = [](const std::string& smiles, std::size_t atom, std::size_t other) {
    const TorsionGraph graph = graph_of(smiles);
    std::string pattern;
    for (const TorsionEnd& end : torsion_about(graph, atom, other).ends)
      if (end.atom == atom)
        for (const std::size_t o : end.others) pattern += o == kNowhere ? '.' : 'x';
    return pattern;
  };
  EXPECT_EQ(filled("CC", 0, 1), "x.x");
  EXPECT_EQ(filled("CO", 1, 0), "...");
  EXPECT_EQ(filled("CC(=O)N", 1, 0), ".x.");
  EXPECT_EQ(filled("CC=NOC", 2, 3), "...");
}

TEST(TorsionGraphOf, RanksEqualAtomsBehindWhichNothingTurns) {
  struct Known {
    const char* smiles;
    std::size_t first, second;
    int symmetry, fold;
    bool first_ranked, second_ranked;
  };
  for (const Known& known : {
           Known{"CCO", 0, 1, 3, 1, true, false},
           {"Cc1ccccc1", 0, 1, 6, 1, true, true},
           {"[O-][N+](=O)c1ccccc1", 1, 3, 2, 1, true, true},
           {"CC(C)(C)O", 1, 4, 3, 3, false, false},             // methyl groups behind
           {"CN(C)C(C)=O", 1, 3, 2, 2, false, false},           // methyl groups behind
           {"Cc1cccc(C)c1-c1ccccc1", 7, 8, 2, 2, false, true},  // methyl groups behind one ring
           {"CC(C)O", 1, 3, 1, 1, false, false},
       }) {
    SCOPED_TRACE(known.smiles);
    const TorsionGraph graph = graph_of(known.smiles);
    const TorsionBond& torsion = torsion_about(graph, known.first, known.second);
    const std::size_t first = torsion.ends[0].atom == known.first ? 0 : 1;
    EXPECT_EQ(torsion.symmetry, known.symmetry);
    EXPECT_EQ(torsion.fold, known.fold);
    EXPECT_EQ(torsion.ends[first].ranked, known.first_ranked);
    EXPECT_EQ(torsion.ends[1 - first].ranked, known.second_ranked);
  }
}

TEST(TorsionGraphOf, AxisAndSidesFit) {
  const TorsionGraph graph = graph_of("CC(C)NCC(O)COc1ccc(cc1)CC(N)=O");
  for (const TorsionBond& t : graph.torsions) {
    const engine::GraphBond& bond = graph.bonds[t.bond_index];
    EXPECT_EQ(std::minmax(bond.first, bond.second), std::minmax(t.ends[0].atom, t.ends[1].atom));
    EXPECT_EQ(std::minmax(t.bond.axis_from, t.bond.axis_to),
              std::minmax(t.ends[0].atom, t.ends[1].atom));
    const auto moves = [&](std::size_t atom) {
      return std::binary_search(t.bond.moving.begin(), t.bond.moving.end(), atom);
    };
    for (const TorsionEnd& end : t.ends)
      EXPECT_EQ(moves(end.reference), end.atom == t.bond.axis_to);
    EXPECT_LE(2 * (t.bond.moving.size() + 1), graph.atoms.size());
    EXPECT_EQ(bond.torsion, static_cast<std::size_t>(&t - graph.torsions.data()));
  }
}

TEST(TorsionGraphOf, NeighboursAreNearAndInOrder) {
  // CH3-CH2-CH2-CH2-CH2-OH: axes are 0 to 4 bonds apart.
  const TorsionGraph graph = graph_of("CCCCCO");
  ASSERT_EQ(graph.torsions.size(), 5u);
  const auto place = [](const TorsionBond& t) {  // along the chain
    return static_cast<int>(std::min(t.ends[0].atom, t.ends[1].atom));
  };
  std::vector<std::size_t> seen;
  for (const TorsionBond& t : graph.torsions) {
    std::size_t last = 0;
    for (const std::size_t near : t.neighbours) {
      const auto gap =
          static_cast<std::size_t>(std::abs(place(graph.torsions[near]) - place(t)) - 1);
      EXPECT_GE(gap, last);
      EXPECT_LE(gap, 2u);
      last = gap;
    }
    const std::size_t n_far = place(t) == 0 || place(t) == 4 ? 1 : 0;
    EXPECT_EQ(t.neighbours.size(), 4 - n_far);
  }
  for (const TorsionBond& t : graph_of("CC(C)(C)C(C(C)(C)C)C(C)(C)C").torsions)
    EXPECT_LE(t.neighbours.size(), 8u);
}

TEST(TorsionGraphOf, DescribesAtomsBondsAndAngles) {
  const ChemMolecule molecule = parse_smiles("C[C@H](O)/C=C\\c1ccccc1");
  const TorsionGraph graph = torsion_graph_of(molecule);
  EXPECT_EQ(graph.atoms[0].n_hydrogens, 3);
  EXPECT_EQ(graph.atoms[0].degree, 4);
  EXPECT_EQ(graph.atoms[0].shape, engine::AtomShape::kTetrahedral);
  EXPECT_EQ(graph.atoms[1].handedness, -1);  // O before C=C before C
  EXPECT_EQ(graph.atoms[5].ring_sizes, 1u << 3);
  EXPECT_TRUE(graph.atoms[5].aromatic);
  EXPECT_EQ(graph.atoms[5].mmff_type, 37);
  EXPECT_EQ(graph.bonds[3].order, 2);
  EXPECT_EQ(graph.bonds[3].configuration, 1);
  EXPECT_EQ(graph.bonds[5].order, 4);
  const std::vector<double> charges = mmff_charges(molecule);
  for (std::size_t i = 0; i < charges.size(); ++i)
    EXPECT_EQ(graph.atoms[i].partial_charge, charges[i]);
  std::size_t n_angles = 0;
  for (const engine::GraphAtom& atom : graph.atoms)
    n_angles += static_cast<std::size_t>(atom.degree * (atom.degree - 1) / 2);
  ASSERT_EQ(graph.angles.size(), n_angles);
  const auto system = mmff_system(molecule);
  std::map<std::array<std::size_t, 3>, double> known;
  for (const auto& angle : system.mmff.value().angles)
    known[{std::min(angle.i, angle.k_atom), angle.j, std::max(angle.i, angle.k_atom)}] =
        angle.angle_rad;
  ASSERT_EQ(known.size(), n_angles);
  for (const auto& a : graph.angles)
    EXPECT_DOUBLE_EQ(
        a.ideal_rad,
        (known.at({std::min(a.first, a.second), a.centre, std::max(a.first, a.second)})));
}

TEST(TorsionGraphOf, DoesWithoutAtomTypes) {
  const TorsionGraph graph = graph_of("CC[Se]CC#N");
  ASSERT_EQ(graph.torsions.size(), 3u);
  for (const engine::GraphAtom& atom : graph.atoms) {
    EXPECT_EQ(atom.mmff_type, 0);
    EXPECT_EQ(atom.partial_charge, 0.0);
  }
  for (const engine::GraphAngle& angle : graph.angles)
    EXPECT_NEAR(angle.ideal_rad,
                graph.atoms[angle.centre].shape == engine::AtomShape::kLinear
                    ? engine::kPi
                    : std::acos(-1.0 / 3.0),
                1e-12);
}

TEST(TorsionGraphOf, RefusesWhatIsNotOneWholeMolecule) {
  EXPECT_EQ(tests::message_of<engine::InputError>(
                [] { torsion_graph_of(parse_listed_smiles("CO", "here", 9)); }),
            "here: atom 1 (C) lacks hydrogens, expected all of them as atoms; add hydrogens first");
  EXPECT_EQ(tests::message_of<engine::InputError>(
                [] { torsion_graph_of(with_hydrogens(parse_listed_smiles("C.C", "here", 9))); }),
            "here: 2 molecules that are not bonded to each other, expected one; take one of the "
            "fragments");
}

}  // namespace
}  // namespace saltus::forcefields
