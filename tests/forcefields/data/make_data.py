"""Makes the files of this folder with OpenMM 7.7 and ParmEd 3.4: see README.md.

usage: make_data.py FOLDER_WITH_PDB_FILES
"""

import sys

import openmm
import openmm.app as app
import openmm.unit as unit
import parmed

PEPTIDES = ["alanine_dipeptide", "MVL", "RE"]
CUTOFF = 0.6 * unit.nanometer


def equilibrated(pdb, force_field):
    """A configuration away from any minimum: 5 ps of dynamics at 400 K."""
    system = force_field.createSystem(pdb.topology)
    integrator = openmm.LangevinMiddleIntegrator(400, 1, 0.0005)
    integrator.setRandomNumberSeed(1)
    context = openmm.Context(system, integrator, openmm.Platform.getPlatformByName("Reference"))
    context.setPositions(pdb.positions)
    openmm.LocalEnergyMinimizer.minimize(context, maxIterations=50)
    context.setVelocitiesToTemperature(400, 1)
    integrator.step(10000)
    return context.getState(getPositions=True).getPositions()


def write_prmtop(name, topology, force_field, positions):
    parm = parmed.amber.AmberParm.from_structure(
        parmed.openmm.load_topology(topology, force_field.createSystem(topology), positions))
    for kind in parm.dihedral_types:
        kind.scee, kind.scnb = 1.2, 2.0
    parmed.tools.changeRadii(parm, "mbondi3").execute()
    parm.remake_parm()
    parm.save(name + ".prmtop", overwrite=True)
    parm.save(name + ".inpcrd", format="rst7", overwrite=True)


def write_line(stream, key, values):
    stream.write(key + " " + " ".join("%.10g" % v for v in values) + "\n")


def write_reference(stream, key, system, positions):
    """Energy of each force (kJ/mol) and all forces (kJ/mol/nm)."""
    for n, force in enumerate(system.getForces()):
        force.setForceGroup(n)
    context = openmm.Context(system, openmm.VerletIntegrator(0.001),
                             openmm.Platform.getPlatformByName("Reference"))
    context.setPositions(positions)
    for n, force in enumerate(system.getForces()):
        energy = context.getState(getEnergy=True, groups={n}).getPotentialEnergy()
        write_line(stream, key + "." + force.__class__.__name__, [energy._value])
    state = context.getState(getEnergy=True, getForces=True)
    write_line(stream, key + ".total", [state.getPotentialEnergy()._value])
    write_line(stream, key + ".forces", [x for f in state.getForces()._value for x in f])


def write_prmtop_references(name):
    prmtop = app.AmberPrmtopFile(name + ".prmtop")
    positions = app.AmberInpcrdFile(name + ".inpcrd").positions
    models = {"vacuum": None, "obc1": app.OBC1, "obc2": app.OBC2, "gbn2": app.GBn2}
    with open(name + ".reference", "w") as stream:
        for key, model in models.items():
            for method, suffix in ((app.NoCutoff, ""), (app.CutoffNonPeriodic, ".cutoff")):
                system = prmtop.createSystem(implicitSolvent=model, nonbondedMethod=method,
                                             nonbondedCutoff=CUTOFF, removeCMMotion=False)
                write_reference(stream, key + suffix, system, positions)


def write_system_xml(name, pdb, positions, **options):
    force_field = app.ForceField("amber99sbildn.xml", "amber99_obc.xml")
    system = force_field.createSystem(pdb.topology, **options)
    with open(name + ".xml", "w") as stream:
        stream.write(openmm.XmlSerializer.serialize(system).replace("\t", "  "))
    with open(name + ".xml", "r") as stream:
        system = openmm.XmlSerializer.deserialize(stream.read())
    with open(name + ".xml.reference", "w") as stream:
        write_line(stream, "positions", [x for p in positions for x in p])
        write_reference(stream, "xml", system, [openmm.Vec3(*p) for p in positions])


def main(folder):
    force_field = app.ForceField("amber14/protein.ff14SB.xml")
    for name in PEPTIDES:
        pdb = app.PDBFile(folder + "/" + name + ".pdb")
        positions = equilibrated(pdb, force_field)
        write_prmtop(name, pdb.topology, force_field, positions)
        write_prmtop_references(name)
    rounded = [[round(x, 6) for x in p] for p in positions._value]
    pdb = app.PDBFile(folder + "/RE.pdb")
    write_system_xml("RE_cutoff", pdb, rounded, nonbondedMethod=app.CutoffNonPeriodic,
                     nonbondedCutoff=CUTOFF)
    pdb = app.PDBFile(folder + "/alanine_dipeptide.pdb")
    positions = app.AmberInpcrdFile("alanine_dipeptide.inpcrd").positions
    rounded = [list(p) for p in positions.value_in_unit(unit.nanometer)]
    write_system_xml("alanine_dipeptide", pdb, rounded, constraints=app.HBonds)


main(sys.argv[1])
