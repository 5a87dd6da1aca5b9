"""Oracle: acceptances that the program saltus has for the same molecule and model, OpenMM's own
integrators, and sentences of errors."""

import time
import unittest

import molecules
import openmm
from molecules import LEAP_MODEL, TEMPERATURE, alanine_dipeptide, context_of, positions_of
from openmm import unit
from saltus_openmm import SaltusIntegrator

# Of README.md and of a run of data/decks/alanine_dipeptide_trained.toml; the average over 3000
# leaps of one chain has a standard error of 0.015.
PROGRAM_ACCEPTANCE = 0.57
ACCEPTANCE_TOLERANCE = 0.08
# CPU time of a force evaluation of ours over one of OpenMM's; 1.05 to 1.15 on a quiet machine.
MAX_OVERHEAD = 1.5


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
    @staticmethod
    def seconds_per_force(integrator, forces_per_step, n_forces=4000):
        pdb, system = alanine_dipeptide()
        context = context_of(pdb, system, integrator)
        context.setVelocitiesToTemperature(TEMPERATURE, 1)
        integrator.step(20)
        times = []
        for _ in range(5):
            start = time.process_time()
            integrator.step(n_forces // forces_per_step)
            times.append(time.process_time() - start)
        return min(times) / n_forces

    def test_steps_without_leaps_cost_what_openmm_s_do(self):
        ours = SaltusIntegrator(TEMPERATURE, 0.001)
        ours.addHamiltonianMonteCarlo(steps=20, lengthJitter=0.0)
        theirs = openmm.LangevinMiddleIntegrator(TEMPERATURE, 1.0, 0.001)
        ratio = self.seconds_per_force(ours, 20) / self.seconds_per_force(theirs, 1)
        print("CPU time of a step over OpenMM's: %.2f" % ratio)
        self.assertLess(ratio, MAX_OVERHEAD)


class Errors(unittest.TestCase):
    def message_of(self, add, system=None, topology="own", temperature=TEMPERATURE):
        """What a move that `add` adds says in its first step."""
        pdb, own = alanine_dipeptide()
        integrator = SaltusIntegrator(temperature, 0.001, pdb.topology if topology else None)
        with self.assertRaises(openmm.OpenMMException) as caught:
            add(integrator)
            context = context_of(pdb, system or own, integrator)
            integrator.step(1)
            del context
        return str(caught.exception)

    def test_no_moves(self):
        self.assertIn("has no moves: add some", self.message_of(lambda i: None))

    def test_no_topology(self):
        self.assertIn("needs the topology",
                      self.message_of(lambda i: i.addTorsionWalk(), topology=None))

    def test_another_number_of_atoms(self):
        system = openmm.System()
        for _ in range(3):
            system.addParticle(1.0)
        self.assertIn("the topology has 22 atoms, the System 3 particles",
                      self.message_of(lambda i: i.addTorsionWalk(), system=system))

    def test_models(self):
        self.assertIn("missing.safetensors",
                      self.message_of(lambda i: i.addLeap("missing.safetensors")))
        self.assertIn("this run is at 300 K",
                      self.message_of(lambda i: i.addLeap(LEAP_MODEL), temperature=300))
        self.assertIn("only one of them is among the atoms given",
                      self.message_of(lambda i: i.addLeap(LEAP_MODEL, atoms=range(6))))
        _, other = alanine_dipeptide("ff14SB")
        nonbonded = next(f for f in other.getForces() if isinstance(f, openmm.NonbondedForce))
        charge, sigma, epsilon = nonbonded.getParticleParameters(8)
        nonbonded.setParticleParameters(8, 2*charge, sigma, epsilon)
        self.assertIn("this molecule has other charges in residue 2, ALA",
                      self.message_of(lambda i: i.addPeptideLeaps(), system=other))

    def test_constraints(self):
        from openmm import app
        _, system = alanine_dipeptide(constraints=app.HBonds)
        self.assertIn("constraints=None",
                      self.message_of(lambda i: i.addLeap(LEAP_MODEL), system=system))

    def test_options(self):
        integrator = SaltusIntegrator(300, 0.001)
        for add, message in ((lambda: integrator.addHamiltonianMonteCarlo(steps=0),
                              "steps must be at least 1"),
                             (lambda: integrator.addTorsionWalk(weight=-1),
                              "the weight must be positive"),
                             (lambda: integrator.setTemperature(-1),
                              "the temperature must be positive")):
            with self.assertRaisesRegex(openmm.OpenMMException, message):
                add()
        with self.assertRaisesRegex(openmm.OpenMMException, "not bound to a Context"):
            integrator.step(1)

    def test_a_barostat_of_another_temperature(self):
        pdb, system = molecules.in_water()
        system.addForce(openmm.MonteCarloBarostat(1.0, 300.0))
        integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology)
        integrator.addHamiltonianMonteCarlo()
        context = openmm.Context(system, integrator,
                                 openmm.Platform.getPlatformByName("Reference"))
        context.setPositions(pdb.positions)
        with self.assertRaisesRegex(openmm.OpenMMException, "one distribution has one temperature"):
            integrator.step(1)


if __name__ == "__main__":
    unittest.main()
