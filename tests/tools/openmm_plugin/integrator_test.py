"""Oracle: acceptances that the program saltus has for the same molecule and model, and OpenMM's own
integrators."""

import math
import time
import unittest

import molecules
import openmm
from molecules import LEAP_MODEL, PHI, PSI, TEMPERATURE, alanine_dipeptide, context_of, positions_of
from openmm import unit
from saltus_openmm import SaltusIntegrator

# Of README.md and of a run of data/decks/alanine_dipeptide_trained.toml; the average over 3000
# leaps of one chain has a standard error of 0.015.
PROGRAM_ACCEPTANCE = 0.57
ACCEPTANCE_TOLERANCE = 0.08
# CPU time of a step of ours over one of OpenMM's, at most: of 22 atoms, where 1.02 was measured, and
# in water, 0.85.
MAX_OVERHEAD, MAX_OVERHEAD_IN_WATER = 1.10, 1.02


class Leaps(unittest.TestCase):
    def test_the_leap_of_a_molecule_is_accepted_as_the_program_accepts_it(self):
        pdb, system = alanine_dipeptide()
        integrator = SaltusIntegrator(TEMPERATURE, 1*unit.femtosecond, pdb.topology, seed=3)
        integrator.addHamiltonianMonteCarlo(steps=10)
        integrator.addLeap(LEAP_MODEL, weight=2)
        context = context_of(pdb, system, integrator)
        integrator.step(300)
        integrator.resetStatistics()
        integrator.step(4500)
        self.assertAlmostEqual(integrator.acceptance("leap"), PROGRAM_ACCEPTANCE,
                               delta=ACCEPTANCE_TOLERANCE)
        self.assertGreater(integrator.acceptance("hmc"), 0.85)
        rows = integrator.statistics()
        self.assertEqual(sum(row["proposed"] for row in rows.values()), 4500)
        self.assertEqual(integrator.getNumMovesMade(), 4800)
        self.assertEqual(context.getState().getStepCount(), 4800)

    def test_peptides_leap_by_the_model_within_saltus(self):
        pdb, system = alanine_dipeptide("ff14SB")
        integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology, seed=4)
        integrator.addHamiltonianMonteCarlo(steps=5)
        integrator.addPeptideLeaps(weight=4)
        context = context_of(pdb, system, integrator)
        integrator.step(300)
        self.assertEqual(context.getState().getStepCount(), 300)
        self.assertGreater(integrator.acceptance("peptide_leaps"), 0.4)
        self.assertTrue(any(name.startswith("peptide_leaps/residue_2/")
                            for name in integrator.statistics()))

    def test_a_leap_keeps_what_it_does_not_move(self):
        pdb, system = molecules.in_water()
        integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology, seed=5)
        integrator.addPeptideLeaps()
        context = context_of(pdb, system, integrator)
        integrator.step(1)  # onto the constraints of the water
        before = positions_of(context)
        integrator.resetStatistics()
        for _ in range(100):
            integrator.step(1)
            if integrator.acceptance("peptide_leaps") > 0.0:
                break
        after = positions_of(context)
        self.assertTrue((before[22:] == after[22:]).all())
        self.assertFalse((before[:22] == after[:22]).all())


class DrivenTorsions(unittest.TestCase):
    def work(self, steps):
        """Mean and standard deviation of the work, kT, and the time that went by, ps."""
        pdb, system = alanine_dipeptide()
        integrator = SaltusIntegrator(TEMPERATURE, 0.002, pdb.topology, seed=7)
        integrator.addHamiltonianMonteCarlo(steps=10)
        context = context_of(pdb, system, integrator)
        integrator.step(300)
        copied = SaltusIntegrator(TEMPERATURE, 0.002, pdb.topology, seed=7)
        copied.addDrivenTorsions([PHI, PSI], steps=steps)
        other = context_of(pdb, system, copied, iterations=0)
        other.setPositions(positions_of(context))
        self.assertEqual(copied.statistics(), {})
        copied.step(60)
        row = copied.statistics()["driven_torsion"]
        self.assertEqual(row["proposed"], 60)
        self.assertEqual(row["energy_evaluations"], 60*(steps + 1))
        self.assertAlmostEqual(other.getState().getTime()._value, 60*steps*0.001)
        return row["mean_work_kT"], row["work_deviation_kT"]

    def test_a_slow_turn_costs_less_work(self):
        fast, slow = self.work(1), self.work(400)
        self.assertGreater(slow[0], 0.0)
        self.assertGreater(fast[0], 2*slow[0])
        self.assertGreater(fast[1], slow[1])


