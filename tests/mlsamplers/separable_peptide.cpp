#include "tests/mlsamplers/separable_peptide.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/leap/leap_weights.h"
#include "engine/moves/metropolis.h"
#include "engine/system/internal_coordinates.h"
#include "mlsamplers/peptides/context_slots.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {

using mlsamplers::PeptideModel;
using mlsamplers::PeptideTorsion;
using mlsamplers::TorsionKind;

namespace {

constexpr double kSoftWidth = 0.35, kRotorWidth = 0.5;
constexpr double kBackbone = 0.3, kPolar = 0.3;  // rad; psi and phi stand at +- kBackbone
constexpr double kReference_K = 310.0, kModelWidth = 0.95;
constexpr std::size_t kApplications = 16;
constexpr int kTurns = 3;

bool is_backbone(TorsionKind kind) {
  return kind == TorsionKind::kPhi || kind == TorsionKind::kPsi;
}

/// Log-density of a normal around 0 on the circle.
double wrapped_normal(double distance, double width) {
  std::vector<double> exponents;
  for (int turn = -kTurns; turn <= kTurns; ++turn)
    exponents.push_back(-0.5 * std::pow((distance + engine::kTwoPi * turn) / width, 2));
  return engine::log_sum_exp(exponents) - std::log(width * std::sqrt(engine::kTwoPi));
}

/// Its distribution function, from -pi on.
double wrapped_cdf(double distance, double width) {
  double sum = 0.0;
  for (int turn = -kTurns; turn <= kTurns; ++turn)
    sum += standard_normal_cdf((distance + engine::kTwoPi * turn) / width) -
           standard_normal_cdf((-engine::kPi + engine::kTwoPi * turn) / width);
  return std::clamp(sum, 0.0, 1.0);
}

}  // namespace

double SeparablePeptide::width_of(const mlsamplers::PeptideFast& fast, std::size_t n_atoms) {
  constexpr double kBond_nm = 0.003, kAngle = 0.05, kTorsion = 0.08;
  if (fast.coordinate.is_torsion) return kTorsion;
  return fast.coordinate.coordinate < n_atoms - 1 ? kBond_nm : kAngle;
}

double SeparablePeptide::centre_of(const PeptideTorsion& torsion, double backbone) {
  if (torsion.kind == TorsionKind::kPsi) return kBackbone;
  if (torsion.kind == TorsionKind::kPhi) return -kBackbone;
  if (torsion.kind == TorsionKind::kChi1) return backbone;
  return torsion.residue == 0 ? kPolar : -kPolar;
}

/// -kT log of the density with respect to Cartesian coordinates up to rigid motion.
class SeparablePeptide::Energy final : public engine::EnergyFunction {
 public:
  explicit Energy(const SeparablePeptide& owner) : owner_(owner) {}
  std::size_t n_atoms() const override { return owner_.peptide().z.n_atoms(); }
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override {
    if (!forces.empty()) throw engine::InternalError("the separable peptide has no forces");
    const double kt = 1.0 / engine::ThermodynamicState{kTemperature_K}.beta();
    std::vector<double> q(owner_.structure_.size()), log_jac(1);
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      engine::cartesian_to_internal(owner_.peptide().z, x.slice(c, 1), q, log_jac);
      double log_density = -log_jac[0];
      const std::vector<double> distances = owner_.distances(q);
      for (std::size_t i = 0; i < distances.size(); ++i) {
        const Spread& spread = owner_.spreads_[i];
        log_density += spread.is_fast ? -0.5 * std::pow(distances[i] / spread.width, 2)
                                      : wrapped_normal(distances[i], spread.width);
      }
      energies[c] =
          std::isfinite(log_density) ? -kt * log_density : std::numeric_limits<double>::infinity();
    }
  }

 private:
  const SeparablePeptide& owner_;
};

