#include "forcefields/ffxml/atom_assignment.h"

#include <optional>
#include <utility>

#include "engine/core/error.h"
#include "forcefields/ffxml/template_mismatch.h"

namespace saltus::forcefields {

namespace {

struct Match {
  const ResidueTemplate* residue_template;
  std::vector<std::size_t> partners;
};

bool same_parameters(const Match& a, const Match& b) {
  for (std::size_t n = 0; n < a.partners.size(); ++n) {
    const TemplateAtom& p = a.residue_template->atoms[a.partners[n]];
    const TemplateAtom& q = b.residue_template->atoms[b.partners[n]];
    if (p.type != q.type || p.parameters != q.parameters) return false;
  }
  return true;
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

void check_elements(const engine::Topology& topology) {
  for (std::size_t atom = 0; atom < topology.n_atoms(); ++atom)
    if (topology.atoms[atom].atomic_number <= 0)
      throw engine::InputError("the element of " + topology.describe_atom(atom) + " is unknown");
}

}  // namespace

std::vector<AssignedAtom> assign_atoms(const engine::Topology& topology,
                                       const ForceFieldXml& force_field,
                                       const StructureHints& hints) {
  check_elements(topology);
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
      atom.in_template = &match->residue_template->atoms[atom.template_index];
      atom.type = &force_field.atom_types()[atom.in_template->type];
    }
  }
  if (!failed.empty()) refuse_mismatch(topology, failed, force_field, hints);
  return result;
}

}  // namespace saltus::forcefields
