#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "io/deck/deck_node.h"
#include "io/files/file_place.h"
#include "io/formats/file_kind.h"
#include "io/formats/file_names.h"
#include "io/formats/pdb.h"
#include "io/formats/visible_text.h"
#include "tools/saltus/commands/commands.h"
#include "tools/saltus/commands/solvation_input.h"
#include "tools/saltus/common/command_line_detail.h"
#include "tools/solvation/box_shape.h"
#include "tools/solvation/solvate.h"
#include "tools/solvation/water_filling.h"

namespace saltus::tools {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using engine::UsageError;

namespace {

[[noreturn]] void refuse(const std::string& what) { throw UsageError("saltus solvate: " + what); }

/// Three numbers after one option, whatever follows them.
class ThreeNumbers : public po::typed_value<std::vector<double>> {
 public:
  ThreeNumbers() : po::typed_value<std::vector<double>>(nullptr) {}
  unsigned min_tokens() const override { return 3; }
  unsigned max_tokens() const override { return 3; }
  std::string name() const override { return "X Y Z"; }
};

/// More water than any PDB file holds, nm, and more than any salt dissolves, mol/l.
constexpr double kMaxPadding = 100.0, kMaxSalt = 20.0;

std::uint64_t whole(const ParsedCommandLine& parsed, const std::string& option,
                    std::int64_t min_value) {
  const auto given = parsed.values[option].as<std::int64_t>();
  if (given < min_value)
    refuse("--" + option + ": expected a whole number from " + std::to_string(min_value) +
           ", got '" + std::to_string(given) + "'");
  return static_cast<std::uint64_t>(given);
}

Ion ion(const ParsedCommandLine& parsed, const std::string& option, int charge) {
  const auto given = parsed.values[option].as<std::string>();
  if (const auto found = ion_named(given, charge)) return *found;
  std::vector<std::string> names;
  for (const Ion& known : known_ions(charge)) names.push_back(known.name);
  refuse("--" + option + ": expected " + engine::joined(names, " or ") + ", got '" + given + "'");
}

/// The box as it is asked for; its size may follow from the molecule.
struct BoxRequest {
  BoxShape shape = BoxShape::kCube;
  std::string shape_name;
  std::vector<double> edges_nm;         ///< of a rectangular box, or empty
  std::optional<std::size_t> n_waters;  ///< of a box of water alone
  double padding_nm = 0.0;
};

void require_edges(const std::vector<double>& edges_nm) {
  if (edges_nm.size() != 3) refuse("--box is given more than once");
  for (const double edge : edges_nm)
    if (!std::isfinite(edge) || !(edge > 0.0))
      refuse("--box: expected three positive lengths in nm, got '" + engine::shortest_text(edge) +
             "'");
}

BoxRequest read_box(const ParsedCommandLine& parsed) {
  const bool has_box = parsed.has("box"), has_waters = parsed.has("waters");
  const bool has_padding = !parsed.values["padding"].defaulted();
  if (has_box + has_waters + has_padding > 1)
    refuse(
        "--box, --waters and --padding exclude each other: each of them says how large the box "
        "is");
  if (parsed.positional.empty() && !has_box && !has_waters)
    refuse("FILE is missing, or --box or --waters for water alone; see 'saltus solvate --help'");
  if (!parsed.positional.empty() && has_waters)
    refuse("--waters goes without FILE; beside a molecule there is as much water as has room");
  BoxRequest request;
  request.shape_name = parsed.values["shape"].as<std::string>();
  const auto shape = box_shape_named(request.shape_name);
  if (!shape)
    refuse("--shape: expected cube, dodecahedron or octahedron, got '" + request.shape_name + "'");
  request.shape = *shape;
  request.padding_nm = number_within(parsed, "padding", 0.0, kMaxPadding);
  if (has_waters) request.n_waters = whole(parsed, "waters", 1);
  if (!has_box) return request;
  if (!parsed.values["shape"].defaulted())
    refuse("--box and --shape exclude each other: three edges make a rectangular box");
  request.edges_nm = parsed.values["box"].as<std::vector<double>>();
  require_edges(request.edges_nm);
  request.shape_name = "rectangular";
  return request;
}

engine::Box box_of(const BoxRequest& request, const SolvationInput& input) {
  if (!request.edges_nm.empty())
    return engine::Box({rounded_up_edge(request.edges_nm[0]), rounded_up_edge(request.edges_nm[1]),
                        rounded_up_edge(request.edges_nm[2])});
  const double edge = request.n_waters
                          ? edge_of_volume(request.shape, static_cast<double>(*request.n_waters) /
                                                              input.water.density())
                          : diameter_nm(input.solute.positions) + 2.0 * request.padding_nm;
  return shaped_box(request.shape, rounded_up_edge(edge));
}

/// Before memory is filled with what no file will hold.
void require_writable(const engine::Box& box, const WaterBox& water) {
  const double n_atoms = box.volume() * water.density() * static_cast<double>(water.sites.size());
  if (n_atoms > static_cast<double>(io::kMaxPdbAtoms))
    throw engine::InputError("a box of " + engine::significant_text(box.volume(), 4) +
                             " nm^3 holds some " + engine::significant_text(n_atoms, 3) +
                             " atoms of water, a PDB file at most " +
                             std::to_string(io::kMaxPdbAtoms) + "; take a smaller box");
}

SolvationRequest read_request(const ParsedCommandLine& parsed) {
  SolvationRequest request;
  request.structure = parsed.positional;
  if (!request.structure.empty()) io::require_regular_file(request.structure);
  if (!request.structure.empty() && !io::is_pdb_file(request.structure))
    refuse(io::wrong_kind(request.structure, "a .pdb file with all hydrogens"));
  request.water = parsed.values["water"].as<std::string>();
  request.force_field = parsed.list("force-field");
  request.ions.positive = ion(parsed, "positive", 1);
  request.ions.negative = ion(parsed, "negative", -1);
  request.ions.neutralise = !parsed.flag("no-neutralise");
  const bool alone = request.structure.empty();
  if (alone) request.ions.salt_mol_per_litre = 0.0;
  if (parsed.has("salt"))
    request.ions.salt_mol_per_litre = number_within(parsed, "salt", 0.0, kMaxSalt);
  if (parsed.has("waters") && request.ions.salt_mol_per_litre > 0.0)
    refuse("--waters and --salt exclude each other: ions take the places of molecules of water");
  return request;
}

fs::path output_of(const ParsedCommandLine& parsed) {
  fs::path file = parsed.values["output"].as<std::string>();
  if (file.empty())
    file = parsed.positional.empty()
               ? "water.pdb"
               : fs::path(parsed.positional).stem().string() + "_solvated.pdb";
  io::require_file_place(file);
  if (!parsed.positional.empty()) io::refuse_to_replace_input(file, {parsed.positional});
  if (fs::exists(file) && !parsed.flag("overwrite"))
    throw engine::FileError("'" + file.string() +
                            "' exists: use --overwrite to replace it, or another name with -o");
  return file;
}

/// What was made, in the numbers that are shown.
struct Account {
  fs::path file;
  std::string shape;
  engine::Box box;
  const SolvationInput& input;
  const Solvated& solvated;
  const SolvationRequest& request;

