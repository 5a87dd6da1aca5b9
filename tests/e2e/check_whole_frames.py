"""MDTraj and MDAnalysis see the molecules of a run in a periodic box whole, each in the box, although
the run itself begins many boxes away; and its triclinic box, which changes its volume.

usage: check_whole_frames.py SALTUS; exit code 77 when a module is missing.
"""
import os
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
try:
    import MDAnalysis
    import mdtraj
    import numpy as np
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

N_WATERS = 64

# Four-site water: the site without mass has no bond in the file.
DECK = """
schema = 1
seed = 3
[system]
coordinates = "far.pdb"
force_field = ["amber14/tip4pew.xml"]
nonbonded = "pme"
cutoff = "0.6 nm"
[energy]
backend = "native"
threads = 1
[ensemble]
temperature = "300 K"
[chains]
count = 2
start = "input"
[[move]]
kind = "rigid_hmc"
[warm_up]
steps = 1
[run]
steps = 3
[output]
directory = "out"
"""


def moved(line, shift):
    """A line of a PDB file with its atom, if it has one, elsewhere (angstrom)."""
    if not line.startswith(("ATOM", "HETATM")):
        return line
    place = [float(line[30 + 8 * k:38 + 8 * k]) + shift[k] for k in range(3)]
    return line[:30] + "%8.3f%8.3f%8.3f" % tuple(place) + line[54:]


def check(frames, boxes, reader):
    """@param frames  [F, N, 3], boxes [F, 3]; nm"""
    assert len(frames) == 6, len(frames)
    n_across = 0
    for x, box in zip(frames, boxes):
        molecules = x.reshape(N_WATERS, 4, 3)
        bonds = np.linalg.norm(molecules[:, 1:] - molecules[:, :1], axis=2)
        # O-H twice and O-M of TIP4P-Ew; float32 has 1e-7 of a nanometre here.
        assert abs(bonds - np.array([0.09572, 0.09572, 0.0125])).max() < 1e-5, reader
        centres = molecules.mean(axis=1)
        assert (centres >= -1e-6).all() and (centres <= box + 1e-6).all(), reader
        n_across += ((x < 0.0) | (x > box)).any(axis=1).sum()
    # Else whole molecules would be no achievement.
    assert n_across > 0, reader


def check_triclinic(saltus):
    """Edges keep their ratios and angles those of the file where the volume alone changes."""
    edges, angles = np.array([20.0, 21.5, 23.0]), np.array([75.0, 80.0, 95.0])
    with open("near.pdb") as near, open("far.pdb", "w") as oblique:
        oblique.write("CRYST1%9.3f%9.3f%9.3f%7.2f%7.2f%7.2f P 1\n" % (*edges, *angles))
        oblique.writelines(line for line in near if not line.startswith("CRYST1"))
    with open("oblique.toml", "w") as deck:
        deck.write(DECK.replace('"300 K"', '"300 K"\npressure = "1 bar"')
                   .replace('"out"', '"oblique"')
                   .replace("[warm_up]", '[[move]]\nkind = "volume"\nrepeat = 5\n[warm_up]'))
    subprocess.run([saltus, "run", "oblique.toml"], check=True,
                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    trajectory = mdtraj.load("oblique/trajectory.h5")
    universe = MDAnalysis.Universe("near.pdb", "oblique/trajectory.h5", format="H5MD")
    by_mdanalysis = np.array([step.dimensions.copy() for step in universe.trajectory])
    by_mdtraj = np.hstack([10.0 * trajectory.unitcell_lengths, trajectory.unitcell_angles])
    assert abs(by_mdtraj - by_mdanalysis).max() < 1e-3, "MDTraj and MDAnalysis differ"
    for box in by_mdtraj:
        assert abs(box[:3] / box[0] - edges / edges[0]).max() < 1e-5, box
        assert abs(box[3:] - angles).max() < 1e-3, box
    assert len(set(by_mdtraj[:, 0])) > 2, "no volume changed"


def main():
    saltus = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        subprocess.run([saltus, "solvate", "--waters", str(N_WATERS), "--water", "tip4pew", "-o",
                        "near.pdb"], check=True, stdout=subprocess.PIPE)
        with open("near.pdb") as near, open("far.pdb", "w") as far:
            far.writelines(moved(line, (70.0, -130.0, 400.0)) for line in near)
        with open("deck.toml", "w") as deck:
            deck.write(DECK)
        subprocess.run([saltus, "run", "deck.toml"], check=True, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
        trajectory = mdtraj.load("out/trajectory.h5")
        check(trajectory.xyz, trajectory.unitcell_lengths, "MDTraj")
        universe = MDAnalysis.Universe("near.pdb", "out/trajectory.h5", format="H5MD")
        frames = [(step.positions / 10.0, step.dimensions[:3] / 10.0)
                  for step in universe.trajectory]
        check([x for x, _ in frames], [box for _, box in frames], "MDAnalysis")
        check_triclinic(saltus)


main()
