#include <cstdint>
#include <cstdio>
#include <string>

#include "engine/core/units.h"
#include "io/formats/structure_text.h"
#include "tools/conformers/pose_restraints.h"
#include "tools/conformers/settings.h"
#include "tools/saltus/conformers/option_list_detail.h"
#include "tools/saltus/conformers/options.h"

namespace saltus::tools {

namespace po = boost::program_options;

namespace {

constexpr const char* kAbout =
    "Makes three-dimensional conformers of every molecule of the inputs: of SMILES lists\n"
    "(.smi .ism .txt: SMILES string, blank, name; .csv .tsv) and of SD files, whose\n"
    "coordinates define configurations (and, with --use-input-3d, are the first conformer). All\n"
    "may be gzipped; - is standard input.\n\n"
    "--mode ensemble embeds seeds (ETKDGv3), samples torsions from crystal-derived (ETKDG)\n"
    "preferences, selects a diverse set and minimises the selected conformers with MMFF94s;\n"
    "--mode minima embeds and minimises each conformer separately. Both keep distinct\n"
    "conformers, lowest energy first. --mode boltzmann samples the Boltzmann distribution of\n"
    "MMFF94 at --temperature by Monte Carlo moves that leave it invariant, whatever the torsion\n"
    "model (--model) proposes. Charges, tautomers and protonation are not changed.\n"
    "Configurations are verified in three dimensions after every stage; conformers with others\n"
    "are discarded and counted. The same seed gives the same conformers with any number of\n"
    "threads (unless a molecule's time runs out).\n\n"
    "SD records carry: energy and energy above the isomer's lowest (kcal/mol), population at\n"
    "--temperature among the conformers written of the isomer (ensemble, minima: Boltzmann\n"
    "factors times degeneracy: how many minima a conformer stands for, mirror images and\n"
    "exchanges of equal atoms; boltzmann: equal, or importance weights, then also log_weight),\n"
    "distance from what they are aligned to, the force field, SMILES perceived from the\n"
    "coordinates, method with '(biased)' where it does not sample the distribution that was asked\n"
    "for, seed, version. HDF5 files: see io/hdf5/README.md. PDB files hold one MODEL for each\n"
    "conformer; MOL2 files hold Sybyl types and MMFF94 charges.\n\n"
    "--strain, --rescore and --scan look at molecules in place of making conformers, and print a\n"
    "table (--report FILE, --json: elsewhere, as JSON); -o writes SD records with the same "
    "fields.\n"
    "Records that follow each other and are of one molecule share the work. Energies in kcal/mol,\n"
    "MMFF94s unless --minimize says mmff94, --dielectric 4r (--scan: 1).\n"
    "--strain: poses of SD files, hydrogens that are missing added. Each is relaxed with heavy\n"
    "atoms held, E = k/2 max(0, d - r)^2 at a distance d from their places (--restraint r,\n"
    "--restraint-k k), hydrogens free; strain_kcal_mol is its energy, restraints left out, above\n"
    "the global minimum, strain_of_minimum_kcal_mol that of the minimum it then falls into. The\n"
    "global minimum is the lowest of --searches searches and of the poses' own minima;\n"
    "searches_that_found_it says how many came within 0.1 kcal/mol of it. Further statuses: "
    "CLASH,\n"
    "BAD_GEOMETRY (bonds 0.5 angstrom off), STEREO_CHANGED, NOT_CONVERGED, OTHER_MOLECULE.\n"
    "--rescore: ensembles of SD and HDF5 files, minimised or (--minimize none) as they are;\n"
    "duplicates count once. With E_c the energies and g_c the degeneracies, at --temperature T:\n"
    "p_c = g_c exp(-E_c/RT) / Z, Z = sum g_c exp(-E_c/RT); free_energy_kcal_mol F = -RT ln Z and\n"
    "mean_energy_kcal_mol U = sum p_c E_c above the lowest energy, entropy_cal_mol_K\n"
    "S = -R sum p_c ln(p_c/g_c) = (U - F)/T: of minima as points, without vibrations. The field\n"
    "population of SD records and the weights of HDF5 files are compared: 1/2 sum |p_c - q_c|.\n"
    "--scan: at each angle the rest is relaxed, from the minima of lowest energy and from the\n"
    "neighbouring angles in both directions; energies above the lowest one found. --html plots "
    "it.\n\n"
    "An interrupted or killed run is resumed with --resume and the same options, and writes what\n"
    "it would have written without the interruption: OUT.progress holds its state.\n\n"
    "A molecule that fails never stops the others: it gets a status (--report, --failed), and\n"
    "the exit code is 2. Exit codes: 0 all molecules have conformers, 2 some have none, 1 wrong\n"
    "options or files, 130 interrupted (what was finished is written).\n\n"
    "Statuses with conformers: OK; PARTIAL (fewer than were asked for, though more are possible);\n"
    "PARTIAL_TIMEOUT (fewer, as time ran out); POORLY_SAMPLED (--mode boltzmann: too few "
    "effective\n"
    "samples). Without: PARSE_SYNTAX, PARSE_VALENCE, PARSE_AROMATIC, EMPTY (unreadable);\n"
    "DISCONNECTED (--fragments fail); TOO_LARGE; NO_PARAMETERS (unknown to MMFF94, see\n"
    "--fallback); NO_COORDINATES (--use-input-3d, --core); CORE_NOT_FOUND; CORE_AMBIGUOUS\n"
    "(--core-match); STEREO_UNSPECIFIED (--stereo fail);\n"
    "STEREO_UNSUPPORTED (a configuration that cannot be represented); STEREO_IMPOSSIBLE (trans in\n"
    "a ring of up to six, bridgeheads of small cages turned inwards); EMBED_FAILED; TIMEOUT;\n"
    "INTERNAL (a defect of Saltus). Fewer conformers than were asked for: the message says why.";

constexpr const char* kExamples =
    "  saltus conformers drugs.smi -o drugs.sdf.gz --report drugs.csv --html drugs.html\n"
    "  saltus conformers drugs.smi -o drugs.sdf.gz --report drugs.csv --html drugs.html --resume\n"
    "  saltus conformers library.csv --smiles-col canonical_smiles -o library.h5 -j 8\n"
    "  saltus conformers ligand.sdf -o minima.sdf --mode minima -n 300\n"
    "  saltus conformers ligand.sdf -o ensemble.h5 --mode boltzmann --temperature 310\n"
    "  saltus conformers drugs.smi --split conformers --split-format xyz\n"
    "  saltus conformers drugs.smi -o drugs.3.shard --shard 3/16\n"
    "  saltus conformers poses.sdf --strain --report strain.csv -o relaxed.sdf\n"
    "  saltus conformers ensemble.h5 --rescore --temperature 310 --json\n"
    "  saltus conformers mol.smi --scan '[c:1][c:2]-[C:3][O:4]' --html scan.html\n"
    "  saltus conformers ligand.sdf -o docked.pdb --core 'c1ccc2[nH]ccc2c1' -n 100\n"
    "  saltus conformers series.smi -o series.mol2 --core-template scaffold.sdf\n"
    "  saltus conformers drugs.smi -o laid.sdf --align crystal.sdf\n"
    "  echo 'CC(O)C(=O)O lactate' | saltus conformers - --in-format smi -o -\n";

using OptionAdder = po::options_description_easy_init;

po::typed_value<std::string>* text() { return po::value<std::string>(); }
po::typed_value<double>* number() { return po::value<double>(); }
po::typed_value<std::int64_t>* whole() { return po::value<std::int64_t>(); }
po::typed_value<std::int64_t>* whole_of(std::uint64_t value) {
  return whole()->default_value(static_cast<std::int64_t>(value));
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string in_angstrom(double value_nm) { return number_text(value_nm * engine::kAngstromPerNm); }

std::string dielectric_text(const forcefields::MmffOptions& mmff) {
  return number_text(mmff.dielectric) + (mmff.distance_dependent_dielectric ? "r" : "");
}

void add_files(OptionAdder add) {
  add("output,o", text(),
      "where conformers go: .sdf .xyz .pdb .mol2, also with .gz, .h5, or - (SDF)");
  add("shard", text(),
      "i/n: only records i, i + n, i + 2n ... of the inputs, as one of n runs with equal options; "
      "-o "
      "is then NAME.shard, and 'saltus merge' makes all other files of the n of them");
  add("split", text(), "a folder: one file for each molecule, named after it and its record");
  add("split-format", text()->default_value("sdf"), "sdf, xyz, pdb, mol2, also with .gz, or h5");
  add("report", text(),
      "CSV table of all molecules; names that spreadsheets would take for formulas (=, +, -, @) "
      "get an apostrophe in front");
  add("html", text(), "an HTML page: outcomes, failures, torsions, pictures");
  add("failed", text(), "molecules without (all) conformers, with the reasons");
  add("log", text(), "a line for each molecule as soon as it is done");
  add("overwrite", po::bool_switch(), "replace files that exist");
  add("resume", po::bool_switch(), "resume an interrupted run; starts a new one if there is none");
}

void add_conformer_options(OptionAdder add) {
  const ConformerSettings settings = default_settings(ConformerMode::kEnsemble);
  const ConformerSettings minima = default_settings(ConformerMode::kMinima);
  const ConformerSettings boltzmann = default_settings(ConformerMode::kBoltzmann);
  add("mode", text()->default_value("ensemble"),
      "ensemble: different shapes of low energy; minima: different minima of the energy, fully "
      "minimised; boltzmann: samples of the Boltzmann distribution");
  add("num-confs,n", whole(),
      "conformers to build of each stereoisomer, or, boltzmann, to draw; default: by rotatable "
      "bonds and flexible rings");
  add("max-confs-out", whole(), "keep at most so many of each stereoisomer");
  const std::string closer =
      "angstrom; closer ones count as one: heavy atoms, superposed, equal atoms interchangeable; "
      "default: " +
      in_angstrom(settings.selection.rmsd_nm) +
      ", minima: " + in_angstrom(minima.selection.rmsd_nm) + " (and " +
      number_text(minima.selection.energy_tolerance / engine::kKJPerKcal) + " kcal/mol)";
  add("rmsd-prune", number(), closer.c_str());
  add("energy-window",
      number()->default_value(settings.selection.energy_window / engine::kKJPerKcal),
      "kcal/mol above the lowest");
  add("sort", text(), "energy or none (in the order made); default: energy, boltzmann: none");
  add("minimize", text()->default_value("mmff94s"),
      "force field: mmff94, mmff94s or none; default of boltzmann: mmff94");
  add("fallback", text()->default_value("none"),
      "for molecules that MMFF94 has no parameters for: uff (minimised with UFF, whose energies do "
      "not compare with others; the records say so) or none");
  const std::string dielectric =
      "constant of the electrostatics, such as 4, or 4r for one that grows with distance; "
      "default: " +
      dielectric_text(settings.mmff) +
      ", which keeps molecules from folding onto themselves; minima, boltzmann: " +
      dielectric_text(minima.mmff);
  add("dielectric", text(), dielectric.c_str());
  add("solvent", text()->default_value("none"),
      "implicit water of generalised Born type, with a surface term: obc1, obc2, gbn2 or none; "
      "with "
      "it the default of --dielectric, then that of the inside of the molecule, is 1 in every "
      "mode");
  add("charges", text()->default_value("mmff94"),
      "partial charges: mmff94, or file: those of the field atom.dprop.PartialCharge of SD "
      "records (AM1-BCC charges of other programs, for instance), hydrogens included");
  add("temperature", number()->default_value(settings.temperature_K),
      "K, of populations and of boltzmann");
  add("sampler", text(), "of boltzmann: exchange (of replicas, the default) or annealing");
  add("model", text()->default_value(boltzmann.model),
      "network that proposes torsions: default (it comes with Saltus), none or a file; "
      "without it: default for boltzmann, none for other modes");
  add("use-input-3d", po::bool_switch(),
      "the coordinates of SD records, hydrogens included, are the first conformer and define "
      "the configuration");
}

void add_core(OptionAdder add) {
  add("core", text(),
      "SMARTS: what matches stays exactly where the SD record has it, and the rest is sampled "
      "(ensemble, minima)");
  add("core-template", text(),
      "the same with the coordinates of a .sdf or .mol file, whose heavy atoms are part of every "
      "molecule");
  add("core-atoms", text(), "the same for atoms by their numbers in SD records: 1-6,9");
  add("core-match", text()->default_value("fail"),
      "what to do where the core is there in several different ways: fail (CORE_AMBIGUOUS) or "
      "first");
  add("align", text(),
      "a .sdf or .mol file that conformers are superposed on, by the largest substructure in "
      "common; or first: on the first conformer. Records then hold the distance (heavy atoms, "
      "equal atoms interchangeable); conformers with a core stay where it is");
}

std::string restraint_text() {
  const PoseRestraint restraint;
  return "angstrom, of --strain: how far heavy atoms may go without a restoring force; 0: none is "
         "free; default: " +
         in_angstrom(restraint.flat_radius_nm);
}

std::string strength_text() {
  const PoseRestraint restraint;
  return "kcal/mol/angstrom^2, k of k/2 d^2 beyond it; default: " +
         number_text(restraint.k / engine::kKJPerKcal * engine::kNmPerAngstrom *
                     engine::kNmPerAngstrom);
}

void add_analyses(OptionAdder add) {
  add("strain", po::bool_switch(),
      "strain energies of the poses in SD files, in place of making conformers: each is relaxed "
      "with restraints on heavy atoms and compared with the global minimum that searches find");
  add("restraint", number(), restraint_text().c_str());
  add("restraint-k", number(), strength_text().c_str());
  add("rescore", po::bool_switch(),
      "populations, entropy and free energy at --temperature of the ensembles in SD or HDF5 files, "
      "in place of making conformers; --minimize none takes the conformers as they are (energies "
      "of MMFF94s)");
  add("scan", text(),
      "energy along one torsion, in place of making conformers: four atoms bonded in a row, "
      "counted from 1 (1,2,3,4), hydrogens that are not written after the others, or a SMARTS "
      "pattern with the map numbers 1 to 4 ([C:1][C:2]-[C:3][O:4], its first match)");
  add("scan-step", number(), "degrees from one angle to the next; default: 10");
  add("searches", whole(),
      "independent searches (of -n conformers each) for the global minimum of --strain, default 3, "
      "or for the minima that --scan starts from, default 1");
}

void add_chemistry(OptionAdder add) {
  const ConformerSettings settings = default_settings(ConformerMode::kEnsemble);
  add("stereo", text()->default_value("enumerate"),
      "centres and double bonds that are not specified, and groups of centres of which only the "
      "relative configuration is (&1: and o1: of CXSMILES, STERAC and STEREL of V3000): enumerate, "
      "random (one of them), keep (random for each conformer; groups as written), "
      "fail");
  add("max-isomers", whole_of(settings.isomers.max_isomers),
      "for --stereo enumerate; the report says how many there are");
  add("fragments", text()->default_value("largest"),
      "salts and mixtures: largest, all (each as a molecule of its own), fail");
  const std::string limit = "hydrogens included; at most " + std::to_string(io::kMaxV2000Atoms);
  add("max-atoms", whole_of(settings.max_atoms), limit.c_str());
  add("max-rotors", whole_of(settings.max_rotors), "rotatable bonds");
  add("timeout", number()->default_value(settings.timeout_s), "seconds for each molecule");
  add("seed", whole_of(settings.seed), "any number from 0");
}

void add_input(OptionAdder add) {
  add("in-format", text(), "smi, csv, tsv or sdf, whatever the names of the inputs");
  add("header", text(), "yes or no: whether lists begin with names of columns; default: found out");
  add("smiles-col", text(), "column of .csv and .tsv, by name or number from 1");
  add("name-col", text(), "the same for names");
}

void add_program(OptionAdder add) {
  add("threads,j", whole()->default_value(0), "0: one for each core");
  add("strict", po::bool_switch(),
      "PARTIAL, PARTIAL_TIMEOUT and POORLY_SAMPLED count as failed, too");
  add("json", po::bool_switch(), "print a summary as JSON");
  add("quiet", po::bool_switch(), "no progress");
  add("progress", po::bool_switch(), "a line every few seconds, also where there is no terminal");
}

}  // namespace

CommandLine conformer_command_line() {
  CommandLine line("conformers", "INPUT...", kAbout, kExamples);
  line.several = true;
  for (const auto& add : {add_files, add_conformer_options, add_core, add_analyses, add_chemistry,
                          add_input, add_program})
    add(line.options.add_options());
  return line;
}

}  // namespace saltus::tools
