// Oracle: energies, exceptions, constraints and positions of sites that OpenMM 7.7 gives (Python's
// ForceField, Reference platform, no cutoff; make_water_references.py in the folder of the data)
// for the same structures and files, and exact messages.

#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/reference/plain_energy.h"
#include "engine/system/elements.h"
#include "forcefields/ffxml/add_missing_virtual_sites.h"
#include "forcefields/ffxml/create_system.h"
#include "saltus_test_paths.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using engine::InputError;
using engine::Topology;
using forcefields::ForceFieldXml;

/// A structure without virtual sites.
struct Structure {
  Topology topology;
  std::vector<double> positions;

  void add_residue(const std::string& name, const std::vector<std::string>& atoms,
                   const std::vector<double>& x) {
    const auto number = static_cast<int>(topology.residues.size()) + 1;
    topology.residues.push_back({name, "A", number, "", 0});
    for (const std::string& atom : atoms) {
      std::string symbol = atom;
      while (engine::atomic_number_of(symbol) == 0) symbol.pop_back();
      topology.atoms.push_back(
          {atom, engine::atomic_number_of(symbol), topology.residues.size() - 1});
    }
    positions.insert(positions.end(), x.begin(), x.end());
  }
  void add_water(const std::vector<double>& x) {
    const std::size_t oxygen = topology.n_atoms();
    add_residue("HOH", {"O", "H1", "H2"}, x);
    topology.bonds.push_back({oxygen, oxygen + 1});
    topology.bonds.push_back({oxygen, oxygen + 2});
  }
};

/// Two waters, and perhaps two ions.
Structure waters(const std::vector<std::string>& ions) {
  Structure s;
  s.add_water({0.0, 0.0, 0.0, 0.0957, 0.0, 0.0, -0.024, 0.0927, 0.0});
  s.add_water({0.2801, 0.0102, -0.0203, 0.3041, 0.0757, 0.0453, 0.3102, -0.0553, 0.0449});
  const std::vector<std::vector<double>> places = {{-0.05, -0.23, 0.03}, {0.1, 0.3, 0.2}};
  for (std::size_t n = 0; n < ions.size(); ++n) s.add_residue(ions[n], {ions[n]}, places[n]);
  return s;
}

forcefields::SystemOptions flexible() { return {}; }

forcefields::SystemOptions rigid() {
  forcefields::SystemOptions options;
  options.molecule.rigid_water = true;
  return options;
}

std::vector<engine::EnergyTerm> terms_of(const engine::System& system,
                                         const std::vector<double>& positions) {
  return engine::PlainEnergy(system, nullptr).terms({positions.data(), 1, system.n_atoms()});
}

double term(const std::vector<engine::EnergyTerm>& terms, const std::string& name) {
  for (const engine::EnergyTerm& candidate : terms)
    if (candidate.name == name) return candidate.energy;
  ADD_FAILURE() << "no " << name;
  return 0.0;
}

struct WaterCase {
  std::string file;
  std::vector<std::string> ions;
  std::size_t n_sites;  ///< of each water
  double bonds, angles, nonbonded;
};

class Waters : public testing::TestWithParam<WaterCase> {};

TEST_P(Waters, HaveTheEnergiesOfOpenMM) {
  const WaterCase& expected = GetParam();
  const ForceFieldXml field = ForceFieldXml::read({expected.file}, {});
  Structure s = waters(expected.ions);
  const auto added = forcefields::add_missing_virtual_sites(field, s.topology, s.positions);
  EXPECT_EQ(added.n_sites, 2 * expected.n_sites);
  EXPECT_EQ(added.n_residues, expected.n_sites > 0 ? 2u : 0u);
  const engine::System system = forcefields::create_system(s.topology, field, flexible());
  EXPECT_EQ(system.virtual_sites.size(), 2 * expected.n_sites);
  EXPECT_EQ(engine::frozen_atoms(system).size(), 0u);
  const auto terms = terms_of(system, s.positions);
  // OpenMM's numbers have 10 decimals.
  EXPECT_NEAR(term(terms, "bonds"), expected.bonds, 1e-8 * tolerance_scale());
  EXPECT_NEAR(term(terms, "angles"), expected.angles, 1e-8 * tolerance_scale());
  EXPECT_NEAR(term(terms, "nonbonded"), expected.nonbonded, 1e-8 * tolerance_scale());
  // All pairs within a water are excluded.
  const std::size_t n = 3 + expected.n_sites;
  EXPECT_EQ(system.nonbonded->exceptions.size(), n * (n - 1));
  for (const engine::NonbondedException& e : system.nonbonded->exceptions) {
    EXPECT_EQ(e.charge_product, 0.0);
    EXPECT_EQ(e.epsilon, 0.0);
  }
}

