#include "engine/lanes/lane_evaluator.h"

#include <algorithm>

#include "engine/core/error.h"
#include "engine/lanes/bonded_lanes.h"
#include "engine/lanes/correction_map_lanes.h"
#include "engine/lanes/external_lanes.h"
#include "engine/lanes/implicit_solvent_lanes.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/lane_blocks.h"
#include "engine/lanes/mmff_lanes.h"
#include "engine/lanes/nonbonded_lanes.h"

namespace saltus::engine {

namespace {

/// Aligned as vectors are loaded.
alignas(64) constexpr double kNoOrigin[3 * kLaneWidth] = {};

using LaneTerms = std::vector<std::unique_ptr<const LaneTerm>>;

void add_mmff(const Mmff& mmff, LaneTerms& terms) {
  if (!mmff.bonds.empty()) terms.push_back(make_mmff_bond_lanes(mmff.bonds));
  if (!mmff.angles.empty() || !mmff.linear_angles.empty() || !mmff.stretch_bends.empty())
    terms.push_back(make_mmff_bend_lanes(mmff));
  if (!mmff.out_of_planes.empty())
    terms.push_back(make_mmff_out_of_plane_lanes(mmff.out_of_planes));
  if (!mmff.pairs.empty()) terms.push_back(make_mmff_pair_lanes(mmff));
}

}  // namespace

LaneEvaluator::LaneEvaluator(const System& system)
    : n_atoms_(system.n_atoms()),
      box_needs_(engine::box_needs(system)),
      sites_(system.virtual_sites) {
  system.validate("system");
  choose_instruction_set();
  if (!system.bonds.empty() || !system.angles.empty() || !system.torsions.empty())
    terms_.push_back(make_bonded_lanes(system));
  if (system.nonbonded) terms_.push_back(make_nonbonded_lanes(*system.nonbonded, system.box));
  if (system.implicit_solvent)
    terms_.push_back(make_implicit_solvent_lanes(*system.implicit_solvent));
  if (system.mmff) add_mmff(*system.mmff, terms_);
  if (!system.correction_torsions.empty())
    terms_.push_back(make_correction_map_lanes(system.correction_maps, system.correction_torsions));
  if (!system.position_restraints.empty() || !system.torsion_restraints.empty())
    terms_.push_back(make_restraint_lanes(system.position_restraints, system.torsion_restraints));
  if (system.field) terms_.push_back(make_field_lanes(*system.field));
  for (const auto& term : terms_) {
    workspace_size_ = std::max(workspace_size_, term->workspace_size());
    n_names_ += term->names().size();
  }
}

LaneEvaluator::Scratch LaneEvaluator::make_scratch() const {
  Scratch scratch;
  scratch.origin.resize(3 * kLaneWidth);
  scratch.term_energies.resize(n_names_ * kLaneWidth);
  scratch.positions.resize(3 * n_atoms_ * kLaneWidth);
  scratch.exact_workspace.resize(workspace_size_);
  scratch.single_workspace.resize(workspace_size_);
  if (!sites_.empty()) scratch.placed.resize(3 * n_atoms_ * kLaneWidth);
  return scratch;
}

template <class T>
void LaneEvaluator::sum_terms(const LaneView<T>& view, double* energies, Scratch& scratch) const {
  if (view.forces != nullptr) std::fill_n(view.forces, 3 * n_atoms_ * kLaneWidth, T(0));
  std::fill(scratch.term_energies.begin(), scratch.term_energies.end(), 0.0);
  LaneView<T> part = view;
  part.energies = scratch.term_energies.data();
  for (const auto& term : terms_) {
    term->evaluate(part);
    part.energies += term->names().size() * kLaneWidth;
  }
  sum_energies(scratch.term_energies.data(), n_names_, view.x, 3 * n_atoms_, energies);
}

void LaneEvaluator::require_boxes(const BlockPositions& block) const {
  if (box_needs_.needed && (block.boxes == nullptr || block.boxes->empty()))
    throw InternalError("a periodic system was given blocks of chains without their boxes");
}

const double* LaneEvaluator::place_sites(const double* x, Scratch& scratch) const {
  if (sites_.empty()) return x;
  std::copy_n(x, scratch.placed.size(), scratch.placed.data());
  sites_.place(scratch.placed.data());
  return scratch.placed.data();
}

void LaneEvaluator::evaluate(const BlockPositions& block, double* energies, double* forces,
                             Scratch& scratch) const {
  require_boxes(block);
  const double* x = place_sites(block.x, scratch);
  LaneView<double> view{
      x, forces, nullptr, kNoOrigin, scratch.exact_workspace.data(), block.n_lanes};
  if (box_needs_.needed) {
    view.box = block.boxes->exact();
    view.volumes = block.boxes->volumes();
  }
  sum_terms(view, energies, scratch);
  if (forces != nullptr) sites_.spread(x, forces);
}

void LaneEvaluator::evaluate_single(const BlockPositions& block, double* energies, float* forces,
                                    Scratch& scratch) const {
  require_boxes(block);
  round_positions(place_sites(block.x, scratch), n_atoms_, scratch.positions.data(),
                  scratch.origin.data());
  LaneView<float> view{
      scratch.positions.data(),        forces,       nullptr, scratch.origin.data(),
      scratch.single_workspace.data(), block.n_lanes};
  if (box_needs_.needed) {
    view.box = block.boxes->single();
    view.volumes = block.boxes->volumes();
  }
  sum_terms(view, energies, scratch);
  sites_.spread(view.x, forces);
}

std::vector<EnergyTerm> LaneEvaluator::terms(const BlockPositions& block, Scratch& scratch) const {
  AlignedVector<double> total(kLaneWidth);
  evaluate(block, total.data(), nullptr, scratch);
  const double* x = sites_.empty() ? block.x : scratch.placed.data();
  std::vector<EnergyTerm> result;
  for (const auto& term : terms_)
    for (const std::string& name : term->names()) {
      sum_energies(scratch.term_energies.data() + result.size() * kLaneWidth, 1, x, 3 * n_atoms_,
                   total.data());
      result.push_back({name, total[0]});
    }
  return result;
}

}  // namespace saltus::engine
