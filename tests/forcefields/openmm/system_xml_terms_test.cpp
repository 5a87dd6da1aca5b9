// Oracle: a System written by OpenMM 7.7's XmlSerializer, its numbers, and the energy of each force
// by OpenMM's Reference platform; exact messages for edited files.
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/openmm/openmm_energy.h"
#include "forcefields/openmm/system_xml.h"
#include "tests/forcefields/reference_data.h"
#include "tests/support/boxes.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using forcefields::read_system_xml;

/// Six charged atoms in a box with switching, long-range correction and two forces of maps.
const std::string kPeriodicSystem = R"(<?xml version="1.0" ?>
<System openmmVersion="7.7" type="System" version="1">
  <PeriodicBoxVectors>
    <A x="2.5" y="0" z="0"/>
    <B x="0" y="2.25" z="0"/>
    <C x="0" y="0" z="3"/>
  </PeriodicBoxVectors>
  <Particles><Particle mass="12"/><Particle mass="12"/><Particle mass="12"/>
    <Particle mass="12"/><Particle mass="12"/><Particle mass="12"/>
  </Particles>
  <Constraints/>
  <Forces>
    <Force alpha="0" cutoff="1" dispersionCorrection="1" ewaldTolerance=".0005"
          exceptionsUsePeriodic="0" forceGroup="0" includeDirectSpace="1" ljAlpha="0"
          ljnx="0" ljny="0" ljnz="0" method="2" name="NonbondedForce" nx="0" ny="0" nz="0"
          recipForceGroup="-1" rfDielectric="78.3" switchingDistance=".75"
          type="NonbondedForce" useSwitchingFunction="1" version="4">
      <GlobalParameters/>
      <ParticleOffsets/>
      <ExceptionOffsets/>
      <Particles>
        <Particle eps=".5" q=".25" sig=".3"/>
        <Particle eps=".75" q="-.25" sig=".25"/>
        <Particle eps=".5" q=".5" sig=".3"/>
        <Particle eps=".75" q="-.5" sig=".25"/>
        <Particle eps=".5" q=".125" sig=".3"/>
        <Particle eps=".75" q="-.125" sig=".25"/>
      </Particles>
      <Exceptions>
        <Exception eps="0" p1="0" p2="1" q="0" sig="1"/>
        <Exception eps=".25" p1="0" p2="3" q="-.0625" sig=".275"/>
      </Exceptions>
    </Force>
    <Force forceGroup="1" name="CMAPTorsionForce" type="CMAPTorsionForce" usesPeriodic="0" version="2">
      <Maps>
        <Map size="4">
          <Energy e="-5"/><Energy e="3"/><Energy e="-5"/><Energy e="4"/><Energy e="-3"/>
          <Energy e="-4"/><Energy e="1"/><Energy e="1"/><Energy e="-4"/><Energy e="-3"/>
          <Energy e="4"/><Energy e="-5"/><Energy e="3"/><Energy e="-5"/><Energy e="4"/>
          <Energy e="-3"/>
        </Map>
      </Maps>
      <Torsions>
        <Torsion a1="0" a2="1" a3="2" a4="3" b1="1" b2="2" b3="3" b4="4" map="0"/>
      </Torsions>
    </Force>
    <Force forceGroup="2" name="CMAPTorsionForce" type="CMAPTorsionForce" usesPeriodic="0" version="2">
      <Maps>
        <Map size="3">
          <Energy e="0"/><Energy e="0"/><Energy e="0"/><Energy e="0"/><Energy e="0"/>
          <Energy e="0"/><Energy e="0"/><Energy e="0"/><Energy e="0"/>
        </Map>
        <Map size="4">
          <Energy e="-6"/><Energy e="3"/><Energy e="0"/><Energy e="-2"/><Energy e="-3"/>
          <Energy e="-3"/><Energy e="-2"/><Energy e="0"/><Energy e="3"/><Energy e="-6"/>
          <Energy e="-1"/><Energy e="5"/><Energy e="-1"/><Energy e="-6"/><Energy e="3"/>
          <Energy e="0"/>
        </Map>
      </Maps>
      <Torsions>
        <Torsion a1="2" a2="3" a3="4" a4="5" b1="0" b2="1" b3="2" b4="3" map="1"/>
      </Torsions>
    </Force>
  </Forces>
