#include "tests/validation/cases.h"

namespace saltus::tests {

namespace {

constexpr const char* kHmc = "[[move]]\nkind = \"hmc\"\nsteps = 10\n";

/// Alanine dipeptide, 128 chains: 22 atoms have overlapping energies at 300 K and 375 K.
DeckText dipeptide() {
  DeckText deck;
  deck.chains = "count = 128\nstart = \"minimised\"";
  deck.warm_up = "steps = 1500";
  deck.moves = kHmc;
  deck.run = "steps = 2000\nframe_period = 5\ncheckpoint_period = 0";
  return deck;
}

ValidationCase of_dipeptide(const std::string& name, const std::string& id,
                            const std::string& source) {
  ValidationCase result{name, id, "hmc", dipeptide()};
  result.deck.energy_source = source;
  return result;
}

/// A molecule that RDKit builds from SMILES, with MMFF94.
ValidationCase of_smiles(const std::string& name, const std::string& id, const std::string& smiles,
                         const std::string& moves) {
  ValidationCase result{name, id, moves == kHmc ? "hmc" : id, dipeptide()};
  result.deck.coordinates = "molecule.sdf";
  result.deck.energy_source = "force_field = [\"mmff94\"]";
  result.deck.moves = moves;
  result.files = {{"molecule.sdf", "=" + smiles}};
  return result;
}

ValidationCase of_move(const std::string& id, const std::string& moves) {
  ValidationCase result{id, id, id, dipeptide()};
  result.deck.moves = moves;
  return result;
}

std::string move(const std::string& kind, const std::string& keys = "") {
  return "[[move]]\nkind = \"" + kind + "\"\n" + keys;
}

/// A rigid water molecule in a field: half its energy is a rotor's, so temperatures are far apart.
ValidationCase of_rotor(const std::string& id, const std::string& moves) {
  ValidationCase result{id + ", rotor in a field", id + "_rotor", id, dipeptide()};
  result.deck.coordinates = "water.pdb";
  result.deck.energy_source = "force_field = [\"tip3p.xml\"]\nrigid_water = true";
  result.deck.more = "[field]\nstrength = [\"0 V/nm\", \"0 V/nm\", \"2 V/nm\"]\n";
  result.deck.chains = "count = 128\nstart = \"input\"";
  result.deck.moves = moves;
  result.warmer_K = 900.0;
  result.files = {{"water.pdb", "data/molecules/water.pdb"}};
  return result;
}

/// Sixteen rigid molecules of ice, native Ewald sums.
ValidationCase of_ice(const std::string& id, const std::string& moves) {
  ValidationCase result{id + ", ice", id + "_ice", id, dipeptide()};
  result.deck.coordinates = "ice.pdb";
  result.deck.energy_source =
      "force_field = [\"amber14/tip4pew.xml\"]\nnonbonded = \"pme\"\ncutoff = \"0.36 nm\"\n"
      "switching_distance = \"0.32 nm\"\newald_tolerance = 1e-4\nrigid_water = true";
  result.deck.energy = "threads = 1\nbackend = \"native\"";
  result.deck.chains = "count = 32\nstart = \"minimised\"";
  result.deck.warm_up = "steps = 200";
  result.deck.moves = moves;
  result.deck.run = "steps = 300\nframe_period = 2\ncheckpoint_period = 0";
  result.colder_K = 100.0;
  result.warmer_K = 118.0;
  result.files = {{"ice.pdb", "data/molecules/ice_xi_16.pdb"}};
  return result;
}

/// Water at constant pressure: 40 rigid molecules in a box.
ValidationCase of_liquid() {
  ValidationCase result = of_ice("volume", move("rigid_hmc", "time_step = \"3 fs\"\nsteps = 15\n") +
                                               move("volume", "repeat = 2\n"));
  result.name = "volume, 40 TIP3P molecules";
  result.id = "volume_water";
  result.deck.coordinates = "water.pdb";
  result.deck.energy_source =
      "force_field = [\"amber14/tip3p.xml\"]\nnonbonded = \"pme\"\ncutoff = \"0.45 nm\"\n"
      "rigid_water = true";
  result.colder_K = 300.0;
  result.warmer_K = 330.0;
  result.pressure = "1 bar";
  result.files = {{"water.pdb", "waters 40"}};
  return result;
}

constexpr const char* kPeptideModelEnergies =
    "force_field = [\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"obc2\"";

ValidationCase exchange() {
  ValidationCase result = of_move("replica_exchange", kHmc + move("replica_exchange"));
  result.ladder_ratio = 1.15;
  return result;
}

ValidationCase exchange_with_model() {
  ValidationCase result = exchange();
  result.name = result.move = "replica_exchange with a model";
  result.id = "replica_exchange_model";
  result.deck.energy_source = kPeptideModelEnergies;
  result.deck.moves = kHmc + move("replica_exchange", "model = \"default\"\n");
  return result;
}

const char* const kIceMove = "time_step = \"4 fs\"\nsteps = 10\n";

/// Sixteen molecules of ice, by the settings of the shipped flow.
ValidationCase exchange_with_harmonic_flow() {
  ValidationCase result =
      of_ice("replica_exchange",
             move("rigid_hmc", kIceMove) + move("replica_exchange", "flow = \"harmonic\"\n"));
  result.name = "replica_exchange with a harmonic flow, ice";
  result.move = "replica_exchange with flows";
  result.id = "replica_exchange_harmonic";
  result.ladder_ratio = 1.5;
  return result;
}

/// A trained flow leads from 250 K to 100 K and to nowhere else.
ValidationCase exchange_with_flows() {
  ValidationCase result = exchange_with_harmonic_flow();
  result.name = "replica_exchange with a trained flow, ice";
  result.id = "replica_exchange_flow";
  result.deck.energy_source =
      "force_field = [\"amber14/tip4pew.xml\"]\nnonbonded = \"pme\"\ncutoff = \"0.36678 nm\"\n"
      "switching_distance = \"0.330102 nm\"\newald_tolerance = 1e-4\nrigid_water = true";
  result.reference = result.deck;
  result.reference->moves = move("rigid_hmc", kIceMove);
  result.deck.moves =
      move("rigid_hmc", kIceMove) + move("replica_exchange", "flows = [\"flow.safetensors\"]\n");
  result.ladder_ratio = 2.5;
  result.files.emplace_back("flow.safetensors", "data/models/ice_xi_16_250K_100K.safetensors");
  return result;
}

/// The shipped model is made for 310 K. The reference goes to all of its basins, too.
ValidationCase learned_leap() {
  ValidationCase result = of_move("learned_leap", move("torsion_walk", "repeat = 4\n") + kHmc);
  result.reference = result.deck;
  result.deck.moves = move("learned_leap") + move("hmc", "steps = 5\n");
  result.deck.more = "[leap]\nmodel = \"leap.safetensors\"\n";
  result.colder_K = 310.0;
  result.warmer_K = 385.0;
  result.files = {{"leap.safetensors", "data/models/alanine_dipeptide_310K.leap.safetensors"}};
  return result;
}

/// Two beads with two distances, 10 kT apart; the flow is trained in some seconds.
ValidationCase timewarp() {
  ValidationCase result = of_move("timewarp", kHmc);
  result.name = "timewarp, two beads";
  result.deck.coordinates = "beads.pdb";
  result.deck.energy_source = "system_xml = \"beads.xml\"";
  result.warmer_K = 750.0;
  result.reference = result.deck;
  result.reference->warm_up = "steps = 10000";
  result.reference->run = "steps = 10000\nframe_period = 20\ncheckpoint_period = 0";
  result.deck.chains = "count = 128\nstart = \"pilot\"";
  result.deck.warm_up = "steps = 200";
  result.deck.run = "steps = 1000\nframe_period = 2\ncheckpoint_period = 0";
  result.deck.moves = move("timewarp") + kHmc;
  result.deck.more =
      "[pilot]\ntemperatures = [\"300 K\", \"450 K\", \"700 K\", \"1100 K\"]\nladders = 16\n"
      "length = \"420 ps\"\nequilibration = \"20 ps\"\n"
      "[leap]\nmodel = \"train\"\n[leap.timewarp]\nlag = \"10 ps\"\nsteps = 700\n"
      "learning_rate = 0.002\nturn = \"2 deg\"\nshift = \"0.012 nm\"\n";
  result.files = {{"beads.pdb", "data/molecules/two_beads.pdb"},
                  {"beads.xml", "data/molecules/two_beads.xml"}};
  return result;
}

/// The shipped flow leads to 300 K.
ValidationCase flow_walk() {
  ValidationCase result =
      of_rotor("rigid_flow_walk", move("rigid_hmc", "time_step = \"2 fs\"\nsteps = 10\n"));
  result.reference = result.deck;
  result.deck.chains = "count = 64\nstart = \"input\"";
  result.deck.warm_up = "steps = 100";
  result.deck.run = "steps = 800\nframe_period = 2\ncheckpoint_period = 0";
  result.deck.moves =
      move("rigid_flow_walk", "model = \"flow.safetensors\"\nrotation = 1.0\nrepeat = 2\n");
  result.files.emplace_back("flow.safetensors", "data/models/rigid_molecule_in_field.safetensors");
  return result;
}

}  // namespace

std::vector<ValidationCase> force_field_cases() {
  std::vector<ValidationCase> cases = {
      of_dipeptide("amber99sbildn, vacuum", "amber99sbildn",
                   "force_field = [\"amber99sbildn.xml\"]"),
      of_dipeptide("amber99sbildn, OBC1", "obc1",
                   "force_field = [\"amber99sbildn.xml\"]\nimplicit_solvent = \"obc1\""),
      of_dipeptide("ff14SB, OBC2", "ff14sb_obc2",
                   "force_field = [\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"obc2\""),
      of_dipeptide("ff14SB, GBn2", "ff14sb_gbn2",
                   "force_field = [\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"gbn2\""),
      of_dipeptide("ff14SB, cutoff 0.7 nm", "cutoff",
                   "force_field = [\"amber14/protein.ff14SB.xml\"]\nnonbonded = \"cutoff\"\n"
                   "cutoff = \"0.7 nm\""),
      of_dipeptide("ff14SB, OBC2, bonds to hydrogen rigid", "constraints",
                   "force_field = [\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"obc2\"\n"
                   "constraints = \"h_bonds\""),
      of_smiles("MMFF94, vacuum", "mmff94", "CC(O)CC(=O)NC", kHmc),
      of_smiles("MMFF94s, OBC2", "mmff94s_obc2", "CC(O)CC(=O)NC", kHmc),
      of_ice("rigid_hmc", move("rigid_hmc", "time_step = \"4 fs\"\nsteps = 20\n")),
  };
  cases[7].deck.energy_source = "force_field = [\"mmff94s\"]\nimplicit_solvent = \"obc2\"";
  cases[8].name = "TIP4P-Ew, Ewald sums";
  cases[8].id = "tip4pew_ewald";
  ValidationCase amber = of_dipeptide("AMBER topology, OBC2", "prmtop",
                                      "topology = \"ala.prmtop\"\nimplicit_solvent = \"obc2\"");
  amber.deck.coordinates = "ala.inpcrd";
  amber.files = {{"ala.prmtop", "tests/forcefields/data/alanine_dipeptide.prmtop"},
                 {"ala.inpcrd", "tests/forcefields/data/alanine_dipeptide.inpcrd"}};
  cases.push_back(amber);
  ValidationCase xml = of_dipeptide("System XML", "system_xml", "system_xml = \"ala.xml\"");
  xml.files = {{"ala.xml", "tests/forcefields/data/alanine_dipeptide.xml"}};
  cases.push_back(xml);
  ValidationCase openmm =
      of_dipeptide("amber99sbildn by OpenMM", "openmm", "force_field = [\"amber99sbildn.xml\"]");
  openmm.deck.energy = "threads = 1\nbackend = \"openmm\"";
  openmm.deck.chains = "count = 32\nstart = \"minimised\"";
  openmm.deck.run = "steps = 700\nframe_period = 4\ncheckpoint_period = 0";
  cases.push_back(openmm);
  return cases;
}

std::vector<ValidationCase> move_cases() {
  const std::string hmc = kHmc;
  std::vector<ValidationCase> cases = {
      of_move("ghmc", move("ghmc", "steps = 10\n")),
      of_move("mala", move("mala", "repeat = 5\n")),
      of_move("langevin", move("langevin", "time_step = \"0.5 fs\"\nsteps = 40\n")),
      of_move("openmm_langevin", move("openmm_langevin",
                                      "platform = \"Reference\"\ntime_step = \"0.5 fs\"\n"
                                      "friction = \"20 /ps\"\nsteps = 50\n")),
      of_move("torsion_walk", move("torsion_walk", "repeat = 4\n") + hmc),
      of_move("driven_torsion", move("driven_torsion",
                                     "atoms = [\"2:N\", \"2:CA\", \"2:C\", \"3:N\"]\n"
                                     "change = \"walk\"\nsteps = 20\n") +
                                    hmc),
      of_move("peptide_leap", move("peptide_leap", "model = \"default\"\nrepeat = 4\n") + hmc),
      of_move("multiple_try", move("multiple_try",
                                   "tries = 3\n[move.proposal]\n"
                                   "kind = \"torsion_walk\"\n") +
                                  hmc),
      of_move("nonequilibrium", move("nonequilibrium",
                                     "rungs = 3\nsteps = 4\nsoftest = 0.9\n[move.proposal]\n"
                                     "kind = \"torsion_walk\"\n") +
                                    hmc),
      of_move("mixture", move("mixture",
                              "[[move.part]]\nkind = \"torsion_walk\"\n[[move.part]]\n"
                              "kind = \"hmc\"\nsteps = 10\n")),
      of_smiles("torsion_reset", "torsion_reset", "CC(O)CC(=O)NC",
                move("torsion_reset", "repeat = 4\n") + hmc),
      of_smiles("ring_flip", "ring_flip", "CC1CCCCC1", move("ring_flip", "repeat = 4\n") + hmc),
      of_smiles(
          "nitrogen_inversion", "nitrogen_inversion", "CCN(C)CC",
          move("nitrogen_inversion", "repeat = 4\n") + move("torsion_reset", "repeat = 4\n") + hmc),
      of_rotor("rigid_walk", move("rigid_walk", "repeat = 8\n")),
      of_rotor("rigid_hmc", move("rigid_hmc", "time_step = \"2 fs\"\nsteps = 10\n")),
      of_ice("rigid_walk", move("rigid_walk", "repeat = 100\n")),
      of_ice("rigid_draw",
             move("rigid_draw") + move("rigid_hmc", "time_step = \"4 fs\"\nsteps = 5\n")),
      of_ice("rigid_block", move("rigid_block", "repeat = 8\n") +
                                move("rigid_hmc", "time_step = \"4 fs\"\nsteps = 5\n")),
      of_liquid(),
  };
  for (ValidationCase& one : cases) {
    if (one.id == "peptide_leap") one.deck.energy_source = kPeptideModelEnergies;
    if (one.id == "openmm_langevin") {
      one.deck.chains = "count = 16\nstart = \"minimised\"";
      one.deck.warm_up = "steps = 100";
      one.deck.run = "steps = 600\nframe_period = 2\ncheckpoint_period = 0";
    }
  }
  for (const ValidationCase& one :
       {exchange(), exchange_with_model(), exchange_with_harmonic_flow(), exchange_with_flows(),
        learned_leap(), timewarp(), flow_walk()})
    cases.push_back(one);
  return cases;
}

}  // namespace saltus::tests
