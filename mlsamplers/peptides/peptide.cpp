#include "mlsamplers/peptides/peptide.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "mlsamplers/peptides/residue_match_detail.h"

namespace saltus::mlsamplers {

namespace {

using detail::kWithoutPeptideModel;
using detail::ResidueMatch;
using engine::Topology;
using Names = std::map<std::string, std::size_t>;

/// What holds residues together.
struct Links {
  std::vector<bool> to_next;                                 ///< [R - 1]
  std::vector<std::pair<std::size_t, std::size_t>> bridges;  ///< disulfides, residues ascending
};

Links links_of(const Topology& topology) {
  Links links;
  links.to_next.assign(topology.residues.size() - 1, false);
  for (const engine::Bond& bond : topology.bonds) {
    std::size_t first = bond.first, second = bond.second;
    if (topology.atoms[first].residue == topology.atoms[second].residue) continue;
    if (topology.atoms[first].residue > topology.atoms[second].residue) std::swap(first, second);
    const engine::Atom &a = topology.atoms[first], &b = topology.atoms[second];
    if (a.name == "C" && b.name == "N" && b.residue == a.residue + 1)
      links.to_next[a.residue] = true;
    else if (a.name == "SG" && b.name == "SG")
      links.bridges.emplace_back(a.residue, b.residue);
    else
      throw engine::InputError(topology.describe_atom(first) + " is bonded to " +
                               topology.describe_atom(second) +
                               ": supported between residues are peptide links to the next one "
                               "and disulfide bridges; " +
                               kWithoutPeptideModel);
  }
  return links;
}

/// Builds one Z-matrix out of the rows of all residues.
class PeptideBuilder {
 public:
  PeptideBuilder(const Topology& topology, engine::Span<const double> x)
      : topology_(topology), x_(x), links_(links_of(topology)) {}

  Peptide build() {
    match_residues();
    for (std::size_t r = 0; r < names_.size(); ++r) add_residue(r);
    if (peptide_.z.rows.size() != topology_.n_atoms())
      throw engine::InternalError("recognise_peptide: atoms are left over");
    keep_bridges();
    return std::move(peptide_);
  }

 private:
  void match_residues() {
    const std::size_t n = topology_.residues.size();
    for (std::size_t r = 0; r < n; ++r) {
      if (r + 1 < n && !links_.to_next[r])
        throw engine::InputError(topology_.describe_residue(r + 1) + " is not bonded to " +
                                 topology_.describe_residue(r) +
                                 ": supported is one chain of amino acids; " +
                                 kWithoutPeptideModel);
      const ChainPlace place = r == 0       ? ChainPlace::kFirst
                               : r + 1 == n ? ChainPlace::kLast
                                            : ChainPlace::kMiddle;
      ResidueMatch match = detail::match_residue(topology_, r, place);
      peptide_.residues.push_back({match.template_index, {}, {}, {}});
      names_.push_back(std::move(match.atoms));
    }
    const detail::HandednessCheck check(topology_, x_);
    for (std::size_t r = 0; r < n; ++r) {
      add_neighbours(r);
      check.settle(r, peptide_.residues[r].template_index, names_[r]);
    }
  }

  void add_neighbours(std::size_t r) {
    Names& names = names_[r];
    if (r + 1 < names_.size()) names["+N"] = names_[r + 1].at("N");
    if (r == 0) return;
    const Names& before = names_[r - 1];
    names["-C"] = before.at("C");
    names["-CA"] = before.at(before.count("CA") > 0 ? "CA" : "CH3");
  }

  std::size_t atom_of(std::size_t r, const std::string& name) const {
    return name.empty() ? 0 : names_[r].at(name);
  }

