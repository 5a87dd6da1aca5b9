#include "forcefields/openmm/system_xml.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "engine/core/error.h"
#include "forcefields/openmm/system_xml_checks_detail.h"
#include "forcefields/openmm/system_xml_sites_detail.h"
#include "forcefields/openmm/system_xml_solvent_detail.h"

namespace saltus::forcefields {

namespace {

using detail::check_bonded;
using detail::check_switches;
using detail::check_unused;
using detail::check_version;
using detail::child;
using detail::is_on;
using detail::leaves;
using engine::System;

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
// The attribute "method" is a place in this list.
constexpr const char* kMethodNames[] = {
    "NoCutoff", "CutoffNonPeriodic", "CutoffPeriodic", "Ewald", "PME", "LJPME"};
constexpr int kNoCutoff = 0, kCutoffNonPeriodic = 1, kCutoffPeriodic = 2, kEwald = 3, kPme = 4;

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
      {"CustomNonbondedForce", "pair-specific Lennard-Jones terms (NBFIX) are not supported"},
      {"RBTorsionForce",
       "write its torsions as a PeriodicTorsionForce (a sum of cosines of 1 to 5 times the angle)"},
      {"DrudeForce", "polarisable force fields are not supported"},
      {"AmoebaMultipoleForce", "polarisable force fields are not supported"}};
  const auto found = advice.find(type);
  if (found != advice.end()) return found->second;
  if (type.find("Barostat") != std::string::npos || type.find("Thermostat") != std::string::npos)
    return "the moves of Saltus set the ensemble (pressure with a move \"volume\"); remove it "
           "before "
           "writing the file";
  return "remove it before writing the file, or express it by the supported forces";
}

std::string method_text(int method) {
  const bool is_known = method >= 0 && method < static_cast<int>(std::size(kMethodNames));
  return "method " + std::to_string(method) +
         (is_known ? std::string(" (") + kMethodNames[method] + ")" : "");
}

/// Walks one file; knows the number of atoms and collects forces into one System.
class SystemReader {
 public:
  explicit SystemReader(const XmlFile& file) : root_(file, file.root()) {}

  SystemXml read() {
    root_.allow_only({"openmmVersion", "type", "version"});
    if (root_.has("type") && root_.text("type") != "System")
      root_.fail("attribute 'type' is '" + root_.text("type") + "', expected 'System'");
    root_.children_of({"PeriodicBoxVectors", "Particles", "Constraints", "Forces"});
    read_particles();
    check_version(root_, "System", detail::kSystemVersion);
    read_box();
    read_constraints();
    const XmlElement forces = child(root_, "Forces");
    forces.allow_only({});
    for (const XmlElement& force : forces.children_of({"Force"})) read_force(force);
    note_unused_box();
    return std::move(result_);
  }

 private:
  void read_particles() {
    const XmlElement particles = child(root_, "Particles");
    particles.allow_only({});
    const std::vector<XmlElement> all = particles.children_of({"Particle"});
    for (std::size_t n = 0; n < all.size(); ++n) {
      all[n].allow_only({"mass"});
      system().masses.push_back(all[n].number("mass"));
      const std::vector<XmlElement> sites = all[n].children();
      if (sites.size() > 1) sites[1].fail("a second virtual site of one particle");
      if (!sites.empty())
        system().virtual_sites.push_back(detail::read_virtual_site(sites.front(), n, all.size()));
    }
  }

  void read_constraints() {
    for (const XmlElement& c : leaves(child(root_, "Constraints"), "Constraint", {"d", "p1", "p2"}))
      system().constraints.push_back({atom(c, "p1"), atom(c, "p2"), c.number("d")});
  }

  void read_force(const XmlElement& force) {
    using Reader = void (SystemReader::*)(const XmlElement&);
    static const std::map<std::string, Reader> readers = {
        {"HarmonicBondForce", &SystemReader::read_bonds},
        {"HarmonicAngleForce", &SystemReader::read_angles},
        {"PeriodicTorsionForce", &SystemReader::read_torsions},
        {"CMAPTorsionForce", &SystemReader::read_correction_maps},
        {"NonbondedForce", &SystemReader::read_nonbonded},
        {"GBSAOBCForce", &SystemReader::read_gbsa_obc},
        {"CustomGBForce", &SystemReader::read_custom_gb},
        {"CMMotionRemover", &SystemReader::drop_motion_remover}};
    const std::string type = force.text("type");
    const auto reader = readers.find(type);
    if (reader == readers.end()) force.fail(type + " is not supported; " + advice_for(type));
    (this->*reader->second)(force);
  }

  void read_bonds(const XmlElement& force) {
    check_bonded(force, "HarmonicBondForce", {"Bonds"});
    for (const XmlElement& b : leaves(child(force, "Bonds"), "Bond", {"d", "k", "p1", "p2"}))
      system().bonds.push_back({atom(b, "p1"), atom(b, "p2"), b.number("d"), b.number("k")});
  }

