#include "tools/solvation/solvated_topology.h"

namespace saltus::tools {

namespace {

constexpr int kMaxResidueNumber = 9999;
constexpr const char* kWaterResidue = "HOH";

}  // namespace

SolvatedParts::SolvatedParts(const engine::Topology& solute, const std::vector<double>& positions)
    : topology_(solute), positions_(positions) {
  for (const engine::Residue& residue : solute.residues) identifiers_.insert(residue.chain);
}

void SolvatedParts::add_ion(const Ion& ion, engine::Vec3 place) {
  in_water_ = false;
  if (!in_ions_) begin_chain();
  in_ions_ = true;
  add_residue(ion.residue);
  add_atom(ion.atom, ion.atomic_number, place);
}

void SolvatedParts::add_water(const std::vector<engine::Atom>& sites, const FilledWater& water,
                              std::size_t n) {
  in_ions_ = false;
  if (!in_water_) begin_chain();
  in_water_ = true;
  add_residue(kWaterResidue);
  for (std::size_t site = 0; site < sites.size(); ++site)
    add_atom(sites[site].name, sites[site].atomic_number,
             water.oxygens[n] + water.offsets[n * sites.size() + site]);
}

void SolvatedParts::begin_chain() {
  const std::string free = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const std::size_t index =
      topology_.residues.empty() ? 0 : topology_.residues.back().chain_index + 1;
  last_ = {"", "", 0, "", index};
  for (const char c : free)
    if (identifiers_.insert(std::string(1, c)).second) {
      last_.chain = c;
      return;
    }
}

void SolvatedParts::add_residue(const std::string& name) {
  if (last_.number == kMaxResidueNumber) begin_chain();
  last_.name = name;
  ++last_.number;
  topology_.residues.push_back(last_);
}

void SolvatedParts::add_atom(const std::string& name, int atomic_number, engine::Vec3 place) {
  topology_.atoms.push_back({name, atomic_number, topology_.residues.size() - 1});
  positions_.insert(positions_.end(), {place.x, place.y, place.z});
}

}  // namespace saltus::tools
