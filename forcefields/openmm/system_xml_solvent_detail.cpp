#include "forcefields/openmm/system_xml_solvent_detail.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "engine/core/units.h"
#include "engine/potential/gbn2_neck_tables.h"
#include "forcefields/openmm/system_xml_checks_detail.h"

namespace saltus::forcefields::detail {

namespace {

using engine::GeneralizedBornModel;
using engine::GeneralizedBornParticle;
using engine::ImplicitSolvent;

// OpenMM builds it into GBSAOBCForce.
constexpr double kGbsaOffsetNm = 0.009;

// Numbers that OpenMM's scripts write out in their expressions.
constexpr double kScriptCoulombConstant = 138.935485;
constexpr double kScriptSurfaceFactor = 28.3919551;  // 4 pi surface_energy

constexpr const char* kIntegral =
    "select(step(r+sr2-or1),0.5*(1/L-1/U+0.25*(r-sr2^2/r)*(1/(U^2)-1/(L^2))+0.5*log(L/U)/r),0);"
    "U=r+sr2;L=max(or1,D);D=abs(r-sr2)";
const std::string kIntegralWithNeck =
    std::string(
        "Ivdw+neckScale*Ineck;Ineck=step(radius1+radius2+neckCut-r)*"
        "getm0(radindex1,radindex2)/(1+100*(r-getd0(radindex1,radindex2))^2+"
        "0.3*1000000*(r-getd0(radindex1,radindex2))^6);Ivdw=") +
    kIntegral + ";radius1=or1+offset;radius2=or2+offset";
constexpr const char* kSelfEnergy =
    "-0.5*138.935485*(1/soluteDielectric-1/solventDielectric)*charge^2/B";
constexpr const char* kSurfaceEnergy = "28.3919551*(radius+0.14)^2*(radius/B)^6;radius=or+offset";
const std::string kPairEnergy =
    "-138.935485*(1/soluteDielectric-1/solventDielectric)*charge1*charge2";
constexpr const char* kPairDistance = ";f=sqrt(r^2+B1*B2*exp(-r^2/(4*B1*B2)))";

// Sums and products that OpenMM's script and the engine do in another order.
constexpr double kRounding = 1e-12;
// Neck tables, in whose units the script rounds.
constexpr double kTableRounding = 1e-9;

/// A model, by what its Born radii are.
struct Model {
  GeneralizedBornModel model;
  std::string born_radius;  ///< the argument of tanh
  double alpha, beta, gamma;
};
const std::vector<Model>& models() {
  static const std::vector<Model> all = {
      {GeneralizedBornModel::kObc2, "0.8*psi+2.909125*psi^3", 0.8, 0.0, 2.909125},
      {GeneralizedBornModel::kObc2, "psi-0.8*psi^2+4.85*psi^3", 1.0, 0.8, 4.85},
      {GeneralizedBornModel::kGbn2, "alpha*psi-beta*psi^2+gamma*psi^3", 0.0, 0.0, 0.0}};
  return all;
}

[[noreturn]] void refuse(const XmlElement& element, const std::string& what) {
  element.fail(what +
               "; supported are OBC1, OBC2 and GBn2 without salt, as OpenMM's implicit/obc1.xml, "
               "obc2.xml and gbn2.xml make them; or give Saltus force field or prmtop in a deck, "
               "with system.implicit_solvent");
}

/// An expression of OpenMM without spaces, and without the numbers it gives names to.
struct Expression {
  std::string formula;
  std::map<std::string, double> numbers;

  explicit Expression(const XmlElement& element) {
    std::string text = element.text("expression");
    text.erase(std::remove_if(text.begin(), text.end(),
                              [](unsigned char c) { return std::isspace(c) != 0; }),
               text.end());
    for (std::size_t first = 0; first <= text.size();) {
      const std::size_t last = std::min(text.find(';', first), text.size());
      const std::string part = text.substr(first, last - first);
      first = last + 1;
      const std::size_t equals = part.find('=');
      if (equals != std::string::npos) {
        const std::string value = part.substr(equals + 1);
        char* end = nullptr;
        const double number = std::strtod(value.c_str(), &end);
        if (end == value.c_str() + value.size() && !value.empty()) {
          numbers[part.substr(0, equals)] = number;
          continue;
        }
      }
      formula += (formula.empty() ? "" : ";") + part;
    }
  }
};

/// What all expressions together say of named numbers.
class Numbers {
 public:
  void add(const XmlElement& element, const Expression& expression) {
    for (const auto& [name, value] : expression.numbers) {
      const auto [known, is_new] = values_.insert({name, value});
      if (!is_new && !(std::abs(known->second - value) <= kRounding * std::abs(value)))
        refuse(element, name + " is " + std::to_string(value) + " here and " +
                            std::to_string(known->second) + " elsewhere");
    }
  }
  double get(const XmlElement& element, const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) refuse(element, "no expression says what " + name + " is");
    return found->second;
  }
  void require(const XmlElement& element, const std::string& name, double expected) const {
    if (!(std::abs(get(element, name) - expected) <= kRounding * std::abs(expected)))
      refuse(element, name + " is " + std::to_string(get(element, name)) + ", expected " +
                          std::to_string(expected));
  }

