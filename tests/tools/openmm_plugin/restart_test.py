"""Oracle: a run that was not interrupted. Also what app.Simulation and CompoundIntegrator need."""

import copy
import io
import os
import tempfile
import unittest
import warnings

import mdtraj
import molecules
import numpy
import openmm
from molecules import LEAP_MODEL, TEMPERATURE, alanine_dipeptide, context_of, in_water, positions_of
from openmm import app
from saltus_openmm import SaltusIntegrator


def integrator_for(pdb, seed=1):
    integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology, seed=seed)
    integrator.addHamiltonianMonteCarlo(steps=5, friction=1.0)  # velocities matter
    integrator.addLangevin(steps=3, friction=1.0)
    integrator.addLeap(LEAP_MODEL)
    integrator.addTorsionWalk()
    integrator.addDrivenTorsions([molecules.PHI, molecules.PSI], steps=5)
    return integrator


def by_state(integrator):
    twin = SaltusIntegrator.__new__(SaltusIntegrator)
    twin.__setstate__(integrator.__getstate__())
    return twin


class Restart(unittest.TestCase):
    platform, properties = "Reference", {}

    def context_of(self, integrator):
        context = openmm.Context(self.system, integrator,
                                 openmm.Platform.getPlatformByName(self.platform), self.properties)
        context.setPositions(self.start)
        return context

    def setUp(self):
        self.pdb, self.system = alanine_dipeptide()
        self.start = positions_of(context_of(self.pdb, self.system, openmm.VerletIntegrator(0.001)))
        self.straight = integrator_for(self.pdb)
        self.context = self.context_of(self.straight)
        self.straight.step(60)

    def resume(self, save, load):
        """A run of 60 steps that is interrupted after 25."""
        first = integrator_for(self.pdb)
        context = self.context_of(first)
        first.step(25)
        saved = save(context)
        second = integrator_for(self.pdb)
        other = self.context_of(second)
        second.step(3)  # of another history
        load(other, saved)
        second.step(35)
        return second, other

    def check(self, integrator, context):
        self.assertTrue((positions_of(context) == positions_of(self.context)).all())
        mine, theirs = integrator.statistics(), self.straight.statistics()
        for row in list(mine.values()) + list(theirs.values()):
            del row["cpu_seconds"]
        self.assertEqual(mine, theirs)
        self.assertGreater(mine["driven_torsion"]["work_deviation_kT"], 0.0)

    def test_checkpoints_go_on_bit_by_bit(self):
        self.check(*self.resume(lambda context: context.createCheckpoint(),
                                lambda context, saved: context.loadCheckpoint(saved)))

    def test_states_in_xml_go_on_bit_by_bit(self):
        def save(context):
            return openmm.XmlSerializer.serialize(context.getState(
                getPositions=True, getVelocities=True, getParameters=True,
                getIntegratorParameters=True))

        def load(context, xml):
            context.setState(openmm.XmlSerializer.deserialize(xml))

        self.check(*self.resume(save, load))

    def test_chosen_steps_go_on_with_a_checkpoint(self):
        def choose(integrator):
            # No turn of 60 degrees in one fs survives, one of 200 may.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # four trials tell nothing
                return integrator.chooseSteps(4, [1, 200], trials=4)["steps"]

        straight = integrator_for(self.pdb)
        context = self.context_of(straight)
        straight.step(5)
        chosen = choose(straight)
        self.assertEqual(straight.getMove(4).steps, chosen)
        self.assertNotEqual(chosen, integrator_for(self.pdb).getMove(4).steps)
        straight.step(10)
        first = integrator_for(self.pdb)
        other = self.context_of(first)
        first.step(5)
        choose(first)
        saved = other.createCheckpoint()
        state = other.getState(getPositions=True, getVelocities=True, getParameters=True,
                               getIntegratorParameters=True)
        for load in (lambda context: context.loadCheckpoint(saved),
                     lambda context: context.setState(openmm.XmlSerializer.deserialize(
                         openmm.XmlSerializer.serialize(state)))):
            second = integrator_for(self.pdb)
            again = self.context_of(second)
            load(again)
            self.assertEqual(second.getMove(4).steps, chosen)
            second.step(10)
            self.assertTrue((positions_of(again) == positions_of(context)).all())
        # Steps of a move that has none.
        wrong = SaltusIntegrator(TEMPERATURE, 0.001, self.pdb.topology)
        wrong.addHamiltonianMonteCarlo()
        context = self.context_of(wrong)
        with self.assertRaisesRegex(openmm.OpenMMException, "there is no move 4"):
            context.loadCheckpoint(saved)

    def test_a_parameter_that_changes_counts_from_the_next_step_on(self):
        """Forces that were found before it changed are not used: a run that goes on from a
        checkpoint has none."""
        force = openmm.CustomExternalForce("pull*x")
        force.addGlobalParameter("pull", 0.0)
        for atom in range(self.system.getNumParticles()):
            force.addParticle(atom)
        self.system.addForce(force)
        ends = []
        for pull, is_restarted in ((100.0, False), (100.0, True), (0.0, False)):
            integrator = SaltusIntegrator(TEMPERATURE, 0.001, seed=3)
            integrator.addHamiltonianMonteCarlo(steps=3)
            context = self.context_of(integrator)
            integrator.step(4)
            if is_restarted:
                saved = context.createCheckpoint()
                integrator = SaltusIntegrator(TEMPERATURE, 0.001, seed=3)
                integrator.addHamiltonianMonteCarlo(steps=3)
                context = self.context_of(integrator)
                context.loadCheckpoint(saved)
            context.setParameter("pull", pull)
            integrator.step(1)
            ends.append(positions_of(context))
        self.assertTrue((ends[0] == ends[1]).all())
        self.assertGreater(abs(ends[0] - ends[2]).max(), 1e-6)

    def test_another_seed_goes_elsewhere(self):
        other = integrator_for(self.pdb, seed=2)
        context = self.context_of(other)
        other.step(60)
        self.assertFalse((positions_of(context) == positions_of(self.context)).any())

    def test_a_copy_by_xml_does_the_same(self):
        base = openmm.XmlSerializer.deserialize(openmm.XmlSerializer.serialize(integrator_for(
            self.pdb)))
        context = self.context_of(base)
        base.step(60)
        self.check(SaltusIntegrator.cast(base), context)
        self.assertEqual(SaltusIntegrator.cast(base).getNumMovesMade(), 60)
        with self.assertRaises(TypeError):
            SaltusIntegrator.cast(openmm.VerletIntegrator(0.001))


    def test_copies_do_the_same(self):
        for duplicate in (copy.deepcopy, by_state):
            twin = duplicate(integrator_for(self.pdb))
            self.assertEqual(twin.getTemperature(), TEMPERATURE)
            context = self.context_of(twin)
            twin.step(60)
            self.check(twin, context)
        # A copy may be given away.
        compound = openmm.CompoundIntegrator()
        compound.addIntegrator(copy.deepcopy(integrator_for(self.pdb)))
        self.assertIsInstance(SaltusIntegrator.cast(compound.getIntegrator(0)), SaltusIntegrator)

    def test_a_checkpoint_of_another_integrator_is_refused(self):
        verlet = self.context_of(openmm.VerletIntegrator(0.001))
        with self.assertRaisesRegex(openmm.OpenMMException, "with a SaltusIntegrator"):
            self.context.loadCheckpoint(verlet.createCheckpoint())