TEST_P(Waters, AreRigidByThreeConstraintsOfRealAtoms) {
  const ForceFieldXml field = ForceFieldXml::read({GetParam().file}, {});
  Structure s = waters(GetParam().ions);
  forcefields::add_missing_virtual_sites(field, s.topology, s.positions);
  const engine::System system = forcefields::create_system(s.topology, field, rigid());
  EXPECT_EQ(system.constraints.size(), 6u);
  EXPECT_TRUE(system.bonds.empty());
  EXPECT_TRUE(system.angles.empty());
  for (const engine::Constraint& c : system.constraints)
    for (const std::size_t atom : {c.i, c.j}) EXPECT_GT(system.masses[atom], 0.0);
}

// Of make_water_references.py: HarmonicBondForce, HarmonicAngleForce, NonbondedForce, kJ/mol.
INSTANTIATE_TEST_SUITE_P(
    Files, Waters,
    testing::Values(
        WaterCase{"tip3p.xml", {}, 0, 0.5056383790, 45.4811099071, -16.5458437263},
        WaterCase{"spce.xml", {}, 0, 14.4256658078, 75.5684938759, -16.6943350314},
        WaterCase{"tip3pfb.xml", {}, 0, 24.2364209375, 66.3134109274, -16.3270067718},
        WaterCase{"tip4pew.xml", {}, 1, 0.5056383790, 45.4811099071, -20.7205881549},
        WaterCase{"tip4pfb.xml", {}, 1, 0.5056383790, 45.4811099071, -21.4673465582},
        WaterCase{"tip5p.xml", {}, 2, 0.5056383790, 45.4811099071, -16.3188188331},
        WaterCase{
            "amber14/tip3p.xml", {"Na", "Cl"}, 0, 0.5056383790, 45.4811099071, -413.1836559089},
        WaterCase{
            "amber14/spce.xml", {"Na", "Cl"}, 0, 14.4256658078, 75.5684938759, -416.3562708538},
        WaterCase{
            "amber14/tip3pfb.xml", {"K", "Br"}, 0, 24.2364209375, 66.3134109274, -364.8251131154},
        WaterCase{
            "amber14/tip4pew.xml", {"Na", "Cl"}, 1, 0.5056383790, 45.4811099071, -416.0582132768},
        WaterCase{
            "amber14/tip4pfb.xml", {"Mg", "Cl"}, 1, 0.5056383790, 45.4811099071, -783.4456508769}));

TEST(WaterFiles, OfPolarisableModelsAreRefusedByName) {
  const std::string message =
      message_of<InputError>([] { ForceFieldXml::read({"swm4ndp.xml"}, {}); });
  EXPECT_NE(message.find("<DrudeForce>"), std::string::npos) << message;
}

std::string sites_file() {
  return std::string(SALTUS_TEST_SOURCE_DIR) + "/tests/forcefields/data/ffxml/sites.xml";
}

std::string sites_text() { return content_of(sites_file()); }

Structure ligand() {
  Structure s;
  s.add_residue("LIG", {"C1", "O1", "C2", "H1"},
                {0.0, 0.0, 0.0, 0.14, 0.01, 0.0, 0.19, 0.14, 0.02, 0.29, 0.15, 0.06});
  s.topology.bonds = {{0, 1}, {1, 2}, {2, 3}};
  return s;
}

