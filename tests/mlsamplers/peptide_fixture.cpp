#include "tests/mlsamplers/peptide_fixture.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/core/random.h"
#include "engine/system/internal_coordinates.h"

namespace saltus::tests {

using engine::RandomStream;
using engine::StreamName;

namespace {

std::vector<double> normals(std::size_t n, double width, RandomStream& stream) {
  std::vector<double> values(n);
  for (double& value : values) value = width * stream.normal();
  return values;
}

mlsamplers::TemplateStatistics arbitrary_template(const std::string& name, RandomStream& stream) {
  const mlsamplers::ResidueTemplate& residue =
      mlsamplers::residue_templates()[mlsamplers::template_index(name)];
  mlsamplers::TemplateStatistics entry;
  entry.name = name;
  std::size_t n_coordinates = 0;
  for (std::size_t i = 0; i < residue.rows.size(); ++i) {
    entry.n_torsions += residue.rows[i].role == mlsamplers::RowRole::kSoft ? 1 : 0;
    entry.n_rotors += residue.rows[i].role == mlsamplers::RowRole::kRotor ? 1 : 0;
    n_coordinates +=
        residue.place == mlsamplers::ChainPlace::kFirst ? std::min<std::size_t>(i, 3) : 3;
  }
  entry.n_fast = n_coordinates - entry.n_torsions - entry.n_rotors;
  const std::size_t n = entry.n_fast;
  entry.weights =
      normals(n * mlsamplers::template_basis_size(entry.n_torsions, entry.n_rotors), 0.01, stream);
  entry.rotor_means = normals(mlsamplers::kRotorFunctions * entry.n_rotors, 0.3, stream);
  const std::vector<double> factor = normals(n * n, 0.01, stream);
  entry.covariance.assign(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = 0; k < n; ++k)
        entry.covariance[i * n + j] += factor[i * n + k] * factor[j * n + k];
      if (i == j) entry.covariance[i * n + j] += 1e-3;
    }
  for (std::size_t r = 0; r < entry.n_rotors; ++r)
    entry.rotors.push_back({{{0.5, stream.normal(), 0.3}, {0.3, 0.1, 0.8}, {0.2, -1.0, 1.4}}});
  return entry;
}

}  // namespace

PeptideExample::PeptideExample(const std::string& sequence)
    : built(mlsamplers::build_peptide(mlsamplers::parse_sequence(sequence))),
      peptide(mlsamplers::recognise_peptide(built.topology, built.positions.chain(0))) {}

mlsamplers::PeptideModel arbitrary_peptide_model(const std::vector<std::string>& templates,
                                                 std::uint64_t seed) {
  RandomStream stream(engine::StepKey{seed, 0}, StreamName::kTest, 0);
  mlsamplers::PeptideModel model;
  model.card.kind = mlsamplers::kPeptideKind;
  model.card.temperature_K = model.reference_temperature_K = 310.0;
  model.card.force_field = "a force field of tests";
  model.card.transferable.emplace();
  model.min_temperature_K = 300.0;
  model.max_temperature_K = 600.0;
  model.shape = {6, 3, 4};
  const std::set<std::string> ascending(templates.begin(), templates.end());
  for (const std::string& name : ascending)
    model.templates.push_back(arbitrary_template(name, stream));
  const mlsamplers::PeptideNetworkShape& shape = model.shape;
  model.embeddings = normals((model.templates.size() + 1) * shape.n_embedding, 1.0, stream);
  for (mlsamplers::PeptideNetwork& network : model.networks) {
    network.first = normals(shape.n_hidden * shape.n_inputs(), 0.5, stream);
    network.first_bias = normals(shape.n_hidden, 0.5, stream);
    network.second = normals(shape.n_hidden * shape.n_hidden, 0.5, stream);
    network.second_bias = normals(shape.n_hidden, 0.5, stream);
    network.head = normals(4 * shape.n_components * shape.n_hidden, 0.5, stream);
    network.head_bias = normals(4 * shape.n_components, 0.5, stream);
  }
  return model;
}

mlsamplers::PeptideModel arbitrary_peptide_model(const mlsamplers::Peptide& peptide,
                                                 std::uint64_t seed) {
  std::vector<std::string> names;
  for (std::size_t r = 0; r < peptide.residues.size(); ++r)
    names.push_back(peptide.template_of(r).name);
  return arbitrary_peptide_model(names, seed);
}

engine::CoordinateBatch arbitrary_peptide_frames(const PeptideExample& example,
                                                 const std::vector<double>& temperatures_K,
                                                 std::uint64_t seed) {
  constexpr double kFastWidth = 0.02, kSoftWidth = 0.25, kRotorWidth = 0.3;
  const engine::ZMatrix& z = example.peptide.z;
  std::vector<double> q(z.n_internal());
  double log_jacobian = 0.0;
  engine::cartesian_to_internal(z, example.built.positions.view(), q, {&log_jacobian, 1});
  engine::CoordinateBatch frames(temperatures_K.size(), z.n_atoms());
  for (std::size_t c = 0; c < temperatures_K.size(); ++c) {
    RandomStream stream(engine::StepKey{seed, c}, StreamName::kTest, 1);
    const double wider = std::sqrt(temperatures_K[c] / 300.0);
    std::vector<double> frame = q;
    for (double& value : frame) value *= 1.0 + kFastWidth * wider * stream.normal() * 0.3;
    for (const mlsamplers::PeptideResidue& residue : example.peptide.residues)
      for (const mlsamplers::PeptideRotor& rotor : residue.rotors)
        frame[rotor.rotor.coordinate] = kRotorWidth * wider * stream.normal();
    for (const mlsamplers::PeptideTorsion& torsion : example.peptide.torsions)
      frame[torsion.coordinate] =
          (stream.below(2) == 1 ? -1.2 : 2.0) + kSoftWidth * wider * stream.normal();
    engine::internal_to_cartesian(z, frame, frames.chain(c), {&log_jacobian, 1});
  }
  return frames;
}

}  // namespace saltus::tests
