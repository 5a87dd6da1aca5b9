#include "forcefields/ffxml/atom_assignment.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "forcefields/ffxml/template_mismatch.h"

namespace saltus::forcefields {

namespace {

struct Match {
  const ResidueTemplate* residue_template;
  std::vector<std::size_t> partners;
};

bool same_site(const TemplateSite& a, const TemplateSite& b) {
  const engine::VirtualSite &s = a.site, &t = b.site;
  return s.site == t.site && s.kind == t.kind && s.parents == t.parents && s.weights == t.weights &&
         s.x_weights == t.x_weights && s.y_weights == t.y_weights &&
         s.local_position_nm == t.local_position_nm && a.exclude_with == b.exclude_with;
}

bool same_parameters(const Match& a, const Match& b) {
  for (std::size_t n = 0; n < a.partners.size(); ++n) {
    const TemplateAtom& p = a.residue_template->atoms[a.partners[n]];
    const TemplateAtom& q = b.residue_template->atoms[b.partners[n]];
    if (p.type != q.type || p.parameters != q.parameters) return false;
  }
  const auto sites = sites_of_residue(*a.residue_template, a.partners, 0);
  const auto others = sites_of_residue(*b.residue_template, b.partners, 0);
  return std::equal(sites.begin(), sites.end(), others.begin(), others.end(), same_site);
}

/// Nothing when no template fits.
std::optional<Match> match_residue(const engine::Topology& topology, std::size_t residue,
                                   const ResidueGraph& graph, const ForceFieldXml& force_field) {
  std::vector<Match> matches;
  for (const ResidueTemplate& candidate : force_field.templates())
    if (auto partners = match_template(graph, candidate))
      matches.push_back({&candidate, std::move(*partners)});
  if (matches.empty()) return std::nullopt;
  for (const Match& other : matches)
    if (!same_parameters(matches.front(), other))
      throw engine::InputError(topology.describe_residue(residue) + " matches templates " +
                               matches.front().residue_template->name + " and " +
                               other.residue_template->name + " of " + force_field.description() +
                               ", which give it different parameters");
  return matches.front();
}

bool has_particle(const ForceFieldXml& force_field, const std::string& name) {
  for (const ResidueTemplate& residue : force_field.templates())
    for (const TemplateAtom& atom : residue.atoms)
      if (atom.atomic_number == 0 && atom.name == name) return true;
  return false;
}

bool fits_some(const ResidueGraph& graph, const ForceFieldXml& force_field) {
  const auto& templates = force_field.templates();
  return std::any_of(templates.begin(), templates.end(), [&](const ResidueTemplate& candidate) {
    return match_template(graph, candidate).has_value() ||
           (!candidate.sites.empty() &&
            match_template(graph, BareTemplate(candidate).bare).has_value());
  });
}

/// Atoms without element of a residue that fits no template: nothing is wrong with their element
/// when they look like particles of a water model, this one's or another's.
void check_elements(const engine::Topology& topology, const ResidueGraph& graph,
                    const ForceFieldXml& force_field) {
  if (fits_some(without_particles(graph), force_field)) return;
  for (std::size_t n = 0; n < graph.n_atoms(); ++n)
    if (graph.atomic_numbers[n] <= 0 && !has_particle(force_field, graph.names[n]))
      throw engine::InputError("the element of " + topology.describe_atom(graph.first_atom + n) +
                               " is unknown");
}

}  // namespace

std::vector<AssignedAtom> assign_atoms(const engine::Topology& topology,
                                       const ForceFieldXml& force_field,
                                       const StructureHints& hints) {
  std::vector<AssignedAtom> result(topology.n_atoms());
  const std::vector<ResidueGraph> graphs = residue_graphs(topology);
  std::vector<std::size_t> failed;
  for (std::size_t residue = 0; residue < graphs.size(); ++residue) {
    const ResidueGraph& graph = graphs[residue];
    const std::optional<Match> match = match_residue(topology, residue, graph, force_field);
    if (!match) {
      failed.push_back(residue);
      continue;
    }
    for (std::size_t n = 0; n < graph.n_atoms(); ++n) {
      AssignedAtom& atom = result[graph.first_atom + n];
      atom.template_index = match->partners[n];
      atom.residue_template = match->residue_template;
      atom.in_template = &match->residue_template->atoms[atom.template_index];
      atom.type = &force_field.atom_types()[atom.in_template->type];
    }
  }
  for (const std::size_t residue : failed) check_elements(topology, graphs[residue], force_field);
  if (!failed.empty()) refuse_mismatch(topology, failed, force_field, hints);
  return result;
}

std::vector<TemplateSite> assigned_sites(const engine::Topology& topology,
                                         const std::vector<AssignedAtom>& atoms) {
  std::vector<TemplateSite> result;
  std::size_t first = 0;
  while (first < atoms.size()) {
    std::vector<std::size_t> partners;
    for (std::size_t atom = first;
         atom < atoms.size() && topology.atoms[atom].residue == topology.atoms[first].residue;
         ++atom)
      partners.push_back(atoms[atom].template_index);
    for (TemplateSite& site : sites_of_residue(*atoms[first].residue_template, partners, first))
      result.push_back(std::move(site));
    first += partners.size();
  }
  return result;
}

}  // namespace saltus::forcefields