  int ion_charge() const {
    return static_cast<int>(solvated.ions.positive) - static_cast<int>(solvated.ions.negative);
  }
  double charge_after() const { return input.solute_charge + ion_charge(); }
  double density_g_cm3() const {
    const SolvationMasses& masses = input.masses;
    const double dalton = masses.solute + masses.water * static_cast<double>(solvated.n_waters) +
                          masses.positive * static_cast<double>(solvated.ions.positive) +
                          masses.negative * static_cast<double>(solvated.ions.negative);
    return dalton / box.volume() * engine::kGramPerCm3PerDaltonPerNm3;
  }
  /// At most 0.9 nm, and so that the box may shrink by 5 % under pressure.
  double cutoff_nm() const {
    constexpr double kUsualNm = 0.9, kShrinking = 0.95, kPerNm = 100.0;
    const double widest = 0.5 * kShrinking * box.shortest_width();
    return std::min(kUsualNm, std::floor(widest * kPerNm) / kPerNm);
  }
  std::vector<std::string> deck_lines() const {
    std::vector<std::string> files;
    for (const std::string& name : input.force_field) files.push_back(io::deck_quoted(name));
    std::vector<std::string> lines = {
        "[system]", "coordinates = " + io::deck_quoted(file.string()),
        "force_field = [" + engine::joined(files) + "]", "nonbonded = \"pme\"",
        "cutoff = \"" + engine::significant_text(cutoff_nm(), 4) + " nm\""};
    return lines;
  }
};

/// Force fields are made for cutoffs of 0.8 to 1.2 nm.
void note_narrow_box(const Account& account) {
  constexpr double kShortNm = 0.8;
  if (account.cutoff_nm() >= kShortNm) return;
  std::cerr << "note: the box is narrow: its cutoff is at most "
            << engine::significant_text(account.cutoff_nm(), 4)
            << " nm, shorter than force fields are made for; a larger box has more water\n";
}

/// "0" or a signed number; charges of force fields add up to whole numbers but for the last digit.
std::string charge_text(double charge) {
  constexpr double kRounding = 0.01;
  const double whole = std::round(charge);
  if (std::abs(charge - whole) > kRounding) return fmt::format(FMT_STRING("{:+.3f}"), charge);
  return whole == 0.0 ? "0" : fmt::format(FMT_STRING("{:+.0f}"), whole);
}

void print_account(const Account& account) {
  const engine::Box& box = account.box;
  const auto edges = box.edges_nm();
  auto angles = box.angles_rad();
  for (double& angle : angles) angle *= engine::kDegreePerRadian;
  if (!account.input.molecule.empty())
    std::cout << io::visible_text(account.input.molecule) << "\n";
  std::cout << fmt::format(FMT_STRING("box        {}, edges {:.4f} {:.4f} {:.4f} nm, angles {:.2f} "
                                      "{:.2f} {:.2f} degrees, {:.2f} nm^3\n"),
                           account.shape, edges[0], edges[1], edges[2], angles[0], angles[1],
                           angles[2], box.volume());
  std::cout << fmt::format(FMT_STRING("water      {} molecules, {}\n"), account.solvated.n_waters,
                           account.request.water);
  const IonCounts& ions = account.solvated.ions;
  if (ions.total() == 0) {
    std::cout << "ions       none\n";
  } else {
    std::cout << fmt::format(FMT_STRING("ions       {} {}, {} {}\n"), ions.positive,
                             account.request.ions.positive.name, ions.negative,
                             account.request.ions.negative.name);
  }
  std::cout << fmt::format(FMT_STRING("charge     {} before, {} after\n"),
                           charge_text(account.input.solute_charge),
                           charge_text(account.charge_after()));
  std::cout << fmt::format(FMT_STRING("density    {:.3f} g/cm^3\n"), account.density_g_cm3());
  std::cout << fmt::format(FMT_STRING("structure  {}, {} atoms\n\nin a deck:\n"),
                           account.file.string(), account.solvated.topology.n_atoms());
  for (const std::string& line : account.deck_lines()) std::cout << "  " << line << "\n";
}

/// Sums of charges that have six decimals at most.
double without_rounding(double charge) {
  constexpr double kPerCharge = 1e6;
  return std::round(charge * kPerCharge) / kPerCharge + 0.0;  // no negative zero
}

std::string as_json(const Account& account) {
  const engine::Box& box = account.box;
  auto angles = box.angles_rad();
  for (double& angle : angles) angle *= engine::kDegreePerRadian;
  const IonCounts& ions = account.solvated.ions;
  const nlohmann::ordered_json json = {
      {"structure", account.file.string()},
      {"n_atoms", account.solvated.topology.n_atoms()},
      {"n_solute_atoms", account.input.solute.topology.n_atoms()},
      {"box",
       {{"shape", account.shape},
        {"edges_nm", box.edges_nm()},
        {"angles_degrees", angles},
        {"vectors_nm", box.vectors()},
        {"volume_nm3", box.volume()}}},
      {"water", {{"model", account.request.water}, {"n_molecules", account.solvated.n_waters}}},
      {"ions",
       {{{"name", account.request.ions.positive.name}, {"count", ions.positive}},
        {{"name", account.request.ions.negative.name}, {"count", ions.negative}}}},
      {"charge_before_e", without_rounding(account.input.solute_charge)},
      {"charge_after_e", without_rounding(account.charge_after())},
      {"density_g_cm3", account.density_g_cm3()},
      {"force_field", account.input.force_field},
      {"deck", account.deck_lines()}};
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void add_options(CommandLine& line) {
  const IonOptions ions;
  line.options.add_options()("output,o", po::value<std::string>()->default_value(""),
                             "PDB file to write; default: NAME_solvated.pdb or water.pdb")(
      "water", po::value<std::string>()->default_value(SolvationRequest().water),
      "tip3p, tip4pew or spce")("padding", po::value<double>()->default_value(1.0, "1"),
                                "water around the molecule, nm: the edge of the box is the "
                                "largest distance between two of its atoms and twice this")(
      "box", new ThreeNumbers, "edges of a rectangular box, nm")(
      "waters", po::value<std::int64_t>(), "molecules of a box of water alone")(
      "shape", po::value<std::string>()->default_value("cube"),
      "cube, dodecahedron or octahedron: images at the same distance with 100, 71 or 77 % of "
      "the volume")("salt", po::value<double>(),
                    "mol/l, beside the ions that neutralise; default: 0.15, in water alone 0")(
      "positive", po::value<std::string>()->default_value(ions.positive.name),
      "Li+, Na+, K+, Rb+ or Cs+")("negative",
                                  po::value<std::string>()->default_value(ions.negative.name),
                                  "F-, Cl-, Br- or I-")(
      "no-neutralise", po::bool_switch(), "leave the charge of the molecule as it is")(
      "force-field", po::value<std::vector<std::string>>()->composing(),
      "OpenMM force-field XML, a file or an installed one; may be repeated; default: AMBER's "
      "ff14SB; that of the water is added unless one of them has water")(
      "seed", po::value<std::int64_t>()->default_value(1),
      "the same seed makes the same box; any number from 0")("overwrite", po::bool_switch(),
                                                             "replace the file if it exists")(
      "json", po::bool_switch(), "print all numbers, machine-readable");
}

}  // namespace

int solvate_command(const std::vector<std::string>& arguments) {
  CommandLine line(
      "solvate", "[FILE]",
      "Puts a molecule into a periodic box of water with ions, and writes it as a PDB file that\n"
      "'saltus run' and other programs read. Without FILE it makes a box of water alone.\n\n"
      "FILE is a .pdb file with all hydrogens (of a peptide: 'saltus init --sequence' makes\n"
      "one). The water is a piece of an equilibrated box that comes with OpenMM, with its\n"
      "density; molecules that touch the solute are left out. Ions take the places of others:\n"
      "first as many as the solute's charge asks for, then pairs of salt. The molecule is moved\n"
      "to the middle of the box. Radii, charges and masses are those of the force field.\n\n"
      "'saltus run' of the new file runs the usual deck of a box of water; the output says which\n"
      "lines of another deck belong to it. Where the solute is, the density is a little low at\n"
      "first: minimise (chains.start = \"minimised\") and let the volume settle at constant\n"
      "pressure.",
      "  saltus solvate peptide.pdb -o solvated.pdb\n"
      "  saltus solvate peptide.pdb --shape octahedron --padding 1.2 --salt 0\n"
      "  saltus solvate peptide.pdb --box 4 4 6 --positive K+ --water spce\n"
      "  saltus solvate complex.pdb --force-field amber14-all.xml --force-field ligand.xml\n"
      "  saltus solvate --waters 216\n"
      "  saltus solvate --box 3 3 3 --water tip4pew -o water.pdb --json\n");
  add_options(line);
  const auto parsed = parse(line, arguments, false);
  if (!parsed) return 0;
  const BoxRequest box_request = read_box(*parsed);
  const SolvationRequest request = read_request(*parsed);
  const fs::path file = output_of(*parsed);
  SolvationOptions options;
  options.seed = whole(*parsed, "seed", 0);
  const SolvationInput input = read_solvation_input(request);
  options.box = box_of(box_request, input);
  options.water_radius_nm = input.water_radius_nm;
  options.n_waters = box_request.n_waters;
  options.ions = request.ions;
  require_writable(options.box, input.water);
  const Solvated solvated = solvate(input.solute, input.water, options);
  io::write_pdb(file.string(), solvated.topology, solvated.positions.view());
  const Account account{file, box_request.shape_name, options.box, input, solvated, request};
  for (const std::string& note : input.notes)
    std::cerr << "note: " << io::visible_text(note) << "\n";
  note_narrow_box(account);
  if (parsed->flag("json"))
    std::cout << as_json(account) << "\n";
  else
    print_account(account);
  return 0;
}

}  // namespace saltus::tools
