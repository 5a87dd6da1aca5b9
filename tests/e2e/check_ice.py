"""Crystals of ice of data/molecules are what their script makes, and OpenMM finds the minimum that
is known for them (Koehler et al., doi:10.48550/arXiv.2301.11355: their settings).

usage: check_ice.py SOURCE_FOLDER; exit code 77 when a module is missing.
"""
import os
import subprocess
import sys

try:
    import numpy
    try:
        import openmm as mm
        from openmm import app, unit
    except ImportError:
        from simtk import openmm as mm, unit
        from simtk.openmm import app
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

# Cells, cutoff (nm), minimum (kJ/mol) and how near it is reached. 16 molecules: that of frames of the
# literature, too; other orders of the hydrogens have 0.29 more at least. 128 molecules: two
# places 0.25 apart are seen where cooling ends.
CASES = {"ice_xi_16": (["2", "1", "1"], 0.36678, -990.408, 0.01),
         "ice_xi_128": (["4", "2", "2"], 0.73357, -7885.8, 0.5)}
N_STEPS = 1500


def minimum(path, cutoff):
    pdb = app.PDBFile(path)
    force_field = app.ForceField("amber14/tip4pew.xml")
    modeller = app.Modeller(pdb.topology, pdb.positions)
    modeller.addExtraParticles(force_field)
    system = force_field.createSystem(
        modeller.topology, nonbondedMethod=app.PME, nonbondedCutoff=cutoff * unit.nanometer,
        rigidWater=True, ewaldErrorTolerance=1e-4, switchDistance=0.9 * cutoff * unit.nanometer)
    name = "Reference" if len(pdb.positions) < 100 else "CPU"
    # Friction at 0 K: OpenMM's minimiser, which has springs for constraints, stops some kJ/mol above.
    cooling = mm.LangevinMiddleIntegrator(0.0, 5.0, 0.002)
    cooling.setConstraintTolerance(1e-8)
    context = mm.Context(system, cooling, mm.Platform.getPlatformByName(name))
    context.setPositions(modeller.positions)
    context.applyConstraints(1e-8)
    context.computeVirtualSites()
    mm.LocalEnergyMinimizer.minimize(context, 1.0, 200)
    cooling.step(N_STEPS)
    energy = context.getState(getEnergy=True).getPotentialEnergy()
    return energy.value_in_unit(unit.kilojoule_per_mole)


def main():
    source = sys.argv[1]
    for name, (cells, cutoff, expected, tolerance) in CASES.items():
        path = os.path.join(source, "data", "molecules", name + ".pdb")
        made = subprocess.run([sys.executable, os.path.join(source, "tools", "dev", "make_ice.py"),
                               *cells], check=True, stdout=subprocess.PIPE).stdout.decode()
        with open(path) as file:
            assert made == file.read(), path
        energy = minimum(path, cutoff)
        print(name, round(energy, 4), "kJ/mol, expected", expected)
        assert abs(energy - expected) < tolerance


main()
