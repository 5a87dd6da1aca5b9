// Oracle: exact messages for a file of OpenMM's with one word that Saltus does not compute, or that
// nobody knows; OpenMM's own reading of the same file.
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "forcefields/openmm/openmm_energy.h"
#include "forcefields/openmm/system_xml.h"
#include "tests/forcefields/reference_data.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using forcefields::OpenMMEnergy;
using forcefields::read_system_xml;

std::string good_text() { return read_text(data_path("alanine_dipeptide.xml")); }

/// What read_system_xml says about the good file with its first `from` replaced; without the line.
std::string message_after(const std::string& from, const std::string& to) {
  const std::string path =
      write_text(testing::TempDir(), "strict.xml", with_replaced(good_text(), from, to));
  const std::string message = message_of<engine::InputError>([&] { read_system_xml(path); });
  return message.substr(std::min(message.size(), message.find('<')));
}

TEST(SystemXmlStrict, VersionsThatAreNewerAreRefused) {
  const std::string advice = " that Saltus understands; write the System with OpenMM 7.7 or 8";
  EXPECT_EQ(message_after("type=\"System\" version=\"1\"", "type=\"System\" version=\"2\""),
            "<System>: attribute 'version' is 2, expected 1 to 1: versions of System" + advice);
  const std::pair<const char*, int> forces[] = {
      {"HarmonicBondForce", 2}, {"HarmonicAngleForce", 2}, {"PeriodicTorsionForce", 2},
      {"NonbondedForce", 4},    {"GBSAOBCForce", 2},       {"CMMotionRemover", 1}};
  for (const auto& [type, newest] : forces) {
    SCOPED_TRACE(type);
    std::string text = good_text();
    const std::size_t force = text.find("type=\"" + std::string(type) + "\"");
    const std::size_t version = text.find("version=\"", force) + 9;
    for (const int other : {newest + 1, 0}) {
      text.replace(version, 1, std::to_string(other));
      const std::string path = write_text(testing::TempDir(), "strict.xml", text);
      const std::string message = message_of<engine::InputError>([&] { read_system_xml(path); });
      EXPECT_EQ(message.substr(std::min(message.size(), message.find('<'))),
                "<Force>: attribute 'version' is " + std::to_string(other) + ", expected 1 to " +
                    std::to_string(newest) + ": versions of " + type + advice);
    }
  }
  EXPECT_EQ(message_after("usesPeriodic=\"0\" version=\"2\"", "usesPeriodic=\"0\""),
            "<Force>: attribute 'version' is missing");
}

TEST(SystemXmlStrict, SwitchesThatChangeTheEnergyAreRefused) {
  EXPECT_EQ(message_after("includeDirectSpace=\"1\"", "includeDirectSpace=\"0\""),
            "<Force>: attribute 'includeDirectSpace' is 0, expected 1: without it no pair "
            "interacts directly; write the System with setIncludeDirectSpace(True)");
  EXPECT_EQ(message_after("exceptionsUsePeriodic=\"0\"", "exceptionsUsePeriodic=\"1\""),
            "<Force>: attribute 'exceptionsUsePeriodic' is 1, expected 0: exceptions take the "
            "positions as they are; keep molecules whole");
  // OpenMM ignores it there, whatever its writer meant.
  EXPECT_EQ(
      message_after("type=\"GBSAOBCForce\" version=\"2\"", "type=\"GBSAOBCForce\" version=\"1\""),
      "<Force>: attribute 'surfaceAreaEnergy' is given, but version 1 has none; write the "
      "System with OpenMM 7.7 or 8");
}

