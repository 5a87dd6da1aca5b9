#include "tests/exactness/branched_chain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "engine/potential/analytic.h"
#include "engine/system/internal_coordinates.h"
#include "tests/engine/system/molecules.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {

namespace {

using engine::kPi;
using engine::kTwoPi;
using engine::Span;
using engine::Vec3;

constexpr std::size_t kChainAtoms = 6, kAtoms = 9;
constexpr double kLength_nm = 0.11, kBondForce = 100000.0;  // kJ/mol/nm^2
constexpr double kAngle_rad = 1.9, kAngleForce = 150.0;     // kJ/mol/rad^2

/// An atom more, the atom that carries it, the other one of the axis, and what azimuths count from.
struct Branch {
  std::size_t atom, on, other, reference;
};
constexpr std::array<Branch, 3> kBranches = {{{6, 1, 2, 0}, {7, 1, 2, 0}, {8, 4, 3, 5}}};

double length(const Branch& b, Span<const double> x) {
  return norm(engine::load_atom(x.data(), b.atom) - engine::load_atom(x.data(), b.on));
}

double energy_of(double bond, double angle) {
  return 0.5 * kBondForce * (bond - kLength_nm) * (bond - kLength_nm) +
         0.5 * kAngleForce * (angle - kAngle_rad) * (angle - kAngle_rad);
}

class BranchedEnergy final : public engine::EnergyFunction {
 public:
  explicit BranchedEnergy(std::shared_ptr<const engine::EnergyFunction> chain)
      : chain_(std::move(chain)) {}
  std::size_t n_atoms() const override { return kAtoms; }
  void evaluate(engine::ConstCoordinates x, Span<double> energies, Span<double>) const override {
    engine::CoordinateBatch inner(x.n_chains, kChainAtoms);
    for (std::size_t c = 0; c < x.n_chains; ++c)
      std::copy_n(x.chain(c).begin(), 3 * kChainAtoms, inner.chain(c).begin());
    chain_->evaluate(inner.view(), energies, {});
    for (std::size_t c = 0; c < x.n_chains; ++c)
      for (const Branch& b : kBranches)
        energies[c] +=
            energy_of(length(b, x.chain(c)), engine::bond_angle(x.chain(c), b.atom, b.on, b.other));
  }

 private:
  std::shared_ptr<const engine::EnergyFunction> chain_;
};

engine::Topology topology() {
  return make_topology({"C", "C", "C", "C", "C", "C", "H", "H", "H"},
                       {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {1, 6}, {1, 7}, {4, 8}});
}

engine::TorsionGraph branched_graph() {
  engine::TorsionGraph graph = make_torsion_graph(topology());
  auto& first = graph.torsions.at(0).ends[0];
  first.others = {6, engine::kNowhere, 7};
  first.ranked = true;
  auto& last = graph.torsions.at(2).ends[1];
  last.others = {engine::kNowhere, 8, engine::kNowhere};
  last.ranked = true;
  return graph;
}

template <class LogDensity>
engine::TabulatedDensity tabulated(double lower, double upper, const LogDensity& log_density) {
  constexpr std::size_t kPoints = 4001;
  std::vector<double> reduced;
  for (std::size_t i = 0; i < kPoints; ++i)
    reduced.push_back(
        -log_density(lower + (upper - lower) * static_cast<double>(i) / (kPoints - 1)));
  return {lower, upper, reduced};
}

engine::TabulatedDensity bond_density(double beta) {
  return tabulated(0.5 * kLength_nm, 1.5 * kLength_nm,
                   [&](double b) { return 2.0 * std::log(b) - beta * energy_of(b, kAngle_rad); });
}

engine::TabulatedDensity angle_density(double beta) {
  constexpr double kEdge = 1e-6;
  return tabulated(kEdge, kPi - kEdge, [&](double angle) {
    return std::log(std::sin(angle)) - beta * energy_of(kLength_nm, angle);
  });
}

/// Clockwise from the reference, looking along the axis.
Vec3 place(const Branch& b, Span<const double> x, double bond, double angle, double azimuth) {
  const Vec3 on = engine::load_atom(x.data(), b.on);
  const Vec3 axis = on - engine::load_atom(x.data(), b.other);
  const Vec3 along = (1.0 / norm(axis)) * axis;
  const Vec3 up = engine::load_atom(x.data(), b.reference) - on;
  const Vec3 across = up - dot(up, along) * along;
  const Vec3 e1 = (1.0 / norm(across)) * across, e2 = cross(along, e1);
  return on + (-bond * std::cos(angle)) * along +
         bond * std::sin(angle) * (std::cos(azimuth) * e1 + std::sin(azimuth) * e2);
}

}  // namespace

