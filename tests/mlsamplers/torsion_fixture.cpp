#include "tests/mlsamplers/torsion_fixture.h"

#include <algorithm>
#include <deque>
#include <numeric>
#include <utility>

#include "engine/core/units.h"
#include "engine/torsions/von_mises_mixture.h"

namespace saltus::tests {

using engine::kNowhere;
using engine::TorsionBond;
using engine::TorsionEnd;
using engine::TorsionGraph;

namespace {

int valence_of(int atomic_number) {
  switch (atomic_number) {
    case 6:
      return 4;
    case 7:
      return 3;
    case 8:
      return 2;
    default:
      return 1;
  }
}

using Neighbours = std::vector<std::vector<std::size_t>>;

void add_bond(TorsionGraph& graph, Neighbours& neighbours, std::size_t a, std::size_t b) {
  engine::GraphBond bond;
  bond.first = a;
  bond.second = b;
  graph.bonds.push_back(bond);
  neighbours[a].push_back(b);
  neighbours[b].push_back(a);
}

/// Reference: the heaviest, then first, neighbour off the axis; the others follow in their order.
TorsionEnd end_of(const TorsionGraph& graph, const Neighbours& neighbours, std::size_t atom,
                  std::size_t partner) {
  std::vector<std::size_t> others;
  for (std::size_t n : neighbours[atom])
    if (n != partner) others.push_back(n);
  std::stable_sort(others.begin(), others.end(), [&graph](std::size_t a, std::size_t b) {
    return graph.atoms[a].atomic_number > graph.atoms[b].atomic_number;
  });
  TorsionEnd end;
  end.atom = atom;
  end.reference = others[0];
  if (others.size() > 1) end.others[0] = others[1];
  if (others.size() > 2) end.others[2] = others[2];
  return end;
}

std::size_t distance(const Neighbours& neighbours, std::size_t from, std::size_t to) {
  std::vector<std::size_t> far(neighbours.size(), kNowhere);
  std::deque<std::size_t> queue = {from};
  far[from] = 0;
  while (!queue.empty()) {
    const std::size_t atom = queue.front();
    queue.pop_front();
    for (std::size_t next : neighbours[atom])
      if (far[next] == kNowhere) {
        far[next] = far[atom] + 1;
        queue.push_back(next);
      }
  }
  return far[to];
}

void add_neighbours(TorsionGraph& graph, const Neighbours& neighbours) {
  for (std::size_t reach = 0; reach <= 2; ++reach)
    for (std::size_t b = 0; b < graph.torsions.size(); ++b)
      for (std::size_t c = 0; c < graph.torsions.size(); ++c) {
        std::size_t least = kNowhere;
        for (const TorsionEnd& here : graph.torsions[b].ends)
          for (const TorsionEnd& there : graph.torsions[c].ends)
            least = std::min(least, distance(neighbours, here.atom, there.atom));
        if (b != c && least == reach) graph.torsions[b].neighbours.push_back(c);
      }
}

std::vector<std::size_t> permutation(std::size_t n, engine::RandomStream& stream) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
  return order;
}

/// Puts entry i of a list at place[i].
template <class Value>
std::vector<Value> moved(const std::vector<Value>& values, const std::vector<std::size_t>& place) {
  std::vector<Value> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[place[i]] = values[i];
  return result;
}

std::size_t renamed(std::size_t index, const std::vector<std::size_t>& place) {
  return index == kNowhere ? kNowhere : place[index];
}

}  // namespace

