// Oracle: hand-built molecules whose bonds and terms can be counted, and the message that each
// deficient molecule or force field must give. Energies are compared in ffxml_energy_test.

#include "forcefields/ffxml/create_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "forcefields/ffxml/standard_bonds.h"
#include "io/formats/pdb.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using engine::InputError;
using forcefields::ForceFieldXml;

std::string data_file(const std::string& name) {
  return std::string(SALTUS_TEST_SOURCE_DIR) + "/tests/forcefields/data/ffxml/" + name;
}

const ForceFieldXml& ff14sb() {
  static const ForceFieldXml kField = ForceFieldXml::read({"amber14/protein.ff14SB.xml"}, {});
  return kField;
}

io::PdbStructure read_with_bonds(const std::string& path) {
  io::PdbStructure pdb = io::read_pdb(path);
  forcefields::StandardBonds::read({}).add_to(pdb.topology, pdb.positions.chain(0));
  return pdb;
}

/// The structure without the atoms for which `drop` is true; bonds made again.
template <class Predicate>
engine::Topology without(const io::PdbStructure& pdb, const Predicate& drop) {
  engine::Topology topology = pdb.topology;
  topology.atoms.clear();
  topology.bonds.clear();
  std::vector<double> positions;
  for (std::size_t n = 0; n < pdb.topology.n_atoms(); ++n) {
    if (drop(pdb.topology, n)) continue;
    topology.atoms.push_back(pdb.topology.atoms[n]);
    for (std::size_t k = 0; k < 3; ++k) positions.push_back(pdb.positions.chain(0)[3 * n + k]);
  }
  forcefields::StandardBonds::read({}).add_to(topology, positions);
  return topology;
}

std::string error_of(const engine::Topology& topology, const ForceFieldXml& field,
                     const forcefields::SystemOptions& options = {}) {
  return message_of<InputError>([&] { forcefields::create_system(topology, field, options); });
}

TEST(StandardBonds, FollowNamesChainsAndDisulfides) {
  const io::PdbStructure pdb = read_with_bonds(data_file("disulfide.pdb"));
  // A tree of N atoms has N - 1 bonds; the bridge closes one ring.
  EXPECT_EQ(pdb.topology.bonds.size(), pdb.topology.n_atoms());
  std::size_t bridges = 0;
  for (const engine::Bond& bond : pdb.topology.bonds)
    bridges +=
        pdb.topology.atoms[bond.first].name == "SG" && pdb.topology.atoms[bond.second].name == "SG";
  EXPECT_EQ(bridges, 1u);
}

TEST(StandardBonds, AreAddedOnce) {
  io::PdbStructure pdb = read_with_bonds(data_file("disulfide.pdb"));
  const std::size_t count = pdb.topology.bonds.size();
  forcefields::StandardBonds::read({}).add_to(pdb.topology, pdb.positions.chain(0));
  EXPECT_EQ(pdb.topology.bonds.size(), count);
}

TEST(StandardBonds, KnowOtherNames) {
  const auto bonds = forcefields::StandardBonds::read({});
  EXPECT_EQ(bonds.standard_residue_name("HIE"), "HIS");
  EXPECT_EQ(bonds.standard_residue_name("LIG"), "LIG");
  EXPECT_EQ(bonds.standard_atom_name("ARG", "1HH1"), "HH11");
  EXPECT_EQ(bonds.standard_atom_name("ACE", "1HH3"), "H1");
  EXPECT_EQ(bonds.standard_atom_name("LIG", "X"), "X");
}

