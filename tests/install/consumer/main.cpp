// What a stranger writes against an installed Saltus: a potential of their own, sampled by hybrid
// Monte Carlo. Prints the mean energy in units of k_B T, which is known in closed form.
#include <cmath>
#include <cstdio>
#include <exception>
#include <memory>

#include "engine/ensemble/canonical.h"
#include "engine/moves/hamiltonian.h"
#include "saltus_version.h"

namespace {

using namespace saltus::engine;

// One atom in u = k/4 (x^4 + y^4 + z^4). By the virial theorem each coordinate has <u> = k_B T / 4.
class QuarticWell final : public EnergyFunction {
 public:
  std::size_t n_atoms() const override { return 1; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    constexpr double kStrength = 1e6;  // kJ/mol/nm^4
    for (std::size_t chain = 0; chain < energies.size(); ++chain) {
      energies[chain] = 0.0;
      for (std::size_t i = 3 * chain; i < 3 * chain + 3; ++i) {
        const double cube = x.data[i] * x.data[i] * x.data[i];
        energies[chain] += 0.25 * kStrength * cube * x.data[i];
        if (!forces.empty()) forces[i] = -kStrength * cube;
      }
    }
  }
};

double mean_reduced_energy() {
  const ThermodynamicState state{300.0};
  const Canonical target(std::make_shared<QuarticWell>(), ReferenceMeasure::kCartesian);
  HamiltonianOptions options;
  options.time_step_ps = 0.005;
  const HamiltonianMonteCarlo move(options, {{12.0}, {}});

  ChainBatch chains(4000, 1, state);
  target.refresh(chains);
  for (std::uint64_t step = 0; step < 200; ++step) move.apply(chains, target, {2024, step});

  double sum = 0.0;
  for (const double energy : chains.energies) sum += energy;
  return state.beta() * sum / static_cast<double>(chains.n_chains());
}

}  // namespace

int main() {
  try {
    // beta u of a chain is a Gamma(3/4) variate: mean and variance 3/4. Five standard errors.
    const double expected = 0.75, tolerance = 5.0 * std::sqrt(0.75 / 4000.0);
    const double found = mean_reduced_energy();
    std::printf("Saltus %s: mean reduced energy %.4f, expected %.4f +- %.4f\n", SALTUS_VERSION,
                found, expected, tolerance);
    return std::abs(found - expected) <= tolerance ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
