"""Plays an existing std-daq installation: pixels in POSIX shared memory, metadata in Google's protobuf over an ipc socket.

Usage: std_daq_services.py KIND DETECTOR [GO-FILE]
KIND: plain      ids 1000 to 1199 at 200 Hz; 1050 to 1054 never come, 1060 lacks packets, 1070 is no good image
      hostile    good images 1 to 200, between them messages of every broken kind, images of other shapes, repeated ids
      restart    ids 500 to 599, then the services start again: ids 1 to 100 in the same memory
      replaced   ids 0 to 100, then the memory is removed and made anew, with other numbers of slots: ids 101 to 1000
      unlinked   ids 1 to 100, then the name of the memory is removed: ids 101 to 200 go on in it
      missing    messages only, and after the first 20 the memory too
      cut        ids 0 to 50, then the memory is cut to a page: 51 to 60, then whole again: 61 to 160
      sizes      the memory has an impossible size
      lapped     ids 0 to 12,000 at 1500 Hz, which are 12 rounds, for a reader that is stopped meanwhile

Pixel (row, column) of image n is (7 n + 3 row + column) modulo 2^16. It waits for a subscriber before it begins; nothing of it stays.
"""
import mmap
import os
import sys
import time

import numpy as np
import zmq

from std_daq_protocol import ImageMetadata

WIDTH, HEIGHT, SLOTS = 64, 48, 1000
BYTES = WIDTH * HEIGHT * 2
kind, detector = sys.argv[1:3]
memory, address = f"/dev/shm/{detector}-image", f"/tmp/{detector}-image"
rows, columns = np.indices((HEIGHT, WIDTH))
base = 3 * rows + columns


class Memory:
    """Slot = id mod slots, of a multiple of 2 MiB, created and sized by everybody who opens it."""

    def __init__(self, slots=SLOTS, size=None):
        self.slots = slots
        self.size = size or -(-slots * BYTES // 2**21) * 2**21
        file = os.open(memory, os.O_RDWR | os.O_CREAT, 0o777)
        os.ftruncate(file, self.size)
        self.bytes = mmap.mmap(file, self.size)
        os.close(file)

    def write(self, number):
        slot = number % self.slots
        pixels = ((7 * number + base) % 65536).astype("<u2")
        self.bytes[slot * BYTES:(slot + 1) * BYTES] = pixels.tobytes()


def describe(number, **changes):
    fields = dict(image_id=number, height=HEIGHT, width=WIDTH, size=BYTES, dtype=2, status=1, compression=0)
    message = ImageMetadata(**{**fields, **changes})
    message.jf.daq_rec = number * 16 + 1
    return message.SerializeToString()


socket = zmq.Context().socket(zmq.XPUB)
socket.linger = 5000
socket.sndhwm = 50000
socket.bind(f"ipc://{address}")


def listen():
    """Waits for a subscriber."""
    assert socket.poll(60000), "nobody subscribes"
    assert socket.recv() == b"\x01"


def send(images, ids, rate=400, **changes):
    due = time.monotonic()
    for number in ids:
        images.write(number)
        socket.send(describe(number, **changes))
        due += 1 / rate
        time.sleep(max(0, due - time.monotonic()))


def wait_for_reader(images):
    """Shows one image, then waits until the reader is said to be ready."""
    send(images, [0])
    while not os.path.exists(sys.argv[3]):
        time.sleep(0.01)


def plain():
    images = Memory()
    listen()
    for number in range(1000, 1200):
        if not 1050 <= number <= 1054:
            send(images, [number], rate=200, status={1060: 2, 1070: 3}.get(number, 1))


def hostile():
    images = Memory()
    listen()
    # The first good one says what all must be.
    send(images, [1])
    for number in range(2, 201):
        good = describe(number)
        for bad in [
            b"", b"\xff", good[:-1], good + b"\x0a", b"\x08" + b"\xff" * 11, os.urandom(60), b"nonsense" * 50,
            describe(number, width=2**63), describe(number, size=BYTES - 1), describe(number, dtype=28),
        ]:
            socket.send(bad)
        socket.send_multipart([good, b"more"])
        socket.send(describe(number, height=2 * HEIGHT, size=2 * BYTES))
        socket.send(describe(number, compression=1, size=17))
        send(images, [number])
        socket.send(describe(number))


def restart():
    images = Memory()
    listen()
    send(images, range(500, 600))
    time.sleep(0.2)
    send(images, range(1, 101))


def replaced():
    images = Memory()
    listen()
    wait_for_reader(images)
    send(images, range(1, 101))
    time.sleep(0.5)
    os.unlink(memory)
    # Those who still have the old memory write nonsense into it.
    images.bytes[:] = b"\xee" * images.size
    images = Memory(slots=2**30 // BYTES)
    # More than the reader asks for: it takes some time to find that the memory is another one.
    send(images, range(101, 1001))


def unlinked():
    images = Memory()
    listen()
    send(images, range(1, 101))
    time.sleep(0.5)
    os.unlink(memory)
    send(images, range(101, 201))


def missing():
    listen()
    for number in range(1, 21):
        socket.send(describe(number))
        time.sleep(0.02)
    images = Memory()
    send(images, range(21, 221))


def cut():
    images = Memory()
    listen()
    wait_for_reader(images)
    send(images, range(1, 51))
    time.sleep(0.5)
    os.truncate(memory, 4096)
    for number in range(51, 61):
        socket.send(describe(number))
        time.sleep(0.01)
    time.sleep(0.5)
    os.truncate(memory, images.size)
    send(images, range(61, 161))


def sizes():
    Memory(size=4096 * 3)
    listen()
    for number in range(1, 200):
        socket.send(describe(number))
        time.sleep(0.02)


def lapped():
    images = Memory()
    listen()
    wait_for_reader(images)
    send(images, range(1, 12 * SLOTS + 1), rate=1500)


try:
    globals()[kind]()
    # The memory must not go before the last images were copied.
    time.sleep(2)
finally:
    socket.close()
    for path in (memory, address):
        if os.path.exists(path):
            os.unlink(path)
