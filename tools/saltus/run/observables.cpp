#include "tools/saltus/run/observables.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/moves/temperature_images.h"
#include "engine/system/internal_coordinates.h"
#include "tools/saltus/molecules/atom_selection.h"

namespace saltus::tools {

namespace {

using engine::InputError;
using engine::Topology;

/// The neighbour of an atom that has the name, inside or outside the atom's residue.
std::optional<std::size_t> neighbour_named(const Topology& topology,
                                           const std::vector<std::size_t>& neighbours,
                                           const std::string& name, std::size_t residue,
                                           bool same_residue) {
  for (std::size_t atom : neighbours)
    if (topology.atoms[atom].name == name &&
        (topology.atoms[atom].residue == residue) == same_residue)
      return atom;
  return std::nullopt;
}

/// "_2", "_A_2" with a chain, "_m1" for number -1; "_2_copy2" when that is taken by a residue of
/// the same number.
std::string free_suffix(const engine::Residue& residue, const std::string& chain,
                        const std::vector<NamedTorsion>& torsions) {
  std::string suffix = chain.empty() ? "_" : "_" + chain + "_";
  suffix += (residue.number < 0 ? "m" : "") + std::to_string(std::abs(residue.number)) +
            residue.insertion_code;
  for (char& c : suffix)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  const auto taken = [&torsions](const std::string& wanted) {
    return std::any_of(torsions.begin(), torsions.end(), [&wanted](const NamedTorsion& torsion) {
      return torsion.name == "phi" + wanted || torsion.name == "psi" + wanted;
    });
  };
  if (!taken(suffix)) return suffix;
  for (int copy = 2;; ++copy) {
    const std::string numbered = suffix + "_copy" + std::to_string(copy);
    if (!taken(numbered)) return numbered;
  }
}

/// phi_<number> and psi_<number>; the chain is added where numbers repeat.
void add_backbone_torsions(const Topology& topology, std::vector<NamedTorsion>& torsions) {
  const auto neighbours = topology.neighbours();
  std::map<int, std::set<std::string>> chains_of_number;
  for (const engine::Residue& residue : topology.residues)
    chains_of_number[residue.number].insert(residue.chain);
  for (std::size_t ca = 0; ca < topology.n_atoms(); ++ca) {
    if (topology.atoms[ca].name != "CA") continue;
    const std::size_t residue = topology.atoms[ca].residue;
    const auto n = neighbour_named(topology, neighbours[ca], "N", residue, true);
    const auto c = neighbour_named(topology, neighbours[ca], "C", residue, true);
    if (!n || !c) continue;
    const engine::Residue& where = topology.residues[residue];
    const std::string suffix =
        free_suffix(where, chains_of_number[where.number].size() > 1 ? where.chain : "", torsions);
    if (const auto before = neighbour_named(topology, neighbours[*n], "C", residue, false))
      torsions.push_back({"phi" + suffix, {*before, *n, ca, *c}});
    if (const auto after = neighbour_named(topology, neighbours[*c], "N", residue, false))
      torsions.push_back({"psi" + suffix, {*n, ca, *c, *after}});
  }
}

}  // namespace

std::vector<NamedTorsion> find_torsions(const ObservablesDeck& deck, const Topology& topology) {
  std::vector<NamedTorsion> torsions;
  if (deck.backbone_torsions) add_backbone_torsions(topology, torsions);
  for (const TorsionSelector& selector : deck.torsions) {
    for (char c : selector.name)
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_')
        throw InputError("observables.torsions." + selector.name +
                         ": names consist of letters, digits and '_'");
    NamedTorsion torsion{selector.name, {}};
    for (std::size_t i = 0; i < 4; ++i)
      torsion.atoms[i] =
          select_atom(selector.atoms[i], topology, "observables.torsions." + selector.name);
    torsions.push_back(torsion);
  }
  std::set<std::string> names = {"potential_energy", "temperature",   "chain",
                                 "log_weight",       kReplicaName,    kVolumeName,
                                 kDensityName,       kWorkToNextName, kWorkToPreviousName};
  for (const NamedTorsion& torsion : torsions)
    if (!names.insert(torsion.name).second)
      throw InputError("observables.torsions." + torsion.name +
                       ": this name is taken by another observable; choose a different one");
  return torsions;
}

std::set<std::string> held_by_rings(const std::vector<NamedTorsion>& torsions,
                                    const Topology& topology) {
  // Larger rings, of disulfides and cyclic peptides, leave torsions their basins.
  constexpr std::size_t kLargestRing = 6;
  const auto neighbours = topology.neighbours();
  std::set<std::string> held;
  for (const NamedTorsion& torsion : torsions) {
    const std::size_t from = torsion.atoms[1], to = torsion.atoms[2];
    auto without = neighbours;
    const auto cut = [&without](std::size_t a, std::size_t b) {
      without[a].erase(std::remove(without[a].begin(), without[a].end(), b), without[a].end());
    };
    cut(from, to);
    cut(to, from);
    if (engine::bond_distances(without, from)[to] < kLargestRing) held.insert(torsion.name);
  }
  return held;
}

std::vector<double> measure_torsions(const std::vector<NamedTorsion>& torsions,
                                     engine::ConstCoordinates positions) {
  std::vector<double> values;
  values.reserve(torsions.size() * positions.n_chains);
  for (const NamedTorsion& torsion : torsions)
    for (std::size_t c = 0; c < positions.n_chains; ++c)
      values.push_back(engine::torsion_angle(positions.chain(c), torsion.atoms[0], torsion.atoms[1],
                                             torsion.atoms[2], torsion.atoms[3]));
  return values;
}

std::vector<io::Observable> FrameObservables::columns() const {
  std::vector<io::Observable> result;
  for (const NamedTorsion& torsion : torsions) result.push_back({torsion.name, "rad"});
  if (mass_dalton) {
    result.push_back({kVolumeName, "nm3"});
    result.push_back({kDensityName, "g cm-3"});
  }
  if (replicas) result.push_back({kReplicaName, "1"});
  if (map) {
    result.push_back({kWorkToNextName, "1"});
    result.push_back({kWorkToPreviousName, "1"});
  }
  return result;
}

std::vector<double> FrameObservables::measure(const engine::ChainBatch& chains) const {
  std::vector<double> values = measure_torsions(torsions, chains.positions.view());
  if (mass_dalton) {
    const std::vector<engine::Box>& boxes = chains.positions.boxes();
    for (const engine::Box& box : boxes) values.push_back(box.volume());
    for (const engine::Box& box : boxes)
      values.push_back(engine::kGramPerCm3PerDaltonPerNm3 * *mass_dalton / box.volume());
  }
  if (replicas) values.insert(values.end(), chains.replicas.begin(), chains.replicas.end());
  if (map) {
    const engine::MapWorks works =
        engine::map_works(chains, map->ladder_size, *map->map, *map->target);
    values.insert(values.end(), works.to_next.begin(), works.to_next.end());
    values.insert(values.end(), works.to_previous.begin(), works.to_previous.end());
  }
  return values;
}

}  // namespace saltus::tools
