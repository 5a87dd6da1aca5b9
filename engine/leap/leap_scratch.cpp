#include "engine/leap/leap_scratch.h"

#include <algorithm>

namespace saltus::engine {

namespace {

/// Each 128 bits are four words, or two numbers.
std::size_t blocks_of(std::size_t n_numbers) { return (n_numbers + 1) / 2; }

/// Uniform numbers, the very ones of RandomStream::uniform.
void make_uniforms(const AlignedVector<std::uint32_t>& words, AlignedVector<double>& uniforms) {
  constexpr double kStep = 1.0 / 4503599627370496.0;  // 2^-52
  for (std::size_t row = 0; row < uniforms.size() / kLaneWidth; ++row)
    for (std::size_t lane = 0; lane < kLaneWidth; ++lane) {
      const std::uint64_t low = words[2 * row * kLaneWidth + lane];
      const std::uint64_t high = words[(2 * row + 1) * kLaneWidth + lane];
      const auto bits = static_cast<std::int64_t>((low | (high << 32)) >> 12);
      uniforms[row * kLaneWidth + lane] = (static_cast<double>(bits) + 0.5) * kStep;
    }
}

void make_wells(const LeapTable& table, LeapScratch& s) {
  for (std::size_t j = 0; j < table.n_rotors(); ++j) {
    const std::size_t at = table.numbers.wells[j];
    const auto fold = static_cast<std::uint64_t>(table.rotors[j].fold);
    for (std::size_t lane = 0; lane < kLaneWidth; ++lane) {
      const std::uint64_t low = s.words[2 * at * kLaneWidth + lane];
      const std::uint64_t high = s.words[(2 * at + 1) * kLaneWidth + lane];
      s.wells[j * kLaneWidth + lane] = static_cast<double>((low | (high << 32)) % fold);
    }
  }
}

std::size_t largest_layer(const std::vector<MixtureNetworkTable>& networks,
                          DenseLayer MixtureNetworkTable::*layer) {
  std::size_t n = 0;
  for (const MixtureNetworkTable& network : networks) n = std::max(n, (network.*layer).n_rows());
  return n;
}

/// At least one row, so that there is a place to point to.
void make_room(std::size_t n_rows, AlignedVector<double>& rows) {
  rows.resize(std::max<std::size_t>(1, n_rows) * kLaneWidth);
}

}  // namespace

LeapScratch::LeapScratch(const LeapTable& table) {
  const std::size_t n_blocks = blocks_of(table.numbers.n_numbers);
  const std::size_t n_component_blocks = blocks_of(table.numbers.n_component_numbers);
  words.resize(4 * n_blocks * kLaneWidth);
  component_words.resize(4 * n_component_blocks * kLaneWidth);
  make_room(2 * n_blocks, uniforms);
  make_room(2 * n_component_blocks, component_uniforms);
  make_room(2 * table.numbers.pairs.size(), normals);
  make_room(table.n_rotors(), wells);
  for (AlignedVector<double>* x : {&old_x, &new_x}) make_room(3 * table.n_atoms(), *x);
  for (AlignedVector<double>* q : {&old_q, &new_q}) make_room(table.z.n_internal(), *q);
  constexpr std::size_t kPerTorsion = 2 * kSoftHarmonics;
  const std::size_t n_first = table.n_first_inputs();
  for (AlignedVector<double>* seen : {&old_seen, &new_seen})
    make_room(kPerTorsion * table.seen.size(), *seen);
  make_room(n_first + kPerTorsion * (table.context.size() + table.n_soft()), soft_input);
  for (AlignedVector<double>* input : {&old_basis_input, &new_basis_input})
    make_room(n_first + kPerTorsion * table.basis_torsions.size(), *input);
  make_room(table.n_basis, basis);
  for (AlignedVector<double>* hidden : {&first, &second}) {
    const auto layer =
        hidden == &first ? &MixtureNetworkTable::first : &MixtureNetworkTable::second;
    make_room(std::max(largest_layer(table.soft_networks, layer),
                       largest_layer(table.rotor_networks, layer)),
              *hidden);
  }
  make_room(std::max(largest_layer(table.soft_networks, &MixtureNetworkTable::head),
                     largest_layer(table.rotor_networks, &MixtureNetworkTable::head)),
            mixture);
  for (AlignedVector<double>* fast : {&mean, &difference}) make_room(table.mean.n_rows(), *fast);
  for (AlignedVector<double>* one :
       {&log_jac_old, &log_jac_new, &log_forward, &log_reverse, &old_squares, &new_squares,
        &temperature, &scale, &inverse_scale, &log_scale})
    make_room(1, *one);
}

void LeapScratch::make_numbers(const LeapTable& table) {
  make_uniforms(words, uniforms);
  make_uniforms(component_words, component_uniforms);
  make_wells(table, *this);
}

}  // namespace saltus::engine
