#include "engine/moves/bond_sides.h"

#include <algorithm>

namespace saltus::engine {

std::vector<std::size_t> side_of_bond(const std::vector<std::vector<std::size_t>>& neighbours,
                                      std::size_t start, std::size_t blocked) {
  std::vector<bool> seen(neighbours.size(), false);
  std::vector<std::size_t> stack = {start}, side;
  seen[start] = true;
  while (!stack.empty()) {
    const std::size_t atom = stack.back();
    stack.pop_back();
    side.push_back(atom);
    for (std::size_t next : neighbours[atom]) {
      if (atom == start && next == blocked) continue;
      if (next == blocked) return {};
      if (!seen[next]) {
        seen[next] = true;
        stack.push_back(next);
      }
    }
  }
  std::sort(side.begin(), side.end());
  return side;
}

}  // namespace saltus::engine
