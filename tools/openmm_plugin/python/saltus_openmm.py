"""Moves of Saltus in OpenMM: learned leaps, torsion walks and hybrid Monte Carlo, exact.

    from saltus_openmm import SaltusIntegrator
    integrator = SaltusIntegrator(310*unit.kelvin, 0.002*unit.picoseconds, topology=pdb.topology)
    integrator.addHamiltonianMonteCarlo(steps=10)
    integrator.addPeptideLeaps()
    simulation = app.Simulation(pdb.topology, system, integrator)

One step is one move. energies(system, positions) evaluates many configurations at once, and
run_deck(deck, folder) runs an input deck by the program saltus. Importing this module loads the
plugin into OpenMM, so that XML of a SaltusIntegrator can be read, too.
"""

import json
import math
import os
import subprocess
import warnings

import numpy
import openmm
from openmm import unit

import saltus_openmm_core as _core

__all__ = ["SaltusIntegrator", "BatchEnergy", "energies", "run_deck"]


def _value(quantity, of):
    """A number: a quantity in that unit, or what was given."""
    return quantity.value_in_unit(of) if unit.is_quantity(quantity) else quantity


def _known(number):
    return None if math.isnan(number) else number


def _trials(row):
    return {
        "steps": row.steps,
        "trials": row.trials,
        "energy_evaluations": row.energyEvaluations,
        "mean_work_kT": _known(row.meanWork),
        "work_deviation_kT": _known(row.workDeviation),
        "acceptance": row.acceptance,
        "acceptance_error": row.acceptanceError,
        "gain": row.gain,
        "gain_error": row.gainError,
    }


def _residue_number(residue):
    try:
        return int(residue.id)
    except ValueError:
        return residue.index + 1


def _owned(integrator):
    """The SaltusIntegrator of a base-class object, which hands it over."""
    result = SaltusIntegrator.cast(integrator)
    integrator.thisown, result.thisown = False, True
    del result._kept
    return result


