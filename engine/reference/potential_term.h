#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "engine/core/span.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// One named part of a System's energy, its tables prepared for fast evaluation of single chains.
/// Const and without memory: one object serves all threads.
class PotentialTerm {
 public:
  virtual ~PotentialTerm() = default;
  virtual std::string name() const = 0;

  /// Numbers of scratch memory that `evaluate` needs.
  virtual std::size_t workspace_size() const { return 0; }

  /// @param x          [1, N, 3], nm, with its box in a periodic system
  /// @param forces     added to: [N, 3], kJ/mol/nm; an empty span means "not wanted"
  /// @param workspace  scratch [workspace_size()]
  /// @return energy, kJ/mol; +inf when two atoms that share an interaction coincide; NaN only where
  ///         intermediate numbers overflow. Forces of such configurations mean nothing.
  virtual double evaluate(ConstCoordinates x, Span<double> forces,
                          Span<double> workspace) const = 0;
};

constexpr double kInfiniteEnergy = std::numeric_limits<double>::infinity();

/// A term without workspace whose energy is Term::sum<kWithForces>(x, forces): `x` and `forces` are
/// [N, 3], `forces` is null when they are not wanted.
template <class Term>
class SummedTerm : public PotentialTerm {
 public:
  double evaluate(ConstCoordinates x, Span<double> forces, Span<double>) const final {
    const auto& term = static_cast<const Term&>(*this);
    return forces.empty() ? term.template sum<false>(x.data, nullptr)
                          : term.template sum<true>(x.data, forces.data());
  }
};

}  // namespace saltus::engine