</System>
)";

/// Atom 5 is near atom 0 through three walls of the box.
const std::vector<double> kPositions = {0.2, 0.2,  0.2,  0.5, 0.24, 0.16, 0.6, 0.52, 0.2,
                                        0.9, 0.56, 0.26, 1.0, 0.62, 0.56, 2.4, 2.2,  2.9};

engine::System periodic_system() {
  return read_system_xml(write_text(testing::TempDir(), "periodic.xml", kPeriodicSystem)).system;
}

TEST(SystemXmlTerms, CutoffPeriodicIsRead) {
  const engine::System system = periodic_system();
  ASSERT_TRUE(system.box.has_value());
  EXPECT_EQ(*system.box, engine::Box({2.5, 2.25, 3.0}));
  const engine::Nonbonded& nonbonded = *system.nonbonded;
  EXPECT_EQ(nonbonded.method, engine::NonbondedMethod::kCutoffPeriodic);
  EXPECT_EQ(nonbonded.cutoff_nm, 1.0);
  EXPECT_EQ(nonbonded.switching_distance_nm, 0.75);
  EXPECT_TRUE(nonbonded.long_range_correction);
  EXPECT_EQ(nonbonded.reaction_field_dielectric, 78.3);
  ASSERT_EQ(nonbonded.exceptions.size(), 2u);
  EXPECT_EQ(nonbonded.exceptions[1].epsilon, 0.25);
}

TEST(SystemXmlTerms, MapsOfSeveralForcesAreNumberedOn) {
  const engine::System system = periodic_system();
  ASSERT_EQ(system.correction_maps.size(), 3u);
  EXPECT_EQ(system.correction_maps[1].size, 3u);
  EXPECT_EQ(system.correction_maps[2].energies,
            (std::vector<double>{-6, 3, 0, -2, -3, -3, -2, 0, 3, -6, -1, 5, -1, -6, 3, 0}));
  ASSERT_EQ(system.correction_torsions.size(), 2u);
  EXPECT_EQ(system.correction_torsions[0].map, 0u);
  EXPECT_EQ(system.correction_torsions[1].map, 2u);
  EXPECT_EQ(system.correction_torsions[1].first, (std::array<std::size_t, 4>{2, 3, 4, 5}));
  EXPECT_EQ(system.correction_torsions[1].second, (std::array<std::size_t, 4>{0, 1, 2, 3}));
}

TEST(SystemXmlTerms, EnergiesAreOpenMMs) {
  const engine::System system = periodic_system();
  // OpenMM's energies of the System before it was written, twelve digits.
  const double nonbonded = -101.302660932, maps = 3.25544267601 + 2.95160645904;
  const forcefields::OpenMMEnergy openmm(system, {"Reference", 0});
  const engine::PlainEnergy plain(system, nullptr);
  for (const engine::DecomposableEnergy* energy :
       std::initializer_list<const engine::DecomposableEnergy*>{&openmm, &plain}) {
    const auto terms = energy->terms(in_box(system, kPositions).view());
    ASSERT_EQ(terms.size(), 2u);
    EXPECT_EQ(terms[0].name, "nonbonded");
    EXPECT_NEAR(terms[0].energy, nonbonded, 1e-9 * tolerance_scale());
    EXPECT_EQ(terms[1].name, "correction_maps");
    EXPECT_NEAR(terms[1].energy, maps, 1e-9 * tolerance_scale());
  }
}

TEST(SystemXmlTerms, WhatIsSwitchedOffIsNotRead) {
  std::string text =
      with_replaced(kPeriodicSystem, "useSwitchingFunction=\"1\"", "useSwitchingFunction=\"0\"");
  text = with_replaced(text, "dispersionCorrection=\"1\"", "dispersionCorrection=\"0\"");
  const auto read = [](const std::string& content) {
    return read_system_xml(write_text(testing::TempDir(), "off.xml", content)).system;
  };
  EXPECT_EQ(read(text).nonbonded->switching_distance_nm, 0.0);
  EXPECT_FALSE(read(text).nonbonded->long_range_correction);
  // The box that OpenMM writes for systems that use none, whatever its shape.
  text = with_replaced(text, "method=\"2\"", "method=\"1\"");
  text = with_replaced(text, "<B x=\"0\"", "<B x=\"0.5\"");
  EXPECT_FALSE(read(text).box.has_value());
}

