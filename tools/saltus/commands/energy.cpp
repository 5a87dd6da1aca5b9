#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "forcefields/chem/molecule_reader.h"
#include "io/files/text_input.h"
#include "io/files/text_output.h"
#include "io/formats/file_names.h"
#include "io/formats/visible_text.h"
#include "io/report/json_number.h"
#include "tools/saltus/commands/commands.h"
#include "tools/saltus/commands/energy_subject.h"
#include "tools/saltus/commands/energy_table.h"
#include "tools/saltus/common/command_line_detail.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/molecules/contacts.h"
#include "tools/saltus/molecules/energies.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/molecules/molecule.h"

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
  const engine::ConstCoordinates x = molecule.view();
  Evaluation result{backend, 0.0, energy->terms(x), std::vector<double>(x.size())};
  std::vector<double> total(1);
  energy->evaluate(x, total, result.forces);
  result.total = total[0];
  if (!std::isfinite(result.total))
    throw engine::NumericalError("the energy of the coordinates is not finite (" + backend +
                                 "): two atoms lie on top of each other; correct the coordinates");
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

constexpr auto number = io::json_number<nlohmann::ordered_json>;

nlohmann::ordered_json to_json(const std::vector<Evaluation>& evaluations,
                               const Molecule& molecule) {
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
  return json;
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

/// Evaluates record after record and shows the result of each.
class EnergyReport {
 public:
  explicit EnergyReport(const ParsedCommandLine& parsed)
      : json_(parsed.flag("json")),
        forces_(parsed.flag("forces")),
        csv_(parsed.values["csv"].as<std::string>()),
        backends_(parsed.list("backend")) {
    if (backends_.empty()) backends_ = {"native", "openmm"};
    for (const std::string& backend : backends_)
      if (backend != "native" && backend != "openmm")
        throw engine::UsageError("saltus energy: --backend: expected native or openmm, got '" +
                                 backend + "'");
    if (json_ && csv_ == "-")
      throw engine::UsageError(
          "saltus energy: --json and --csv - exclude each other: both are standard output");
    if (csv_.empty()) return;
    table_ = std::make_unique<io::TextOutput>(
        csv_, io::TextOutput::Options{false, parsed.flag("overwrite"), std::nullopt});
  }

  /// The only record, or one of several; throws what is wrong with it.
  void add(const Molecule& molecule, const EnergyDeck& deck, EnergyRow row) {
    for (const std::string& note : molecule.notes)
      std::cerr << "note: " << io::visible_text(note) << "\n";
    check_contacts(molecule, row.where, InsideCharge::kRefused);
    std::vector<Evaluation> evaluations;
    for (const std::string& backend : backends_)
      evaluations.push_back(evaluate(backend, deck, molecule));
    row.n_atoms = molecule.system.n_atoms();
    for (const Evaluation& e : evaluations) {
      row.values.emplace_back(e.backend + "_total_kJ_mol", e.total);
      for (const engine::EnergyTerm& term : e.terms)
        row.values.emplace_back(e.backend + "_" + term.name + "_kJ_mol", term.energy);
    }
    if (json_) json_records_.push_back(to_json(evaluations, molecule));
    if (!json_ && csv_.empty()) {
      if (several_)
        std::printf("%smolecule %zu: %s (%s)\n", row.record > 1 ? "\n" : "", row.record,
                    io::visible_text(row.name).c_str(), io::visible_text(row.where).c_str());
      print_table(evaluations, molecule, forces_);
    }
    rows_.push_back(std::move(row));
  }

  /// A record that failed; the others continue.
  void add_failure(EnergyRow row, const engine::Error& error) {
    std::cerr << "error: " << io::visible_text(error.what(), "\n\t") << "\n";
    row.error = error.what();
    if (exit_code_ == 0) exit_code_ = error.exit_code();
    if (json_) json_records_.emplace_back();
    rows_.push_back(std::move(row));
  }

  void announce_several() { several_ = true; }

  /// Writes what is written at the end; 0, or the exit code of the first failure.
  /// @param records  whether the input is a file of records
  int finish(bool records) {
    if (json_) std::cout << whole_json(records).dump(1, ' ', false, kReplace) << "\n";
    if (table_) {
      table_->write(energy_csv(rows_));
      table_->commit();
    }
    return exit_code_;
  }

 private:
  static constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;

  /// Of a file of records all of them; of a single molecule also, or only, its own values.
  nlohmann::ordered_json whole_json(bool records) const {
    nlohmann::ordered_json json;
    if (rows_.size() == 1 && rows_[0].error.empty()) json = json_records_[0];
    if (!records) return json;
    json["n_records"] = rows_.size();
    json["n_failed"] = std::count_if(rows_.begin(), rows_.end(),
                                     [](const EnergyRow& row) { return !row.error.empty(); });
    json["records"] = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      nlohmann::ordered_json record = {
          {"record", rows_[i].record}, {"where", rows_[i].where}, {"name", rows_[i].name}};
      if (!rows_[i].error.empty()) record["error"] = rows_[i].error;
      if (rows_[i].error.empty()) record.update(json_records_[i]);
      json["records"].push_back(std::move(record));
    }
    return json;
  }

  bool json_, forces_, several_ = false;
  std::string csv_;
  std::vector<std::string> backends_;
  std::unique_ptr<io::TextOutput> table_;
  std::vector<EnergyRow> rows_;
  std::vector<nlohmann::ordered_json> json_records_;
  int exit_code_ = 0;
};

