#include "tools/solvation/water_box.h"

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace saltus::tools {

namespace {

// Liquid water has 33.4 molecules in one nm^3 at room temperature, models of it within 10 %.
constexpr double kMinDensity = 28.0, kMaxDensity = 38.0;

bool same_sites(const std::vector<engine::Atom>& a, const std::vector<engine::Atom>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t n = 0; n < a.size(); ++n)
    if (a[n].name != b[n].name || a[n].atomic_number != b[n].atomic_number) return false;
  return true;
}

}  // namespace

double WaterBox::density() const {
  return static_cast<double>(n_molecules()) / (edges_nm[0] * edges_nm[1] * edges_nm[2]);
}

WaterBox water_box_of(const engine::Topology& topology, engine::Span<const double> positions,
                      const std::array<double, 3>& edges_nm, const std::string& source) {
  constexpr int kOxygen = 8;
  if (positions.size() != 3 * topology.n_atoms())
    throw engine::InternalError("water_box_of: positions do not fit the topology");
  WaterBox box;
  box.edges_nm = edges_nm;
  const std::vector<bool> is_water = engine::water_residues(topology);
  std::size_t atom = 0;
  for (std::size_t residue = 0; residue < topology.residues.size(); ++residue) {
    std::vector<engine::Atom> sites;
    const engine::Vec3 oxygen = engine::load_atom(positions.data(), atom);
    for (; atom < topology.n_atoms() && topology.atoms[atom].residue == residue; ++atom) {
      sites.push_back({topology.atoms[atom].name, topology.atoms[atom].atomic_number, 0});
      box.offsets.push_back(engine::load_atom(positions.data(), atom) - oxygen);
    }
    if (box.sites.empty()) box.sites = sites;
    if (!is_water[residue] || sites[0].atomic_number != kOxygen || !same_sites(sites, box.sites))
      throw engine::InputError(source + ": " + topology.describe_residue(residue) +
                               " is not a molecule of water like the first one, with its oxygen "
                               "first, as a box of equilibrated water has them");
    box.oxygens.push_back(oxygen);
  }
  const double density = box.density();
  if (!(density > kMinDensity && density < kMaxDensity))
    throw engine::InputError(source + ": has " + engine::significant_text(density, 4) +
                             " molecules in one nm^3, expected 33 as in liquid water; its box "
                             "(CRYST1) and its molecules do not belong together");
  return box;
}

}  // namespace saltus::tools
