"""Makes calibration files with h5py and numpy, and prints what a reader must find in them.

Usage: make_calibration.py DIRECTORY
"""
import sys

import h5py
import numpy

directory = sys.argv[1]
rng = numpy.random.default_rng(20240229)
modules, shape = 2, (2 * 512, 1024)

pedestals = rng.normal(5000, 300, (3, *shape))
gains = rng.normal(40, 3, (6, *shape))
mask = (rng.random(shape) < 0.01).astype("i8") * 5
gains[1, 3, 7] = 0
gains[0, 1023, 1023] = numpy.nan
gains[4, 0, 0] = 0
pedestals[2, 600, 5] = numpy.inf
mask[3, 7] = mask[1023, 1023] = mask[0, 0] = mask[600, 5] = 0

with h5py.File(f"{directory}/pedestal.h5", "w") as file:
    file["gains"] = pedestals
    file["gainsRMS"] = pedestals
    file["pixel_mask"] = mask
with h5py.File(f"{directory}/pedestal-f4-bool.h5", "w") as file:
    file["gains"] = numpy.concatenate([pedestals, pedestals[:1]]).astype("f4")
    file["pixel_mask"] = mask != 0
for name, planes in (("gains6", gains), ("gains4", gains[:4]), ("gains3", gains[:3]), ("gains5", gains[:5])):
    with h5py.File(f"{directory}/{name}.h5", "w") as file:
        file.create_dataset("gains", data=planes, compression="gzip" if name == "gains4" else None)
with h5py.File(f"{directory}/mask.h5", "w") as file:
    file["pixel_mask"] = (mask != 0).astype("u1")
with h5py.File(f"{directory}/one-module.h5", "w") as file:
    file["gains"] = pedestals[:, :512]
    file["pixel_mask"] = mask[:512]
with h5py.File(f"{directory}/integers.h5", "w") as file:
    file["gains"] = numpy.zeros((3, *shape), "i4")
    file["pixel_mask"] = numpy.zeros(shape, "f4")
with h5py.File(f"{directory}/empty.h5", "w") as file:
    file["other"] = 1
for planes in (3, 4, 6):
    for module in range(modules):
        rows = slice(512 * module, 512 * (module + 1))
        gains[:planes, rows].astype("<f8").tofile(f"{directory}/gainMaps_M{module}_{planes}.bin")
with open(f"{directory}/pedestal.h5", "rb") as source, open(f"{directory}/cut.h5", "wb") as target:
    target.write(source.read(5_000_000))
with open(f"{directory}/text.h5", "w") as target:
    target.write("this is a text\n" * 100)

# The planes as float32, for a comparison of every bit.
pedestals.astype("<f4").tofile(f"{directory}/pedestals.f4")
gains.astype("<f4").tofile(f"{directory}/gains.f4")
mask.astype("<i8").tofile(f"{directory}/mask.i8")
