"""Checks the images 29512 and 29513 of the recorded EIGER 9M.

Usage: check_recording.py FILE.h5 CONFIGURATION PACKETS [29513:PORT:PACKET...]

PACKETS is the folder of the recording, from which numpy puts the images together on its own. The packets that are named, by
their recorded port, are missing in image 29513.
"""
import hashlib
import json
import sys

import h5py
import numpy as np

KNOWN = {29512: (9790958982, "bf946b204b5065203738a3a8c32949d1"), 29513: (9784575261, "e58fc2807430377ba3059f8ff2984411")}
PACKETS, ROWS_PER_PACKET = 128, 2
RECORD = np.dtype([("length", "<u8"), ("frame", "<u8"), ("exposure", "<u4"), ("packet", "<u4"), ("rest", "V32"),
                   ("pixels", "<u4", (ROWS_PER_PACKET, 512))])


def area(position):
    """Rows and columns of a stream's image area, the rows in the order of the packets."""
    x0, y0, x1, y1 = position
    rows = np.arange(y0, y1 + 1) if y1 > y0 else np.arange(y0, y1 - 1, -1)
    columns = x0 + np.arange(512) + 2 * (np.arange(512) // 256)
    assert len(rows) == 256 and columns[-1] == x1
    return rows, columns


def check(path, configuration, folder, dropped):
    with open(configuration) as file:
        document = json.load(file)
    shape = (document["image_pixel_height"], document["image_pixel_width"])
    images = {number: np.zeros(shape, "<u4") for number in KNOWN}
    for stream, position in document["module_positions"].items():
        port = document["start_udp_port"] + int(stream)
        rows, columns = area(position)
        for record in np.fromfile(f"{folder}/{port}.dat", RECORD):
            assert record["length"] == 48 + 4096
            first = ROWS_PER_PACKET * int(record["packet"])
            images[int(record["frame"])][np.ix_(rows[first:first + ROWS_PER_PACKET], columns)] = record["pixels"]
    for number, (total, digest) in KNOWN.items():
        assert int(images[number].sum(dtype="u8")) == total and hashlib.sha256(images[number]).hexdigest()[:32] == digest
    missing = np.zeros(shape, bool)
    for port, packet in dropped:
        rows, columns = area(document["module_positions"][str(port - document["start_udp_port"])])
        missing[np.ix_(rows[ROWS_PER_PACKET * packet:ROWS_PER_PACKET * (packet + 1)], columns)] = True
    assert np.count_nonzero(missing) == len(dropped) * ROWS_PER_PACKET * 512

    with h5py.File(path) as file:
        data = file["entry/data"]
        assert list(data["frame_id"][()]) == [29512, 29513]
        assert list(data["status"][()]) == [1, 2 if dropped else 1]
        assert list(data["missing_packets"][()]) == [0, len(dropped)]
        table = {(int(r["frame_id"]), int(r["port"]), packet) for r in file["entry/missing_packet_ranges"][()]
                 for packet in range(int(r["first_packet"]), int(r["last_packet"]) + 1)}
        assert table == {(29513, port - document["start_udp_port"], packet) for port, packet in dropped}, table
        have = data["data"][()]
    assert have.dtype == "u4" and (have[0] == images[29512]).all()
    changed = have[1] != images[29513]
    assert (changed == missing).all(), f"{np.count_nonzero(changed)} pixels differ, {np.count_nonzero(missing)} are missing"
    assert (have[1][missing] == 0xFFFFFFFF).all()
    print(f"image 29512 is right, image 29513 lacks {len(dropped)} packets")


def address(text):
    image, port, packet = (int(part) for part in text.split(":"))
    assert image == 29513
    return port, packet


check(sys.argv[1], sys.argv[2], sys.argv[3], [address(text) for text in sys.argv[4:]])
