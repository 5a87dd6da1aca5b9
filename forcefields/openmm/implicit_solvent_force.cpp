#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/units.h"
#include "engine/potential/gbn2_neck_tables.h"
#include "forcefields/openmm/to_openmm_detail.h"

namespace saltus::forcefields::detail {

namespace {

using engine::GeneralizedBornModel;
using engine::GeneralizedBornParticle;
using engine::ImplicitSolvent;

// Constants built into GBSAOBCForce.
constexpr double kObc2Alpha = 1.0, kObc2Beta = 0.8, kObc2Gamma = 4.85;
constexpr double kObcOffsetNm = 0.009;

bool is_native_model(const ImplicitSolvent& solvent) {
  return solvent.model != GeneralizedBornModel::kGbn2 && solvent.offset_nm == kObcOffsetNm &&
         std::all_of(solvent.particles.begin(), solvent.particles.end(),
                     [](const GeneralizedBornParticle& p) {
                       return p.alpha == kObc2Alpha && p.beta == kObc2Beta && p.gamma == kObc2Gamma;
                     });
}

std::unique_ptr<OpenMM::Force> native_force(const ImplicitSolvent& solvent) {
  auto force = std::make_unique<OpenMM::GBSAOBCForce>();
  force->setSoluteDielectric(solvent.solute_dielectric);
  force->setSolventDielectric(solvent.solvent_dielectric);
  force->setSurfaceAreaEnergy(solvent.surface_energy);
  if (solvent.cutoff_nm > 0.0) {
    force->setNonbondedMethod(OpenMM::GBSAOBCForce::CutoffNonPeriodic);
    force->setCutoffDistance(solvent.cutoff_nm);
  }
  // The force has OpenMM's Coulomb constant, which is the engine's, built in. Its charges enter
  // nothing but products, so scaling them gives another one.
  const double charge_scale = std::sqrt(solvent.coulomb_constant / engine::kCoulombConstant);
  for (const GeneralizedBornParticle& p : solvent.particles)
    force->addParticle(charge_scale * p.charge, p.radius_nm, p.scale);
  return force;
}

/// Descreening integral of one pair: overlapping spheres (Hawkins, Cramer, Truhlar 1996).
constexpr const char* kVanDerWaalsIntegral =
    "select(step(r+sr2-or1),0.5*(1/L-1/U+0.25*(r-sr2^2/r)*(1/U^2-1/L^2)+0.5*log(L/U)/r),0);"
    "U=r+sr2;L=max(or1,D);D=abs(r-sr2)";

/// Neck correction of GBn2; see engine/potential/gbn2_neck_tables.h.
constexpr const char* kNeckIntegral =
    "0.826836*step(or1+or2+2*offset+0.68-r)*neck_value(radius_index1,radius_index2)/"
    "(1+100*x^2+0.3e6*x^6);x=r-neck_distance(radius_index1,radius_index2)";

/// Sorted intrinsic radii, each once.
std::vector<double> unique_radii(const ImplicitSolvent& solvent) {
  std::vector<double> radii;
  for (const GeneralizedBornParticle& p : solvent.particles) radii.push_back(p.radius_nm);
  std::sort(radii.begin(), radii.end());
  radii.erase(std::unique(radii.begin(), radii.end()), radii.end());
  return radii;
}

void add_neck_tables(OpenMM::CustomGBForce& force, const std::vector<double>& radii) {
  const std::size_t n = radii.size();
  std::vector<double> distances(n * n), values(n * n);
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < n; ++i) {
      const engine::NeckParameters neck = engine::neck_parameters(radii[i], radii[j]);
      distances[i + n * j] = neck.distance_nm;
      values[i + n * j] = neck.value;
    }
  const int size = static_cast<int>(n);
  force.addTabulatedFunction("neck_distance",
                             new OpenMM::Discrete2DFunction(size, size, distances));
  force.addTabulatedFunction("neck_value", new OpenMM::Discrete2DFunction(size, size, values));
}

void add_born_radii(OpenMM::CustomGBForce& force, bool with_neck, const std::string& offset) {
  const std::string integral =
      with_neck ? std::string("V+N;N=") + kNeckIntegral + ";V=" + kVanDerWaalsIntegral + offset
                : kVanDerWaalsIntegral;
  force.addComputedValue("I", integral, OpenMM::CustomGBForce::ParticlePairNoExclusions);
  force.addComputedValue(
      "B", "1/(1/or-tanh(alpha*psi-beta*psi^2+gamma*psi^3)/(or+offset));psi=I*or" + offset,
      OpenMM::CustomGBForce::SingleParticle);
}

void add_energy(OpenMM::CustomGBForce& force, const ImplicitSolvent& solvent,
                const std::string& offset) {
  const double prefactor = solvent.coulomb_constant *
                           (1.0 / solvent.solute_dielectric - 1.0 / solvent.solvent_dielectric);
  const std::string shift =
      solvent.cutoff_nm > 0.0 ? "-" + number_text(1.0 / solvent.cutoff_nm) : std::string();
  force.addEnergyTerm("-0.5*" + number_text(prefactor) + "*charge^2/B",
                      OpenMM::CustomGBForce::SingleParticle);
  force.addEnergyTerm(number_text(4.0 * engine::kPi * solvent.surface_energy) +
                          "*(radius+0.14)^2*(radius/B)^6;radius=or+offset" + offset,
                      OpenMM::CustomGBForce::SingleParticle);
  force.addEnergyTerm("-" + number_text(prefactor) + "*charge1*charge2*(1/f" + shift +
                          ");f=sqrt(r^2+B1*B2*exp(-r^2/(4*B1*B2)))",
                      OpenMM::CustomGBForce::ParticlePairNoExclusions);
}

std::unique_ptr<OpenMM::Force> custom_force(const ImplicitSolvent& solvent) {
  auto force = std::make_unique<OpenMM::CustomGBForce>();
  // "or" and "sr" are the radius less the offset, plain and scaled by the screening factor.
  for (const char* name : {"charge", "or", "sr", "alpha", "beta", "gamma", "radius_index"})
    force->addPerParticleParameter(name);
  const bool with_neck = solvent.model == GeneralizedBornModel::kGbn2;
  const std::string offset = ";offset=" + number_text(solvent.offset_nm);
  const std::vector<double> radii = unique_radii(solvent);
  if (with_neck) add_neck_tables(*force, radii);
  add_born_radii(*force, with_neck, offset);
  add_energy(*force, solvent, offset);
  if (solvent.cutoff_nm > 0.0) {
    force->setNonbondedMethod(OpenMM::CustomGBForce::CutoffNonPeriodic);
    force->setCutoffDistance(solvent.cutoff_nm);
  }
  for (const GeneralizedBornParticle& p : solvent.particles) {
    const double reduced = p.radius_nm - solvent.offset_nm;
    const auto radius_index = std::lower_bound(radii.begin(), radii.end(), p.radius_nm);
    force->addParticle({p.charge, reduced, p.scale * reduced, p.alpha, p.beta, p.gamma,
                        static_cast<double>(radius_index - radii.begin())});
  }
  return force;
}

}  // namespace

std::unique_ptr<OpenMM::Force> implicit_solvent_force(const ImplicitSolvent& solvent) {
  return is_native_model(solvent) ? native_force(solvent) : custom_force(solvent);
}

}  // namespace saltus::forcefields::detail
