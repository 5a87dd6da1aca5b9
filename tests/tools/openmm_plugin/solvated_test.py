"""Oracle: what moves of a part of a system must leave alone: constraints, the rest, the box between
volume moves of OpenMM's barostat."""

import unittest
import warnings

import numpy
import openmm
from molecules import PHI, TEMPERATURE, context_of, in_water, positions_of
from openmm import app, unit
from saltus_openmm import SaltusIntegrator

PEPTIDE = range(22)
# Of constrained lengths, nm: the engine solves them to 1e-10 of a length.
LENGTH_TOLERANCE = 1e-9


def farthest_off(system, x):
    """How far the worst constraint is off, nm."""
    worst = 0.0
    for n in range(system.getNumConstraints()):
        i, j, length = system.getConstraintParameters(n)
        worst = max(worst, abs(numpy.linalg.norm(x[i] - x[j]) - length._value))
    return worst


class InWater(unittest.TestCase):
    def test_hmc_keeps_constraints_and_is_accepted(self):
        pdb, system = in_water(constraints=app.HBonds)
        integrator = SaltusIntegrator(TEMPERATURE, 0.0005, pdb.topology, seed=1)
        integrator.addHamiltonianMonteCarlo(steps=4)
        context = context_of(pdb, system, integrator)
        integrator.step(10)
        self.assertLess(farthest_off(system, positions_of(context)), LENGTH_TOLERANCE)
        self.assertGreater(integrator.acceptance("hmc"), 0.3)

    def test_torsion_walks_turn_constrained_bonds_of_hydrogens(self):
        pdb, system = in_water(constraints=app.HBonds)
        integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology, seed=2)
        integrator.addTorsionWalk(width=5*unit.degrees, atoms=PEPTIDE)
        context = context_of(pdb, system, integrator)
        integrator.step(30)
        self.assertGreater(integrator.acceptance("torsion_walk"), 0.0)
        x = positions_of(context)
        self.assertLess(farthest_off(system, x), LENGTH_TOLERANCE)

    def test_driven_torsions_carry_the_water_along(self):
        pdb, system = in_water(constraints=app.HBonds)  # with a CMMotionRemover
        system.addForce(openmm.MonteCarloBarostat(1.0, TEMPERATURE, 2))
        integrator = SaltusIntegrator(TEMPERATURE, 0.002, pdb.topology, seed=4)
        integrator.addDrivenTorsions([PHI], "walk", width=10*unit.degrees, timeStep=0.0005,
                                     steps=20)
        context = context_of(pdb, system, integrator, iterations=100)
        integrator.step(1)  # onto the constraints
        before = positions_of(context)
        integrator.step(15)
        row = integrator.statistics()["driven_torsion"]
        self.assertGreater(row["accepted"], 0)
        self.assertGreater(row["work_deviation_kT"], 0.0)
        x = positions_of(context)
        self.assertTrue((x[22:] != before[22:]).any())
        self.assertLess(farthest_off(system, x), LENGTH_TOLERANCE)

    def test_steps_are_chosen_by_trials(self):
        pdb, system = in_water(constraints=app.HBonds)
        integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology, seed=6)
        integrator.addHamiltonianMonteCarlo(steps=2)
        move = integrator.addDrivenTorsions([PHI], "half_turn", steps=7)
        context = context_of(pdb, system, integrator, iterations=100)
        integrator.step(1)
        made, time = integrator.getNumMovesMade(), context.getState().getTime()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            choice = integrator.chooseSteps(move, [5, 20], trials=3)
        self.assertEqual([row["steps"] for row in choice["tried"]], [5, 20])
        self.assertEqual([row["energy_evaluations"] for row in choice["tried"]], [6.0, 21.0])
        self.assertEqual([row["trials"] for row in choice["tried"]], [3, 3])
        # Water is in the way of so fast a turn.
        for row in choice["tried"]:
            self.assertGreater(row["mean_work_kT"], 10.0)
            self.assertLess(row["acceptance"], 0.1)
        self.assertIn("no protocol tried gains anything that 3 trials can tell", choice["warning"])
        self.assertEqual([str(warning.message) for warning in caught], [choice["warning"]])
        self.assertEqual(integrator.getMove(move).steps, choice["steps"])
        self.assertEqual(integrator.getNumMovesMade(), made)
        self.assertEqual(context.getState().getTime(), time)
        # It goes on from a sound state: the energy of a step is that of the positions.
        self.assertLess(farthest_off(system, positions_of(context)), LENGTH_TOLERANCE)
        integrator.step(4)

    def test_a_barostat_acts_between_moves(self):
        pdb, system = in_water()
        system.addForce(openmm.MonteCarloBarostat(1000.0, TEMPERATURE, 2))
        integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology, seed=3)
        integrator.addTorsionWalk(width=5*unit.degrees)
        context = context_of(pdb, system, integrator)
        before = context.getState().getPeriodicBoxVolume()
        integrator.step(40)
        self.assertNotEqual(context.getState().getPeriodicBoxVolume(), before)
        self.assertLess(farthest_off(system, positions_of(context)), LENGTH_TOLERANCE)

    def test_a_molecule_that_the_box_cuts_is_refused(self):
        pdb, system = in_water()
        integrator = SaltusIntegrator(TEMPERATURE, 0.001, pdb.topology)
        integrator.addPeptideLeaps()
        context = context_of(pdb, system, integrator)
        x = positions_of(context)
        x[0, 0] += system.getDefaultPeriodicBoxVectors()[0][0]._value
        context.setPositions(x)
        with self.assertRaisesRegex(openmm.OpenMMException, "the periodic box cuts the bond"):
            integrator.step(1)


if __name__ == "__main__":
    unittest.main()
