"""Compares an image file with the images that numpy computes for a simulated detector, every pixel, bit for bit.

The sender's report says which packets were lost or spoilt; they must be missing in the file, and no others.
"""
import argparse
import json

import h5py
import numpy as np

import detectors

# A flipped bit in one of these bytes makes a header that a receiver refuses; elsewhere it does no harm.
CHECKED_BYTES = {14, 15, 46, 47}


def lost_packets(path):
    """The packets that cannot be in the images, by image: sets of (stream, packet)."""
    with open(path) as file:
        faults = json.load(file)["faults"]
    lost = list(faults["lost_packets"])
    lost += [c["packet"] for c in faults["corrupted_packets"] if c["kind"] != "flipped-bit" or c["offset"] in CHECKED_BYTES]
    result = {}
    for text in lost:
        image, stream, packet = (int(part) for part in text.split(":"))
        result.setdefault(image, set()).add((stream, packet))
    return result


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("file")
parser.add_argument("configuration")
parser.add_argument("--ids", required=True, help="such as 1-10, 1-5+8-10 with a gap, or 1-5,1-5 for two segments")
parser.add_argument("--frames", type=int, help="number of the first frame, when ids started again in between")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--invalid", action="store_true", help="one pixel in 1024 has the invalid gain code")
parser.add_argument("--report", help="what the sender says it has done to the packets")
arguments = parser.parse_args()

detector = detectors.Detector(arguments.configuration)
lost = lost_packets(arguments.report) if arguments.report else {}
ids, segments = [], []
for segment, text in enumerate(arguments.ids.split(",")):
    for run in text.split("+"):
        first, last = (int(part) for part in run.split("-"))
        ids += range(first, last + 1)
        segments += [segment] * (last + 1 - first)

with h5py.File(arguments.file) as file:
    data = file["entry/data"]
    assert list(data["frame_id"][()]) == ids, list(data["frame_id"][()])
    assert list(data["segment"][()]) == segments, list(data["segment"][()])
    counts = [len(lost.get(number, ())) for number in ids]
    assert list(data["missing_packets"][()]) == counts, (list(data["missing_packets"][()]), counts)
    assert list(data["status"][()]) == [2 if count else 1 for count in counts], list(data["status"][()])
    table = [tuple(int(value) for value in row) for row in file["entry/missing_packet_ranges"][()]]
    want = [
        (segment, number, stream, first, last)
        for segment, number in zip(segments, ids)
        for stream in sorted({stream for stream, _ in lost.get(number, ())})
        for first, last in detectors.runs(packet for s, packet in lost[number] if s == stream)]
    assert table == want, f"missing packets: {table}\nexpected: {want}"
    received = data["received_at"][()].astype("i8")
    assert (np.diff(received) >= 0).all() and received[0] > 1_700_000_000 * 10**9, received
    for row, number in enumerate(ids if arguments.frames is None else range(arguments.frames, arguments.frames + len(ids))):
        image = detector.expected(number, lost.get(number, ()), arguments.seed, arguments.invalid)
        differing = detectors.unequal(data["data"][row], image)
        assert differing == 0, f"image {number}: {differing} of {image.size} pixels differ"
print(f"{len(ids)} images are equal")
