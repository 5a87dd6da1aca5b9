#include "tests/mlsamplers/timewarp_fixture.h"

#include "tests/support/environment.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {

engine::Topology row_of_atoms(const std::vector<int>& elements) {
  engine::Topology topology;
  topology.residues = {{"ROW", "A", 1, ""}};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    topology.atoms.push_back({"X" + std::to_string(i + 1), elements[i], 0});
    if (i > 0) topology.bonds.push_back({i - 1, i});
  }
  return topology;
}

engine::Topology handed_molecule() {
  engine::Topology topology = row_of_atoms({6, 9, 17, 35, 1});
  topology.bonds = {{0, 1}, {0, 2}, {0, 3}, {0, 4}};
  return topology;
}

mlsamplers::TimewarpShape small_timewarp_shape() {
  mlsamplers::TimewarpShape shape;
  shape.n_couplings = 4;
  shape.width = 8;
  shape.feed_forward = 16;
  shape.hidden = 8;
  shape.element_width = 4;
  shape.lengths_nm = {0.1, 0.3};
  return shape;
}

mlsamplers::TimewarpModel random_timewarp(const engine::Topology& topology,
                                          mlsamplers::TimewarpFrame frame) {
  mlsamplers::ModelCard card;
  mlsamplers::describe_molecule(topology, card);
  card.temperature_K = WellPair::kTemperature_K;
  card.measure = engine::name_of(engine::ReferenceMeasure::kCartesian);
  card.created_by = "a test";
  mlsamplers::TimewarpModel model =
      mlsamplers::timewarp_model_for(topology, small_timewarp_shape(), card);
  model.frame = frame;
  model.displacement_scale_nm = 0.06;
  mlsamplers::randomise(model, {11, 0}, 0.8);
  return model;
}

engine::ChainBatch WellPair::draw(std::size_t n_chains, std::uint64_t seed) const {
  return draw_exact_chains(*energy_, n_chains, kTemperature_K, {12.0, 16.0}, test_seed(seed));
}

DistributionCheck WellPair::check(const std::string& label, const engine::Move& move,
                                  std::uint64_t seed, std::size_t n_applications) const {
  engine::ChainBatch chains = draw(kChains, seed);
  apply_repeatedly(move, chains, target(), n_applications, test_seed(seed + 1000));
  const engine::TabulatedDensity density = energy_->density(kTemperature_K);
  return check_distribution(label, pooled_coordinates(chains),
                            [&](double x) { return density.cumulative(x); });
}

}  // namespace saltus::tests
