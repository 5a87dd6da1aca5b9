// Oracle: files written by OpenMM 7.7's XmlSerializer and the energies and forces its Reference
// platform gives for them (tests/forcefields/data/README.md); exact messages for edited files.
#include "forcefields/openmm/system_xml.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/openmm/openmm_energy.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using forcefields::read_system_xml;
using forcefields::SystemXml;

void expect_reference(const engine::DecomposableEnergy& energy, const std::string& name) {
  constexpr double energy_tolerance = 1e-6, force_tolerance = 1e-5;
  const ReferenceData reference(data_path(name + ".xml.reference"));
  const std::vector<double>& x = reference["positions"];
  const engine::ConstCoordinates view = {x.data(), 1, energy.n_atoms()};
  const std::pair<const char*, const char*> names[] = {{"bonds", "xml.HarmonicBondForce"},
                                                       {"angles", "xml.HarmonicAngleForce"},
                                                       {"torsions", "xml.PeriodicTorsionForce"},
                                                       {"nonbonded", "xml.NonbondedForce"},
                                                       {"implicit_solvent", "xml.GBSAOBCForce"}};
  const auto terms = energy.terms(view);
  ASSERT_EQ(terms.size(), std::size(names));
  for (std::size_t n = 0; n < terms.size(); ++n) {
    EXPECT_EQ(terms[n].name, names[n].first);
    EXPECT_NEAR(terms[n].energy, reference[names[n].second][0], energy_tolerance) << terms[n].name;
  }
  std::vector<double> total(1), forces(x.size());
  energy.evaluate(view, total, forces);
  EXPECT_NEAR(total[0], reference["xml.total"][0], energy_tolerance);
  for (std::size_t n = 0; n < forces.size(); ++n)
    EXPECT_NEAR(forces[n], reference["xml.forces"][n], force_tolerance) << "component " << n;
}

class SystemXmlFiles : public testing::TestWithParam<const char*> {};

