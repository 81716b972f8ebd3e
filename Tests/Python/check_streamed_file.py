"""Checks that a file has the images that stream_sender.py sends.

Usage: check_streamed_file.py FILE.h5 FIRST LAST [SECONDS-OF-TIME-STAMP]
"""
import sys

import h5py
import numpy as np

path, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with h5py.File(path) as file:
    group = file["entry/data"]
    images, ids = group["data"][()], group["frame_id"][()]
    assert ids.tolist() == list(range(first, last + 1)), ids
    assert images.dtype == np.uint16, images.dtype
    rows, columns = np.indices(images.shape[1:])
    for number, image in zip(ids.astype(int), images):
        assert np.array_equal(image, (7 * number + 3 * rows + columns) % 65536), f"image {number}"
    assert (group["status"][()] == 1).all()
    if len(sys.argv) > 4:
        ticks = [int(sys.argv[4]) * 10_000_000 + number * 10 for number in ids]
        assert group["detector_timestamp"][()].tolist() == ticks, group["detector_timestamp"][()]
        assert group["pulse_id"][()].tolist() == ids.tolist()
