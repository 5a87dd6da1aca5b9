#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/torsions/torsion_network_module_detail.h"

namespace saltus::mlsamplers {

using engine::kNowhere;
using engine::TorsionGraph;
using torch::Tensor;

namespace {

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }

/// A sparse matrix by rows.
struct SparseEntries {
  const Tensor& offsets;
  const Tensor& columns;
  const Tensor& weights;
};

/// to[r] += weight from[c], or the transposed product, over all entries of a sparse matrix.
void accumulate(const SparseEntries& matrix, const float* from, float* to, std::int64_t width,
                bool transposed) {
  const auto* offset = matrix.offsets.data_ptr<std::int64_t>();
  const auto* column = matrix.columns.data_ptr<std::int64_t>();
  const auto* weight = matrix.weights.data_ptr<float>();
  const std::int64_t n_rows = matrix.offsets.numel() - 1;
  for (std::int64_t row = 0; row < n_rows; ++row)
    for (std::int64_t e = offset[row]; e < offset[row + 1]; ++e) {
      const float* source = from + (transposed ? row : column[e]) * width;
      float* target = to + (transposed ? column[e] : row) * width;
      const float w = weight[e];
      for (std::int64_t block = 0; block < width; block += kHeadBlock)
        for (std::size_t j = 0; j < kHeadBlock; ++j)
          target[block + number(j)] += w * source[block + number(j)];
    }
}

/// Sparse matrix times table with a gradient in the table. Torch's own index operations go row by
/// row through a general iterator and cost more than the network's products.
class SparseProduct : public torch::autograd::Function<SparseProduct> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& offsets, const Tensor& columns, const Tensor& weights) {
    context->save_for_backward({offsets, columns, weights});
    context->saved_data["n"] = x.size(0);
    const Tensor table = x.contiguous();
    Tensor out = torch::zeros({offsets.numel() - 1, x.size(1)}, torch::kFloat32);
    accumulate({offsets, columns, weights}, table.data_ptr<float>(), out.data_ptr<float>(),
               x.size(1), false);
    return out;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor gradient = gradients[0].contiguous();
    Tensor out =
        torch::zeros({context->saved_data["n"].toInt(), gradient.size(1)}, torch::kFloat32);
    accumulate({saved[0], saved[1], saved[2]}, gradient.data_ptr<float>(), out.data_ptr<float>(),
               gradient.size(1), true);
    return {out, Tensor(), Tensor(), Tensor()};
  }
};

template <class Value>
Tensor view_of(const std::vector<Value>& values, torch::ScalarType type) {
  return torch::from_blob(const_cast<Value*>(values.data()), {number(values.size())}, type).clone();
}

Tensor table_of(const std::vector<float>& values, std::size_t columns) {
  return view_of(values, torch::kFloat32).view({number(values.size() / columns), number(columns)});
}

constexpr std::size_t kEndParts = 5;  // axis atom, reference, three other places

/// Appends one molecule to a batch.
class BatchBuilder {
 public:
  BatchBuilder(GraphBatch& batch, std::size_t n_atoms, std::size_t n_bonds, std::size_t n_angles,
               std::size_t n_ends)
      : batch_(batch), n_atoms_(n_atoms) {
    for (auto* rows : {&batch.bond_atoms, &batch.angle_outer, &batch.angle_centre})
      *rows = std::make_unique<SparseRows>(n_atoms);
    batch.atom_bonds = std::make_unique<SparseRows>(n_bonds);
    for (auto* rows : {&batch.atom_outer, &batch.atom_centre})
      *rows = std::make_unique<SparseRows>(n_angles);
    batch.end_parts = std::make_unique<SparseRows>(kEndParts * (n_atoms + 1));
    for (auto* rows : {&batch.base_ends[0], &batch.base_ends[1], &batch.pair_ends[0],
                       &batch.pair_ends[1], &batch.pair_ends[2], &batch.pair_ends[3]})
      *rows = std::make_unique<SparseRows>(n_ends);
    for (auto* rows : {&batch.base_bond, &batch.pair_bonds[0], &batch.pair_bonds[1]})
      *rows = std::make_unique<SparseRows>(n_bonds);
  }

