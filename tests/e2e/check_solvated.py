"""Boxes of 'saltus solvate' are what OpenMM reads: the same box, a template for every residue, no net
charge, and no molecules that clash.

usage: check_solvated.py SALTUS STRUCTURE; exit code 77 when a module is missing.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

try:
    try:
        import openmm as mm
        from openmm import app, unit
    except ImportError:
        from simtk import openmm as mm, unit
        from simtk.openmm import app
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

PROTEIN = "amber14/protein.ff14SB.xml"

# Options, and the force field that the program should choose.
CASES = [
    (["{ala}", "--shape", "cube"], [PROTEIN, "amber14/tip3p.xml"]),
    (["{ala}", "--shape", "dodecahedron", "--water", "spce", "--salt", "0.5"],
     [PROTEIN, "amber14/spce.xml"]),
    (["{ala}", "--shape", "octahedron", "--positive", "K+", "--negative", "I-"],
     [PROTEIN, "amber14/tip3p.xml"]),
    (["{ala}", "--shape", "octahedron", "--water", "tip4pew"], [PROTEIN, "amber14/tip4pew.xml"]),
    (["--waters", "216"], ["amber14/tip3p.xml"]),
    (["--box", "2", "2.5", "3", "--water", "tip4pew"], ["amber14/tip4pew.xml"]),
]

# Liquid water has -40 kJ/mol for each molecule; one pair of oxygens at 0.2 nm adds some 200.
MAX_ENERGY_OF_A_WATER = -10.0


def check(saltus, options, force_field):
    said = json.loads(subprocess.run([saltus, "solvate", *options, "-o", "x.pdb", "--overwrite",
                                      "--json"], check=True, stdout=subprocess.PIPE).stdout)
    assert said["force_field"] == force_field, said["force_field"]
    pdb = app.PDBFile("x.pdb")
    atoms, residues = list(pdb.topology.atoms()), list(pdb.topology.residues())
    assert len(atoms) == said["n_atoms"]
    assert sum(r.name == "HOH" for r in residues) == said["water"]["n_molecules"]
    # The same lattice, in the three and two decimals of the file.
    vectors = pdb.topology.getPeriodicBoxVectors().value_in_unit(unit.nanometer)
    volume = vectors[0][0] * vectors[1][1] * vectors[2][2]
    assert math.isclose(volume, said["box"]["volume_nm3"], rel_tol=3e-4), volume
    for vector, edge in zip(vectors[:1], said["box"]["edges_nm"]):
        assert abs(vector[0] - edge) < 1e-4
    system = app.ForceField(*force_field).createSystem(
        pdb.topology, nonbondedMethod=app.PME, nonbondedCutoff=0.8 * unit.nanometer)
    nonbonded = [f for f in system.getForces() if isinstance(f, mm.NonbondedForce)][0]
    charge = sum(nonbonded.getParticleParameters(n)[0].value_in_unit(unit.elementary_charge)
                 for n in range(len(atoms)))
    assert abs(charge) < 1e-3, charge
    context = mm.Context(system, mm.VerletIntegrator(1e-3),
                         mm.Platform.getPlatformByName("Reference"))
    context.setPositions(pdb.positions)
    energy = context.getState(getEnergy=True).getPotentialEnergy()
    energy = energy.value_in_unit(unit.kilojoule_per_mole) / said["water"]["n_molecules"]
    print(" ".join(options), len(atoms), "atoms,", round(energy, 1), "kJ/mol for each water")
    assert energy < MAX_ENERGY_OF_A_WATER


def main():
    saltus, ala = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for options, force_field in CASES:
            check(saltus, [option.format(ala=ala) for option in options], force_field)


main()
