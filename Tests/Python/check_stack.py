"""Says what h5py finds in an image file, as one JSON object; every image is read. Further files must hold the same images.

Usage: check_stack.py [--recovered] FILE.h5 [FILE.h5...]
A file that was recovered may not know when it ended.
"""
import json
import sys

import h5py
import numpy as np

NAMES = ["data", "frame_id", "segment", "pulse_id", "status", "missing_packets", "detector_timestamp"]

recovered = sys.argv[1] == "--recovered"
if recovered:
    del sys.argv[1]
with h5py.File(sys.argv[1]) as file:
    first = {name: file["entry/data"][name][()] for name in NAMES}
    assert len({len(column) for column in first.values()}) == 1, {name: len(column) for name, column in first.items()}
    end = file["entry/end_time"].asstr()[()] if "end_time" in file["entry"] else ""
    assert end >= file["entry/start_time"].asstr()[()] or (recovered and end == ""), end
for path in sys.argv[2:]:
    with h5py.File(path) as file:
        for name in NAMES:
            assert np.array_equal(file["entry/data"][name][()], first[name]), f"{path}: {name} differs"
print(json.dumps({
    "images": len(first["data"]), "shape": list(first["data"].shape[1:]), "type": str(first["data"].dtype),
    "ids": first["frame_id"].tolist(), "status": first["status"].tolist(),
    "sums": first["data"].sum(axis=(1, 2), dtype="u8").tolist()}))