TorsionGraph make_graph(const std::vector<HeavyAtom>& heavy) {
  TorsionGraph graph;
  Neighbours neighbours(heavy.size());
  for (const HeavyAtom& atom : heavy) {
    graph.atoms.emplace_back();
    graph.atoms.back().atomic_number = atom.atomic_number;
  }
  for (std::size_t i = 0; i < heavy.size(); ++i)
    if (heavy[i].parent != kNowhere) add_bond(graph, neighbours, heavy[i].parent, i);
  const std::size_t n_heavy_bonds = graph.bonds.size();
  for (std::size_t i = 0; i < heavy.size(); ++i)
    while (neighbours[i].size() < static_cast<std::size_t>(valence_of(heavy[i].atomic_number))) {
      graph.atoms.emplace_back();
      graph.atoms.back().atomic_number = 1;
      ++graph.atoms[i].n_hydrogens;
      neighbours.emplace_back();
      add_bond(graph, neighbours, i, graph.atoms.size() - 1);
    }
  for (std::size_t i = 0; i < graph.atoms.size(); ++i) {
    graph.atoms[i].degree = static_cast<int>(neighbours[i].size());
    graph.atoms[i].shape =
        i < heavy.size() ? engine::AtomShape::kTetrahedral : engine::AtomShape::kOther;
    graph.atoms[i].partial_charge = i < heavy.size() ? -0.1 : 0.05;
    for (std::size_t a = 0; a < neighbours[i].size(); ++a)
      for (std::size_t b = 0; b < a; ++b)
        graph.angles.push_back(
            {neighbours[i][a], i, neighbours[i][b], 109.5 * engine::kRadianPerDegree});
  }
  std::vector<std::size_t> inversion_of(graph.atoms.size(), kNowhere);
  for (std::size_t i = 0; i < n_heavy_bonds; ++i) {
    const std::size_t a = graph.bonds[i].first, b = graph.bonds[i].second;
    if (neighbours[a].size() < 2 || neighbours[b].size() < 2) continue;
    TorsionBond torsion;
    torsion.ends = {end_of(graph, neighbours, a, b), end_of(graph, neighbours, b, a)};
    torsion.bond_index = i;
    for (TorsionEnd& end : torsion.ends) {
      if (graph.atoms[end.atom].atomic_number != 7) continue;
      if (inversion_of[end.atom] == kNowhere) {
        inversion_of[end.atom] = graph.inversions.size();
        const auto& n = neighbours[end.atom];
        graph.inversions.push_back({end.atom, {n[0], n[1], n[2]}});
      }
      end.inversion = inversion_of[end.atom];
    }
    const auto is_methyl = [&graph](const TorsionEnd& end) {
      return graph.atoms[end.atom].atomic_number == 6 && graph.atoms[end.atom].n_hydrogens == 3;
    };
    for (TorsionEnd& end : torsion.ends) {
      if (!is_methyl(end)) continue;
      torsion.symmetry = 3;
      // Both ways to treat one, by turns.
      end.ranked = graph.torsions.size() % 2 == 0;
      if (!end.ranked) torsion.fold = 3;
    }
    graph.bonds[i].torsion = graph.torsions.size();
    graph.torsions.push_back(torsion);
  }
  add_neighbours(graph, neighbours);
  return graph;
}

TorsionGraph random_graph(std::size_t n, std::uint64_t seed) {
  engine::RandomStream stream({seed, 0}, engine::StreamName::kTest, 0);
  const int elements[] = {6, 6, 6, 7, 8};
  std::vector<HeavyAtom> heavy(2);
  heavy[1].parent = 0;
  std::vector<int> used = {1, 1};
  while (heavy.size() < n) {
    const std::size_t parent = stream.below(heavy.size());
    if (used[parent] == valence_of(heavy[parent].atomic_number)) continue;
    ++used[parent];
    used.push_back(1);
    heavy.push_back({elements[stream.below(5)], parent});
  }
  return make_graph(heavy);
}

