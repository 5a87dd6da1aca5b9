#include "forcefields/ffxml/residue_template.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace saltus::forcefields {

namespace {

/// What an atom and its partner must have in common: element, bonds inside, bonds leaving.
using AtomKind = std::tuple<int, std::size_t, std::size_t>;

AtomKind kind_of(const ResidueGraph& residue, std::size_t atom) {
  return {residue.atomic_numbers[atom], residue.bonded_to[atom].size(),
          residue.external_bonds[atom]};
}

AtomKind kind_of(const TemplateAtom& atom) {
  return {atom.atomic_number, atom.bonded_to.size(), atom.external_bonds};
}

bool same_kinds(const ResidueGraph& residue, const ResidueTemplate& candidate) {
  if (residue.n_atoms() != candidate.atoms.size()) return false;
  std::multiset<AtomKind> ours, theirs;
  for (std::size_t n = 0; n < residue.n_atoms(); ++n) ours.insert(kind_of(residue, n));
  for (const TemplateAtom& atom : candidate.atoms) theirs.insert(kind_of(atom));
  return ours == theirs;
}

/// Backtracking search for an isomorphism.
class Matcher {
 public:
  Matcher(const ResidueGraph& residue, const ResidueTemplate& candidate)
      : residue_(residue),
        template_(candidate),
        partner_(residue.n_atoms(), kNone),
        used_(residue.n_atoms(), false) {
    for (std::size_t n = 0; n < residue.n_atoms(); ++n) {
      possible_.emplace_back();
      const std::string name = name_that_counts(residue.atomic_numbers[n], residue.names[n]);
      for (std::size_t t = 0; t < candidate.atoms.size(); ++t)
        if (kind_of(residue, n) == kind_of(candidate.atoms[t]) &&
            (name.empty() || name == candidate.atoms[t].name))
          possible_[n].push_back(t);
    }
    find_order();
  }

  /// Depth first without recursion, so that the size of a residue cannot exhaust the stack.
  bool search() {
    std::vector<std::size_t> next_choice(order_.size(), 0);
    std::size_t position = 0;
    while (position < order_.size()) {
      const std::size_t atom = order_[position];
      release(atom);
      const std::vector<std::size_t>& partners = choices(atom);
      std::size_t& choice = next_choice[position];
      while (choice < partners.size() && !fits(atom, partners[choice])) ++choice;
      if (choice < partners.size()) {
        partner_[atom] = partners[choice++];
        used_[partner_[atom]] = true;
        ++position;
      } else {
        if (position == 0) return false;
        choice = 0;
        --position;
      }
    }
    return true;
  }

  const std::vector<std::size_t>& partners() const { return partner_; }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// Empty when an atom may have any name.
  std::string name_that_counts(int atomic_number, const std::string& name) const {
    const auto has_it = [&](const TemplateAtom& atom) {
      return atom.atomic_number == 0 && atom.name == name;
    };
    const bool counts =
        atomic_number == 0 && std::any_of(template_.atoms.begin(), template_.atoms.end(), has_it);
    return counts ? name : "";
  }

  /// Fewest possible partners first, then always a neighbour of what is placed.
  void find_order() {
    std::set<std::size_t> waiting, frontier;
    for (std::size_t n = 0; n < residue_.n_atoms(); ++n) waiting.insert(n);
    const auto fewer = [this](std::size_t a, std::size_t b) {
      return possible_[a].size() < possible_[b].size();
    };
    while (!waiting.empty()) {
      const auto& pool = frontier.empty() ? waiting : frontier;
      const std::size_t next = *std::min_element(pool.begin(), pool.end(), fewer);
      waiting.erase(next);
      frontier.erase(next);
      order_.push_back(next);
      for (std::size_t neighbour : residue_.bonded_to[next])
        if (waiting.count(neighbour) > 0) frontier.insert(neighbour);
    }
  }

  const std::vector<std::size_t>& choices(std::size_t atom) const {
    for (std::size_t neighbour : residue_.bonded_to[atom])
      if (partner_[neighbour] != kNone) return template_.atoms[partner_[neighbour]].bonded_to;
    return possible_[atom];
  }

  void release(std::size_t atom) {
    if (partner_[atom] == kNone) return;
    used_[partner_[atom]] = false;
    partner_[atom] = kNone;
  }

