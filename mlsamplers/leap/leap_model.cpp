#include "mlsamplers/leap/leap_model.h"

#include <cmath>

#include "engine/core/error.h"
#include "mlsamplers/leap/mixture_network_detail.h"

namespace saltus::mlsamplers {

void LeapModel::validate(const std::string& path) const {
  const auto require = [&path](bool ok, const std::string& what) {
    if (!ok) throw engine::ModelError(path + ": the model is damaged: " + what);
  };
  const std::size_t n = z.n_atoms();
  require(n >= 4 && n == card.atoms.size(), "its Z-matrix does not have one row for each atom");
  std::vector<bool> placed(n, false);
  for (std::size_t i = 0; i < n; ++i) {
    const engine::ZMatrixRow& row = z.rows[i];
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

  // Every internal coordinate belongs to exactly one group, and only torsions are periodic: a
  // torsion read without its chart would have several values for one configuration.
  const std::size_t first_torsion = 2 * n - 3;
  std::vector<int> uses(z.n_internal(), 0);
  const auto use = [&](std::size_t coordinate) {
    require(coordinate < uses.size(), "a coordinate index is out of range");
    ++uses[coordinate];
  };
  for (const SoftTorsion& torsion : split.soft) {
    use(torsion.coordinate);
    require(torsion.coordinate >= first_torsion, "a soft torsion is not a torsion");
  }
  for (const Rotor& rotor : split.rotors) {
    use(rotor.coordinate);
    require(rotor.coordinate >= first_torsion, "a rotor is not a torsion");
    require(rotor.fold >= 2 && rotor.fold <= 3, "a rotor is neither two- nor threefold");
  }
  for (const FastCoordinate& coordinate : split.fast) {
    use(coordinate.coordinate);
    require(coordinate.is_torsion == (coordinate.coordinate >= first_torsion),
            "a fast coordinate is a torsion in one place and not in another");
    require(std::isfinite(coordinate.centre), "the centre of a fast torsion is not finite");
  }
  for (int count : uses) require(count == 1, "a coordinate is in no group or in two");

  std::vector<int> folds;
  for (const Rotor& rotor : split.rotors) folds.push_back(rotor.fold);
  require(uniform_fraction > 0.0 && uniform_fraction < 1.0,
          "its uniform fraction is not in (0, 1)");
  require(fast.n_fast == split.fast.size() &&
              fast.n_basis == FourierBasis(split.soft.size(), folds).size() &&
              fast.weights.size() == fast.n_fast * fast.n_basis &&
              fast.cholesky.size() == fast.n_fast * fast.n_fast,
          "the regression of fast coordinates has the wrong size");
  for (double value : fast.weights) require(std::isfinite(value), "a weight is not finite");
  for (std::size_t i = 0; i < fast.n_fast; ++i)
    for (std::size_t j = 0; j < fast.n_fast; ++j) {
      const double value = fast.cholesky[i * fast.n_fast + j];
      require(std::isfinite(value) && (j < i || (j == i ? value > 0.0 : value == 0.0)),
              "the Cholesky factor is not lower triangular with a positive diagonal");
    }
  require(networks && networks->soft.size() == split.soft.size() &&
              networks->rotors.size() == split.rotors.size(),
          "the number of networks does not fit");
}

}  // namespace saltus::mlsamplers
