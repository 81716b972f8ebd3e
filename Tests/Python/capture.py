"""Writes the packets of a detector into a pcap file, as Ethernet, IPv4 and UDP."""
import struct


class Capture:
    """A pcap file with microsecond times."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        self.time = 1_700_000_000 * 1_000_000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def add(self, port, datagram):
        """Adds a datagram, sent 10 us after the last one."""
        self.time += 10
        udp = struct.pack(">HHHH", 2000, port, 8 + len(datagram), 0) + datagram
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
        frame = bytes(12) + b"\x08\x00" + ip + udp
        seconds, rest = divmod(self.time, 1_000_000)
        self.file.write(struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame)

    def add_jungfrau(self, port, number, module, words, information=0):
        """Adds the 128 packets of a JUNGFRAU module's frame."""
        for packet, rows in enumerate(words.astype("<u2").reshape(128, 4096)):
            header = struct.pack(
                "<QIIQQHHHHIHBB", number, 100, packet, number, number * 100_000, module, module, 0, 0, information, 0, 3, 2)
            self.add(port + module, header + rows.tobytes())
