// Rules about who includes whom, with folders as nodes: one direction only, and few roads.
#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "tests/architecture/rules.h"

namespace saltus::tests {
namespace {

using Names = std::set<std::string>;

const std::string kProgram = "tools/saltus";

// The folders of the program from top to bottom; those of one row are strangers.
const std::vector<Names>& rows() {
  static const std::vector<Names> kRows = {
      {"tools/saltus"},
      {"tools/saltus/commands"},
      {"tools/saltus/conformers", "tools/saltus/run", "tools/saltus/training"},
      {"tools/saltus/molecules"},
      {"tools/saltus/common", "tools/saltus/decks"},
  };
  return kRows;
}

// From 0, the top; rows().size() for a folder without a place.
std::size_t row_of(const std::string& folder) {
  const auto row = std::find_if(rows().begin(), rows().end(),
                                [&](const Names& names) { return names.count(folder) > 0; });
  return static_cast<std::size_t>(row - rows().begin());
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// A header and its source are one unit.
std::string unit_of(const std::string& path) { return path.substr(0, path.rfind('.')); }

bool is_below(const std::string& path, const std::string& folder) {
  return path.compare(0, folder.size() + 1, folder + "/") == 0;
}

bool is_of_a_layer(const std::string& path) {
  static const Names kLayers = {"engine", "forcefields", "mlsamplers", "io", "tools"};
  const std::size_t slash = path.find('/');
  return slash != std::string::npos && kLayers.count(path.substr(0, slash)) > 0;
}

// The graph of all files that `counts`, with a node for each name that `node_of` gives.
template <class Counts>
IncludeGraph graph_of(const SourceTree& tree, Counts counts,
                      std::string (*node_of)(const std::string&)) {
  IncludeGraph graph;
  for (const SourceFile& file : tree.files()) {
    if (!file.is_code() || !counts(file.path)) continue;
    const std::string from = node_of(file.path);
    graph.nodes.insert(from);
    for (const Include& include : includes_of(file)) {
      if (!counts(include.target)) continue;
      const std::string to = node_of(include.target);
      if (to != from) graph.edges.insert({{from, to}, {file.path, include.line, include.target}});
    }
  }
  return graph;
}

// A shortest road between two nodes, both ends named: "a -> b -> c"; empty when there is none.
std::string road(const IncludeGraph& graph, const std::string& from, const std::string& to) {
  std::map<std::string, std::string> reached = {{from, from}};  // road to each node so far
  for (std::deque<std::string> queue = {from}; !queue.empty(); queue.pop_front()) {
    const std::string here = queue.front();
    if (here == to) return reached[here];
    for (const auto& [edge, place] : graph.edges)
      if (edge.first == here &&
          reached.emplace(edge.second, reached[here] + " -> " + edge.second).second)
        queue.push_back(edge.second);
  }
  return "";
}

// The includes from which a road leads back.
std::vector<Violation> circles(const IncludeGraph& graph) {
  std::vector<Violation> found;
  for (const auto& [edge, place] : graph.edges) {
    const std::string back = road(graph, edge.second, edge.first);
    if (!back.empty())
      found.push_back(
          {place.file, place.line, "goes round in a circle: " + edge.first + " -> " + back});
  }
  return found;
}

void check_count(const char* what, std::size_t count, std::size_t max_count,
                 std::vector<Violation>& found) {
  if (count > max_count)
    found.push_back(
        {kProgram, 0,
         std::to_string(count) + " " + what + "; at most " + std::to_string(max_count)});
}

}  // namespace

IncludeGraph program_folders(const SourceTree& tree) {
  return graph_of(
      tree, [](const std::string& path) { return is_below(path, kProgram); }, folder_of);
}

std::vector<Violation> check_program_folders(const SourceTree& tree) {
  const IncludeGraph graph = program_folders(tree);
  std::vector<Violation> found;
  check_count("folders", graph.nodes.size(), kMaxProgramFolders, found);
  check_count("pairs of folders of which one includes the other", graph.edges.size(),
              kMaxProgramEdges, found);
  for (const std::string& folder : graph.nodes)
    if (row_of(folder) == rows().size())
      found.push_back({folder, 0, "has no place among the folders of " + kProgram});
  for (const auto& [edge, place] : graph.edges)
    if (row_of(edge.first) < rows().size() && row_of(edge.second) <= row_of(edge.first))
      found.push_back({place.file, place.line,
                       edge.first + " includes " + place.target + ", which does not lie below it"});
  return found;
}

std::vector<Violation> check_program_circles(const SourceTree& tree) {
  return circles(graph_of(
      tree, [](const std::string& path) { return is_below(path, kProgram); }, unit_of));
}

std::vector<Violation> check_folder_circles(const SourceTree& tree) {
  return circles(graph_of(tree, is_of_a_layer, folder_of));
}

}  // namespace saltus::tests