SeparablePeptide::SeparablePeptide() : example_("SS") {
  const mlsamplers::Peptide& p = example_.peptide;
  structure_.resize(p.z.n_internal());
  spreads_.resize(structure_.size());
  double log_jac = 0.0;
  engine::cartesian_to_internal(p.z, example_.built.positions.view(), structure_, {&log_jac, 1});
  for (std::size_t t = 0; t < p.torsions.size(); ++t)
    spreads_[p.torsions[t].coordinate] = {kSoftWidth, 1, false, static_cast<std::ptrdiff_t>(t)};
  for (const mlsamplers::PeptideResidue& residue : p.residues) {
    for (const mlsamplers::PeptideRotor& rotor : residue.rotors)
      spreads_[rotor.rotor.coordinate] = {kRotorWidth, rotor.rotor.fold, false, -1};
    for (const mlsamplers::PeptideFast& fast : residue.fast)
      spreads_[fast.coordinate.coordinate] = {width_of(fast, p.z.n_atoms()),
                                              fast.coordinate.is_torsion ? 1 : 0, true, -1};
  }
  energy_ = std::make_shared<Energy>(*this);
}

double SeparablePeptide::centre(std::size_t i, const std::vector<double>& q) const {
  if (spreads_[i].torsion < 0) return structure_[i];
  const auto& torsions = peptide().torsions;
  const PeptideTorsion& torsion = torsions[static_cast<std::size_t>(spreads_[i].torsion)];
  double backbone = 0.0;
  for (const PeptideTorsion& other : torsions)
    if (other.residue == torsion.residue && is_backbone(other.kind)) backbone = q[other.coordinate];
  return centre_of(torsion, backbone);
}

std::vector<double> SeparablePeptide::distances(const std::vector<double>& q) const {
  std::vector<double> result(q.size());
  for (std::size_t i = 0; i < q.size(); ++i) {
    const double distance = q[i] - centre(i, q);
    const int fold = spreads_[i].fold;
    result[i] = fold == 0 ? distance : engine::wrap_angle(fold * distance);
  }
  return result;
}

engine::Canonical SeparablePeptide::target() const {
  return {energy_, engine::ReferenceMeasure::kCartesianUpToRigidMotion};
}

engine::ChainBatch SeparablePeptide::draw(std::size_t n_chains, std::uint64_t seed) const {
  engine::ChainBatch chains(n_chains, peptide().z.n_atoms(), {kTemperature_K});
  std::vector<double> q(structure_.size()), log_jac(1);
  for (std::size_t c = 0; c < n_chains; ++c) {
    engine::RandomStream stream({seed, 0}, engine::StreamName::kInitialState,
                                static_cast<std::uint32_t>(c));
    const auto draw_one = [&](std::size_t i) {
      const Spread& spread = spreads_[i];
      double value = spread.width * stream.normal();
      // One of the rotor's equal wells.
      if (spread.fold > 1)
        value = (value + engine::kTwoPi * static_cast<double>(stream.below(
                                              static_cast<std::uint64_t>(spread.fold)))) /
                spread.fold;
      q[i] = centre(i, q) + value;
    };
    // The backbone first: chi1 follows it.
    for (const PeptideTorsion& torsion : peptide().torsions)
      if (is_backbone(torsion.kind)) draw_one(torsion.coordinate);
    for (std::size_t i = 0; i < q.size(); ++i) {
      const std::ptrdiff_t t = spreads_[i].torsion;
      if (t < 0 || !is_backbone(peptide().torsions[static_cast<std::size_t>(t)].kind)) draw_one(i);
    }
    engine::internal_to_cartesian(peptide().z, q, chains.positions.chain(c), log_jac);
  }
  energy_->evaluate(chains.positions.view(), chains.energies, {});
  return chains;
}

std::vector<Projection> SeparablePeptide::projections(const engine::ChainBatch& chains) const {
  const std::size_t n = structure_.size();
  std::vector<Projection> result(n);
  Projection pooled{"all fast coordinates", {}, [](double z) { return standard_normal_cdf(z); }};
  for (std::size_t i = 0; i < n; ++i) {
    const double width = spreads_[i].width;
    result[i].label = "coordinate " + std::to_string(i);
    if (spreads_[i].is_fast)
      result[i].cdf = [width](double value) { return standard_normal_cdf(value / width); };
    else
      result[i].cdf = [width](double value) { return wrapped_cdf(value, width); };
  }
  std::vector<double> q(n), log_jac(1);
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    engine::cartesian_to_internal(peptide().z, chains.positions.view().slice(c, 1), q, log_jac);
    const std::vector<double> found = distances(q);
    for (std::size_t i = 0; i < n; ++i) {
      result[i].values.push_back(found[i]);
      if (spreads_[i].is_fast) pooled.values.push_back(found[i] / spreads_[i].width);
    }
  }
  result.push_back(std::move(pooled));
  return result;
}

