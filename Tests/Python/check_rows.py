"""Compares every image of a file with the one that numpy computes for its id, whatever ids there are."""
import argparse

import h5py
import numpy as np

import detectors

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("file")
parser.add_argument("configuration")
arguments = parser.parse_args()

detector = detectors.Detector(arguments.configuration)
with h5py.File(arguments.file) as file:
    data = file["entry/data"]
    ids = data["frame_id"][()]
    assert len(ids) > 0 and len(set(ids)) == len(ids), ids
    for row, number in enumerate(ids):
        image = detector.expected(int(number), (), 1, False)
        differing = detectors.unequal(data["data"][row], image)
        assert differing == 0, f"image {number}: {differing} of {image.size} pixels differ"
print(f"{len(ids)} images are equal")
