#include <algorithm>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/thread_pool.h"
#include "engine/dynamics/block_program_detail.h"
#include "engine/lanes/lane_blocks.h"
#include "engine/lanes/lane_evaluator.h"

namespace saltus::engine {

namespace {

/// The batch that blocks are taken from and put back to.
struct Batch {
  CoordinateBatch &x, &v;

  std::size_t n_values() const { return 3 * x.n_atoms(); }

  /// @param stride  BlockLayout::stride
  MovingBlock make_block(std::size_t stride) const {
    MovingBlock block;
    block.layout.stride = stride;
    block.x.resize(block.layout.size(n_values()));
    block.v.resize(block.x.size());
    block.energies.resize(kLaneWidth);
    return block;
  }
  void load(std::size_t number, MovingBlock& block) const {
    block.first_chain = number * kLaneWidth;
    block.layout.n_lanes = std::min(kLaneWidth, x.n_chains() - block.first_chain);
    pack_chains(x.chain(block.first_chain).data(), n_values(), block.layout, block.x.data());
    pack_chains(v.chain(block.first_chain).data(), n_values(), block.layout, block.v.data());
    block.boxes.set_all(x.view().slice(block.first_chain, block.layout.n_lanes).boxes);
  }
  void store(const MovingBlock& block) const {
    store_positions(block);
    unpack_chains(block.v.data(), n_values(), block.layout, v.chain(block.first_chain).data());
  }
  void store_positions(const MovingBlock& block) const {
    unpack_chains(block.x.data(), n_values(), block.layout, x.chain(block.first_chain).data());
  }
};

std::string sizes(const CoordinateBatch& batch) {
  return std::to_string(batch.n_chains()) + " chains of " + std::to_string(batch.n_atoms()) +
         " atoms";
}

BlockPositions positions_of(const MovingBlock& block) {
  return {block.x.data(), block.layout.n_lanes, &block.boxes};
}

void evaluate_forces(const BlockAccess& lanes, MovingBlock& block,
                     LaneEvaluator::Scratch& scratch) {
  const BlockPositions at = positions_of(block);
  if (lanes.precision == Precision::kDouble)
    lanes.evaluator->evaluate(at, block.energies.data(), block.forces.data(), scratch);
  else
    lanes.evaluator->evaluate_single(at, block.energies.data(), block.single.data(), scratch);
}

/// Each block runs all steps by itself.
void run_apart(const BlockProgram& program, const BlockAccess& lanes, const Batch& batch,
               Span<double> energies) {
  const auto run = [&](std::size_t first, std::size_t last) {
    LaneEvaluator::Scratch scratch = lanes.evaluator->make_scratch();
    MovingBlock block = batch.make_block(kLaneWidth);
    if (lanes.precision == Precision::kDouble)
      block.forces.resize(block.x.size());
    else
      block.single.resize(block.x.size());
    for (std::size_t number = first; number < last; ++number) {
      batch.load(number, block);
      program.begin(block);
      for (std::size_t n = 0; n < program.n_evaluations(); ++n) {
        evaluate_forces(lanes, block, scratch);
        // Before the program moves the positions on.
        if (!energies.empty() && n + 1 == program.n_evaluations()) {
          if (lanes.precision == Precision::kMixed)
            lanes.evaluator->evaluate(positions_of(block), block.energies.data(), nullptr, scratch);
          std::copy_n(block.energies.data(), block.layout.n_lanes,
                      energies.data() + block.first_chain);
        }
        program.advance(block, n);
      }
      program.end(block);
      batch.store(block);
    }
  };
  for_each_run_of_blocks(lanes.pool, count_blocks(batch.x.n_chains()), run);
}

/// All blocks step by step, through the energy function's batches; a single chain as a row.
void run_together(const BlockProgram& program, const EnergyFunction& energy, const Batch& batch,
                  Span<double> energies) {
  const std::size_t stride = best_stride(batch.x.n_chains());
  std::vector<MovingBlock> blocks(count_blocks(batch.x.n_chains()));
  for (std::size_t number = 0; number < blocks.size(); ++number) {
    blocks[number] = batch.make_block(stride);
    blocks[number].forces.resize(blocks[number].x.size());
    batch.load(number, blocks[number]);
    program.begin(blocks[number]);
  }
  std::vector<double> all_energies(batch.x.n_chains()), all_forces(batch.x.values().size());
  for (std::size_t n = 0; n < program.n_evaluations(); ++n) {
    const bool at_an_end = n == 0 || n + 1 == program.n_evaluations();
    if (at_an_end && !energies.empty())
      energy.evaluate(batch.x.view(), all_energies, all_forces);
    else
      energy.evaluate_forces(batch.x.view(), all_energies, all_forces);
    for (MovingBlock& block : blocks) {
      std::copy_n(all_energies.data() + block.first_chain, block.layout.n_lanes,
                  block.energies.data());
      pack_chains(all_forces.data() + block.first_chain * batch.n_values(), batch.n_values(),
                  block.layout, block.forces.data());
      program.advance(block, n);
      batch.store_positions(block);
    }
  }
  if (!energies.empty()) std::copy(all_energies.begin(), all_energies.end(), energies.begin());
  for (MovingBlock& block : blocks) {
    program.end(block);
    batch.store(block);
  }
}

}  // namespace

void pack_chains(const double* rows, std::size_t n_values, BlockLayout layout, double* block) {
  if (layout.is_row())
    std::copy_n(rows, n_values, block);
  else
    pack_rows(rows, layout.n_lanes, n_values, block);
}

void unpack_chains(const double* block, std::size_t n_values, BlockLayout layout, double* rows) {
  if (layout.is_row())
    std::copy_n(block, n_values, rows);
  else
    unpack_rows(block, layout.n_lanes, n_values, rows);
}

void run_program(const BlockProgram& program, const EnergyFunction& energy, CoordinateBatch& x,
                 CoordinateBatch& v, Span<double> energies) {
  // Blocks take the sizes on trust.
  if (energy.n_atoms() != x.n_atoms() || v.n_atoms() != x.n_atoms() || v.n_chains() != x.n_chains())
    throw InternalError("dynamics: positions of " + sizes(x) + " and velocities of " + sizes(v) +
                        " for an energy function of " + std::to_string(energy.n_atoms()) +
                        " atoms");
  energy.box_needs().require(x.boxes(), x.n_chains());
  const Batch batch{x, v};
  if (const auto lanes = energy.blocks()) {
    run_apart(program, *lanes, batch, energies);
    energy.after_blocks(x.view(), energies, x.n_chains() * program.n_evaluations());
  } else {
    run_together(program, energy, batch, energies);
  }
}

}  // namespace saltus::engine