/// What read_system_xml says about kPeriodicSystem with its first `from` replaced.
std::string message_after(const std::string& from, const std::string& to) {
  const std::string path =
      write_text(testing::TempDir(), "bad.xml", with_replaced(kPeriodicSystem, from, to));
  const std::string message = message_of<engine::InputError>([&] { read_system_xml(path); });
  return message.substr(message.find("bad.xml"));
}

TEST(SystemXmlTermsErrors, Box) {
  EXPECT_EQ(message_after("<C x=\"0\" y=\"0\" z=\"3\"/>", ""),
            "bad.xml:3: <PeriodicBoxVectors>: has 2 vectors, expected <A>, <B> and <C>");
}

TEST(SystemXmlTermsErrors, Methods) {
  const std::string advice =
      " is not supported; write the System with NoCutoff, CutoffNonPeriodic, CutoffPeriodic (a "
      "reaction field), Ewald or PME";
  EXPECT_EQ(message_after("method=\"2\"", "method=\"5\""),
            "bad.xml:13: <Force>: method 5 (LJPME)" + advice);
  EXPECT_EQ(message_after("method=\"2\"", "method=\"-1\""),
            "bad.xml:13: <Force>: method -1" + advice);
}

TEST(SystemXmlTermsErrors, Switching) {
  EXPECT_EQ(message_after("useSwitchingFunction=\"1\"", "useSwitchingFunction=\"2\""),
            "bad.xml:13: <Force>: attribute 'useSwitchingFunction' is 2, expected 0 or 1");
  for (const char* distance : {"0", "1", "-.5"})
    EXPECT_EQ(message_after("switchingDistance=\".75\"",
                            "switchingDistance=\"" + std::string(distance) + "\""),
              "bad.xml:13: <Force>: attribute 'switchingDistance' is " + std::string(distance) +
                  ", expected more than 0 and less than the cutoff, 1");
}

TEST(SystemXmlTermsErrors, LongRangeCorrection) {
  EXPECT_EQ(message_after("dispersionCorrection=\"1\"", ""),
            "bad.xml:13: <Force>: attribute 'dispersionCorrection' is missing");
}

TEST(SystemXmlTermsErrors, TermsAcrossTheBox) {
  EXPECT_EQ(message_after("exceptionsUsePeriodic=\"0\"", "exceptionsUsePeriodic=\"1\""),
            "bad.xml:13: <Force>: attribute 'exceptionsUsePeriodic' is 1, expected 0: exceptions "
            "take the positions as they are; keep molecules whole");
  EXPECT_EQ(message_after("usesPeriodic=\"0\"", "usesPeriodic=\"1\""),
            "bad.xml:34: <Force>: attribute 'usesPeriodic' is 1, expected 0: bonded terms take "
            "the positions as they are; keep molecules whole and write the System with "
            "setUsesPeriodicBoundaryConditions(False)");
}

TEST(SystemXmlTermsErrors, Maps) {
  EXPECT_EQ(message_after("map=\"1\"", "map=\"2\""),
            "bad.xml:61: <Torsion>: attribute 'map' is 2, expected the index of one of 2 maps of "
            "this force, counted from 0");
  EXPECT_EQ(message_after("<Map size=\"4\">", "<Map size=\"5\">"),
            "bad.xml:36: <Map>: has 16 energies for the size 5, expected size * size of them");
  EXPECT_EQ(message_after("<Map size=\"4\">", "<Map size=\"-4\">"),
            "bad.xml:36: <Map>: has 16 energies for the size -4, expected size * size of them");
  EXPECT_EQ(message_after("b4=\"4\"", "b4=\"6\""),
            "bad.xml:44: <Torsion>: attribute 'b4' is 6, expected the index of one of 6 atoms, "
            "counted from 0");
  EXPECT_EQ(message_after("<Energy e=\"3\"/>", "<Energy e=\"high\"/>"),
            "bad.xml:37: <Energy>: attribute 'e' is 'high', expected a number");
}

}  // namespace
}  // namespace saltus::tests
