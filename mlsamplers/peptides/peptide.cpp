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
  std::vector<engine::Bond> others;                          ///< of other sorts

  bool has_peptide_link(std::size_t residue) const {
    return (residue > 0 && to_next[residue - 1]) || (residue < to_next.size() && to_next[residue]);
  }
};

Links links_of(const Topology& topology) {
  Links links;
  links.to_next.assign(std::max<std::size_t>(1, topology.residues.size()) - 1, false);
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
      links.others.push_back({first, second});
  }
  return links;
}

[[noreturn]] void refuse_bond(const Topology& topology, const engine::Bond& bond) {
  throw engine::InputError(topology.describe_atom(bond.first) + " is bonded to " +
                           topology.describe_atom(bond.second) +
                           ": supported between residues are peptide links to the next one "
                           "and disulfide bridges; " +
                           kWithoutPeptideModel);
}

/// Residues first .. first + count - 1 of a topology.
struct Run {
  std::size_t first = 0, count = 0;
};

/// Builds one Z-matrix out of the rows of all residues of a chain.
class PeptideBuilder {
 public:
  PeptideBuilder(const Topology& topology, engine::Span<const double> x, const Links& links,
                 const Run& run)
      : topology_(topology), x_(x), links_(links), run_(run) {}

  Peptide build() {
    match_residues();
    peptide_.first_residue = run_.first;
    peptide_.n_other_atoms = topology_.n_atoms() - n_atoms_;
    for (std::size_t r = 0; r < names_.size(); ++r) add_residue(r);
    if (peptide_.z.rows.size() != n_atoms_)
      throw engine::InternalError("recognise_peptide: atoms are left over");
    keep_bridges();
    return std::move(peptide_);
  }

 private:
  void match_residues() {
    for (std::size_t r = 0; r < run_.count; ++r) {
      const ChainPlace place = r == 0                ? ChainPlace::kFirst
                               : r + 1 == run_.count ? ChainPlace::kLast
                                                     : ChainPlace::kMiddle;
      ResidueMatch match = detail::match_residue(topology_, run_.first + r, place);
      peptide_.residues.push_back({match.template_index, {}, {}, {}});
      n_atoms_ += match.atoms.size();
      names_.push_back(std::move(match.atoms));
    }
    const detail::HandednessCheck check(topology_, x_);
    for (std::size_t r = 0; r < run_.count; ++r) {
      add_neighbours(r);
      check.settle(run_.first + r, peptide_.residues[r].template_index, names_[r]);
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
    const std::size_t n = n_atoms_, i = peptide_.z.rows.size();
    peptide_.z.rows.push_back({atom_of(r, row.atom), atom_of(r, row.bond_to),
                               atom_of(r, row.angle_to), atom_of(r, row.torsion_to),
                               row.role == RowRole::kOffset});
    PeptideResidue& residue = peptide_.residues[r];
    const auto add_fast = [&](engine::LeapFastCoordinate coordinate) {
      // omega does not belong to the ring, and has another form in cis than the model's mean.
      const bool is_omega = coordinate.is_torsion && row.torsion_to == "-CA";
      coordinate.is_held = coordinate.is_torsion && row.is_pucker;
      residue.fast.push_back(
          {coordinate, row.is_side_chain, row.is_kept, row.is_ring && !is_omega});
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

  /// Of a ring within a larger one nothing goes along: what is spread must close it.
  void keep(PeptideResidue& residue, bool side_chain) {
    for (PeptideFast& fast : residue.fast) {
      if (fast.is_side_chain == side_chain) fast.is_kept = true;
      fast.goes_along = false;
    }
    for (const std::size_t i : residue.torsions) {
      const TorsionKind kind = peptide_.torsions[i].kind;
      const bool is_backbone = kind == TorsionKind::kPhi || kind == TorsionKind::kPsi;
      if (is_backbone != side_chain) peptide_.torsions[i].is_kept = true;
    }
  }

  /// Whatever lies in the ring that a disulfide bridge closes. Of a bridge to another chain, which
  /// stays where it is, what lies between the end and the atoms that are placed first.
  void keep_bridges() {
    const auto is_own = [&](std::size_t r) {
      return r >= run_.first && r < run_.first + run_.count;
    };
    for (const auto& [first, last] : links_.bridges) {
      const bool has_first = is_own(first), has_last = is_own(last);
      if (!has_first && !has_last) continue;
      const std::size_t begin = has_first && has_last ? first - run_.first : 0;
      const std::size_t end = (has_last ? last : first) - run_.first;
      for (std::size_t r = begin; r <= end; ++r) keep(peptide_.residues[r], false);
      for (const std::size_t r : {first, last})
        if (is_own(r)) keep(peptide_.residues[r - run_.first], true);
    }
  }

  const Topology& topology_;
  engine::Span<const double> x_;
  const Links& links_;
  Run run_;
  std::size_t n_atoms_ = 0;  ///< of the chain
  std::vector<Names> names_;
  Peptide peptide_;
};

void require_positions(const Topology& topology, engine::Span<const double> x) {
  if (x.size() != 3 * topology.n_atoms())
    throw engine::InternalError("recognise_peptide: positions have the wrong size");
}

}  // namespace

Peptide recognise_peptide(const Topology& topology, engine::Span<const double> x) {
  if (topology.residues.size() < 2 || topology.n_atoms() < 4)
    throw engine::InputError(std::string("a peptide has at least two residues, caps included; ") +
                             kWithoutPeptideModel);
  require_positions(topology, x);
  const Links links = links_of(topology);
  if (!links.others.empty()) refuse_bond(topology, links.others.front());
  for (std::size_t r = 0; r + 1 < topology.residues.size(); ++r)
    if (!links.to_next[r])
      throw engine::InputError(topology.describe_residue(r + 1) + " is not bonded to " +
                               topology.describe_residue(r) +
                               ": supported is one chain of amino acids; " + kWithoutPeptideModel);
  return PeptideBuilder(topology, x, links, {0, topology.residues.size()}).build();
}

std::vector<Peptide> recognise_peptides(const Topology& topology, engine::Span<const double> x) {
  require_positions(topology, x);
  std::vector<Peptide> peptides;
  const std::size_t n = topology.residues.size();
  const Links links = links_of(topology);
  for (const engine::Bond& bond : links.others)
    for (const std::size_t atom : {bond.first, bond.second})
      if (links.has_peptide_link(topology.atoms[atom].residue)) refuse_bond(topology, bond);
  for (std::size_t first = 0, last = 0; first < n; first = last + 1) {
    for (last = first; last + 1 < n && links.to_next[last];) ++last;
    if (last > first)
      peptides.push_back(PeptideBuilder(topology, x, links, {first, last - first + 1}).build());
  }
  if (peptides.empty())
    throw engine::InputError(
        std::string("a peptide has at least two residues, caps included, with a peptide link (C to "
                    "N); ") +
        kWithoutPeptideModel);
  return peptides;
}

}  // namespace saltus::mlsamplers
