#include <algorithm>
#include <deque>
#include <limits>

#include "engine/core/error.h"
#include "engine/system/internal_coordinates.h"

namespace saltus::engine {

namespace {

using Neighbours = std::vector<std::vector<std::size_t>>;

/// Places atoms breadth first and remembers for each placed atom its parent and grandparent.
class Builder {
 public:
  explicit Builder(const Topology& topology)
      : topology_(topology), neighbours_(topology.neighbours()) {}

  ZMatrix build() {
    require_connected();
    const std::size_t root = central_atom();
    place(root, {root, 0, 0, 0, false});
    std::deque<std::size_t> queue = {root};
    while (!queue.empty()) {
      const std::size_t parent = queue.front();
      queue.pop_front();
      for (std::size_t child : ordered_children(parent)) {
        place(child, row_for(child, parent));
        parent_[child] = parent;
        queue.push_back(child);
      }
    }
    return ZMatrix{std::move(rows_)};
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  void require_connected() {
    if (topology_.n_atoms() < 4)
      throw InputError("internal coordinates need at least 4 atoms, the molecule has " +
                       std::to_string(topology_.n_atoms()));
    const auto distance = bond_distances(neighbours_, 0);
    for (std::size_t atom = 0; atom < distance.size(); ++atom)
      if (distance[atom] == kNone)
        throw InputError(
            "internal coordinates need one connected molecule, but no chain of bonds "
            "leads from " +
            topology_.describe_atom(0) + " to " + topology_.describe_atom(atom));
    placed_.assign(topology_.n_atoms(), false);
    parent_.assign(topology_.n_atoms(), kNone);
  }

  /// The atom with the smallest eccentricity (hydrogens, with one neighbour, are never asked); more
  /// neighbours first, then the lower index.
  std::size_t central_atom() const {
    std::size_t best = kNone, best_eccentricity = kNone;
    for (std::size_t atom = 0; atom < topology_.n_atoms(); ++atom) {
      if (neighbours_[atom].size() < 2) continue;
      const auto distance = bond_distances(neighbours_, atom);
      const std::size_t eccentricity = *std::max_element(distance.begin(), distance.end());
      const bool better = best == kNone || eccentricity < best_eccentricity ||
                          (eccentricity == best_eccentricity &&
                           neighbours_[atom].size() > neighbours_[best].size());
      if (better) {
        best = atom;
        best_eccentricity = eccentricity;
      }
    }
    return best;
  }

  std::vector<std::size_t> ordered_children(std::size_t parent) const {
    std::vector<std::size_t> children;
    for (std::size_t atom : neighbours_[parent])
      if (!placed_[atom]) children.push_back(atom);
    std::stable_sort(children.begin(), children.end(),
                     [this](std::size_t a, std::size_t b) { return rank(a) > rank(b); });
    return children;
  }

  /// Atoms that carry more of the molecule lead their siblings; hydrogens come last.
  std::size_t rank(std::size_t atom) const {
    const bool heavy = topology_.atoms[atom].atomic_number != 1;
    return (heavy ? 1000 : 0) + neighbours_[atom].size();
  }

  ZMatrixRow row_for(std::size_t atom, std::size_t parent) const {
    ZMatrixRow row{atom, parent, 0, 0, false};
    if (rows_.size() == 1) return row;
    // The angle reference lies towards the root; the root's own children use its first child.
    row.angle_to = parent_[parent] != kNone ? parent_[parent] : placed_neighbour(parent, parent);
    if (rows_.size() == 2) return row;
    // Another placed neighbour of the parent (a sibling, or the atom that closes a ring) makes the
    // torsion an offset; otherwise this atom leads.
    const std::size_t sibling = placed_neighbour(parent, row.angle_to);
    if (sibling != kNone) {
      row.torsion_to = sibling;
      row.is_offset = true;
      return row;
    }
    row.torsion_to = parent_[row.angle_to] != kNone ? parent_[row.angle_to]
                                                    : placed_neighbour(row.angle_to, parent);
    if (row.torsion_to == kNone)
      throw InternalError("no torsion reference for " + topology_.describe_atom(atom));
    return row;
  }

  /// First neighbour of `atom` in the order of placement, other than the excluded one.
  std::size_t placed_neighbour(std::size_t atom, std::size_t excluded) const {
    const auto& list = neighbours_[atom];
    for (const ZMatrixRow& row : rows_)
      if (row.atom != excluded && std::binary_search(list.begin(), list.end(), row.atom))
        return row.atom;
    return kNone;
  }

  void place(std::size_t atom, const ZMatrixRow& row) {
    placed_[atom] = true;
    rows_.push_back(row);
  }

  const Topology& topology_;
  Neighbours neighbours_;
  std::vector<bool> placed_;
  std::vector<std::size_t> parent_;
  std::vector<ZMatrixRow> rows_;
};

}  // namespace

ZMatrix build_z_matrix(const Topology& topology) { return Builder(topology).build(); }

}  // namespace saltus::engine
