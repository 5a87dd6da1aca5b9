#include "engine/conformers/automorphisms.h"

#include <algorithm>
#include <map>
#include <utility>

namespace saltus::engine {

namespace {

constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);
// Backtracking that leads nowhere ends here; molecules need a few steps for each map.
constexpr std::size_t kMaxSteps = 2'000'000;

struct Neighbour {
  std::uint32_t vertex;
  int colour;
};

using Neighbours = std::vector<std::vector<Neighbour>>;

Neighbours neighbours_of(const ColouredGraph& graph) {
  Neighbours neighbours(graph.colours.size());
  for (const ColouredGraph::Edge& edge : graph.edges) {
    neighbours[edge.first].push_back({static_cast<std::uint32_t>(edge.second), edge.colour});
    neighbours[edge.second].push_back({static_cast<std::uint32_t>(edge.first), edge.colour});
  }
  return neighbours;
}

std::vector<int> refine(std::vector<int> colours, const Neighbours& neighbours) {
  using Signature = std::pair<int, std::vector<std::pair<int, int>>>;
  std::size_t n_classes = 0;
  while (true) {
    std::vector<Signature> signatures(colours.size());
    std::map<Signature, int> classes;
    for (std::size_t i = 0; i < colours.size(); ++i) {
      signatures[i].first = colours[i];
      for (const Neighbour& n : neighbours[i])
        signatures[i].second.emplace_back(n.colour, colours[n.vertex]);
      std::sort(signatures[i].second.begin(), signatures[i].second.end());
      classes.emplace(signatures[i], 0);
    }
    int next = 0;
    for (auto& entry : classes) entry.second = next++;
    for (std::size_t i = 0; i < colours.size(); ++i) colours[i] = classes[signatures[i]];
    if (classes.size() == n_classes) return colours;
    n_classes = classes.size();
  }
}

/// Vertices in an order in which each has an earlier neighbour, where there is one.
struct Order {
  std::vector<std::uint32_t> vertices;
  std::vector<std::uint32_t> parents;  ///< by place in the order; kNone begins a new part
};

/// @param first  where to begin
Order connected_order(const Neighbours& neighbours, std::uint32_t first = 0) {
  Order order;
  std::vector<bool> seen(neighbours.size(), false);
  const auto n_vertices = static_cast<std::uint32_t>(neighbours.size());
  for (std::uint32_t part = 0; part < n_vertices; ++part) {
    const std::uint32_t root = (first + part) % n_vertices;
    if (seen[root]) continue;
    seen[root] = true;
    std::size_t next = order.vertices.size();
    order.vertices.push_back(root);
    order.parents.push_back(kNone);
    for (; next < order.vertices.size(); ++next)
      for (const Neighbour& neighbour : neighbours[order.vertices[next]]) {
        if (seen[neighbour.vertex]) continue;
        seen[neighbour.vertex] = true;
        order.vertices.push_back(neighbour.vertex);
        order.parents.push_back(order.vertices[next]);
      }
  }
  return order;
}

class Search {
 public:
  Search(const ColouredGraph& graph, std::size_t max_maps)
      : neighbours_(neighbours_of(graph)),
        colours_(refine(graph.colours, neighbours_)),
        order_(connected_order(neighbours_)),
        image_(colours_.size(), kNone),
        used_(colours_.size(), false),
        max_maps_(max_maps) {}

  /// One that puts `image` in the place of `vertex`, if there is any.
  Search(const Neighbours& neighbours, std::vector<int> colours, std::uint32_t vertex,
         std::uint32_t image)
      : neighbours_(neighbours),
        colours_(std::move(colours)),
        order_(connected_order(neighbours_, vertex)),
        image_(colours_.size(), kNone),
        used_(colours_.size(), false),
        max_maps_(1),
        first_image_(image) {}

  Automorphisms run() {
    extend(0);
    return std::move(found_);
  }

 private:
  bool fits(std::uint32_t vertex, std::uint32_t candidate) const {
    if (used_[candidate] || colours_[candidate] != colours_[vertex]) return false;
    for (const Neighbour& n : neighbours_[vertex]) {
      if (image_[n.vertex] == kNone) continue;
      const auto& others = neighbours_[candidate];
      if (std::none_of(others.begin(), others.end(), [&](const Neighbour& other) {
            return other.vertex == image_[n.vertex] && other.colour == n.colour;
          }))
        return false;
    }
    return true;
  }