TEST(StandardBonds, RefuseGapsAndDoubledNames) {
  io::PdbStructure pdb = io::read_pdb(data_file("disulfide.pdb"));
  const auto bonds = forcefields::StandardBonds::read({});
  // Everything from residue 2 on is moved away by 1 nm.
  for (std::size_t n = 0; n < pdb.topology.n_atoms(); ++n)
    if (pdb.topology.atoms[n].residue > 0) pdb.positions.chain(0)[3 * n] += 1.0;
  const std::string gap =
      message_of<InputError>([&] { bonds.add_to(pdb.topology, pdb.positions.chain(0)); });
  EXPECT_EQ(gap.rfind("atom C of residue ALA 1 of chain A and atom N of residue CYS 2 of chain A "
                      "should be bonded as neighbours in the chain but are ",
                      0),
            0u)
      << gap;
  // With a chain break between them there is nothing to bond.
  for (std::size_t n = 1; n < pdb.topology.residues.size(); ++n)
    pdb.topology.residues[n].chain_index = 1;
  EXPECT_NO_THROW(bonds.add_to(pdb.topology, pdb.positions.chain(0)));

  pdb.topology.atoms[1].name = "CA";
  EXPECT_EQ(message_of<InputError>([&] { bonds.add_to(pdb.topology, pdb.positions.chain(0)); }),
            "residue ALA 1 of chain A has two atoms named CA: CA (atom 2) and CA (atom 5); "
            "standard bonds need distinct names");
}

TEST(TemplateMatch, TellsHistidinesApart) {
  const io::PdbStructure pdb = read_with_bonds(data_file("histidines_shuffled.pdb"));
  const engine::System system = forcefields::create_system(pdb.topology, ff14sb(), {});
  double charge = 0.0;
  std::vector<double> ne2;
  for (std::size_t n = 0; n < pdb.topology.n_atoms(); ++n) {
    charge += system.nonbonded->particles[n].charge;
    if (pdb.topology.atoms[n].name == "NE2") ne2.push_back(system.nonbonded->particles[n].charge);
  }
  // ff14SB: NHID, HIE and HIP, from the file; one HIP and neutral ends give a charge of +1.
  EXPECT_EQ(ne2, (std::vector<double>{-0.5711, -0.2795, -0.1718}));
  EXPECT_NEAR(charge, 1.0, 1e-9);
}

TEST(TemplateMatch, ExplainsMissingHydrogens) {
  const io::PdbStructure pdb = io::read_pdb(data_file("disulfide.pdb"));
  const auto hydrogen = [](const engine::Topology& t, std::size_t n) {
    return t.atoms[n].atomic_number == 1;
  };
  EXPECT_EQ(
      error_of(without(pdb, hydrogen), ff14sb()),
      "no template of amber14/protein.ff14SB.xml matches residue ALA 1 of chain A: the "
      "closest template is NALA: missing 7 H (H1, H2, H3, HA, HB1, HB2, HB3); add the missing "
      "hydrogens to the file first");
  const auto one = [](const engine::Topology& t, std::size_t n) {
    return t.atoms[n].residue == 1 && t.atoms[n].name == "HB2";
  };
  EXPECT_EQ(error_of(without(pdb, one), ff14sb()),
            "no template of amber14/protein.ff14SB.xml matches residue CYS 2 of chain A: the "
            "closest template is CYX: missing 1 H (HB2); add the missing hydrogens to the file "
            "first");
}

TEST(TemplateMatch, NamesTheLineOfTheResidue) {
  const io::PdbStructure pdb = io::read_pdb(data_file("disulfide.pdb"));
  ASSERT_EQ(pdb.atom_lines.size(), pdb.topology.n_atoms());
  forcefields::StructureHints hints;
  hints.file = "x.pdb";
  hints.atom_lines = {0, 12};
  EXPECT_EQ(hints.place_of(0), "");
  EXPECT_EQ(hints.place_of(1), "x.pdb:12");
  EXPECT_EQ(hints.place_of(2), "");
}

TEST(TemplateMatch, ExplainsMissingHeavyAtoms) {
  const io::PdbStructure pdb = io::read_pdb(data_file("disulfide.pdb"));
  const auto carbonyl = [](const engine::Topology& t, std::size_t n) {
    return t.atoms[n].residue == 3 && t.atoms[n].name == "O";
  };
  EXPECT_EQ(error_of(without(pdb, carbonyl), ff14sb()),
            "no template of amber14/protein.ff14SB.xml matches residue ALA 4 of chain A: the "
            "closest template is ALA: missing 1 O (O)");
}

