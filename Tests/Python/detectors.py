"""Images of simulated detectors as numpy computes them: pixels, places and correction, from the configuration document.

Shares no code with the library; docs/configuration.md and simulated_pattern.py are all it goes by.
"""
import functools
import json
import os

import h5py
import numpy as np

import simulated_pattern

MISSING = {"u1": 0xFF, "u2": 0xFFFF, "u4": 0xFFFFFFFF, "f4": np.nan, "i4": -(2**31)}


class Detector:
    """A detector, and where its pixels belong."""

    def __init__(self, path):
        with open(path) as file:
            self.configuration = json.load(file)
        self.folder = os.path.dirname(path)
        c = self.configuration
        self.kind = c["detector_type"].split("-")[0]
        self.bits = c["bit_depth"]
        self.interfaces = c.get("udp_interfaces", 1)
        self.shape = (c["image_pixel_height"], c["image_pixel_width"])
        columns, rows, row_group = {"jungfrau": (1024, 512, 4), "moench": (400, 400, 8), "eiger": (512, 256, None)}[self.kind]
        self.module = (rows, columns)
        rows //= self.interfaces
        self.frame = (rows, columns)
        self.pixels_per_packet = c.get("payload_bytes", 4096) * 8 // self.bits if self.kind == "eiger" else columns * row_group
        self.packets = rows * columns // self.pixels_per_packet
        self.streams = c["n_modules"] * self.interfaces
        self.corrected = c["detector_type"] == "jungfrau-converted"
        self.positions = {int(module): position for module, position in c["module_positions"].items()}
        self.raw_type = f"u{self.bits // 8}"

    @property
    def placed_streams(self):
        return [stream for stream in range(self.streams) if stream // self.interfaces in self.positions]

    def raw_frame(self, number, stream, seed=1, invalid=False):
        """The pixels of one UDP stream."""
        flat = simulated_pattern.frame(
            self.kind, self.bits, number, stream, self.streams, self.packets, self.pixels_per_packet, seed, invalid=invalid)
        return flat.reshape(self.frame)

    def labels(self, stream):
        """For every pixel of a stream which packet it comes in, as stream x 65536 + packet."""
        packets = np.arange(self.packets).repeat(self.pixels_per_packet).reshape(self.frame)
        return stream * 65536 + packets

    def image(self, frame_of_stream, fill, dtype, correct=None):
        """An image of frames by stream; `correct` is given a whole module and its number."""
        image = np.full(self.shape, fill, dtype)
        for module, (x0, y0, x1, y1, *turn) in self.positions.items():
            streams = range(module * self.interfaces, (module + 1) * self.interfaces)
            pixels = np.concatenate([frame_of_stream(stream) for stream in streams])
            if correct:
                pixels = correct(pixels, module)
            size = (abs(y1 - y0) + 1, abs(x1 - x0) + 1)
            quarter_turns = turn[0] // 90 if turn else 0
            area = self.with_gaps(pixels, size if quarter_turns % 2 == 0 else size[::-1], fill, dtype)
            area = np.rot90(area, quarter_turns)
            area = area[::-1] if y1 < y0 else area
            area = area[:, ::-1] if x1 < x0 else area
            image[min(y0, y1):max(y0, y1) + 1, min(x0, x1):max(x0, x1) + 1] = area
        return image

    def with_gaps(self, pixels, size, fill, dtype):
        """A module with two gap pixels between its chips of 256 x 256, if the place in the image has room for them."""
        if pixels.shape == size:
            return pixels
        area = np.full(size, fill, dtype)
        rows, columns = (np.arange(n) + 2 * (np.arange(n) // 256) for n in pixels.shape)
        area[np.ix_(rows, columns)] = pixels
        return area

    @functools.cached_property
    def label_image(self):
        """For every pixel of the image the packet it comes in; -1 where no packet has pixels."""
        return self.image(self.labels, -1, np.int64)

    @functools.cached_property
    def calibration(self):
        """Pedestals and gains as float32, and the bad pixels."""
        names = self.configuration["calibration"]

        def read(name, dataset):
            with h5py.File(os.path.join(self.folder, names[name])) as file:
                return file[dataset][()]

        pedestals, gains = read("pedestal", "gains").astype("f4"), read("gain", "gains").astype("f4")
        return pedestals[:3], gains[:3], read("mask" if "mask" in names else "pedestal", "pixel_mask") != 0

    def correct(self, raw, module):
        """keV as float32, or photons as int32: one subtraction and one multiplication, each rounded to float32."""
        settings = self.configuration["calibration"]
        pedestals, gains, bad = (planes[..., 512 * module:512 * (module + 1), :] for planes in self.calibration)
        factor = settings.get("factor")
        numerator = np.float32(1) if factor is None else np.float32(1 / factor)
        stage = raw >> 14
        adc = (raw & 0x3FFF).astype("f4")
        value = np.empty(raw.shape, "f4")
        for plane, codes in enumerate([[0], [1], [2, 3]]):
            here = np.isin(stage, codes)
            value[here] = (adc[here] - pedestals[plane][here]) * (numerator / gains[plane][here])
        if settings.get("invalid_gain", "mask") == "mask":
            bad = bad | (stage == 2)
        if factor is None:
            return np.where(bad, np.float32(np.nan), value)
        return np.where(bad, np.int32(-(2**31)), np.rint(value).astype("i4"))

    def expected(self, number, lost=(), seed=1, invalid=False):
        """The image with that frame number, which lacks the packets (stream, packet) in `lost`."""
        if self.corrected:
            dtype = "f4" if "factor" not in self.configuration["calibration"] else "i4"
        else:
            dtype = self.raw_type
        image = self.image(
            lambda stream: self.raw_frame(number, stream, seed, invalid), 0, dtype, self.correct if self.corrected else None)
        if lost:
            image[np.isin(self.label_image, [stream * 65536 + packet for stream, packet in lost])] = MISSING[dtype]
        return image


def unequal(have, want):
    """How many pixels differ in any bit; NaN equals NaN."""
    if have.dtype != want.dtype or have.shape != want.shape:
        raise SystemExit(f"expected {want.shape} {want.dtype}, found {have.shape} {have.dtype}")
    bits = f"u{want.dtype.itemsize}"
    differs = np.ascontiguousarray(have).view(bits) != np.ascontiguousarray(want).view(bits)
    if want.dtype.kind == "f":
        differs &= ~(np.isnan(have) & np.isnan(want))
    return int(np.count_nonzero(differs))


def runs(packets):
    """Sorted packet numbers as runs (first, last)."""
    result = []
    for packet in sorted(packets):
        if result and result[-1][1] + 1 == packet:
            result[-1][1] = packet
        else:
            result.append([packet, packet])
    return [tuple(run) for run in result]