  bool fits(std::size_t atom, std::size_t t) const {
    if (used_[t]) return false;
    if (!std::binary_search(possible_[atom].begin(), possible_[atom].end(), t)) return false;
    const std::vector<std::size_t>& bonded = template_.atoms[t].bonded_to;
    for (std::size_t neighbour : residue_.bonded_to[atom])
      if (partner_[neighbour] != kNone &&
          std::find(bonded.begin(), bonded.end(), partner_[neighbour]) == bonded.end())
        return false;
    return true;
  }

  const ResidueGraph& residue_;
  const ResidueTemplate& template_;
  std::vector<std::vector<std::size_t>> possible_;
  std::vector<std::size_t> order_, partner_;
  std::vector<bool> used_;
};

}  // namespace

std::vector<ResidueGraph> residue_graphs(const engine::Topology& topology) {
  std::vector<ResidueGraph> graphs(topology.residues.size());
  const auto neighbours = topology.neighbours();
  for (std::size_t atom = 0; atom < topology.n_atoms(); ++atom) {
    ResidueGraph& graph = graphs[topology.atoms[atom].residue];
    if (graph.n_atoms() == 0) graph.first_atom = atom;
    graph.names.push_back(topology.atoms[atom].name);
    graph.atomic_numbers.push_back(topology.atoms[atom].atomic_number);
    graph.bonded_to.emplace_back();
    graph.external_bonds.push_back(0);
    for (std::size_t other : neighbours[atom]) {
      if (topology.atoms[other].residue != topology.atoms[atom].residue)
        ++graph.external_bonds.back();
      else
        graph.bonded_to.back().push_back(other - graph.first_atom);
    }
  }
  return graphs;
}

std::optional<std::vector<std::size_t>> match_template(const ResidueGraph& residue,
                                                       const ResidueTemplate& candidate) {
  if (!same_kinds(residue, candidate)) return std::nullopt;
  Matcher matcher(residue, candidate);
  if (!matcher.search()) return std::nullopt;
  return matcher.partners();
}

std::vector<TemplateSite> sites_of_residue(const ResidueTemplate& residue_template,
                                           const std::vector<std::size_t>& partners,
                                           std::size_t first_atom) {
  std::vector<std::size_t> atom_of(partners.size());
  for (std::size_t n = 0; n < partners.size(); ++n) atom_of[partners[n]] = first_atom + n;
  std::vector<TemplateSite> sites = residue_template.sites;
  for (TemplateSite& site : sites) {
    site.site.site = atom_of[site.site.site];
    for (std::size_t& parent : site.site.parents) parent = atom_of[parent];
    site.exclude_with = atom_of[site.exclude_with];
  }
  std::sort(sites.begin(), sites.end(),
            [](const TemplateSite& a, const TemplateSite& b) { return a.site.site < b.site.site; });
  return sites;
}

ResidueGraph without_particles(const ResidueGraph& residue) {
  ResidueGraph result;
  result.first_atom = residue.first_atom;
  std::vector<std::size_t> new_index(residue.n_atoms());
  for (std::size_t n = 0; n < residue.n_atoms(); ++n) {
    new_index[n] = result.n_atoms();
    if (residue.atomic_numbers[n] == 0) continue;
    result.names.push_back(residue.names[n]);
    result.atomic_numbers.push_back(residue.atomic_numbers[n]);
    result.external_bonds.push_back(residue.external_bonds[n]);
  }
  for (std::size_t n = 0; n < residue.n_atoms(); ++n) {
    if (residue.atomic_numbers[n] == 0) continue;
    result.bonded_to.emplace_back();
    for (const std::size_t other : residue.bonded_to[n])
      if (residue.atomic_numbers[other] != 0) result.bonded_to.back().push_back(new_index[other]);
  }
  return result;
}

BareTemplate::BareTemplate(const ResidueTemplate& whole) : original(whole) {
  std::vector<bool> is_site(whole.atoms.size(), false);
  for (const TemplateSite& site : whole.sites) is_site[site.site.site] = true;
  std::vector<std::size_t> new_index(whole.atoms.size());
  for (std::size_t n = 0; n < whole.atoms.size(); ++n) {
    new_index[n] = atoms.size();
    (is_site[n] ? sites : atoms).push_back(n);
  }
  bare.name = whole.name;
  for (const std::size_t n : atoms) {
    TemplateAtom atom = whole.atoms[n];
    atom.bonded_to.clear();
    for (const std::size_t other : whole.atoms[n].bonded_to)
      if (!is_site[other]) atom.bonded_to.push_back(new_index[other]);
    bare.atoms.push_back(std::move(atom));
  }
}

}  // namespace saltus::forcefields
