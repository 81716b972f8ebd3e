"""Kills a writer again and again, and looks with h5py at what it left behind.

Usage: kill_writer.py WRITER RECOVER FOLDER RUNS [SEED]
WRITER is the test program that writes images of a known pattern and says "flushed N", RECOVER the daqctl that recovers files.
Half of the runs end at a call that changes files, one call after the other; half at a random moment. After each:
* a safe file opens as it is, and holds at least the images that were reported flushed, each with the right value;
* after `daqctl recover` (swmr: only then) it opens, and holds at least as many.
The kernel interrupts a write only between pages, so calls end there.
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy

WIDTH, HEIGHT = 128, 96
lost_parts = []


def check(path, at_least):
    """Every image and every column of it; returns how many images there are."""
    with h5py.File(path, "r") as file:
        data = file["entry/data"]
        stack = data["data"]
        images = stack.shape[0]
        assert images >= at_least, f"{images} images, but {at_least} were reported flushed"
        want = numpy.arange(WIDTH * HEIGHT, dtype="u4").reshape(HEIGHT, WIDTH)
        for number in range(images):
            assert (stack[number] == want + 1000 * number).all(), f"image {number} is not what was written"
        numbers = numpy.arange(images)
        for name, first in {"frame_id": 100, "pulse_id": 5000}.items():
            assert (data[name][()] == first + numbers).all(), f"{name}: {data[name][()]}"
        assert (data["status"][()] == numpy.where(numbers % 7 == 3, 2, 1)).all()
        notes = file["entry/annotations"]
        if images:
            assert (notes["hits"][()] == numbers).all(), notes["hits"][()]
            assert [text for text in notes["remark"].asstr()[()]] == [f"image {n}" for n in numbers]
    return images


def run(writer, recover, folder, mode, part, call, delay, options):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    path = f"{folder}/run.h5"
    process = subprocess.Popen(
        [writer, path, mode, "40", str(part), str(call), "300" if delay else "0", *options], stdout=subprocess.PIPE, text=True)
    if delay:
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
    said = process.communicate(timeout=120)[0].split("\n")
    flushed = max([int(line.split()[1]) for line in said if line.startswith("flushed ")], default=0)
    opened = None
    if os.path.exists(path) and (mode == "safe" or process.returncode == 0):
        opened = check(path, flushed)
    assert opened is not None or flushed == 0 or mode == "swmr", "the file has vanished"
    recovered = None
    if os.listdir(folder):
        result = subprocess.run([recover, "recover", path, "--json"], capture_output=True, text=True)
        leftovers = os.listdir(folder)
        if os.path.exists(path):
            recovered = check(path, max(flushed, opened or 0))
            # A part in which nothing is flushed may be damaged, when the writer was killed while it wrote just that.
            damaged = mode == "safe" and "run_" in result.stderr and result.returncode == 1
            assert damaged or result.returncode == 0, f"recover failed: {result.stderr} {leftovers}"
            assert damaged == any(name.endswith(".partial") for name in leftovers), leftovers
            lost_parts.append(damaged)
        else:
            assert flushed == 0, leftovers
    calls = [int(line.split()[1]) for line in said if line.startswith("calls ")]
    return process.returncode, flushed, recovered, calls[0] if calls else None


def main():
    writer, recover, folder, runs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else random.randrange(1 << 30)
    print("seed", seed)
    generator = random.Random(seed)
    cases = [("safe", 8, []), ("safe", 8, ["direct"]), ("swmr", 0, []), ("safe", 0, []), ("swmr", 8, [])]
    killed = saved = 0
    # How many calls a whole run makes, and how long it takes.
    lengths = []
    for mode, part, options in cases:
        begin = time.time()
        code, flushed, recovered, calls = run(writer, recover, f"{folder}/kill", mode, part, 0, 0, options)
        assert code == 0 and flushed == 40 and recovered == 40, (mode, part, code, flushed, recovered)
        lengths.append((calls, time.time() - begin))
    for index in range(runs):
        case = index % len(cases)
        mode, part, options = cases[case]
        calls, seconds = lengths[case]
        at_call = index % (2 * len(cases)) < len(cases)
        # From the first to the last call, evenly, however many runs there are.
        call = 1 + index * calls // runs if at_call else 0
        delay = 0 if at_call else generator.uniform(0.002, seconds + 0.02)
        try:
            code, flushed, recovered, _ = run(writer, recover, f"{folder}/kill", mode, part, call, delay, options)
        except AssertionError as error:
            sys.exit(f"run {index}: {mode}, parts of {part}, {options}, call {call}, delay {delay}: {error}")
        killed += code == -signal.SIGKILL
        saved += (recovered or 0) - flushed
    assert killed > runs // 3, f"only {killed} of {runs} writers were killed"
    print(f"{runs} runs, {killed} killed: no file was unreadable, no flushed image was lost; {saved} more images were recovered, "
          f"{sum(lost_parts)} parts in which nothing was flushed yet were not")


main()
