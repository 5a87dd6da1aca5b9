"""Systems of OpenMM that the tests of the plugin share."""

import os

import openmm
from openmm import app, unit

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../data")
LEAP_MODEL = os.path.join(DATA, "models/alanine_dipeptide_310K.leap.safetensors")
TEMPERATURE = 310*unit.kelvin
# Torsions of alanine dipeptide, alone and in water.
PHI, PSI = (4, 6, 8, 14), (6, 8, 14, 16)


def alanine_dipeptide(force_field="amber99", constraints=None):
    """Structure and System in implicit solvent, by the force field of the model of its leap, or that
    of the peptide model ("ff14SB")."""
    files = {"amber99": ("amber99sbildn.xml", "amber99_obc.xml"),
             "ff14SB": ("amber14/protein.ff14SB.xml", "implicit/obc2.xml")}[force_field]
    pdb = app.PDBFile(os.path.join(DATA, "molecules/alanine_dipeptide.pdb"))
    system = app.ForceField(*files).createSystem(pdb.topology, nonbondedMethod=app.NoCutoff,
                                                 constraints=constraints)
    return pdb, system


def in_water(constraints=None):
    """Alanine dipeptide in a small box of rigid water. A reaction field is quicker than a grid."""
    pdb = app.PDBFile(os.path.join(DATA, "molecules/solvated_alanine_dipeptide.pdb"))
    system = app.ForceField("amber14/protein.ff14SB.xml", "amber14/tip3p.xml").createSystem(
        pdb.topology, nonbondedMethod=app.CutoffPeriodic, nonbondedCutoff=0.8*unit.nanometers,
        constraints=constraints, rigidWater=True)
    return pdb, system


def context_of(pdb, system, integrator, iterations=30):
    """Minimised by so many iterations. Water on the CPU platform, which is quicker there."""
    platform, properties = "Reference", {}
    if system.usesPeriodicBoundaryConditions():
        platform, properties = "CPU", {"Threads": "1"}
    context = openmm.Context(system, integrator, openmm.Platform.getPlatformByName(platform),
                             properties)
    context.setPositions(pdb.positions)
    if iterations:
        openmm.LocalEnergyMinimizer.minimize(context, 10, iterations)
    return context


def positions_of(context):
    return context.getState(getPositions=True).getPositions(asNumpy=True)._value.copy()
