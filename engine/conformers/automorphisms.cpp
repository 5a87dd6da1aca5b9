#include "engine/conformers/automorphisms.h"

#include <algorithm>
#include <map>
#include <utility>

namespace saltus::engine {

namespace {

constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);
// Backtracking that leads nowhere ends here; molecules need a few steps for each map.
constexpr std::size_t kMostSteps = 2'000'000;

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

Order connected_order(const Neighbours& neighbours) {
  Order order;
  std::vector<bool> seen(neighbours.size(), false);
  for (std::uint32_t root = 0; root < neighbours.size(); ++root) {
    if (seen[root]) continue;
    seen[root] = true;
    std::size_t next = order.vertices.size();
    order.vertices.push_back(root);
    order.parents.push_back(kNone);
    for (; next < order.vertices.size(); ++next)
      for (const Neighbour& n : neighbours[order.vertices[next]]) {
        if (seen[n.vertex]) continue;
        seen[n.vertex] = true;
        order.vertices.push_back(n.vertex);
        order.parents.push_back(order.vertices[next]);
      }
  }
  return order;
}

class Search {
 public:
  Search(const ColouredGraph& graph, std::size_t most)
      : neighbours_(neighbours_of(graph)),
        colours_(refine(graph.colours, neighbours_)),
        order_(connected_order(neighbours_)),
        image_(colours_.size(), kNone),
        used_(colours_.size(), false),
        most_(most) {}

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
      if (found_.maps.size() == most_) found_.complete = false;
      if (found_.complete) found_.maps.push_back(image_);
      return found_.complete;
    }
    const std::uint32_t vertex = order_.vertices[place];
    for (const std::uint32_t candidate : candidates(place)) {
      if (!fits(vertex, candidate)) continue;
      if (++steps_ > kMostSteps) found_.complete = false;
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
  std::size_t most_, steps_ = 0;
  Automorphisms found_;
};

}  // namespace

std::vector<int> refined_colours(const ColouredGraph& graph) {
  return refine(graph.colours, neighbours_of(graph));
}

Automorphisms find_automorphisms(const ColouredGraph& graph, std::size_t most) {
  return Search(graph, most).run();
}

}  // namespace saltus::engine
