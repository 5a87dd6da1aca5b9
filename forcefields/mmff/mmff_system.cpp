#include "forcefields/mmff/mmff_system.h"

// clang-format off
#include <GraphMol/GraphMol.h>  // first: the other needs it
#include <GraphMol/ForceFieldHelpers/MMFF/AtomTyper.h>
// clang-format on

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/given_charges.h"

namespace saltus::forcefields {

using engine::InputError;
using engine::kKJPerKcal;
using engine::kNmPerAngstrom;
using engine::kPi;
using engine::kRadianPerDegree;

namespace {

namespace Mmff = RDKit::MMFF;

// Millidyne angstrom in kJ/mol, with the rounding of the papers.
constexpr double kMillidyneAngstrom = 143.9325 * kKJPerKcal;
constexpr double kCoulomb14Scale = 0.75;
constexpr std::size_t kMaxListed = 10;

/// "atom 1 (C), atom 2 (N)", at most ten.
std::string list_atoms(const RDKit::ROMol& molecule, const std::vector<unsigned>& atoms) {
  std::string text;
  for (std::size_t i = 0; i < atoms.size() && i < kMaxListed; ++i)
    text += (i == 0 ? "" : ", ") + detail::describe_atom(*molecule.getAtomWithIdx(atoms[i]));
  if (atoms.size() > kMaxListed)
    text += " and " + std::to_string(atoms.size() - kMaxListed) + " more";
  return text;
}

/// What is wrong with the molecule before any typing.
void check_atoms(const RDKit::ROMol& molecule, const std::string& source) {
  std::vector<unsigned> bare, radicals;
  for (const RDKit::Atom* atom : molecule.atoms()) {
    if (atom->getTotalNumHs() > 0) bare.push_back(atom->getIdx());
    // Bare cations of metals may keep them: those have types of their own.
    const bool cation = atom->getDegree() == 0 && atom->getFormalCharge() > 0;
    if (atom->getNumRadicalElectrons() > 0 && !cation) radicals.push_back(atom->getIdx());
  }
  if (!bare.empty())
    throw InputError(source + ": MMFF94 needs every hydrogen as an atom, but some are missing at " +
                     list_atoms(molecule, bare) + "; add them to the file first");
  if (!radicals.empty())
    throw InputError(source + ": MMFF94 has no unpaired electrons, but they are at " +
                     list_atoms(molecule, radicals) + "; correct its bonds, hydrogens or charges");
}

/// A molecule with its types, from which all terms are read.
class TypedMolecule {
 public:
  TypedMolecule(const ChemMolecule& molecule, const MmffOptions& options)
      : source_(molecule.source), molecule_(molecule.graph->molecule()) {
    check_atoms(molecule_, source_);
    // This sets MMFF94's own aromaticity, hence the copy.
    types_ = std::make_unique<Mmff::MMFFMolProperties>(
        molecule_, options.variant == MmffVariant::kMmff94s ? "MMFF94s" : "MMFF94");
    if (!types_->isValid()) refuse_untyped();
    if (options.charges == PartialCharges::kGiven) charges_ = given_charges(molecule);
    for (unsigned i = 0; charges_.size() < n_atoms(); ++i)
      charges_.push_back(types_->getMMFFPartialCharge(i));
  }

  unsigned n_atoms() const { return molecule_.getNumAtoms(); }
  const std::vector<double>& charges() const { return charges_; }

  std::vector<double> masses() const {
    std::vector<double> masses;
    for (const RDKit::Atom* atom : molecule_.atoms()) masses.push_back(atom->getMass());
    return masses;
  }

  std::vector<engine::MmffBond> bonds() const;
  void add_angles(engine::Mmff& mmff) const;
  std::vector<engine::MmffOutOfPlane> out_of_planes() const;
  std::vector<engine::PeriodicTorsion> torsions() const;
  std::vector<engine::MmffPair> pairs() const;

 private:
  [[noreturn]] void refuse_untyped() const {
    std::vector<unsigned> untyped;
    for (unsigned i = 0; i < n_atoms(); ++i)
      if (types_->getMMFFAtomType(i) == 0) untyped.push_back(i);
    throw InputError(source_ + ": MMFF94 has no atom type for " + list_atoms(molecule_, untyped) +
                     "; use another force field, or leave out the salt or metal");
  }
  std::vector<unsigned> neighbours(unsigned atom) const {
    std::vector<unsigned> all;
    for (const RDKit::Atom* other : molecule_.atomNeighbors(molecule_.getAtomWithIdx(atom)))
      all.push_back(other->getIdx());
    return all;
  }
  bool is_linear(unsigned atom) const {
    return (*Mmff::DefaultParameters::getMMFFProp())(types_->getMMFFAtomType(atom))->linh != 0;
  }
  bool can_turn(const RDKit::Atom& atom) const;
  void add_angle(unsigned i, unsigned j, unsigned k, engine::Mmff& mmff) const;
  void add_stretch_bend(unsigned i, unsigned j, unsigned k, engine::Mmff& mmff) const;
  void add_torsion(const std::array<unsigned, 4>& atoms,
                   std::vector<engine::PeriodicTorsion>& torsions) const;
  std::vector<std::uint8_t> bonds_between(unsigned atom) const;

