"""Reads a conformer file with h5py as io/hdf5/README.md says, and compares every number with the SD
file of the same conformers.

usage: check_conformer_file.py SALTUS; exit code 77 when a module is missing.
"""
import re
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

LIST = "CCO ethanol\nbad( unreadable\nCC(F)Cl chiral\nCC[NH3+] ion\n"


def from_sdf(path):
    """name -> list of (energy, elements, positions, method, seed)"""
    found = {}
    for record in open(path).read().split("$$$$\n")[:-1]:
        lines = record.split("\n")
        atoms = [line.split()[:4] for line in lines[4:4 + int(lines[3][:3])]]
        energy = float(re.search("<energy_kcal_mol>\n(.*)\n", record).group(1))
        xyz = np.array([atom[:3] for atom in atoms], float)
        method = re.search("<method>\n(.*)\n", record).group(1)
        seed = int(re.search("<seed>\n(.*)\n", record).group(1))
        found.setdefault(lines[0], []).append(
            (energy, [atom[3] for atom in atoms], xyz, method, seed))
    return found


def from_hdf5(path, m):
    with h5py.File(path, "r") as file:
        molecules, conformers = file["molecules"], file["conformers"]
        begin, end = molecules["name_ptr"][m:m + 2]
        name = bytes(molecules["name"][begin:end]).decode()
        begin, end = molecules["atom_ptr"][m:m + 2]
        z = molecules["z"][begin:end]
        begin, end = molecules["conformer_ptr"][m:m + 2]
        energy = conformers["energy"][begin:end]
        rows = conformers["atom_ptr"][begin:end + 1]
        xyz = conformers["xyz"][rows[0]:rows[-1]].reshape(end - begin, len(z), 3)
        weight = np.exp(conformers["log_weight"][begin:end])
        assert np.all(np.isnan(conformers["log_q"][begin:end]))  # no model proposed these
        assert np.all(conformers["accepted"][begin:end] == 1)
        seed = conformers["seed"][begin:end]
        begin, end = molecules["method_ptr"][m:m + 2]
        method = bytes(molecules["method"][begin:end]).decode()
        assert np.all(seed == molecules["seed"][m])
        status = file.attrs["status_words"][molecules["status"][m]]
        return name, status, z, energy, xyz, weight, method, seed


def check_merged(program, folder):
    """A file merged of shards holds what that of one run holds, bit for bit."""
    shards = ["%d.shard" % i for i in (1, 2, 3)]
    for i, shard in enumerate(shards):
        subprocess.run([program, "conformers", "list.smi", "-o", shard, "--shard",
                        "%d/3" % (i + 1), "--quiet"], cwd=folder, stderr=subprocess.DEVNULL)
    subprocess.run([program, "merge", "merged.h5", *shards, "--quiet"], cwd=folder,
                   stderr=subprocess.DEVNULL)
    with h5py.File(folder + "/c.h5", "r") as whole, h5py.File(folder + "/merged.h5", "r") as file:
        for group in ("molecules", "conformers"):
            assert sorted(whole[group]) == sorted(file[group]), group
            for name in whole[group]:
                a, b = whole[group][name], file[group][name]
                assert a.dtype == b.dtype and a.shape == b.shape, name
                assert a[()].tobytes() == b[()].tobytes(), name
        for name in whole.attrs:
            if name != "command_line":
                assert np.all(whole.attrs[name] == file.attrs[name]), name


def main():
    with tempfile.TemporaryDirectory() as folder:
        open(folder + "/list.smi", "w").write(LIST)
        for output in ("c.sdf", "c.h5"):
            subprocess.run([sys.argv[1], "conformers", "list.smi", "-o", output, "--quiet"],
                           cwd=folder, stderr=subprocess.DEVNULL)
        expected = from_sdf(folder + "/c.sdf")
        assert sorted(expected) == ["chiral_iso1", "chiral_iso2", "ethanol", "ion"], expected
        symbols = {1: "H", 6: "C", 7: "N", 8: "O", 9: "F", 17: "Cl"}
        for m, name in enumerate(["ethanol", "unreadable", "chiral_iso1", "chiral_iso2", "ion"]):
            found, status, z, energy, xyz, weight, method, seed = from_hdf5(folder + "/c.h5", m)
            assert found == name, (found, name)
            if name == "unreadable":
                assert status == "PARSE_SYNTAX" and len(z) == 0 and len(energy) == 0, status
                continue
            assert status == "OK" and len(energy) == len(expected[name]) > 0, (name, status)
            assert np.all(weight == 1.0), name
            for c, (e, elements, positions, m_text, s) in enumerate(expected[name]):
                assert [symbols[number] for number in z] == elements, name
                assert abs(energy[c] - e) < 6e-5, (energy[c], e)  # four digits in the SD file
                assert method == m_text and seed[c] == s, (method, m_text, seed[c], s)
                assert np.abs(xyz[c] - positions).max() < 6e-5, name
        check_merged(sys.argv[1], folder)
    print("every number agrees")


main()
