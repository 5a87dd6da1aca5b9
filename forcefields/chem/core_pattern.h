#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/conformers/held_atoms.h"
#include "engine/conformers/stereo_check.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// Fewest atoms that a core is made of: fewer do not tell where the rest is.
constexpr std::size_t kMinCoreAtoms = 3;

/// The same molecule, whose atoms remember their numbers through whatever leaves out or adds
/// hydrogens, splits it or chooses its configuration.
ChemMolecule with_remembered_numbers(const ChemMolecule& molecule);

/// The numbers that atoms remember, from 0 [N]; engine::kNowhere for atoms that were added since.
std::vector<std::size_t> remembered_numbers(const ChemMolecule& molecule);

/// Where a core is looked for.
struct CoreSearch {
  /// The record that the molecule was made of, with coordinates; its atoms remember their numbers.
  /// Null: a list without coordinates.
  const ChemMolecule* record = nullptr;
  bool first_of_several = false;  ///< else a core that is found several times is refused
};

/// A core and in how many different ways it is there.
struct FoundCore {
  engine::HeldAtoms held;
  std::size_t n_ways = 1;
};

/// What of molecules is held, and where.
class CorePattern {
 public:
  ~CorePattern();
  /// Atoms that match SMARTS, where the molecule's own record has them.
  /// @throws InputError  with the column of what cannot be read, or for fewer than three atoms
  static std::shared_ptr<const CorePattern> of_smarts(const std::string& smarts);
  /// These atoms of the record, where it has them.
  /// @param numbers  from 1, as in the record
  /// @throws InputError  for fewer than three, for 0, and for one that comes twice
  static std::shared_ptr<const CorePattern> of_atoms(const std::vector<std::size_t>& numbers);
  /// The atoms of a structure, where it has them; its hydrogens do not count.
  /// @throws InputError  when it has no three-dimensional coordinates or fewer than three atoms
  ///                     other than hydrogen
  static std::shared_ptr<const CorePattern> of_template(const ChemMolecule& structure);

  /// Whether the places are those of each molecule's own record.
  bool is_of_records() const;

  /// The core of a molecule. Ways to find it that only exchange equal atoms of the molecule are
  /// one (of records: that concern the same atoms are one); those that contradict the configuration
  /// do not count.
  /// @param molecule       with all hydrogens
  /// @param configuration  of it
  /// @throws MoleculeFailure  kNoCoordinates, kCoreNotFound, kCoreAmbiguous; kStereoImpossible when
  ///                          all contradict the configuration
  FoundCore find(const ChemMolecule& molecule, const engine::Configuration& configuration,
                 const CoreSearch& search) const;

 private:
  struct Content;
  explicit CorePattern(std::unique_ptr<Content> content);
  std::vector<engine::HeldAtoms> ways_of_record(const ChemMolecule& molecule,
                                                const CoreSearch& search) const;
  std::vector<engine::HeldAtoms> ways_of_template(const ChemMolecule& molecule) const;

  std::unique_ptr<Content> content_;
};

}  // namespace saltus::forcefields
