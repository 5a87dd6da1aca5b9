#include "tools/openmm_plugin/integrator_proxy.h"

#include <memory>
#include <string>
#include <vector>

#include "tools/openmm_plugin/exceptions.h"
#include "tools/openmm_plugin/saltus_integrator.h"
#include "tools/openmm_plugin/settings.h"
#include "tools/openmm_plugin/xml_checks.h"

namespace saltus::openmm_plugin {

namespace {

using OpenMM::SerializationNode;

constexpr int kVersion = 1;

void write_move(const SaltusMove& move, SerializationNode& node) {
  const MoveKind& kind = kind_of(move.kind);
  node.setStringProperty("kind", move.kind).setDoubleProperty("weight", move.weight);
  if (kind.has_steps) node.setIntProperty("steps", move.steps);
  if (kind.has_friction) node.setDoubleProperty("friction", move.friction);
  if (kind.has_jitter) node.setDoubleProperty("lengthJitter", move.lengthJitter);
  if (kind.has_width) node.setDoubleProperty("width", move.width);
  if (kind.has_model) node.setStringProperty("model", move.model);
  if (kind.has_protocol)
    node.setStringProperty("change", move.change)
        .setDoubleProperty("stiffness", move.stiffness)
        .setDoubleProperty("timeStep", move.timeStep);
  if (!kind.has_atoms) return;
  std::string atoms;
  for (const int atom : move.atoms) atoms += (atoms.empty() ? "" : " ") + std::to_string(atom);
  node.setStringProperty("atoms", atoms);
}

SaltusMove read_move(const SerializationNode& node) {
  SaltusMove move;
  move.kind = text_of(node, "kind");
  const MoveKind& kind = kind_of(move.kind);
  std::vector<std::string> known = {"kind", "weight"};
  /// Reads an attribute that the kind has, if it is there.
  const auto read = [&](bool has, const std::string& name, auto set) {
    if (!has) return;
    known.push_back(name);
    if (node.hasProperty(name)) set();
  };
  read(true, "weight", [&] { move.weight = number_of(node, "weight"); });
  read(kind.has_steps, "steps", [&] { move.steps = int_of(node, "steps"); });
  read(kind.has_friction, "friction", [&] { move.friction = number_of(node, "friction"); });
  read(kind.has_jitter, "lengthJitter",
       [&] { move.lengthJitter = number_of(node, "lengthJitter"); });
  read(kind.has_width, "width", [&] { move.width = number_of(node, "width"); });
  read(kind.has_model, "model", [&] { move.model = text_of(node, "model"); });
  read(kind.has_protocol, "change", [&] { move.change = text_of(node, "change"); });
  read(kind.has_protocol, "stiffness", [&] { move.stiffness = number_of(node, "stiffness"); });
  read(kind.has_protocol, "timeStep", [&] { move.timeStep = number_of(node, "timeStep"); });
  read(kind.has_atoms, "atoms", [&] { move.atoms = integers_of(node, "atoms"); });
  allow_only(node, known, {});
  return move;
}

void write_topology(const engine::Topology& topology, SerializationNode& node) {
  std::size_t atom = 0;
  for (std::size_t r = 0; r < topology.residues.size(); ++r) {
    const engine::Residue& residue = topology.residues[r];
    SerializationNode& child = node.createChildNode("Residue");
    child.setStringProperty("name", residue.name)
        .setIntProperty("number", residue.number)
        .setIntProperty("chain", static_cast<int>(residue.chain_index));
    for (; atom < topology.n_atoms() && topology.atoms[atom].residue == r; ++atom)
      child.createChildNode("Atom")
          .setStringProperty("name", topology.atoms[atom].name)
          .setIntProperty("element", topology.atoms[atom].atomic_number);
  }
  for (const engine::Bond& bond : topology.bonds)
    node.createChildNode("Bond")
        .setIntProperty("first", static_cast<int>(bond.first))
        .setIntProperty("second", static_cast<int>(bond.second));
}

void read_residue(const SerializationNode& node, int residue, SaltusIntegrator& integrator) {
  allow_only(node, {"name", "number", "chain"}, {"Atom"});
  integrator.addResidue(text_of(node, "name"), int_of(node, "number"), int_of(node, "chain"));
  for (const SerializationNode& atom : node.getChildren()) {
    allow_only(atom, {"name", "element"}, {});
    integrator.addAtom(text_of(atom, "name"), int_of(atom, "element"), residue);
  }
}

std::unique_ptr<SaltusIntegrator> read_integrator(const SerializationNode& node) {
  allow_only(node,
             {"type", "version", "temperature", "stepSize", "constraintTolerance",
              "integrationForceGroups", "randomSeed"},
             {"Move", "Residue", "Bond"});
  if (const int version = int_of(node, "version"); version != kVersion)
    throw engine::InputError("XML of a SaltusIntegrator: version " + std::to_string(version) +
                             " is not known; expected " + std::to_string(kVersion));
  auto integrator = std::make_unique<SaltusIntegrator>(number_of(node, "temperature"),
                                                       number_of(node, "stepSize"));
  if (node.hasProperty("constraintTolerance"))
    integrator->setConstraintTolerance(number_of(node, "constraintTolerance"));
  if (node.hasProperty("integrationForceGroups"))
    integrator->setIntegrationForceGroups(int_of(node, "integrationForceGroups"));
  if (node.hasProperty("randomSeed")) integrator->setRandomNumberSeed(int_of(node, "randomSeed"));
  int n_residues = 0;
  for (const SerializationNode& child : node.getChildren()) {
    if (child.getName() == "Move") {
      integrator->addMove(read_move(child));
    } else if (child.getName() == "Residue") {
      read_residue(child, n_residues++, *integrator);
    } else {
      allow_only(child, {"first", "second"}, {});
      integrator->addBond(int_of(child, "first"), int_of(child, "second"));
    }
  }
  return integrator;
}

}  // namespace

void IntegratorProxy::serialize(const void* object, SerializationNode& node) const {
  const auto& integrator = *static_cast<const SaltusIntegrator*>(object);
  const Settings& settings = integrator.settings();
  node.setIntProperty("version", kVersion)
      .setDoubleProperty("temperature", settings.temperature_K)
      .setDoubleProperty("stepSize", integrator.getStepSize())
      .setDoubleProperty("constraintTolerance", integrator.getConstraintTolerance())
      .setIntProperty("integrationForceGroups", integrator.getIntegrationForceGroups())
      .setIntProperty("randomSeed", settings.seed);
  for (const SaltusMove& move : settings.moves) write_move(move, node.createChildNode("Move"));
  write_topology(settings.topology, node);
}

void* IntegratorProxy::deserialize(const SerializationNode& node) const {
  return as_openmm([&] { return read_integrator(node).release(); });
}

}  // namespace saltus::openmm_plugin
