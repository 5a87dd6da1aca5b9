// Oracle: what OpenMM promises of plugins. This program knows the plugin by its folder alone: it
// loads it, makes an integrator of XML, steps, and restarts.
#include <OpenMM.h>
#include <gtest/gtest.h>
#include <openmm/serialization/XmlSerializer.h>

#include <limits>
#include <memory>
#include <set>
#include <sstream>
#include <string>

namespace {

std::set<std::string> platforms() {
  std::set<std::string> names;
  for (int i = 0; i < OpenMM::Platform::getNumPlatforms(); ++i)
    names.insert(OpenMM::Platform::getPlatform(i).getName());
  return names;
}

class LoadedPlugin : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    OpenMM::Platform::loadPluginsFromDirectory(OpenMM::Platform::getDefaultPluginsDirectory());
    before_ = platforms();
    loaded_ = OpenMM::Platform::loadPluginsFromDirectory(SALTUS_OPENMM_PLUGIN_DIR);
  }

  LoadedPlugin() {
    for (int i = 0; i < 2; ++i) system_.addParticle(12.0);
    auto bond = std::make_unique<OpenMM::HarmonicBondForce>();
    bond->addBond(0, 1, 0.15, 1e4);
    system_.addForce(bond.release());
  }

  static std::unique_ptr<OpenMM::Integrator> from_xml(const std::string& xml) {
    std::istringstream stream(xml);
    return std::unique_ptr<OpenMM::Integrator>(
        OpenMM::XmlSerializer::deserialize<OpenMM::Integrator>(stream));
  }
  std::unique_ptr<OpenMM::Context> context_of(OpenMM::Integrator& integrator) {
    auto context = std::make_unique<OpenMM::Context>(
        system_, integrator, OpenMM::Platform::getPlatformByName("Reference"));
    context->setPositions({{0.0, 0.0, 0.0}, {0.16, 0.0, 0.0}});
    return context;
  }
  static std::string message_of(const std::string& xml) {
    try {
      from_xml(xml);
    } catch (const OpenMM::OpenMMException& error) {
      return error.what();
    }
    return "no exception";
  }
  /// Moves made, from the XML of a State.
  static std::string moves_made(const OpenMM::Context& context) {
    const OpenMM::State state = context.getState(OpenMM::State::IntegratorParameters);
    std::ostringstream xml;
    OpenMM::XmlSerializer::serialize(&state, "State", xml);
    const std::string begin = "moves=\"";
    const std::size_t place = xml.str().find(begin);
    if (place == std::string::npos) return "none in " + xml.str();
    const std::size_t first = place + begin.size();
    return xml.str().substr(first, xml.str().find('"', first) - first);
  }
  static bool same(const OpenMM::Context& a, const OpenMM::Context& b) {
    const int what = OpenMM::State::Positions | OpenMM::State::Velocities;
    const OpenMM::State one = a.getState(what), two = b.getState(what);
    return one.getPositions() == two.getPositions() && one.getVelocities() == two.getVelocities();
  }

  static std::set<std::string> before_;
  static std::vector<std::string> loaded_;
  OpenMM::System system_;
};

std::set<std::string> LoadedPlugin::before_;
std::vector<std::string> LoadedPlugin::loaded_;

const char* const kXml =
    "<Integrator type=\"SaltusIntegrator\" version=\"1\" temperature=\"300\" stepSize=\"0.004\" "
    "randomSeed=\"7\"><Move kind=\"hmc\" steps=\"5\"/></Integrator>";

TEST_F(LoadedPlugin, LoadsWithoutFailureAndHidesNoPlatform) {
  ASSERT_FALSE(loaded_.empty());
  for (const std::string& failure : OpenMM::Platform::getPluginLoadFailures())
    EXPECT_EQ(failure.find("Saltus"), std::string::npos) << failure;
  EXPECT_EQ(platforms(), before_);
  EXPECT_EQ(platforms().count("Reference"), 1u);
}

TEST_F(LoadedPlugin, MakesAnIntegratorOfXmlThatSteps) {
  const auto integrator = from_xml(kXml);
  const auto context = context_of(*integrator);
  integrator->step(10);
  const OpenMM::State state = context->getState(OpenMM::State::Positions);
  EXPECT_EQ(state.getStepCount(), 10);
  EXPECT_NEAR(state.getTime(), 10 * 5 * 0.004, 1e-12);
  EXPECT_NE(state.getPositions()[1][0], 0.16);
  EXPECT_EQ(moves_made(*context), "10");
}

