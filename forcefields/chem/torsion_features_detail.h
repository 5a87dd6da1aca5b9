#pragma once

#include <GraphMol/GraphMol.h>

#include "engine/torsions/torsion_graph.h"

namespace saltus::forcefields::detail {

/// Fills in atoms, bonds and angles; no bond has a torsion yet.
void describe_graph(const RDKit::ROMol& molecule, engine::TorsionGraph& graph);

}  // namespace saltus::forcefields::detail
