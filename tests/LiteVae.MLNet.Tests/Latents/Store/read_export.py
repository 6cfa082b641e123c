"""Reads an export of a latent store as its readers do, with NumPy and Python's own zip and tar, and prints what it found as JSON."""

import io
import json
import pathlib
import struct
import sys
import tarfile

import numpy as np

TYPES = {"F32": "<f4", "I64": "<i8"}


def safetensors(path):
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__")
    body = data[8 + length:]
    return {name: np.frombuffer(body[slice(*entry["data_offsets"])], TYPES[entry["dtype"]]).reshape(entry["shape"]) for name, entry in header.items()}


def tar(path):
    members = {}
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member).read()
            members[member.name] = np.load(io.BytesIO(content)) if member.name.endswith(".npy") else content.decode()
    return members


def plain(value):
    return {"shape": value.shape, "type": value.dtype.str, "values": value.flatten().tolist()} if isinstance(value, np.ndarray) else value


root = pathlib.Path(sys.argv[1])
found = {}
for path in sorted(root.rglob("*")):
    name = path.relative_to(root).as_posix()
    if path.suffix == ".safetensors":
        found[name] = safetensors(path)
    elif path.suffix == ".tar":
        found[name] = tar(path)
    elif path.suffix == ".npy":
        found[name] = {"": np.load(path)}
    elif path.suffix == ".npz":
        with np.load(path) as arrays:
            found[name] = {key: arrays[key] for key in arrays.files}
print(json.dumps({name: {key: plain(value) for key, value in entries.items()} for name, entries in found.items()}))