PermutedGraph permuted(const TorsionGraph& graph, std::uint64_t seed) {
  engine::RandomStream stream({seed, 1}, engine::StreamName::kTest, 0);
  const auto atom_of = permutation(graph.atoms.size(), stream),
             bond_of = permutation(graph.bonds.size(), stream),
             angle_of = permutation(graph.angles.size(), stream);
  PermutedGraph result;
  result.torsion_of = permutation(graph.torsions.size(), stream);
  result.inversion_of = permutation(graph.inversions.size(), stream);
  TorsionGraph& out = result.graph;
  out.atoms = moved(graph.atoms, atom_of);
  out.bonds = moved(graph.bonds, bond_of);
  out.angles = moved(graph.angles, angle_of);
  out.inversions = moved(graph.inversions, result.inversion_of);
  out.torsions = moved(graph.torsions, result.torsion_of);
  for (engine::GraphBond& bond : out.bonds) {
    bond.first = atom_of[bond.first];
    bond.second = atom_of[bond.second];
    if (stream.below(2) == 1) std::swap(bond.first, bond.second);
    bond.torsion = renamed(bond.torsion, result.torsion_of);
  }
  for (engine::GraphAngle& angle : out.angles) {
    angle = {atom_of[angle.first], atom_of[angle.centre], atom_of[angle.second], angle.ideal_rad};
    if (stream.below(2) == 1) std::swap(angle.first, angle.second);
  }
  for (engine::InvertibleCentre& centre : out.inversions) {
    centre.atom = atom_of[centre.atom];
    for (std::size_t& neighbour : centre.neighbours) neighbour = atom_of[neighbour];
  }
  for (TorsionBond& torsion : out.torsions) {
    for (TorsionEnd& end : torsion.ends) {
      end.atom = atom_of[end.atom];
      end.reference = atom_of[end.reference];
      for (std::size_t& other : end.others) other = renamed(other, atom_of);
      end.inversion = renamed(end.inversion, result.inversion_of);
    }
    if (stream.below(2) == 1) std::swap(torsion.ends[0], torsion.ends[1]);
    torsion.bond_index = bond_of[torsion.bond_index];
    for (std::size_t& neighbour : torsion.neighbours) neighbour = result.torsion_of[neighbour];
    torsion.neighbours = moved(torsion.neighbours, permutation(torsion.neighbours.size(), stream));
  }
  return result;
}

ChainSamples draw_chain(std::size_t n_carbons, bool hydroxyl, std::size_t n_samples,
                        std::uint64_t seed) {
  std::vector<HeavyAtom> heavy = {{9, kNowhere}};
  for (std::size_t i = 0; i < n_carbons; ++i) heavy.push_back({6, i});
  heavy.push_back({hydroxyl ? 8 : 9, n_carbons});
  ChainSamples chain;
  chain.sign = hydroxyl ? -1 : 1;
  chain.samples.name = hydroxyl ? "hydroxyl" : "fluorine";
  chain.samples.graph = make_graph(heavy);
  chain.samples.n_samples = n_samples;
  const std::size_t r = chain.samples.graph.torsions.size();
  chain.order.resize(r);  // make_graph writes bonds, so torsions, along the chain
  std::iota(chain.order.begin(), chain.order.end(), std::size_t{0});
  engine::RandomStream stream({seed, 2}, engine::StreamName::kTest, 0);
  const engine::VonMisesMixture step{1, 0.0, {1.0}, {0.0}, {kChainConcentration}};
  for (std::size_t s = 0; s < n_samples; ++s) {
    double tau = engine::kTwoPi * stream.uniform();
    for (std::size_t i = 0; i < r; ++i) {
      if (i > 0) tau = chain.sign * tau + step.sample(stream);
      chain.samples.torsions.push_back(static_cast<float>(tau));
    }
  }
  return chain;
}

mlsamplers::TorsionSamples draw_chiral(std::size_t n_samples, std::uint64_t seed) {
  // F-CH(OH)-CH2-F: at the first carbon, oxygen follows the reference fluorine clockwise.
  mlsamplers::TorsionSamples samples;
  samples.name = "chiral";
  samples.graph = make_graph({{9, kNowhere}, {6, 0}, {6, 1}, {9, 2}, {8, 1}});
  samples.n_samples = n_samples;
  engine::RandomStream stream({seed, 3}, engine::StreamName::kTest, 0);
  const engine::VonMisesMixture first{1, 0.0, {1.0}, {1.0}, {kChainConcentration}};
  for (std::size_t s = 0; s < n_samples; ++s) {
    samples.torsions.push_back(static_cast<float>(first.sample(stream)));
    for (std::size_t i = 1; i < samples.graph.torsions.size(); ++i)
      samples.torsions.push_back(static_cast<float>(engine::kTwoPi * stream.uniform()));
  }
  return samples;
}

