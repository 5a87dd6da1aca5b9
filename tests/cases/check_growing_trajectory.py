"""Reads the trajectory of a run that is going on, in every way that the README names, with h5py,
MDTraj and MDAnalysis; then the finished file.

usage: check_growing_trajectory.py SALTUS PDB; exit code 77 when a module is missing.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings

warnings.simplefilter("ignore")
try:
    import h5py
    import MDAnalysis
    import mdtraj
    import numpy as np
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

DECK = """
schema = 1
seed = 5
[system]
coordinates = "ala.pdb"
force_field = ["amber99sbildn.xml"]
[ensemble]
temperature = "310 K"
[energy]
threads = 1
[chains]
count = 2
[[move]]
kind = "hmc"
steps = 5
[run]
steps = 100000000
frame_period = 2
[output]
directory = "out"
"""
TRAJECTORY = "out/trajectory.h5"


def wait_for(condition, what):
    """What `condition` returns, as soon as it is something."""
    start = time.time()
    while time.time() - start < 60:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("no " + what + " in a minute")


def rows_by_h5py():
    """Rows of the live file; 0 while there is none."""
    if not os.path.exists(TRAJECTORY):
        return 0
    with h5py.File(TRAJECTORY, "r", swmr=True) as file:
        return len(file["coordinates"])


def check_live_by_h5py():
    with h5py.File(TRAJECTORY, "r", swmr=True) as file:
        positions, energies = file["coordinates"], file["potentialEnergy"]
        first = len(positions)
        assert np.all(np.isfinite(positions[:first])) and np.all(np.isfinite(energies[:first]))

        def grown():
            positions.refresh()
            return len(positions) > first
        wait_for(grown, "new frames in a file that is open")
        assert np.all(np.isfinite(positions[:len(positions)]))


def check_copy(saltus):
    """A copy, repaired, is a file as any other, also for readers that know nothing of growth."""
    shutil.copy(TRAJECTORY, "copy.h5")
    said = subprocess.run([saltus, "repair", "copy.h5"], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    by_mdtraj = mdtraj.load("copy.h5")
    by_mdanalysis = MDAnalysis.Universe("ala.pdb", "copy.h5", format="H5MD")
    assert by_mdtraj.n_frames == len(by_mdanalysis.trajectory) > 0
    with h5py.File("copy.h5", "r") as file:
        rows = file["coordinates"][:]
    assert np.array_equal(by_mdtraj.xyz, rows)
    # Nanometres and angstrom.
    last = by_mdanalysis.trajectory[len(rows) - 1].positions
    assert np.allclose(last, 10.0 * rows[-1], atol=1e-4)
    return len(rows)


def main(saltus, pdb):
    shutil.copy(pdb, "ala.pdb")
    with open("deck.toml", "w") as deck:
        deck.write(DECK)
    run = subprocess.Popen([saltus, "run", "deck.toml", "-q", "--no-report"],
                           stdout=subprocess.DEVNULL)
    try:
        wait_for(rows_by_h5py, "trajectory with frames")
        check_live_by_h5py()
        rows_of_copy = check_copy(saltus)
        report = subprocess.run([saltus, "report", TRAJECTORY], capture_output=True, text=True)
        assert report.returncode == 0, report.stderr
        assert run.poll() is None, "the run ended too early for this test"
        run.send_signal(signal.SIGTERM)
        assert run.wait(60) == 130
    finally:
        run.kill()
    # Interrupted or finished, the file is for everybody.
    finished = mdtraj.load(TRAJECTORY)
    assert finished.n_frames > rows_of_copy
    universe = MDAnalysis.Universe("ala.pdb", TRAJECTORY, format="H5MD")
    assert len(universe.trajectory) == finished.n_frames
    print("a copy had", rows_of_copy, "rows, the interrupted run", finished.n_frames)


if __name__ == "__main__":
    program, structure = (os.path.abspath(path) for path in sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        main(program, structure)
        os.chdir("/")
