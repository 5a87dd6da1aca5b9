#include "forcefields/chem/molecule_keys.h"

#include <GraphMol/Fingerprints/MorganFingerprints.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <zlib.h>

#include <memory>

#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

namespace {

RDKit::RWMol bare_graph(const ChemMolecule& molecule) {
  RDKit::RWMol graph(molecule.graph->molecule());
  // First, else hydrogens that tell the sides of a double bond apart would stay.
  RDKit::MolOps::removeStereochemistry(graph);
  RDKit::MolOps::removeHs(graph);
  return graph;
}

}  // namespace

std::uint32_t fingerprint_crc32(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    constexpr unsigned kRadius = 4, kSize = 2048;
    const std::unique_ptr<RDKit::SparseIntVect<std::uint32_t>> fingerprint(
        RDKit::MorganFingerprints::getHashedFingerprint(bare_graph(molecule), kRadius, kSize));
    const std::string bytes = fingerprint->toString();
    return static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
  });
}

std::string canonical_smiles_without_stereo(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source,
                                  [&] { return RDKit::MolToSmiles(bare_graph(molecule)); });
}

}  // namespace saltus::forcefields