const SeparablePeptide& two_serines() {
  static const SeparablePeptide instance;
  return instance;
}

namespace {

/// A network whose outputs are linear in features, for silu(u) - silu(-u) = u: two hidden units for
/// each feature.
class LinearNetwork {
 public:
  explicit LinearNetwork(const mlsamplers::PeptideNetworkShape& shape) : shape_(shape) {
    const std::size_t h = shape.n_hidden, n_outputs = 4 * shape.n_components;
    network_.first.assign(h * shape.n_inputs(), 0.0);
    network_.first_bias.assign(h, 0.0);
    network_.second.assign(h * h, 0.0);
    network_.second_bias.assign(h, 0.0);
    network_.head.assign(n_outputs * h, 0.0);
    network_.head_bias.assign(n_outputs, 0.0);
    for (std::size_t unit = 0; unit < h; ++unit) {
      const std::size_t other = unit % 2 == 0 ? unit + 1 : unit - 1;
      network_.second[unit * h + unit] = 1.0;
      network_.second[unit * h + other] = -1.0;
    }
    constexpr double kPart = (kSoftWidth - engine::kMinComponentWidth) /
                             (engine::kMaxComponentWidth - engine::kMinComponentWidth);
    network_.head_bias[3] = std::log(kPart / (1.0 - kPart));
  }
  void add_input(std::size_t feature, std::size_t column) {
    network_.first[2 * feature * shape_.n_inputs() + column] += 1.0;
    network_.first[(2 * feature + 1) * shape_.n_inputs() + column] -= 1.0;
  }
  void add_output(std::size_t feature, std::size_t output, double factor) {
    network_.head[output * shape_.n_hidden + 2 * feature] += factor;
    network_.head[output * shape_.n_hidden + 2 * feature + 1] -= factor;
  }
  void add_angle(double angle) {
    network_.head_bias[kCosine] += std::cos(angle);
    network_.head_bias[kSine] += std::sin(angle);
  }
  void add_cosine(double value) { network_.head_bias[kCosine] += value; }
  const mlsamplers::PeptideNetwork& network() const { return network_; }

  static constexpr std::size_t kCosine = 1, kSine = 2;  // outputs of one component

 private:
  mlsamplers::PeptideNetworkShape shape_;
  mlsamplers::PeptideNetwork network_;
};

mlsamplers::PeptideNetwork network_of(const PeptideModel& model, TorsionKind kind,
                                      ModelFault fault) {
  LinearNetwork result(model.shape);
  if (is_backbone(kind)) {
    result.add_angle(kind == TorsionKind::kPsi ? kBackbone : -kBackbone);
  } else if (kind == TorsionKind::kChi1) {
    // cos and sin of the backbone torsion that the residue has; the other is not there.
    const std::size_t residue = fault == ModelFault::kSlot ? 1 : 0;
    for (const TorsionKind backbone : {TorsionKind::kPhi, TorsionKind::kPsi}) {
      if (fault == ModelFault::kSlot && backbone == TorsionKind::kPsi) continue;
      const std::size_t slot = *mlsamplers::context_slot({backbone, residue, 0, false}, 0);
      result.add_input(0, slot);
      result.add_input(1, mlsamplers::kContextSlots + slot);
    }
    // Where the wrong torsion is out of sight there is still a direction.
    if (fault == ModelFault::kSlot) result.add_cosine(0.05);
    result.add_output(0, LinearNetwork::kCosine, 1.0);
    result.add_output(1, LinearNetwork::kSine, 1.0);
  } else {
    result.add_input(2, model.shape.first_embedding());
    result.add_output(2, LinearNetwork::kSine, std::sin(kPolar));
    result.add_cosine(std::cos(kPolar));
  }
  return result.network();
}

mlsamplers::TemplateStatistics statistics_of(const SeparablePeptide& serines, std::size_t r) {
  const mlsamplers::PeptideResidue& residue = serines.peptide().residues[r];
  mlsamplers::TemplateStatistics entry;
  entry.name = serines.peptide().template_of(r).name;
  entry.n_torsions = residue.torsions.size();
  entry.n_rotors = residue.rotors.size();
  entry.n_fast = residue.fast.size();
  const std::size_t n_basis = mlsamplers::template_basis_size(entry.n_torsions, entry.n_rotors);
  entry.weights.assign(entry.n_fast * n_basis, 0.0);
  entry.covariance.assign(entry.n_fast * entry.n_fast, 0.0);
  for (std::size_t i = 0; i < entry.n_fast; ++i) {
    const engine::LeapFastCoordinate& fast = residue.fast[i].coordinate;
    const double value = serines.structure()[fast.coordinate];
    const double width = SeparablePeptide::width_of(residue.fast[i], serines.peptide().z.n_atoms());
    entry.weights[i * n_basis] = fast.is_torsion ? engine::wrap_angle(value - fast.centre) : value;
    entry.weights[i * n_basis + 1] = 0.1 * width;
    entry.covariance[i * (entry.n_fast + 1)] =
        std::pow(kModelWidth * width, 2) * kReference_K / SeparablePeptide::kTemperature_K;
  }
  entry.rotor_means.assign(mlsamplers::kRotorFunctions * entry.n_rotors, 0.0);
  for (const mlsamplers::PeptideRotor& rotor : residue.rotors) {
    const double mean =
        engine::wrap_angle(rotor.rotor.fold * serines.structure()[rotor.rotor.coordinate]);
    const mlsamplers::RotorComponent third = {1.0 / 3.0, mean, kRotorWidth};
    entry.rotors.push_back({third, third, third});
  }
  return entry;
}

}  // namespace

