"""Kills runs and makes their disks full at random instants, resumes them, and compares all that they
leave with what a run without any interruption leaves, bit for bit.

usage: check_kills.py SALTUS FAULTS SOURCE [--kills 20] [--faults 5] [--seed 1] [--jobs 1] [--case NAME] [--planted]

SALTUS is the program, FAULTS the library of faulty_files.cpp, SOURCE the root folder. A life is a run
that is interrupted up to four times and then comes to its end. Instants are drawn over all the changes
of files that the run makes without interruption (in front of one, in its middle, up to 2 ms after it:
inside flushes) and over its CPU time (starting up, stepping); half of those of a resumed run over its
first changes, which repair the trajectory, and a fifth of the others over a run's last ones. After each kill, what the last checkpoint
promised must be there, the same as without kills. --planted brings back an older trajectory after a kill,
as if a checkpoint had been written before the frames that it promises, which must be found. Exit code
77: a module is missing.
"""
import argparse
import collections
import concurrent.futures
import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

try:
    import h5py
    import numpy as np
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

HEAD = 'schema = 1\ntitle = "a test"\nseed = 5\n[energy]\nthreads = 1\n[output]\ndirectory = "out"\n'
ALANINE = '[system]\ncoordinates = "ala.pdb"\nforce_field = ["amber99sbildn.xml", "amber99_obc.xml"]\n'
PEPTIDE = ('[system]\ncoordinates = "ala.pdb"\nforce_field = ["amber14/protein.ff14SB.xml"]\n'
           'implicit_solvent = "obc2"\n')
ICE = ('[system]\ncoordinates = "ice.pdb"\nforce_field = ["amber14/tip4pew.xml"]\nnonbonded = "pme"\n'
       'cutoff = "0.36678 nm"\nswitching_distance = "0.330102 nm"\newald_tolerance = 1e-4\n'
       'rigid_water = true\n')
HMC = '[[move]]\nkind = "hmc"\nsteps = 5\n'
EXCHANGE = '[[move]]\nkind = "replica_exchange"\n'


def deck(system, temperatures, moves, run, more=""):
    return (HEAD + more + system + "[ensemble]\n%s\n[chains]\ncount = 4\n"
            "[warm_up]\nsteps = 3\n[run]\n%s\n%s" % (temperatures, run, moves))


DECKS = {
    "hmc": deck(ALANINE, 'temperature = "310 K"', HMC + '[[move]]\nkind = "ghmc"\nsteps = 2\n',
                "steps = 120\ncheckpoint_period = 6", "velocities = true\n"),
    "ladder": deck(ALANINE, 'temperatures = ["310 K", "350 K"]', HMC + '[[move]]\nkind = "torsion_walk"\n' + EXCHANGE,
                   "steps = 120\nframe_period = 3\ncheckpoint_period = 12"),
    "leaps": deck(PEPTIDE, 'temperature = "310 K"', HMC + '[[move]]\nkind = "peptide_leap"\n'
                  'model = "leaps.safetensors"\n', "steps = 60\ncheckpoint_period = 4"),
    "flow": deck(ICE, 'temperatures = ["100 K", "250 K"]', '[[move]]\nkind = "rigid_hmc"\ntime_step = "4 fs"\n'
                 'steps = 3\n' + EXCHANGE + 'flows = ["flow.safetensors"]\n',
                 "steps = 24\nframe_period = 2\ncheckpoint_period = 4"),
}
MOLECULES = "".join("CC(C)COC%s ester_%d\nbad(%d\nCCNC(C)F amine_%d\n" % ("C" * i, i, i, i)
                    for i in range(4))
CONFORMERS = ["conformers", "list.smi", "-n", "2", "-j", "1", "--quiet"]
TABLES = ["--failed", "out.bad", "--report", "out.csv"]
CALLS = {
    "conformers": CONFORMERS + ["-o", "out.sdf", "--html", "out.html"] + TABLES,
    "conformers_gzipped": CONFORMERS + ["-o", "out.sdf.gz"] + TABLES,
    "conformers_hdf5": CONFORMERS + ["-o", "out.h5"] + TABLES,
    "conformers_shard": CONFORMERS + ["-o", "out.shard", "--shard", "1/1"],
}
CASES = list(DECKS) + list(CALLS)
MAX_INTERRUPTIONS = 4  # of one life
GOOD = {0, 2}  # conformers: 2, some molecules have none, as planned here
LATEST_US = 2000  # after a change: longer than a checkpoint takes
RESUMING = 40  # changes in which a run opens what an earlier one has left
ENDING = 20    # changes in which a run gives files their names and removes what it no longer needs
MANY_KILLS = 200  # of which one surely comes between frames and the checkpoint that knows them


