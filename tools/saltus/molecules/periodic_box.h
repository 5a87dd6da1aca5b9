#pragma once

#include <array>
#include <optional>
#include <string>

#include "engine/core/span.h"
#include "engine/system/box.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::tools {

/// A periodic box as an input gives it.
struct InputBox {
  std::array<double, 3> edges_nm{};
  std::optional<std::array<double, 3>> angles_rad;  ///< none: the file says lengths only
  std::string source;                               ///< "x.pdb:2: the CRYST1 record"
  std::string space_group{};                        ///< empty: not said
};

/// True for what programs write when they know no box: an edge of at most 0.1 nm, less volume than
/// any matter has (0.005 nm^3 for each atom), or all edges shorter than the largest molecule, along
/// the axis where that is longest.
/// @param positions  [N, 3], nm
bool is_placeholder(const InputBox& box, const engine::Topology& topology,
                    engine::Span<const double> positions);

/// What becomes of the box of an input.
struct BoxDecision {
  std::optional<engine::Box> box;  ///< that chains start in; none: there are no periodic boxes
  /// A box that is given and not used; the coordinates may still have molecules cut at its borders.
  /// None for placeholders and for what is no box.
  std::optional<engine::Box> left_out;
  std::string note;  ///< a sentence for the user, may be empty
};

/// What a deck and its structure say about a box.
struct BoxQuestion {
  std::string structure;        ///< name of the file with the coordinates
  std::optional<InputBox> box;  ///< none: no file has one
  /// system.nonbonded; none: the deck says nothing.
  std::optional<engine::NonbondedMethod> nonbonded;
};

/// A periodic method (pme, ewald, cutoff_periodic) uses the box, and a note says so when it has a
/// space group, whose copies are not made; no_cutoff and cutoff leave it out, and a note says so;
/// placeholders are no boxes.
/// @param positions  [N, 3], nm
/// @throws InputError  when a periodic method finds no box, a placeholder or no angles, and when
///                     there is a box and the deck does not say what becomes of it
BoxDecision decide_box(const BoxQuestion& question, const engine::Topology& topology,
                       engine::Span<const double> positions);

/// The sentence for the box of a coordinate file that is used although the topology's has other
/// angles, as of files that do not belong together; empty when they agree within the digits of
/// such files, or one is without angles.
std::string other_shape_note(const InputBox& coordinates, const InputBox& topology);

/// The sentence for a box that is left out, and why: "x.xml has a box of its own".
std::string unused_box_note(const InputBox& box, const engine::Topology& topology,
                            engine::Span<const double> positions, const std::string& why);

}  // namespace saltus::tools