TEST(TemplateMatch, ComparesResiduesWithTheirOwnKind) {
  // With fewer atoms of their elements than their own template has, residues resemble others:
  // aspartate without an O is threonine without three H, lysine without an amine isoleucine.
  struct Case {
    std::string residue, dropped, explanation;
  };
  const io::PdbStructure pdb = io::read_pdb(data_file("protonated.pdb"));
  const std::string hydrogens = "; add the missing hydrogens to the file first";
  for (const Case& c :
       {Case{"ALA 1", "HB2", "NALA: missing 1 H" + hydrogens},
        Case{"ASP 2", "O", "ASH: missing 1 O (O)"}, Case{"ASP 2", "O HD2", "ASP: missing 1 O (O)"},
        Case{"GLU 3", "OE1", "GLH: missing 1 O (OE1)"},
        Case{"LYS 4", "NZ", "LYS: missing 1 H and 1 N (NZ, HZ3)"},
        Case{"ILE 5", "HA", "CILE: missing 1 H (HA)" + hydrogens}}) {
    const auto dropped = [&](const engine::Topology& t, std::size_t n) {
      return t.describe_residue(t.atoms[n].residue) == "residue " + c.residue + " of chain A" &&
             (" " + c.dropped + " ").find(" " + t.atoms[n].name + " ") != std::string::npos;
    };
    EXPECT_EQ(error_of(without(pdb, dropped), ff14sb()),
              "no template of amber14/protein.ff14SB.xml matches residue " + c.residue +
                  " of chain A: the closest template is " + c.explanation)
        << c.residue << " without " << c.dropped;
  }
}

TEST(TemplateMatch, ExplainsWrongBondsToOtherResidues) {
  io::PdbStructure pdb = io::read_pdb(data_file("disulfide.pdb"));
  for (std::size_t n = 2; n < pdb.topology.residues.size(); ++n)
    pdb.topology.residues[n].chain_index = 1;
  forcefields::StandardBonds::read({}).add_to(pdb.topology, pdb.positions.chain(0));
  EXPECT_EQ(error_of(pdb.topology, ff14sb()),
            "no template of amber14/protein.ff14SB.xml matches residue CYS 2 of chain A: it has "
            "the atoms of CYM (9 bonds inside, to other residues from N, C); CYX (9 bonds inside, "
            "to other residues from N, SG, C), but 9 bonds inside, to other residues from N, SG; "
            "is an end of the chain not capped, or a TER record missing or misplaced?");
}

TEST(TemplateMatch, ExplainsResiduesWithoutBonds) {
  engine::Topology topology;
  topology.residues.push_back({"LIG", "", 1, "", 0});
  topology.atoms = {{"C1", 6, 0}, {"O1", 8, 0}};
  EXPECT_EQ(error_of(topology, ff14sb()),
            "no template of amber14/protein.ff14SB.xml matches residue LIG 1: it has no bonds: "
            "only standard residues get them by name, others need CONECT records");
  topology.bonds = {{0, 1}};
  EXPECT_EQ(error_of(topology, ff14sb()),
            "no template of amber14/protein.ff14SB.xml matches residue LIG 1: the closest template "
            "is ACE: missing 3 H and 1 C");
  topology.atoms[0].atomic_number = 0;
  EXPECT_EQ(error_of(topology, ff14sb()), "the element of atom C1 of residue LIG 1 is unknown");
}

TEST(TemplateMatch, NamesTheResidueAndNotItsNeighbour) {
  const io::PdbStructure pdb = io::read_pdb(data_file("disulfide.pdb"));
  // Without its N, residue 2 cannot be bonded to residue 1, which is complete.
  const auto nitrogen = [](const engine::Topology& t, std::size_t n) {
    return t.atoms[n].residue == 1 && t.atoms[n].name == "N";
  };
  EXPECT_EQ(error_of(without(pdb, nitrogen), ff14sb()),
            "no template of amber14/protein.ff14SB.xml matches residue CYS 2 of chain A: the "
            "closest template is CYX: missing 1 N (N)");
  // A residue of a name without bonds, in a chain of good ones.
  engine::Topology renamed = pdb.topology;
  renamed.residues[2].name = "XYZ";
  forcefields::StandardBonds::read({}).add_to(renamed, pdb.positions.chain(0));
  EXPECT_THAT(error_of(renamed, ff14sb()),
              testing::StartsWith("no template of amber14/protein.ff14SB.xml matches residue XYZ 3 "
                                  "of chain A: it has no bonds"));
}

