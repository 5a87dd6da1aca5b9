"""Reads the models of data/models after the published description of the safetensors format, with
NumPy and, where it is installed, with the package safetensors; and lets the program read a file
that was written here in another order.

usage: check_model_files.py SALTUS MODEL...; exit code 77 when NumPy is missing.
"""
import json
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)

try:
    import safetensors
except ImportError:
    safetensors = None

TYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8"}


def read(path):
    """metadata, {name: array}"""
    raw = open(path, "rb").read()
    length = int.from_bytes(raw[:8], "little")
    assert length % 8 == 0, "arrays do not begin at a multiple of 8 bytes"
    header = json.loads(raw[8:8 + length].decode("utf-8"))
    metadata = header.pop("__metadata__")
    data = raw[8 + length:]
    arrays, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        assert begin == end, f"{name} does not follow its neighbour"
        end = stop
        dtype = np.dtype(TYPES[entry["dtype"]])
        assert begin % dtype.itemsize == 0, f"{name} is not aligned"
        arrays[name] = np.frombuffer(data[begin:stop], dtype).reshape(entry["shape"])
    assert end == len(data), "bytes behind the last array"
    return metadata, arrays


def digest(metadata, arrays):
    """As mlsamplers/README.md says."""
    value = 14695981039346656037
    names = {np.dtype(dtype): name for name, dtype in TYPES.items()}
    parts = [metadata["card"].encode() + b"\0"]
    for name in sorted(arrays):
        array = arrays[name]
        parts.append(f"{name} {names[array.dtype]} {list(array.shape)}".encode() + b"\0")
        parts.append(array.tobytes())
    for part in parts:
        for byte in part:
            value = (value ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def write(path, metadata, arrays):
    """By descending names, unlike the program; with spaces in the header and more metadata."""
    names = {np.dtype(dtype): name for name, dtype in TYPES.items()}
    header, data = {}, b""
    for name in sorted(arrays, reverse=True):
        begin = len(data)
        data += arrays[name].tobytes()
        header[name] = {"shape": list(arrays[name].shape), "data_offsets": [begin, len(data)],
                        "dtype": names[arrays[name].dtype]}
    header["__metadata__"] = dict(metadata, format="np", note="written by Python")
    text = json.dumps(header, indent=1).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def info(program, path):
    end = subprocess.run([program, "info", path], capture_output=True, text=True)
    assert end.returncode == 0, end.stderr
    return end.stdout


def check(program, path):
    metadata, arrays = read(path)
    card = json.loads(metadata["card"])
    assert metadata["digest"] == digest(metadata, arrays), "another digest"
    assert all(np.isfinite(array).all() for array in arrays.values())
    said = info(program, path)
    assert f"kind         {card['kind']}\n" in said, said
    with tempfile.TemporaryDirectory() as folder:
        other = os.path.join(folder, "other.safetensors")
        write(other, metadata, arrays)
        assert info(program, other) == said
    if safetensors is not None:
        with safetensors.safe_open(path, "numpy") as file:
            assert file.metadata() == metadata
            assert set(file.keys()) == set(arrays)
            for name, array in arrays.items():
                assert np.array_equal(file.get_tensor(name), array), name
    print(f"{os.path.basename(path)}: {len(arrays)} arrays, "
          f"{sum(array.size for array in arrays.values())} numbers")


for model in sys.argv[2:]:
    check(sys.argv[1], model)
print("read with the package safetensors, too" if safetensors is not None else
      "the package safetensors is not there: read with NumPy only")