 private:
  std::map<std::string, double> values_;
};

/// Reads one file's force.
class CustomGbReader {
 public:
  CustomGbReader(const XmlElement& force, double cutoff_nm) : force_(force) {
    solvent_.cutoff_nm = cutoff_nm;
    solvent_.coulomb_constant = kScriptCoulombConstant;
  }

  ImplicitSolvent read() {
    force_.allow_only({"cutoff", "forceGroup", "method", "name", "type", "version"});
    check_version(force_, "CustomGBForce", kCustomGbVersion);
    check_unused(force_);
    for (const char* tag : {"GlobalParameters", "EnergyParameterDerivatives", "Exclusions"})
      for (const XmlElement& element : force_.children())
        if (element.tag() == tag && !element.children().empty())
          refuse(element, std::string(tag) + " are not supported");
    force_.children_of({"PerParticleParameters", "GlobalParameters", "EnergyParameterDerivatives",
                        "ComputedValues", "EnergyTerms", "Particles", "Exclusions", "Functions"});
    read_born_radii();
    read_energies();
    solvent_.offset_nm = numbers_.get(force_, "offset");
    solvent_.solute_dielectric = numbers_.get(force_, "soluteDielectric");
    solvent_.solvent_dielectric = numbers_.get(force_, "solventDielectric");
    read_particles();
    if (has_neck()) check_tables();
    return std::move(solvent_);
  }

 private:
  bool has_neck() const { return solvent_.model == GeneralizedBornModel::kGbn2; }

  void expect(const XmlElement& element, const std::string& formula, const char* name, int type) {
    const Expression expression(element);
    if (expression.formula != formula || element.integer("type") != type ||
        (name != nullptr && element.text("name") != name))
      refuse(element, "the expression " + expression.formula + " is not known");
    numbers_.add(element, expression);
  }

  void read_born_radii() {
    const auto values =
        leaves(child(force_, "ComputedValues"), "Value", {"expression", "name", "type"});
    if (values.size() != 2)
      refuse(force_, std::to_string(values.size()) + " computed values, expected 2");
    const auto formula = [](const Model& model) {
      return "1/(1/or-tanh(" + model.born_radius + ")/radius);psi=I*or;radius=or+offset";
    };
    const std::string found = Expression(values[1]).formula;
    const auto model = std::find_if(models().begin(), models().end(),
                                    [&](const Model& m) { return formula(m) == found; });
    if (model == models().end()) refuse(values[1], "the expression " + found + " is not known");
    model_ = *model;
    solvent_.model = model_.model;
    expect(values[0], has_neck() ? kIntegralWithNeck : kIntegral, "I", kPairs);
    expect(values[1], found, "B", kSingle);
    if (!has_neck()) return;
    numbers_.require(values[0], "neckScale", engine::kNeckScale);
    numbers_.require(values[0], "neckCut", engine::kNeckRangeNm);
  }

  void read_energies() {
    std::vector<XmlElement> terms =
        leaves(child(force_, "EnergyTerms"), "Term", {"expression", "type"});
    if (terms.size() != 2 && terms.size() != 3)
      refuse(force_, std::to_string(terms.size()) + " energy terms, expected 2 or 3");
    const bool has_surface = terms.size() == 3;
    expect(terms.front(), kSelfEnergy, nullptr, kSingle);
    if (has_surface) expect(terms[1], kSurfaceEnergy, nullptr, kSingle);
    solvent_.surface_energy = has_surface ? kScriptSurfaceFactor / (4.0 * engine::kPi) : 0.0;
    expect(terms.back(), pair_energy(terms.back()), nullptr, kPairs);
  }

  /// The shift at the cutoff is a number within the expression.
  std::string pair_energy(const XmlElement& term) const {
    if (solvent_.cutoff_nm == 0.0) return kPairEnergy + "/f" + kPairDistance;
    const std::string before = kPairEnergy + "*(1/f-", found = Expression(term).formula;
    const std::size_t end = found.find(')', before.size());
    if (found.compare(0, before.size(), before) != 0 || end == std::string::npos) return before;
    const std::string shift = found.substr(before.size(), end - before.size());
    if (!(std::abs(std::strtod(shift.c_str(), nullptr) * solvent_.cutoff_nm - 1.0) <= kRounding))
      refuse(term, "pairs are shifted by " + shift + ", expected 1 / cutoff");
    return before + shift + ")" + kPairDistance;
  }