TEST(VirtualSites, ShareExclusionsAsInOpenMM) {
  const ForceFieldXml field = ForceFieldXml::read({sites_file()}, {});
  Structure s = ligand();
  forcefields::add_missing_virtual_sites(field, s.topology, s.positions);
  const engine::System system = forcefields::create_system(s.topology, field, {});
  EXPECT_NEAR(s.positions[12], 0.175, 1e-15 * tolerance_scale());
  EXPECT_NEAR(s.positions[13], 0.0125, 1e-15 * tolerance_scale());
  EXPECT_NEAR(s.positions[14], 0.0, 1e-15 * tolerance_scale());
  EXPECT_NEAR(s.positions[15], 0.17079172749704732, 1e-15 * tolerance_scale());
  EXPECT_NEAR(s.positions[16], -0.010213368455192048, 1e-15 * tolerance_scale());
  EXPECT_NEAR(s.positions[17], 0.006579456926086404, 1e-15 * tolerance_scale());
  const auto& exceptions = system.nonbonded->exceptions;
  EXPECT_EQ(exceptions.size(), 15u) << "all pairs";
  for (const engine::NonbondedException& e : exceptions) {
    // E2 (atom 5) is as far from C1 as H1 is, three bonds.
    const bool scaled = e.i == 0 && (e.j == 3 || e.j == 5);
    EXPECT_NEAR(e.charge_product, scaled ? (e.j == 3 ? 0.01 : 0.015) : 0.0,
                1e-15 * tolerance_scale());
    EXPECT_NEAR(e.epsilon, scaled ? (e.j == 3 ? 0.05 : 0.03535533905932738) : 0.0,
                1e-15 * tolerance_scale());
  }
}

/// The message for the file with one text put in place of another.
std::string refusal(const std::string& text, const std::string& replacement) {
  TemporaryFolder folder;
  std::string content = sites_text();
  const std::size_t at = content.find(text);
  EXPECT_NE(at, std::string::npos) << text;
  content.replace(at, text.size(), replacement);
  const std::string file = folder.write("x.xml", content);
  std::string message = message_of<InputError>([&] { ForceFieldXml::read({file}, {}); });
  EXPECT_EQ(message.rfind(file + ":", 0), 0u) << message;
  return message.substr(std::min(message.size(), file.size() + 1));
}

TEST(VirtualSites, BadOnesAreRefusedWithTheirLine) {
  EXPECT_EQ(refusal("\"average2\"", "\"average4\""),
            "16: <VirtualSite>: virtual sites of type 'average4' are not supported, expected "
            "average2, average3, outOfPlane or localCoords");
  EXPECT_EQ(
      refusal("weight2=\"-0.25\"", "weight2=\"0.25\""),
      "16: <VirtualSite>: residue LIG, virtual site 0: the weights add up to 1.5, expected 1");
  EXPECT_EQ(refusal("weight2=\"-0.25\"", "weight3=\"0.25\""),
            "16: <VirtualSite>: attribute 'weight2' is missing");
  EXPECT_EQ(refusal("weight2=\"-0.25\"", "weight2=\"-0.25\" weight3=\"0\""),
            "16: <VirtualSite>: attribute 'weight3' is not known here, expected one of: siteName, "
            "index, atomName1, atom1, atomName2, atom2, weight1, weight2, type, excludeWith");
  EXPECT_EQ(refusal("index=\"4\"", "index=\"3\""),
            "16: <VirtualSite>: residue LIG, virtual site 0: atom 3 has the mass 1, expected 0");
  EXPECT_EQ(refusal("siteName=\"E2\"", "siteName=\"E1\""),
            "17: <VirtualSite>: residue LIG, virtual site 1: atom 4 is a virtual site already");
  EXPECT_EQ(refusal("atomName1=\"C1\"", "atomName1=\"E1\""),
            "17: <VirtualSite>: residue LIG, virtual site 1: parent 4 is a virtual site itself");
  EXPECT_EQ(refusal("excludeWith=\"3\"", "excludeWith=\"4\""),
            "9: <Residue>: residue LIG: atom E2 has excludeWith E1, a virtual site; expected an "
            "atom that is none");
}

