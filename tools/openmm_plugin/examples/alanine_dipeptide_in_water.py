"""Alanine dipeptide in water (PME): hybrid Monte Carlo of everything, leaps and torsion walks of the
peptide alone, and turns of phi that the water follows, exact. Prints how often each is accepted:
leaps do not move the water around, so that most are rejected; driven turns pay with dynamics.

    python3 alanine_dipeptide_in_water.py [--steps 200]
"""

import argparse
import os
import sys

import openmm
from openmm import app, unit
from saltus_openmm import SaltusIntegrator

MOLECULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../data/molecules")

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=200)
parser.add_argument("--pdb", default=os.path.join(MOLECULES, "solvated_alanine_dipeptide.pdb"))
arguments = parser.parse_args()

pdb = app.PDBFile(arguments.pdb)
force_field = app.ForceField("amber14/protein.ff14SB.xml", "amber14/tip3p.xml")
# The water is rigid; the peptide has no constraints, so that it can leap.
system = force_field.createSystem(pdb.topology, nonbondedMethod=app.PME,
                                  nonbondedCutoff=0.8*unit.nanometers, constraints=None,
                                  rigidWater=True, hydrogenMass=3*unit.amu)

integrator = SaltusIntegrator(310*unit.kelvin, 1*unit.femtoseconds, topology=pdb.topology, seed=1)
integrator.addHamiltonianMonteCarlo(steps=5, weight=1)
integrator.addPeptideLeaps(weight=2)
integrator.addTorsionWalk(width=10*unit.degrees, weight=2)
phi = [[atom.index for atom in pdb.topology.atoms()
        if (atom.residue.index, atom.name) in ((0, "C"), (1, "N"), (1, "CA"), (1, "C"))]]
integrator.addDrivenTorsions(phi, timeStep=1*unit.femtoseconds, steps=200, weight=0.5)

simulation = app.Simulation(pdb.topology, system, integrator,
                            openmm.Platform.getPlatformByName("CPU"))
simulation.context.setPositions(pdb.positions)
simulation.minimizeEnergy(maxIterations=20)
simulation.reporters.append(app.StateDataReporter(sys.stdout, max(1, arguments.steps // 5),
                                                  step=True, potentialEnergy=True))
simulation.step(arguments.steps)

print(integrator)
for move in ("hmc", "peptide_leaps", "torsion_walk", "driven_torsion"):
    print("%-15s %5.1f %% accepted" % (move, 100*integrator.acceptance(move)))
row = integrator.statistics().get("driven_torsion")
if row and row["work_deviation_kT"] is not None:
    print("work of a driven torsion: %.1f +- %.1f kT" % (row["mean_work_kT"],
                                                         row["work_deviation_kT"]))
