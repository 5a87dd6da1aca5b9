#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "mlsamplers/peptides/peptide_leaps.h"

namespace saltus::mlsamplers {

namespace {

bool is_backbone(TorsionKind kind) {
  return kind == TorsionKind::kPhi || kind == TorsionKind::kPsi;
}

/// Finds what a block can redraw.
class BlockMaker {
 public:
  explicit BlockMaker(const Peptide& peptide) : peptide_(peptide) {}

  PeptideBlock residue(std::size_t r) const {
    PeptideBlock block;
    block.name = "residue_" + std::to_string(peptide_.number_of(r));
    block.torsions = torsions_of(r, true, true);
    block.parts = {{r, moves_part(r, false), moves_part(r, true)}};
    return block;
  }
  PeptideBlock side_chain(std::size_t r) const {
    PeptideBlock block;
    block.name = "side_chain_" + std::to_string(peptide_.number_of(r));
    block.torsions = torsions_of(r, false, true);
    block.parts = {{r, false, moves_part(r, true)}};
    return block;
  }
  PeptideBlock link(std::size_t r) const {
    PeptideBlock block;
    block.name = "link_" + std::to_string(peptide_.number_of(r));
    for (const std::size_t i : torsions_of(r, true, false))
      if (peptide_.torsions[i].kind == TorsionKind::kPsi) block.torsions.push_back(i);
    for (const std::size_t i : torsions_of(r + 1, true, false))
      if (peptide_.torsions[i].kind == TorsionKind::kPhi) block.torsions.push_back(i);
    block.parts = {{r, moves_part(r, false), false}, {r + 1, moves_part(r + 1, false), false}};
    return block;
  }
  /// The link's torsions against each other: their axes, on both sides of the peptide bond, are
  /// nearly parallel, so that what follows is shifted and hardly turned.
  PeptideBlock crankshaft(std::size_t r) const {
    PeptideBlock block = link(r);
    block.name = "crankshaft_" + std::to_string(peptide_.number_of(r));
    block.direction.assign(block.torsions.size(), 1.0);
    if (block.direction.size() == 2) block.direction[1] = -1.0;
    return block;
  }
  /// With the side chains of both residues; false: there is nothing to add.
  bool add_side_chains(PeptideBlock& block) const {
    bool any = false;
    for (PeptideBlock::Part& part : block.parts) {
      part.side_chain = moves_part(part.residue, true);
      any = any || part.side_chain;
    }
    return any;
  }
  PeptideBlock whole() const {
    PeptideBlock block;
    // Beside other atoms there may be other peptides.
    block.name = "whole";
    if (peptide_.n_other_atoms > 0) block.name += "_" + std::to_string(peptide_.number_of(0));
    for (std::size_t r = 0; r < peptide_.residues.size(); ++r) {
      const PeptideBlock one = residue(r);
      block.torsions.insert(block.torsions.end(), one.torsions.begin(), one.torsions.end());
      block.parts.insert(block.parts.end(), one.parts.begin(), one.parts.end());
    }
    return block;
  }
  /// Whether a residue's backbone or side chain has coordinates that are not kept.
  bool moves_part(std::size_t r, bool side_chain) const {
    const std::vector<PeptideFast>& fast = peptide_.residues[r].fast;
    return std::any_of(fast.begin(), fast.end(), [&](const PeptideFast& coordinate) {
      return coordinate.is_side_chain == side_chain && !coordinate.is_kept;
    });
  }

 private:
  /// In the order of kinds: phi, psi, chi1 ...
  std::vector<std::size_t> torsions_of(std::size_t r, bool backbone, bool side_chain) const {
    std::vector<std::size_t> result;
    for (const std::size_t i : peptide_.residues[r].torsions) {
      const PeptideTorsion& torsion = peptide_.torsions[i];
      if (!torsion.is_kept && (is_backbone(torsion.kind) ? backbone : side_chain))
        result.push_back(i);
    }
    std::sort(result.begin(), result.end(), [&](std::size_t a, std::size_t b) {
      return peptide_.torsions[a].kind < peptide_.torsions[b].kind;
    });
    return result;
  }