class SaltusIntegrator(_core.SaltusIntegrator):
    """Samples the canonical distribution by moves of Saltus; one step is one move.

    All moves but Langevin dynamics are accepted or rejected by the Metropolis rule with the energy
    of the Context, so that the distribution is exact up to the rounding of the platform's energies.

    temperature : kelvin, or a quantity
    stepSize : of trajectories, picoseconds, or a quantity
    topology : openmm.app.Topology; needed by leaps and moves of torsions
    seed : of all random numbers; used as it is, 0 like any other
    """

    def __init__(self, temperature, stepSize, topology=None, seed=0):
        super().__init__(_value(temperature, unit.kelvin), _value(stepSize, unit.picosecond))
        self.setRandomNumberSeed(seed)
        if topology is not None:
            self.addTopology(topology)

    @staticmethod
    def cast(integrator):
        """The SaltusIntegrator that a base-class object stands for, such as one read from XML or
        taken from a CompoundIntegrator. The object must stay alive.

        Raises TypeError when it is another kind of integrator.
        """
        result = _core.cast_integrator(integrator)
        if result is None:
            raise TypeError("this %s is no SaltusIntegrator" % type(integrator).__name__)
        result.__class__ = SaltusIntegrator
        result._kept = integrator
        return result

    def __copy__(self):
        return _owned(openmm.XmlSerializer.clone(self))

    def __setstate__(self, xml):
        self.this = _owned(openmm.XmlSerializer.deserialize(xml)).this

    def addTopology(self, topology):
        """Hands over residues, atoms and bonds, which an OpenMM System does not have."""
        if self.getNumAtoms():
            raise openmm.OpenMMException("this SaltusIntegrator has a topology already")
        for residue in topology.residues():
            index = self.addResidue(residue.name, _residue_number(residue), residue.chain.index)
            for atom in residue.atoms():
                element = atom.element.atomic_number if atom.element is not None else 0
                self.addAtom(atom.name, element, index)
        for bond in topology.bonds():
            self.addBond(bond[0].index, bond[1].index)

    def addHamiltonianMonteCarlo(self, steps=20, weight=1.0, friction=0.0, lengthJitter=0.2):
        """Hybrid Monte Carlo: trajectories of `steps` +- lengthJitter leapfrog steps of the step
        size. friction (1/ps) above 0 keeps a part of the momenta. Keeps constraints."""
        return self._add("hmc", weight, steps=steps, lengthJitter=lengthJitter,
                         friction=_value(friction, unit.picosecond**-1))

    def addLangevin(self, friction, steps=100, weight=1.0):
        """Langevin dynamics (LangevinMiddle), `steps` at a time. Approximate: isExact() is then
        False."""
        return self._add("langevin", weight, steps=steps,
                         friction=_value(friction, unit.picosecond**-1))

    def addPeptideLeaps(self, weight=1.0, model="", atoms=()):
        """Learned leaps of peptides of AMBER's ff14SB, by the model within Saltus or a file.
        atoms: indices; only peptides that are whole among them leap."""
        return self._add("peptide_leaps", weight, model=model, atoms=atoms)

    def addLeap(self, model, weight=1.0, atoms=()):
        """The learned leap of one molecule, from the file of its model. atoms: indices of that
        molecule in the order of the model; none: all."""
        return self._add("leap", weight, model=model, atoms=atoms)

    def addTorsionWalk(self, width=0.5, weight=1.0, atoms=()):
        """Turns one bond by a normal angle of this width (radians, or a quantity); the smaller
        side turns. atoms: indices of those that may turn; none: all."""
        return self._add("torsion_walk", weight, width=_value(width, unit.radian), atoms=atoms)

    def addDrivenTorsions(self, atoms, change="uniform", width=None, stiffness=1000.0,
                          timeStep=0.001, steps=200, weight=1.0):
        """Draws one of the torsions and turns its bond in `steps` small turns while everything
        else, solvent and constraints, follows by dynamics; accepted on the work. Exact.

        atoms : indices, four for each torsion, bonded in a row, such as [[4, 6, 8, 14]]; the
            smaller side of the middle bond turns
        change : "uniform" (to anywhere on the circle), "half_turn" (by 180 degrees) or "walk"
            (normal of `width`)
        width : radians, or a quantity; 60 degrees unless given, and of "walk" only
        stiffness : of the spring that takes the torsion along, kJ/mol/rad^2, or a quantity; 0:
            none
        timeStep : of this dynamics, picoseconds, or a quantity; the step size of the integrator
            does not matter

        The work (statistics: mean_work_kT, work_deviation_kT) falls with more steps; what the
        dynamics itself adds to it, with the time step."""
        if width is not None and change != "walk":
            raise openmm.OpenMMException(
                "addDrivenTorsions: width is that of change='walk', not of '%s'" % change)
        return self._add(
            "driven_torsion", weight, steps=steps, atoms=numpy.ravel(list(atoms)), change=change,
            width=math.pi/3 if width is None else _value(width, unit.radian),
            stiffness=_value(stiffness, unit.kilojoule_per_mole/unit.radian**2),
            timeStep=_value(timeStep, unit.picosecond))

    def chooseSteps(self, move, steps, trials=40):
        """For a warm-up, before results are kept: tries a driven torsion with each number of steps
        and gives it the one that accepts most turns per energy evaluation. Needs a Context with
        positions, which the other moves take from one trial to the next. Checkpoints, States and
        XML hold what was chosen.

        move : what addDrivenTorsions returned
        steps : numbers to choose from, such as [200, 1000, 4000]
        trials : of each

        Returns a dictionary: "steps", chosen; "tried", what was measured of each; "at_once", of a
        turn in one step; "warning", empty unless none gains anything, which is warned of as well.
        The gain is the acceptance of turns by 60 degrees or more (of a walk by its width, if that
        is less): dynamics makes smaller ones by itself."""
        choice = super().chooseSteps(move, _core.IntVector([int(n) for n in steps]), trials)
        if choice.warning:
            warnings.warn(choice.warning, stacklevel=2)
        return {"steps": choice.steps, "tried": [_trials(row) for row in choice.tried],
                "at_once": _trials(choice.atOnce), "warning": choice.warning}

    def setTemperature(self, temperature):
        super().setTemperature(_value(temperature, unit.kelvin))

    def getTemperature(self):
        return super().getTemperature() * unit.kelvin

    def statistics(self):
        """What each move has done: a dictionary by name. Moves that propose in several ways have
        an entry for each, "move/kind". The work is -log of the Metropolis ratio; its mean is None
        without finite ones, its standard deviation with fewer than two."""
        result = {}
        for i in range(self.getNumStatistics()):
            row = self.getStatistics(i)
            result[row.name] = {
                "proposed": row.proposed,
                "accepted": row.accepted,
                "acceptance": row.accepted / row.proposed if row.proposed else 0.0,
                "invalid": row.invalid,
                "energy_evaluations": row.energyEvaluations,
                "cpu_seconds": row.cpuSeconds,
                "longest_rejection_run": row.longestRejectionRun,
                "mean_work_kT": _known(row.meanWork),
                "work_deviation_kT": _known(row.workDeviation),
            }
        return result

    def acceptance(self, move):
        """Accepted fraction of a move, all its kinds together."""
        rows = [row for name, row in self.statistics().items() if name.split("/")[0] == move]
        proposed = sum(row["proposed"] for row in rows)
        return sum(row["accepted"] for row in rows) / proposed if proposed else 0.0

    def __repr__(self):
        moves = ", ".join("%s (weight %g)" % (move.kind, move.weight)
                          for move in map(self.getMove, range(self.getNumMoves())))
        return "<SaltusIntegrator at %g K, step size %g ps, %s; moves: %s>" % (
            super().getTemperature(), self.getStepSize().value_in_unit(unit.picosecond)
            if unit.is_quantity(self.getStepSize()) else self.getStepSize(),
            "exact" if self.isExact() else "approximate", moves or "none")

    def _add(self, kind, weight, **members):
        move = _core.SaltusMove()
        move.kind = kind
        move.weight = weight
        for name, value in members.items():
            is_list = name == "atoms"
            setattr(move, name, _core.IntVector([int(i) for i in value]) if is_list else value)
        return self.addMove(move)


