#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "tools/saltus/command_line_detail.h"
#include "tools/saltus/commands.h"
#include "tools/saltus/contacts.h"
#include "tools/saltus/energies.h"
#include "tools/saltus/molecule.h"
#include "tools/saltus/run_deck.h"

namespace saltus::tools {

namespace po = boost::program_options;

namespace {

/// What one backend says about the input positions.
struct Evaluation {
  std::string backend;
  double total = 0.0;
  std::vector<engine::EnergyTerm> terms;
  std::vector<double> forces;  ///< [N, 3]
};

Evaluation evaluate(const std::string& backend, const EnergyDeck& deck, const Molecule& molecule) {
  EnergyDeck chosen = deck;
  chosen.backend = backend == "native" ? EnergyBackend::kNative : EnergyBackend::kOpenMM;
  const auto energy = chosen.backend == EnergyBackend::kOpenMM
                          ? make_second_opinion(chosen, molecule)
                          : make_energy(chosen, molecule.system, nullptr);
  const engine::ConstCoordinates x{molecule.positions.data(), 1, molecule.system.n_atoms()};
  Evaluation result{backend, 0.0, energy->terms(x), std::vector<double>(x.size())};
  std::vector<double> total(1);
  energy->evaluate(x, total, result.forces);
  result.total = total[0];
  if (!std::isfinite(result.total))
    throw engine::NumericalError("the energy of the coordinates is not finite (" + backend +
                                 "): two atoms lie on top of each other; mend the coordinates");
  return result;
}

double force_norm(const std::vector<double>& forces, std::size_t atom) {
  return std::hypot(forces[3 * atom], forces[3 * atom + 1], forces[3 * atom + 2]);
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

double term_energy(const Evaluation& evaluation, const std::string& name) {
  for (const engine::EnergyTerm& term : evaluation.terms)
    if (term.name == name) return term.energy;
  throw engine::InternalError("the energy of " + evaluation.backend + " has no term " + name);
}

nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

void print_json(const std::vector<Evaluation>& evaluations, const Molecule& molecule) {
  nlohmann::ordered_json json;
  json["n_atoms"] = molecule.system.n_atoms();
  for (const Evaluation& evaluation : evaluations) {
    nlohmann::ordered_json terms, forces = nlohmann::ordered_json::array();
    for (const engine::EnergyTerm& term : evaluation.terms) terms[term.name] = number(term.energy);
    for (std::size_t i = 0; i < molecule.system.n_atoms(); ++i)
      forces.push_back({number(evaluation.forces[3 * i]), number(evaluation.forces[3 * i + 1]),
                        number(evaluation.forces[3 * i + 2])});
    json["backends"][evaluation.backend] = {{"total_kJ_mol", number(evaluation.total)},
                                            {"terms_kJ_mol", terms},
                                            {"forces_kJ_mol_nm", forces}};
  }
  std::cout << json.dump(1) << "\n";
}

void print_table(const std::vector<Evaluation>& evaluations, const Molecule& molecule,
                 bool with_forces) {
  std::printf("%-20s", "kJ/mol");
  for (const Evaluation& e : evaluations) std::printf(" %18s", e.backend.c_str());
  if (evaluations.size() == 2) std::printf(" %14s", "difference");
  std::printf("\n");
  const auto row = [&](const std::string& name, const std::vector<double>& values) {
    std::printf("%-20s", name.c_str());
    for (double value : values) std::printf(" %18.6f", value);
    if (values.size() == 2) std::printf(" %14.2e", values[0] - values[1]);
    std::printf("\n");
  };
  for (std::size_t t = 0; t < evaluations[0].terms.size(); ++t) {
    std::vector<double> values;
    for (const Evaluation& e : evaluations)
      values.push_back(term_energy(e, evaluations[0].terms[t].name));
    row(evaluations[0].terms[t].name, values);
  }
  std::vector<double> totals;
  for (const Evaluation& e : evaluations) totals.push_back(e.total);
  row("total", totals);
  for (const Evaluation& e : evaluations) {
    std::size_t largest = 0;
    for (std::size_t i = 1; i < molecule.system.n_atoms(); ++i)
      if (force_norm(e.forces, i) > force_norm(e.forces, largest)) largest = i;
    std::printf("largest force (%s): %.4f kJ/mol/nm on %s\n", e.backend.c_str(),
                force_norm(e.forces, largest), molecule.topology.describe_atom(largest).c_str());
  }
  if (evaluations.size() == 2)
    std::printf("largest difference of a force component: %.2e kJ/mol/nm\n",
                largest_difference(evaluations[0].forces, evaluations[1].forces));
  for (const Evaluation& e : evaluations)
    if (e.backend == "openmm")
      std::printf("openmm is %s\n", describe_second_opinion(molecule).c_str());
  if (!with_forces) return;
  for (const Evaluation& e : evaluations) {
    std::printf("\nforces (%s), kJ/mol/nm\n", e.backend.c_str());
    for (std::size_t i = 0; i < molecule.system.n_atoms(); ++i)
      std::printf("%6zu %-5s %16.6f %16.6f %16.6f\n", i + 1,
                  molecule.topology.atoms[i].name.c_str(), e.forces[3 * i], e.forces[3 * i + 1],
                  e.forces[3 * i + 2]);
  }
}

/// What to evaluate: a deck says it all, a molecule file needs a force field beside it.
struct Subject {
  SystemDeck system;
  ExternalDeck external;
  EnergyDeck energy;
};

Subject find_subject(const ParsedCommandLine& parsed) {
  const std::vector<std::string> force_field = parsed.list("force-field");
  if (!is_molecule_file(parsed.positional)) {
    if (!force_field.empty())
      throw engine::UsageError(
          "saltus energy: --force-field goes with an .sdf or .mol file; a deck has "
          "system.force_field");
    const RunDeck deck = load_run_deck(parsed.positional, parsed.list("set")).deck;
    return {deck.system, deck.external, deck.energy};
  }
  if (parsed.has("set"))
    throw engine::UsageError("saltus energy: --set goes with a deck, not with '" +
                             parsed.positional + "'");
  const auto variant = force_field.size() == 1 ? mmff_variant(force_field[0]) : std::nullopt;
  if (!variant)
    throw engine::UsageError("saltus energy: '" + parsed.positional +
                             "' needs --force-field mmff94 or mmff94s");
  Subject subject;
  subject.system.coordinates = parsed.positional;
  subject.system.mmff.emplace().variant = *variant;
  return subject;
}

}  // namespace

int energy_command(const std::vector<std::string>& arguments) {
  CommandLine line(
      "energy", "DECK",
      "Prints every term of the energy of the deck's coordinates, the largest force "
      "and,\nof two backends, how much they differ. Instead of a deck, an .sdf or .mol "
      "file may be\ngiven.",
      "  saltus energy deck.toml\n"
      "  saltus energy molecule.sdf --force-field mmff94\n"
      "  saltus energy deck.toml --backend native --json\n");
  line.options.add_options()("backend", po::value<std::vector<std::string>>()->composing(),
                             "native or openmm; may be repeated; default: both")(
      "json", po::bool_switch(), "machine-readable, forces included")(
      "forces", po::bool_switch(), "print the force on every atom")(
      "force-field", po::value<std::vector<std::string>>(),
      "of an .sdf or .mol file: mmff94 or mmff94s")(
      "set", po::value<std::vector<std::string>>()->composing(), "override a value of the deck");
  const auto parsed = parse(line, arguments);
  if (!parsed) return 0;
  std::vector<std::string> backends = parsed->list("backend");
  if (backends.empty()) backends = {"native", "openmm"};
  for (const std::string& backend : backends)
    if (backend != "native" && backend != "openmm")
      throw engine::UsageError("saltus energy: --backend: expected native or openmm, got '" +
                               backend + "'");
  const Subject subject = find_subject(*parsed);
  const Molecule molecule = load_molecule(subject.system, subject.external);
  for (const std::string& note : molecule.notes) std::cerr << "note: " << note << "\n";
  check_contacts(molecule, subject.system.coordinates.string(), InsideCharge::kRefused);
  std::vector<Evaluation> evaluations;
  for (const std::string& backend : backends)
    evaluations.push_back(evaluate(backend, subject.energy, molecule));
  if (parsed->flag("json"))
    print_json(evaluations, molecule);
  else
    print_table(evaluations, molecule, parsed->flag("forces"));
  return 0;
}

}  // namespace saltus::tools
