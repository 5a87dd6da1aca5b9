#include "forcefields/ffxml/xml_detail.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "engine/core/error.h"
#include "engine/core/file.h"

namespace saltus::forcefields {

namespace {

/// "expected one of: a, b", or "expected none".
std::string expected(const std::vector<std::string>& words) {
  if (words.empty()) return "expected none";
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return "expected one of: " + text;
}

/// The whole of `text`, blanks at both ends aside, as a number of type T.
template <class T>
std::optional<T> parse_whole(const std::string& text) {
  const char* blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string::npos) return std::nullopt;
  const char* begin = text.data() + first;
  const char* end = text.data() + text.find_last_not_of(blanks) + 1;
  if (*begin == '+' && end - begin > 1 && begin[1] != '-') ++begin;
  T value{};
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

XmlFile::XmlFile(const std::string& path) : XmlFile(path, engine::read_file(path)) {}

XmlFile::XmlFile(const std::string& name, const std::string& text) : path_(name) {
  line_starts_.push_back(0);
  for (std::size_t n = 0; n < text.size(); ++n)
    if (text[n] == '\n') line_starts_.push_back(n + 1);
  const pugi::xml_parse_result result = document_.load_buffer(text.data(), text.size());
  if (!result)
    throw engine::InputError(where(result.offset, true) + ": not XML: " + result.description());
}

std::string XmlFile::where(std::ptrdiff_t offset, bool with_column) const {
  if (offset < 0) return path_;
  const auto position = static_cast<std::size_t>(offset);
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), position);
  const std::string line = std::to_string(next - line_starts_.begin());
  if (!with_column) return path_ + ":" + line;
  return path_ + ":" + line + ":" + std::to_string(position - *(next - 1) + 1);
}

XmlElement::XmlElement(const XmlFile& file, pugi::xml_node node) : file_(&file), node_(node) {
  // The parser accepts an attribute that is given twice; XML does not.
  std::set<std::string> seen;
  for (const pugi::xml_attribute& attribute : node_.attributes())
    if (!seen.insert(attribute.name()).second)
      fail("attribute '" + std::string(attribute.name()) + "' is given twice");
}

void XmlElement::fail(const std::string& what) const {
  throw engine::InputError(where() + ": <" + tag() + ">: " + what);
}

bool XmlElement::has(const std::string& attribute) const {
  return !node_.attribute(attribute.c_str()).empty();
}

std::string XmlElement::text(const std::string& attribute) const {
  if (!has(attribute)) fail("attribute '" + attribute + "' is missing");
  return node_.attribute(attribute.c_str()).value();
}

double XmlElement::number(const std::string& attribute) const {
  const std::string value = text(attribute);
  const std::optional<double> parsed = parse_whole<double>(value);
  if (!parsed || !std::isfinite(*parsed))
    fail("attribute '" + attribute + "' is '" + value + "', expected a number");
  return *parsed;
}

int XmlElement::integer(const std::string& attribute) const {
  const std::string value = text(attribute);
  const std::optional<int> parsed = parse_whole<int>(value);
  if (!parsed) fail("attribute '" + attribute + "' is '" + value + "', expected an integer");
  return *parsed;
}

bool XmlElement::flag(const std::string& attribute) const {
  const std::string value = text(attribute);
  if (value == "true" || value == "True") return true;
  if (value == "false" || value == "False") return false;
  fail("attribute '" + attribute + "' is '" + value + "', expected true or false");
}

std::size_t XmlElement::index(const std::string& attribute, std::size_t size) const {
  const int value = integer(attribute);
  if (value < 0 || static_cast<std::size_t>(value) >= size)
    fail("attribute '" + attribute + "' is " + std::to_string(value) +
         ", expected the index of one of " + std::to_string(size) + " atoms, counted from 0");
  return static_cast<std::size_t>(value);
}

std::vector<std::string> XmlElement::attribute_names() const {
  std::vector<std::string> names;
  for (const pugi::xml_attribute& attribute : node_.attributes())
    names.emplace_back(attribute.name());
  return names;
}

void XmlElement::allow_only(std::initializer_list<const char*> attributes) const {
  allow_only(std::vector<std::string>(attributes.begin(), attributes.end()));
}

void XmlElement::allow_only(const std::vector<std::string>& attributes) const {
  for (const std::string& name : attribute_names())
    if (std::find(attributes.begin(), attributes.end(), name) == attributes.end())
      fail("attribute '" + name + "' is not known here, " + expected(attributes));
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> result;
  for (const pugi::xml_node& child : node_.children())
    if (child.type() == pugi::node_element) result.emplace_back(*file_, child);
  return result;
}

std::vector<XmlElement> XmlElement::children_of(std::initializer_list<const char*> tags) const {
  std::vector<XmlElement> result = children();
  for (const XmlElement& child : result)
    if (std::find(tags.begin(), tags.end(), child.tag()) == tags.end())
      child.fail("this tag is not supported inside <" + tag() + ">, " +
                 expected({tags.begin(), tags.end()}));
  return result;
}

}  // namespace saltus::forcefields
