#pragma once

#include <string>

#include "engine/system/topology.h"

namespace saltus::io {

/// A topology in the JSON form of the MDTraj HDF5 convention 1.1:
/// {"chains":[{"index","residues":[{"index","name","resSeq","segmentID","atoms":[{"index","name",
/// "element"}]}]}],"bonds":[[i,j]]}. A new chain begins wherever the chain identifier changes; the
/// identifier is kept as segmentID, and a key `insertionCode`, unknown to MDTraj, is added. ASCII.
/// @throws InputError  when residues are not in the order of their atoms (MDTraj would renumber the
///                     atoms), a bond is out of range or a name is not UTF-8
/// Source: MDTraj documentation, "MDTraj HDF5 Format Specification", version 1.1.
std::string topology_to_json(const engine::Topology& topology);

/// Inverse of topology_to_json.
/// @throws InputError  when the text is not such a document or not one topology_to_json would write
///                     (atoms out of order, bonds out of range)
engine::Topology topology_from_json(const std::string& json);

}  // namespace saltus::io
