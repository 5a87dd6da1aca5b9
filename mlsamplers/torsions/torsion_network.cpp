#include "mlsamplers/torsions/torsion_network.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/core/error.h"
#include "engine/system/elements.h"
#include "mlsamplers/model/module_parameters_detail.h"
#include "mlsamplers/model/torch_threads.h"
#include "mlsamplers/torsions/torsion_network_module_detail.h"

namespace saltus::mlsamplers {

namespace {

/// The numbers of a shape by the names they have in files.
template <class Shape>
auto fields_of(Shape& shape) {
  using Field = std::pair<const char*, decltype(&shape.n_hidden)>;
  return std::array<Field, 5>{{{"shape.hidden", &shape.n_hidden},
                               {"shape.layers", &shape.n_layers},
                               {"shape.embedding", &shape.n_embedding},
                               {"shape.head", &shape.n_head},
                               {"shape.components", &shape.n_components}}};
}

constexpr std::size_t kMaxWidth = 1024, kMaxLayers = 64;
constexpr std::int64_t kMaxShapeNumber = 1 << 20;

bool is_width(std::size_t value, std::size_t max_width) {
  return value > 0 && value % kHeadBlock == 0 && value <= max_width;
}

bool is_possible(const TorsionNetworkShape& shape) {
  return is_width(shape.n_hidden, kMaxWidth) && is_width(shape.n_embedding, kMaxWidth) &&
         is_width(shape.n_head, kMaxHeadWidth) && shape.n_layers > 0 &&
         shape.n_layers <= kMaxLayers && shape.n_components > 0 &&
         4 * shape.n_components <= kMaxHeadWidth;
}

/// The largest tensors must be there before a network of their size is made: what the file holds
/// bounds what is allocated for it.
void require_layers(ModelReader& reader, const TorsionNetworkShape& shape) {
  const std::uint64_t width = shape.n_hidden;
  for (std::size_t i = 0; i < shape.n_layers; ++i) {
    const std::string layer = "net.layer" + std::to_string(i);
    reader.array(layer + "_to_edges.weight", "F32", {3 * width, width});
    reader.array(layer + "_atom_in.weight", "F32", {width, 4 * width});
  }
}

std::vector<int> read_elements(ModelReader& reader) {
  constexpr std::int64_t kLastElement = 118;
  std::vector<int> elements;
  for (std::int64_t element : reader.integers("elements", 0)) {
    if (element < 1 || element > kLastElement)
      reader.damaged("'elements' holds " + std::to_string(element) +
                     ", which is not an atomic number");
    elements.push_back(static_cast<int>(element));
  }
  return elements;
}

TorsionNetwork read_network(ModelReader& reader) {
  reader.require_kind(kTorsionKind);
  auto content = std::make_shared<TorsionNetwork::Content>();
  content->card = reader.card();
  content->elements = read_elements(reader);
  TorsionNetworkShape shape;
  for (const auto& [name, value] : fields_of(shape))
    *value = static_cast<std::size_t>(reader.size(name, kMaxShapeNumber));
  if (!is_possible(shape)) reader.damaged("the network has an impossible size");
  require_layers(reader, shape);
  content->net = TorsionNetworkModule(shape, engine::StepKey{});
  read_parameters(reader, "net", *content->net);
  reader.require_all_used();
  return TorsionNetwork(std::move(content));
}

}  // namespace

void TorsionNetworkShape::validate() const {
  if (is_possible(*this)) return;
  throw engine::InputError(
      "torsion network: widths must be multiples of 16, hidden and embedding at most 1024 and head "
      "at most 128; 1 to 64 layers; 1 to 32 components");
}

TorsionNetwork::TorsionNetwork(std::shared_ptr<const Content> content)
    : content_(std::move(content)) {}

const ModelCard& TorsionNetwork::card() const { return content_->card; }

const TorsionNetworkShape& TorsionNetwork::shape() const { return content_->net->shape(); }

bool TorsionNetwork::supports(const engine::TorsionGraph& graph) const {
  return std::all_of(graph.atoms.begin(), graph.atoms.end(), [this](const auto& atom) {
    const std::vector<int>& elements = content_->elements;
    return std::find(elements.begin(), elements.end(), atom.atomic_number) != elements.end();
  });
}

std::shared_ptr<const engine::TorsionModel> TorsionNetwork::model_for(
    const engine::TorsionGraph& graph) const {
  if (!supports(graph)) {
    std::string known;
    for (int element : content_->elements) known += " " + engine::element_symbol(element);
    throw engine::InputError(
        "torsion network: this molecule has an element that was not there in training; the "
        "network knows" +
        known);
  }
  use_one_torch_thread();
  torch::NoGradGuard no_grad;
  ReadoutRows layout = readout_rows(graph);
  TorsionNetworkModule net = content_->net;
  const NetworkRows rows = net->forward(make_batch({&graph}, {&layout}));
  return std::make_shared<NetworkTorsionModel>(
      graph, std::move(layout), TorsionEmbeddings{values_of(rows.bases), values_of(rows.pairs)},
      std::make_shared<TorsionHead>(net->head_weights()));
}

void save_torsion_network(const TorsionNetwork& network, const std::string& path) {
  const TorsionNetwork::Content& content = network.content();
  ModelWriter writer;
  const std::vector<std::int64_t> elements(content.elements.begin(), content.elements.end());
  writer.add("elements", "I64", {elements.size()}, elements.data());
  const TorsionNetworkShape shape = network.shape();
  for (const auto& [name, value] : fields_of(shape))
    writer.add_size(name, static_cast<std::int64_t>(*value));
  write_parameters("net", *content.net, writer);
  writer.write(content.card, path);
}

TorsionNetwork load_torsion_network(const std::string& path) {
  ModelReader reader(path);
  return read_network(reader);
}

TorsionNetwork torsion_network_of(engine::Span<const unsigned char> bytes,
                                  const std::string& name) {
  ModelReader reader(name, bytes);
  return read_network(reader);
}

}  // namespace saltus::mlsamplers
