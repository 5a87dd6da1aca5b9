#include "engine/leap/leap_weights.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/finite.h"

namespace saltus::engine {

namespace {

/// Refuses what does not hold.
class Requirement {
 public:
  explicit Requirement(const std::string& path) : path_(path) {}
  void operator()(bool holds, const char* otherwise) const {
    if (!holds) throw ModelError(path_ + ": the model is damaged: " + otherwise);
  }

 private:
  const std::string& path_;
};

void validate_z_matrix(const LeapWeights& weights, const Requirement& require) {
  const ZMatrix& z = weights.z;
  const std::size_t n = weights.n_atoms();
  require(z.n_atoms() >= 4, "its Z-matrix does not have one row for each atom");
  std::vector<bool> placed(n, false);
  for (std::size_t i = 0; i < z.n_atoms(); ++i) {
    const ZMatrixRow& row = z.rows[i];
    require(row.atom < n && !placed[row.atom], "its Z-matrix places an atom twice");
    require(i < 1 || (row.bond_to < n && placed[row.bond_to]), "its Z-matrix is out of order");
    require(i < 2 || (row.angle_to < n && placed[row.angle_to]), "its Z-matrix is out of order");
    require(i < 3 || (row.torsion_to < n && placed[row.torsion_to]),
            "its Z-matrix is out of order");
    require((i < 2 || row.angle_to != row.bond_to) &&
                (i < 3 || (row.torsion_to != row.bond_to && row.torsion_to != row.angle_to)),
            "a row of its Z-matrix names an atom twice");
    placed[row.atom] = true;
  }
}

/// An internal coordinate belongs to one group at most, and only torsions are periodic: a torsion
/// read without its chart would have several values for one configuration.
void validate_groups(const LeapWeights& weights, const Requirement& require) {
  const std::size_t first_torsion = 2 * weights.z.n_atoms() - 3;
  std::vector<int> uses(weights.z.n_internal(), 0);
  const auto use = [&](std::size_t coordinate) {
    require(coordinate < uses.size(), "a coordinate index is out of range");
    ++uses[coordinate];
  };
  for (const std::size_t coordinate : weights.soft) {
    use(coordinate);
    require(coordinate >= first_torsion, "a soft torsion is not a torsion");
  }
  for (const LeapRotor& rotor : weights.rotors) {
    use(rotor.coordinate);
    require(rotor.coordinate >= first_torsion, "a rotor is not a torsion");
    require(rotor.fold >= 2 && rotor.fold <= 3, "a rotor is neither two- nor threefold");
  }
  for (const LeapFastCoordinate& fast : weights.fast) {
    use(fast.coordinate);
    require(fast.is_torsion == (fast.coordinate >= first_torsion),
            "a fast coordinate is a torsion in one place and not in another");
    require(std::isfinite(fast.centre), "the centre of a fast torsion is not finite");
  }
  for (const int count : uses) require(count <= 1, "a coordinate is in two groups");
  require(!weights.soft.empty() || !weights.rotors.empty() || !weights.fast.empty(),
          "it moves no coordinate");
}

/// What networks and the basis see are torsions. The basis must not see what is drawn after it or
/// with its help.
void validate_conditions(const LeapWeights& weights, const Requirement& require) {
  const std::size_t n = weights.z.n_internal(), first_torsion = 2 * weights.z.n_atoms() - 3;
  std::vector<bool> drawn_late(n, false), seen(n, false);
  for (const LeapRotor& rotor : weights.rotors) drawn_late[rotor.coordinate] = true;
  for (const LeapFastCoordinate& fast : weights.fast) drawn_late[fast.coordinate] = true;
  for (const std::size_t coordinate : weights.context)
    require(coordinate >= first_torsion && coordinate < n, "its context is not of torsions");
  for (const std::size_t coordinate : weights.basis_torsions) {
    require(coordinate >= first_torsion && coordinate < n, "its basis is not over torsions");
    require(!drawn_late[coordinate], "its basis is over a rotor or a fast torsion of the block");
    require(!seen[coordinate], "its basis is over one torsion twice");
    seen[coordinate] = true;
  }
}

void validate_temperatures(const LeapWeights& weights, const Requirement& require) {
  const double low = weights.min_temperature_K, high = weights.max_temperature_K;
  require(std::isfinite(weights.temperature_K) && weights.temperature_K > 0.0,
          "its temperature is not a positive number");
  require(std::isfinite(high) && low > 0.0 && low <= high,
          "its range of temperatures is not one of positive numbers, the lower first");
}

void validate_regression(const LeapWeights& weights, const Requirement& require) {
  const std::size_t n_fast = weights.fast.size();
  const std::size_t n_basis = leap_basis_size(weights.basis_torsions.size(), weights.rotors.size());
  require(weights.wide_fraction >= 0.0 && weights.wide_fraction < 1.0,
          "its fraction of wide draws is not in [0, 1)");
  require(std::isfinite(weights.wide_scale) && weights.wide_scale > 0.0,
          "its scale of wide draws is not a positive number");
  require(weights.uniform_fraction > 0.0 && weights.uniform_fraction < 1.0,
          "its uniform fraction is not in (0, 1)");
  require(weights.fast_weights.size() == n_fast * n_basis &&
              weights.fast_cholesky.size() == n_fast * n_fast,
          "the regression of fast coordinates has the wrong size");
  require(all_finite(Span<const double>(weights.fast_weights)), "a weight is not finite");
  for (std::size_t i = 0; i < n_fast; ++i)
    for (std::size_t j = 0; j < n_fast; ++j) {
      const double value = weights.fast_cholesky[i * n_fast + j];
      require(std::isfinite(value) && (j < i || (j == i ? value > 0.0 : value == 0.0)),
              "the Cholesky factor is not lower triangular with a positive diagonal");
      require(value == 0.0 || !weights.fast[i].is_held || weights.fast[j].is_held,
              "a fast coordinate that is held depends on one that is not");
    }
}

void validate_shift(const LeapWeights& weights, const Requirement& require) {
  const std::vector<double>& direction = weights.shift.direction;
  const std::vector<double>& widths = weights.shift.widths;
  require(direction.size() == weights.soft.size(),
          "its shift does not have one number for each soft torsion");
  require(all_finite(Span<const double>(direction)) &&
              std::any_of(direction.begin(), direction.end(), [](double d) { return d != 0.0; }),
          "the direction of its shift is zero or not finite");
  require(!widths.empty(), "its shift has no width");
  for (const double width : widths)
    require(std::isfinite(width) && width > 0.0, "a width of its shift is not a positive number");
  require(weights.context.empty(), "it shifts its soft torsions, and they have a context");
}

void validate_network(const MixtureNetworkWeights& network, std::size_t n_angles,
                      bool sees_temperature, const Requirement& require) {
  require(network.sees_temperature == sees_temperature,
          "a network sees the temperature where others do not");
  const std::size_t n_hidden = network.n_hidden, n_outputs = 4 * network.n_components;
  require(network.n_angles == n_angles && n_hidden > 0 && n_outputs > 0 &&
              network.first.size() == n_hidden * network.n_inputs() &&
              network.first_bias.size() == n_hidden &&
              network.second.size() == n_hidden * n_hidden &&
              network.second_bias.size() == n_hidden &&
              network.head.size() == n_outputs * n_hidden && network.head_bias.size() == n_outputs,
          "a network has the wrong size");
  for (const std::vector<double>* values :
       {&network.first, &network.first_bias, &network.second, &network.second_bias, &network.head,
        &network.head_bias})
    require(all_finite(Span<const double>(*values)), "a network's weight is not finite");
}

}  // namespace

std::size_t MixtureNetworkWeights::n_inputs() const {
  return std::max<std::size_t>(1, 2 * kNetworkHarmonics * n_angles) + (sees_temperature ? 1 : 0);
}

std::size_t leap_basis_size(std::size_t n_torsions, std::size_t n_rotors) {
  const std::size_t pairs = n_torsions > 0 ? n_torsions - 1 : 0;
  const std::size_t crossed = n_torsions <= kMaxCrossedSoft ? n_torsions : 0;
  return 1 + n_torsions * 2 * kSoftHarmonics + pairs * 4 * kSoftHarmonics * kSoftHarmonics +
         n_rotors * (2 * kRotorHarmonics + crossed * 2 * 2 * kCrossHarmonics);
}

void LeapWeights::see_whole_molecule() {
  context = basis_torsions = soft;
  min_temperature_K = max_temperature_K = temperature_K;
}

bool LeapWeights::holds_fast() const {
  return std::any_of(fast.begin(), fast.end(),
                     [](const LeapFastCoordinate& coordinate) { return coordinate.is_held; });
}

bool LeapWeights::is_whole() const {
  return n_other_atoms == 0 && soft.size() + rotors.size() + fast.size() == z.n_internal();
}

void LeapWeights::validate(const std::string& path) const {
  const Requirement require(path);
  validate_z_matrix(*this, require);
  validate_groups(*this, require);
  validate_conditions(*this, require);
  validate_temperatures(*this, require);
  validate_regression(*this, require);
  if (shifts()) validate_shift(*this, require);
  require(soft_networks.size() == (shifts() ? 0 : soft.size()) &&
              rotor_networks.size() == rotors.size(),
          "the number of networks does not fit");
  for (std::size_t i = 0; i < soft_networks.size(); ++i)
    validate_network(soft_networks[i], context.size() + i, sees_temperature, require);
  for (const MixtureNetworkWeights& network : rotor_networks)
    validate_network(network, basis_torsions.size(), sees_temperature, require);
}

}  // namespace saltus::engine