TEST_F(LoadedPlugin, XmlKeepsEverything) {
  std::ostringstream first, second;
  const auto integrator = from_xml(
      "<Integrator type=\"SaltusIntegrator\" version=\"1\" temperature=\"310\" stepSize=\"0.001\" "
      "constraintTolerance=\"1e-06\" integrationForceGroups=\"3\" randomSeed=\"5\">"
      "<Move kind=\"hmc\" weight=\"2\" steps=\"7\" friction=\"1.5\" lengthJitter=\"0.1\"/>"
      "<Move kind=\"langevin\" steps=\"9\" friction=\"2\"/>"
      "<Move kind=\"torsion_walk\" width=\"0.25\" atoms=\"0 2\"/>"
      "<Move kind=\"leap\" model=\"a.safetensors\"/><Move kind=\"peptide_leaps\"/>"
      "<Residue name=\"ALA\" number=\"2\" chain=\"1\"><Atom name=\"CA\" element=\"6\"/>"
      "<Atom name=\"N\" element=\"7\"/></Residue><Bond first=\"0\" second=\"1\"/></Integrator>");
  OpenMM::XmlSerializer::serialize(integrator.get(), "Integrator", first);
  for (const char* part :
       {"temperature=\"310\"", "integrationForceGroups=\"3\"", "randomSeed=\"5\"",
        "friction=\"1.5\"", "width=\".25\"", "atoms=\"0 2\"", "name=\"CA\"", "second=\"1\""})
    EXPECT_NE(first.str().find(part), std::string::npos) << part << " in\n" << first.str();
  OpenMM::XmlSerializer::serialize(from_xml(first.str()).get(), "Integrator", second);
  EXPECT_EQ(first.str(), second.str());
}

TEST_F(LoadedPlugin, RefusesXmlThatItDoesNotUnderstand) {
  const std::string begin = "<Integrator type=\"SaltusIntegrator\" version=\"1\" stepSize=\"1\" ";
  EXPECT_EQ(message_of(begin + "temperature=\"300\" colour=\"red\"/>"),
            "XML of a SaltusIntegrator: <Integrator>: attribute 'colour' is not known");
  EXPECT_EQ(message_of(begin + "temperature=\"3OO\"/>"),
            "XML of a SaltusIntegrator: <Integrator>: temperature = '3OO' is not a number that "
            "belongs here");
  EXPECT_EQ(message_of(begin + "/>"),
            "XML of a SaltusIntegrator: <Integrator>: attribute 'temperature' is missing");
  EXPECT_EQ(message_of(begin + "temperature=\"300\"><Move kind=\"jump\"/></Integrator>"),
            "SaltusIntegrator: there is no move 'jump'; expected one of: hmc, langevin, "
            "peptide_leaps, leap, torsion_walk, driven_torsion");
  EXPECT_EQ(message_of(begin + "temperature=\"300\"><Move kind=\"hmc\" width=\"1\"/></Integrator>"),
            "XML of a SaltusIntegrator: <Move>: attribute 'width' is not known");
}

TEST_F(LoadedPlugin, GoesOnFromACheckpointBitByBit) {
  const auto straight = from_xml(kXml), interrupted = from_xml(kXml), resumed = from_xml(kXml);
  const auto a = context_of(*straight), b = context_of(*interrupted), c = context_of(*resumed);
  straight->step(20);
  interrupted->step(8);
  std::stringstream checkpoint;
  b->createCheckpoint(checkpoint);
  c->loadCheckpoint(checkpoint);
  resumed->step(11);
  EXPECT_FALSE(same(*a, *c));  // one step is missing: the comparison can fail
  resumed->step(1);
  EXPECT_TRUE(same(*a, *c));
  EXPECT_EQ(moves_made(*c), "20");
}

TEST_F(LoadedPlugin, WorksInACompoundIntegrator) {
  OpenMM::CompoundIntegrator compound;
  compound.addIntegrator(new OpenMM::VerletIntegrator(0.001));
  compound.addIntegrator(from_xml(kXml).release());
  const auto context = context_of(compound);
  compound.step(5);
  compound.setCurrentIntegrator(1);
  compound.step(5);
  EXPECT_EQ(context->getState(OpenMM::State::Positions).getStepCount(), 10);
}

TEST_F(LoadedPlugin, SaysWhatIsWrongInTheContext) {
  const auto integrator = from_xml(kXml);
  const auto context = context_of(*integrator);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  context->setPositions({{0.0, 0.0, 0.0}, {nan, 0.0, 0.0}});
  try {
    integrator->step(1);
    FAIL() << "NaN was not noticed";
  } catch (const OpenMM::OpenMMException& error) {
    EXPECT_EQ(std::string(error.what()), "positions of the Context are not finite (NaN)");
  }
  // And it goes on once that is mended.
  context->setPositions({{0.0, 0.0, 0.0}, {0.15, 0.0, 0.0}});
  integrator->step(1);
}

}  // namespace