class RestartOnCPU(Restart):
    """With one thread: several add forces up in any order."""

    platform, properties = "CPU", {"Threads": "1"}


class RestartInWater(unittest.TestCase):
    """On Reference: lists of neighbours of the CPU platform depend on the past."""

    def context_of(self):
        pdb, system = in_water()  # with a CMMotionRemover
        barostat = openmm.MonteCarloBarostat(3000.0, TEMPERATURE, 1)
        barostat.setRandomNumberSeed(5)
        system.addForce(barostat)
        integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology, seed=3)
        integrator.addHamiltonianMonteCarlo(steps=1, friction=1.0)
        integrator.addTorsionWalk(width=0.1, atoms=range(22))
        context = openmm.Context(system, integrator,
                                 openmm.Platform.getPlatformByName("Reference"))
        context.setPositions(pdb.positions)
        return integrator, context

    def test_checkpoints_keep_the_box_of_a_barostat(self):
        straight, context = self.context_of()
        straight.step(9)
        saved, volume = context.createCheckpoint(), context.getState().getPeriodicBoxVolume()
        straight.step(8)
        self.assertNotEqual(context.getState().getPeriodicBoxVolume(), volume)
        resumed, other = self.context_of()
        other.loadCheckpoint(saved)
        self.assertEqual(other.getState().getPeriodicBoxVolume(), volume)
        resumed.step(8)
        self.assertTrue((positions_of(other) == positions_of(context)).all())
        self.assertEqual(other.getState().getPeriodicBoxVolume(),
                         context.getState().getPeriodicBoxVolume())


class InSimulation(unittest.TestCase):
    def test_mdtraj_s_reporter_writes_what_the_context_has(self):
        pdb, system = alanine_dipeptide()
        simulation = app.Simulation(pdb.topology, system, integrator_for(pdb),
                                    openmm.Platform.getPlatformByName("Reference"))
        simulation.context.setPositions(pdb.positions)
        simulation.minimizeEnergy(maxIterations=30)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.h5")
            reporter = mdtraj.reporters.HDF5Reporter(path, 4, velocities=True)
            simulation.reporters.append(reporter)
            simulation.step(12)
            reporter.close()
            trajectory = mdtraj.load(path)
        self.assertEqual(trajectory.n_frames, 3)
        # The file is of single precision.
        off = abs(trajectory.xyz[-1] - positions_of(simulation.context)).max()
        self.assertLess(off, 1e-6)
        self.assertGreater(numpy.ptp(trajectory.time), 0.0)

    def test_reporters_and_a_compound_integrator(self):
        pdb, system = alanine_dipeptide()
        compound = openmm.CompoundIntegrator()
        compound.addIntegrator(openmm.LangevinMiddleIntegrator(TEMPERATURE, 1.0, 0.001))
        compound.addIntegrator(integrator_for(pdb))
        simulation = app.Simulation(pdb.topology, system, compound,
                                    openmm.Platform.getPlatformByName("Reference"))
        simulation.context.setPositions(pdb.positions)
        simulation.minimizeEnergy(maxIterations=30)
        text = io.StringIO()
        simulation.reporters.append(app.StateDataReporter(
            text, 10, step=True, time=True, potentialEnergy=True, temperature=True))
        simulation.step(20)
        compound.setCurrentIntegrator(1)
        simulation.step(20)
        self.assertEqual(len(text.getvalue().splitlines()), 5)
        ours = SaltusIntegrator.cast(compound.getIntegrator(1))
        self.assertEqual(ours.getNumMovesMade(), 20)
        # What OpenMM's own steps did in between is noticed.
        compound.setCurrentIntegrator(0)
        simulation.step(10)
        before = positions_of(simulation.context)
        compound.setCurrentIntegrator(1)
        ours.resetStatistics()
        while ours.acceptance("torsion_walk") == 0.0:
            simulation.step(1)
        self.assertFalse((positions_of(simulation.context) == before).all())


if __name__ == "__main__":
    unittest.main()