TEST(TemplateMatch, NamesTheAtomsThatAreTooMany) {
  io::PdbStructure pdb = read_with_bonds(data_file("disulfide.pdb"));
  engine::Topology& topology = pdb.topology;
  topology.atoms.push_back({"HX", 1, topology.residues.size() - 1});
  topology.bonds.push_back({topology.n_atoms() - 2, topology.n_atoms() - 1});
  EXPECT_THAT(error_of(topology, ff14sb()), testing::EndsWith(" too many by 1 H (HX)"));
}

TEST(TemplateMatch, NamesTheRecordThatSpoilsAResidue) {
  io::PdbStructure pdb = read_with_bonds(data_file("disulfide.pdb"));
  const auto atom = [&](std::size_t residue, const std::string& name) {
    for (std::size_t n = 0; n < pdb.topology.n_atoms(); ++n)
      if (pdb.topology.atoms[n].residue == residue && pdb.topology.atoms[n].name == name) return n;
    return pdb.topology.n_atoms();
  };
  const forcefields::RecordedBond wrong{atom(2, "O"), atom(1, "N"), "x.pdb:7: the CONECT record"};
  pdb.topology.bonds.push_back({wrong.first, wrong.second});
  forcefields::SystemOptions options;
  options.hints.recorded_bonds = {wrong};
  const std::string first = pdb.topology.describe_atom(wrong.first);
  EXPECT_EQ(error_of(pdb.topology, ff14sb(), options),
            "x.pdb:7: the CONECT record bonds " + first +
                " and atom N of residue CYS 2 of chain A; with it no template of "
                "amber14/protein.ff14SB.xml matches residue CYS 2 of chain A, without it one "
                "does: is the record wrong?");
  // Two records, neither of which is enough to blame.
  const forcefields::RecordedBond other{atom(3, "O"), atom(1, "N"), "x.pdb:8: the CONECT record"};
  pdb.topology.bonds.push_back({other.first, other.second});
  options.hints.recorded_bonds = {wrong, other};
  EXPECT_EQ(error_of(pdb.topology, ff14sb(), options),
            "x.pdb:7: the CONECT record bonds " + first +
                " and atom N of residue CYS 2 of chain A (and 1 more, the next x.pdb:8: the CONECT "
                "record); with it no template of amber14/protein.ff14SB.xml matches residue CYS 2 "
                "of chain A, without it one does: is the record wrong?");
}

TEST(StandardBonds, KnowNamesOfDeuterium) {
  engine::Topology water;
  water.residues.push_back({"DOD", "", 1, "", 0});
  water.atoms = {{"O", 8, 0}, {"D1", 1, 0}, {"H2", 1, 0}};
  const std::vector<double> x = {0, 0, 0, 0.1, 0, 0, 0, 0.1, 0};
  forcefields::StandardBonds::read({}).add_to(water, x);
  EXPECT_EQ(water.bonds.size(), 2u);
  // A letter D stands for H only in hydrogens.
  water.atoms[1].atomic_number = 6;
  water.bonds.clear();
  forcefields::StandardBonds::read({}).add_to(water, x);
  EXPECT_EQ(water.bonds.size(), 1u);
}