TEST(SystemXmlStrict, UnknownAttributesAreRefusedWhereverTheyStand) {
  const std::string none = "attribute 'x2' is not known here, expected none";
  const auto with = [](const std::string& tag) { return message_after(tag, tag + " x2=\"1\""); };
  const auto first = [](const std::string& tag) { return message_after(tag, tag + "x2=\"1\" "); };
  EXPECT_EQ(with("<System"),
            "<System>: attribute 'x2' is not known here, expected one of: openmmVersion, type, "
            "version");
  EXPECT_EQ(with("<PeriodicBoxVectors"), "<PeriodicBoxVectors>: " + none);
  EXPECT_EQ(with("<A"), "<A>: attribute 'x2' is not known here, expected one of: x, y, z");
  for (const char* tag : {"Particles", "Constraints", "Forces", "Bonds", "Angles", "Torsions",
                          "GlobalParameters", "ParticleOffsets", "Exceptions"})
    EXPECT_EQ(with("<" + std::string(tag)), "<" + std::string(tag) + ">: " + none);
  EXPECT_EQ(first("<Constraint "),
            "<Constraint>: attribute 'x2' is not known here, expected one of: d, p1, p2");
  EXPECT_EQ(first("<Bond "),
            "<Bond>: attribute 'x2' is not known here, expected one of: d, k, p1, p2");
  EXPECT_EQ(first("<Angle "),
            "<Angle>: attribute 'x2' is not known here, expected one of: a, k, p1, p2, p3");
  EXPECT_EQ(first("<Torsion "),
            "<Torsion>: attribute 'x2' is not known here, expected one of: k, p1, p2, p3, p4, "
            "periodicity, phase");
  EXPECT_EQ(first("<Exception "),
            "<Exception>: attribute 'x2' is not known here, expected one of: eps, p1, p2, q, sig");
  EXPECT_EQ(message_after("<Particle eps=", "<Particle x2=\"1\" eps="),
            "<Particle>: attribute 'x2' is not known here, expected one of: eps, q, sig");
  EXPECT_EQ(message_after("<Particle q=\"", "<Particle x2=\"1\" q=\""),
            "<Particle>: attribute 'x2' is not known here, expected one of: q, r, scale");
  EXPECT_EQ(message_after("frequency=\"1\"", "frequency=\"1\" x2=\"1\""),
            "<Force>: attribute 'x2' is not known here, expected one of: forceGroup, frequency, "
            "name, type, version");
}

TEST(SystemXmlStrict, UnknownElementsAreRefusedWhereverTheyStand) {
  EXPECT_EQ(message_after("<Constraints>", "<Constraints><More/>"),
            "<More>: this tag is not supported inside <Constraints>, expected one of: Constraint");
  EXPECT_EQ(message_after("<Bonds>", "<More/><Bonds>"),
            "<More>: this tag is not supported inside <Force>, expected one of: Bonds");
  EXPECT_EQ(message_after("<Constraint d=\".109\" p1=\"1\" p2=\"0\"/>",
                          "<Constraint d=\".109\" p1=\"1\" p2=\"0\"><More/></Constraint>"),
            "<More>: this tag is not supported inside <Constraint>, expected none");
  EXPECT_EQ(message_after("<A x=\"2\" y=\"0\" z=\"0\"/>", "<A x=\"2\" y=\"0\" z=\"0\"/><D/>"),
            "<D>: this tag is not supported inside <PeriodicBoxVectors>, expected one of: A, B, C");
}

TEST(SystemXmlStrict, NumbersWithoutEffectMustBeNumbersAllTheSame) {
  EXPECT_EQ(message_after("ewaldTolerance=\".0005\"", "ewaldTolerance=\"small\""),
            "<Force>: attribute 'ewaldTolerance' is 'small', expected a number");
  EXPECT_EQ(message_after("forceGroup=\"0\"", "forceGroup=\"first\""),
            "<Force>: attribute 'forceGroup' is 'first', expected an integer");
  EXPECT_EQ(message_after(" nx=\"0\"", " nx=\"1.5\""),
            "<Force>: attribute 'nx' is '1.5', expected an integer");
  EXPECT_EQ(message_after("dispersionCorrection=\"1\"", "dispersionCorrection=\"yes\""),
            "<Force>: attribute 'dispersionCorrection' is 'yes', expected an integer");
  EXPECT_EQ(message_after("<A x=\"2\"", "<A x=\"two\""),
            "<A>: attribute 'x' is 'two', expected a number");
}

/// Energy and terms of alanine dipeptide at its reference positions.
struct Opinion {
  double total = 0.0;
  std::vector<engine::EnergyTerm> terms;
};

