"""Oracle: OpenMM's own energies, forces and CPU time, one configuration at a time."""

import os
import time
import unittest

import numpy
import openmm
from molecules import DATA, alanine_dipeptide, in_water, positions_of
from openmm import app, unit
from saltus_openmm import BatchEnergy, energies

# Relative to max(1, |U|); of forces, which are computed in float, to the largest one.
ENERGY_TOLERANCE, FORCE_TOLERANCE = 1e-6, 1e-4
# Energies of the CPU platform are of single precision, kJ/mol.
SINGLE_TOLERANCE = 1e-2
# CPU time of a loop over a Context over ours, at least; of the platform that OpenMM takes by itself,
# and of Reference, which is the quickest for so few atoms. 80 and 23 where both were measured; other
# programs on the same core change the ratio by a third.
LEAST_GAIN = {"CPU": 30.0, "Reference": 12.0}


def loop_over(context, x):
    energies_there = numpy.empty(len(x))
    for n, positions in enumerate(x):
        context.setPositions(positions)
        energies_there[n] = context.getState(getEnergy=True).getPotentialEnergy()._value
    return energies_there


def cpu_time(work):
    start = time.process_time()
    work()
    return time.process_time() - start


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
        batch = BatchEnergy(system, threads=1)
        for threads in (0, 2, 5):  # 0: by default
            self.assertTrue((BatchEnergy(system, threads).evaluate(x) == batch.evaluate(x)).all())
        self.assertTrue((batch.evaluate(x) == ours).all())
        in_angstrom = batch.evaluate(10*x*unit.angstrom)  # rounded on the way
        self.assertLess(abs(in_angstrom - ours).max(), ENERGY_TOLERANCE*abs(ours).max())
        self.assertEqual(len(batch.evaluate(x[:0])), 0)

    def solvated(self, model, **options):
        pdb = app.PDBFile(os.path.join(DATA, "molecules/alanine_dipeptide.pdb"))
        force_field = app.ForceField("amber14/protein.ff14SB.xml", "implicit/%s.xml" % model)
        return pdb, force_field.createSystem(pdb.topology, **options)

    def test_in_solvents_that_openmm_makes_of_expressions(self):
        for model, options in (("obc1", {}), ("obc2", {"solventDielectric": 40.0}),
                               ("obc2", {"nonbondedMethod": app.CutoffNonPeriodic,
                                         "nonbondedCutoff": 0.6*unit.nanometers}),
                               ("gbn2", {"soluteDielectric": 2.0})):
            with self.subTest(model=model, options=options):
                self.check(*self.solvated(model, **options), 5, 0.005)

    def test_solvents_of_other_expressions_are_refused(self):
        def refusal(model, change=lambda force: None):
            _, system = self.solvated(model)
            change(system.getForce(system.getNumForces() - 1))
            with self.assertRaisesRegex(openmm.OpenMMException, "supported are OBC1") as caught:
                energies(system, numpy.zeros((1, 22, 3)))
            return str(caught.exception)

        def another_radius(force):
            name, expression, kind = force.getComputedValueParameters(1)
            self.assertIn("4.85*", expression)
            force.setComputedValueParameters(1, name, expression.replace("4.85*", "4.86*"), kind)

        def two_dielectrics(force):
            expression, kind = force.getEnergyTermParameters(0)
            self.assertIn("=78.5;", expression)
            force.setEnergyTermParameters(0, expression.replace("=78.5;", "=78.6;"), kind)

        def another_neck(force):
            """A radius that is not the one its place in the tables has."""
            parameters = list(force.getParticleParameters(0))
            parameters[1] += 0.001
            force.setParticleParameters(0, parameters)

        self.assertIn("4.86*psi^3", refusal("obc2", another_radius))
        self.assertIn("solventDielectric", refusal("obc2", two_dielectrics))
        self.assertIn("neck tables", refusal("gbn2", another_neck))
        self.assertIn("tanh", refusal("gbn"))
        self.assertIn("1/(1/or-I)", refusal("hct"))

    def test_in_water(self):
        pdb, system = in_water()
        self.check(pdb, system, 2, 0.0005)

    def test_a_loop_over_a_context_costs_many_times_as_much(self):
        pdb, system = alanine_dipeptide()
        start = numpy.array(pdb.positions.value_in_unit(unit.nanometer))
        x = start + 0.003*numpy.random.default_rng(2).normal(size=(1024,) + start.shape)
        batch = BatchEnergy(system, threads=1)
        for platform, least in LEAST_GAIN.items():
            # One thread each: CPU times of several threads that wait for each other mean nothing.
            properties = {"Threads": "1"} if platform == "CPU" else {}
            context = openmm.Context(system, openmm.VerletIntegrator(0.001),
                                     openmm.Platform.getPlatformByName(platform), properties)
            times = [(cpu_time(lambda: loop_over(context, x)), cpu_time(lambda: batch.evaluate(x)))
                     for _ in range(4)]
            theirs, ours = (min(column) for column in zip(*times))
            off = abs(batch.evaluate(x) - loop_over(context, x)).max()
            print("1,024 configurations: %s %.1f us each, a batch %.2f us each, %.0f times less; "
                  "energies differ by %.1e kJ/mol at most"
                  % (platform, theirs/1024*1e6, ours/1024*1e6, theirs/ours, off))
            self.assertLess(off, SINGLE_TOLERANCE if platform == "CPU" else
                            ENERGY_TOLERANCE*abs(batch.evaluate(x)).max())
            self.assertGreater(theirs/ours, least)

    def test_errors(self):
        _, system = alanine_dipeptide()
        with self.assertRaisesRegex(ValueError, r"expected \(B, 22, 3\)"):
            energies(system, numpy.zeros((2, 21, 3)))
        with self.assertRaisesRegex(openmm.OpenMMException, "or 0 for all cores, not -1"):
            BatchEnergy(system, threads=-1)
        system.addForce(openmm.CustomExternalForce("x"))
        with self.assertRaisesRegex(openmm.OpenMMException, "CustomExternalForce"):
            energies(system, numpy.zeros((2, 22, 3)))


if __name__ == "__main__":
    unittest.main()
