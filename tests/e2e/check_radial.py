"""The radial distribution functions of a summary are those of MDTraj's compute_rdf of the same frames,
and a summary that counts pairs within molecules would not be.

usage: check_radial.py SALTUS; exit code 77 when a module is missing.
"""
import json
import os
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
try:
    import mdtraj
    import numpy as np
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

N_WATERS, N_CHAINS, N_FRAMES = 64, 3, 8

DECK = f"""
schema = 1
seed = 3
[system]
coordinates = "water.pdb"
force_field = ["amber14/tip4pew.xml"]
nonbonded = "pme"
cutoff = "0.6 nm"
[energy]
backend = "native"
threads = 1
[ensemble]
temperature = "300 K"
[chains]
count = {N_CHAINS}
start = "input"
[[move]]
kind = "rigid_hmc"
[warm_up]
steps = 1
[run]
steps = {N_FRAMES}
[output]
directory = "out"
"""


def pairs_of(topology, first, second, within):
    """@param within  whether pairs of one molecule count, too"""
    a = topology.select(f"element {first}")
    b = topology.select(f"element {second}")
    molecule = [atom.residue.index for atom in topology.atoms]
    return [(i, j) for i in a for j in b
            if (within or molecule[i] != molecule[j]) and (first != second or i < j)]


def largest_difference(trajectory, curve, within):
    first, second = curve["pair"].split("-")
    n_bins = len(curve["g"])
    # Bins from 0, of the same width.
    radius, g = mdtraj.compute_rdf(trajectory, pairs_of(trajectory.topology, first, second, within),
                                   r_range=(0.0, n_bins * curve["bin_nm"]), n_bins=n_bins)
    assert abs(radius[0] - 0.5 * curve["bin_nm"]) < 1e-9
    # Distances are float32 there: single pairs may fall into the bin beside theirs. Sums over ten
    # bins, in units of the largest.
    def sums(values):
        counts = np.array(values) * radius ** 2
        return counts[:n_bins // 10 * 10].reshape(-1, 10).sum(axis=1)
    return abs(sums(g) - sums(curve["g"])).max() / sums(curve["g"]).max()


def main():
    saltus = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        subprocess.run([saltus, "solvate", "--waters", str(N_WATERS), "--water", "tip4pew", "-o",
                        "water.pdb"], check=True, stdout=subprocess.PIPE)
        with open("deck.toml", "w") as deck:
            deck.write(DECK)
        subprocess.run([saltus, "run", "deck.toml"], check=True, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
        trajectory = mdtraj.load("out/trajectory.h5")
        assert len(trajectory) == N_CHAINS * N_FRAMES, len(trajectory)
        with open("out/summary.json") as file:
            curves = json.load(file)["radial_distributions"]
        assert [curve["pair"] for curve in curves] == ["O-O", "O-H", "H-H"], curves
        for curve in curves:
            assert curve["configurations"] == N_CHAINS * N_FRAMES
            difference = largest_difference(trajectory, curve, within=False)
            print(curve["pair"], "differs by", difference)
            assert difference < 2e-3, difference
            assert all(error > 0.0 for g, error in zip(curve["g"], curve["g_error"]) if g > 0.5)
            if curve["pair"] != "O-O":
                assert largest_difference(trajectory, curve, within=True) > 0.02
        with open("out/report.html") as file:
            assert "Radial distribution functions" in file.read()


main()