class Failure(Exception):
    pass


# --- what files hold

def plain(value, file):
    """Something that == compares bit for bit."""
    if isinstance(value, h5py.Reference):
        return file[value].name
    if isinstance(value, np.ndarray) and value.dtype == object:
        return [plain(v, file) for v in value.ravel()]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.str, value.shape, value.tobytes()
    return value


def timeless(value):
    """JSON without the times that runs took."""
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if not re.search("cpu_s|seconds", k)}
    return [timeless(v) for v in value] if isinstance(value, list) else value


def hdf5_content(path):
    content = {}
    with h5py.File(path, "r") as file:
        def see(name, thing):
            for key, value in thing.attrs.items():
                if key == "run_record":
                    value = timeless(json.loads(value))
                content["%s@%s" % (name, key)] = plain(value, file)
            if isinstance(thing, h5py.Dataset):
                content[name] = plain(thing[()], file)
        see("", file)
        file.visititems(see)
    return content


def csv_without_seconds(text):
    return re.sub(r",[0-9]+\.[0-9]{3},", ",T,", text)


def page_without_times(text):
    begin = text.find('id="molecules"')
    return text[begin:text.find("</script>", begin)]


def content_of(path):
    """All of a file that must be the same, as something that == compares."""
    if path.endswith((".h5", ".checkpoint")):
        return hdf5_content(path)
    if path.endswith(".gz"):
        return {"text": gzip.open(path).read()}
    text = open(path, errors="surrogateescape").read()
    if path.endswith(".json"):
        return timeless(json.loads(text))
    if path.endswith(".csv"):
        return {"text": csv_without_seconds(text)}
    return {"text": page_without_times(text) if path.endswith(".html") else text}


