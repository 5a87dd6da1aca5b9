#include "engine/system/softening.h"

#include <cmath>
#include <string>

#include "engine/core/error.h"

namespace saltus::engine {

System softened(const System& system, double keep) {
  if (!(keep >= 0.0 && keep <= 1.0))
    throw InputError("softened system: the share kept must be in [0, 1], not " +
                     std::to_string(keep));
  System result = system;
  const double charge_scale = std::sqrt(keep);  // energies are products of two charges
  if (result.mmff)
    for (MmffPair& pair : result.mmff->pairs) {
      pair.epsilon *= keep;
      pair.charge_product *= keep;
    }
  if (result.nonbonded) {
    for (NonbondedParticle& particle : result.nonbonded->particles) {
      particle.charge *= charge_scale;
      particle.epsilon *= keep;  // sqrt(eps_i eps_j) is linear in it
    }
    for (NonbondedException& exception : result.nonbonded->exceptions) {
      exception.charge_product *= keep;
      exception.epsilon *= keep;
    }
  }
  if (result.implicit_solvent)
    for (GeneralizedBornParticle& particle : result.implicit_solvent->particles)
      particle.charge *= charge_scale;
  return result;
}

}  // namespace saltus::engine
