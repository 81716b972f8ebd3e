"""A dark run of a JUNGFRAU of one module, and the pedestal that numpy makes of it.

    dark_run.py make FILE.pcap PORT      4 frames in each gain stage, then one whose gain is not the one that was set
    dark_run.py check FILE.h5            compares a pedestal file with numpy's means and deviations
"""
import sys

import h5py
import numpy as np

import capture

FRAMES = 4
SHAPE = (512, 1024)


def frames():
    """Gain code that was set, and words, of every frame."""
    rng = np.random.default_rng(11)
    for code, level in [(0, 2800), (1, 14000), (3, 14300)]:
        for _ in range(FRAMES):
            yield code, (code << 14 | rng.normal(level, 25, SHAPE).astype("u2")).astype("u2")
    yield 1, np.full(SHAPE, 2800, "u2")


def make(path, port):
    with capture.Capture(path) as file:
        for number, (code, words) in enumerate(frames(), 1):
            file.add_jungfrau(port, number, 0, words, information=code << 12)


def check(path):
    words = np.stack([frame for _, frame in frames()][:3 * FRAMES]) & 0x3FFF
    stages = words.astype("f8").reshape(3, FRAMES, *SHAPE)
    with h5py.File(path) as file:
        assert file["gains"].shape == (3, *SHAPE) and file["gains"].dtype == "f8"
        assert (file["gains"][()] == stages.mean(axis=1)).all(), "means differ"
        deviations = file["gainsRMS"][()]
        want = stages.std(axis=1)
        # The library takes the mean square less the squared mean, which keeps about seven digits here.
        assert np.allclose(deviations, want, rtol=1e-6, atol=1e-3), np.abs(deviations - want).max()
        constant = (want == 0).any(axis=0)
        assert ((file["pixel_mask"][()] != 0) == constant).all(), "the mask differs"
    print("the pedestal is numpy's")


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
else:
    check(sys.argv[2])