  void read_angles(const XmlElement& force) {
    check_bonded(force, "HarmonicAngleForce", {"Angles"});
    for (const XmlElement& a :
         leaves(child(force, "Angles"), "Angle", {"a", "k", "p1", "p2", "p3"}))
      system().angles.push_back(
          {atom(a, "p1"), atom(a, "p2"), atom(a, "p3"), a.number("a"), a.number("k")});
  }

  void read_torsions(const XmlElement& force) {
    check_bonded(force, "PeriodicTorsionForce", {"Torsions"});
    for (const XmlElement& t : leaves(child(force, "Torsions"), "Torsion",
                                      {"k", "p1", "p2", "p3", "p4", "periodicity", "phase"}))
      system().torsions.push_back({atom(t, "p1"), atom(t, "p2"), atom(t, "p3"), atom(t, "p4"),
                                   t.integer("periodicity"), t.number("phase"), t.number("k")});
  }

  /// Maps of several forces are numbered on.
  void read_correction_maps(const XmlElement& force) {
    check_bonded(force, "CMAPTorsionForce", {"Maps", "Torsions"});
    const std::size_t first_map = system().correction_maps.size();
    const XmlElement part = child(force, "Maps");
    part.allow_only({});
    const std::vector<XmlElement> maps = part.children_of({"Map"});
    for (const XmlElement& m : maps) system().correction_maps.push_back(read_map(m));
    for (const XmlElement& t : leaves(child(force, "Torsions"), "Torsion",
                                      {"a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4", "map"})) {
      const int map = t.integer("map");
      if (map < 0 || map >= static_cast<int>(maps.size()))
        t.fail("attribute 'map' is " + std::to_string(map) + ", expected the index of one of " +
               std::to_string(maps.size()) + " maps of this force, counted from 0");
      system().correction_torsions.push_back(
          {first_map + static_cast<std::size_t>(map),
           {atom(t, "a1"), atom(t, "a2"), atom(t, "a3"), atom(t, "a4")},
           {atom(t, "b1"), atom(t, "b2"), atom(t, "b3"), atom(t, "b4")}});
    }
  }

  static engine::CorrectionMap read_map(const XmlElement& element) {
    element.allow_only({"size"});
    const std::vector<XmlElement> values = element.children_of({"Energy"});
    const int size = element.integer("size");
    engine::CorrectionMap map;
    map.size = static_cast<std::size_t>(std::max(size, 0));
    if (size < 1 || map.size * map.size != values.size())
      element.fail("has " + std::to_string(values.size()) + " energies for the size " +
                   std::to_string(size) + ", expected size * size of them");
    for (const XmlElement& value : values) {
      value.allow_only({"e"});
      map.energies.push_back(value.number("e"));
    }
    return map;
  }

  void read_nonbonded(const XmlElement& force) {
    if (system().nonbonded) force.fail("a second NonbondedForce; the two cannot be merged");
    force.allow_only(kNonbondedAttributes);
    check_version(force, "NonbondedForce", detail::kNonbondedVersion);
    check_switches(force);
    force.children_of(
        {"GlobalParameters", "ParticleOffsets", "ExceptionOffsets", "Particles", "Exceptions"});
    for (const XmlElement& part : force.children()) part.allow_only({});
    for (const XmlElement& part : force.children())
      if (part.tag() != "Particles" && part.tag() != "Exceptions" && !part.children().empty())
        part.fail("parameters that change with a global one are not supported");
    engine::Nonbonded nonbonded;
    nonbonded.method = nonbonded_method(force);
    // Checksums of force fields, which models carry, know this number also where it is not used.
    constexpr double kUnusedCutoff_nm = 1.0;
    nonbonded.cutoff_nm = kUnusedCutoff_nm;
    if (nonbonded.method != engine::NonbondedMethod::kNoCutoff) read_cutoff(force, nonbonded);
    nonbonded.reaction_field_dielectric = force.number("rfDielectric");
    for (const XmlElement& p : leaves(child(force, "Particles"), "Particle", {"eps", "q", "sig"}))
      nonbonded.particles.push_back({p.number("q"), p.number("sig"), p.number("eps")});
    for (const XmlElement& e :
         leaves(child(force, "Exceptions"), "Exception", {"eps", "p1", "p2", "q", "sig"}))
      nonbonded.exceptions.push_back(
          {atom(e, "p1"), atom(e, "p2"), e.number("q"), e.number("sig"), e.number("eps")});
    system().nonbonded = std::move(nonbonded);
  }

  engine::NonbondedMethod nonbonded_method(const XmlElement& force) const {
    const int method = force.integer("method");
    if (method == kNoCutoff) return engine::NonbondedMethod::kNoCutoff;
    if (method == kCutoffNonPeriodic) return engine::NonbondedMethod::kCutoffNonPeriodic;
    if (method == kCutoffPeriodic) return engine::NonbondedMethod::kCutoffPeriodic;
    if (method == kEwald) return engine::NonbondedMethod::kEwald;
    if (method == kPme) return engine::NonbondedMethod::kPme;
    force.fail(method_text(method) +
               " is not supported; write the System with NoCutoff, CutoffNonPeriodic, "
               "CutoffPeriodic (a reaction field), Ewald or PME");
  }

