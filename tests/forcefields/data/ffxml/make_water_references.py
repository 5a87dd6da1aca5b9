#!/usr/bin/python3
"""Prints the numbers of tests/forcefields/ffxml/virtual_sites_test.cpp, from OpenMM 7.7's ForceField
and its Reference platform: energies of two waters and two ions for each water file, exceptions and
places of sites of sites.xml. Needs python3-simtk."""

import pathlib

import openmm
from openmm import app

WATERS = [[(0.0, 0.0, 0.0), (0.0957, 0.0, 0.0), (-0.024, 0.0927, 0.0)],
          [(0.2801, 0.0102, -0.0203), (0.3041, 0.0757, 0.0453), (0.3102, -0.0553, 0.0449)]]
IONS = [(-0.05, -0.23, 0.03), (0.1, 0.3, 0.2)]
CASES = [("tip3p.xml", [], []), ("spce.xml", [], []), ("tip3pfb.xml", [], []),
         ("tip4pew.xml", ["M"], []), ("tip4pfb.xml", ["M"], []), ("tip5p.xml", ["M1", "M2"], []),
         ("amber14/tip3p.xml", [], ["Na", "Cl"]), ("amber14/spce.xml", [], ["Na", "Cl"]),
         ("amber14/tip3pfb.xml", [], ["K", "Br"]), ("amber14/tip4pew.xml", ["M"], ["Na", "Cl"]),
         ("amber14/tip4pfb.xml", ["M"], ["Mg", "Cl"])]
LIGAND = [("C1", (0.0, 0.0, 0.0)), ("O1", (0.14, 0.01, 0.0)), ("C2", (0.19, 0.14, 0.02)),
          ("H1", (0.29, 0.15, 0.06))]


class Structure:
    """A topology with its positions, nm."""

    def __init__(self):
        self.topology = app.Topology()
        self.chain = self.topology.addChain()
        self.positions = []

    def add(self, residue_name, atoms, sites=()):
        """Adds a residue of (name, position); sites get their places from OpenMM."""
        residue = self.topology.addResidue(residue_name, self.chain)
        result = []
        for name, position in atoms:
            symbol = name.rstrip("0123456789")
            element = app.element.get_by_symbol(symbol)
            result.append(self.topology.addAtom(name, element, residue))
            self.positions.append(position)
        for name in sites:
            self.topology.addAtom(name, None, residue)
            self.positions.append((9.0, 9.0, 9.0))
        return result

    def context(self, files):
        """A context with a group for each force, sites in place."""
        system = app.ForceField(*files).createSystem(self.topology, rigidWater=False,
                                                     removeCMMotion=False)
        for group, force in enumerate(system.getForces()):
            force.setForceGroup(group)
        platform = openmm.Platform.getPlatformByName("Reference")
        context = openmm.Context(system, openmm.VerletIntegrator(0.001), platform)
        context.setPositions(self.positions)
        context.computeVirtualSites()
        return context


def print_waters():
    for file, sites, ions in CASES:
        structure = Structure()
        for positions in WATERS:
            o, h1, h2 = structure.add("HOH", list(zip(("O", "H1", "H2"), positions)), sites)
            structure.topology.addBond(o, h1)
            structure.topology.addBond(o, h2)
        for ion, position in zip(ions, IONS):
            structure.add(ion, [(ion, position)])
        context = structure.context([file])
        print(file, ions)
        for group, force in enumerate(context.getSystem().getForces()):
            energy = context.getState(getEnergy=True, groups={group}).getPotentialEnergy()
            print("  %s %.10f" % (type(force).__name__, energy._value))


def print_sites():
    structure = Structure()
    atoms = structure.add("LIG", LIGAND, ["E1", "E2"])
    for first, second in zip(atoms, atoms[1:]):
        structure.topology.addBond(first, second)
    context = structure.context([str(pathlib.Path(__file__).with_name("sites.xml"))])
    for force in context.getSystem().getForces():
        if not isinstance(force, openmm.NonbondedForce):
            continue
        for n in range(force.getNumExceptions()):
            i, j, charge, sigma, epsilon = force.getExceptionParameters(n)
            print(i, j, charge._value, sigma._value, epsilon._value)
    for position in context.getState(getPositions=True).getPositions()[4:]:
        print(position)


print_waters()
print_sites()
