#include "tests/validation/run_data.h"

#include "io/hdf5/trajectory_reader.h"

namespace saltus::tests {

namespace {

constexpr int kHydrogens = 1, kOthers = 2;

bool is_of_kind(const engine::Atom& atom, int kind) {
  return (kind & (atom.atomic_number == 1 ? kHydrogens : kOthers)) != 0;
}

}  // namespace

ChainSeries observable_of(const std::string& trajectory, const std::string& name,
                          double temperature_K) {
  const io::TrajectoryReader reader(trajectory);
  const std::size_t n_frames = reader.n_frames(), n_chains = reader.n_chains();
  const std::vector<double> values = reader.observable(name, 0, n_frames);
  const std::vector<double> temperatures = reader.observable("temperature", 0, 1);
  ChainSeries series;
  for (std::size_t chain = 0; chain < n_chains; ++chain) {
    if (temperatures[chain] != temperature_K) continue;
    std::vector<double>& of_chain = series.emplace_back();
    for (std::size_t frame = 0; frame < n_frames; ++frame)
      of_chain.push_back(values[frame * n_chains + chain]);
  }
  return series;
}

ChainSeries kinetic_energies(const std::string& trajectory, int kind) {
  const io::TrajectoryReader reader(trajectory);
  const auto& atoms = reader.topology().atoms;
  ChainSeries series(reader.n_chains());
  for (std::uint64_t frame = 0; frame < reader.n_frames(); ++frame) {
    const engine::CoordinateBatch velocities = reader.velocities(frame);
    for (std::size_t chain = 0; chain < series.size(); ++chain) {
      double energy = 0.0;
      for (std::size_t i = 0; i < atoms.size(); ++i) {
        if (!is_of_kind(atoms[i], kind)) continue;
        const engine::Vec3 v = engine::load_atom(velocities.chain(chain).data(), i);
        energy += 0.5 * reader.masses()[i] * dot(v, v);
      }
      series[chain].push_back(energy);
    }
  }
  return series;
}

std::size_t n_atoms(const std::string& trajectory, int kind) {
  const io::TrajectoryReader reader(trajectory);
  std::size_t n = 0;
  for (const engine::Atom& atom : reader.topology().atoms) n += is_of_kind(atom, kind) ? 1 : 0;
  return n;
}

}  // namespace saltus::tests
