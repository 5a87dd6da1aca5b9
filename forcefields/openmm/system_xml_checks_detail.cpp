#include "forcefields/openmm/system_xml_checks_detail.h"

#include <algorithm>
#include <string>

namespace saltus::forcefields::detail {

namespace {

// These set up Ewald sums, which most methods have not; they must be numbers all the same. Force
// groups say what is computed together, not what.
constexpr const char* kUnusedNumbers[] = {"alpha", "ewaldTolerance", "ljAlpha"};
constexpr const char* kUnusedIntegers[] = {"nx",   "ny",   "nz",         "ljnx",
                                           "ljny", "ljnz", "forceGroup", "recipForceGroup"};
constexpr std::initializer_list<const char*> kBondedAttributes = {"forceGroup", "name", "type",
                                                                  "usesPeriodic", "version"};

void require_non_periodic(const XmlElement& force) {
  require(force, "usesPeriodic", 0,
          "bonded terms take the positions as they are; keep molecules whole and write the System "
          "with setUsesPeriodicBoundaryConditions(False)");
}

}  // namespace

void require(const XmlElement& element, const std::string& attribute, int expected,
             const std::string& why) {
  if (element.has(attribute) && element.integer(attribute) != expected)
    element.fail("attribute '" + attribute + "' is " + std::to_string(element.integer(attribute)) +
                 ", expected " + std::to_string(expected) + ": " + why);
}

void check_version(const XmlElement& element, const std::string& what, int newest) {
  const int version = element.integer("version");
  if (version >= 1 && version <= newest) return;
  element.fail("attribute 'version' is " + std::to_string(version) + ", expected 1 to " +
               std::to_string(newest) + ": versions of " + what +
               " that Saltus understands; write the System with OpenMM 7.7 or 8");
}

void check_unused(const XmlElement& force) {
  for (const char* name : kUnusedNumbers)
    if (force.has(name)) force.number(name);
  for (const char* name : kUnusedIntegers)
    if (force.has(name)) force.integer(name);
}

XmlElement child(const XmlElement& parent, const std::string& tag) {
  const std::vector<XmlElement> children = parent.children();
  const auto is_it = [&](const XmlElement& element) { return element.tag() == tag; };
  const auto count = std::count_if(children.begin(), children.end(), is_it);
  if (count != 1)
    parent.fail("has " + std::to_string(count) + " <" + tag + "> inside, expected one");
  return *std::find_if(children.begin(), children.end(), is_it);
}

std::vector<XmlElement> leaves(const XmlElement& parent, const char* tag,
                               std::initializer_list<const char*> attributes) {
  parent.allow_only({});
  std::vector<XmlElement> result = parent.children_of({tag});
  for (const XmlElement& leaf : result) {
    leaf.allow_only(attributes);
    leaf.children_of({});
  }
  return result;
}

bool is_on(const XmlElement& element, const std::string& attribute) {
  const int value = element.integer(attribute);
  if (value != 0 && value != 1)
    element.fail("attribute '" + attribute + "' is " + std::to_string(value) + ", expected 0 or 1");
  return value == 1;
}

void check_bonded(const XmlElement& force, const std::string& type,
                  std::initializer_list<const char*> parts) {
  force.allow_only(kBondedAttributes);
  check_version(force, type, kBondedVersion);
  check_unused(force);
  require_non_periodic(force);
  force.children_of(parts);
}

void check_switches(const XmlElement& force) {
  check_unused(force);
  require(force, "includeDirectSpace", 1,
          "without it no pair interacts directly; write the System with "
          "setIncludeDirectSpace(True)");
  require(force, "exceptionsUsePeriodic", 0,
          "exceptions take the positions as they are; keep molecules whole");
  for (const char* name : {"dispersionCorrection", "useSwitchingFunction"})
    if (force.has(name)) is_on(force, name);
  for (const char* name : {"cutoff", "switchingDistance"})
    if (force.has(name)) force.number(name);
}

}  // namespace saltus::forcefields::detail