Opinion opinion_of(const OpenMMEnergy& energy) {
  const ReferenceData reference(data_path("alanine_dipeptide.xml.reference"));
  const std::vector<double>& x = reference["positions"];
  const engine::ConstCoordinates view{x.data(), 1, energy.n_atoms()};
  std::vector<double> total(1);
  energy.evaluate(view, total, {});
  return {total[0], energy.terms(view)};
}

TEST(SecondOpinion, IsOfTheFileAndNotOfOurReadingOfIt) {
  constexpr double kTolerance = 1e-6;  // of ten digits in the reference
  const std::string path = data_path("alanine_dipeptide.xml");
  const ReferenceData reference(data_path("alanine_dipeptide.xml.reference"));
  engine::System misread = read_system_xml(path).system;
  for (engine::HarmonicBond& bond : misread.bonds) bond.k *= 2.0;
  misread.nonbonded->exceptions.clear();
  const Opinion file = opinion_of(*OpenMMEnergy::of_system_xml(path, misread, {"Reference", 0}));
  EXPECT_NEAR(file.total, reference["xml.total"][0], kTolerance * tolerance_scale());
  const Opinion ours = opinion_of(OpenMMEnergy(misread, {"Reference", 0}));
  EXPECT_GT(std::abs(ours.total - file.total), 1.0);
  // The names are the same.
  ASSERT_EQ(file.terms.size(), ours.terms.size());
  for (std::size_t n = 0; n < file.terms.size(); ++n)
    EXPECT_EQ(file.terms[n].name, ours.terms[n].name);
}

TEST(SecondOpinion, HasTheRestraintsAndNoEmptyForces) {
  const std::string text = with_replaced(
      good_text(), "</Forces>",
      "<Force forceGroup=\"0\" name=\"x\" type=\"CMAPTorsionForce\" usesPeriodic=\"0\" "
      "version=\"2\"><Maps/><Torsions/></Force></Forces>");
  const std::string path = write_text(testing::TempDir(), "restrained.xml", text);
  engine::System system = read_system_xml(path).system;
  system.position_restraints.push_back({0, {1.0, 2.0, 3.0}, 100.0, 0.0});
  const Opinion file = opinion_of(*OpenMMEnergy::of_system_xml(path, system, {"Reference", 0}));
  const Opinion ours = opinion_of(OpenMMEnergy(system, {"Reference", 0}));
  ASSERT_EQ(file.terms.size(), 6u);
  EXPECT_EQ(file.terms.back().name, "restraints");
  EXPECT_GT(file.terms.back().energy, 1.0);
  ASSERT_EQ(ours.terms.size(), file.terms.size());
  for (std::size_t n = 0; n < file.terms.size(); ++n) {
    EXPECT_EQ(file.terms[n].name, ours.terms[n].name);
    EXPECT_NEAR(file.terms[n].energy, ours.terms[n].energy, 1e-9 * tolerance_scale());
  }
}

TEST(SecondOpinion, SaysWhatOpenMMSays) {
  const std::string good = data_path("alanine_dipeptide.xml");
  const engine::System system = read_system_xml(good).system;
  // Ours has no use for the tolerance, OpenMM's reader asks for it.
  const std::string path = write_text(testing::TempDir(), "refused.xml",
                                      with_replaced(good_text(), "ewaldTolerance=\".0005\"", ""));
  EXPECT_EQ(message_of<engine::InputError>([&] {
              OpenMMEnergy::of_system_xml(path, system, {"Reference", 0});
            }),
            path +
                ": read by OpenMM itself: OpenMM says: Unknown property 'ewaldTolerance' in "
                "node 'Force'");
  engine::System other = system;
  other.masses.pop_back();
  EXPECT_EQ(message_of<engine::InputError>([&] {
              OpenMMEnergy::of_system_xml(good, other, {"Reference", 0});
            }),
            good + ": OpenMM itself reads 22 atoms, expected 21");
  EXPECT_EQ(message_of<engine::FileError>([&] {
              OpenMMEnergy::of_system_xml("/no/such.xml", system, {"Reference", 0});
            }),
            "/no/such.xml: cannot be opened for reading");
}

}  // namespace
}  // namespace saltus::tests
