#include "forcefields/ffxml/add_missing_virtual_sites.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/error.h"

namespace saltus::forcefields {

namespace {

/// How a residue fits a template without its sites.
struct BareMatch {
  const BareTemplate* fitting = nullptr;
  std::vector<std::size_t> partners;  ///< atoms of the original template
};

class Completion {
 public:
  Completion(const ForceFieldXml& force_field, engine::Topology& topology,
             std::vector<double>& positions)
      : force_field_(force_field), old_(topology), old_positions_(positions) {
    for (const ResidueTemplate& candidate : force_field.templates())
      if (!candidate.sites.empty()) templates_.emplace_back(candidate);
  }

  AddedVirtualSites run(engine::Topology& topology, std::vector<double>& positions) {
    new_.residues = old_.residues;
    result_.new_index.resize(old_.n_atoms());
    const std::vector<ResidueGraph> graphs = residue_graphs(old_);
    for (std::size_t residue = 0; residue < graphs.size(); ++residue) {
      const std::size_t first = new_.n_atoms();
      for (std::size_t n = 0; n < graphs[residue].n_atoms(); ++n)
        copy_atom(graphs[residue].first_atom + n);
      if (std::optional<BareMatch> match = bare_match(residue, graphs[residue]))
        add_sites(residue, first, std::move(*match));
    }
    for (const engine::Bond& bond : old_.bonds)
      new_.bonds.push_back({result_.new_index[bond.first], result_.new_index[bond.second]});
    result_.n_atoms = new_.n_atoms();
    topology = std::move(new_);
    positions = std::move(new_positions_);
    return std::move(result_);
  }

 private:
  void copy_atom(std::size_t atom) {
    result_.new_index[atom] = new_.n_atoms();
    new_.atoms.push_back(old_.atoms[atom]);
    for (std::size_t d = 0; d < 3; ++d) new_positions_.push_back(old_positions_[3 * atom + d]);
  }

  /// Nothing for residues that fit a template as they are, or none without sites.
  std::optional<BareMatch> bare_match(std::size_t residue, const ResidueGraph& graph) const {
    std::optional<BareMatch> result;
    for (const BareTemplate& candidate : templates_) {
      const auto partners = match_template(graph, candidate.bare);
      if (!partners) continue;
      if (fits_whole(graph)) return std::nullopt;
      if (result)
        throw engine::InputError(
            old_.describe_residue(residue) + " fits templates " + result->fitting->original.name +
            " and " + candidate.original.name + " of " + force_field_.description() +
            " but for their virtual sites; leave one of the two force fields out, or add the "
            "sites to the structure");
      result = BareMatch{&candidate, {}};
      for (const std::size_t partner : *partners)
        result->partners.push_back(candidate.atoms[partner]);
    }
    return result;
  }

  bool fits_whole(const ResidueGraph& graph) const {
    const auto& templates = force_field_.templates();
    return std::any_of(templates.begin(), templates.end(), [&](const ResidueTemplate& candidate) {
      return match_template(graph, candidate).has_value();
    });
  }

  void add_sites(std::size_t residue, std::size_t first, BareMatch match) {
    const ResidueTemplate& whole = match.fitting->original;
    for (const std::size_t n : match.fitting->sites) {
      new_.atoms.push_back({whole.atoms[n].name, 0, residue});
      new_positions_.resize(new_positions_.size() + 3);
      match.partners.push_back(n);
    }
    ++result_.n_residues;
    result_.n_sites += match.fitting->sites.size();
    add_bonds(first, match);
    std::vector<engine::VirtualSite> sites;
    for (TemplateSite& site : sites_of_residue(whole, match.partners, first))
      sites.push_back(std::move(site.site));
    engine::place_virtual_sites(sites, new_positions_);
  }

  /// Those of the template that lead to a site.
  void add_bonds(std::size_t first, const BareMatch& match) {
    const auto atom_of = [&](std::size_t in_template) {
      const auto& partners = match.partners;
      return first +
             static_cast<std::size_t>(std::find(partners.begin(), partners.end(), in_template) -
                                      partners.begin());
    };
    const std::vector<std::size_t>& sites = match.fitting->sites;
    for (const std::size_t site : sites)
      for (const std::size_t other : match.fitting->original.atoms[site].bonded_to)
        if (other < site || std::find(sites.begin(), sites.end(), other) == sites.end())
          new_.bonds.push_back({atom_of(site), atom_of(other)});
  }

  const ForceFieldXml& force_field_;
  const engine::Topology& old_;
  const std::vector<double>& old_positions_;
  std::vector<BareTemplate> templates_;
  engine::Topology new_;
  std::vector<double> new_positions_;
  AddedVirtualSites result_;
};

}  // namespace

AddedVirtualSites add_missing_virtual_sites(const ForceFieldXml& force_field,
                                            engine::Topology& topology,
                                            std::vector<double>& positions_nm) {
  if (positions_nm.size() != 3 * topology.n_atoms())
    throw engine::InternalError("virtual sites: " + std::to_string(positions_nm.size()) +
                                " coordinates for " + std::to_string(topology.n_atoms()) +
                                " atoms");
  return Completion(force_field, topology, positions_nm).run(topology, positions_nm);
}

}  // namespace saltus::forcefields
