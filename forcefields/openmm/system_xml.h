#pragma once

#include <string>
#include <vector>

#include "engine/system/system.h"

namespace saltus::forcefields {

/// A System read from a file, and what in the file it leaves out on purpose.
struct SystemXml {
  engine::System system;
  /// Sentences for the user, e.g. that a CMMotionRemover was dropped.
  std::vector<std::string> notes;
};

/// Reads what OpenMM's XmlSerializer writes for a System. Understands HarmonicBondForce,
/// HarmonicAngleForce, PeriodicTorsionForce, CMAPTorsionForce, NonbondedForce (NoCutoff,
/// CutoffNonPeriodic, CutoffPeriodic with its reaction field, Ewald, PME; switching function;
/// long-range correction), GBSAOBCForce, CustomGBForce where it is one of the models of OpenMM
/// (OBC1, OBC2 or GBn2), constraints, masses and virtual sites; several forces of a bonded kind are
/// merged, and a CMMotionRemover is dropped with a note. Force groups and names have no meaning
/// here, nor has a box that no force uses; they must be readable all the same. Versions are those
/// that OpenMM 7.7 and 8 write (System 1, bonded and solvent forces 2, NonbondedForce 4) and older
/// ones.
///
/// The file is read without OpenMM: its own reader takes an unreadable number for 0, a file cut
/// short for a smaller system, and the type a tag claims for the type it has.
///
/// @throws FileError   when the file cannot be read
/// @throws InputError  with file and line, when it is not XML, not a System (says what it is
///                     instead), has a newer version, an attribute or element that is not known,
///                     includeDirectSpace = 0, a number that is none, a box that is not in reduced
///                     form, Ewald sums of Lennard-Jones, bonded terms across the box, or a force
///                     that is not supported (says what to do)
SystemXml read_system_xml(const std::string& path);

/// The same of a text.
/// @param name  stands for the path in messages
/// @throws InputError  as above
SystemXml read_system_xml_text(const std::string& text, const std::string& name);

}  // namespace saltus::forcefields
