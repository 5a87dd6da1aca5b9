#include "tools/openmm_plugin/xml_checks.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

#include "engine/core/error.h"

namespace saltus::openmm_plugin {

namespace {

[[noreturn]] void fail(const OpenMM::SerializationNode& node, const std::string& what) {
  // OpenMM does not name the root.
  const std::string name = node.getName().empty() ? "Integrator" : node.getName();
  throw engine::InputError("XML of a SaltusIntegrator: <" + name + ">: " + what);
}

template <class Number>
Number parse(const OpenMM::SerializationNode& node, const std::string& attribute,
             const std::string& text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end)
    fail(node, attribute + " = '" + text + "' is not a number that belongs here");
  return value;
}

}  // namespace

void allow_only(const OpenMM::SerializationNode& node, const std::vector<std::string>& attributes,
                const std::vector<std::string>& children) {
  const auto holds = [](const std::vector<std::string>& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  for (const auto& [attribute, value] : node.getProperties())
    if (!holds(attributes, attribute)) fail(node, "attribute '" + attribute + "' is not known");
  for (const OpenMM::SerializationNode& child : node.getChildren())
    if (!holds(children, child.getName()))
      fail(node, "element <" + child.getName() + "> is not known");
}

std::string text_of(const OpenMM::SerializationNode& node, const std::string& attribute) {
  if (!node.hasProperty(attribute)) fail(node, "attribute '" + attribute + "' is missing");
  return node.getStringProperty(attribute);
}

double number_of(const OpenMM::SerializationNode& node, const std::string& attribute) {
  const double value = parse<double>(node, attribute, text_of(node, attribute));
  if (!std::isfinite(value)) fail(node, attribute + " is not finite");
  return value;
}

long long integer_of(const OpenMM::SerializationNode& node, const std::string& attribute) {
  return parse<long long>(node, attribute, text_of(node, attribute));
}

long long count_of(const OpenMM::SerializationNode& node, const std::string& attribute) {
  const long long value = integer_of(node, attribute);
  if (value < 0) fail(node, attribute + " must not be negative");
  return value;
}

int int_of(const OpenMM::SerializationNode& node, const std::string& attribute) {
  return parse<int>(node, attribute, text_of(node, attribute));
}

std::vector<int> integers_of(const OpenMM::SerializationNode& node, const std::string& attribute) {
  std::istringstream words(text_of(node, attribute));
  std::vector<int> values;
  for (std::string word; words >> word;) values.push_back(parse<int>(node, attribute, word));
  return values;
}

}  // namespace saltus::openmm_plugin