  void add(const TorsionGraph& graph, const ReadoutRows& layout) {
    const GraphFeatures features = graph_features(graph);
    atoms_.insert(atoms_.end(), features.atoms.begin(), features.atoms.end());
    bonds_.insert(bonds_.end(), features.bonds.begin(), features.bonds.end());
    angles_.insert(angles_.end(), features.angles.begin(), features.angles.end());
    add_edges(graph);
    add_readout(layout);
    atom_ += graph.atoms.size();
    bond_ += graph.bonds.size();
    angle_ += graph.angles.size();
    end_ += layout.ends.size();
  }

  void finish() {
    batch_.atoms = table_of(atoms_, kAtomFeatures);
    batch_.bonds = table_of(bonds_, kBondFeatures);
    batch_.angles = table_of(angles_, kAngleFeatures);
    batch_.relations = table_of(relations_, kRelationFeatures);
    for (auto* rows : {&batch_.atom_bonds, &batch_.atom_outer, &batch_.atom_centre})
      (*rows)->normalise();
  }

 private:
  void add_edges(const TorsionGraph& graph) {
    std::vector<std::vector<std::size_t>> bonds(graph.atoms.size()), outer(graph.atoms.size()),
        centre(graph.atoms.size());
    for (std::size_t i = 0; i < graph.bonds.size(); ++i) {
      for (std::size_t atom : {graph.bonds[i].first, graph.bonds[i].second}) {
        batch_.bond_atoms->add(atom_ + atom, 1.0f);
        bonds[atom].push_back(bond_ + i);
      }
      batch_.bond_atoms->end_row();
    }
    for (std::size_t i = 0; i < graph.angles.size(); ++i) {
      for (std::size_t atom : {graph.angles[i].first, graph.angles[i].second}) {
        batch_.angle_outer->add(atom_ + atom, 1.0f);
        outer[atom].push_back(angle_ + i);
      }
      batch_.angle_outer->end_row();
      batch_.angle_centre->add_row(atom_ + graph.angles[i].centre);
      centre[graph.angles[i].centre].push_back(angle_ + i);
    }
    const auto add_lists = [](const std::vector<std::vector<std::size_t>>& lists, SparseRows& out) {
      for (const auto& list : lists) {
        for (std::size_t column : list) out.add(column, 1.0f);
        out.end_row();
      }
    };
    add_lists(bonds, *batch_.atom_bonds);
    add_lists(outer, *batch_.atom_outer);
    add_lists(centre, *batch_.atom_centre);
  }

  void add_readout(const ReadoutRows& layout) {
    for (const EndRow& row : layout.ends) {
      const std::size_t atoms[kEndParts] = {row.atom, row.reference, row.others[0], row.others[1],
                                            row.others[2]};
      for (std::size_t part = 0; part < kEndParts; ++part) {
        const std::size_t atom = atoms[part] == kNowhere ? n_atoms_ : atom_ + atoms[part];
        batch_.end_parts->add(kEndParts * atom + part, 1.0f);
      }
      batch_.end_parts->end_row();
    }
    batch_.first_base.push_back(batch_.base_bond->n_rows());
    batch_.first_pair.push_back(batch_.pair_bonds[0]->n_rows());
    for (const BaseRow& row : layout.bases) {
      for (std::size_t i = 0; i < 2; ++i) batch_.base_ends[i]->add_row(end_ + row.ends[i]);
      batch_.base_bond->add_row(bond_ + row.bond);
    }
    for (const PairRow& row : layout.pairs) {
      const std::size_t ends[] = {row.near, row.far, row.other_near, row.other_far};
      for (std::size_t i = 0; i < 4; ++i) batch_.pair_ends[i]->add_row(end_ + ends[i]);
      batch_.pair_bonds[0]->add_row(bond_ + row.bond);
      batch_.pair_bonds[1]->add_row(bond_ + row.other_bond);
      relations_.insert(relations_.end(), row.relation.begin(), row.relation.end());
    }
  }

