#pragma once

#include <string>
#include <vector>

#include "engine/ensemble/chain_batch.h"
#include "engine/run/move_statistics.h"
#include "engine/system/close_contacts.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// What a command does with coordinates that have atoms too close for their opposite charges.
enum class InsideCharge {
  kRefused,
  kSeparated,  ///< the caller takes them apart before it computes anything
};

/// Refuses coordinates whose energy would mean nothing, naming the two atoms that are most
/// responsible; see engine::ContactCheck.
/// @param source  file the coordinates are from
/// @returns       pairs too close for their opposite charges, for a caller who separates them
/// @throws InputError      for atoms too close for their opposite charges, for overlaps in a
///                         periodic box and for stretched bonds
/// @throws NumericalError  for atoms on top of each other
std::vector<engine::CloseContact> check_contacts(const Molecule& molecule,
                                                 const std::string& source, InsideCharge inside);

/// "; the strongest interaction is that of atom A and atom B, 0.1 nm apart (1e5 kJ/mol)", or
/// nothing without interactions.
/// @param x  [1, N, 3], nm
std::string blame(const Molecule& molecule, engine::ConstCoordinates x);

/// Watches a run, so that it stops where energies have no meaning.
class RunGuard {
 public:
  explicit RunGuard(const Molecule& molecule) : molecule_(molecule), check_(molecule.system) {}

  /// @param when  beginning of the message, such as "step 1000"
  /// @throws NumericalError  naming two atoms of the first chain that has fallen into a charge, or
  ///                         whose molecule has come apart
  void check_positions(const engine::CoordinateBatch& positions, const std::string& when) const;

  /// @throws NumericalError  naming the strongest interaction when, of at least 1,000 proposals of
  ///                         moves that are made to be accepted (MoveKind::seldom_accepted says
  ///                         which are not), less than one in 1,000 was, and no other move was
  ///                         accepted either
  void check_acceptance(const std::vector<engine::MoveStatistics>& moves,
                        const engine::CoordinateBatch& positions, const std::string& when) const;

 private:
  const Molecule& molecule_;
  engine::ContactCheck check_;
};

}  // namespace saltus::tools
