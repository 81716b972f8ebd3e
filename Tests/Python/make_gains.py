"""Makes calibration files for a JUNGFRAU: pedestal.h5 (3 planes), gain.h5 (4 planes) and mask.h5.

Usage: make_gains.py FOLDER MODULES
"""
import sys

import h5py
import numpy as np

folder, modules = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(7)
shape = (512 * modules, 1024)
levels = {"pedestal": [2750, 14200, 14400], "gain": [40.3, -1.44, -0.107, 107.5]}
for name, planes in levels.items():
    with h5py.File(f"{folder}/{name}.h5", "w") as file:
        file["gains"] = np.stack([rng.normal(level, abs(level) / 50, shape) for level in planes])
        if name == "pedestal":
            # Not used, since the configuration names another mask.
            file["pixel_mask"] = np.ones(shape, "i8")
with h5py.File(f"{folder}/mask.h5", "w") as file:
    file["pixel_mask"] = (rng.random(shape) < 0.003).astype("u4") * 8