  void add_residue(std::size_t r) {
    const std::size_t n_torsions = peptide_.torsions.size();
    for (const TemplateRow& row : peptide_.template_of(r).rows) add_row(r, row);
    // The basis of fast coordinates has products of neighbours in this order.
    auto& own = peptide_.residues[r].torsions;
    for (std::size_t i = n_torsions; i < peptide_.torsions.size(); ++i) own.push_back(i);
    const auto rank = [&](std::size_t i) {
      const TorsionKind kind = peptide_.torsions[i].kind;
      if (kind == TorsionKind::kPsi) return 100;
      return kind == TorsionKind::kPhi ? 99 : 50 - static_cast<int>(kind);
    };
    std::sort(own.begin(), own.end(),
              [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  }

  void add_row(std::size_t r, const TemplateRow& row) {
    const std::size_t n = topology_.n_atoms(), i = peptide_.z.rows.size();
    peptide_.z.rows.push_back({atom_of(r, row.atom), atom_of(r, row.bond_to),
                               atom_of(r, row.angle_to), atom_of(r, row.torsion_to),
                               row.role == RowRole::kOffset});
    PeptideResidue& residue = peptide_.residues[r];
    const auto add_fast = [&](engine::LeapFastCoordinate coordinate) {
      residue.fast.push_back({coordinate, row.is_side_chain, row.is_kept});
    };
    if (i >= 1) add_fast({i - 1, false, 0.0});
    if (i >= 2) add_fast({n - 1 + i - 2, false, 0.0});
    if (i < 3) return;
    const std::size_t torsion = 2 * n - 3 + i - 3;
    if (row.role == RowRole::kSoft)
      peptide_.torsions.push_back({row.kind, r, torsion, row.is_kept});
    else if (row.role == RowRole::kRotor)
      residue.rotors.push_back({{torsion, row.fold}, row.is_side_chain});
    else
      add_fast({torsion, true, centre_of(r, row)});
  }

  /// The planar form, or the handedness, that a stiff torsion has.
  double centre_of(std::size_t r, const TemplateRow& row) const {
    if (row.role == RowRole::kOffset) return engine::wrap_angle(row.torsion_rad);
    const double now = engine::torsion_angle(x_, atom_of(r, row.atom), atom_of(r, row.bond_to),
                                             atom_of(r, row.angle_to), atom_of(r, row.torsion_to));
    const bool is_other = std::cos(now - row.torsion_rad) < 0.0;
    return engine::wrap_angle(row.torsion_rad + (is_other && !row.is_kept ? engine::kPi : 0.0));
  }

  void keep(PeptideResidue& residue, bool side_chain) {
    for (PeptideFast& fast : residue.fast)
      if (fast.is_side_chain == side_chain) fast.is_kept = true;
    for (const std::size_t i : residue.torsions) {
      const TorsionKind kind = peptide_.torsions[i].kind;
      const bool is_backbone = kind == TorsionKind::kPhi || kind == TorsionKind::kPsi;
      if (is_backbone != side_chain) peptide_.torsions[i].is_kept = true;
    }
  }

  /// Whatever lies in the ring that a disulfide bridge closes.
  void keep_bridges() {
    for (const auto& [first, last] : links_.bridges) {
      for (std::size_t r = first; r <= last; ++r) keep(peptide_.residues[r], false);
      for (const std::size_t r : {first, last}) keep(peptide_.residues[r], true);
    }
  }

  const Topology& topology_;
  engine::Span<const double> x_;
  Links links_;
  std::vector<Names> names_;
  Peptide peptide_;
};

}  // namespace

Peptide recognise_peptide(const Topology& topology, engine::Span<const double> x) {
  if (topology.residues.size() < 2 || topology.n_atoms() < 4)
    throw engine::InputError(std::string("a peptide has at least two residues, caps included; ") +
                             kWithoutPeptideModel);
  if (x.size() != 3 * topology.n_atoms())
    throw engine::InternalError("recognise_peptide: positions have the wrong size");
  return PeptideBuilder(topology, x).build();
}

}  // namespace saltus::mlsamplers
