#include "forcefields/openmm/system_xml.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <utility>

#include "engine/core/error.h"
#include "forcefields/ffxml/xml_detail.h"

namespace saltus::forcefields {

namespace {

using engine::System;

// OpenMM builds it into GBSAOBCForce.
constexpr double kGbsaOffsetNm = 0.009;

// Most of these set up Ewald sums, which the method rules out.
constexpr std::initializer_list<const char*> kNonbondedAttributes = {"alpha",
                                                                     "cutoff",
                                                                     "dispersionCorrection",
                                                                     "ewaldTolerance",
                                                                     "exceptionsUsePeriodic",
                                                                     "forceGroup",
                                                                     "includeDirectSpace",
                                                                     "ljAlpha",
                                                                     "ljnx",
                                                                     "ljny",
                                                                     "ljnz",
                                                                     "method",
                                                                     "name",
                                                                     "nx",
                                                                     "ny",
                                                                     "nz",
                                                                     "recipForceGroup",
                                                                     "rfDielectric",
                                                                     "switchingDistance",
                                                                     "type",
                                                                     "useSwitchingFunction",
                                                                     "version"};

// Values of the attribute "method".
constexpr int kNoCutoff = 0, kCutoffNonPeriodic = 1;

/// What else the root of an XML file about molecules may be, and what to do about it.
const std::map<std::string, std::string>& other_roots() {
  static const std::map<std::string, std::string> roots = {
      {"ForceField", "a force field; give it as a force-field file together with a structure"},
      {"State",
       "an OpenMM State (positions and velocities); write the System itself with "
       "XmlSerializer.serialize(system)"},
      {"Integrator",
       "an OpenMM Integrator; write the System itself with "
       "XmlSerializer.serialize(system)"}};
  return roots;
}

/// What to do about a force that has no counterpart in Saltus.
std::string advice_for(const std::string& type) {
  static const std::map<std::string, std::string> advice = {
      {"CustomGBForce",
       "OpenMM's implicit-solvent scripts make it; use a GBSAOBCForce, or give Saltus the "
       "force-field files or the AMBER prmtop"},
      {"CustomNonbondedForce", "pair-specific Lennard-Jones terms (NBFIX) are not supported"},
      {"CMAPTorsionForce", "torsion maps are not supported; choose a force field without them"},
      {"RBTorsionForce",
       "write its torsions as a PeriodicTorsionForce (a sum of cosines of 1 to 5 times the angle)"},
      {"DrudeForce", "polarisable force fields are not supported"},
      {"AmoebaMultipoleForce", "polarisable force fields are not supported"}};
  const auto found = advice.find(type);
  if (found != advice.end()) return found->second;
  if (type.find("Barostat") != std::string::npos || type.find("Thermostat") != std::string::npos)
    return "the moves of Saltus set the ensemble; remove it before writing the file";
  return "remove it before writing the file, or express it by the supported forces";
}

void require(const XmlElement& element, const std::string& attribute, int expected,
             const std::string& why) {
  if (element.has(attribute) && element.integer(attribute) != expected)
    element.fail("attribute '" + attribute + "' is " + std::to_string(element.integer(attribute)) +
                 ", expected " + std::to_string(expected) + ": " + why);
}

void require_non_periodic(const XmlElement& force) {
  require(force, "usesPeriodic", 0, "periodic boxes are not supported in System XML");
}

/// The one child with this tag.
XmlElement child(const XmlElement& parent, const std::string& tag) {
  const std::vector<XmlElement> children = parent.children();
  const auto is_it = [&](const XmlElement& element) { return element.tag() == tag; };
  const auto count = std::count_if(children.begin(), children.end(), is_it);
  if (count != 1)
    parent.fail("has " + std::to_string(count) + " <" + tag + "> inside, expected one");
  return *std::find_if(children.begin(), children.end(), is_it);
}

/// Walks one file; knows the number of atoms and collects forces into one System.
class SystemReader {
 public:
  explicit SystemReader(const XmlFile& file) : root_(file, file.root()) {}

  SystemXml read() {
    root_.children_of({"PeriodicBoxVectors", "Particles", "Constraints", "Forces"});
    read_particles();
    read_constraints();
    for (const XmlElement& force : child(root_, "Forces").children_of({"Force"})) read_force(force);
    return std::move(result_);
  }

 private:
  void read_particles() {
    for (const XmlElement& particle : child(root_, "Particles").children_of({"Particle"})) {
      particle.allow_only({"mass"});
      for (const XmlElement& site : particle.children())
        site.fail("virtual sites are not supported; use a model without them");
      system().masses.push_back(particle.number("mass"));
    }
  }

  void read_constraints() {
    for (const XmlElement& c : child(root_, "Constraints").children_of({"Constraint"}))
      system().constraints.push_back({atom(c, "p1"), atom(c, "p2"), c.number("d")});
  }

  void read_force(const XmlElement& force) {
    using Reader = void (SystemReader::*)(const XmlElement&);
    static const std::map<std::string, Reader> readers = {
        {"HarmonicBondForce", &SystemReader::read_bonds},
        {"HarmonicAngleForce", &SystemReader::read_angles},
        {"PeriodicTorsionForce", &SystemReader::read_torsions},
        {"NonbondedForce", &SystemReader::read_nonbonded},
        {"GBSAOBCForce", &SystemReader::read_implicit_solvent},
        {"CMMotionRemover", &SystemReader::drop_motion_remover}};
    const std::string type = force.text("type");
    const auto reader = readers.find(type);
    if (reader == readers.end()) force.fail(type + " is not supported; " + advice_for(type));
    (this->*reader->second)(force);
  }

