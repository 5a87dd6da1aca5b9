#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "forcefields/ffxml/standard_bonds.h"
#include "io/formats/pdb.h"
#include "tests/fuzz/feeding.h"

namespace saltus::fuzz {

void feed_pdb(Bytes bytes) {
  static const forcefields::StandardBonds bonds = forcefields::StandardBonds::read({});
  const MemoryFile file(bytes);
  expect_result_or_error([&] {
    io::PdbStructure structure = io::read_pdb(file.path());
    bonds.add_to(structure.topology, structure.positions.chain(0));
  });
}

void feed_prmtop(Bytes bytes) {
  const MemoryFile file(bytes);
  forcefields::PrmtopOptions options;
  options.molecule.implicit_solvent = engine::GeneralizedBornModel::kObc2;
  for (const bool constrained : {false, true}) {
    options.molecule.constraints = constrained ? forcefields::BondConstraints::kHydrogenBonds
                                               : forcefields::BondConstraints::kNone;
    expect_result_or_error([&] { forcefields::read_prmtop(file.path(), options); });
  }
  forcefields::PrmtopOptions periodic;
  periodic.molecule.nonbonded_method = engine::NonbondedMethod::kPme;
  periodic.molecule.rigid_water = true;
  expect_result_or_error([&] { forcefields::read_prmtop(file.path(), periodic); });
}

void feed_inpcrd(Bytes bytes) {
  const MemoryFile file(bytes);
  constexpr std::size_t kAtoms = 2;  // what the seeds have
  expect_result_or_error([&] { forcefields::read_inpcrd(file.path(), kAtoms); });
}

}  // namespace saltus::fuzz