/// All records of an SD file.
int energies_of_records(const ParsedCommandLine& parsed, EnergyReport& report) {
  const std::vector<std::string> force_field = parsed.list("force-field");
  const auto variant = force_field.size() == 1 ? mmff_variant(force_field[0]) : std::nullopt;
  if (!variant)
    throw engine::UsageError("saltus energy: '" + parsed.positional +
                             "' needs --force-field mmff94 or mmff94s");
  forcefields::MmffOptions options;
  options.variant = *variant;
  io::TextInput input(parsed.positional);
  forcefields::SdfReader reader(input.stream(), parsed.positional);
  for (EnergyRow row; !reader.at_end(); ++row.record) {
    row.where = row.name = "";
    try {
      auto chem = reader.next();
      row.where = reader.place();
      row.name = reader.title();
      if (!reader.at_end()) report.announce_several();
      report.add(mmff_molecule(std::move(*chem), options), EnergyDeck(), row);
    } catch (const engine::FileError&) {
      report.finish(true);
      throw;
    } catch (const engine::Error& error) {
      row.where = reader.place();
      row.name = reader.title();
      if (!reader.at_end()) report.announce_several();
      report.add_failure(row, error);
    }
  }
  return report.finish(true);
}

}  // namespace

int energy_command(const std::vector<std::string>& arguments) {
  CommandLine line(
      "energy", "DECK",
      "Prints every term of the energy of the deck's coordinates, the largest force and,\nof two "
      "backends, how much they differ. Instead of a deck, a structure and its force\nfield may be "
      "given: an .sdf or .mol file (with or without .gz) with mmff94 or mmff94s, of\nwhich all "
      "records are evaluated; a .pdb file with OpenMM force-field XML files, its own or\ninstalled "
      "ones; .pdb, .inpcrd or .rst7 with an AMBER topology.\n\n"
      "A record that fails does not stop the others; the exit code is then that of the first\n"
      "failure. JSON of a file of records: n_records, n_failed and records, each with record,\n"
      "where, name and either error or n_atoms and backends (of a single one also outside).",
      "  saltus energy deck.toml\n"
      "  saltus energy molecules.sdf --force-field mmff94 --csv energies.csv\n"
      "  saltus energy x.pdb --force-field amber99sbildn.xml --force-field ligand.xml\n"
      "  saltus energy deck.toml --backend native --json\n");
  line.options.add_options()("backend", po::value<std::vector<std::string>>()->composing(),
                             "native or openmm; may be repeated; default: both")(
      "json", po::bool_switch(), "machine-readable, forces included")(
      "csv", po::value<std::string>()->default_value(""),
      "a table of energies, a line for each record, instead of text; - is standard output")(
      "overwrite", po::bool_switch(), "replace the table if it exists")(
      "forces", po::bool_switch(), "print the force on every atom")(
      "force-field", po::value<std::vector<std::string>>()->composing(),
      "of a structure file: mmff94 or mmff94s; an XML file; an AMBER topology; may be repeated")(
      "ignore-box", po::bool_switch(),
      "of a structure file with a periodic box: its molecules are put into vacuum")(
      "set", po::value<std::vector<std::string>>()->composing(), "override a value of the deck");
  const auto parsed = parse(line, arguments);
  if (!parsed) return 0;
  EnergyReport report(*parsed);
  const bool records = io::is_molecule_file(parsed->positional);
  if (parsed->has("set") && (records || is_structure_file(parsed->positional)))
    throw engine::UsageError("saltus energy: --set goes with a deck, not with '" +
                             parsed->positional + "'");
  if (parsed->flag("ignore-box") && !is_structure_file(parsed->positional))
    throw engine::UsageError(
        "saltus energy: --ignore-box goes with a structure file; decks have system.nonbonded, SD "
        "files no box");
  if (records) return energies_of_records(*parsed, report);
  EnergySubject subject =
      find_energy_subject(parsed->positional, parsed->list("force-field"), parsed->list("set"));
  subject.system.nonbonded_is_given =
      subject.system.nonbonded_is_given || parsed->flag("ignore-box");
  for (const std::string& note : subject.notes) std::cerr << "note: " << note << "\n";
  const Molecule molecule = io::with_places(
      subject.places, [&] { return load_molecule(subject.system, subject.external); });
  EnergyRow row;
  row.where = subject.system.coordinates.string();
  row.name = subject.system.coordinates.stem().string();
  report.add(molecule, subject.energy, row);
  return report.finish(false);
}

}  // namespace saltus::tools
