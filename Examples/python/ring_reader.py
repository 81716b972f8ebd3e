"""Follows the images of a running `daqctl run`, without copying them: python3 ring_reader.py NAME [IMAGES]"""
import mmap, os, struct, sys, time
import numpy

TYPES = ["u1", "<u2", "<u4", "<i2", "<i4", "<f4"]


class Ring:
    """The images of a ring; docs/ring-layout.md describes the memory."""

    def __init__(self, name):
        with open(f"/dev/shm/daq.{name}.index", "rb") as file:
            self.index = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        magic, version = struct.unpack_from("<8sI", self.index, 0)
        if magic != b"DAQRING1" or version != 1:
            raise RuntimeError(f"{name}: not a ring of layout version 1, or not finished")
        kind, self.width, self.height, self.slots, self.stride = struct.unpack_from("<I4Q", self.index, 20)
        self.descriptors, self.descriptor_bytes, self.order, _, self.entries, inode = struct.unpack_from("<6Q", self.index, 72)
        self.type = numpy.dtype(TYPES[kind - 1])
        pixels = bytes(self.index[256:512]).split(b"\0")[0].decode()
        with open(f"/dev/shm/{pixels}", "rb") as file:
            if os.fstat(file.fileno()).st_ino != inode:
                raise RuntimeError(f"{name}: the ring is just being replaced; try again")
            self.pixels = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        # Loads of aligned words of 8 bytes, which the processor does in one piece.
        self.words = numpy.frombuffer(self.index, "<u8", len(self.index) // 8)

    @property
    def published(self):
        return int(self.words[64])

    @property
    def is_over(self):
        return self.index[216] != 1

    def wait(self, publication, seconds=10.0):
        """Waits until there are images after a publication."""
        end = time.monotonic() + seconds
        while self.published <= publication and not self.is_over and time.monotonic() < end:
            time.sleep(0.002)
        return self.published > publication

    def image(self, publication):
        """(id, view of the pixels, function that says whether they are still those), or None when it is overwritten."""
        (entry,) = struct.unpack_from("<I", self.index, self.order + 4 * (publication % self.entries))
        slot, place = entry - 1, (self.descriptors + (entry - 1) * self.descriptor_bytes) // 8
        if slot < 0 or slot >= self.slots:
            return None
        generation = int(self.words[place])
        if generation % 2 or int(self.words[place + 1]) != publication or self.index[place * 8 + 96] != 1:
            return None
        view = numpy.frombuffer(self.pixels, self.type, self.width * self.height, slot * self.stride)
        identity = int(self.words[place + 4])
        return identity, view.reshape(self.height, self.width), lambda: int(self.words[place]) == generation


if __name__ == "__main__":
    ring, last, seen = Ring(sys.argv[1]), 0, 0
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else None
    while seen != wanted and ring.wait(last):
        last = ring.published
        found = ring.image(last)
        if found is None:
            continue
        identity, pixels, is_still = found
        brightest = pixels.max()
        if is_still():  # asked after the pixels were used: before, it would mean nothing
            print(f"image {identity}: brightest pixel {brightest}")
            seen += 1