/// A molecule A-A with one template and all its parameters, parts of which tests leave out.
class SmallForceField : public testing::Test {
 protected:
  SmallForceField() {
    topology_.residues.push_back({"MOL", "", 1, "", 0});
    topology_.atoms = {{"C1", 6, 0}, {"O1", 8, 0}, {"C2", 6, 0}};
    topology_.bonds = {{0, 1}, {1, 2}};
  }
  ForceFieldXml field(const std::string& terms) {
    folder_.write("x.xml", R"(<ForceField><AtomTypes>
      <Type name="c" class="C" element="C" mass="12"/>
      <Type name="o" class="O" element="O" mass="16"/></AtomTypes>
      <Residues><Residue name="MOL"><Atom name="A" type="c"/><Atom name="B" type="o"/>
      <Atom name="C" type="c"/><Bond from="0" to="1"/><Bond from="1" to="2"/></Residue>)" +
                               extra_template_ + "</Residues>" + terms + "</ForceField>");
    return ForceFieldXml::read({"x.xml"}, {folder_.path()});
  }
  const std::string bonds_ =
      "<HarmonicBondForce><Bond class1=\"O\" class2=\"C\" length=\"0.14\" k=\"1\"/>"
      "</HarmonicBondForce>";
  const std::string angles_ =
      "<HarmonicAngleForce><Angle class1=\"C\" class2=\"O\" class3=\"C\" angle=\"2\" k=\"1\"/>"
      "</HarmonicAngleForce>";
  const std::string nonbonded_ =
      "<NonbondedForce coulomb14scale=\"1\" lj14scale=\"1\">"
      "<Atom type=\"c\" charge=\"0.2\" sigma=\"0.3\" epsilon=\"1\"/>"
      "<Atom type=\"o\" charge=\"-0.4\" sigma=\"0.3\" epsilon=\"1\"/></NonbondedForce>";
  std::string extra_template_;
  engine::Topology topology_;
  TemporaryFolder folder_;
};

TEST_F(SmallForceField, GivesEachTermOnce) {
  const auto system =
      forcefields::create_system(topology_, field(bonds_ + angles_ + nonbonded_), {});
  EXPECT_EQ(system.masses, (std::vector<double>{12.0, 16.0, 12.0}));
  EXPECT_EQ(system.bonds.size(), 2u);
  EXPECT_EQ(system.angles.size(), 1u);
  EXPECT_TRUE(system.torsions.empty());
  EXPECT_EQ(system.nonbonded->exceptions.size(), 3u);
  EXPECT_EQ(system.nonbonded->reaction_field_dielectric, 78.3);
  EXPECT_FALSE(system.implicit_solvent.has_value());
}

TEST_F(SmallForceField, TakesMassesOfIsotopesBeforeItSharesThem) {
  topology_.atoms[0].atomic_number = topology_.atoms[2].atomic_number = 1;
  const std::string field_text = R"(<ForceField><AtomTypes>
      <Type name="h" class="H" element="D" mass="1.008"/>
      <Type name="o" class="O" element="O" mass="16"/></AtomTypes>
      <Residues><Residue name="MOL"><Atom name="A" type="h"/><Atom name="B" type="o"/>
      <Atom name="C" type="h"/><Bond from="0" to="1"/><Bond from="1" to="2"/></Residue></Residues>
      <HarmonicBondForce><Bond class1="O" class2="H" length="0.1" k="1"/></HarmonicBondForce>
      <HarmonicAngleForce><Angle class1="H" class2="O" class3="H" angle="2" k="1"/>
      </HarmonicAngleForce></ForceField>)";
  folder_.write("d.xml", field_text);
  const ForceFieldXml field = ForceFieldXml::read({"d.xml"}, {folder_.path()});
  forcefields::SystemOptions options;
  options.isotope_masses_dalton = {2.014, 0.0, 3.016};
  EXPECT_EQ(forcefields::create_system(topology_, field, options).masses,
            (std::vector<double>{2.014, 16.0, 3.016}));
}