  std::string source_;
  RDKit::RWMol molecule_;
  std::unique_ptr<Mmff::MMFFMolProperties> types_;
  std::vector<double> charges_;  // [N], e
};

std::vector<engine::MmffBond> TypedMolecule::bonds() const {
  std::vector<engine::MmffBond> bonds;
  for (const RDKit::Bond* bond : molecule_.bonds()) {
    const unsigned i = bond->getBeginAtomIdx(), j = bond->getEndAtomIdx();
    unsigned type = 0;
    Mmff::MMFFBond found{};
    if (!types_->getMMFFBondStretchParams(molecule_, i, j, type, found))
      throw InputError(source_ + ": MMFF94 has no parameters for the bond of " +
                       list_atoms(molecule_, {i, j}));
    bonds.push_back({i, j, found.r0 * kNmPerAngstrom,
                     kMillidyneAngstrom * found.kb / (kNmPerAngstrom * kNmPerAngstrom)});
  }
  return bonds;
}

void TypedMolecule::add_angles(engine::Mmff& mmff) const {
  for (unsigned j = 0; j < n_atoms(); ++j) {
    const std::vector<unsigned> ends = neighbours(j);
    for (std::size_t a = 0; a < ends.size(); ++a)
      for (std::size_t b = a + 1; b < ends.size(); ++b) {
        add_angle(ends[a], j, ends[b], mmff);
        if (!is_linear(j)) add_stretch_bend(ends[a], j, ends[b], mmff);
      }
  }
}

void TypedMolecule::add_angle(unsigned i, unsigned j, unsigned k, engine::Mmff& mmff) const {
  unsigned type = 0;
  Mmff::MMFFAngle found{};
  if (!types_->getMMFFAngleBendParams(molecule_, i, j, k, type, found))
    throw InputError(source_ + ": MMFF94 has no parameters for the angle of " +
                     list_atoms(molecule_, {i, j, k}));
  const double constant = kMillidyneAngstrom * found.ka;
  if (constant == 0.0) return;
  if (is_linear(j))
    mmff.linear_angles.push_back({i, j, k, constant});
  else
    mmff.angles.push_back({i, j, k, found.theta0 * kRadianPerDegree, constant});
}

void TypedMolecule::add_stretch_bend(unsigned i, unsigned j, unsigned k, engine::Mmff& mmff) const {
  unsigned type = 0;
  Mmff::MMFFStbn found{};
  Mmff::MMFFBond bonds[2] = {};
  Mmff::MMFFAngle angle{};
  // Without an entry the term is zero.
  if (!types_->getMMFFStretchBendParams(molecule_, i, j, k, type, found, bonds, angle)) return;
  if (found.kbaIJK == 0.0 && found.kbaKJI == 0.0) return;
  constexpr double kUnit = kMillidyneAngstrom / kNmPerAngstrom;
  mmff.stretch_bends.push_back({i, j, k, bonds[0].r0 * kNmPerAngstrom, bonds[1].r0 * kNmPerAngstrom,
                                angle.theta0 * kRadianPerDegree, kUnit * found.kbaIJK,
                                kUnit * found.kbaKJI});
}

std::vector<engine::MmffOutOfPlane> TypedMolecule::out_of_planes() const {
  std::vector<engine::MmffOutOfPlane> terms;
  for (unsigned j = 0; j < n_atoms(); ++j) {
    const std::vector<unsigned> n = neighbours(j);
    Mmff::MMFFOop found{};
    if (n.size() != 3 || !types_->getMMFFOopBendParams(molecule_, n[0], j, n[1], n[2], found) ||
        found.koop == 0.0)
      continue;
    const double constant = kMillidyneAngstrom * found.koop;
    terms.push_back({n[0], j, n[1], n[2], constant});
    terms.push_back({n[0], j, n[2], n[1], constant});
    terms.push_back({n[1], j, n[2], n[0], constant});
  }
  return terms;
}

// Whether bonds to this atom have torsions: it is neither at the end of the molecule nor linear.
bool TypedMolecule::can_turn(const RDKit::Atom& atom) const {
  if (atom.getDegree() < 2) return false;
  for (const RDKit::Bond* bond : molecule_.atomBonds(&atom))
    if (bond->getBondType() == RDKit::Bond::TRIPLE) return false;
  return atom.getHybridization() == RDKit::Atom::SP2 || atom.getHybridization() == RDKit::Atom::SP3;
}

std::vector<engine::PeriodicTorsion> TypedMolecule::torsions() const {
  std::vector<engine::PeriodicTorsion> torsions;
  for (const RDKit::Bond* bond : molecule_.bonds()) {
    if (!can_turn(*bond->getBeginAtom()) || !can_turn(*bond->getEndAtom())) continue;
    const unsigned j = bond->getBeginAtomIdx(), k = bond->getEndAtomIdx();
    for (const unsigned i : neighbours(j))
      for (const unsigned l : neighbours(k))
        if (i != k && l != j && i != l) add_torsion({i, j, k, l}, torsions);
  }
  return torsions;
}

void TypedMolecule::add_torsion(const std::array<unsigned, 4>& atoms,
                                std::vector<engine::PeriodicTorsion>& torsions) const {
  const auto [i, j, k, l] = atoms;
  unsigned type = 0;
  Mmff::MMFFTor found{};
  // Without an entry the term is zero.
  if (!types_->getMMFFTorsionParams(molecule_, i, j, k, l, type, found)) return;
  const double constants[3] = {found.V1, found.V2, found.V3};
  for (int n = 1; n <= 3; ++n) {
    const double constant = 0.5 * kKJPerKcal * constants[n - 1];
    const double phase = n == 2 ? kPi : 0.0;
    if (constant != 0.0) torsions.push_back({i, j, k, l, n, phase, constant});
  }
}

// How many bonds each atom is away from this one; 4 stands for more than three.
std::vector<std::uint8_t> TypedMolecule::bonds_between(unsigned atom) const {
  constexpr std::uint8_t kFar = 4;
  std::vector<std::uint8_t> distance(n_atoms(), kFar);
  distance[atom] = 0;
  std::vector<unsigned> shell = {atom};
  for (std::uint8_t d = 1; d < kFar; ++d) {
    std::vector<unsigned> next;
    for (const unsigned from : shell)
      for (const unsigned to : neighbours(from))
        if (distance[to] == kFar) {
          distance[to] = d;
          next.push_back(to);
        }
    shell = std::move(next);
  }
  return distance;
}

std::vector<engine::MmffPair> TypedMolecule::pairs() const {
  std::vector<engine::MmffPair> pairs;
  for (unsigned i = 0; i < n_atoms(); ++i) {
    const std::vector<std::uint8_t> distance = bonds_between(i);
    for (unsigned j = i + 1; j < n_atoms(); ++j) {
      if (distance[j] < 3) continue;
      Mmff::MMFFVdWRijstarEps found{};
      if (!types_->getMMFFVdWParams(i, j, found))
        throw InputError(source_ + ": MMFF94 has no van der Waals parameters for " +
                         list_atoms(molecule_, {i, j}));
      const double scale = distance[j] == 3 ? kCoulomb14Scale : 1.0;
      pairs.push_back({i, j, found.epsilon * kKJPerKcal, found.R_ij_star * kNmPerAngstrom,
                       scale * charges_[i] * charges_[j]});
    }
  }
  return pairs;
}

/// The same charges in a continuum.
engine::ImplicitSolvent solvent_of(const ChemMolecule& molecule, const std::vector<double>& charges,
                                   const MmffOptions& options) {
  if (options.distance_dependent_dielectric)
    throw InputError(molecule.source +
                     ": a dielectric that grows with the distance and an implicit solvent exclude "
                     "each other, both stand for water; take a constant one");
  GeneralizedBornOptions solvent;
  solvent.solute_dielectric = options.dielectric;
  solvent.solvent_dielectric = options.solvent_dielectric;
  solvent.surface_term = options.surface_term;
  // Titles of molecules are no residue names, some of which have parameters of their own.
  engine::Topology topology = molecule.topology;
  for (engine::Residue& residue : topology.residues) residue.name = "MOL";
  try {
    return generalized_born_parameters(*options.implicit_solvent, topology, charges, solvent);
  } catch (const InputError& error) {
    throw InputError(molecule.source + ": " + error.what());
  }
}

}  // namespace

engine::System mmff_system(const ChemMolecule& molecule, const MmffOptions& options) {
  if (!(options.dielectric > 0.0) || !std::isfinite(options.dielectric))
    throw InputError(molecule.source + ": the dielectric constant of MMFF94 is " +
                     std::to_string(options.dielectric) + ", expected a positive number");
  return detail::translate_errors(molecule.source, [&] {
    const TypedMolecule typed(molecule, options);
    engine::System system;
    system.masses = typed.masses();
    system.torsions = typed.torsions();
    engine::Mmff& mmff = system.mmff.emplace();
    mmff.bonds = typed.bonds();
    typed.add_angles(mmff);
    mmff.out_of_planes = typed.out_of_planes();
    mmff.pairs = typed.pairs();
    mmff.dielectric = options.dielectric;
    mmff.distance_dependent_dielectric = options.distance_dependent_dielectric;
    if (options.implicit_solvent)
      system.implicit_solvent = solvent_of(molecule, typed.charges(), options);
    system.validate(molecule.source);
    return system;
  });
}

std::vector<double> mmff_charges(const ChemMolecule& molecule, const MmffOptions& options) {
  return detail::translate_errors(molecule.source,
                                  [&] { return TypedMolecule(molecule, options).charges(); });
}

}  // namespace saltus::forcefields
