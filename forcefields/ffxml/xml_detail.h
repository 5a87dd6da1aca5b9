#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <vector>

namespace saltus::forcefields {

/// An XML file in memory that knows the line of each of its elements.
class XmlFile {
 public:
  /// @throws FileError   when it cannot be read
  /// @throws InputError  when it is not XML, with line and column
  explicit XmlFile(const std::string& path);
  /// XML that is in memory already.
  /// @param name  stands for the path in messages
  /// @throws InputError  as above
  XmlFile(const std::string& name, const std::string& text);

  const std::string& path() const { return path_; }
  pugi::xml_node root() const { return document_.document_element(); }
  /// "path:12:3", or "path" for an unknown offset (< 0).
  std::string where(std::ptrdiff_t offset, bool with_column) const;

 private:
  std::string path_;
  std::vector<std::size_t> line_starts_;
  pugi::xml_document document_;
};

/// One element of an XmlFile with checked access to its attributes. Every error is an InputError
/// that starts with file and line and names the tag. Does not own the file.
class XmlElement {
 public:
  XmlElement(const XmlFile& file, pugi::xml_node node);

  std::string tag() const { return node_.name(); }
  std::string where() const { return file_->where(node_.offset_debug(), false); }
  [[noreturn]] void fail(const std::string& what) const;

  bool has(const std::string& attribute) const;
  std::string text(const std::string& attribute) const;  ///< throws when it is missing
  double number(const std::string& attribute) const;     ///< finite
  int integer(const std::string& attribute) const;
  bool flag(const std::string& attribute) const;  ///< "true", "True", "false", "False"
  std::size_t index(const std::string& attribute, std::size_t size) const;  ///< < size
  std::vector<std::string> attribute_names() const;
  /// Throws when there is an attribute that is not in the list.
  void allow_only(std::initializer_list<const char*> attributes) const;
  void allow_only(const std::vector<std::string>& attributes) const;

  std::vector<XmlElement> children() const;
  /// The children, all of which must have one of these tags.
  std::vector<XmlElement> children_of(std::initializer_list<const char*> tags) const;

 private:
  const XmlFile* file_;
  pugi::xml_node node_;
};

}  // namespace saltus::forcefields
