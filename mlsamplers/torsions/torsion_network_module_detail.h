#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "engine/core/random.h"
#include "mlsamplers/torsions/graph_features.h"
#include "mlsamplers/torsions/network_torsion_model.h"
#include "mlsamplers/torsions/readout_rows.h"
#include "mlsamplers/torsions/torsion_network.h"

namespace saltus::mlsamplers {

/// All values of a tensor of float32, row by row.
std::vector<float> values_of(const torch::Tensor& tensor);

/// A sparse matrix by rows; multiplies tables of float32. Each row is summed in the order in which
/// it was written, on the calling thread.
class SparseRows {
 public:
  explicit SparseRows(std::size_t n_columns) : n_columns_(n_columns) {}
  void add(std::size_t column, float weight) {
    columns_.push_back(static_cast<std::int64_t>(column));
    weights_.push_back(weight);
  }
  void end_row() { offsets_.push_back(static_cast<std::int64_t>(columns_.size())); }
  /// A row with one entry of weight 1.
  void add_row(std::size_t column) {
    add(column, 1.0f);
    end_row();
  }
  /// Gives every row weights that sum to 1; empty rows stay empty.
  void normalise();
  std::size_t n_columns() const { return n_columns_; }
  std::size_t n_rows() const { return offsets_.size() - 1; }
  /// This matrix times x [n_columns, width]; differentiable in x.
  torch::Tensor operator()(const torch::Tensor& x) const;

 private:
  std::size_t n_columns_;
  std::vector<std::int64_t> offsets_ = {0}, columns_;
  std::vector<float> weights_;
};

/// One or more molecules as one graph, ready for the network.
struct GraphBatch {
  torch::Tensor atoms, bonds, angles, relations;                      ///< features
  std::unique_ptr<SparseRows> bond_atoms, angle_outer, angle_centre;  ///< sums over atoms
  std::unique_ptr<SparseRows> atom_bonds, atom_outer, atom_centre;    ///< means over bonds, angles
  std::unique_ptr<SparseRows> end_parts;  ///< from five projections of each atom to ends
  std::unique_ptr<SparseRows> base_ends[2], base_bond;
  std::unique_ptr<SparseRows> pair_ends[4], pair_bonds[2];
  std::vector<std::size_t> first_base, first_pair;  ///< of each molecule
};

/// @param layouts  of the same molecules
GraphBatch make_batch(const std::vector<const engine::TorsionGraph*>& graphs,
                      const std::vector<const ReadoutRows*>& layouts);

/// What masks show, for rows (torsion of a conformer) of a batch.
struct HeadInput {
  SparseRows base{0};       ///< [rows] of bases
  SparseRows pair{0};       ///< [messages] of pairs
  torch::Tensor harmonics;  ///< [messages, 2 kTorsionHarmonics]
  SparseRows messages{0};   ///< [rows] of messages
};

/// Sets a share of entries to zero, the others being scaled up; drawn from our own stream.
struct Dropout {
  double share = 0.0;
  engine::RandomStream* stream = nullptr;

  torch::Tensor operator()(const torch::Tensor& values) const;
};

/// What the network knows of the atoms and bonds of a batch, [n, hidden].
struct NetworkNodes {
  torch::Tensor atoms, bonds;
};

/// Rows of [width] for all bases and pairs of a batch.
struct NetworkRows {
  torch::Tensor bases, pairs;
};

/// Message passing among atoms, bonds and angles, read out at torsions; and the conditional head
/// of NetworkTorsionModel. float32. Before each layer tables are normalised (LayerNorm); within it
/// bonds and angles are updated from their atoms first, then atoms from both, so that every layer
/// carries information two bonds far.
class TorsionNetworkModuleImpl : public torch::nn::Module {
 public:
  /// Weights are drawn from our own streams, so that they depend on the key alone.
  TorsionNetworkModuleImpl(const TorsionNetworkShape& shape, const engine::StepKey& key);

  const TorsionNetworkShape& shape() const { return shape_; }
  /// @param dropout  of training: of each layer's update
  NetworkRows forward(const GraphBatch& batch, Dropout dropout = {});
  /// Outputs [rows, 4 K], in the order of NetworkTorsionModel.
  torch::Tensor head(const NetworkRows& rows, const HeadInput& input);
  /// The head's weights as NetworkTorsionModel wants them.
  TorsionHead head_weights() const;

 private:
  struct Layer {
    torch::nn::LayerNorm atom_norm{nullptr}, bond_norm{nullptr};
    torch::nn::Linear to_edges{nullptr}, bond_in{nullptr}, angle_in{nullptr}, bond_out{nullptr},
        atom_in{nullptr}, atom_out{nullptr};
  };

  torch::nn::Linear linear(const std::string& name, std::size_t in, std::size_t out);
  torch::nn::LayerNorm norm(const std::string& name);
  Layer make_layer(std::size_t index);
  void initialise(const engine::StepKey& key);
  void apply_layer(Layer& layer, const GraphBatch& batch, const Dropout& dropout,
                   NetworkNodes& nodes);

  TorsionNetworkShape shape_;
  torch::nn::Linear atoms_{nullptr}, bonds_{nullptr};
  std::vector<Layer> layers_;
  torch::nn::LayerNorm atom_norm_{nullptr}, bond_norm_{nullptr};
  torch::Tensor nothing_;  ///< [1, hidden]: stands where there is no atom
  torch::nn::Linear end_in_{nullptr}, end_out_{nullptr}, bond_embedding_{nullptr};
  torch::nn::Linear base_in_{nullptr}, base_out_{nullptr}, pair_in_{nullptr}, pair_out_{nullptr};
  torch::nn::Linear harmonics_{nullptr}, mix_{nullptr}, second_{nullptr}, output_{nullptr};
};
TORCH_MODULE(TorsionNetworkModule);

/// log density [rows] of folded angles given as cos and sin [rows], from outputs [rows, 4 K].
torch::Tensor log_density(const torch::Tensor& outputs, const torch::Tensor& cosines,
                          const torch::Tensor& sines);

/// What a TorsionNetwork holds.
struct TorsionNetwork::Content {
  ModelCard card;
  std::vector<int> elements;
  TorsionNetworkModule net{nullptr};
};

}  // namespace saltus::mlsamplers
