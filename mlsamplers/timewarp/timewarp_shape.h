#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace saltus::mlsamplers {

/// Size of a Timewarp flow. The defaults fit small molecules on a few cores; the published model
/// is published_timewarp_shape().
struct TimewarpShape {
  std::size_t n_couplings = 6;      ///< L, even: positions and auxiliaries in turn
  std::size_t n_encoders = 1;       ///< T, encoder layers of each atom transformer
  std::size_t width = 32;           ///< d, features of an atom
  std::size_t feed_forward = 128;   ///< hidden layer of each encoder layer
  std::size_t hidden = 64;          ///< hidden layer of the perceptrons at both ends
  std::size_t element_width = 16;   ///< E, embedding of an element
  std::size_t n_element_kinds = 1;  ///< different elements, set by the molecule
  std::vector<double> lengths_nm = {0.1, 0.2, 0.5, 1.0};  ///< of the kernels, one for each head
  /// Largest |log s| of a coupling, approached smoothly: b tanh(S / b). 0: not bounded, as
  /// published; then training needs small learning rates.
  double scale_bound = 2.0;

  /// @throws InputError  naming the first number that is out of range
  void validate() const;
  /// Parameters of the flow, E n_elements + 2 + 2 L (in + T encoder + out) with
  ///   encoder = 2 H d^2 + 2 d f + f + 5 d,
  ///   in = (E + 6) h + h + h d + d, out = d h + h + 3 h + 3;
  /// H heads, f = feed_forward, h = hidden.
  std::uint64_t n_parameters() const;
};

/// The model of the paper for dipeptides: L = 12, T = 6, d = 128, f = 2048, six heads, E = 64,
/// 106 million parameters. Source: Klein et al., NeurIPS 2023, arXiv:2302.01170.
TimewarpShape published_timewarp_shape();

}  // namespace saltus::mlsamplers
