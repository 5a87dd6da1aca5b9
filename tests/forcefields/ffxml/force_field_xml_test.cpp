// Oracle: a force field of one small molecule written here, whose content is known, and broken
// copies of it with the message each must give.

#include "forcefields/ffxml/force_field_xml.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "forcefields/ffxml/force_field_files.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using engine::FileError;
using engine::InputError;
using forcefields::ForceFieldXml;

const std::string kHydroxyl = R"(<ForceField>
 <Info>any <Thing/></Info>
 <AtomTypes>
  <Type name="t-O" class="O" element="O" mass="16.0"/>
  <Type name="t-H" class="H" element="H" mass="1.008"/>
 </AtomTypes>
 <Residues>
  <Residue name="HO2">
   <Atom name="H1" type="t-H" charge="0.4"/>
   <Atom name="O1" type="t-O" charge="-0.4"/>
   <Atom name="O2" type="t-O" charge="-0.4"/>
   <Atom name="H2" type="t-H" charge="0.4"/>
   <Bond atomName1="H1" atomName2="O1"/>
   <Bond from="1" to="2"/>
   <Bond from="2" to="3"/>
   <ExternalBond atomName="O2"/>
  </Residue>
 </Residues>
 <HarmonicBondForce>
  <Bond class1="O" class2="H" length="0.1" k="1000"/>
  <Bond type1="t-O" type2="t-O" length="0.14" k="2000.5"/>
  <Bond class1="O" class2="unknown" length="0.14" k="2000.5"/>
 </HarmonicBondForce>
 <HarmonicAngleForce>
  <Angle class1="H" class2="O" class3="O" angle="1.8" k="300"/>
 </HarmonicAngleForce>
 <PeriodicTorsionForce ordering="amber">
  <Proper class1="" class2="O" class3="O" class4="" periodicity1="2" phase1="0.5" k1="3.0" periodicity2="1" phase2="0" k2="-1"/>
  <Improper class1="O" class2="" class3="" class4="H" periodicity1="2" phase1="3.14" k1="4"/>
 </PeriodicTorsionForce>
 <NonbondedForce coulomb14scale="0.8" lj14scale="0.5">
  <UseAttributeFromResidue name="charge"/>
  <Atom class="O" sigma="0.3" epsilon="0.6"/>
  <Atom type="t-H" sigma="0.1" epsilon="0"/>
 </NonbondedForce>
</ForceField>
)";

class ForceFieldFile : public testing::Test {
 protected:
  ForceFieldXml read(const std::string& text) {
    folder_.write("x.xml", text);
    return ForceFieldXml::read({"x.xml"}, {folder_.path()});
  }
  /// Message for kHydroxyl with its first `old` replaced, the folder's name cut out.
  std::string error(const std::string& old, const std::string& replacement) {
    std::string text = kHydroxyl;
    const std::size_t place = text.find(old);
    if (place == std::string::npos) throw std::logic_error("not in the file: " + old);
    text.replace(place, old.size(), replacement);
    return without_folder(message_of<InputError>([&] { read(text); }));
  }
  std::string without_folder(std::string message) const {
    const std::string prefix = folder_.path() + "/";
    for (std::size_t n = message.find(prefix); n != std::string::npos; n = message.find(prefix))
      message.erase(n, prefix.size());
    return message;
  }
  TemporaryFolder folder_;
};