PeptideModel serine_model(ModelFault fault) {
  PeptideModel model;
  model.card.kind = mlsamplers::kPeptideKind;
  model.card.temperature_K = model.reference_temperature_K = kReference_K;
  model.card.transferable.emplace();
  model.min_temperature_K = 300.0;
  model.max_temperature_K = 600.0;
  model.shape = {6, 1, 1};
  // Ascending names: CSER, NSER.
  model.templates = {statistics_of(two_serines(), 1), statistics_of(two_serines(), 0)};
  model.embeddings = {-1.0, 1.0, 0.0};
  if (fault == ModelFault::kEmbedding) std::swap(model.embeddings[0], model.embeddings[1]);
  for (std::size_t k = 0; k < mlsamplers::kTorsionKinds; ++k)
    model.networks[k] = network_of(model, static_cast<TorsionKind>(k), fault);
  return model;
}

engine::LeapWeights serine_block(const std::string& name, ModelFault fault) {
  const mlsamplers::Peptide& peptide = two_serines().peptide();
  for (const mlsamplers::PeptideBlock& block : mlsamplers::peptide_blocks(peptide, {}))
    if (block.name == name)
      return mlsamplers::block_weights(serine_model(fault), peptide, block, "serines");
  throw engine::InternalError("two serines have no block " + name);
}

DistributionCheck check_serines(const std::string& label,
                                const std::shared_ptr<const engine::Proposal>& proposal,
                                std::uint64_t seed, std::size_t n_chains) {
  engine::ChainBatch chains = two_serines().draw(n_chains, test_seed(seed));
  apply_repeatedly(engine::Metropolis(proposal), chains, two_serines().target(), kApplications,
                   test_seed(seed) + 1);
  DistributionCheck worst = check_projections(two_serines().projections(chains));
  worst.label = label + ", " + worst.label;
  return worst;
}

double serine_acceptance(const std::shared_ptr<const engine::Proposal>& proposal,
                         std::uint64_t seed) {
  constexpr std::size_t kChains = 4000;
  engine::ChainBatch chains = two_serines().draw(kChains, test_seed(seed));
  const engine::MoveRecord record =
      engine::Metropolis(proposal)
          .apply(chains, two_serines().target(), {test_seed(seed) + 1, 0})
          .records.at(0);
  const auto n =
      std::count(record.outcomes.begin(), record.outcomes.end(), engine::Outcome::kAccepted);
  return static_cast<double>(n) / static_cast<double>(kChains);
}

}  // namespace saltus::tests
