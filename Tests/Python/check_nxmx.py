"""Checks files in the format NXmx: with the validator of the definitions, and the library that DIALS reads such files with.

Usage: check_nxmx.py FILE experiment
The second word says that the file must hold what the test has set in its configuration.
"""
import os
import pty
import re
import subprocess
import sys

import h5py
import hdf5plugin  # noqa: F401, registers its filters
import numpy
import nxmx


def validate(path):
    folder = os.path.dirname(sys.executable)
    # It asks for the width of its terminal.
    control, terminal = pty.openpty()
    result = subprocess.run(
        [f"{folder}/nxvalidate", "-a", "NXmx", path], stdin=terminal, stderr=subprocess.STDOUT, stdout=subprocess.PIPE,
        text=True)
    os.close(control)
    os.close(terminal)
    assert re.search(r"Total number of errors: 0\b", result.stdout), result.stdout


def check_detector(path, height, width):
    with h5py.File(path, "r") as file:
        entry = nxmx.NXmx(file).entries[0]
        detector = entry.instruments[0].detectors[0]
        assert entry.definition == "NXmx" and entry.samples[0].depends_on is None
        assert detector.sensor_material == "Si" and detector.sensor_thickness.to("um").magnitude == 320
        module = detector.modules[0]
        assert list(module.data_size) == [height, width]
        for axis in (module.fast_pixel_direction, module.slow_pixel_direction):
            assert abs(axis[()].to("um").magnitude - 75) < 1e-9
            chain = nxmx.get_dependency_chain(axis)
            assert len(chain) >= 3, chain
        assert nxmx.get_cumulative_transformation(chain).shape == (1, 4, 4)


def check_experiment(path):
    with h5py.File(path, "r") as file:
        entry = nxmx.NXmx(file).entries[0]
        instrument = entry.instruments[0]
        detector = instrument.detectors[0]
        assert entry.source.name == "Swiss Light Source" and instrument.name == "X06SA"
        assert entry.samples[0].name == "recorded"
        assert instrument.beams[0].incident_wavelength.to("angstrom").magnitude == 1
        for value, units, expected in (
            (detector.distance, "m", 0.12), (detector.sensor_thickness, "m", 0.00045), (detector.count_time, "s", 0.0005),
            (detector.frame_time, "s", 0.001),
        ):
            assert numpy.isclose(value.to(units).magnitude, expected, rtol=1e-12), (value, expected)
        center = detector.beam_center_x, detector.beam_center_y
        assert [float(getattr(value, "magnitude", value)) for value in center] == [1552.5, 1631], center
        assert detector.saturation_value == 65000
        # In McStas coordinates the first pixel is where the beam centre says, to the left and up, at the distance.
        chain = nxmx.get_dependency_chain(detector.modules[0].slow_pixel_direction)
        place = nxmx.get_cumulative_transformation(chain)[0, :3, 3] / 1000
        pixel = 75e-6
        assert numpy.allclose(place, [(1552.5 - 1) * pixel, (1631 - 1) * pixel, 0.12], atol=2 * pixel), place


if __name__ == "__main__":
    validate(sys.argv[1])
    if "experiment" in sys.argv[2:]:
        check_experiment(sys.argv[1])
    print("ok")
