#pragma once

#include <openmm/serialization/SerializationNode.h>

#include <string>
#include <vector>

namespace saltus::openmm_plugin {

/// OpenMM's own readers take an unreadable number for 0 and look at no attribute that they do not
/// know; these do not.
/// @throws InputError  naming node and attribute
void allow_only(const OpenMM::SerializationNode& node, const std::vector<std::string>& attributes,
                const std::vector<std::string>& children);
std::string text_of(const OpenMM::SerializationNode& node, const std::string& attribute);
double number_of(const OpenMM::SerializationNode& node, const std::string& attribute);
long long integer_of(const OpenMM::SerializationNode& node, const std::string& attribute);
/// The same, at least 0.
long long count_of(const OpenMM::SerializationNode& node, const std::string& attribute);
/// The same within the range of int.
int int_of(const OpenMM::SerializationNode& node, const std::string& attribute);
/// Integers with blanks between them.
std::vector<int> integers_of(const OpenMM::SerializationNode& node, const std::string& attribute);

}  // namespace saltus::openmm_plugin