TEST(MissingSites, AreAddedAtTheEndOfTheirResidues) {
  const ForceFieldXml field = ForceFieldXml::read({"amber14/tip4pew.xml"}, {});
  Structure s = waters({"Na"});
  const Structure before = s;
  const auto added = forcefields::add_missing_virtual_sites(field, s.topology, s.positions);
  EXPECT_EQ(added.new_index, (std::vector<std::size_t>{0, 1, 2, 4, 5, 6, 8}));
  EXPECT_EQ(added.n_atoms, 9u);
  EXPECT_EQ(added.n_residues, 2u);
  EXPECT_EQ(added.n_sites, 2u);
  EXPECT_EQ(added.moved(std::vector<double>{1, 2, 3, 4, 5, 6, 7}, -1.0),
            (std::vector<double>{1, 2, 3, -1, 4, 5, 6, -1, 7}));
  ASSERT_EQ(s.topology.n_atoms(), 9u);
  for (const std::size_t site : {3u, 7u}) {
    EXPECT_EQ(s.topology.atoms[site].name, "M");
    EXPECT_EQ(s.topology.atoms[site].atomic_number, 0);
    EXPECT_EQ(s.topology.atoms[site].residue, site / 4);
  }
  EXPECT_EQ(s.topology.residues.size(), 3u);
  EXPECT_EQ(s.topology.atoms[8].residue, 2u);
  ASSERT_EQ(s.topology.bonds.size(), 4u);
  EXPECT_EQ(s.topology.bonds[3].first, 4u);
  EXPECT_EQ(s.topology.bonds[3].second, 6u);
  for (std::size_t atom = 0; atom < 7; ++atom)
    for (std::size_t d = 0; d < 3; ++d)
      EXPECT_EQ(s.positions[3 * added.new_index[atom] + d], before.positions[3 * atom + d]);
  // What has its sites, or fits nothing, stays.
  const Structure complete = s;
  const auto again = forcefields::add_missing_virtual_sites(field, s.topology, s.positions);
  EXPECT_EQ(again.n_sites, 0u);
  EXPECT_EQ(s.positions, complete.positions);
  Structure stranger = ligand();
  EXPECT_EQ(
      forcefields::add_missing_virtual_sites(field, stranger.topology, stranger.positions).n_sites,
      0u);
  EXPECT_EQ(stranger.topology.n_atoms(), 4u);
}

TEST(MissingSites, AreWhereTheSystemPutsThem) {
  // Hydrogens before the oxygen: which of them is H1 decides on which side M1 is.
  const ForceFieldXml field = ForceFieldXml::read({"tip5p.xml"}, {});
  Structure s;
  s.add_residue("HOH", {"H2", "O", "H1"}, {-0.024, 0.0927, 0.0, 0.0, 0.0, 0.0, 0.0957, 0.0, 0.0});
  s.topology.bonds = {{0, 1}, {1, 2}};
  forcefields::add_missing_virtual_sites(field, s.topology, s.positions);
  const engine::System system = forcefields::create_system(s.topology, field, {});
  std::vector<double> placed = s.positions;
  engine::place_virtual_sites(system.virtual_sites, placed);
  EXPECT_EQ(placed, s.positions);
  EXPECT_GT(std::abs(s.positions[11] - s.positions[14]), 0.1) << "on either side of the plane";
}

TEST(MissingSites, KeepTheirNamesApartWhateverTheirOrder) {
  const ForceFieldXml field = ForceFieldXml::read({"tip5p.xml"}, {});
  Structure s;
  s.add_water({0.0, 0.0, 0.0, 0.0957, 0.0, 0.0, -0.024, 0.0927, 0.0});
  forcefields::add_missing_virtual_sites(field, s.topology, s.positions);
  const engine::System named = forcefields::create_system(s.topology, field, {});
  std::swap(s.topology.atoms[3].name, s.topology.atoms[4].name);
  const engine::System swapped = forcefields::create_system(s.topology, field, {});
  EXPECT_EQ(named.virtual_sites[0].weights[2], -6.4437903);
  EXPECT_EQ(swapped.virtual_sites[0].weights[2], 6.4437903);
  // Names that the template does not know are given in order.
  s.topology.atoms[3].name = "LP1";
  s.topology.atoms[4].name = "LP2";
  EXPECT_EQ(forcefields::create_system(s.topology, field, {}).virtual_sites[0].weights[2],
            -6.4437903);
}