TEST_F(ForceFieldFile, IsReadCompletely) {
  const ForceFieldXml field = read(kHydroxyl);
  ASSERT_EQ(field.atom_types().size(), 2u);
  EXPECT_EQ(field.atom_types()[0].atomic_number, 8);
  ASSERT_EQ(field.templates().size(), 1u);
  const forcefields::ResidueTemplate& residue = field.templates()[0];
  EXPECT_EQ(residue.atoms[1].bonded_to, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(residue.atoms[2].external_bonds, 1u);
  EXPECT_EQ(residue.atoms[3].parameters.at("charge"), 0.4);
  EXPECT_EQ(field.bonds().size(), 2u);  // the third names a class that does not exist
  EXPECT_EQ(field.bonds()[1].k, 2000.5);
  EXPECT_EQ(field.angles().size(), 1u);
  ASSERT_EQ(field.propers().size(), 1u);
  EXPECT_TRUE(field.propers()[0].has_wildcard());
  ASSERT_EQ(field.propers()[0].terms.size(), 2u);
  EXPECT_EQ(field.propers()[0].terms[1].k, -1.0);
  ASSERT_EQ(field.impropers().size(), 1u);
  EXPECT_EQ(field.impropers()[0].ordering, forcefields::ImproperOrdering::kAmber);
  ASSERT_TRUE(field.nonbonded().has_value());
  EXPECT_EQ(field.nonbonded()->coulomb_14_scale, 0.8);
  const auto& parameters = field.nonbonded()->parameters;
  EXPECT_EQ(parameters.value("sigma", field.atom_types()[0], residue.atoms[1], "s"), 0.3);
  EXPECT_EQ(parameters.value("charge", field.atom_types()[0], residue.atoms[1], "s"), -0.4);
}

TEST_F(ForceFieldFile, IncludesOtherFilesOnce) {
  folder_.write("sub/all.xml",
                "<ForceField><Include file=\"part.xml\"/>"
                "<Include file=\"../sub/part.xml\"/></ForceField>");
  folder_.write("sub/part.xml", kHydroxyl);
  const auto field = ForceFieldXml::read({"sub/all.xml", "sub/part.xml"}, {folder_.path()});
  EXPECT_EQ(field.atom_types().size(), 2u);
  EXPECT_EQ(field.files(),
            (std::vector<std::string>{folder_.file("sub/all.xml"), folder_.file("sub/part.xml")}));
}

TEST_F(ForceFieldFile, OverrideReplacesATemplate) {
  std::string better =
      "<ForceField><Residues><Residue name=\"HO2\" override=\"1\">"
      "<Atom name=\"H\" type=\"t-H\" charge=\"0\"/></Residue></Residues>"
      "</ForceField>";
  folder_.write("x.xml", kHydroxyl);
  folder_.write("y.xml", better);
  const auto field = ForceFieldXml::read({"y.xml", "x.xml"}, {folder_.path()});
  ASSERT_EQ(field.templates().size(), 1u);
  EXPECT_EQ(field.templates()[0].atoms.size(), 1u);
}

TEST_F(ForceFieldFile, ReportsWhatIsNotXml) {
  EXPECT_EQ(error("</Residues>", "</Residue>"), "x.xml:18:4: not XML: Start-end tags mismatch");
  EXPECT_EQ(without_folder(message_of<InputError>([&] { read(""); })),
            "x.xml:1:1: not XML: No document element found");
  EXPECT_EQ(without_folder(message_of<InputError>([&] { read("ATOM 1\n"); })),
            "x.xml:2:1: not XML: No document element found");
  EXPECT_EQ(without_folder(message_of<InputError>([&] { read("<System/>"); })),
            "x.xml:1: <System>: expected <ForceField> as the root of an OpenMM force-field file");
}

TEST_F(ForceFieldFile, ReportsTagsItDoesNotKnow) {
  EXPECT_EQ(error("<Info>any <Thing/></Info>", "<CMAPTorsionForce/>"),
            "x.xml:2: <CMAPTorsionForce>: this tag is not supported; make an OpenMM System XML of "
            "the molecule and read that instead");
  EXPECT_EQ(error("<Info>any <Thing/></Info>", "<Script>import openmm</Script>"),
            "x.xml:2: <Script>: Python scripts in force-field files are not run; for an "
            "implicit/*.xml file set implicit_solvent in the deck instead");
  EXPECT_EQ(error("<ExternalBond atomName=\"O2\"/>", "<AllowPatch name=\"X\"/>"),
            "x.xml:16: <AllowPatch>: this tag is not supported inside <Residue>, expected one of: "
            "Atom, Bond, ExternalBond, VirtualSite");
  EXPECT_EQ(error("<Angle class1=\"H\" ", "<Angel class1=\"H\" "),
            "x.xml:25: <Angel>: this tag is not supported inside <HarmonicAngleForce>, expected "
            "one of: Angle");
}

TEST_F(ForceFieldFile, ReportsNumbersThatAreNone) {
  EXPECT_EQ(error("mass=\"16.0\"", "mass=\"16,0\""),
            "x.xml:4: <Type>: attribute 'mass' is '16,0', expected a number");
  EXPECT_EQ(error("k=\"1000\"", "k=\"nan\""),
            "x.xml:20: <Bond>: attribute 'k' is 'nan', expected a number");
  EXPECT_EQ(error("k=\"1000\"", "k=\"1e999\""),
            "x.xml:20: <Bond>: attribute 'k' is '1e999', expected a number");
  EXPECT_EQ(error("charge=\"0.4\"", "charge=\"\""),
            "x.xml:9: <Atom>: attribute 'charge' is '', expected a number");
  EXPECT_EQ(error("periodicity1=\"2\"", "periodicity1=\"2.5\""),
            "x.xml:28: <Proper>: attribute 'periodicity1' is '2.5', expected an integer");
  EXPECT_EQ(error("periodicity1=\"2\"", "periodicity1=\"-2\""),
            "x.xml:28: <Proper>: attribute 'periodicity1' is -2, expected 1 or more");
}

TEST_F(ForceFieldFile, ReportsAttributesThatAreMissingOrTooMany) {
  EXPECT_EQ(error(" length=\"0.1\"", ""), "x.xml:20: <Bond>: attribute 'length' is missing");
  EXPECT_EQ(error(" length=\"0.1\"", " lenght=\"0.1\" length=\"0.1\""),
            "x.xml:20: <Bond>: attribute 'lenght' is not known here, expected one of: type1, "
            "type2, class1, class2, length, k");
  EXPECT_EQ(error("k=\"1000\"", "k=\"1000\" k=\"2000\""),
            "x.xml:20: <Bond>: attribute 'k' is given twice");
  EXPECT_EQ(error("class1=\"O\" class2=\"H\"", "class1=\"O\""),
            "x.xml:20: <Bond>: expected either 'type2' or 'class2'");
  EXPECT_EQ(error("class1=\"O\" class2=\"H\"", "class1=\"O\" class2=\"H\" type2=\"t-H\""),
            "x.xml:20: <Bond>: expected either 'type2' or 'class2'");
  EXPECT_EQ(error("periodicity2=\"1\" phase2=\"0\" k2=\"-1\"", "k3=\"1\""),
            "x.xml:28: <Proper>: expected four types or classes and periodicity, phase and k of "
            "terms 1 to 1, and nothing else");
  EXPECT_EQ(error(" coulomb14scale=\"0.8\"", ""),
            "x.xml:31: <NonbondedForce>: attribute 'coulomb14scale' is missing");
  EXPECT_EQ(error("sigma=\"0.3\"", "sigma=\"0.3\" charge=\"1\""),
            "x.xml:33: <Atom>: expected a type or class and nothing else but what the section "
            "takes from here: its other parameters come from the residues");
  EXPECT_EQ(error("ordering=\"amber\"", "ordering=\"smirnoff\""),
            "x.xml:27: <PeriodicTorsionForce>: ordering 'smirnoff' is not supported, expected "
            "default or amber");
}

TEST_F(ForceFieldFile, ReportsNamesThatDoNotFit) {
  EXPECT_EQ(error("name=\"t-H\" class=\"H\"", "name=\"t-O\" class=\"H\""),
            "x.xml:5: <Type>: atom type 't-O' is defined already at x.xml:4");
  EXPECT_EQ(error("element=\"O\"", "element=\"Oo\""),
            "x.xml:4: <Type>: 'Oo' is not the symbol of an element");
  EXPECT_EQ(error("name=\"O1\" type=\"t-O\"", "name=\"O1\" type=\"t-X\""),
            "x.xml:10: <Atom>: atom type 't-X' is not defined in any <AtomTypes>");
  EXPECT_EQ(error("name=\"O2\" type=\"t-O\"", "name=\"O1\" type=\"t-O\""),
            "x.xml:11: <Atom>: residue HO2 has two atoms named 'O1'");
  EXPECT_EQ(error("atomName2=\"O1\"", "atomName2=\"O9\""),
            "x.xml:13: <Bond>: residue HO2 has no atom 'O9'");
  EXPECT_EQ(error("from=\"2\" to=\"3\"", "from=\"2\" to=\"4\""),
            "x.xml:15: <Bond>: attribute 'to' is 4, expected the index of one of 4 atoms, counted "
            "from 0");
  EXPECT_EQ(error("from=\"2\" to=\"3\"", "from=\"2\" to=\"1\""),
            "x.xml:15: <Bond>: this bond is given twice");
  EXPECT_EQ(error("from=\"2\" to=\"3\"", "from=\"2\" to=\"2\""),
            "x.xml:15: <Bond>: an atom is bonded to itself");
}

TEST_F(ForceFieldFile, ReportsFilesThatDoNotBelongTogether) {
  folder_.write("x.xml", kHydroxyl);
  folder_.write(
      "y.xml", "<ForceField><NonbondedForce coulomb14scale=\"1\" lj14scale=\"0.5\"/></ForceField>");
  EXPECT_EQ(without_folder(message_of<InputError>([&] {
              ForceFieldXml::read({"x.xml", "y.xml"}, {folder_.path()});
            })),
            "y.xml:1: <NonbondedForce>: coulomb14scale or lj14scale differ from those at x.xml:31; "
            "these force fields do not belong together");
  folder_.write("y.xml",
                "<ForceField><Residues><Residue name=\"HO2\">"
                "<Atom name=\"H\" type=\"t-H\"/></Residue></Residues></ForceField>");
  EXPECT_EQ(without_folder(message_of<InputError>([&] {
              ForceFieldXml::read({"x.xml", "y.xml"}, {folder_.path()});
            })),
            "y.xml:1: <Residue>: residue HO2 is defined already at x.xml:8 with the same override "
            "level");
}

TEST_F(ForceFieldFile, ReportsAnIncludeThatIsNotThere) {
  folder_.write("x.xml", "<ForceField>\n<Include file=\"protein.ff14.xml\"/></ForceField>");
  const std::string message = without_folder(
      message_of<FileError>([&] { ForceFieldXml::read({"x.xml"}, {folder_.path()}); }));
  EXPECT_EQ(message.rfind("x.xml:2: <Include>: force-field file 'protein.ff14.xml' not found; "
                          "searched:\n  " +
                              folder_.path(),
                          0),
            0u)
      << message;
}

TEST_F(ForceFieldFile, IsSearchedInOrderAndSuggestedByName) {
  folder_.write("deck/ours.xml", "");
  folder_.write("site/ours.xml", "");
  folder_.write("site/amber/special.xml", "");
  const std::string deck = folder_.file("deck"), site = folder_.file("site");
  EXPECT_EQ(forcefields::find_force_field_file("ours.xml", {deck, site}), deck + "/ours.xml");
  EXPECT_EQ(forcefields::find_force_field_file(site + "/ours.xml", {deck}), site + "/ours.xml");
  const std::string missing = message_of<FileError>([&] {
    forcefields::find_force_field_file("special.xlm", {deck, site});
  });
  EXPECT_NE(missing.find("\nnearest names: amber/special.xml\n"), std::string::npos) << missing;
  // A name that is like no other gets no advice.
  const std::string unlike = message_of<FileError>([&] {
    forcefields::find_force_field_file("nothing.xml", {deck, site});
  });
  EXPECT_EQ(unlike.find("nearest names"), std::string::npos) << unlike;
  EXPECT_NE(message_of<FileError>([&] {
              forcefields::find_force_field_file("speci.xml", {site});
            }).find("\nnearest names: amber/special.xml"),
            std::string::npos);
  EXPECT_EQ(
      message_of<FileError>([&] { forcefields::find_force_field_file("/no/such.xml", {deck}); }),
      "force-field file /no/such.xml does not exist");

  ASSERT_EQ(setenv(forcefields::kForceFieldPathVariable, (deck + ":" + site).c_str(), 1), 0);
  EXPECT_EQ(forcefields::find_force_field_file("amber/special.xml", {}),
            site + "/amber/special.xml");
  unsetenv(forcefields::kForceFieldPathVariable);
}

}  // namespace
}  // namespace saltus::tests