  void read_bonds(const XmlElement& force) {
    force.allow_only({"forceGroup", "name", "type", "usesPeriodic", "version"});
    require_non_periodic(force);
    for (const XmlElement& b : child(force, "Bonds").children_of({"Bond"}))
      system().bonds.push_back({atom(b, "p1"), atom(b, "p2"), b.number("d"), b.number("k")});
  }

  void read_angles(const XmlElement& force) {
    force.allow_only({"forceGroup", "name", "type", "usesPeriodic", "version"});
    require_non_periodic(force);
    for (const XmlElement& a : child(force, "Angles").children_of({"Angle"}))
      system().angles.push_back(
          {atom(a, "p1"), atom(a, "p2"), atom(a, "p3"), a.number("a"), a.number("k")});
  }

  void read_torsions(const XmlElement& force) {
    force.allow_only({"forceGroup", "name", "type", "usesPeriodic", "version"});
    require_non_periodic(force);
    for (const XmlElement& t : child(force, "Torsions").children_of({"Torsion"}))
      system().torsions.push_back({atom(t, "p1"), atom(t, "p2"), atom(t, "p3"), atom(t, "p4"),
                                   t.integer("periodicity"), t.number("phase"), t.number("k")});
  }

  void read_nonbonded(const XmlElement& force) {
    if (system().nonbonded) force.fail("a second NonbondedForce; the two cannot be merged");
    force.allow_only(kNonbondedAttributes);
    force.children_of(
        {"GlobalParameters", "ParticleOffsets", "ExceptionOffsets", "Particles", "Exceptions"});
    for (const XmlElement& part : force.children())
      if (part.tag() != "Particles" && part.tag() != "Exceptions" && !part.children().empty())
        part.fail("parameters that change with a global one are not supported");
    engine::Nonbonded nonbonded;
    nonbonded.method = nonbonded_method(force);
    if (nonbonded.method == engine::NonbondedMethod::kCutoffNonPeriodic) {
      require(force, "useSwitchingFunction", 0, "switching functions are not supported");
      nonbonded.cutoff_nm = force.number("cutoff");
    }
    nonbonded.reaction_field_dielectric = force.number("rfDielectric");
    for (const XmlElement& p : child(force, "Particles").children_of({"Particle"}))
      nonbonded.particles.push_back({p.number("q"), p.number("sig"), p.number("eps")});
    for (const XmlElement& e : child(force, "Exceptions").children_of({"Exception"}))
      nonbonded.exceptions.push_back(
          {atom(e, "p1"), atom(e, "p2"), e.number("q"), e.number("sig"), e.number("eps")});
    system().nonbonded = std::move(nonbonded);
  }

  engine::NonbondedMethod nonbonded_method(const XmlElement& force) const {
    const int method = force.integer("method");
    if (method == kNoCutoff) return engine::NonbondedMethod::kNoCutoff;
    if (method == kCutoffNonPeriodic) return engine::NonbondedMethod::kCutoffNonPeriodic;
    force.fail("method " + std::to_string(method) +
               " is periodic; write the System with NoCutoff or CutoffNonPeriodic");
  }

  void read_implicit_solvent(const XmlElement& force) {
    if (system().implicit_solvent) force.fail("a second GBSAOBCForce; the two cannot be merged");
    force.allow_only({"cutoff", "forceGroup", "method", "name", "soluteDielectric",
                      "solventDielectric", "surfaceAreaEnergy", "type", "version"});
    engine::ImplicitSolvent solvent;
    solvent.model = engine::GeneralizedBornModel::kObc2;
    solvent.offset_nm = kGbsaOffsetNm;
    solvent.solute_dielectric = force.number("soluteDielectric");
    solvent.solvent_dielectric = force.number("solventDielectric");
    if (force.has("surfaceAreaEnergy")) solvent.surface_energy = force.number("surfaceAreaEnergy");
    if (nonbonded_method(force) == engine::NonbondedMethod::kCutoffNonPeriodic)
      solvent.cutoff_nm = force.number("cutoff");
    for (const XmlElement& p : child(force, "Particles").children_of({"Particle"})) {
      engine::GeneralizedBornParticle particle;
      particle.charge = p.number("q");
      particle.radius_nm = p.number("r");
      particle.scale = p.number("scale");
      solvent.particles.push_back(particle);
    }
    system().implicit_solvent = std::move(solvent);
  }

  void drop_motion_remover(const XmlElement& force) {
    result_.notes.push_back(force.where() +
                            ": CMMotionRemover dropped; Saltus never removes the motion of the "
                            "centre of mass");
  }

  std::size_t atom(const XmlElement& element, const std::string& attribute) const {
    return element.index(attribute, result_.system.masses.size());
  }
  System& system() { return result_.system; }

  XmlElement root_;
  SystemXml result_;
};

void check_root(const XmlFile& file) {
  const XmlElement root(file, file.root());
  if (root.tag() == "System") return;
  const auto other = other_roots().find(root.tag());
  root.fail("expected an OpenMM <System>; " +
            (other != other_roots().end() ? "this is " + other->second
                                          : std::string("write one with "
                                                        "XmlSerializer.serialize(system)")));
}

}  // namespace

SystemXml read_system_xml(const std::string& path) {
  const XmlFile file(path);
  check_root(file);
  SystemXml result = SystemReader(file).read();
  result.system.validate(path);
  return result;
}

}  // namespace saltus::forcefields
