#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace saltus::engine {

/// Atoms and bonds with colours: only those of one colour are interchangeable.
struct ColouredGraph {
  struct Edge {
    std::size_t first = 0, second = 0;
    int colour = 0;
  };
  std::vector<int> colours;  ///< [n]
  std::vector<Edge> edges;
};

/// Ways to renumber a graph that leave it as it is.
struct Automorphisms {
  /// maps[m][i]: which vertex stands in the place of i; the identity comes first.
  std::vector<std::vector<std::uint32_t>> maps;
  bool complete = true;  ///< false: there are more than were asked for
};

/// Colours refined by those of the neighbours until nothing changes (Weisfeiler and Leman):
/// vertices that are interchangeable have the same one. Independent of the order of the
/// vertices.
std::vector<int> refined_colours(const ColouredGraph& graph);

/// All of them, or the first `max_maps`: colours are refined, then vertices are matched one after
/// the other, with backtracking.
/// @param max_maps  >= 1
Automorphisms find_automorphisms(const ColouredGraph& graph, std::size_t max_maps);

/// Some of them from which all others follow by doing one after the other; none when nothing but
/// the identity leaves the graph as it is. Found for a chain of vertices that are held fast one
/// after the other (a strong generating set). Source: Sims, in Computational Problems in Abstract
/// Algebra, Pergamon (1970), 169.
std::vector<std::vector<std::uint32_t>> symmetry_generators(const ColouredGraph& graph);

}  // namespace saltus::engine
