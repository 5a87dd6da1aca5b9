"""Oracle: a run that was not interrupted. Also what app.Simulation and CompoundIntegrator need."""

import io
import unittest

import openmm
from molecules import LEAP_MODEL, TEMPERATURE, alanine_dipeptide, context_of, positions_of
from openmm import app
from saltus_openmm import SaltusIntegrator


def integrator_for(pdb, seed=1):
    integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology, seed=seed)
    integrator.addHamiltonianMonteCarlo(steps=5, friction=1.0)  # velocities matter
    integrator.addLeap(LEAP_MODEL)
    integrator.addTorsionWalk()
    return integrator


class Restart(unittest.TestCase):
    def setUp(self):
        self.pdb, self.system = alanine_dipeptide()
        self.straight = integrator_for(self.pdb)
        self.context = context_of(self.pdb, self.system, self.straight)
        self.straight.step(60)

    def resume(self, save, load):
        """A run of 60 steps that is interrupted after 25."""
        first = integrator_for(self.pdb)
        context = context_of(self.pdb, self.system, first)
        first.step(25)
        saved = save(context)
        second = integrator_for(self.pdb)
        other = context_of(self.pdb, self.system, second)
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

    def test_another_seed_goes_elsewhere(self):
        other = integrator_for(self.pdb, seed=2)
        context = context_of(self.pdb, self.system, other)
        other.step(60)
        self.assertFalse((positions_of(context) == positions_of(self.context)).any())

    def test_a_copy_by_xml_does_the_same(self):
        base = openmm.XmlSerializer.deserialize(openmm.XmlSerializer.serialize(integrator_for(
            self.pdb)))
        context = context_of(self.pdb, self.system, base)
        base.step(60)
        self.assertTrue((positions_of(context) == positions_of(self.context)).all())
        copy = SaltusIntegrator.cast(base)
        self.assertEqual(copy.getNumMovesMade(), 60)
        with self.assertRaises(TypeError):
            SaltusIntegrator.cast(openmm.VerletIntegrator(0.001))


class InSimulation(unittest.TestCase):
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
