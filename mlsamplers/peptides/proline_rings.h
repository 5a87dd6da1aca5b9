#pragma once

#include <memory>
#include <vector>

#include "engine/core/span.h"
#include "engine/rings/ring_states.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"
#include "mlsamplers/peptides/peptide.h"

namespace saltus::mlsamplers {

/// A system and the peptides in it that leaps move.
struct PeptideSubject {
  const std::vector<Peptide>& peptides;
  const engine::Topology& topology;
  const engine::System& system;
  engine::Span<const double> x;  ///< [N, 3], nm, as it was read
};

/// The puckers of the rings of prolines and hydroxyprolines, for engine::RingFlip. They are looked
/// for (engine::find_ring_states) in a fragment: the ring and the atoms up to two bonds away from
/// it, with bonds, angles, torsions and Lennard-Jones terms of the system and without charges. So
/// the cost does not depend on what surrounds the ring; a fragment with charges and no solvent
/// would fold onto itself. Rings of the same residue with the same neighbours share a search. The
/// result depends on topology, force field and x alone, and decides how often flips are accepted,
/// never whether they are exact.
/// @param temperature_K  at which widths of the puckers are measured
/// @returns  one for each such ring; none for rings whose neighbours cannot be carried along: in a
///           larger ring, such as that of a disulfide bridge, or bonded to atoms of no peptide
/// @throws NumericalError  when a fragment has no finite energy at x
std::vector<std::shared_ptr<const engine::RingStates>> proline_ring_states(
    const PeptideSubject& subject, double temperature_K);

}  // namespace saltus::mlsamplers
