#include "tests/exactness/gas.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/core/units.h"

namespace saltus::tests {

using namespace engine;

void NoEnergy::evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const {
  check_evaluation_sizes(*this, x, energies, forces);
  std::fill(energies.begin(), energies.end(), 0.0);
  std::fill(forces.begin(), forces.end(), 0.0);
}

Gas::Gas(std::size_t n_molecules, ThermodynamicState state, double width_nm, bool any_edges)
    : n_molecules_(n_molecules),
      state_(state),
      width_nm_(width_nm),
      any_edges_(any_edges),
      volumes_(tabulate()) {
  topology_.residues = {{"GAS", "", 1, ""}};
  topology_.atoms.assign(2 * n_molecules, {"X", 0, 0});
  for (std::size_t m = 0; m < n_molecules; ++m) {
    topology_.bonds.push_back({2 * m, 2 * m + 1});
    system_.masses.insert(system_.masses.end(), {1.0, 3.0});
  }
}

double Gas::reduced_pressure() const { return state_.beta() * kKJPerBarNm3 * *state_.pressure_bar; }

TabulatedDensity Gas::tabulate() const {
  constexpr std::size_t kPoints = 200001;
  const double lowest = std::pow(width_nm_, 3), m = static_cast<double>(n_molecules_);
  // Beyond, less than 1e-12 is left.
  const double range = (m + 40.0 + 12.0 * std::sqrt(m)) / reduced_pressure();
  std::vector<double> reduced;
  for (std::size_t i = 0; i < kPoints; ++i) {
    const double v = lowest + range * static_cast<double>(i) / static_cast<double>(kPoints - 1);
    const double area = any_edges_ ? std::pow(std::log(v / lowest), 2) : 1.0;
    reduced.push_back(reduced_pressure() * v - m * std::log(v) - std::log(area));
  }
  return {lowest, lowest + range, reduced};
}

ChainBatch Gas::draw(std::size_t n_chains, std::uint64_t seed) const {
  ChainBatch chains(n_chains, 2 * n_molecules_, state_);
  std::vector<Box> boxes;
  for (std::size_t c = 0; c < n_chains; ++c) {
    RandomStream stream({seed, 0}, StreamName::kInitialState, static_cast<std::uint32_t>(c));
    const double v = volumes_.quantile(stream.uniform());
    std::array<double, 3> edges{};
    edges.fill(std::cbrt(v));
    if (any_edges_) {
      // Uniform in the triangle of positive numbers that add up to 1.
      const double a = 1.0 - std::sqrt(stream.uniform()), b = (1.0 - a) * stream.uniform();
      const double total = std::log(v / std::pow(width_nm_, 3));
      edges = {width_nm_ * std::exp(a * total), width_nm_ * std::exp(b * total),
               width_nm_ * std::exp((1.0 - a - b) * total)};
    }
    boxes.emplace_back(edges);
    const auto x = chains.positions.chain(c);
    for (std::size_t m = 0; m < n_molecules_; ++m)
      for (std::size_t k = 0; k < 3; ++k) {
        x[6 * m + k] = edges[k] * stream.uniform();
        x[6 * m + 3 + k] = x[6 * m + k] + 0.1 * stream.normal();
      }
  }
  chains.positions.set_boxes(boxes);
  return chains;
}

}  // namespace saltus::tests