BranchedChain::BranchedChain(double temperature_K)
    : temperature_K_(temperature_K),
      chain_(temperature_K),
      graph_(std::make_shared<engine::TorsionGraph>(branched_graph())),
      target_(std::make_shared<BranchedEnergy>(chain_.target().shared_energy()),
              engine::ReferenceMeasure::kCartesian) {}

engine::ChainBatch BranchedChain::draw(std::size_t n_chains, std::uint64_t seed) const {
  const engine::ChainBatch inner = chain_.draw(n_chains, seed);
  engine::ChainBatch chains(n_chains, kAtoms, {temperature_K_});
  const double beta = chains.states.at(0).beta();
  const auto bonds = bond_density(beta), angles = angle_density(beta);
  for (std::size_t c = 0; c < n_chains; ++c) {
    const auto x = chains.positions.chain(c);
    std::copy_n(inner.positions.chain(c).begin(), 3 * kChainAtoms, x.begin());
    engine::RandomStream stream({seed, 1}, engine::StreamName::kInitialState,
                                static_cast<std::uint32_t>(c));
    for (const Branch& b : kBranches) {
      const double bond = bonds.quantile(stream.uniform());
      const double angle = angles.quantile(stream.uniform());
      const Vec3 r = place(b, x, bond, angle, kTwoPi * stream.uniform());
      x[3 * b.atom] = r.x;
      x[3 * b.atom + 1] = r.y;
      x[3 * b.atom + 2] = r.z;
    }
  }
  target_.refresh(chains);
  return chains;
}

std::vector<Projection> BranchedChain::projections(const engine::ChainBatch& chains) const {
  engine::ChainBatch inner(chains.n_chains(), kChainAtoms, {temperature_K_});
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    std::copy_n(chains.positions.chain(c).begin(), 3 * kChainAtoms,
                inner.positions.chain(c).begin());
  std::vector<Projection> all = chain_.projections(inner);
  const double beta = chains.states.at(0).beta();
  for (const Branch& b : kBranches) {
    const std::string name = " of atom " + std::to_string(b.atom);
    Projection bond{"bond" + name, {}, {}}, angle{"angle" + name, {}, {}},
        azimuth{"azimuth" + name, {}, {}};
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      const auto x = chains.positions.chain(c);
      bond.values.push_back(length(b, x));
      angle.values.push_back(engine::bond_angle(x, b.atom, b.on, b.other));
      // Along the chain's axis, so that it would follow a torsion that leaves the atom behind.
      const std::size_t beyond = b.other < b.on ? b.other - 1 : b.other + 1;
      azimuth.values.push_back(engine::torsion_angle(x, b.atom, b.on, b.other, beyond));
    }
    bond.cdf = [density = bond_density(beta)](double v) { return density.cumulative(v); };
    angle.cdf = [density = angle_density(beta)](double v) { return density.cumulative(v); };
    azimuth.cdf = [](double v) { return std::clamp((v + kPi) / kTwoPi, 0.0, 1.0); };
    for (Projection* projection : {&bond, &angle, &azimuth}) all.push_back(std::move(*projection));
  }
  return all;
}

}  // namespace saltus::tests
