#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "forcefields/ffxml/xml_detail.h"

namespace saltus::forcefields::detail {

// Versions up to these are understood: those that OpenMM 7.7 and 8 write, and older ones.
constexpr int kSystemVersion = 1, kBondedVersion = 2, kNonbondedVersion = 4, kGbsaVersion = 2,
              kCustomGbVersion = 2, kMotionRemoverVersion = 1;

/// An attribute, where it is given, must have this value; `why` ends the message.
void require(const XmlElement& element, const std::string& attribute, int expected,
             const std::string& why);

/// A newer version of `what` may mean something else by the same words, and is refused.
void check_version(const XmlElement& element, const std::string& what, int newest);

/// Reads what has no effect on energies here, so that nothing unreadable passes.
void check_unused(const XmlElement& force);

/// The one child with this tag.
XmlElement child(const XmlElement& parent, const std::string& tag);

/// Elements inside `parent`, all of one tag with these attributes and nothing inside.
std::vector<XmlElement> leaves(const XmlElement& parent, const char* tag,
                               std::initializer_list<const char*> attributes);

/// An attribute that is 0 or 1.
bool is_on(const XmlElement& element, const std::string& attribute);

/// A force of bonded terms: its attributes, and the parts it may have.
void check_bonded(const XmlElement& force, const std::string& type,
                  std::initializer_list<const char*> parts);

/// Attributes of a NonbondedForce that would change the energy whatever its method is, and those
/// that must be readable.
void check_switches(const XmlElement& force);

}  // namespace saltus::forcefields::detail