  GraphBatch& batch_;
  std::size_t n_atoms_, atom_ = 0, bond_ = 0, angle_ = 0, end_ = 0;
  std::vector<float> atoms_, bonds_, angles_, relations_;
};

}  // namespace

std::vector<float> values_of(const Tensor& tensor) {
  const Tensor table = tensor.detach().contiguous();
  return {table.data_ptr<float>(), table.data_ptr<float>() + table.numel()};
}

void SparseRows::normalise() {
  for (std::size_t row = 0; row + 1 < offsets_.size(); ++row) {
    float sum = 0.0f;
    for (std::int64_t e = offsets_[row]; e < offsets_[row + 1]; ++e) sum += weights_[e];
    for (std::int64_t e = offsets_[row]; e < offsets_[row + 1]; ++e) weights_[e] /= sum;
  }
}

Tensor SparseRows::operator()(const Tensor& x) const {
  return SparseProduct::apply(x, view_of(offsets_, torch::kInt64), view_of(columns_, torch::kInt64),
                              view_of(weights_, torch::kFloat32));
}

GraphBatch make_batch(const std::vector<const TorsionGraph*>& graphs,
                      const std::vector<const ReadoutRows*>& layouts) {
  std::size_t n_atoms = 0, n_bonds = 0, n_angles = 0, n_ends = 0;
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    n_atoms += graphs[i]->atoms.size();
    n_bonds += graphs[i]->bonds.size();
    n_angles += graphs[i]->angles.size();
    n_ends += layouts[i]->ends.size();
  }
  GraphBatch batch;
  BatchBuilder builder(batch, n_atoms, n_bonds, n_angles, n_ends);
  for (std::size_t i = 0; i < graphs.size(); ++i) builder.add(*graphs[i], *layouts[i]);
  builder.finish();
  return batch;
}

torch::nn::Linear TorsionNetworkModuleImpl::linear(const std::string& name, std::size_t in,
                                                   std::size_t out) {
  return register_module(name, torch::nn::Linear(number(in), number(out)));
}

torch::nn::LayerNorm TorsionNetworkModuleImpl::norm(const std::string& name) {
  return register_module(
      name, torch::nn::LayerNorm(torch::nn::LayerNormOptions({number(shape_.n_hidden)})));
}

TorsionNetworkModuleImpl::Layer TorsionNetworkModuleImpl::make_layer(std::size_t index) {
  const std::string prefix = "layer" + std::to_string(index) + "_";
  const std::size_t h = shape_.n_hidden;
  Layer layer;
  layer.atom_norm = norm(prefix + "atom_norm");
  layer.bond_norm = norm(prefix + "bond_norm");
  layer.to_edges = linear(prefix + "to_edges", h, 3 * h);
  layer.bond_in = linear(prefix + "bond_in", h, h);
  layer.angle_in = linear(prefix + "angle_in", kAngleFeatures, h);
  layer.bond_out = linear(prefix + "bond_out", h, h);
  layer.atom_in = linear(prefix + "atom_in", 4 * h, h);
  layer.atom_out = linear(prefix + "atom_out", h, h);
  return layer;
}

TorsionNetworkModuleImpl::TorsionNetworkModuleImpl(const TorsionNetworkShape& shape,
                                                   const engine::StepKey& key)
    : shape_(shape) {
  const std::size_t h = shape.n_hidden, e = shape.n_embedding, w = shape.n_head;
  atoms_ = linear("atoms", kAtomFeatures, h);
  bonds_ = linear("bonds", kBondFeatures, h);
  for (std::size_t i = 0; i < shape.n_layers; ++i) layers_.push_back(make_layer(i));
  atom_norm_ = norm("atom_norm");
  bond_norm_ = norm("bond_norm");
  nothing_ = register_parameter("nothing", torch::zeros({1, number(h)}));
  end_in_ = linear("end_in", h, kEndParts * e);
  end_out_ = linear("end_out", e, e);
  bond_embedding_ = linear("bond_embedding", h, e);
  base_in_ = linear("base_in", 3 * e, 2 * e);
  base_out_ = linear("base_out", 2 * e, w);
  pair_in_ = linear("pair_in", 6 * e + kRelationFeatures, 2 * e);
  pair_out_ = linear("pair_out", 2 * e, w);
  harmonics_ = linear("harmonics", 2 * kTorsionHarmonics, w);
  mix_ = linear("mix", w, w);
  second_ = linear("second", w, w);
  output_ = linear("output", w, 4 * shape.n_components);
  initialise(key);
}

