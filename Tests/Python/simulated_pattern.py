"""The pixels of swift-daq's simulated detectors, computed with numpy from the formula in PixelPattern.swift.

    frame(detector, bits, number, stream, streams, packets, pixels_per_packet, seed=1)

returns the pixels that one UDP stream sends in the frame with that number, packet after packet, as a flat array.

    python simulated_pattern.py                    checks the formula against known values
    python simulated_pattern.py FILE ARGUMENTS...  compares a file of pixels with the formula; see --help
"""

import argparse
import sys

import numpy as np

TABLE_WORDS = 1 << 17
TYPES = {8: np.uint8, 16: np.uint16, 32: np.uint32}


def hash32(index, seed):
    """The 32-bit hash of an array of indices."""
    with np.errstate(over="ignore"):
        v = index.astype(np.uint32) * np.uint32(2654435761) + np.uint32(seed * 40503 & 0xFFFFFFFF)
        v ^= v >> np.uint32(15)
        v = v * np.uint32(2246822519)
        return v ^ v >> np.uint32(13)


def table(detector, bits, seed=1, invalid=False):
    """The table that every packet carries a window of."""
    r = hash32(np.arange(TABLE_WORDS), seed).astype(np.int64)
    q = r >> 22
    if detector == "jungfrau":
        dark = 2500 + (r & 0x1FF)
        third = 0xC000 | (14000 - (r & 0x7FF))
        second = 0x4000 | (13800 - (r & 0x7FF))
        word = np.select([q < 10, q < 61, q < 63, q < 124], [third, second, 0xC000, dark + 3900], dark)
        if invalid:
            word = np.where(q == 63, 0x8000 | 2500, word)
    elif detector == "moench":
        word = np.where(q < 61, 8000 + (r & 0x7FF), 4000 + (r & 0x1FF))
    elif detector == "eiger":
        word = np.where(q < 10, r & {8: 0x7F, 16: 0xFFF, 32: 0xFFFFF}[bits], r & 15 & (r >> 4))
    else:
        raise ValueError(f"no pattern for {detector!r}")
    return word.astype(TYPES[bits])


def frame(detector, bits, number, stream, streams, packets, pixels_per_packet, seed=1, sent=None, invalid=False):
    """The pixels of a frame. `packets` is the upper bound of the packet numbers, `sent` the range that is sent."""
    first, end = sent or (0, packets)
    packet = np.arange(first, end, dtype=np.int64)
    start = (((number * streams + stream) * packets + packet) * 40503) % TABLE_WORDS
    index = (start[:, None] + np.arange(pixels_per_packet)) % TABLE_WORDS
    return table(detector, bits, seed, invalid)[index].ravel()


def self_check():
    words = table("jungfrau", 16)
    stages = np.bincount(words >> 14, minlength=4) / TABLE_WORDS
    assert stages[2] == 0 and 0.9 < stages[0] < 0.95 and 0.04 < stages[1] < 0.06 and 0.008 < stages[3] < 0.02, stages
    assert int(hash32(np.array([1]), 1)[0]) == known_hash(1, 1)
    a = frame("jungfrau", 16, 1, 0, 2, 128, 4096)
    b = frame("jungfrau", 16, 1, 1, 2, 128, 4096)
    assert a.size == 512 * 1024 and not np.array_equal(a, b)
    pieces = {piece.tobytes() for piece in np.concatenate([a, b]).reshape(256, 4096)}
    assert len(pieces) == 256, "two packets of an image are equal"


def known_hash(i, seed):
    """The same hash in plain integers."""
    v = (i * 2654435761 + seed * 40503) % 2**32
    v ^= v >> 15
    v = v * 2246822519 % 2**32
    return v ^ v >> 13


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--detector", default="jungfrau")
    for name, default in [("bits", 16), ("number", 1), ("stream", 0), ("streams", 1), ("packets", 128),
                          ("pixels", 4096), ("seed", 1), ("first", 0), ("end", None)]:
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--invalid", action="store_true")
    a = parser.parse_args()
    if a.file is None:
        self_check()
        print("pattern ok")
        return 0
    want = frame(a.detector, a.bits, a.number, a.stream, a.streams, a.packets, a.pixels, a.seed,
                 (a.first, a.packets if a.end is None else a.end), a.invalid)
    have = np.fromfile(a.file, want.dtype.newbyteorder("<"))
    if have.shape != want.shape or not np.array_equal(have, want):
        print(f"differs: {have.size} pixels, expected {want.size}, unequal {np.count_nonzero(have[:want.size] != want[:have.size])}")
        return 1
    print("equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