  std::vector<std::uint32_t> candidates(std::size_t place) const {
    const std::uint32_t vertex = order_.vertices[place], parent = order_.parents[place];
    if (place == 0 && first_image_ != kNone) return {first_image_};
    std::vector<std::uint32_t> list = {vertex};  // itself first: the identity is found first
    if (parent == kNone) {
      for (std::uint32_t other = 0; other < colours_.size(); ++other)
        if (other != vertex) list.push_back(other);
    } else {
      for (const Neighbour& n : neighbours_[image_[parent]])
        if (n.vertex != vertex) list.push_back(n.vertex);
    }
    return list;
  }

  /// False when enough was found.
  bool extend(std::size_t place) {
    if (place == order_.vertices.size()) {
      if (found_.maps.size() == max_maps_) found_.complete = false;
      if (found_.complete) found_.maps.push_back(image_);
      const bool one_is_enough = first_image_ != kNone;
      return found_.complete && !one_is_enough;
    }
    const std::uint32_t vertex = order_.vertices[place];
    for (const std::uint32_t candidate : candidates(place)) {
      if (!fits(vertex, candidate)) continue;
      if (++steps_ > kMaxSteps) found_.complete = false;
      if (!found_.complete) return false;
      image_[vertex] = candidate;
      used_[candidate] = true;
      const bool more = extend(place + 1);
      image_[vertex] = kNone;
      used_[candidate] = false;
      if (!more) return false;
    }
    return true;
  }

  Neighbours neighbours_;
  std::vector<int> colours_;
  Order order_;
  std::vector<std::uint32_t> image_;
  std::vector<bool> used_;
  std::size_t max_maps_, steps_ = 0;
  std::uint32_t first_image_ = kNone;
  Automorphisms found_;
};

/// A vertex that shares its colour with others; kNone when there is none.
std::uint32_t undecided_vertex(const std::vector<int>& colours) {
  std::map<int, std::size_t> counts;
  for (const int colour : colours) ++counts[colour];
  for (std::uint32_t v = 0; v < colours.size(); ++v)
    if (counts[colours[v]] > 1) return v;
  return kNone;
}

/// Which vertices can be reached from one another by some renumberings.
class Orbits {
 public:
  explicit Orbits(std::size_t n) : parent_(n) {
    for (std::uint32_t v = 0; v < n; ++v) parent_[v] = v;
  }
  std::uint32_t root(std::uint32_t v) const {
    while (parent_[v] != v) v = parent_[v];
    return v;
  }
  void join(const std::vector<std::uint32_t>& map) {
    for (std::uint32_t v = 0; v < map.size(); ++v) parent_[root(v)] = root(map[v]);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

}  // namespace

std::vector<int> refined_colours(const ColouredGraph& graph) {
  return refine(graph.colours, neighbours_of(graph));
}

Automorphisms find_automorphisms(const ColouredGraph& graph, std::size_t max_maps) {
  return Search(graph, max_maps).run();
}

std::vector<std::vector<std::uint32_t>> symmetry_generators(const ColouredGraph& graph) {
  const Neighbours neighbours = neighbours_of(graph);
  // A chain of vertices that are held fast one after the other, until nothing can move.
  struct Level {
    std::uint32_t vertex;
    std::vector<int> colours;
  };
  std::vector<Level> levels;
  std::vector<int> colours = refine(graph.colours, neighbours);
  for (std::uint32_t v = undecided_vertex(colours); v != kNone; v = undecided_vertex(colours)) {
    levels.push_back({v, colours});
    colours[v] = static_cast<int>(colours.size()) + 1;
    colours = refine(std::move(colours), neighbours);
  }
  // From the last one: what moves a vertex while those before it stay.
  std::vector<std::vector<std::uint32_t>> generators;
  Orbits orbits(neighbours.size());
  for (auto level = levels.rbegin(); level != levels.rend(); ++level)
    for (std::uint32_t v = 0; v < neighbours.size(); ++v) {
      if (level->colours[v] != level->colours[level->vertex]) continue;
      if (orbits.root(v) == orbits.root(level->vertex)) continue;
      const Automorphisms found = Search(neighbours, level->colours, level->vertex, v).run();
      if (found.maps.empty()) continue;
      generators.push_back(found.maps.front());
      orbits.join(generators.back());
    }
  return generators;
}

}  // namespace saltus::engine
