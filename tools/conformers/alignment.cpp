#include "tools/conformers/alignment.h"

#include <limits>
#include <vector>

#include "engine/conformers/automorphisms.h"
#include "engine/conformers/superposition.h"
#include "engine/core/counted.h"
#include "forcefields/chem/common_atoms.h"
#include "forcefields/chem/conformer_input.h"

namespace saltus::tools {

using forcefields::AtomPairs;
using forcefields::ChemMolecule;

namespace {

constexpr std::size_t kMaxWays = 1000;

/// Where the paired atoms of the reference are, for each way to pair them.
struct Reference {
  std::vector<AtomPairs> ways;
  std::vector<double> positions;  ///< of all its atoms, nm
};

Reference first_conformer(const ChemMolecule& molecule, const engine::ConformerEnsemble& ensemble) {
  const std::vector<std::size_t> atoms = forcefields::shape_atoms(molecule);
  const auto symmetry =
      engine::find_automorphisms(forcefields::shape_graph(molecule, atoms), kMaxWays);
  Reference reference;
  for (const auto& map : symmetry.maps) {
    AtomPairs pairs;
    for (std::size_t i = 0; i < atoms.size(); ++i) pairs.emplace_back(atoms[i], atoms[map[i]]);
    reference.ways.push_back(std::move(pairs));
  }
  const engine::Span<const double> x = ensemble.positions.view().chain(0);
  reference.positions.assign(x.begin(), x.end());
  return reference;
}

/// The best of all ways to lay a conformer on the reference, or to leave it there.
struct Fit {
  double rmsd = std::numeric_limits<double>::infinity();
  engine::RigidMotion motion;
};

Fit best_fit(const Reference& reference, engine::Span<const double> x, bool may_move) {
  Fit best;
  std::vector<double> own, target;
  for (const AtomPairs& pairs : reference.ways) {
    own.clear(), target.clear();
    for (const auto& [atom, other] : pairs) {
      own.insert(own.end(), x.data() + 3 * atom, x.data() + 3 * atom + 3);
      const double* place = reference.positions.data() + 3 * other;
      target.insert(target.end(), place, place + 3);
    }
    Fit fit;
    if (may_move) {
      fit.motion = engine::superpose(own, target);
      fit.motion.apply(own);
    }
    fit.rmsd = engine::rms_distance(own, target);
    if (fit.rmsd < best.rmsd) best = fit;
  }
  return best;
}

void lay_on(const Reference& reference, bool may_move, engine::ConformerEnsemble& ensemble) {
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c) {
    const engine::Span<double> x = ensemble.positions.chain(c);
    const Fit fit = best_fit(reference, x, may_move);
    if (may_move) fit.motion.apply(x);
    ensemble.reference_rmsd.push_back(fit.rmsd);
  }
}

}  // namespace

std::string align_conformers(const ChemMolecule& molecule, const engine::HeldAtoms& held,
                             const ConformerSettings& settings, IsomerConformers& conformers) {
  engine::ConformerEnsemble& ensemble = conformers.ensemble;
  if (!settings.align || ensemble.n_frames() == 0) return "";
  const bool may_move = held.empty();
  if (!settings.reference) {
    lay_on(first_conformer(molecule, ensemble), may_move, ensemble);
    return "";
  }
  const forcefields::CommonAtoms common =
      forcefields::common_atoms(molecule, *settings.reference, kMaxWays);
  if (common.ways.empty())
    return "not aligned: fewer than three connected atoms in common with the reference of --align";
  lay_on({common.ways, settings.reference->positions_nm}, may_move, ensemble);
  std::string note;
  if (!common.complete)
    note = "aligned by " + engine::counted(common.ways.front().size(), "atom") +
           " in common with the reference";
  if (common.cut)
    note += std::string(note.empty() ? "" : "; ") +
            "not all ways to lay it on the reference were tried";
  return note;
}

}  // namespace saltus::tools