TEST(MissingSites, OfTwoTemplatesAreRefused) {
  TemporaryFolder folder;
  std::string content = sites_text();
  const std::size_t begin = content.find("  <Residue "), end = content.find(" </Residues>");
  std::string second = content.substr(begin, end - begin);
  second.replace(second.find("LIG"), 3, "TWO");
  const std::string file = folder.write("x.xml", content.insert(end, second));
  const ForceFieldXml field = ForceFieldXml::read({file}, {});
  Structure s = ligand();
  EXPECT_EQ(message_of<InputError>(
                [&] { forcefields::add_missing_virtual_sites(field, s.topology, s.positions); }),
            "residue LIG 1 of chain A fits templates LIG and TWO of " + file +
                " but for their virtual sites; leave one of the two force fields out, or add the "
                "sites to the structure");
}

TEST(Templates, SaySoWhenSitesAreMissingOrTooMany) {
  Structure s = waters({});
  const ForceFieldXml four = ForceFieldXml::read({"tip4pew.xml"}, {});
  const ForceFieldXml three = ForceFieldXml::read({"tip3p.xml"}, {});
  const auto error = [&](const ForceFieldXml& field) {
    return message_of<InputError>([&] { forcefields::create_system(s.topology, field, {}); });
  };
  EXPECT_EQ(error(four),
            "no template of tip4pew.xml matches residue HOH 1 of chain A: the closest template is "
            "HOH: missing 1 extra particle (M); take the force field of the model that the "
            "structure is of, or add the particles to the structure");
  forcefields::add_missing_virtual_sites(four, s.topology, s.positions);
  EXPECT_EQ(error(three),
            "no template of tip3p.xml matches residue HOH 1 of chain A: the closest template is "
            "HOH: too many by 1 extra particle (M); take the force field of the model that the "
            "structure is of, or leave the particles out of the structure");
  // Nor of a model that has other particles.
  const std::string other = error(ForceFieldXml::read({"tip5p.xml"}, {}));
  EXPECT_THAT(other, testing::HasSubstr("no template of tip5p.xml matches residue HOH 1 of chain "
                                        "A: the closest template is HOH: "));
  EXPECT_THAT(other, testing::HasSubstr("take the force field of the model that the structure is "
                                        "of"));
  // An atom whose element a file does not say is no particle of a model.
  s.topology.atoms[0].atomic_number = 0;
  EXPECT_EQ(error(three), "the element of atom O of residue HOH 1 of chain A is unknown");
}

TEST(RigidWater, IsNotThatOfATemplateThatBends) {
  TemporaryFolder folder;
  const std::string path = ForceFieldXml::read({"tip3p.xml"}, {}).files().front();
  std::string content = content_of(path);
  const std::string name = "<Residue name=\"HOH\"";
  content.insert(content.find(name) + name.size(), " rigidWater=\"false\"");
  const ForceFieldXml field = ForceFieldXml::read({folder.write("x.xml", content)}, {});
  const engine::System system = forcefields::create_system(waters({}).topology, field, rigid());
  EXPECT_TRUE(system.constraints.empty());
  EXPECT_EQ(system.bonds.size(), 4u);
}

TEST(LongRangeCorrection, IsThatOfTheForceField) {
  TemporaryFolder folder;
  forcefields::SystemOptions options = rigid();
  options.molecule.nonbonded_method = engine::NonbondedMethod::kPme;
  options.molecule.cutoff_nm = 0.9;
  options.molecule.box = engine::Box({2.0, 2.0, 2.0});
  const std::string path = ForceFieldXml::read({"tip3p.xml"}, {}).files().front();
  const auto with = [&](const std::string& attribute) {
    std::string content = content_of(path);
    const std::string tag = "<NonbondedForce";
    content.insert(content.find(tag) + tag.size(), attribute);
    return ForceFieldXml::read({folder.write("x.xml", content)}, {});
  };
  const auto corrected = [&](const ForceFieldXml& field) {
    return forcefields::create_system(waters({}).topology, field, options)
        .nonbonded->long_range_correction;
  };
  EXPECT_TRUE(corrected(with("")));
  EXPECT_TRUE(corrected(with(" useDispersionCorrection=\"True\"")));
  EXPECT_FALSE(corrected(with(" useDispersionCorrection=\"False\"")));
  options.molecule.long_range_correction = false;
  EXPECT_FALSE(corrected(with("")));
}

}  // namespace
}  // namespace saltus::tests