std::vector<mlsamplers::TorsionSamples> chains_to_train_on() {
  std::vector<mlsamplers::TorsionSamples> molecules;
  for (std::uint64_t copy = 0; copy < 4; ++copy) {
    for (std::size_t n = 3; n <= 5; ++n)
      for (bool hydroxyl : {false, true})
        molecules.push_back(draw_chain(n, hydroxyl, 400, 10 * copy + n).samples);
    molecules.push_back(draw_chiral(400, copy));
  }
  return molecules;
}

mlsamplers::TorsionTrainingOptions quick_training() {
  mlsamplers::TorsionTrainingOptions options;
  options.shape = {32, 2, 16, 32, 4};
  options.seed = 7;
  options.n_epochs = 160;
  options.n_molecules = 7;
  options.n_samples = 16;
  options.n_parts = 1;
  options.learning_rate = 6e-3;
  options.held_out_fraction = 0.1;
  return options;
}

const mlsamplers::TrainedTorsionNetwork& trained_on_chains() {
  static const mlsamplers::TrainedTorsionNetwork trained = [] {
    mlsamplers::ModelCard card;
    card.temperature_K = 300.0;
    card.force_field = "a Markov chain";
    card.transferable.emplace();
    card.transferable->data = "drawn chains";
    card.transferable->split = "none";
    return mlsamplers::train_torsion_network(chains_to_train_on(), quick_training(), card, nullptr,
                                             nullptr);
  }();
  return trained;
}

const mlsamplers::TrainedTorsionNetwork& trained_on_molecules() {
  static const mlsamplers::TrainedTorsionNetwork trained = [] {
    std::vector<mlsamplers::TorsionSamples> molecules;
    engine::RandomStream stream({5, 4}, engine::StreamName::kTest, 0);
    const engine::VonMisesMixture step{1, 0.0, {1.0}, {0.0}, {kChainConcentration}};
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
      mlsamplers::TorsionSamples samples;
      samples.name = "random" + std::to_string(seed);
      samples.graph = random_graph(9, seed);
      samples.graph.atoms[0].atomic_number = seed == 0 ? 9 : 6;  // fluorine is to be known
      samples.n_samples = 100;
      for (std::size_t s = 0; s < samples.n_samples; ++s) {
        double tau = 0.0;
        const std::size_t n_signs = samples.graph.inversions.size();
        for (std::size_t i = 0; i < n_signs; ++i)
          samples.inversions.push_back(stream.below(2) == 1 ? 1 : -1);
        const std::int8_t* signs = samples.inversions.data() + s * n_signs;
        for (const TorsionBond& torsion : samples.graph.torsions) {
          tau += step.sample(stream);
          for (const TorsionEnd& end : torsion.ends)
            if (end.inversion != kNowhere) tau += signs[end.inversion];
          samples.torsions.push_back(static_cast<float>(tau));
        }
      }
      molecules.push_back(std::move(samples));
    }
    mlsamplers::TorsionTrainingOptions options = quick_training();
    options.n_epochs = 15;
    return mlsamplers::train_torsion_network(molecules, options, {}, nullptr, nullptr);
  }();
  return trained;
}

double mean_nll(const engine::TorsionModel& model, const mlsamplers::TorsionSamples& samples,
                bool all_known) {
  const std::size_t r = samples.graph.torsions.size(), n_signs = samples.graph.inversions.size();
  const std::vector<std::uint8_t> known(r, all_known ? 1 : 0);
  engine::VonMisesMixture mixture;
  double sum = 0.0;
  for (std::size_t s = 0; s < samples.n_samples; ++s) {
    const std::vector<double> torsions(samples.torsions.begin() + s * r,
                                       samples.torsions.begin() + (s + 1) * r);
    const std::vector<int> signs(samples.inversions.begin() + s * n_signs,
                                 samples.inversions.begin() + (s + 1) * n_signs);
    for (std::size_t b = 0; b < r; ++b) {
      model.density(b, {torsions, known, signs}, mixture);
      sum -= mixture.log_density(torsions[b]);
    }
  }
  return sum / static_cast<double>(samples.n_samples * r);
}

}  // namespace saltus::tests
