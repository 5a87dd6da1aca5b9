"""Runs that mpirun shares out over processes have the numbers of one process, bit for bit, whatever
their number; a killed process ends the run, and what was written resumes to the same numbers.

usage: check_team_runs.py SALTUS MPIRUN; exit code 77 when MPIRUN or a module is missing.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

try:
    import h5py
    import numpy as np
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

SALTUS, MPIRUN = sys.argv[1], sys.argv[2]
if not os.access(MPIRUN, os.X_OK):
    print("skipped: there is no mpirun (Debian: libopenmpi-dev), or Saltus was built without MPI")
    sys.exit(77)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

DECK = """
schema = 1
seed = 5
[system]
coordinates = "%s/data/molecules/alanine_dipeptide.pdb"
force_field = ["amber99sbildn.xml", "amber99_obc.xml"]
[energy]
threads = 1
[ensemble]
%s
[chains]
count = %d
%s
[warm_up]
steps = 6
[run]
steps = %d
frame_period = 1
checkpoint_period = 10
[output]
directory = "out"
velocities = true
"""
PLAIN = """
[[move]]
kind = "hmc"
steps = 4
[[move]]
kind = "torsion_walk"
repeat = 2
"""
LADDER = """
[[move]]
kind = "ghmc"
steps = 2
[[move]]
kind = "replica_exchange"
[[move]]
kind = "torsion_walk"
"""
LEAP = """
[[move]]
kind = "learned_leap"
[[move]]
kind = "hmc"
steps = 3
[pilot]
temperatures = ["310 K"]
ladders = 4
frame_period = "20 fs"
exchange_period = "0.1 ps"
length = "2 ps"
equilibration = "0.2 ps"
[leap]
model = "train"
lag = "0.2 ps"
epochs = 2
hidden = 8
components = 2
refinement_rounds = 1
refinement_leaps = 4
"""
ONE = 'temperature = "310 K"'
DECKS = {
    # 37 chains: blocks of lanes that are not full. Two ladders: fewer chains than lanes.
    "hmc": DECK % (ROOT, ONE, 37, PLAIN, 24),
    "ladder": DECK % (ROOT, 'temperatures = ["310 K", "350 K"]', 9, LADDER, 40),
    "leap": DECK % (ROOT, ONE, 5, LEAP, 24),
}


LONG = 1500  # steps of runs that are killed after some ten of them


def command(n, *arguments):
    launcher = [MPIRUN, "--allow-run-as-root", "--oversubscribe", "-n", str(n)]
    return (launcher if n > 1 else []) + [SALTUS] + list(arguments)


def run(folder, n, *arguments, code=0):
    end = subprocess.run(command(n, *arguments), cwd=folder, capture_output=True, text=True)
    assert end.returncode == code, "%s in %s: exit code %d\n%s%s" % (
        command(n, *arguments), folder, end.returncode, end.stdout, end.stderr)
    return end


def datasets(path):
    """Bytes of every dataset."""
    found = {}
    with h5py.File(path, "r") as file:
        def keep(name, item):
            if isinstance(item, h5py.Dataset):
                values = np.asarray(item[()])
                texts = values.dtype.kind == "O"  # pointers, not bytes
                found[name] = (item.shape, item.dtype.str,
                               repr(values.tolist()) if texts else values.tobytes())
        file.visititems(keep)
    return found


def same(folder, expected, what):
    """All datasets of the trajectory are those of one process."""
    found = datasets(os.path.join(folder, "out/trajectory.h5"))
    assert found.keys() == expected.keys(), what
    for name, value in found.items():
        assert value == expected[name], "%s: %s differs" % (what, name)


def moves_of(folder):
    """Counts of the summary, less what depends on the time that the run took."""
    with open(os.path.join(folder, "out/summary.json")) as file:
        moves = json.load(file)["moves"]
    return [{key: value for key, value in move.items() if "cpu" not in key} for move in moves]


def children(pid):
    found = []
    for thread in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, thread)) as file:
            found += [int(text) for text in file.read().split()]
    return found


def ranks_of(launcher):
    """Processes of saltus by rank."""
    ranks = {}
    for child in children(launcher):
        with open("/proc/%d/environ" % child, "rb") as file:
            for entry in file.read().split(b"\0"):
                if entry.startswith(b"OMPI_COMM_WORLD_RANK="):
                    ranks[int(entry.split(b"=")[1])] = child
    return ranks


def killed_while_running(folder, n, rank, after):
    """Starts a run, kills one process once `after` checkpoints have been written."""
    with open(os.path.join(folder, "said"), "wb") as said:
        launcher = subprocess.Popen(command(n, "run", "deck.toml", "--set", "run.steps=%d" % LONG),
                                    cwd=folder, stdout=said, stderr=said)
        checkpoint, seen = os.path.join(folder, "out/trajectory.checkpoint"), set()
        limit = time.time() + 120
        while len(seen) < after:
            assert launcher.poll() is None, open(os.path.join(folder, "said")).read()
            assert time.time() < limit, "no checkpoint within two minutes"
            if os.path.exists(checkpoint):
                seen.add(os.stat(checkpoint).st_mtime_ns)
            time.sleep(0.005)
        os.kill(ranks_of(launcher.pid)[rank], signal.SIGKILL)
        assert launcher.wait(60) != 0, "the run went on without process %d" % rank


def fresh(folder, name, deck):
    path = os.path.join(folder, name)
    os.mkdir(path)
    with open(os.path.join(path, "deck.toml"), "w") as file:
        file.write(deck)
    return path


def check_equal_numbers(top):
    for name, deck in DECKS.items():
        one = fresh(top, name + "_1", deck)
        run(one, 1, "run", "deck.toml")
        expected = datasets(os.path.join(one, "out/trajectory.h5"))
        assert any(name.endswith("coordinates") for name in expected), sorted(expected)
        for n in (2, 3):
            team = fresh(top, "%s_%d" % (name, n), deck)
            said = run(team, n, "run", "deck.toml").stderr
            assert said.count("shared out over %d processes" % n) == 1, said
            same(team, expected, "%s by %d processes" % (name, n))
            assert moves_of(team) == moves_of(one), "%s: counts of %d processes" % (name, n)
        # The comparison can fail: another seed is another run.
        other = fresh(top, name + "_other", deck.replace("seed = 5", "seed = 6"))
        run(other, 2, "run", "deck.toml")
        try:
            same(other, expected, "")
        except AssertionError:
            continue
        raise AssertionError("another seed makes the same trajectory")


def check_kills(top):
    """One rank is killed, each in its turn; the run goes on with other numbers of processes."""
    deck = DECKS["ladder"]
    for rank in (0, 1):
        team = fresh(top, "killed_%d" % rank, deck)
        killed_while_running(team, 2, rank, 3)
        with h5py.File(os.path.join(team, "out/trajectory.checkpoint"), "r"):
            pass  # what was written stays good
        steps = LONG
        for n in (3, 1):
            # A little further each time, from wherever it is.
            said = run(team, n, "run", "deck.toml", "--resume", "--no-report", "--set",
                       "run.steps=%d" % steps).stderr
            assert "resuming after step" in said, said
            steps += 20
    one = fresh(top, "never_killed", deck)
    run(one, 1, "run", "deck.toml", "--no-report", "--set", "run.steps=%d" % (LONG + 20))
    expected = datasets(os.path.join(one, "out/trajectory.h5"))
    for rank in (0, 1):
        same(os.path.join(top, "killed_%d" % rank), expected, "after the kill of rank %d" % rank)


def check_refusals(top):
    """Wrong uses are told once, and end all processes."""
    folder = fresh(top, "refused", DECKS["leap"])
    for arguments, code, message in (
            (("check", "deck.toml"), 64, "'saltus check' is not shared out over processes"),
            (("run", "none.toml"), 74, "none.toml"),
            (("run", "deck.toml", "--set", "chains.count=2"), 65,
             "2 chains (with all temperatures) cannot be shared out over 3 processes"),
            (("run", "deck.toml", "--set", "energy.backend=\"openmm\""), 65,
             "set energy.backend = \"native\"")):
        said = run(folder, 3, *arguments, code=code).stderr
        assert said.count("error: ") == 1 and message in said, said
    # A launcher of which MPI knows nothing.
    end = subprocess.run([SALTUS, "run", "deck.toml"], cwd=folder, capture_output=True, text=True,
                         env=dict(os.environ, SLURM_PROCID="0", SLURM_STEP_NUM_TASKS="2"))
    assert end.returncode != 0 and "srun started 2 processes" in end.stderr, end.stderr


with tempfile.TemporaryDirectory() as top:
    for check in sys.argv[3:] or ("equal_numbers", "kills", "refusals"):
        globals()["check_" + check](top)
