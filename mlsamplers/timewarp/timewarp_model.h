#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/system/topology.h"
#include "mlsamplers/model/model_card.h"
#include "mlsamplers/timewarp/timewarp_shape.h"

namespace saltus::mlsamplers {

struct TimewarpNetwork;  // timewarp_flow_detail.h

inline constexpr const char* kTimewarpKind = "timewarp flow";

/// In which axes the flow sees a state.
enum class TimewarpFrame {
  kBody,        ///< those of three atoms of the state: turning the state turns the proposal
  kRandom,      ///< turned at random for each proposal: what training by random rotations is for
  kLaboratory,  ///< as they are
};

/// Four neighbours of an atom around which they may stand in two ways: bonded to three or more
/// that are not hydrogen.
struct HandedCentre {
  std::size_t atom = 0;
  std::array<std::size_t, 3> neighbours{};  ///< the first three
};

/// Every atom with four neighbours, more than two of them no hydrogens, ascending.
std::vector<HandedCentre> handed_centres(const engine::Topology& topology);

/// Whether every centre has the same handedness in two configurations [N, 3]: the sign of the
/// triple product of the vectors to its neighbours.
bool same_handedness(const std::vector<HandedCentre>& centres, engine::Span<const double> a,
                     engine::Span<const double> b);

/// Three atoms that are seldom on a line: those of the frame. Two atoms, or one: repeated.
std::array<std::size_t, 3> frame_atoms(const engine::Topology& topology);

/// A point of a training's curve.
struct TimewarpScore {
  std::size_t step = 0;                   ///< gradients taken
  double training = 0.0, held_out = 0.0;  ///< -log q(d, v | x) of a pair by atom, nats
};

/// A Timewarp flow for one molecule; immutable once trained or loaded.
struct TimewarpModel {
  ModelCard card;
  TimewarpShape shape;
  TimewarpFrame frame = TimewarpFrame::kBody;
  double displacement_scale_nm = 0.04;
  std::vector<int> elements;  ///< [N], atomic numbers
  std::array<std::size_t, 3> axes{};
  std::vector<HandedCentre> centres;
  std::vector<TimewarpScore> curve;
  std::shared_ptr<const TimewarpNetwork> network;
};

/// What does not come from training: elements, frame atoms, centres, and the number of elements in
/// the shape.
/// @throws InputError  when the molecule has no atoms or the shape is out of range
TimewarpModel timewarp_model_for(const engine::Topology& topology, TimewarpShape shape,
                                 ModelCard card);

/// Gives a model weights drawn at random. `output_scale` multiplies those that S and T end in:
/// 1 as published; near 0 the flow proposes Gaussian displacements, and training stays there.
void randomise(TimewarpModel& model, const engine::StepKey& key, double output_scale);

/// Number of parameters that the network has.
std::uint64_t count_parameters(const TimewarpModel& model);

/// Writes the model, card and curve included, as a safetensors file (model_file.h).
/// @throws FileError
void save_timewarp_model(const TimewarpModel& model, const std::string& path);
/// @throws FileError   when the file cannot be read
/// @throws ModelError  when it is not a Timewarp model, is damaged or of another format version
TimewarpModel load_timewarp_model(const std::string& path);

}  // namespace saltus::mlsamplers