class Settings(unittest.TestCase):
    def test_what_is_set_between_steps_holds_from_the_next_on(self):
        pdb, system = alanine_dipeptide()
        integrator = SaltusIntegrator(TEMPERATURE, 0.001, seed=6)
        integrator.addHamiltonianMonteCarlo(steps=5)
        context = context_of(pdb, system, integrator)
        integrator.step(20)
        self.assertGreater(integrator.acceptance("hmc"), 0.7)
        before = positions_of(context)
        integrator.setStepSize(0.02)  # far too long
        integrator.resetStatistics()
        integrator.step(20)
        self.assertEqual(integrator.acceptance("hmc"), 0.0)
        self.assertTrue((positions_of(context) == before).all())
        integrator.setIntegrationForceGroups(1 << 5)  # no force is in it: everything flies
        integrator.step(20)
        self.assertGreater(integrator.acceptance("hmc"), 0.0)


class Units(unittest.TestCase):
    def test_quantities_and_numbers_mean_the_same(self):
        pdb, _ = alanine_dipeptide()
        one = SaltusIntegrator(TEMPERATURE, 2*unit.femtoseconds, pdb.topology)
        two = SaltusIntegrator(310, 0.002, pdb.topology)
        for integrator, width, friction in ((one, 30*unit.degrees, 2/unit.picosecond),
                                            (two, 0.5235987755982988, 2.0)):
            integrator.addTorsionWalk(width=width)
            integrator.addLangevin(friction)
        one.addDrivenTorsions([PHI, PSI], "walk", width=90*unit.degrees, timeStep=2*unit.femtosecond,
                              stiffness=250*unit.kilocalorie_per_mole/unit.radian**2, steps=40)
        two.addDrivenTorsions(PHI + PSI, "walk", width=math.pi/2, timeStep=0.002, stiffness=1046.0,
                              steps=40)
        self.assertEqual(openmm.XmlSerializer.serialize(one), openmm.XmlSerializer.serialize(two))
        self.assertEqual(one.getTemperature(), TEMPERATURE)

    def test_it_says_what_it_is(self):
        integrator = SaltusIntegrator(310, 0.002)
        integrator.addHamiltonianMonteCarlo(weight=3)
        self.assertEqual(repr(integrator), "<SaltusIntegrator at 310 K, step size 0.002 ps, exact; "
                                           "moves: hmc (weight 3)>")
        integrator.addLangevin(1.0)
        self.assertIn("approximate", repr(integrator))


class Overhead(unittest.TestCase):
    def check(self, make, time_step, n_forces, most):
        """CPU time of a step of ours over one of OpenMM's, in turns: the least of several."""
        ours = SaltusIntegrator(TEMPERATURE, time_step)
        ours.addHamiltonianMonteCarlo(steps=20, lengthJitter=0.0)
        theirs = openmm.LangevinMiddleIntegrator(TEMPERATURE, 1.0, time_step)
        contexts = [context_of(*make(), integrator) for integrator in (ours, theirs)]
        for context in contexts:
            context.setVelocitiesToTemperature(TEMPERATURE, 1)
        ratios = []
        for _ in range(7):
            seconds = []
            for integrator, n_steps in ((ours, n_forces // 20), (theirs, n_forces)):
                start = time.process_time()
                integrator.step(n_steps)
                seconds.append(time.process_time() - start)
            ratios.append(seconds[0] / seconds[1])
        print("CPU time of a step over OpenMM's, %d particles: %.2f (%.2f to %.2f)" % (
            contexts[0].getSystem().getNumParticles(), sorted(ratios)[3], min(ratios), max(ratios)))
        self.assertLess(min(ratios[1:]), most)

    def test_steps_without_leaps_cost_what_openmm_s_do(self):
        self.check(alanine_dipeptide, 0.001, 4000, MAX_OVERHEAD)

    def test_in_water_too(self):
        self.check(molecules.in_water, 0.0005, 60, MAX_OVERHEAD_IN_WATER)


if __name__ == "__main__":
    unittest.main()
