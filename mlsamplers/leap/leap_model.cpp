#include "mlsamplers/leap/leap_model.h"

#include "engine/core/error.h"
#include "mlsamplers/leap/mixture_network_detail.h"

namespace saltus::mlsamplers {

void LeapModel::validate(const std::string& path) const {
  const auto require = [&path](bool ok, const std::string& what) {
    if (!ok) throw engine::ModelError(path + ": the model is damaged: " + what);
  };
  require(z.n_atoms() >= 4 && z.n_atoms() == card.atoms.size(),
          "its Z-matrix does not have one row for each atom");
  require(networks != nullptr, "the number of networks does not fit");
  const engine::LeapWeights weights = weights_of(*this);
  weights.validate(path);
  require(weights.is_whole(), "a coordinate is in no group");
}

engine::LeapWeights weights_of(const LeapModel& model) {
  engine::LeapWeights result;
  result.z = model.z;
  result.temperature_K = model.card.temperature_K;
  for (const SoftTorsion& torsion : model.split.soft) result.soft.push_back(torsion.coordinate);
  result.see_whole_molecule();
  result.rotors = model.split.rotors;
  result.fast = model.split.fast;
  result.uniform_fraction = model.uniform_fraction;
  for (const MixtureNetwork& network : model.networks->soft)
    result.soft_networks.push_back(weights_of(network));
  for (const MixtureNetwork& network : model.networks->rotors)
    result.rotor_networks.push_back(weights_of(network));
  result.fast_weights = model.fast.weights;
  result.fast_cholesky = model.fast.cholesky;
  return result;
}

}  // namespace saltus::mlsamplers
