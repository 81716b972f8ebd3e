"""Checks that every image in a file is the one that std_daq_services.py made, and marked as not verified; prints the ids.

Usage: check_attached_file.py FILE.h5
"""
import json
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1]) as file:
    group = file["entry/data"]
    images, ids = group["data"][()], group["frame_id"][()]
    assert images.dtype == np.uint16, images.dtype
    rows, columns = np.indices(images.shape[1:])
    for number, image in zip(ids.astype(int), images):
        assert np.array_equal(image, (7 * number + 3 * rows + columns) % 65536), f"image {number}"
    marks = []
    file.visititems(lambda name, item: marks.append(item[()]) if name.endswith("/unverified") else None)
    assert len(marks) == 1 and len(marks[0]) == len(ids) and (marks[0] == 1).all(), marks
    print(json.dumps({"ids": ids.tolist(), "status": group["status"][()].tolist(), "segments": group["segment"][()].tolist()}))
