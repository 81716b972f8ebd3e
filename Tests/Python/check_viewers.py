"""Opens an image file as a stack with silx, nexusformat and fabio, and compares what they show with h5py.

Usage: check_viewers.py FILE.h5 IMAGES
"""
import sys

import fabio
import h5py
import numpy as np
import silx.io
import silx.io.nxdata
from nexusformat.nexus import nxload

path, images = sys.argv[1], int(sys.argv[2])
with h5py.File(path) as file:
    stack = file["entry/data/data"][()]
    ids = file["entry/data/frame_id"][()]
assert len(stack) == images

with silx.io.open(path) as file:
    default = silx.io.nxdata.get_default(file)
    assert default is not None and default.is_image
    assert np.array_equal(default.signal[()], stack)
    assert np.array_equal(default.axes[0][()], ids) and default.axes[1] is None and default.axes[2] is None

plottable = nxload(path).plottable_data
assert np.array_equal(plottable.nxsignal.nxvalue, stack)
assert np.array_equal(plottable.nxaxes[0].nxvalue, ids)

with fabio.open(path) as file:
    assert file.nframes == images
    for number in range(images):
        assert np.array_equal(file.getframe(number).data, stack[number]), number
print("silx, nexusformat and fabio show the same images")
