"""Reads trajectories of trajectory_program with MDTraj, MDAnalysis and h5py and compares every
number with what the program says it wrote (plain JSON that no HDF5 code has touched).

usage: check_readers.py TRAJECTORY_PROGRAM; exit code 77 when a module is missing.
"""
import json
import os
import subprocess
import sys
import tempfile
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


def load_expected(path):
    with open(path) as file:
        expected = json.load(file)
    rows = expected["n_frames"] * expected["n_chains"]
    n_atoms = expected["n_atoms"]
    for name in ("positions", "velocities"):
        expected[name] = np.float32(expected[name]).reshape(-1, n_atoms, 3)
    expected["box"] = np.array(expected["box"]).reshape(-1, 3, 3)
    assert len(expected["positions"]) == rows
    for name in ("times", "steps"):
        expected[name] = np.repeat(expected[name], expected["n_chains"])
    expected["chain"] = np.tile(np.arange(expected["n_chains"]), expected["n_frames"])
    return expected


def lengths_and_angles(box):
    lengths = np.linalg.norm(box, axis=2)
    unit = box / lengths[:, :, None]
    cosines = [np.sum(unit[:, i] * unit[:, j], axis=1) for i, j in ((1, 2), (0, 2), (0, 1))]
    return lengths, np.degrees(np.arccos(np.stack(cosines, axis=1)))


def check_mdtraj(path, expected, full):
    trajectory = mdtraj.load(path)
    np.testing.assert_array_equal(trajectory.xyz, expected["positions"])
    np.testing.assert_array_equal(trajectory.time, expected["times"])
    atoms = list(trajectory.topology.atoms)
    assert len(atoms) == len(expected["atoms"])
    for atom, (name, element, residue, number, chain) in zip(atoms, expected["atoms"]):
        assert atom.name == name
        assert atom.element.symbol == (element or "VS"), (atom, element)
        assert atom.residue.name == residue
        assert atom.residue.resSeq == number
        assert atom.residue.segment_id == chain
    bonds = sorted(sorted((a.index, b.index)) for a, b in trajectory.topology.bonds)
    assert bonds == sorted(sorted(pair) for pair in expected["bonds"])
    assert trajectory.topology.n_chains == 2
    with mdtraj.formats.HDF5TrajectoryFile(path) as file:
        frames = file.read()
        np.testing.assert_array_equal(frames.potentialEnergy, expected["energies"])
        np.testing.assert_array_equal(frames.temperature, expected["temperatures"])
        np.testing.assert_array_equal(frames.time, expected["times"])
        if full:
            np.testing.assert_array_equal(frames.velocities, expected["velocities"])
        else:
            assert frames.velocities is None
    if not full:
        assert trajectory.unitcell_lengths is None
        return
    lengths, angles = lengths_and_angles(expected["box"])
    # float32: relative error 6e-8; angles near 90 degrees
    np.testing.assert_allclose(trajectory.unitcell_lengths, lengths, rtol=1e-7)
    np.testing.assert_allclose(trajectory.unitcell_angles, angles, rtol=1e-6)


def check_mdanalysis(path, expected, full):
    angstrom = 10.0
    universe = MDAnalysis.Universe.empty(expected["n_atoms"], trajectory=False)
    universe.load_new(path, format="H5MD")
    assert len(universe.trajectory) == len(expected["times"])
    for i, frame in enumerate(universe.trajectory):
        # float32 times 10 is rounded once more: relative error 6e-8
        np.testing.assert_allclose(frame.positions, expected["positions"][i] * angstrom, rtol=2e-7)
        assert abs(frame.time - expected["times"][i]) < 1e-12
        assert frame.data["step"] == expected["steps"][i]
        assert frame.data["chain"] == expected["chain"][i]
        assert frame.data["potential_energy"] == expected["energies"][i]
        assert frame.data["temperature"] == expected["temperatures"][i]
        assert frame.data["log_weight"] == expected["log_weights"][i]
        if not full:
            assert frame.dimensions is None
            continue
        np.testing.assert_allclose(frame.velocities, expected["velocities"][i] * angstrom,
                                   rtol=2e-7)
        assert frame.data["log_acceptance"] == expected["log_acceptance"][i]
        lengths, angles = lengths_and_angles(expected["box"][i:i + 1])
        np.testing.assert_allclose(frame.dimensions[:3], lengths[0] * angstrom, rtol=2e-7)
        np.testing.assert_allclose(frame.dimensions[3:], angles[0], rtol=1e-6)
    # With the extension .h5md no topology is needed.
    alias = path + ".h5md"
    os.symlink(path, alias)
    assert MDAnalysis.Universe(alias).atoms.n_atoms == expected["n_atoms"]


