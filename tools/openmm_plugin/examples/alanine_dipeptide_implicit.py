"""Alanine dipeptide in implicit solvent (OBC2): learned leaps of the peptide model and hybrid Monte
Carlo, exact. Prints energies while it runs and what each move did.

    python3 alanine_dipeptide_implicit.py [--steps 1000]
"""

import argparse
import os
import sys

import openmm
from openmm import app, unit
from saltus_openmm import SaltusIntegrator

MOLECULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../data/molecules")

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=1000)
parser.add_argument("--pdb", default=os.path.join(MOLECULES, "alanine_dipeptide.pdb"))
arguments = parser.parse_args()

pdb = app.PDBFile(arguments.pdb)
force_field = app.ForceField("amber14/protein.ff14SB.xml", "implicit/obc2.xml")
# Leaps move bonds, too: no constraints. Heavy hydrogens allow longer time steps and change nothing in
# the distribution of positions.
system = force_field.createSystem(pdb.topology, nonbondedMethod=app.NoCutoff, constraints=None,
                                  hydrogenMass=3*unit.amu)

integrator = SaltusIntegrator(310*unit.kelvin, 2*unit.femtoseconds, topology=pdb.topology, seed=1)
integrator.addHamiltonianMonteCarlo(steps=10, weight=1)
integrator.addPeptideLeaps(weight=4)

simulation = app.Simulation(pdb.topology, system, integrator,
                            openmm.Platform.getPlatformByName("Reference"))
simulation.context.setPositions(pdb.positions)
simulation.minimizeEnergy()
simulation.reporters.append(app.StateDataReporter(sys.stdout, max(1, arguments.steps // 5),
                                                  step=True, potentialEnergy=True))
simulation.step(arguments.steps)

print(integrator)
for move in ("hmc", "peptide_leaps"):
    print("%-15s %5.1f %% accepted" % (move, 100*integrator.acceptance(move)))
