// Oracle: the JSON text of MDTraj's format specification, written by hand; and write-read identity.
#include "io/hdf5/topology_json.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/io/hdf5/example_run.h"

namespace saltus::io {
namespace {

std::string error_of(const std::string& json) {
  try {
    topology_from_json(json);
  } catch (const engine::InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string error_of(const engine::Topology& topology) {
  try {
    topology_to_json(topology);
  } catch (const engine::InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(TopologyJson, IsWhatMdtrajExpects) {
  engine::Topology topology;
  topology.residues = {{"HOH", "W", 7, ""}};
  topology.atoms = {{"O", 8, 0}, {"H1", 1, 0}};
  topology.bonds = {{0, 1}};
  EXPECT_EQ(topology_to_json(topology),
            R"({"bonds":[[0,1]],"chains":[{"index":0,"residues":[{"atoms":[)"
            R"({"element":"O","index":0,"name":"O"},{"element":"H","index":1,"name":"H1"}],)"
            R"("index":0,"insertionCode":"","name":"HOH","resSeq":7,"segmentID":"W"}]}]})");
}

TEST(TopologyJson, ComesBackAsItWas) {
  engine::Topology topology = example::make_topology();
  topology.atoms[3].name = "C\xCE\xB1";  // Greek alpha, as UTF-8
  const std::string json = topology_to_json(topology);
  for (char c : json) EXPECT_LT(static_cast<unsigned char>(c), 128);
  const engine::Topology read = topology_from_json(json);
  ASSERT_EQ(read.n_atoms(), topology.n_atoms());
  for (std::size_t i = 0; i < read.n_atoms(); ++i) {
    EXPECT_EQ(read.atoms[i].name, topology.atoms[i].name);
    EXPECT_EQ(read.atoms[i].atomic_number, topology.atoms[i].atomic_number);
    EXPECT_EQ(read.describe_atom(i), topology.describe_atom(i));
  }
  EXPECT_EQ(topology_to_json(read), json);
}

TEST(TopologyJson, RefusesWhatMdtrajWouldRenumber) {
  engine::Topology topology = example::make_topology();
  topology.atoms[5].residue = 0;
  EXPECT_EQ(error_of(topology),
            "topology: atom O of residue ACE 1 of chain A comes after atoms of a later residue; a "
            "trajectory file needs the atoms in the order of their residues");
}

TEST(TopologyJson, RefusesIndicesOutOfRange) {
  engine::Topology topology = example::make_topology();
  topology.bonds.push_back({2, 9});
  EXPECT_EQ(error_of(topology), "topology: bond 2-9 is out of range, there are 9 atoms");
  topology = example::make_topology();
  topology.atoms[8].residue = 3;
  EXPECT_EQ(error_of(topology), "topology: atom 8 belongs to residue 3, but there are only 3");
}

TEST(TopologyJson, RefusesNamesThatAreNotText) {
  engine::Topology topology = example::make_topology();
  topology.atoms[0].name = "\xFF";
  EXPECT_EQ(error_of(topology).find("topology: a name cannot be written as JSON: "), 0u);
}

TEST(TopologyJson, RefusesDamagedText) {
  EXPECT_EQ(error_of("{").find("topology: not in MDTraj's JSON form: "), 0u);
  EXPECT_EQ(error_of("[]").find("topology: not in MDTraj's JSON form: "), 0u);
  EXPECT_EQ(error_of(R"({"chains":[{"residues":[{"name":"A","resSeq":1,"atoms":[)"
                     R"({"index":1,"name":"X","element":""}]}]}],"bonds":[]})"),
            "topology: expected atom index 0, got 1");
  EXPECT_EQ(error_of(R"({"chains":[],"bonds":[[0,1]]})"),
            "topology: bond 0-1 is out of range, there are 0 atoms");
}

}  // namespace
}  // namespace saltus::io