TEST_P(SystemXmlFiles, GiveOpenMMsEnergies) {
  const SystemXml xml = read_system_xml(data_path(std::string(GetParam()) + ".xml"));
  // The references have ten digits; energies reach 10^3 kJ/mol, forces 10^4 kJ/mol/nm.
  expect_reference(forcefields::OpenMMEnergy(xml.system, {"Reference", 0}), GetParam());
  expect_reference(engine::PlainEnergy(xml.system, nullptr), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Both, SystemXmlFiles, testing::Values("alanine_dipeptide", "RE_cutoff"));

TEST(SystemXml, ConstraintsMassesAndMethods) {
  const SystemXml ala = read_system_xml(data_path("alanine_dipeptide.xml"));
  EXPECT_EQ(ala.system.constraints.size(), 12u);
  EXPECT_EQ(ala.system.bonds.size(), 9u);
  EXPECT_DOUBLE_EQ(ala.system.constraints[7].distance_nm, 0.101);
  EXPECT_DOUBLE_EQ(ala.system.masses[6], 14.00672);
  EXPECT_EQ(ala.system.nonbonded->method, engine::NonbondedMethod::kNoCutoff);
  EXPECT_EQ(ala.system.implicit_solvent->cutoff_nm, 0.0);
  EXPECT_DOUBLE_EQ(ala.system.implicit_solvent->solvent_dielectric, 78.3);
  const SystemXml re = read_system_xml(data_path("RE_cutoff.xml"));
  EXPECT_EQ(re.system.nonbonded->method, engine::NonbondedMethod::kCutoffNonPeriodic);
  EXPECT_DOUBLE_EQ(re.system.nonbonded->cutoff_nm, 0.6);
  EXPECT_DOUBLE_EQ(re.system.nonbonded->reaction_field_dielectric, 1.0);
  EXPECT_DOUBLE_EQ(re.system.implicit_solvent->cutoff_nm, 0.6);
}

TEST(SystemXml, NotesTheMotionRemoverItDrops) {
  const std::string path = data_path("alanine_dipeptide.xml");
  EXPECT_EQ(read_system_xml(path).notes,
            (std::vector<std::string>{
                path + ":301: CMMotionRemover dropped; Saltus never removes the motion of the "
                       "centre of mass"}));
}

std::string good_text() { return read_text(data_path("alanine_dipeptide.xml")); }

const char* const kSecondBondForce =
    "<Force forceGroup=\"0\" name=\"x\" type=\"HarmonicBondForce\" usesPeriodic=\"0\" "
    "version=\"2\"><Bonds><Bond d=\".2\" k=\"5\" p1=\"0\" p2=\"21\"/></Bonds></Force>";

TEST(SystemXml, ForcesOfOneKindAreMerged) {
  const std::string path = write_text(
      testing::TempDir(), "two.xml",
      with_replaced(good_text(), "</Forces>", std::string(kSecondBondForce) + "</Forces>"));
  const engine::System system = read_system_xml(path).system;
  ASSERT_EQ(system.bonds.size(), 10u);
  EXPECT_EQ(system.bonds[9].j, 21u);
  EXPECT_DOUBLE_EQ(system.bonds[9].k, 5.0);
}

/// What read_system_xml says about `text`, from the file's name on.
std::string message_about(const std::string& text) {
  const std::string path = write_text(testing::TempDir(), "bad.xml", text);
  const std::string message = message_of<engine::InputError>([&] { read_system_xml(path); });
  return message.substr(message.find("bad.xml"));
}

std::string message_after(const std::string& from, const std::string& to) {
  return message_about(with_replaced(good_text(), from, to));
}

TEST(SystemXmlErrors, MissingFile) {
  EXPECT_EQ(message_of<engine::FileError>([] { read_system_xml("/no/such.xml"); }),
            "/no/such.xml: cannot be opened for reading");
}

TEST(SystemXmlErrors, NoXml) {
  EXPECT_EQ(message_about("hello"), "bad.xml:1:6: not XML: No document element found");
  EXPECT_EQ(message_about(""), "bad.xml:1:1: not XML: No document element found");
}

TEST(SystemXmlErrors, CutShort) {
  const std::string text = good_text();
  EXPECT_EQ(message_about(text.substr(0, text.find("<Constraint d="))),
            "bad.xml:33:4: not XML: Start-end tags mismatch");
}

TEST(SystemXmlErrors, AnyCutOffOrDamagedFileIsAnErrorOrASystem) {
  const std::string text = good_text();
  const std::string path = testing::TempDir() + "damaged.xml";
  const std::size_t after_root = text.find("</System>") + 9;
  for (std::size_t n = 0; n < text.size(); n += 151) {
    write_text("", path, text.substr(0, n));
    if (n < after_root) {
      EXPECT_THROW(read_system_xml(path), engine::InputError) << "cut at " << n;
    }
    std::string damaged = text;
    damaged[n] = "9-\"< "[n % 5];
    write_text("", path, damaged);
    try {
      read_system_xml(path);
    } catch (const engine::InputError& error) {
      EXPECT_EQ(std::string(error.what()).find(path), 0u);
    }
  }
}

TEST(SystemXmlErrors, OtherRoots) {
  EXPECT_EQ(message_about("<ForceField>\n</ForceField>\n"),
            "bad.xml:1: <ForceField>: expected an OpenMM <System>; this is a force field; give it "
            "as a force-field file together with a structure");
  EXPECT_EQ(message_about("<State type=\"State\"/>"),
            "bad.xml:1: <State>: expected an OpenMM <System>; this is an OpenMM State (positions "
            "and velocities); write the System itself with XmlSerializer.serialize(system)");
  EXPECT_EQ(message_about("<html/>"),
            "bad.xml:1: <html>: expected an OpenMM <System>; write one with "
            "XmlSerializer.serialize(system)");
}

TEST(SystemXmlErrors, NumbersThatAreNone) {
  EXPECT_EQ(message_after("mass=\"12.01078\"", "mass=\"heavy\""),
            "bad.xml:10: <Particle>: attribute 'mass' is 'heavy', expected a number");
  EXPECT_EQ(message_after("mass=\"12.01078\"", "moss=\"12.01078\""),
            "bad.xml:10: <Particle>: attribute 'moss' is not known here, expected one of: mass");
  EXPECT_EQ(message_after("<Constraint d=\".109\" p1=\"1\"", "<Constraint d=\".109\" p1=\"-1\""),
            "bad.xml:33: <Constraint>: attribute 'p1' is -1, expected the index of one of 22 "
            "atoms, counted from 0");
}

TEST(SystemXmlErrors, UnsupportedForces) {
  const auto message_for = [](const std::string& type) {
    return message_after("type=\"CMMotionRemover\"", "type=\"" + type + "\"").substr(13);
  };
  EXPECT_EQ(message_for("MonteCarloBarostat"),
            "<Force>: MonteCarloBarostat is not supported; the moves of Saltus set the ensemble "
            "(pressure with a move \"volume\"); remove it before writing the file");
  EXPECT_EQ(message_for("RBTorsionForce"),
            "<Force>: RBTorsionForce is not supported; write its torsions as a "
            "PeriodicTorsionForce (a sum of cosines of 1 to 5 times the angle)");
  EXPECT_EQ(message_for("System"),
            "<Force>: System is not supported; remove it before writing the file, or express it "
            "by the supported forces");
}

TEST(SystemXmlErrors, PeriodicImplicitSolvent) {
  std::string text = read_text(data_path("RE_cutoff.xml"));
  const std::string message = message_about(with_replaced(
      text, "method=\"1\" name=\"GBSAOBCForce\"", "method=\"2\" name=\"GBSAOBCForce\""));
  EXPECT_EQ(message.substr(message.find('<')),
            "<Force>: method 2 (CutoffPeriodic) is not supported for an implicit solvent, which "
            "fills no box; write it with NoCutoff or CutoffNonPeriodic");
}

TEST(SystemXml, SwitchingWithoutABox) {
  std::string text = with_replaced(read_text(data_path("RE_cutoff.xml")),
                                   "useSwitchingFunction=\"0\"", "useSwitchingFunction=\"1\"");
  const std::size_t first = text.find("switchingDistance=\"");
  text.replace(first, text.find(' ', first) - first, "switchingDistance=\".5\"");
  const engine::System system =
      read_system_xml(write_text(testing::TempDir(), "switched.xml", text)).system;
  ASSERT_TRUE(system.nonbonded.has_value());
  EXPECT_EQ(system.nonbonded->switching_distance_nm, 0.5);
  EXPECT_FALSE(system.nonbonded->long_range_correction);
  EXPECT_FALSE(system.box.has_value());
}

TEST(SystemXmlErrors, VirtualSites) {
  EXPECT_EQ(message_after("<Particle mass=\"12.01078\"/>",
                          "<Particle mass=\"0\"><TwoParticleAverage p1=\"0\" p2=\"2\" w1=\".5\" "
                          "w2=\".5\"/></Particle>"),
            "bad.xml:10: <TwoParticleAverage>: no virtual site that is known; expected "
            "TwoParticleAverageSite, ThreeParticleAverageSite, OutOfPlaneSite or "
            "LocalCoordinatesSite");
}

TEST(SystemXmlErrors, OffsetsOfParameters) {
  EXPECT_EQ(message_after("<ParticleOffsets/>",
                          "<ParticleOffsets><Offset parameter=\"a\" particle=\"0\" q=\"1\" "
                          "sig=\"0\" eps=\"0\"/></ParticleOffsets>"),
            "bad.xml:148: <ParticleOffsets>: parameters that change with a global one are not "
            "supported");
}

TEST(SystemXmlErrors, SecondNonbondedForce) {
  const std::string text = good_text();
  const std::size_t first = text.find("<Force alpha=");
  const std::size_t end = text.find("</Force>", first) + 8;
  EXPECT_EQ(message_about(std::string(text).insert(end, text.substr(first, end - first))),
            "bad.xml:274: <Force>: a second NonbondedForce; the two cannot be merged");
}

TEST(SystemXmlErrors, MissingParts) {
  std::string text = good_text();
  const std::size_t first = text.find("<Bonds>");
  text.erase(first, text.find("</Bonds>") + 8 - first);
  EXPECT_EQ(message_about(text), "bad.xml:47: <Force>: has 0 <Bonds> inside, expected one");
  EXPECT_EQ(message_about("<System><Constraints/><Forces/></System>"),
            "bad.xml:1: <System>: has 0 <Particles> inside, expected one");
}

TEST(SystemXmlErrors, WrongNumberOfParticles) {
  std::string text = good_text();
  const std::size_t first = text.find("<Particle eps=");
  text.erase(first, text.find("/>", first) + 2 - first);
  EXPECT_EQ(message_about(text), "bad.xml: nonbonded: 21 particles given, the system has 22 atoms");
}

}  // namespace
}  // namespace saltus::tests
