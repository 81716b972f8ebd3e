"""Checks an image file with programs that share no code with its writer.

Usage: check_image_file.py FILE IMAGES DTYPE [full]
The pixels must be (1000 * image + 7 * y + x) % 251; "full" also checks the missing packets and annotations of the test.
"""
import sys

import h5py
import numpy


def check_strings_are_ascii(file):
    """XDS cannot read files that mark attributes as UTF-8."""

    def check(name, item):
        for key in item.attrs:
            kind = item.attrs.get_id(key).get_type()
            if isinstance(kind, h5py.h5t.TypeStringID):
                assert kind.get_cset() == h5py.h5t.CSET_ASCII, (name, key)

    check("/", file)
    file.visititems(check)


def check_values(path, images, dtype):
    with h5py.File(path, "r") as file:
        assert file.attrs["default"] == "entry"
        assert file["entry"].attrs["NX_class"] == "NXentry"
        assert file["entry"].attrs["default"] == "data"
        data = file["entry/data"]
        assert data.attrs["NX_class"] == "NXdata" and data.attrs["signal"] == "data"
        assert list(data.attrs["axes"]) == ["frame_id", ".", "."] and data.attrs["frame_id_indices"] == 0
        stack = data["data"]
        assert stack.dtype == numpy.dtype(dtype) and stack.shape[0] == images, (stack.dtype, stack.shape)
        assert stack.chunks == (1, *stack.shape[1:]) and stack.maxshape[0] is None
        assert stack.attrs["interpretation"] == "image"
        y, x = numpy.mgrid[: stack.shape[1], : stack.shape[2]]
        for number in range(images):
            assert (stack[number] == (1000 * number + 7 * y + x) % 251).all(), number
        kinds = {"frame_id": "u8", "segment": "u4", "pulse_id": "u8", "status": "u1", "missing_packets": "u4",
                 "detector_timestamp": "u8", "received_at": "u8", "chain_revision": "u8"}
        for name, kind in kinds.items():
            assert data[name].dtype == numpy.dtype(kind) and data[name].shape == (images,), name
        numbers = numpy.arange(images, dtype="u8")
        assert (data["chain_revision"][()] == 3).all()
        assert (data["frame_id"][()] == 100 + numbers).all()
        assert (data["pulse_id"][()] == 5000 + numbers).all()
        assert (data["detector_timestamp"][()] == 10 * numbers).all()
        assert (data["received_at"][()] == 1_700_000_000_000_000_000 + numbers).all()
        assert data["detector_timestamp"].attrs["units"] == "100 ns"
        detector = file["entry/instrument/detector"]
        assert detector.attrs["NX_class"] == "NXdetector"
        assert detector["local_name"].asstr()[()] == "test-detector"
        assert detector["configuration"].asstr()[()] == '{"detector_name": "test-detector"}'
        assert detector["data"].shape == stack.shape
        assert file["entry/program_name"].asstr()[()] == "swift-daq"
        for name in ("start_time", "end_time"):
            assert file["entry"][name].asstr()[()].endswith("Z")
        check_strings_are_ascii(file)


def check_missing_and_annotations(path, images):
    """Image 3 lacks packets 0 to 2 and 511 of stream 1, and packet 7 of stream 2; every image but 0 is annotated."""
    with h5py.File(path, "r") as file:
        status = file["entry/data/status"][()]
        missing = file["entry/data/missing_packets"][()]
        assert (status == [2 if n == 3 else 1 for n in range(images)]).all()
        assert (missing == [5 if n == 3 else 0 for n in range(images)]).all()
        rows = [tuple(int(v) for v in row) for row in file["entry/missing_packet_ranges"][()]]
        assert rows == [(0, 103, 1, 0, 2), (0, 103, 1, 511, 511), (0, 103, 2, 7, 7)], rows
        notes = file["entry/annotations"]
        assert list(notes["hits"][()]) == [-(2**63)] + list(range(1, images))
        assert numpy.isnan(notes["mean"][0]) and (notes["mean"][1:] == numpy.arange(1, images) / 2).all()
        assert list(notes["is_hit"][()]) == [255] + [n % 2 for n in range(1, images)]
        assert list(notes["remark"].asstr()[()]) == [""] + [f"Bild {n} \u2713" for n in range(1, images)]
        assert sorted(notes) == ["hits", "is_hit", "mean", "path%2Fto%2Fx", "remark"], sorted(notes)


def check_viewers(path, images):
    import fabio
    import silx.io
    import silx.io.nxdata
    from nexusformat.nexus import nxload

    with silx.io.open(path) as file:
        default = silx.io.nxdata.get_default(file)
        assert default is not None and default.is_image and default.signal.shape[0] == images
    shape = nxload(path).plottable_data.nxsignal.shape
    assert shape[0] == images and len(shape) == 3, shape
    with fabio.open(path) as file:
        assert file.nframes == images, file.nframes
        y, x = numpy.mgrid[: shape[1], : shape[2]]
        assert (file.getframe(images - 1).data == (1000 * (images - 1) + 7 * y + x) % 251).all()


if __name__ == "__main__":
    path, images, dtype = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    check_values(path, images, dtype)
    if "full" in sys.argv[4:]:
        check_missing_and_annotations(path, images)
        check_viewers(path, images)
    print("ok")