  const Peptide& peptide_;
};

/// Takes blocks of one sort, which share its weight.
void add_sort(std::vector<PeptideBlock> sort, double weight, std::vector<PeptideBlock>& blocks) {
  if (!(weight > 0.0)) return;
  for (PeptideBlock& block : sort) {
    block.weight = weight / static_cast<double>(sort.size());
    blocks.push_back(std::move(block));
  }
}

/// Crankshafts of all peptide bonds, with and without side chains, which share the bond's part.
std::vector<PeptideBlock> crankshafts(const Peptide& peptide, const PeptideLeapOptions& options) {
  const BlockMaker make(peptide);
  const double kept = options.crankshaft_side_chains_kept;
  std::vector<PeptideBlock> result;
  std::size_t n_bonds = 0;
  for (std::size_t r = 0; r + 1 < peptide.residues.size(); ++r) {
    PeptideBlock backbone = make.crankshaft(r), all = backbone;
    if (backbone.torsions.size() != 2) continue;
    ++n_bonds;
    const bool has_side_chains = make.add_side_chains(all);
    all.weight = has_side_chains ? 1.0 - kept : 1.0;
    if (all.weight > 0.0) result.push_back(std::move(all));
    if (!has_side_chains || kept == 0.0) continue;
    backbone.name += "_side_chains_kept";
    backbone.weight = kept;
    result.push_back(std::move(backbone));
  }
  for (PeptideBlock& block : result)
    block.weight *= options.crankshafts / static_cast<double>(n_bonds);
  return result;
}

}  // namespace

void PeptideLeapOptions::validate() const {
  const auto require = [](bool holds, const std::string& what) {
    if (!holds) throw engine::InputError("peptide leap: " + what);
  };
  double sum = 0.0;
  const auto require_weight = [&](double weight) {
    require(weight >= 0.0 && std::isfinite(weight), "a block's weight is negative or not finite");
  };
  for (const double weight : {residues, side_chains, links, whole, crankshafts}) {
    require_weight(weight);
    sum += weight;
  }
  for (const double weight :
       {proline_flips, peptide_bond_flips, ring_flips})  // which most peptides have none of
    require_weight(weight);
  require(sum > 0.0, "no sort of block is left: make one of their weights positive");
  require(!carries.empty(), "there is no carry");
  for (const CarryChoice& choice : carries) {
    require(choice.carry >= 0.0 && choice.carry <= 1.0, "a carry is not in [0, 1]");
    require(choice.weight > 0.0 && std::isfinite(choice.weight),
            "the weight of a carry is not a positive number");
  }
  require(uniform_fraction > 0.0 && uniform_fraction < 1.0,
          "the uniform fraction is not in (0, 1)");
  require(wide_fraction >= 0.0 && wide_fraction < 1.0, "the wide fraction is not in [0, 1)");
  require(!crankshaft_widths.empty(), "crankshafts have no width");
  for (const double width : crankshaft_widths)
    require(width > 0.0 && std::isfinite(width), "a width of crankshafts is not positive");
  require(crankshaft_uniform > 0.0 && crankshaft_uniform < 1.0,
          "the uniform part of crankshafts is not in (0, 1)");
  require(crankshaft_side_chains_kept >= 0.0 && crankshaft_side_chains_kept <= 1.0,
          "the part of crankshafts that keep side chains is not in [0, 1]");
  require(wide_scale > 0.0 && std::isfinite(wide_scale), "the wide scale is not positive");
}

std::vector<PeptideBlock> peptide_blocks(const Peptide& peptide,
                                         const PeptideLeapOptions& options) {
  options.validate();
  const BlockMaker make(peptide);
  std::vector<PeptideBlock> residues, side_chains, links, whole, blocks;
  std::size_t n_amino_acids = 0;
  bool all_move = true;
  for (std::size_t r = 0; r < peptide.residues.size(); ++r) {
    n_amino_acids += peptide.template_of(r).is_cap ? 0 : 1;
    if (make.moves_part(r, false) || make.moves_part(r, true)) residues.push_back(make.residue(r));
    if (PeptideBlock block = make.side_chain(r); !block.torsions.empty())
      side_chains.push_back(std::move(block));
    if (r + 1 == peptide.residues.size()) continue;
    if (PeptideBlock block = make.link(r); block.torsions.size() == 2)
      links.push_back(std::move(block));
  }
  for (const PeptideTorsion& torsion : peptide.torsions) all_move = all_move && !torsion.is_kept;
  if (n_amino_acids <= options.max_whole_residues && all_move) whole.push_back(make.whole());
  add_sort(std::move(residues), options.residues, blocks);
  add_sort(std::move(side_chains), options.side_chains, blocks);
  add_sort(std::move(links), options.links, blocks);
  add_sort(std::move(whole), options.whole, blocks);
  if (options.crankshafts > 0.0 && n_amino_acids >= options.min_crankshaft_residues)
    for (PeptideBlock& block : crankshafts(peptide, options)) blocks.push_back(std::move(block));
  return blocks;
}

}  // namespace saltus::mlsamplers
