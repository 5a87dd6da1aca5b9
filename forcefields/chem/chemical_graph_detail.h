#pragma once

#include <GraphMol/GraphMol.h>

#include <exception>
#include <string>
#include <utility>

#include "engine/conformers/molecule_status.h"
#include "engine/core/error.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// What ChemMolecule hides: RDKit's molecule, sanitised, without conformers.
class ChemicalGraph {
 public:
  explicit ChemicalGraph(RDKit::RWMol molecule) : molecule_(std::move(molecule)) {}
  const RDKit::RWMol& molecule() const { return molecule_; }

 private:
  RDKit::RWMol molecule_;
};

namespace detail {

/// The plain types of a sanitised molecule; its conformer, if it is three-dimensional, gives the
/// positions.
/// @throws InputError  for dummy atoms, query features, or no atoms at all
ChemMolecule make_chem_molecule(RDKit::RWMol molecule, const std::string& source);

/// "atom 3 (Na)".
std::string describe_atom(const RDKit::Atom& atom);

/// 2 of double bonds, 3 of triple ones, else 1.
int whole_order(const RDKit::Bond& bond);

/// What is wrong with a molecule that RDKit refuses: valence, aromaticity, or else syntax.
engine::MoleculeStatus status_of(const std::exception& error);

/// What RDKit's exception means to the user, who counts atoms from 1.
std::string explain(const std::exception& error);

/// Calls work(); whatever RDKit throws becomes InputError with `source` in front.
template <class Work>
auto translate_errors(const std::string& source, Work&& work) {
  try {
    return work();
  } catch (const engine::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw engine::InputError(source + ": " + explain(error));
  }
}

}  // namespace detail

}  // namespace saltus::forcefields