void TorsionNetworkModuleImpl::initialise(const engine::StepKey& key) {
  torch::NoGradGuard no_grad;
  engine::RandomStream stream(key, engine::StreamName::kTraining, 0);
  for (auto& item : named_parameters()) {
    Tensor& parameter = item.value();
    const bool is_norm = item.key().find("norm.") != std::string::npos;
    if (parameter.dim() < 2 || is_norm) {
      parameter.fill_(is_norm && item.key().find("weight") != std::string::npos ? 1.0 : 0.0);
      continue;
    }
    const double bound = std::sqrt(3.0 / static_cast<double>(parameter.size(1)));
    auto* values = parameter.data_ptr<float>();
    for (std::int64_t i = 0; i < parameter.numel(); ++i)
      values[i] = static_cast<float>(bound * (2.0 * stream.uniform() - 1.0));
  }
  // Types that are absent in training must contribute nothing.
  atoms_->weight.slice(1, kFirstMmffColumn, kAtomFeatures).zero_();
  for (Layer& layer : layers_) {
    layer.atom_out->weight.mul_(0.3);
    layer.bond_out->weight.mul_(0.3);
  }
  output_->weight.mul_(0.1);
  auto bias = output_->bias.accessor<float, 1>();
  const std::int64_t n = number(shape_.n_components);
  for (std::int64_t k = 0; k < n; ++k) {  // means spread over the circle
    const double angle = engine::kTwoPi * static_cast<double>(k) / static_cast<double>(n);
    bias[n + k] = static_cast<float>(std::cos(angle));
    bias[2 * n + k] = static_cast<float>(std::sin(angle));
  }
}

Tensor Dropout::operator()(const Tensor& values) const {
  if (stream == nullptr || share <= 0.0) return values;
  // 16 bits decide on each entry: four entries for each draw.
  const auto limit = static_cast<std::uint64_t>(share * 65536.0);
  const float kept = static_cast<float>(65536.0 / (65536.0 - static_cast<double>(limit)));
  Tensor mask = torch::empty_like(values);
  auto* entries = mask.data_ptr<float>();
  std::uint64_t bits = 0;
  for (std::int64_t i = 0; i < mask.numel(); ++i, bits >>= 16) {
    if (i % 4 == 0) bits = stream->bits();
    entries[i] = (bits & 0xffff) < limit ? 0.0f : kept;
  }
  return values * mask;
}

void TorsionNetworkModuleImpl::apply_layer(Layer& layer, const GraphBatch& batch,
                                           const Dropout& dropout, NetworkNodes& nodes) {
  const Tensor atoms = layer.atom_norm->forward(nodes.atoms);
  const auto parts = layer.to_edges->forward(atoms).split(number(shape_.n_hidden), 1);
  const Tensor bonds = torch::relu(layer.bond_in->forward(layer.bond_norm->forward(nodes.bonds)) +
                                   (*batch.bond_atoms)(parts[0]));
  const Tensor angles =
      torch::relu(layer.angle_in->forward(batch.angles) + (*batch.angle_outer)(parts[1]) +
                  (*batch.angle_centre)(parts[2]));
  nodes.bonds = nodes.bonds + dropout(layer.bond_out->forward(bonds));
  const Tensor heard = torch::cat({atoms, (*batch.atom_bonds)(bonds), (*batch.atom_outer)(angles),
                                   (*batch.atom_centre)(angles)},
                                  1);
  nodes.atoms =
      nodes.atoms + dropout(layer.atom_out->forward(torch::relu(layer.atom_in->forward(heard))));
}