  void read_particles() {
    std::vector<std::string> names;
    for (const XmlElement& p :
         leaves(child(force_, "PerParticleParameters"), "Parameter", {"name"}))
      names.push_back(p.text("name"));
    std::vector<std::string> expected = {"charge", "or", "sr"};
    if (has_neck()) expected.insert(expected.end(), {"alpha", "beta", "gamma", "radindex"});
    if (names != expected) refuse(force_, "its parameters of particles are not known");
    const XmlElement particles = child(force_, "Particles");
    for (const XmlElement& p : particles.children_of({"Particle"})) {
      const auto parameter = [&](int n) { return p.number("param" + std::to_string(n)); };
      GeneralizedBornParticle particle;
      particle.charge = parameter(1);
      particle.radius_nm = parameter(2) + solvent_.offset_nm;
      particle.scale = parameter(3) / parameter(2);
      particle.alpha = has_neck() ? parameter(4) : model_.alpha;
      particle.beta = has_neck() ? parameter(5) : model_.beta;
      particle.gamma = has_neck() ? parameter(6) : model_.gamma;
      solvent_.particles.push_back(particle);
      if (has_neck()) places_.push_back(parameter(7));
    }
  }

  /// [size, size] of a function of two places.
  std::vector<double> table(const XmlElement& functions, const std::string& name,
                            std::size_t& size) const {
    for (const XmlElement& f : functions.children_of({"Function"})) {
      if (f.text("name") != name || f.text("type") != "Discrete2DFunction") continue;
      size = static_cast<std::size_t>(f.integer("xsize"));
      std::vector<double> values;
      for (const XmlElement& v : leaves(child(f, "Values"), "Value", {"v"}))
        values.push_back(v.number("v"));
      if (f.integer("ysize") == f.integer("xsize") && values.size() == size * size) return values;
      refuse(f, "the table is not square");
    }
    refuse(functions, "has no table " + name);
  }

  void check_tables() const {
    const XmlElement functions = child(force_, "Functions");
    std::size_t size = 0, other_size = 0;
    const std::vector<double> distances = table(functions, "getd0", size);
    const std::vector<double> values = table(functions, "getm0", other_size);
    if (size != other_size) refuse(functions, "tables of two sizes");
    std::map<std::size_t, double> radii;
    for (std::size_t n = 0; n < places_.size(); ++n) {
      const double place = places_[n];
      if (!(place >= 0.0) || place >= static_cast<double>(size) || place != std::floor(place))
        refuse(force_, "particle " + std::to_string(n) + " has no place in the neck tables");
      const double radius = solvent_.particles[n].radius_nm;
      const auto [known, is_new] = radii.insert({static_cast<std::size_t>(place), radius});
      if (!is_new && std::abs(known->second - radius) > kRounding)
        refuse(force_, "one place in the neck tables belongs to two radii");
    }
    for (const auto& [i, radius_i] : radii)
      for (const auto& [j, radius_j] : radii) {
        const engine::NeckParameters neck = engine::neck_parameters(radius_i, radius_j);
        if (std::abs(distances[i + size * j] - neck.distance_nm) > kTableRounding ||
            std::abs(values[i + size * j] - neck.value) > kTableRounding)
          refuse(functions, "the neck tables are not those of GBn2");
      }
  }

  static constexpr int kSingle = 0, kPairs = 2;  ///< types of expressions

  const XmlElement& force_;
  Model model_ = models().front();
  ImplicitSolvent solvent_;
  Numbers numbers_;
  std::vector<double> places_;  ///< of particles in neck tables
};

}  // namespace

ImplicitSolvent read_gbsa_obc(const XmlElement& force, double cutoff_nm) {
  force.allow_only({"cutoff", "forceGroup", "method", "name", "soluteDielectric",
                    "solventDielectric", "surfaceAreaEnergy", "type", "version"});
  force.children_of({"Particles"});
  check_version(force, "GBSAOBCForce", kGbsaVersion);
  check_unused(force);
  if (force.integer("version") == 1 && force.has("surfaceAreaEnergy"))
    force.fail(
        "attribute 'surfaceAreaEnergy' is given, but version 1 has none; write the System "
        "with OpenMM 7.7 or 8");
  if (force.has("cutoff")) force.number("cutoff");
  ImplicitSolvent solvent;
  solvent.model = GeneralizedBornModel::kObc2;
  solvent.offset_nm = kGbsaOffsetNm;
  solvent.solute_dielectric = force.number("soluteDielectric");
  solvent.solvent_dielectric = force.number("solventDielectric");
  if (force.has("surfaceAreaEnergy")) solvent.surface_energy = force.number("surfaceAreaEnergy");
  solvent.cutoff_nm = cutoff_nm;
  for (const XmlElement& p : leaves(child(force, "Particles"), "Particle", {"q", "r", "scale"})) {
    GeneralizedBornParticle particle;
    particle.charge = p.number("q");
    particle.radius_nm = p.number("r");
    particle.scale = p.number("scale");
    solvent.particles.push_back(particle);
  }
  return solvent;
}

ImplicitSolvent read_custom_gb(const XmlElement& force, double cutoff_nm) {
  return CustomGbReader(force, cutoff_nm).read();
}

}  // namespace saltus::forcefields::detail
