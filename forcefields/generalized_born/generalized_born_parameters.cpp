#include "forcefields/generalized_born/generalized_born_parameters.h"

#include <cmath>
#include <set>
#include <string>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/potential/gbn2_neck_tables.h"

namespace saltus::forcefields {

namespace {

using engine::GeneralizedBornModel;
using engine::GeneralizedBornParticle;

constexpr int kH = 1, kC = 6, kN = 7, kO = 8, kF = 9, kSi = 14, kP = 15, kS = 16, kCl = 17;

constexpr double kScriptCoulombConstant = 138.935485;
constexpr double kScriptSurfaceFactor = 28.3919551;  // 4 pi surface_energy
constexpr double kObcOffsetNm = 0.009;
constexpr double kGbn2OffsetNm = 0.0195141;
constexpr double kArginineHydrogenRadiusNm = 0.117;
constexpr double kCarboxylateRadiusNm = 0.14;

struct BornShape {
  double alpha, beta, gamma;
};
constexpr BornShape kObc1Shape = {0.8, 0.0, 2.909125};
constexpr BornShape kObc2Shape = {1.0, 0.8, 4.85};
constexpr BornShape kGbn2DefaultShape = {1.0, 0.8, 4.851};

double mbondi2_radius_nm(int element, int bonded_element) {
  switch (element) {
    case kH:
      return bonded_element == kN ? 0.13 : 0.12;
    case kC:
    case kCl:
      return 0.17;
    case kN:
      return 0.155;
    case kSi:
      return 0.21;
    case kP:
      return 0.185;
    case kS:
      return 0.18;
    default:
      return 0.15;
  }
}

double obc_screening(int element) {
  switch (element) {
    case kH:
    case kO:
      return 0.85;
    case kC:
      return 0.72;
    case kN:
      return 0.79;
    case kF:
      return 0.88;
    case kP:
      return 0.86;
    case kS:
      return 0.96;
    default:
      return 0.8;
  }
}

double gbn2_screening(int element, bool nucleic) {
  switch (element) {
    case kH:
      return nucleic ? 1.696538 : 1.425952;
    case kC:
      return nucleic ? 1.268902 : 1.058554;
    case kN:
      return nucleic ? 1.4259728 : 0.733599;
    case kO:
      return nucleic ? 0.1840098 : 1.061039;
    case kP:
      return nucleic ? 1.5450597 : 0.5;
    case kS:
      return nucleic ? 0.05 : -0.703469;
    default:
      return 0.5;
  }
}

BornShape gbn2_shape(int element, bool nucleic) {
  switch (element) {
    case kH:
      return nucleic ? BornShape{0.537050, 0.362861, 0.116704}
                     : BornShape{0.788440, 0.798699, 0.437334};
    case kC:
      return nucleic ? BornShape{0.331670, 0.196842, 0.093422}
                     : BornShape{0.733756, 0.506378, 0.205844};
    case kN:
      return nucleic ? BornShape{0.686311, 0.463189, 0.138722}
                     : BornShape{0.503364, 0.316828, 0.192915};
    case kO:
    case kS:
      return nucleic ? BornShape{0.606344, 0.463006, 0.142262}
                     : BornShape{0.867814, 0.876635, 0.387882};
    case kP:
      return nucleic ? BornShape{0.418365, 0.290054, 0.1064245} : kGbn2DefaultShape;
    default:
      return kGbn2DefaultShape;
  }
}

bool is_nucleic(const std::string& residue_name) {
  // The eight names of the parametrisation and the other names PDB files have for them.
  static const std::set<std::string> kNames = {
      "A",   "ADE", "A3",  "A5",  "G",   "GUA", "G3",  "G5",  "C",   "CYT", "C3",
      "C5",  "U",   "URA", "U3",  "U5",  "DA",  "DAD", "DA3", "DA5", "DG",  "DGU",
      "DG3", "DG5", "DC",  "DCY", "DC3", "DC5", "DT",  "THY", "DT3", "DT5"};
  return kNames.count(residue_name) > 0;
}

/// HE, HH11 ... of arginine, also as 1HH1.
bool is_arginine_side_chain_hydrogen(const engine::Topology& topology, std::size_t atom) {
  if (topology.residues[topology.atoms[atom].residue].name != "ARG") return false;
  const std::string& name = topology.atoms[atom].name;
  const std::size_t first = name.find_first_not_of("0123456789");
  if (first == std::string::npos) return false;
  const std::string start = name.substr(first, 2);
  return start == "HH" || start == "HE";
}

/// AMBER's residues of constant pH have a proton at every place where one may be.
bool is_constant_ph_oxygen(const std::string& residue_name, const std::string& atom_name) {
  const std::string start = atom_name.substr(0, 2);
  return (residue_name == "AS4" && start == "OD") || (residue_name == "GL4" && start == "OE");
}

double radius_nm(GeneralizedBornModel model, const engine::Topology& topology,
                 const std::vector<std::vector<std::size_t>>& neighbours, std::size_t atom) {
  const int element = topology.atoms[atom].atomic_number;
  if (element <= 0)
    throw engine::InputError("implicit solvent: the element of " + topology.describe_atom(atom) +
                             " is unknown");
  if (element == kH && neighbours[atom].empty())
    throw engine::InputError("implicit solvent: hydrogen " + topology.describe_atom(atom) +
                             " has no bond, its radius depends on what it is bonded to");
  if (model == GeneralizedBornModel::kGbn2 && is_arginine_side_chain_hydrogen(topology, atom))
    return kArginineHydrogenRadiusNm;
  if (model == GeneralizedBornModel::kGbn2 && is_carboxylate_oxygen(topology, neighbours, atom))
    return kCarboxylateRadiusNm;
  const int bonded = element == kH ? topology.atoms[neighbours[atom].front()].atomic_number : 0;
  return mbondi2_radius_nm(element, bonded);
}

void check_options(const GeneralizedBornOptions& options) {
  const auto check = [](bool ok, const std::string& what, double value) {
    if (!ok)
      throw engine::InputError("implicit solvent: " + what + ", got " + std::to_string(value));
  };
  check(options.solute_dielectric > 0.0 && std::isfinite(options.solute_dielectric),
        "solute_dielectric must be positive", options.solute_dielectric);
  check(options.solvent_dielectric > 0.0 && std::isfinite(options.solvent_dielectric),
        "solvent_dielectric must be positive", options.solvent_dielectric);
  check(options.cutoff_nm >= 0.0 && std::isfinite(options.cutoff_nm),
        "cutoff_nm must be positive or 0 for none", options.cutoff_nm);
}

BornShape shape_of(GeneralizedBornModel model, int element, bool nucleic) {
  if (model == GeneralizedBornModel::kObc1) return kObc1Shape;
  if (model == GeneralizedBornModel::kObc2) return kObc2Shape;
  return gbn2_shape(element, nucleic);
}

}  // namespace

bool is_carboxylate_oxygen(const engine::Topology& topology,
                           const std::vector<std::vector<std::size_t>>& neighbours,
                           std::size_t atom) {
  constexpr std::size_t kCarbonNeighbours = 3;
  const auto element = [&](std::size_t n) { return topology.atoms[n].atomic_number; };
  if (element(atom) != kO) return false;
  const engine::Atom& itself = topology.atoms[atom];
  if (is_constant_ph_oxygen(topology.residues[itself.residue].name, itself.name)) return true;
  if (neighbours[atom].size() != 1) return false;
  const std::size_t carbon = neighbours[atom].front();
  if (element(carbon) != kC || neighbours[carbon].size() != kCarbonNeighbours) return false;
  std::size_t bare_oxygens = 0;
  for (std::size_t n : neighbours[carbon])
    if (element(n) == kO && neighbours[n].size() == 1) ++bare_oxygens;
  return bare_oxygens == 2;
}

engine::ImplicitSolvent generalized_born_model(GeneralizedBornModel model,
                                               const GeneralizedBornOptions& options) {
  check_options(options);
  engine::ImplicitSolvent solvent;
  solvent.model = model;
  solvent.offset_nm = model == GeneralizedBornModel::kGbn2 ? kGbn2OffsetNm : kObcOffsetNm;
  solvent.solute_dielectric = options.solute_dielectric;
  solvent.solvent_dielectric = options.solvent_dielectric;
  solvent.surface_energy = options.surface_term ? kScriptSurfaceFactor / (4.0 * engine::kPi) : 0.0;
  solvent.cutoff_nm = options.cutoff_nm;
  return solvent;
}

engine::ImplicitSolvent generalized_born_parameters(GeneralizedBornModel model,
                                                    const engine::Topology& topology,
                                                    engine::Span<const double> charges,
                                                    const GeneralizedBornOptions& options) {
  if (charges.size() != topology.n_atoms())
    throw engine::InternalError("implicit solvent: " + std::to_string(charges.size()) +
                                " charges for " + std::to_string(topology.n_atoms()) + " atoms");
  engine::ImplicitSolvent solvent = generalized_born_model(model, options);
  solvent.coulomb_constant = kScriptCoulombConstant;
  const bool is_gbn2 = model == GeneralizedBornModel::kGbn2;
  const auto neighbours = topology.neighbours();
  for (std::size_t atom = 0; atom < topology.n_atoms(); ++atom) {
    const int element = topology.atoms[atom].atomic_number;
    const bool nucleic = is_nucleic(topology.residues[topology.atoms[atom].residue].name);
    GeneralizedBornParticle particle;
    particle.charge = charges[atom];
    particle.radius_nm = radius_nm(model, topology, neighbours, atom);
    particle.scale = is_gbn2 ? gbn2_screening(element, nucleic) : obc_screening(element);
    const BornShape shape = shape_of(model, element, nucleic);
    particle.alpha = shape.alpha;
    particle.beta = shape.beta;
    particle.gamma = shape.gamma;
    // Looks the radius up, so that one outside the tables is reported with its atom.
    if (is_gbn2) try {
        engine::neck_parameters(particle.radius_nm, particle.radius_nm);
      } catch (const engine::InputError& error) {
        throw engine::InputError(topology.describe_atom(atom) + ": " + error.what());
      }
    solvent.particles.push_back(particle);
  }
  return solvent;
}

}  // namespace saltus::forcefields
