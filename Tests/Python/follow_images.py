"""Reads the files of a run while they are written, with four readers, and looks at every image as soon as it is there.

Usage: follow_images.py WRITER FOLDER safe|swmr
WRITER is the test program that writes images of a known pattern; no reader may ever see another one.
"""
import os
import random
import subprocess
import sys
import time

import h5py
import numpy

WIDTH, HEIGHT, IMAGES = 128, 96, 400
PATTERN = numpy.arange(WIDTH * HEIGHT, dtype="u4").reshape(HEIGHT, WIDTH)


def look(stack, numbers):
    for number in numbers:
        assert (stack[number] == PATTERN + 1000 * number).all(), f"image {number} is torn"


def follow_parts(path, until):
    """The file of the run's name is opened anew each time; it shows more images then."""
    counts = set()
    while time.time() < until:
        with h5py.File(path, "r") as file:
            stack = file["entry/data/data"]
            images = stack.shape[0]
            look(stack, sorted({*range(max(0, images - 5), images), *random.sample(range(images), min(images, 5))}))
            ids = file["entry/data/frame_id"][()]
            assert (ids == 100 + numpy.arange(images)).all(), ids
        counts.add(images)
        if images == IMAGES:
            return counts
    sys.exit(f"saw only {sorted(counts)}")


def follow_growing(path, until):
    """The file stays open, and its dataset grows."""
    counts = set()
    while True:
        # Until the first image is there, the file is an empty one of the usual kind.
        file = h5py.File(path, "r", libver="latest", swmr=True)
        if file["entry/data/data"].shape[0] > 0:
            break
        file.close()
    stack = file["entry/data/data"]
    seen = 0
    while time.time() < until:
        stack.refresh()
        images = stack.shape[0]
        look(stack, range(seen, images))
        counts.add(images)
        seen = images
        if images == IMAGES:
            return counts
    sys.exit(f"saw only {sorted(counts)}")


def main():
    writer, folder, mode = sys.argv[1:4]
    path = f"{folder}/follow.h5"
    process = subprocess.Popen(
        [writer, path, mode, str(IMAGES), "20" if mode == "safe" else "0", "0", "8000"], stdout=subprocess.DEVNULL)
    until = time.time() + 120
    while not os.path.exists(path):
        assert time.time() < until and process.poll() is None
        time.sleep(0.001)
    children = []
    for reader in range(4):
        child = os.fork()
        if child == 0:
            random.seed(reader)
            counts = (follow_parts if mode == "safe" else follow_growing)(path, until)
            assert len(counts) >= 3, f"a reader saw only {sorted(counts)}"
            os._exit(0)
        children.append(child)
    codes = [os.waitpid(child, 0)[1] for child in children]
    assert codes == [0] * 4, codes
    assert process.wait(timeout=60) == 0
    print("four readers saw all images, and nothing else")


main()
