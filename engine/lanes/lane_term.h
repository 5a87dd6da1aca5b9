#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace saltus::engine {

/// Chains of one block. A block is an array [value][lane]: lane l of every value belongs to one
/// chain, so that one vector instruction works on many chains and no chain knows of another.
constexpr std::size_t kLaneWidth = 16;

/// Numbers of one lane's box: ax, by, cz, then 1 / ax, 1 / by, 1 / cz, then bx, cx, cy (see Box).
constexpr std::size_t kBoxValues = 9;

/// One block as a term sees it. Value (atom, axis) of lane l is at [(3 atom + axis) kLaneWidth +
/// l].
template <class T>
struct LaneView {
  const T* x = nullptr;  ///< [N][3][lane], nm, relative to `origin`
  /// Added to: [N][3][lane], kJ/mol/nm; null means "not wanted", which floats cannot ask for.
  T* forces = nullptr;
  double* energies = nullptr;      ///< added to: [name][lane], kJ/mol, in the order of names()
  const double* origin = nullptr;  ///< [3][lane], nm: what was subtracted from all positions
  T* workspace = nullptr;          ///< scratch, LaneTerm::workspace_size() values
  /// Chains in the block, 1 .. kLaneWidth. What lanes beyond them hold, and what is computed for
  /// them, means nothing.
  std::size_t n_lanes = kLaneWidth;
  const T* box = nullptr;           ///< [kBoxValues][lane], nm and 1/nm; null: no boxes
  const double* volumes = nullptr;  ///< [lane], nm^3, of the boxes
};

/// One or a few named parts of a System's energy for whole blocks, on the widest vectors the
/// processor has. Each lane's result is the same bits whatever the other lanes hold and however
/// many there are. Energies that are not finite stand for +inf; forces of such lanes mean nothing.
class LaneTerm {
 public:
  virtual ~LaneTerm() = default;
  virtual std::vector<std::string> names() const = 0;
  /// Values of scratch memory that `evaluate` needs, lanes included.
  virtual std::size_t workspace_size() const { return 0; }
  virtual void evaluate(const LaneView<float>& view) const = 0;
  virtual void evaluate(const LaneView<double>& view) const = 0;
};

}  // namespace saltus::engine
