"""Oracle: sentences that say what is wrong and what to do."""

import os
import subprocess
import sys
import unittest

import molecules
import numpy
import openmm
import saltus_openmm_core
from molecules import LEAP_MODEL, TEMPERATURE, alanine_dipeptide, context_of
from openmm import app, unit
from saltus_openmm import SaltusIntegrator


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

    def test_a_file_of_another_model(self):
        peptides = os.path.join(molecules.DATA, "models/peptide_leaps.safetensors")
        self.assertIn("expected 'internal-coordinate leap'",
                      self.message_of(lambda i: i.addLeap(peptides)))

    def test_another_molecule(self):
        self.assertIn("it was trained for another molecule", self.message_of(
            lambda i: i.addLeap(LEAP_MODEL, atoms=range(21, -1, -1))))

    def test_constraints(self):
        _, system = alanine_dipeptide(constraints=app.HBonds)
        self.assertIn("constraints=None",
                      self.message_of(lambda i: i.addLeap(LEAP_MODEL), system=system))

    def test_driven_torsions(self):
        phi = molecules.PHI
        _, system = alanine_dipeptide()
        system.addConstraint(phi[1], phi[3], 0.245)  # the angle of N, CA and C
        self.assertIn("are held at a fixed distance across", self.message_of(
            lambda i: i.addDrivenTorsions(phi), system=system))
        for atoms, message in (((4, 6, 8, 100), "atom 100 is not one of the System's 22"),
                               ((4, 6, 14, 8), "are not bonded; give four atoms bonded in a row"),
                               (phi[:3], "four atoms for each torsion"),
                               ((), "four atoms for each torsion")):
            with self.subTest(message):
                self.assertIn(message, self.message_of(lambda i: i.addDrivenTorsions(atoms)))
        for options, message in (({"change": "twice"}, "there is no change 'twice'"),
                                 ({"width": 1.0}, "width is that of change='walk'"),
                                 ({"stiffness": -1.0}, "the stiffness must be"),
                                 ({"timeStep": 0.0}, "timeStep must be positive"),
                                 ({"steps": 0}, "steps must be at least 1")):
            with self.subTest(message):
                self.assertIn(message,
                              self.message_of(lambda i: i.addDrivenTorsions(phi, **options)))
        self.assertIn("needs the topology",
                      self.message_of(lambda i: i.addDrivenTorsions(phi), topology=None))

    def test_choices_of_steps(self):
        integrator = SaltusIntegrator(300.0, 0.001)
        hmc = integrator.addHamiltonianMonteCarlo()
        driven = integrator.addDrivenTorsions(molecules.PHI)
        for arguments, message in (((driven, []), "expected 1 to 8 numbers of steps to choose from"),
                                   ((driven, range(1, 10)), "from, got 9"),
                                   ((driven, [-3]), "steps must be at least 1"),
                                   ((driven, [3, 4, 3]), "is given more than once"),
                                   ((driven, [3], 1), "trials must be at least 2"),
                                   ((hmc, [3]), "'hmc' has no protocol"),
                                   ((7, [3]), "there is no move 7"),
                                   ((driven, [3]), "is not bound to a Context")):
            with self.subTest(message):
                with self.assertRaisesRegex(openmm.OpenMMException, message):
                    integrator.chooseSteps(*arguments)

    def test_what_is_not_finite(self):
        pdb, system = alanine_dipeptide()
        start = numpy.array(pdb.positions.value_in_unit(unit.nanometer))
        nan, together = start.copy(), start.copy()
        nan[3, 1] = numpy.nan
        together[1] = together[0]
        for positions, velocities, message in (
                (nan, 0*start, r"positions of the Context are not finite \(NaN\)"),
                (start, nan, r"velocities of the Context are not finite \(NaN\)"),
                (together, 0*start, "atoms may lie on top of each other")):
            with self.subTest(message):
                integrator = SaltusIntegrator(TEMPERATURE, 0.001)
                integrator.addHamiltonianMonteCarlo(friction=1.0)
                context = openmm.Context(system, integrator,
                                         openmm.Platform.getPlatformByName("Reference"))
                context.setPositions(positions)
                context.setVelocities(velocities)
                with self.assertRaisesRegex(openmm.OpenMMException, message):
                    integrator.step(1)

    def test_unknown_attributes_of_xml(self):
        xml = openmm.XmlSerializer.serialize(SaltusIntegrator(300, 0.001))
        with self.assertRaisesRegex(openmm.OpenMMException, "attribute 'colour' is not known"):
            openmm.XmlSerializer.deserialize(xml.replace("randomSeed", 'colour="red" randomSeed'))

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


class Platforms(unittest.TestCase):
    """In processes of their own: OpenMM looks for plugins once, when it is imported."""

    def platforms(self, code, **environment):
        code += "; print([p.getPlatform(i).getName() for i in range(p.getNumPlatforms())])"
        done = subprocess.run([sys.executable, "-c", "import openmm; p = openmm.Platform; " + code],
                              env={**os.environ, **environment}, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_loading_hides_no_platform(self):
        own = self.platforms("pass")
        self.assertIn("'CPU'", own)
        self.assertEqual(self.platforms("import saltus_openmm"), own)
        openmm_s = openmm.Platform.getDefaultPluginsDirectory()
        ours = os.path.join(os.path.dirname(saltus_openmm_core.__file__), "../plugins")
        self.assertEqual(self.platforms(
            "openmm.XmlSerializer.deserialize('<Integrator type=\"SaltusIntegrator\" version=\"1\" "
            "temperature=\"300\" stepSize=\"1\"/>')", OPENMM_PLUGIN_DIR=ours + ":" + openmm_s), own)


if __name__ == "__main__":
    unittest.main()