def differences(a, b, place=""):
    """Where two contents differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b)):
            yield from differences(a.get(key), b.get(key), "%s %s" % (place, key))
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, pair in enumerate(zip(a, b)):
            yield from differences(*pair, "%s %d" % (place, i))
    elif a != b:
        yield "%s: %.60r, expected %.60r" % (place, a, b)


def files_of(folder):
    return sorted(os.path.relpath(os.path.join(place, name), folder)
                  for place, _, names in os.walk(folder) for name in names)


def require_same_files(folder, reference):
    if files_of(folder) != files_of(reference):
        raise Failure("files are %s, expected %s" % (files_of(folder), files_of(reference)))
    for name in files_of(folder):
        if name.endswith((".shard", ".count")):
            continue  # a shard has the times of its molecules, and is compared when merged
        a, b = (content_of(os.path.join(f, name)) for f in (folder, reference))
        found = list(differences(a, b))
        if found:
            raise Failure("%s differs in %d places:%s" % (name, len(found), ",".join(found[:3])))


# --- one life

Reference = collections.namedtuple("Reference", "folder n_changes cpu_us frames")
End = collections.namedtuple("End", "code err cpu_us")


class Lives:
    def __init__(self, options, root):
        self.options, self.root = options, root
        self.lock = threading.Lock()
        self.wanted = {"kills": options.kills, "faults": options.faults}
        self.counts = collections.Counter()
        self.references, self.failures, self.n_begun = {}, [], 0

    def work(self):
        """One life after the other, until nothing more is wanted or one has failed."""
        while sum(self.wanted.values()) > 0 and not self.failures:
            with self.lock:
                number, self.n_begun = self.n_begun, self.n_begun + 1
            failure = self.live(number)
            if failure:
                self.failures.append(failure)
            elif number % 25 == 24:
                print("life %d; still to come: %s" % (number, self.wanted), flush=True)

    def plant(self):
        folder = self.prepare("hmc", "planted")
        trajectory = os.path.join(folder, "out/trajectory.h5")
        n = self.references["hmc"].n_changes
        self.start(folder, self.call("hmc", folder, False), "before:%d" % (n // 2))
        shutil.copy(trajectory, folder + "/older.h5")
        self.start(folder, self.call("hmc", folder, True), "before:%d" % (n // 4))
        self.require_promises("hmc", folder, 0)
        shutil.copy(folder + "/older.h5", trajectory)
        self.require_promises("hmc", folder, 0)

    def start(self, folder, arguments, fault=None):
        environment = dict(os.environ, LD_PRELOAD=self.options.library)
        if fault:
            environment["SALTUS_FAULTS"] = fault
        else:
            environment["SALTUS_FAULTS_COUNT"] = os.path.join(folder, "changes.count")
        process = subprocess.Popen([self.options.program] + arguments, cwd=folder, env=environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        err = process.stderr.read().decode(errors="replace")
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        return End(code, err, int(1e6 * (usage.ru_utime + usage.ru_stime)))

    def prepare(self, case, name):
        folder = os.path.join(self.root, name)
        os.mkdir(folder)
        data = os.path.join(self.options.source, "data")
        if case in CALLS:
            open(os.path.join(folder, "list.smi"), "w").write(MOLECULES)
            return folder
        open(os.path.join(folder, "deck.toml"), "w").write(DECKS[case])
        needed = {"ala.pdb": "molecules/alanine_dipeptide.pdb"}
        if case == "flow":
            needed = {"ice.pdb": "molecules/ice_xi_16.pdb",
                      "flow.safetensors": "models/ice_xi_16_250K_100K.safetensors"}
        if case == "leaps":
            needed["leaps.safetensors"] = "models/peptide_leaps.safetensors"
        for to, source in needed.items():
            os.symlink(os.path.join(data, source), os.path.join(folder, to))
        return folder

    def call(self, case, folder, begun):
        if case in CALLS:
            return CALLS[case] + (["--resume"] if begun else [])
        more = []
        if os.path.exists(os.path.join(folder, "out/trajectory.checkpoint")):
            more = ["--resume"]
        elif begun:  # interrupted before its first checkpoint: as the program says, from the start
            more = ["--overwrite"]
        return ["run", "deck.toml", "--no-report"] + more

    def finish(self, case, folder, begun):
        end = self.start(folder, self.call(case, folder, begun))
        if end.code not in GOOD and not self.had_ended(case, folder, end):
            raise Failure("the last run ends with %d: %s" % (end.code, end.err))
        if case == "conformers_shard":
            merged = self.start(folder, ["merge", "out.sdf", "out.shard"])
            if merged.code not in GOOD:
                raise Failure("cannot merge: " + merged.err)
        return end

    @staticmethod
    def had_ended(case, folder, end):
        """Killed after all was written: conformers then have nothing to resume, and say so."""
        return (case in CALLS and end.code == 1 and "exists: choose another name" in end.err and
                not any(name.endswith((".progress", ".new")) for name in files_of(folder)))

    def make_reference(self, case):
        folder = self.prepare(case, case)
        end = self.finish(case, folder, False)
        count = int.from_bytes(open(os.path.join(folder, "changes.count"), "rb").read(), sys.byteorder)
        frames = None
        if case in DECKS:
            frames = trajectory_rows(self.options.program, os.path.join(folder, "out/trajectory.h5"))
        self.references[case] = Reference(folder, count, end.cpu_us, frames)

    def draw(self, dice, case, kind, resumed):
        reference = self.references[case]
        first, last = 1, reference.n_changes
        part = dice.random()
        if resumed and part < 0.5:
            last = min(RESUMING, last)
        elif part >= 0.8:
            first = max(1, last - ENDING)
        change = dice.randint(first, last)
        if kind == "faults":
            return "%s:%d" % (dice.choice(["full", "broken"]), change)
        way = dice.choice(["before", "torn", "after", "cpu"])
        if way == "cpu":
            return "cpu:%d" % dice.randint(1, reference.cpu_us)
        return "%s:%d" % (way, change) + (":%d" % dice.randint(0, LATEST_US) if way == "after" else "")

    def take(self, dice):
        """A kind of interruption that is still wanted, or none."""
        with self.lock:
            left = [kind for kind, n in self.wanted.items() for _ in range(n)]
            if not left:
                return None
            kind = dice.choice(left)
            self.wanted[kind] -= 1
            return kind

    def live(self, number):
        """@return  None, or what went wrong"""
        dice = random.Random("%d %d" % (self.options.seed, number))
        case = self.options.case or CASES[number % len(CASES)]
        folder = self.prepare(case, "life_%d" % number)
        done, step = [], 0
        try:
            for _ in range(dice.randint(1, MAX_INTERRUPTIONS)):
                kind = self.take(dice)
                if kind is None:
                    break
                fault = self.draw(dice, case, kind, bool(done))
                done.append(fault)
                end = self.start(folder, self.call(case, folder, len(done) > 1), fault)
                if end.code in GOOD or self.had_ended(case, folder, end):  # it had come to its end before
                    with self.lock:
                        self.wanted[kind] += 1
                    done[-1] += " (not reached)"
                    break
                self.require_ended_by(kind, end)
                self.counts[kind, case] += 1
                if case in DECKS:
                    step = self.require_promises(case, folder, step)
            self.finish(case, folder, bool(done))
            require_same_files(folder, self.references[case].folder)
        except Exception as error:  # whatever it is, the life that it comes from must be named
            return "%s, life %d, %s: %s: %s" % (case, number, ", ".join(done), type(error).__name__,
                                                error)
        shutil.rmtree(folder)
        self.counts["lives", case] += 1
        return None

    @staticmethod
    def require_ended_by(kind, end):
        if kind == "kills" and end.code != -signal.SIGKILL:
            raise Failure("ended with %d: %s" % (end.code, end.err))
        if kind == "faults":
            reasons = "No space left on device|Input/output error"
            if end.code not in (1, 74) or not re.search("error: .*(%s)" % reasons, end.err):
                raise Failure("a full disk ends with %d: %s" % (end.code, end.err))

    def require_promises(self, case, folder, last_step):
        """All that the checkpoint promises is there. @return  its step"""
        trajectory = os.path.join(folder, "out/trajectory.h5")
        checkpoint = os.path.join(folder, "out/trajectory.checkpoint")
        rows = trajectory_rows(self.options.program, trajectory) if os.path.exists(trajectory) else {}
        reference = self.references[case].frames
        n_rows = min((len(values) for values in rows.values()), default=0)
        for name, values in rows.items():
            if values[:n_rows].tobytes() != reference[name][:n_rows].tobytes():
                raise Failure("%s differs in the first %d rows" % (name, n_rows))
        if not os.path.exists(checkpoint):
            return last_step
        with h5py.File(checkpoint, "r") as file:
            at = file["checkpoint"].attrs
            step, promised = int(at["step"]), int(at["frames_written"]) * len(file["checkpoint/energies"])
        self.counts["rows", "beyond a checkpoint"] += max(n_rows - promised, 0)
        if step < last_step or promised > n_rows:
            raise Failure("the checkpoint of step %d (before: %d) promises %d rows, there are %d" %
                          (step, last_step, promised, n_rows))
        return step


def trajectory_rows(program, path):
    """name -> rows of a trajectory that may have been left open, as repair makes it readable; the file
    itself stays as it is"""
    copy = path + ".copy"
    shutil.copy(path, copy)
    try:
        repair = subprocess.run([program, "repair", copy], capture_output=True, text=True)
        if repair.returncode != 0 or not repair.stdout.startswith(copy + ": "):
            raise Failure("repair ends with %d: %s" % (repair.returncode, repair.stdout + repair.stderr))
        with h5py.File(copy, "r") as file:
            names = ["coordinates", "time"] + ["observables/%s/value" % name
                                               for name in file["observables"]]
            names += [name for name in ("velocities", "cell_lengths") if name in file]
            return {name: file[name][()] for name in names}
    finally:
        os.remove(copy)


def main():
    parser = argparse.ArgumentParser()
    for name in ("program", "library", "source"):
        parser.add_argument(name, type=os.path.abspath)
    for name, value in (("kills", 20), ("faults", 5), ("seed", 1), ("jobs", 1)):
        parser.add_argument("--" + name, type=int, default=value)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--planted", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        lives = Lives(options, root)
        cases = ["hmc"] if options.planted else [options.case] if options.case else CASES
        list(pool.map(lives.make_reference, cases))
        if options.planted:
            lives.plant()
        for worker in [pool.submit(lives.work) for _ in range(options.jobs)]:
            worker.result()
    for case in CASES:
        print("%-20s %4d lives %5d kills %4d full or broken disks" % (
            case, *(lives.counts[kind, case] for kind in ("lives", "kills", "faults"))))
    if not (lives.failures or options.case or options.kills < MANY_KILLS) and lives.counts["rows", "beyond a checkpoint"] == 0:
        lives.failures.append("no kill came between frames and the checkpoint that knows them")
    for failure in lives.failures:
        print("FAILED:", failure)
    sys.exit(1 if lives.failures else 0)


main()