  void read_cutoff(const XmlElement& force, engine::Nonbonded& nonbonded) {
    nonbonded.cutoff_nm = force.number("cutoff");
    if (force.has("useSwitchingFunction") && is_on(force, "useSwitchingFunction")) {
      nonbonded.switching_distance_nm = force.number("switchingDistance");
      if (!(nonbonded.switching_distance_nm > 0.0 &&
            nonbonded.switching_distance_nm < nonbonded.cutoff_nm))
        force.fail("attribute 'switchingDistance' is " + force.text("switchingDistance") +
                   ", expected more than 0 and less than the cutoff, " + force.text("cutoff"));
    }
    if (!engine::is_periodic(nonbonded.method)) return;
    nonbonded.long_range_correction = is_on(force, "dispersionCorrection");
    if (engine::is_ewald(nonbonded.method)) nonbonded.ewald = read_ewald(force);
    if (!box_) root_.fail("has no <PeriodicBoxVectors> inside, which its NonbondedForce needs");
    system().box = box_;
  }

  /// Parameters that OpenMM would find itself are 0 in the file; its Ewald method knows none.
  engine::EwaldParameters read_ewald(const XmlElement& force) const {
    engine::EwaldParameters ewald;
    ewald.tolerance = force.number("ewaldTolerance");
    if (force.integer("method") != kPme || !force.has("alpha")) return ewald;
    ewald.alpha_per_nm = force.number("alpha");
    if (ewald.alpha_per_nm == 0.0) return ewald;
    const char* const names[] = {"nx", "ny", "nz"};
    for (std::size_t n = 0; n < ewald.n_grid.size(); ++n) {
      const int points = force.integer(names[n]);
      if (points < 1)
        force.fail(std::string("attribute '") + names[n] + "' is " + std::to_string(points) +
                   ", expected the points of the grid, as alpha is given too");
      ewald.n_grid[n] = static_cast<std::size_t>(points);
    }
    return ewald;
  }

  /// OpenMM writes a box for every System, used or not.
  void read_box() {
    for (const XmlElement& element : root_.children())
      if (element.tag() == "PeriodicBoxVectors") box_ = detail::read_system_box(element);
  }

  /// OpenMM writes a box for every System; only one that was set on purpose gets a note.
  void note_unused_box() {
    if (system().box) return;
    for (const XmlElement& box : root_.children()) {
      if (box.tag() != "PeriodicBoxVectors") continue;
      constexpr double kDefaultEdgeNm = 2.0;
      const char* const axes[] = {"x", "y", "z"};
      bool is_default = true;
      std::string edges;
      const std::vector<XmlElement> vectors = box.children();
      for (std::size_t n = 0; n < std::min<std::size_t>(3, vectors.size()); ++n) {
        is_default = is_default && vectors[n].number(axes[n]) == kDefaultEdgeNm;
        edges += (n == 0 ? "" : " x ") + vectors[n].text(axes[n]);
      }
      if (!is_default)
        result_.notes.push_back(box.where() + ": the periodic box (" + edges +
                                " nm) is not used, as no force of this System is periodic");
    }
  }

  void read_gbsa_obc(const XmlElement& force) {
    const double cutoff_nm = solvent_cutoff(force);
    system().implicit_solvent = detail::read_gbsa_obc(force, cutoff_nm);
  }

  void read_custom_gb(const XmlElement& force) {
    const double cutoff_nm = solvent_cutoff(force);
    system().implicit_solvent = detail::read_custom_gb(force, cutoff_nm);
  }

  /// Of the method of an implicit solvent; 0: none.
  double solvent_cutoff(const XmlElement& force) const {
    if (result_.system.implicit_solvent)
      force.fail("a second implicit solvent; the two cannot be merged");
    const engine::NonbondedMethod method = nonbonded_method(force);
    if (engine::is_periodic(method))
      force.fail(method_text(force.integer("method")) +
                 " is not supported for an implicit solvent, which fills no box; write it with "
                 "NoCutoff or CutoffNonPeriodic");
    return method == engine::NonbondedMethod::kCutoffNonPeriodic ? force.number("cutoff") : 0.0;
  }

  void drop_motion_remover(const XmlElement& force) {
    force.allow_only({"forceGroup", "frequency", "name", "type", "version"});
    force.children_of({});
    check_version(force, "CMMotionRemover", detail::kMotionRemoverVersion);
    check_unused(force);
    result_.notes.push_back(force.where() +
                            ": CMMotionRemover dropped; Saltus never removes the motion of the "
                            "centre of mass");
  }

  std::size_t atom(const XmlElement& element, const std::string& attribute) const {
    return element.index(attribute, result_.system.masses.size());
  }
  System& system() { return result_.system; }

  XmlElement root_;
  std::optional<engine::Box> box_;
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

SystemXml read_checked(const XmlFile& file) {
  check_root(file);
  SystemXml result = SystemReader(file).read();
  result.system.validate(file.path());
  return result;
}

}  // namespace

SystemXml read_system_xml(const std::string& path) { return read_checked(XmlFile(path)); }

SystemXml read_system_xml_text(const std::string& text, const std::string& name) {
  return read_checked(XmlFile(name, text));
}

}  // namespace saltus::forcefields