class BatchEnergy(_core.BatchEnergy):
    """Energies and forces of many configurations of a System at once, by the lanes of Saltus.

    For Systems of the usual bonded forces, NonbondedForce and GBSAOBCForce; others are refused by
    name. All configurations have the System's default box. threads=0: as many as the machine has
    cores; results do not depend on it.
    """

    def __init__(self, system, threads=0):
        super().__init__(system, threads)

    def evaluate(self, positions, forces=False):
        """Energies [B], kJ/mol, of positions [B, N, 3], nanometers or a quantity; with forces=True
        the pair of energies and forces [B, N, 3], kJ/mol/nm. NumPy arrays."""
        x = numpy.ascontiguousarray(_value(positions, unit.nanometer), dtype=numpy.float64)
        n = self.getNumParticles()
        if x.ndim != 3 or x.shape[1:] != (n, 3):
            raise ValueError("positions have the shape %s; expected (B, %d, 3)" % (x.shape, n))
        energies = numpy.empty(len(x))
        gradient = numpy.empty(x.shape if forces else 0)
        if len(x):
            self.evaluate_into(x, energies, gradient)
        return (energies, gradient) if forces else energies


def energies(system, positions, forces=False, threads=0):
    """BatchEnergy(system, threads).evaluate(positions, forces). Keep a BatchEnergy for many calls:
    making one reads the whole System."""
    return BatchEnergy(system, threads).evaluate(positions, forces)


def run_deck(deck, folder, settings=None, program="saltus", overwrite=False, resume=False):
    """Runs an input deck, or a molecule with its usual deck, by the program saltus, in a process of
    its own: batches of chains, training and replica exchange are there. Returns what is in
    summary.json as a dictionary; the trajectory is trajectory.h5 in the folder, for MDTraj.

    deck : file of the deck or molecule
    folder : of the results; takes the place of output.directory
    settings : values that take the place of the deck's, such as {"run.steps": 1000,
        "ensemble.temperature": "310 K"}
    program : its path, or its name in a folder of PATH
    overwrite, resume : replace an earlier run in that folder, or go on with it

    Raises OpenMMException with what the program says.
    """
    values = {**(settings or {}), "output.directory": os.path.abspath(folder)}
    command = [program, "run", os.fspath(deck), "--quiet"]
    command += ["--set=%s=%s" % (key, json.dumps(value)) for key, value in values.items()]
    command += ["--overwrite"]*overwrite + ["--resume"]*resume
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise openmm.OpenMMException(
            "run_deck: the program '%s' cannot be started (%s): give its path, program=..., or put "
            "its folder into PATH" % (program, error.strerror)) from error
    if done.returncode:
        raise openmm.OpenMMException("run_deck: %s" % done.stderr.strip())
    with open(os.path.join(folder, "summary.json")) as file:
        return json.load(file)
