"""Checks files of every layout with programs that share no code with their writer: h5py, h5dump, silx, nexusformat, fabio,
and for NXmx the validator of the definitions and the library that DIALS reads such files with.

Usage: check_formats.py FILE stack|nxmx|std-daq IMAGES
The images are those of the test program that writes until it is killed: pixel i of image n is 1000 n + i.
"""
import re
import subprocess
import sys

import h5py
import hdf5plugin  # noqa: F401, registers its filters
import numpy

import check_nxmx

WIDTH, HEIGHT = 128, 96
PATTERN = numpy.arange(WIDTH * HEIGHT, dtype="u4").reshape(HEIGHT, WIDTH)


def check_values(path, layout, images):
    numbers = numpy.arange(images)
    with h5py.File(path, "r") as file:
        group = file["test-detector" if layout == "std-daq" else "entry/data"]
        stack = group["data"]
        assert stack.shape == (images, HEIGHT, WIDTH) and stack.dtype == "u4", (stack.shape, stack.dtype)
        assert stack.fillvalue == 0xFFFFFFFF
        for number in numbers:
            assert (stack[number] == PATTERN + 1000 * number).all(), number
        status = numpy.where(numbers % 7 == 3, 2, 1)
        if layout == "std-daq":
            assert set(file) == {"test-detector"} and set(group) == {"data", "metadata"}
            metadata = group["metadata"]
            assert metadata.dtype == numpy.dtype([("image_id", "u8"), ("status", "u8")]), metadata.dtype
            assert (metadata["image_id"] == 100 + numbers).all() and (metadata["status"] == status).all()
            return
        assert (group["frame_id"][()] == 100 + numbers).all() and (group["status"][()] == status).all()
        notes = file["entry/annotations"]
        assert (notes["hits"][()] == numbers).all()
        assert list(notes["remark"].asstr()[()]) == [f"image {n}" for n in numbers]
        table = [tuple(int(value) for value in row) for row in file["entry/missing_packet_ranges"][()]]
        assert table == [(0, 100 + n, 1, n, n + 1) for n in numbers if n % 7 == 3], table
        assert file["entry/end_time"].asstr()[()] >= file["entry/start_time"].asstr()[()]


def check_h5dump(path, layout, images):
    name = "/test-detector/data" if layout == "std-daq" else "/entry/data/data"
    text = subprocess.run(
        ["h5dump", "-d", name, "-s", f"{images - 1},0,0", "-c", f"1,1,{WIDTH}", "-y", "-w", "0", path],
        check=True, capture_output=True, text=True).stdout
    data = text[text.index("DATA {"):].split("{")[1].split("}")[0]
    assert [int(word) for word in re.findall(r"\d+", data)] == list(PATTERN[0] + 1000 * (images - 1)), data


def check_viewers(path, images):
    import fabio
    import silx.io
    import silx.io.nxdata
    from nexusformat.nexus import nxload

    with silx.io.open(path) as file:
        default = silx.io.nxdata.get_default(file)
        assert default is not None and default.is_image and default.signal.shape[0] == images
        assert (default.signal[images - 1] == PATTERN + 1000 * (images - 1)).all()
    signal = nxload(path).plottable_data.nxsignal
    assert (signal[images - 1].nxvalue == PATTERN + 1000 * (images - 1)).all()
    with fabio.open(path) as file:
        assert file.nframes == images, file.nframes
        assert (file.getframe(images - 1).data == PATTERN + 1000 * (images - 1)).all()


path, layout, images = sys.argv[1], sys.argv[2], int(sys.argv[3])
check_values(path, layout, images)
check_h5dump(path, layout, images)
if layout != "std-daq":
    check_viewers(path, images)
if layout == "nxmx":
    check_nxmx.validate(path)
    check_nxmx.check_detector(path, HEIGHT, WIDTH)
print("ok")