TEST_F(SmallForceField, ReportsMissingParameters) {
  EXPECT_EQ(error_of(topology_, field(angles_)),
            "x.xml has no bond parameters for atom C1 of residue MOL 1 (type c, class C) and atom "
            "O1 of residue MOL 1 (type o, class O)");
  EXPECT_EQ(error_of(topology_, field(bonds_)),
            "x.xml has no angle parameters for atom C1 of residue MOL 1 (type c, class C), atom O1 "
            "of residue MOL 1 (type o, class O) and atom C2 of residue MOL 1 (type c, class C)");
  EXPECT_EQ(error_of(topology_, field(bonds_ + angles_ +
                                      "<NonbondedForce coulomb14scale=\"1\" lj14scale=\"1\">"
                                      "<Atom type=\"c\" charge=\"0\" sigma=\"0.3\" epsilon=\"1\"/>"
                                      "</NonbondedForce>")),
            "x.xml: <NonbondedForce> has no parameters for atom type 'o', needed for atom O1 of "
            "residue MOL 1");
  EXPECT_EQ(error_of(topology_,
                     field(bonds_ + angles_ +
                           "<NonbondedForce coulomb14scale=\"1\" lj14scale=\"1\">"
                           "<UseAttributeFromResidue name=\"charge\"/>"
                           "<Atom class=\"C\" sigma=\"0.3\" epsilon=\"1\"/></NonbondedForce>")),
            "x.xml: <NonbondedForce> takes 'charge' from the residue template, but atom A of type "
            "'c' has none there, needed for atom C1 of residue MOL 1");
}

TEST_F(SmallForceField, ReportsTemplatesThatContradictEachOther) {
  extra_template_ =
      "<Residue name=\"TWO\"><Atom name=\"A\" type=\"c\" charge=\"1\"/><Atom name=\"B\" "
      "type=\"o\"/>"
      "<Atom name=\"C\" type=\"c\"/><Bond from=\"0\" to=\"1\"/><Bond from=\"1\" "
      "to=\"2\"/></Residue>";
  EXPECT_EQ(error_of(topology_, field(bonds_ + angles_)),
            "residue MOL 1 matches templates MOL and TWO of x.xml, which give it different "
            "parameters");
}

TEST_F(SmallForceField, ReportsImpossibleOptions) {
  const std::string all = bonds_ + angles_ + nonbonded_;
  forcefields::SystemOptions options;
  options.molecule.implicit_solvent = engine::GeneralizedBornModel::kObc2;
  EXPECT_EQ(error_of(topology_, field(bonds_ + angles_), options),
            "an implicit solvent is chosen, but x.xml has no <NonbondedForce> to take charges "
            "from");
  const std::string native =
      "<GBSAOBCForce><Atom class=\"C\" charge=\"0\" radius=\"0.17\" scale=\"0.7\"/>"
      "<Atom class=\"O\" charge=\"0\" radius=\"0.15\" scale=\"0.8\"/></GBSAOBCForce>";
  EXPECT_EQ(error_of(topology_, field(all + native), options),
            "an implicit solvent is chosen, but x.xml brings its own (GBSAOBCForce); leave one of "
            "them out");
  options.molecule.solvent.solvent_dielectric = 0.0;
  EXPECT_EQ(error_of(topology_, field(all), options),
            "implicit solvent: solvent_dielectric must be positive, got 0.000000");
}

TEST(RigidWater, IsThreeConstraints) {
  engine::Topology water;
  water.residues.push_back({"HOH", "", 1, "", 0});
  water.atoms = {{"O", 8, 0}, {"H1", 1, 0}, {"H2", 1, 0}};
  water.bonds = {{0, 1}, {0, 2}};
  const auto tip3p = ForceFieldXml::read({"tip3p.xml"}, {});
  forcefields::SystemOptions options;
  EXPECT_EQ(forcefields::create_system(water, tip3p, options).bonds.size(), 2u);
  options.molecule.rigid_water = true;
  const auto system = forcefields::create_system(water, tip3p, options);
  EXPECT_TRUE(system.bonds.empty());
  EXPECT_TRUE(system.angles.empty());
  ASSERT_EQ(system.constraints.size(), 3u);
  // The H-H distance of TIP3P.
  EXPECT_NEAR(system.constraints[2].distance_nm, 0.15139, 1e-5);
  // Whatever its name.
  water.residues[0].name = "MOL";
  EXPECT_EQ(forcefields::create_system(water, tip3p, options).constraints.size(), 3u);
}

}  // namespace
}  // namespace saltus::tests
