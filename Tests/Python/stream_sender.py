"""Sends images with packages that others wrote. Image n has the pixels (7 n + 3 row + column) modulo 2^16.

Usage: stream_sender.py KIND PORT FIRST LAST
KIND: array-1.0 (mflow, PUSH), array-1.0-pub (pyzmq, PUB once somebody has subscribed), bsread (psi-bsread, PUSH),
      bsread-packed (bitshuffle_lz4, data header too), bsread-big (big-endian, among other channels),
      hostile (bsread: broken messages between good ones)
"""
import json
import sys

import numpy as np

WIDTH, HEIGHT = 64, 48


def pixels(number):
    rows, columns = np.indices((HEIGHT, WIDTH))
    return ((7 * number + 3 * rows + columns) % 65536).astype("<u2")


def array(port, numbers):
    import mflow

    stream = mflow.connect(f"tcp://127.0.0.1:{port}", conn_type=mflow.BIND, mode=mflow.PUSH, queue_size=1000, linger=20000)
    for number in numbers:
        header = {"htype": "array-1.0", "type": "uint16", "shape": [HEIGHT, WIDTH], "frame": number}
        stream.forward({"header": header, "data": [pixels(number)]})
    # Its own disconnect() would drop what is still waiting.
    stream.socket.close()
    stream.context.term()


def publish(port, numbers):
    import zmq

    socket = zmq.Context().socket(zmq.XPUB)
    socket.linger = 20000
    socket.bind(f"tcp://127.0.0.1:{port}")
    assert socket.poll(30000), "nobody subscribes"
    assert socket.recv() == b"\x01"
    for number in numbers:
        header = {"shape": [HEIGHT, WIDTH], "type": "uint16", "frame": number, "htype": "array-1.0"}
        socket.send_multipart([json.dumps(header).encode(), pixels(number)])
    socket.close()


def bsread(port, numbers, packed=False, big=False):
    from bsread.sender import Sender

    compression = "bitshuffle_lz4" if packed else None
    sender = Sender(port=port, address="tcp://127.0.0.1", queue_size=1000, data_header_compression=compression)
    image = {"type": "uint16", "shape": [WIDTH, HEIGHT]}
    if packed:
        image["compression"] = compression
    if big:
        image["encoding"] = "big"
        sender.add_channel("BEAM:ENERGY", metadata={"type": "float64", "shape": [1]})
    sender.add_channel("CAM:FPICTURE", metadata=image)
    sender.open()
    for number in numbers:
        picture = pixels(number).astype(">u2") if big else pixels(number)
        values = (1.5, picture) if big else (picture,)
        sender.send(*values, pulse_id=number, timestamp=(1700000000, number * 1000), check_data=False)
    # Its own close() would drop what is still waiting after a second.
    sender.stream.socket.close(linger=20000)
    sender.stream.context.term()


def hostile(port, numbers):
    import hashlib

    import zmq

    socket = zmq.Context().socket(zmq.PUSH)
    socket.linger = 20000
    socket.bind(f"tcp://127.0.0.1:{port}")

    def headers(number, **changes):
        channel = {"name": "A", "type": "uint16", "shape": [WIDTH, HEIGHT], **changes}
        data = json.dumps({"htype": "bsr_d-1.1", "channels": [channel]}).encode()
        main = {"htype": "bsr_m-1.1", "pulse_id": number, "hash": hashlib.md5(data).hexdigest(),
                "global_timestamp": {"sec": 1, "ns": 2}}
        return [json.dumps(main).encode(), data]

    for number in numbers:
        good = headers(number) + [pixels(number).tobytes(), b""]
        for bad in [
            good[:1], good[:3], good + [b""], [b"\xff"] + good[1:], good[:1] + [b"{"] + good[2:],
            good[:2] + [good[2][:-1], b""],
            headers(number, shape=[2**40, 2**40]) + good[2:],
            headers(number, shape=[1 << 16, 1 << 16]) + good[2:],
            headers(number, type="string") + good[2:],
            headers(number, compression="bitshuffle_lz4") + [b"\xff" * 4000, b""],
            headers(number, compression="gzip") + good[2:],
            [b'{"htype":"array-1.0","shape":[48,64],"type":"uint16","frame":1}', good[2]],
        ]:
            socket.send_multipart(bad)
        socket.send_multipart(good)
    socket.close()


def damaged_first(port, numbers):
    import zmq

    socket = zmq.Context().socket(zmq.PUSH)
    socket.linger = 20000
    socket.bind(f"tcp://127.0.0.1:{port}")

    def header(number, shape):
        return json.dumps({"htype": "array-1.0", "shape": shape, "type": "uint16", "frame": number}).encode()

    socket.send_multipart([header(first - 1, [1000, 1000]), pixels(first - 1).tobytes()])
    for number in numbers:
        socket.send_multipart([header(number, [HEIGHT, WIDTH]), pixels(number).tobytes()])
    socket.close()


kind, port, first, last = sys.argv[1], *map(int, sys.argv[2:5])
numbers = range(first, last + 1)
{
    "array-1.0": array, "array-1.0-pub": publish, "bsread": bsread,
    "bsread-packed": lambda port, numbers: bsread(port, numbers, packed=True),
    "bsread-big": lambda port, numbers: bsread(port, numbers, big=True), "hostile": hostile,
    "damaged-first": damaged_first,
}[kind](port, numbers)