def check_conventions(path, expected, full):
    with h5py.File(path, "r") as file:
        assert list(file["h5md"].attrs["version"]) == [1, 1]
        assert file["h5md/creator"].attrs["name"] == "Saltus"
        assert file["h5md/author"].attrs["name"] == "Ada Lovelace"
        assert file.attrs["conventions"] == "Pande"
        assert file.attrs["conventionVersion"] == "1.1"
        assert list(file["particles"]) == ["trajectory"]
        group = file["particles/trajectory"]
        boundary = "periodic" if full else "none"
        assert list(group["box"].attrs["boundary"]) == [boundary] * 3
        assert group["box"].attrs["dimension"] == 3
        np.testing.assert_array_equal(group["mass"][:], expected["masses"])
        np.testing.assert_array_equal(file["connectivity/bonds"][:], expected["bonds"])
        assert file[file["connectivity/bonds"].attrs["particles_group"]] == group
        links = {"coordinates": "particles/trajectory/position/value",
                 "time": "particles/trajectory/position/time",
                 "potentialEnergy": "observables/potential_energy/value",
                 "temperature": "observables/temperature/value"}
        for name in file["observables"]:
            links["observables/%s/step" % name] = "particles/trajectory/position/step"
            links["observables/%s/time" % name] = "particles/trajectory/position/time"
        if full:
            links["velocities"] = "particles/trajectory/velocity/value"
            links["particles/trajectory/box/edges/step"] = "particles/trajectory/position/step"
            np.testing.assert_array_equal(group["box/edges/value"][:], expected["box"])
        log_weights = file["observables/log_weight/value"]
        assert log_weights.dtype == np.float64 and log_weights.attrs["unit"] == "1"
        np.testing.assert_array_equal(log_weights[:], expected["log_weights"])
        assert np.isneginf(log_weights[:]).any() and np.isfinite(log_weights[:]).any()
        assert file["parameters/saltus"].attrs["layout_version"] == 2
        for link, target in links.items():
            assert file[link] == file[target], link

        def check_units(name, item):
            if isinstance(item, h5py.Dataset) and item.dtype.kind in "fiu":
                assert isinstance(item.attrs["unit"], str), name
                assert isinstance(item.attrs["units"], str), name

        file.visititems(check_units)
        # The README's ways to weigh values and to select one chain.
        l, values = log_weights[:], file["observables/potential_energy/value"][:]
        w = np.exp(l - l.max())
        exact = sum(np.exp(a) * u for a, u in zip(expected["log_weights"], expected["energies"]))
        exact /= sum(np.exp(expected["log_weights"]))
        np.testing.assert_allclose(np.average(values, weights=w), exact, rtol=1e-12)
        chain = file["observables/chain/value"][:]
        np.testing.assert_array_equal(chain, expected["chain"])
        selected = file["coordinates"][1::file["parameters/saltus"].attrs["n_chains"]]
        np.testing.assert_array_equal(selected, expected["positions"][chain == 1])


def check_all(path, expected_path, full):
    expected = load_expected(expected_path)
    check_conventions(path, expected, full)
    check_mdtraj(path, expected, full)
    check_mdanalysis(path, expected, full)
    print("ok:", os.path.basename(path), len(expected["times"]), "frames")


def check_killed_and_continued(program, folder):
    path, expected = os.path.join(folder, "killed.h5"), os.path.join(folder, "killed.json")
    writer = subprocess.Popen([program, "write", path, "1", "7", "5", "100000000"],
                              stdout=subprocess.PIPE, text=True)
    for _ in range(6):
        acknowledged = int(writer.stdout.readline())
    with h5py.File(path, "r", libver="latest", swmr=True) as live:  # reads along
        assert len(live["coordinates"]) >= acknowledged * 3
        assert np.isfinite(live["coordinates"][:]).all()
    writer.kill()
    writer.wait()
    writer.stdout.close()
    # Repairs, goes on in the middle of a block.
    subprocess.run([program, "continue", path, "31", expected, "60"], check=True,
                   stdout=subprocess.DEVNULL)
    check_all(path, expected, True)


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("full", "plain"):
            path, expected = os.path.join(folder, kind + ".h5"), os.path.join(folder, kind + ".json")
            subprocess.run([program, "example", path, expected, "30", kind], check=True)
            check_all(path, expected, kind == "full")
        check_killed_and_continued(program, folder)


if __name__ == "__main__":
    main(sys.argv[1])
