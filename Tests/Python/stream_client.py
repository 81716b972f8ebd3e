"""Reads a stream with packages that others wrote, and prints what it has found as one JSON object.

Usage: stream_client.py bsread|dectris ADDRESS IMAGES
"""
import json
import sys

import numpy as np

kind, address, count = sys.argv[1], sys.argv[2], int(sys.argv[3])


def bsread():
    from bsread import Source

    host, port = address.removeprefix("tcp://").split(":")
    images = []
    with Source(host=host, port=int(port), receive_timeout=20000) as stream:
        for _ in range(count):
            message = stream.receive()
            (name, channel), = message.data.data.items()
            images.append({
                "id": message.data.pulse_id, "name": name, "shape": list(channel.value.shape), "type": str(channel.value.dtype),
                "sum": int(channel.value.sum(dtype="u8")), "corner": int(channel.value[-1, 0]),
                "time": [int(channel.timestamp), int(channel.timestamp_offset)],
                "global": [message.data.global_timestamp, message.data.global_timestamp_offset]})
    print(json.dumps({"images": images}))


def dectris():
    import cbor2
    import zmq
    from dectris.compression import decompress

    types = {64: "<u1", 69: "<u2", 70: "<u4", 77: "<i2", 78: "<i4", 85: "<f4"}

    def unpack(value):
        if isinstance(value, cbor2.CBORTag) and value.tag == 56500:
            algorithm, size, data = value.value
            assert algorithm == "bslz4"
            return decompress(data, algorithm, elem_size=size)
        return value

    def array(value):
        """An array of the stream: a typed array, or one with a shape around it."""
        assert isinstance(value, cbor2.CBORTag), value
        if value.tag == 40:
            shape, typed = value.value
            return array(typed).reshape(shape)
        return np.frombuffer(unpack(value.value), types[value.tag])

    socket = zmq.Context().socket(zmq.PULL)
    socket.rcvtimeo = 20000
    socket.connect(address)

    def message():
        parts = socket.recv_multipart()
        assert len(parts) == 1, len(parts)
        value = cbor2.loads(parts[0])
        assert list(value)[0] == "type"
        return value

    start = message()
    assert start["type"] == "start", start["type"]
    mask = array(start.pop("pixel_mask")["default"])
    table = array(start.pop("countrate_correction_lookup_table"))
    assert table.size == 0
    start["arm_date"] = start["arm_date"].isoformat()
    images = []
    for _ in range(count):
        image = message()
        assert image["type"] == "image" and image["series_unique_id"] == start["series_unique_id"]
        pixels = array(image["data"]["default"])
        images.append({
            "id": image["image_id"], "shape": list(pixels.shape), "type": str(pixels.dtype), "sum": int(pixels.sum(dtype="u8")),
            "corner": int(pixels[-1, 0]), "start": list(image["start_time"]), "user": image["user_data"]})
    end = message()
    assert end == {"type": "end", "series_id": start["series_id"], "series_unique_id": start["series_unique_id"]}, end
    print(json.dumps({"start": start, "mask": [list(mask.shape), int(mask.sum())], "images": images}))


{"bsread": bsread, "dectris": dectris}[kind]()
