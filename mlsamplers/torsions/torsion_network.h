#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "mlsamplers/model/model_card.h"

namespace saltus::mlsamplers {

inline constexpr const char* kTorsionKind = "torsion_mixtures";

/// Size of a torsion network; fixed by the model file.
struct TorsionNetworkShape {
  std::size_t n_hidden = 128;    ///< width of atoms and bonds
  std::size_t n_layers = 8;      ///< of message passing; each reaches two bonds farther
  std::size_t n_embedding = 64;  ///< width of an end of a torsion
  std::size_t n_head = 64;       ///< width of the conditional head
  std::size_t n_components = 8;  ///< von Mises distributions in a mixture

  /// @throws InputError  unless all are positive, widths are multiples of 16 and the head fits the
  ///                     limits of NetworkTorsionModel
  void validate() const;
};

/// A network that turns any molecule's graph into a torsion model; immutable once trained or
/// loaded. After VonMisesNet (Swanson, Williams, Jonas, ICML 2023, PMLR 202:33319), with mixtures
/// that are conditioned on neighbouring torsions and on the signs of invertible centres, exact
/// local handedness, rotor symmetry, and no dependence on the order of atoms.
class TorsionNetwork {
 public:
  struct Content;  // torsion_network_module_detail.h

  explicit TorsionNetwork(std::shared_ptr<const Content> content);

  const ModelCard& card() const;
  const TorsionNetworkShape& shape() const;
  /// Whether all elements of the molecule were there in training.
  bool supports(const engine::TorsionGraph& graph) const;
  /// Runs the network once, on one thread; the model then needs it no more. Any number of threads
  /// may ask.
  /// @throws InputError  when the molecule is not supported
  std::shared_ptr<const engine::TorsionModel> model_for(const engine::TorsionGraph& graph) const;
  const Content& content() const { return *content_; }

 private:
  std::shared_ptr<const Content> content_;
};

/// Writes the network, card included, as a safetensors file (model_file.h).
/// @throws FileError
void save_torsion_network(const TorsionNetwork& network, const std::string& path);

/// @throws FileError   when the file cannot be read
/// @throws ModelError  when it is not a torsion network, is damaged or of another format version
TorsionNetwork load_torsion_network(const std::string& path);

/// The same of the bytes of such a file; `name` begins messages.
/// @throws ModelError
TorsionNetwork torsion_network_of(engine::Span<const unsigned char> bytes, const std::string& name);

}  // namespace saltus::mlsamplers
