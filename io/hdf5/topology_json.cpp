#include "io/hdf5/topology_json.h"

#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "engine/system/elements.h"

namespace saltus::io {
namespace {

using engine::Atom;
using engine::Bond;
using engine::InputError;
using engine::Residue;
using engine::Topology;
using nlohmann::json;

void check_order(const Topology& topology) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < topology.n_atoms(); ++i) {
    const std::size_t residue = topology.atoms[i].residue;
    if (residue >= topology.residues.size())
      throw InputError("topology: atom " + std::to_string(i) + " belongs to residue " +
                       std::to_string(residue) + ", but there are only " +
                       std::to_string(topology.residues.size()));
    if (residue < last)
      throw InputError("topology: " + topology.describe_atom(i) +
                       " comes after atoms of a later residue; a trajectory file needs the atoms "
                       "in the order of their residues");
    last = residue;
  }
}

void check_bond(const Bond& bond, std::size_t n_atoms) {
  if (bond.first >= n_atoms || bond.second >= n_atoms)
    throw InputError("topology: bond " + std::to_string(bond.first) + "-" +
                     std::to_string(bond.second) + " is out of range, there are " +
                     std::to_string(n_atoms) + " atoms");
}

json residue_to_json(const Residue& residue, std::size_t index) {
  return {{"index", index},
          {"name", residue.name},
          {"resSeq", residue.number},
          {"segmentID", residue.chain},
          {"insertionCode", residue.insertion_code},
          {"atoms", json::array()}};
}

json chains_to_json(const Topology& topology) {
  json chains = json::array();
  std::size_t atom = 0;
  for (std::size_t r = 0; r < topology.residues.size(); ++r) {
    const Residue& residue = topology.residues[r];
    if (r == 0 || residue.chain != topology.residues[r - 1].chain)
      chains.push_back({{"index", chains.size()}, {"residues", json::array()}});
    json entry = residue_to_json(residue, r);
    for (; atom < topology.n_atoms() && topology.atoms[atom].residue == r; ++atom)
      entry["atoms"].push_back(
          {{"index", atom},
           {"name", topology.atoms[atom].name},
           {"element", engine::element_symbol(topology.atoms[atom].atomic_number)}});
    chains.back()["residues"].push_back(std::move(entry));
  }
  return chains;
}

Residue residue_from_json(const json& entry) {
  return {entry.at("name").get<std::string>(), entry.value("segmentID", std::string()),
          entry.at("resSeq").get<int>(), entry.value("insertionCode", std::string())};
}

Topology parse_topology(const std::string& text) {
  const json document = json::parse(text);
  Topology topology;
  for (const json& chain : document.at("chains")) {
    for (const json& residue : chain.at("residues")) {
      for (const json& atom : residue.at("atoms")) {
        if (atom.at("index").get<std::size_t>() != topology.n_atoms())
          throw InputError("topology: expected atom index " + std::to_string(topology.n_atoms()) +
                           ", got " + atom.at("index").dump());
        topology.atoms.push_back({atom.at("name").get<std::string>(),
                                  engine::atomic_number_of(atom.at("element").get<std::string>()),
                                  topology.residues.size()});
      }
      topology.residues.push_back(residue_from_json(residue));
    }
  }
  for (const json& pair : document.at("bonds")) {
    const Bond bond{pair.at(0).get<std::size_t>(), pair.at(1).get<std::size_t>()};
    check_bond(bond, topology.n_atoms());
    topology.bonds.push_back(bond);
  }
  return topology;
}

}  // namespace

std::string topology_to_json(const Topology& topology) {
  check_order(topology);
  json bonds = json::array();
  for (const Bond& bond : topology.bonds) {
    check_bond(bond, topology.n_atoms());
    bonds.push_back({bond.first, bond.second});
  }
  try {
    constexpr bool kEscapeNonAscii = true;
    return json{{"chains", chains_to_json(topology)}, {"bonds", std::move(bonds)}}.dump(
        -1, ' ', kEscapeNonAscii);
  } catch (const json::exception&) {
    throw InputError("topology: a name cannot be written as JSON: it is not UTF-8");
  }
}

Topology topology_from_json(const std::string& text) {
  try {
    return parse_topology(text);
  } catch (const json::parse_error& error) {
    throw InputError("topology: not in MDTraj's JSON form: invalid JSON at byte " +
                     std::to_string(error.byte));
  } catch (const json::exception&) {
    throw InputError(
        "topology: not in MDTraj's JSON form: a value is missing or not of the kind expected");
  }
}

}  // namespace saltus::io
