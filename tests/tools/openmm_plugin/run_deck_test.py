"""Oracle: what the deck asks for, and the program's own sentences. SALTUS_PROGRAM is its path."""

import os
import tempfile
import unittest

import mdtraj
import molecules
import openmm
from saltus_openmm import run_deck

DECK = """
schema = 1
seed = 1
[system]
coordinates = "%s"
force_field = ["amber99sbildn.xml", "amber99_obc.xml"]
[ensemble]
temperature = "310 K"
[chains]
count = 3
[[move]]
kind = "hmc"
time_step = "1 fs"
steps = 5
[run]
steps = 10
""" % os.path.abspath(os.path.join(molecules.DATA, "molecules/alanine_dipeptide.pdb"))


class Decks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.deck = os.path.join(folder.name, "deck.toml")
        self.results = os.path.join(folder.name, "results")
        with open(self.deck, "w") as file:
            file.write(DECK)

    def run_it(self, settings=None, **options):
        return run_deck(self.deck, self.results, settings, program=os.environ["SALTUS_PROGRAM"],
                        **options)

    def test_a_deck_runs_and_settings_take_the_place_of_its_own(self):
        summary = self.run_it({"run.steps": 4, "ensemble.temperature": "320 K"})
        self.assertEqual((summary["n_chains"], summary["n_steps"]), (3, 4))
        self.assertEqual(summary["temperatures_K"], [320.0])
        self.assertTrue(summary["is_exact"])
        trajectory = mdtraj.load(os.path.join(self.results, "trajectory.h5"))
        self.assertEqual(trajectory.n_atoms, 22)
        with self.assertRaisesRegex(openmm.OpenMMException, "overwrite"):
            self.run_it()
        self.assertEqual(self.run_it(overwrite=True)["n_steps"], 10)

    def test_errors_are_the_program_s(self):
        with self.assertRaisesRegex(openmm.OpenMMException, 'did you mean "steps"'):
            self.run_it({"run.stepz": 4})
        with self.assertRaisesRegex(openmm.OpenMMException, "give its path"):
            run_deck(self.deck, self.results, program="no_such_program")


if __name__ == "__main__":
    unittest.main()
