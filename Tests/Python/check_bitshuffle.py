"""Unpacks chunks with the HDF5 plugin and with DECTRIS's decompressor, and packs the same pixels with the plugin.

Usage: check_bitshuffle.py FOLDER, whose cases.json lists what lies there as NAME.raw and NAME.chunk; writes NAME.theirs.
"""
import json
import pathlib
import sys

import dectris.compression
import h5py
import hdf5plugin
import numpy as np

folder = pathlib.Path(sys.argv[1])
cases = json.loads((folder / "cases.json").read_text())
assert cases, "nothing to check"
for case in cases:
    name, size, block, level = case["name"], case["elementBytes"], case["blockElements"], case.get("level")
    pixels = np.fromfile(folder / f"{name}.raw", dtype=f"<u{size}")
    chunk = (folder / f"{name}.chunk").read_bytes()
    codec = {"cname": "lz4"} if level is None else {"cname": "zstd", "clevel": level}
    options = {"shape": pixels.shape, "dtype": pixels.dtype, "chunks": pixels.shape}
    options |= hdf5plugin.Bitshuffle(nelems=block, **codec)

    with h5py.File(folder / f"{name}.h5", "w") as file:
        ours = file.create_dataset("ours", **options)
        ours.id.write_direct_chunk((0,), chunk)
        stored = ours.id.get_create_plist().get_filter_by_id(32008)[1]
        assert list(stored) == case["parameters"], f"{name}: the plugin stores {stored}, we {case['parameters']}"
        file.create_dataset("theirs", data=pixels, **options)
    with h5py.File(folder / f"{name}.h5") as file:
        assert np.array_equal(file["ours"][()], pixels), f"{name}: the plugin reads other pixels"
        mask, theirs = file["theirs"].id.read_direct_chunk((0,))
        assert mask == 0, f"{name}: the plugin did not pack"
    (folder / f"{name}.theirs").write_bytes(theirs)

    unpacked = dectris.compression.decompress(chunk, "bslz4" if level is None else "bszstd", elem_size=size)
    assert unpacked == pixels.tobytes(), f"{name}: DECTRIS's decompressor reads other pixels"
print(f"{len(cases)} chunks")