NetworkRows TorsionNetworkModuleImpl::forward(const GraphBatch& batch, Dropout dropout) {
  NetworkNodes nodes{atoms_->forward(batch.atoms), bonds_->forward(batch.bonds)};
  for (Layer& layer : layers_) apply_layer(layer, batch, dropout, nodes);
  const Tensor places = torch::cat({atom_norm_->forward(nodes.atoms), nothing_}, 0);
  const Tensor parts = end_in_->forward(places).view({-1, number(shape_.n_embedding)});
  const Tensor ends = torch::relu(end_out_->forward(torch::relu((*batch.end_parts)(parts))));
  const Tensor bond = torch::relu(bond_embedding_->forward(bond_norm_->forward(nodes.bonds)));

  const Tensor one = (*batch.base_ends[0])(ends), two = (*batch.base_ends[1])(ends);
  const Tensor base = torch::cat({one + two, one * two, (*batch.base_bond)(bond)}, 1);
  const Tensor pair =
      torch::cat({(*batch.pair_ends[0])(ends), (*batch.pair_ends[1])(ends),
                  (*batch.pair_ends[2])(ends), (*batch.pair_ends[3])(ends),
                  (*batch.pair_bonds[0])(bond), (*batch.pair_bonds[1])(bond), batch.relations},
                 1);
  // What the head's first layers add whatever the angles are goes into the rows.
  return {base_out_->forward(torch::relu(base_in_->forward(base))) + mix_->bias,
          pair_out_->forward(torch::relu(pair_in_->forward(pair))) + harmonics_->bias};
}

Tensor TorsionNetworkModuleImpl::head(const NetworkRows& rows, const HeadInput& input) {
  Tensor hidden = input.base(rows.bases);
  if (input.pair.n_rows() > 0) {
    const Tensor messages = torch::relu(input.pair(rows.pairs) +
                                        torch::matmul(input.harmonics, harmonics_->weight.t()));
    hidden = hidden + torch::matmul(input.messages(messages), mix_->weight.t());
  }
  return output_->forward(torch::relu(second_->forward(torch::relu(hidden))));
}

TorsionHead TorsionNetworkModuleImpl::head_weights() const {
  TorsionHead head;
  head.width = shape_.n_head;
  head.n_components = shape_.n_components;
  const Tensor padding = torch::zeros(
      {number(head.width), number(head.n_outputs() - 4 * head.n_components)}, torch::kFloat32);
  head.harmonics = values_of(harmonics_->weight.t());
  head.mix = values_of(mix_->weight.t());
  head.second = values_of(second_->weight.t());
  head.second_bias = values_of(second_->bias);
  head.output = values_of(torch::cat({output_->weight.detach().t(), padding}, 1));
  head.output_bias = values_of(output_->bias);
  head.output_bias.resize(head.n_outputs(), 0.0f);
  return head;
}

Tensor log_density(const Tensor& outputs, const Tensor& cosines, const Tensor& sines) {
  const auto parts = outputs.split(outputs.size(1) / 4, 1);
  const double log_min = std::log(kMinConcentration);
  const double log_range = std::log(kMaxConcentration) - log_min;
  const Tensor kappa = torch::exp(log_min + log_range * torch::sigmoid(parts[3]));
  const Tensor cosine = (parts[1] * cosines.unsqueeze(1) + parts[2] * sines.unsqueeze(1)) *
                        torch::rsqrt(parts[1] * parts[1] + parts[2] * parts[2] + 1e-8);
  // I0(kappa) exp(-kappa) instead of I0, which overflows.
  const Tensor log_terms = torch::log_softmax(parts[0], 1) + kappa * (cosine - 1.0) -
                           torch::log(torch::special::i0e(kappa));
  const Tensor log_mixture = torch::logsumexp(log_terms, 1) + std::log1p(-kUniformShare);
  const Tensor log_uniform = torch::full_like(log_mixture, std::log(kUniformShare));
  return torch::logaddexp(log_mixture, log_uniform) - std::log(engine::kTwoPi);
}

}  // namespace saltus::mlsamplers
