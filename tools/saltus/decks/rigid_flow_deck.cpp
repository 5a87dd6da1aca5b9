#include "tools/saltus/decks/rigid_flow_deck.h"

#include "io/deck/quantity.h"
#include "tools/saltus/decks/move_row.h"
#include "tools/saltus/decks/ranges.h"
#include "tools/saltus/decks/sections.h"

namespace saltus::tools {

namespace {

using io::Bounds;
using io::DeckTable;

constexpr std::int64_t kSchema = 1;
constexpr const char* kFlowTable = "rigid_flow";
constexpr std::int64_t kMostTerms = 12;  // RigidFlowShape
/// Two to choose weights, and two for the bootstrap of the numbers at the end.
constexpr std::size_t kFewestHeldOut = 4;
/// Of both divergences; with it the loss of a perfect flow is 0.
constexpr double kEvenWeight = 0.5;

RigidBaseDeck read_base(DeckTable table) {
  RigidBaseDeck base;
  base.temperature_K =
      table.quantity({"temperature", "of the samples"}, "K", io::kRequired, kTemperatures);
  base.chains =
      table.count({"chains", "that are sampled side by side"}, base.chains, 1, kMostAtOnce);
  base.held_out_chains = table.count(
      {"held_out_chains",
       "of them, not trained on: half chooses the weights, half is for the numbers at the end"},
      base.held_out_chains, kFewestHeldOut, kMostAtOnce);
  base.equilibration = table.count(
      {"equilibration", "trajectories that are discarded; the time step is tuned in them"},
      base.equilibration, 1, kMostInnerSteps);
  base.samples = table.count({"samples", "of each chain"}, base.samples, 1, kMostAtOnce);
  base.stride = table.count({"stride", "trajectories from one sample to the next"}, base.stride, 1,
                            kMostInnerSteps);
  base.trajectories = read_trajectories(table, "leapfrog step, where equilibration starts");
  if (base.held_out_chains >= base.chains && !table.failed("chains") &&
      !table.failed("held_out_chains"))
    table.error("held_out_chains", "expected fewer than chains (" + std::to_string(base.chains) +
                                       "), got " + std::to_string(base.held_out_chains));
  return base;
}

double read_target(DeckTable table, const RigidBaseDeck& base) {
  const double temperature_K =
      table.quantity({"temperature", "that the flow leads to"}, "K", io::kRequired, kTemperatures);
  if (temperature_K == base.temperature_K && table.has("temperature") &&
      !table.failed("temperature"))
    table.error("temperature", "expected another one than base.temperature, got " +
                                   io::format_quantity(temperature_K, "K"));
  return temperature_K;
}

mlsamplers::RigidFlowShape read_shape(DeckTable table) {
  mlsamplers::RigidFlowShape shape;
  using mlsamplers::FlowConditioner;
  shape.conditioner = table.choice<FlowConditioner>(
      {"conditioner",
       "sites: molecules of a crystal, each with weights of its own; attention: equal molecules "
       "that change places, as in a liquid, all with the same weights"},
      {{"sites", FlowConditioner::kSites}, {"attention", FlowConditioner::kAttention}},
      shape.conditioner);
  shape.n_couplings = table.count({"couplings", "each one of positions and one of orientations"},
                                  shape.n_couplings, 1, kMostParts);
  shape.hidden = table.count({"hidden", "width of the two hidden layers of each network"},
                             shape.hidden, 1, kMostFeatures);
  using mlsamplers::OrientationMap;
  shape.orientation_map = table.choice<OrientationMap>(
      {"orientations",
       "what couplings do to them: linear for one minimum each, convex_gradient for several"},
      {{"linear", OrientationMap::kLinear}, {"convex_gradient", OrientationMap::kConvexGradient}},
      shape.orientation_map);
  if (table.applies("terms", shape.orientation_map == OrientationMap::kConvexGradient,
                    "orientations = \"convex_gradient\""))
    shape.n_terms = static_cast<std::size_t>(table.integer({"terms", "of each convex function"},
                                                           static_cast<std::int64_t>(shape.n_terms),
                                                           1, kMostTerms));
  return shape;
}

enum class Loss { kEnergy, kLikelihood, kBoth };

/// Weight of the energy.
double read_loss(DeckTable& table) {
  const auto loss = table.choice<Loss>(
      {"loss",
       "energy at the target, without samples of it; likelihood of samples of the target, which "
       "loses no minimum that they have; or both"},
      {{"energy", Loss::kEnergy}, {"likelihood", Loss::kLikelihood}, {"both", Loss::kBoth}},
      Loss::kEnergy);
  if (table.applies("energy_weight", loss == Loss::kBoth, "loss = \"both\"")) {
    const double weight = table.real({"energy_weight", "between 0 and 1; likelihood has the rest"},
                                     kEvenWeight, Bounds::inside(0.0, 1.0));
    if (loss == Loss::kBoth) return weight;
  }
  return loss == Loss::kEnergy ? 1.0 : 0.0;
}

mlsamplers::RigidFlowTrainingOptions read_training(DeckTable table, const RigidFlowDeck& deck) {
  mlsamplers::RigidFlowTrainingOptions training;
  training.seed = deck.seed;
  training.energy_weight = read_loss(table);
  training.n_epochs = table.count({"epochs", "each ends with a check of the held-out chains"},
                                  training.n_epochs, 1, kMostInnerSteps);
  training.steps_per_epoch = table.count({"steps", "gradients of each epoch"},
                                         training.steps_per_epoch, 1, kMostInnerSteps);
  training.batch_size =
      table.count({"batch_size", "samples of each gradient"}, training.batch_size, 1, kMostAtOnce);
  training.patience = table.count(
      {"patience", "epochs without a better check after which training stops; 0: all are done"},
      training.patience, 0, kMostInnerSteps);
  training.first_rate = table.real({"first_rate", "learning rate of Adam at the start"},
                                   training.first_rate, kLearningRates);
  training.last_rate = table.real({"last_rate", "at the end"}, training.last_rate, kLearningRates);
  if (training.last_rate > training.first_rate && !table.failed("last_rate") &&
      !table.failed("first_rate"))
    table.error("last_rate", "expected at most first_rate");
  const RigidBaseDeck& base = deck.base;
  if (base.chains > base.held_out_chains && !table.failed("batch_size") &&
      training.batch_size > base.training_chains() * base.samples)
    table.error("batch_size", "expected at most the " +
                                  std::to_string(base.training_chains() * base.samples) +
                                  " samples of the chains that are not held out, got " +
                                  std::to_string(training.batch_size));
  return training;
}

RigidFlowDeck read_deck(DeckTable& root) {
  RigidFlowDeck deck;
  read_training_head(root, kSchema, deck);
  deck.system = read_system(root.table({"system", "The molecules and their force field."}));
  deck.external = read_external(root);
  deck.energy = read_energy(root.table({"energy", "What computes energies and forces."}));
  deck.base = read_base(root.table(
      {"base", "What the flow learns from: hybrid Monte Carlo from the minimised structure."}));
  deck.target_temperature_K =
      read_target(root.table({"target", "Where the flow leads."}), deck.base);
  deck.shape = read_shape(root.table({kFlowTable, "The networks of the flow."}));
  deck.training = read_training(
      root.table({"training", "By energies at the target, or by samples of it."}), deck);
  DeckTable output = root.table({"output", "Where the model goes."});
  deck.model = read_trained_model(output);
  deck.overwrite = output.boolean({"overwrite", "replace a file that exists"}, deck.overwrite);
  return deck;
}

}  // namespace

bool is_rigid_flow_deck(const std::filesystem::path& path,
                        const std::vector<std::string>& overrides) {
  return deck_has(path, overrides, kFlowTable);
}

LoadedRigidFlowDeck load_rigid_flow_deck(const std::filesystem::path& path,
                                         const std::vector<std::string>& overrides) {
  return load_whole_deck(path, overrides, read_deck);
}

std::string default_rigid_flow_deck() {
  return default_whole_deck("a deck that trains a rigid-body flow", read_deck);
}

}  // namespace saltus::tools
