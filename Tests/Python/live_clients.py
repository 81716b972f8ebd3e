"""Listens to the live streams of a run with packages that others wrote.

Usage: live_clients.py LAST ARRAY MFLOW REQUEST METADATA STDDAQ SLS SLS...
       live_clients.py --compare CLIENTS.json FILE.h5

The first form prints "listening", then, when every client has seen the image LAST, one JSON object: by client the ids in the
order in which they came, and the digests of the pixels. The second form compares these with the images in a file.
"""
import hashlib
import json
import sys
import threading
import time

import numpy as np
import zmq

import std_daq_protocol

TIMEOUT = 30000
context = zmq.Context()


def subscriber(address, kind=zmq.SUB):
    socket = context.socket(kind)
    socket.rcvtimeo = TIMEOUT
    socket.linger = 0
    if kind == zmq.SUB:
        socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.connect(address)
    return socket


def digest(pixels):
    return hashlib.sha256(pixels).hexdigest()


def std_daq_viewer(address):
    """Takes the stream as the std-daq live viewer does: exactly two parts, and the keys it needs."""
    socket = subscriber(address)
    while True:
        header, data = socket.recv_multipart()
        header = json.loads(header)
        assert header["htype"] == "array-1.0"
        pixels = np.frombuffer(data, header["type"]).reshape(header["shape"])
        yield header["frame"], digest(np.ascontiguousarray(pixels))


def mflow_client(address):
    import mflow
    stream = mflow.connect(address, conn_type=mflow.CONNECT, mode=mflow.SUB, receive_timeout=TIMEOUT)
    while True:
        message = stream.receive()
        pixels = message.data["data"][0]
        assert list(pixels.shape) == message.data["header"]["shape"]
        yield message.data["header"]["frame"], digest(np.ascontiguousarray(pixels))


def request_client(address):
    socket = subscriber(address, zmq.REQ)
    while True:
        socket.send(b"next")
        header, data = socket.recv_multipart()
        yield json.loads(header)["frame"], digest(data)


def metadata_client(address):
    socket = subscriber(address)
    while True:
        part, = socket.recv_multipart()
        message = json.loads(part)
        assert message["htype"] == "image-metadata-1.0"
        assert message["status"] == "good" and message["missing"] == [] and message["chain_revision"] == 1
        yield message["id"], message["shape"] + [message["type"]]


def std_daq_service(address):
    socket = subscriber(address)
    while True:
        part, = socket.recv_multipart()
        assert len(part) <= 512
        message = std_daq_protocol.ImageMetadata.FromString(part)
        # Nothing is written that the definition does not know, or otherwise than Google's encoder does.
        assert message.SerializeToString(deterministic=True) == part
        assert message.status == 1 and message.compression == 0 and message.WhichOneof("image_metadata") == "eg"
        yield message.image_id, [message.height, message.width, message.size, message.dtype]


def receiver_client(address):
    socket = subscriber(address)
    while True:
        parts = socket.recv_multipart()
        header = json.loads(parts[0])
        assert parts[0].endswith(b"\n") and header["jsonversion"] == 5 and len(parts[0]) < 1000
        if not header["data"]:
            assert len(parts) == 1
            continue
        assert header["completeImage"] == 1 and len(parts[1]) == header["size"]
        columns, rows = header["shape"]
        pixels = np.frombuffer(parts[1], f"u{header['bitmode'] // 8}").reshape(rows, columns)
        yield header["frameNumber"], [header["row"], header["column"], header["flipRows"], digest(pixels)]


def listen(last, addresses):
    makers = [std_daq_viewer, mflow_client, request_client, metadata_client, std_daq_service]
    makers += [receiver_client] * (len(addresses) - len(makers))
    results, threads = {}, []

    def run(name, maker, address):
        images = results[name] = []
        for image in maker(address):
            images.append(image)
            if image[0] >= last:
                return

    for number, (maker, address) in enumerate(zip(makers, addresses)):
        name = maker.__name__ if number < 5 else f"port {number - 5}"
        threads.append(threading.Thread(target=run, args=(name, maker, address), daemon=True))
        threads[-1].start()
    time.sleep(0.5)
    print("listening", flush=True)
    for thread in threads:
        thread.join(60)
    print(json.dumps(results), flush=True)


def compare(clients, path):
    import h5py
    with open(clients) as file:
        results = json.loads(file.read().splitlines()[-1])
    with h5py.File(path) as file:
        images = next(item[()] for item in values(file) if getattr(item, "ndim", 0) == 3)
    expected = {number + 1: image for number, image in enumerate(images)}
    last = max(expected)
    for name, found in results.items():
        ids = [image[0] for image in found]
        assert ids and ids[-1] == last, f"{name} has not seen the last image: {ids}"
        assert ids == sorted(set(ids)), f"{name}: {ids}"
        # Whoever asks misses what comes while it does not ask.
        assert name == "request_client" or ids == list(range(ids[0], last + 1)), f"{name} has gaps: {ids}"
        assert len(ids) >= 3, f"{name}: {ids}"
        for id, value in found:
            check(name, value, expected[id])
    print(len(results))


def check(name, value, image):
    if name in ("std_daq_viewer", "mflow_client", "request_client"):
        assert value == digest(np.ascontiguousarray(image)), name
    elif name == "metadata_client":
        assert value == [*image.shape, str(image.dtype)], value
    elif name == "std_daq_service":
        assert value == [*image.shape, image.nbytes, 2], value
    else:
        # Four streams of an EIGER: left and right, the lower two upside down; two gap columns between their chips.
        port = int(name.split()[1])
        left, top = 516 * (port % 2), 258 * (port // 2)
        module = image[top:top + 256, left:left + 514]
        if port // 2:
            module = module[::-1]
        pixels = np.ascontiguousarray(np.delete(module, [256, 257], axis=1))
        assert value[2:] == [port // 2, digest(pixels)], name


def values(group):
    for item in group.values():
        if hasattr(item, "values"):
            yield from values(item)
        else:
            yield item


if sys.argv[1] == "--compare":
    compare(*sys.argv[2:])
else:
    listen(int(sys.argv[1]), sys.argv[2:])
