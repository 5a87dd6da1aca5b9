"""Writes waters_pme.xml (triclinic box) and waters_ewald.xml (rectangular), each with .reference:
positions (nm, those of virtual sites left at 0) and OpenMM's energy and forces, where forces on
virtual sites are set to 0. Run in this folder; needs OpenMM 7.7."""

import math

import openmm


class Waters:
    """Molecules of three charged atoms with every kind of virtual site."""

    def __init__(self):
        self.system, self.force, self.positions = openmm.System(), openmm.NonbondedForce(), []

    def add(self, origin, make_sites):
        first = self.system.getNumParticles()
        bond, angle = 0.09572, math.radians(104.52)
        charges = [(0, 0.316435, 0.680946), (0.52422, 1, 0), (0.52422, 1, 0)]
        for mass, side in ((15.99943, 0), (1.007947, 1), (1.007947, -1)):
            x = side * bond * math.sin(angle / 2)
            z = abs(side) * bond * math.cos(angle / 2)
            self.system.addParticle(mass)
            # Turned about x, so that no component vanishes by symmetry.
            self.positions.append([origin[0] + x, origin[1] + 0.6 * z, origin[2] + 0.8 * z])
        sites = make_sites(first)
        for n, site in enumerate(sites):
            self.system.addParticle(0)
            self.system.setVirtualSite(first + 3 + n, site)
            self.positions.append([0.0, 0.0, 0.0])
            charges.append((-1.04844 / len(sites), 1, 0))
        for charge in charges:
            self.force.addParticle(*charge)
        for i in range(len(charges)):
            for j in range(i):
                self.force.addException(first + i, first + j, 0, 1, 0)
        self.system.addConstraint(first, first + 1, bond)
        self.system.addConstraint(first, first + 2, bond)
        self.system.addConstraint(first + 1, first + 2, 2 * bond * math.sin(angle / 2))


def average_of_three(a):
    return [openmm.ThreeParticleAverageSite(a, a + 1, a + 2, 0.786646558, 0.106676721, 0.106676721)]


def average_of_two(a):
    return [openmm.TwoParticleAverageSite(a, a + 1, 0.75, 0.25)]


def out_of_plane(a):
    return [openmm.OutOfPlaneSite(a, a + 1, a + 2, -0.34490826, -0.34490826, side * 6.4437903)
            for side in (-1, 1)]


def local_coordinates(a):
    return [openmm.LocalCoordinatesSite([a, a + 1, a + 2], [1, 0, 0], [-1, 0.5, 0.5], [0, 1, -1],
                                        openmm.Vec3(-0.015, 0.004, 0.01))]


def write(name, method, box, tolerance):
    waters = Waters()
    waters.add((0.2, 0.1, 0.3), average_of_three)
    waters.add((1.7, 0.2, 0.4), out_of_plane)
    waters.add((0.3, 1.5, 1.6), local_coordinates)
    waters.add((0.9, 0.8, 0.9), average_of_two)
    waters.add((0.5, 0.3, 0.3), average_of_three)
    force, system = waters.force, waters.system
    force.setNonbondedMethod(method)
    force.setCutoffDistance(0.8)
    force.setUseSwitchingFunction(True)
    force.setSwitchingDistance(0.7)
    force.setEwaldErrorTolerance(tolerance)
    system.setDefaultPeriodicBoxVectors(*[openmm.Vec3(*row) for row in box])
    system.addForce(force)
    with open(name + ".xml", "w") as stream:
        stream.write(openmm.XmlSerializer.serialize(system))
    context = openmm.Context(system, openmm.VerletIntegrator(0.001),
                             openmm.Platform.getPlatformByName("Reference"))
    context.setPositions([openmm.Vec3(*x) for x in waters.positions])
    context.computeVirtualSites()
    state = context.getState(getEnergy=True, getForces=True, getPositions=True)
    forces = state.getForces(asNumpy=True)._value
    for n in range(system.getNumParticles()):
        if system.isVirtualSite(n):
            forces[n] = 0.0
    with open(name + ".xml.reference", "w") as stream:
        for key, values in (("positions", [c for x in waters.positions for c in x]),
                            ("xml.placed", state.getPositions(asNumpy=True)._value.ravel()),
                            ("xml.total", [state.getPotentialEnergy()._value]),
                            ("xml.forces", forces.ravel())):
            stream.write(key + " " + " ".join("%.12g" % value for value in values) + "\n")


write("waters_pme", openmm.NonbondedForce.PME, ((2, 0, 0), (0.5, 1.9, 0), (-0.5, 0.4, 1.8)), 1e-6)
write("waters_ewald", openmm.NonbondedForce.Ewald, ((2, 0, 0), (0, 1.9, 0), (0, 0, 1.8)), 1e-7)
