// Oracles: the templates' own rows, mirror images, exchanged names, and geometry.
#include "mlsamplers/peptides/peptide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/system/internal_coordinates.h"
#include "mlsamplers/peptides/training_rule.h"
#include "tests/mlsamplers/peptide_fixture.h"
#include "tests/support/errors.h"

namespace saltus::mlsamplers {
namespace {

using engine::InputError;
using testing::HasSubstr;
using tests::message_of;
using tests::PeptideExample;

constexpr const char* kLetters = "ACDEFGHIKLMNPQRSTVWY";

std::vector<double> internal_of(const Peptide& peptide, engine::ConstCoordinates x) {
  std::vector<double> q(peptide.z.n_internal());
  double log_jacobian = 0.0;
  engine::cartesian_to_internal(peptide.z, x, q, {&log_jacobian, 1});
  EXPECT_TRUE(std::isfinite(log_jacobian));
  return q;
}

/// Names of a residue's rows, its neighbours' atoms with a sign.
std::vector<std::string> row_names(const PeptideExample& example, std::size_t residue) {
  std::size_t first = 0;
  for (std::size_t r = 0; r < residue; ++r) first += example.peptide.template_of(r).rows.size();
  const auto name = [&](std::size_t atom) {
    const engine::Atom& found = example.built.topology.atoms[atom];
    const char* sign = found.residue < residue ? "-" : found.residue > residue ? "+" : "";
    return sign + found.name;
  };
  std::vector<std::string> names;
  for (std::size_t i = 0; i < example.peptide.template_of(residue).rows.size(); ++i) {
    const engine::ZMatrixRow& row = example.peptide.z.rows[first + i];
    names.push_back(name(row.atom) + " " + name(row.bond_to) + " " + name(row.angle_to) + " " +
                    name(row.torsion_to) + (row.is_offset ? " offset" : ""));
  }
  return names;
}

TEST(ResidueTemplates, PlaceEachAtomOnceFromPlacedOnes) {
  for (const ResidueTemplate& residue : residue_templates()) {
    SCOPED_TRACE(residue.name);
    std::set<std::string> placed = {"-C", "-CA"};
    if (residue.place != ChainPlace::kFirst) placed.insert("N");
    std::size_t n_next = 0;
    for (const TemplateRow& row : residue.rows) {
      for (const std::string& reference : {row.bond_to, row.angle_to, row.torsion_to})
        EXPECT_TRUE(reference.empty() || placed.count(reference) > 0) << row.atom << reference;
      EXPECT_TRUE(placed.insert(row.atom).second) << row.atom;
      n_next += row.atom == "+N" ? 1 : 0;
    }
    EXPECT_EQ(n_next, residue.place == ChainPlace::kLast ? 0U : 1U);
  }
}

TEST(ResidueTemplates, ThatAreNotThereAreNamed) {
  EXPECT_THAT(message_of<InputError>([] { template_index("XYZ"); }),
              HasSubstr("there is no peptide residue 'XYZ'; supported are ALA ARG"));
}

TEST(ResidueTemplates, AreThoseOfTheForceField) {
  const auto places_of = [](const std::string& name) {
    std::string places;
    for (const ResidueTemplate& residue : residue_templates())
      for (const char* prefix : {"", "N", "C"})
        if (residue.name == prefix + name) places += *prefix == '\0' ? "M" : prefix;
    return places;
  };
  for (const char* name : {"ASH", "CYM", "GLH", "LYN"}) EXPECT_EQ(places_of(name), "M") << name;
  EXPECT_EQ(places_of("HYP"), "MC");
  for (const char* name : {"CYX", "HID", "HIE", "HIP", "LYS", "PRO"})
    EXPECT_EQ(places_of(name), "MNC") << name;
  EXPECT_THAT(supported_residues(),
              testing::EndsWith("ACE NME NHE (ASH CYM GLH LYN in the middle of a chain only, HYP "
                                "not first: AMBER's force fields have no such ends)"));
}

TEST(PeptideSequence, ReadsLettersAndNames) {
  using testing::ElementsAre;
  EXPECT_THAT(parse_sequence("ADK"), ElementsAre("NALA", "ASP", "CLYS"));
  EXPECT_THAT(parse_sequence("ACE-HIP-NME"), ElementsAre("ACE", "HIP", "NME"));
  EXPECT_THAT(parse_sequence("HG"), ElementsAre("NHIE", "CGLY"));
  EXPECT_EQ(one_letter_sequence(parse_sequence("HGW")), "HGW");
  EXPECT_EQ(one_letter_sequence(parse_sequence("ACE-ALA-NME")), "");
}

TEST(PeptideSequence, SaysWhatIsWrong) {
  EXPECT_THAT(message_of<InputError>([] { parse_sequence("AXB"); }),
              HasSubstr("sequence 'AXB': 'X' is no amino acid; expected letters such as ADK"));
  EXPECT_THAT(message_of<InputError>([] { parse_sequence("ACE-FOO-NME"); }),
              HasSubstr("'FOO' is no residue that is supported"));
  EXPECT_THAT(message_of<InputError>([] { parse_sequence("A"); }),
              HasSubstr("a peptide has at least two residues"));
  EXPECT_THAT(message_of<InputError>([] { parse_sequence("ASH-ALA"); }),
              HasSubstr("there is no charged end 'NASH' in AMBER's force fields: cap that end"));
  EXPECT_THAT(message_of<InputError>([] { parse_sequence("ALA-LYN"); }),
              HasSubstr("there is no charged end 'CLYN' in AMBER's force fields: cap that end"));
  EXPECT_THAT(message_of<InputError>([] { parse_sequence("HYP-ALA"); }),
              HasSubstr("there is no charged end 'NHYP'"));
  EXPECT_THAT(message_of<InputError>([] { parse_sequence("HYP"); }),
              HasSubstr("letters that spell the name of a residue are that residue"));
  EXPECT_EQ(message_of<InputError>([] { require_extended(parse_sequence("ALA-CYX-CYX")); }),
            "residue 2, CYX: an extended chain cannot close a disulfide bridge; write CYS, or take "
            "a structure that has the bridge");
  EXPECT_NO_THROW(require_extended(parse_sequence("ALA-CYS-CYM-CYS")));
  EXPECT_THAT(message_of<InputError>([] {
                build_peptide({"NALA", "NALA"});
              }),
              HasSubstr("residue 2: NALA does not fit its place in the chain"));
}

TEST(PeptideSequence, BuildsEachAminoAcidInEachPlace) {
  constexpr double kShortest_nm = 0.09, kLongest_nm = 0.19;
  for (const char* letter = kLetters; *letter != '\0'; ++letter) {
    for (const std::string& sequence :
         {std::string("G") + *letter + "G", std::string(1, *letter) + "G",
          std::string("G") + *letter}) {
      SCOPED_TRACE(sequence);
      const PeptideExample example(sequence);
      const auto x = example.built.positions.chain(0);
      for (const engine::Bond& bond : example.built.topology.bonds) {
        double square = 0.0;
        for (std::size_t k = 0; k < 3; ++k)
          square += std::pow(x[3 * bond.first + k] - x[3 * bond.second + k], 2);
        EXPECT_GT(std::sqrt(square), kShortest_nm)
            << example.built.topology.describe_atom(bond.first);
        EXPECT_LT(std::sqrt(square), kLongest_nm)
            << example.built.topology.describe_atom(bond.first);
      }
      EXPECT_EQ(example.peptide.z.rows.size(), example.built.topology.n_atoms());
    }
  }
}

TEST(RecognisedPeptides, HaveEveryCoordinateOnce) {
  const PeptideExample example("ACE-TRP-PRO-HIP-ILE-LYN-CYM-HYP-NME");
  std::vector<int> uses(example.peptide.z.n_internal(), 0);
  for (const PeptideTorsion& torsion : example.peptide.torsions) ++uses[torsion.coordinate];
  for (const PeptideResidue& residue : example.peptide.residues) {
    for (const PeptideRotor& rotor : residue.rotors) ++uses[rotor.rotor.coordinate];
    for (const PeptideFast& fast : residue.fast) ++uses[fast.coordinate.coordinate];
  }
  for (const int n : uses) EXPECT_EQ(n, 1);
}

TEST(RecognisedPeptides, HaveTheSameRowsInWhateverSequence) {
  const PeptideExample one("GWAG"), other("KYWAPDE");
  EXPECT_EQ(one.peptide.template_of(2).name, "ALA");
  EXPECT_EQ(other.peptide.template_of(3).name, "ALA");
  EXPECT_EQ(row_names(one, 2), row_names(other, 3));
  EXPECT_EQ(row_names(one, 1), row_names(other, 2));
}

TEST(RecognisedPeptides, ComeBackFromInternalCoordinates) {
  const PeptideExample example("RWPM");
  const auto x = example.built.positions.view();
  const std::vector<double> q = internal_of(example.peptide, x);
  std::vector<double> back(x.size());
  double log_jacobian = 0.0;
  engine::internal_to_cartesian(example.peptide.z, q, back, {&log_jacobian, 1});
  engine::move_to_frame_of(example.peptide.z, x, back);
  for (std::size_t i = 0; i < back.size(); ++i) EXPECT_NEAR(back[i], x.data[i], 1e-10);
}

TEST(RecognisedPeptides, CountStiffTorsionsFromWhereTheyAre) {
  const PeptideExample example("GKTA");
  const std::vector<double> q = internal_of(example.peptide, example.built.positions.view());
  constexpr double kNear = 0.2;
  for (const PeptideResidue& residue : example.peptide.residues)
    for (const PeptideFast& fast : residue.fast)
      if (fast.coordinate.is_torsion) {
        EXPECT_LT(
            std::abs(engine::wrap_angle(q[fast.coordinate.coordinate] - fast.coordinate.centre)),
            kNear);
      }
}

/// Atoms with these names change their names.
engine::Topology with_names_exchanged(
    engine::Topology topology, const std::vector<std::pair<std::string, std::string>>& pairs) {
  for (engine::Atom& atom : topology.atoms)
    for (const auto& [first, second] : pairs) {
      if (atom.name == first) {
        atom.name = second;
        break;
      }
      if (atom.name == second) {
        atom.name = first;
        break;
      }
    }
  return topology;
}

TEST(RecognisedPeptides, DoNotDependOnNamesOfLikeAtoms) {
  const PeptideExample example("GVLA");
  const auto x = example.built.positions.chain(0);
  const std::vector<double> q = internal_of(example.peptide, example.built.positions.view());
  const std::vector<std::pair<std::string, std::string>> hydrogens = {{"HB2", "HB3"},
                                                                      {"HA2", "HA3"}};
  const std::vector<std::pair<std::string, std::string>> ends = {
      {"CG1", "CG2"}, {"HG11", "HG21"}, {"HG12", "HG22"}, {"HG13", "HG23"},
      {"CD1", "CD2"}, {"HD11", "HD21"}, {"HD12", "HD22"}, {"HD13", "HD23"}};
  for (const auto& pairs : {hydrogens, ends}) {
    const Peptide other = recognise_peptide(with_names_exchanged(example.built.topology, pairs), x);
    const std::vector<double> same = internal_of(other, example.built.positions.view());
    for (std::size_t i = 0; i < q.size(); ++i) EXPECT_NEAR(same[i], q[i], 1e-12);
  }
}

TEST(RecognisedPeptides, MayHaveOtherProgramsNames) {
  const PeptideExample example("ACE-LYS-NME");
  const std::map<std::string, std::string> names = {
      {"HB2", "1HB"}, {"HB3", "2HB"}, {"HZ1", "1HZ"}, {"HZ2", "2HZ"}, {"HZ3", "3HZ"}};
  engine::Topology topology = example.built.topology;
  for (engine::Atom& atom : topology.atoms)
    if (names.count(atom.name) > 0) atom.name = names.at(atom.name);
  EXPECT_EQ(recognise_peptide(topology, example.built.positions.chain(0)).template_of(1).name,
            "LYS");
}

TEST(RecognisedPeptides, MayHaveAnAmineOnEitherSide) {
  const PeptideExample example("ACE-LYN-NME");
  EXPECT_EQ(example.peptide.template_of(1).name, "LYN");
  const auto x = example.built.positions.chain(0);
  const Peptide other =
      recognise_peptide(with_names_exchanged(example.built.topology, {{"HZ2", "HZ3"}}), x);
  EXPECT_EQ(other.template_of(1).name, "LYN");
  // The first hydrogen turns; the second goes with it, whichever side it is on.
  std::size_t n_polar = 0;
  for (const PeptideTorsion& torsion : example.peptide.torsions) {
    EXPECT_FALSE(torsion.is_kept);
    n_polar += torsion.kind == TorsionKind::kPolarHydrogen ? 1 : 0;
  }
  EXPECT_EQ(n_polar, 1U);
  std::size_t n_kept = 0;
  for (const PeptideFast& fast : example.peptide.residues[1].fast) n_kept += fast.is_kept ? 1 : 0;
  EXPECT_EQ(n_kept, 3U);
  // Other programs call the two hydrogens 1 and 2.
  engine::Topology numbered = example.built.topology;
  for (engine::Atom& atom : numbered.atoms)
    if (atom.name == "HZ3") atom.name = "HZ1";
  EXPECT_EQ(recognise_peptide(numbered, x).template_of(1).name, "LYN");
}

TEST(RecognisedPeptides, TellCysteinesWithoutHydrogenApart) {
  const BuiltPeptide built = build_peptide(parse_sequence("ALA-CYM-LEU-CYM-ALA"));
  const auto x = built.positions.chain(0);
  EXPECT_EQ(recognise_peptide(built.topology, x).template_of(1).name, "CYM");
  engine::Topology bridged = built.topology;
  std::vector<std::size_t> sulphurs;
  for (std::size_t i = 0; i < bridged.n_atoms(); ++i)
    if (bridged.atoms[i].name == "SG") sulphurs.push_back(i);
  bridged.bonds.push_back({sulphurs.at(0), sulphurs.at(1)});
  EXPECT_EQ(recognise_peptide(bridged, x).template_of(1).name, "CYX");
  EXPECT_EQ(recognise_peptide(bridged, x).template_of(3).name, "CYX");
}

TEST(RecognisedPeptides, AreOfLAminoAcids) {
  const PeptideExample example("GAG");
  std::vector<double> mirrored(example.built.positions.values());
  for (std::size_t i = 0; i < mirrored.size(); i += 3) mirrored[i] = -mirrored[i];
  EXPECT_THAT(
      message_of<InputError>([&] { recognise_peptide(example.built.topology, mirrored); }),
      HasSubstr("residue ALA 2 of chain A is a D amino acid; supported are L amino acids; without "
                "the transferable model, sample with local moves"));
}

TEST(RecognisedPeptides, NameResiduesThatAreNotSupported) {
  const PeptideExample example("GAG");
  engine::Topology topology = example.built.topology;
  for (engine::Atom& atom : topology.atoms)
    if (atom.name == "HB3") atom.name = "F1";
  EXPECT_THAT(
      message_of<InputError>(
          [&] { recognise_peptide(topology, example.built.positions.chain(0)); }),
      HasSubstr("residue ALA 2 of chain A: no peptide template has its atoms; the nearest is ALA, "
                "without HB3, with F1 more. Supported are"));
}

TEST(RecognisedPeptides, AreOneChain) {
  const PeptideExample example("GAG");
  engine::Topology topology = example.built.topology;
  engine::Topology cyclic = topology;
  std::size_t first = 0, last = 0, cut = topology.bonds.size();
  for (std::size_t i = 0; i < topology.n_atoms(); ++i) {
    if (topology.atoms[i].name == "N" && topology.atoms[i].residue == 0) first = i;
    if (topology.atoms[i].name == "C" && topology.atoms[i].residue == 2) last = i;
  }
  cyclic.bonds.push_back({first, last});
  const auto x = example.built.positions.chain(0);
  EXPECT_THAT(message_of<InputError>([&] { recognise_peptide(cyclic, x); }),
              HasSubstr("supported between residues are peptide links to the next one and "
                        "disulfide bridges"));
  for (std::size_t i = 0; i < topology.bonds.size(); ++i)
    if (topology.atoms[topology.bonds[i].first].residue !=
        topology.atoms[topology.bonds[i].second].residue)
      cut = i;
  topology.bonds.erase(topology.bonds.begin() + static_cast<std::ptrdiff_t>(cut));
  EXPECT_THAT(message_of<InputError>([&] { recognise_peptide(topology, x); }),
              HasSubstr("is not bonded to"));
}

TEST(RecognisedPeptides, KeepRings) {
  const PeptideExample example("GPG");
  for (const PeptideTorsion& torsion : example.peptide.torsions)
    EXPECT_EQ(torsion.is_kept, torsion.residue == 1 && torsion.kind != TorsionKind::kPsi);
  for (const PeptideFast& fast : example.peptide.residues[1].fast)
    EXPECT_TRUE(fast.is_kept || !fast.is_side_chain);
}

TEST(RecognisedPeptides, TurnTheHydroxylGroupOfHydroxyproline) {
  const PeptideExample example("GLY-HYP-GLY");
  for (const PeptideTorsion& torsion : example.peptide.torsions)
    EXPECT_EQ(torsion.is_kept, torsion.residue == 1 && torsion.kind != TorsionKind::kPsi &&
                                   torsion.kind != TorsionKind::kPolarHydrogen);
  // 4R: the oxygen is not on the side of the ring that the carbonyl is on.
  std::map<std::string, const double*> at;
  const auto x = example.built.positions.chain(0);
  for (std::size_t i = 0; i < example.built.topology.n_atoms(); ++i)
    if (example.built.topology.atoms[i].residue == 1)
      at[example.built.topology.atoms[i].name] = x.data() + 3 * i;
  const auto side = [&](const char* centre, const char* substituent) {
    double e[3][3];
    const char* ends[] = {centre[1] == 'A' ? "N" : "CB", centre[1] == 'A' ? "CB" : "CD",
                          substituent};
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t k = 0; k < 3; ++k) e[i][k] = at.at(ends[i])[k] - at.at(centre)[k];
    return e[0][0] * (e[1][1] * e[2][2] - e[1][2] * e[2][1]) -
           e[0][1] * (e[1][0] * e[2][2] - e[1][2] * e[2][0]) +
           e[0][2] * (e[1][0] * e[2][1] - e[1][1] * e[2][0]);
  };
  EXPECT_LT(side("CA", "C") * side("CG", "OD1"), 0.0);
}

TEST(RecognisedPeptides, KeepWhatDisulfidesClose) {
  const BuiltPeptide built = build_peptide(parse_sequence("ALA-CYX-LEU-CYX-ALA"));
  engine::Topology topology = built.topology;
  std::vector<std::size_t> sulphurs;
  for (std::size_t i = 0; i < topology.n_atoms(); ++i)
    if (topology.atoms[i].name == "SG") sulphurs.push_back(i);
  topology.bonds.push_back({sulphurs.at(0), sulphurs.at(1)});
  const Peptide peptide = recognise_peptide(topology, built.positions.chain(0));
  for (const PeptideTorsion& torsion : peptide.torsions) {
    const bool is_backbone = torsion.kind == TorsionKind::kPhi || torsion.kind == TorsionKind::kPsi;
    const bool is_inside = torsion.residue >= 1 && torsion.residue <= 3;
    EXPECT_EQ(torsion.is_kept, is_inside && (is_backbone || torsion.residue != 2));
  }
}

TEST(TrainingRule, KeepsTestPeptides) {
  const auto why = [](const std::string& sequence) {
    return why_test_peptide(parse_sequence(sequence), {"ADDDD"});
  };
  EXPECT_THAT(why("AA"), HasSubstr("add up to 0"));  // A is 0
  EXPECT_THAT(why("CF"), HasSubstr("add up to 5"));  // 1 + 4
  EXPECT_EQ(why("AC"), "");
  EXPECT_THAT(why("AGA"), HasSubstr("a multiple of 5"));
  EXPECT_THAT(why("ALA-HIP-PHE"), HasSubstr("add up to 10"));      // 0 + 6 + 4
  EXPECT_THAT(why("GLY-LYN-MET-ASP"), HasSubstr("add up to 25"));  // 5 + 8 + 10 + 2
  EXPECT_THAT(why("ACE-LYN-NME"), HasSubstr("capped W, K and T"));
  EXPECT_THAT(why("SER-CYM-GLN-CYS"), HasSubstr("add up to 30"));  // 15 + 1 + 13 + 1
  EXPECT_THAT(why("VAL-HYP-LEU-PRO"), HasSubstr("add up to 50"));  // 17 + 12 + 9 + 12
  EXPECT_THAT(why("ADDDD"), HasSubstr("public tests"));
  EXPECT_EQ(why("ADDDE"), "");
  EXPECT_THAT(why("ACE-TRP-NME"), HasSubstr("capped W, K and T"));
  EXPECT_EQ(why("ACE-ALA-NME"), "");
}

}  // namespace
}  // namespace saltus::mlsamplers
