"""Oracle: OpenMM's own energies and forces on the Reference platform, one configuration at a time."""

import unittest

import numpy
import openmm
from molecules import alanine_dipeptide, in_water, positions_of
from openmm import unit
from saltus_openmm import BatchEnergy, energies

# Relative to max(1, |U|); of forces, which are computed in float, to the largest one.
ENERGY_TOLERANCE, FORCE_TOLERANCE = 1e-6, 1e-4


class Batches(unittest.TestCase):
    def check(self, pdb, system, n_configurations, shift):
        context = openmm.Context(system, openmm.VerletIntegrator(0.001),
                                 openmm.Platform.getPlatformByName("Reference"))
        context.setPositions(pdb.positions)
        generator = numpy.random.default_rng(1)
        start = positions_of(context)
        x = start + shift*generator.normal(size=(n_configurations,) + start.shape)
        ours, forces = energies(system, x, forces=True)
        for n in range(n_configurations):
            context.setPositions(x[n])
            state = context.getState(getEnergy=True, getForces=True)
            theirs = state.getPotentialEnergy()._value
            self.assertLess(abs(ours[n] - theirs), ENERGY_TOLERANCE*max(1.0, abs(theirs)))
            reference = state.getForces(asNumpy=True)._value
            self.assertLess(abs(forces[n] - reference).max(),
                            FORCE_TOLERANCE*abs(reference).max())
        self.assertGreater(abs(ours[0] - ours[1]), 1.0)  # they can be told apart
        return x, ours

    def test_in_implicit_solvent(self):
        pdb, system = alanine_dipeptide()
        x, ours = self.check(pdb, system, 20, 0.005)
        batch = BatchEnergy(system, threads=2)
        self.assertTrue((batch.evaluate(x) == ours).all())
        in_angstrom = batch.evaluate(10*x*unit.angstrom)  # rounded on the way
        self.assertLess(abs(in_angstrom - ours).max(), ENERGY_TOLERANCE*abs(ours).max())
        self.assertEqual(len(batch.evaluate(x[:0])), 0)

    def test_in_water(self):
        pdb, system = in_water()
        self.check(pdb, system, 2, 0.0005)

    def test_errors(self):
        _, system = alanine_dipeptide()
        with self.assertRaisesRegex(ValueError, r"expected \(B, 22, 3\)"):
            energies(system, numpy.zeros((2, 21, 3)))
        system.addForce(openmm.CustomExternalForce("x"))
        with self.assertRaisesRegex(openmm.OpenMMException, "CustomExternalForce"):
            energies(system, numpy.zeros((2, 22, 3)))


if __name__ == "__main__":
    unittest.main()
