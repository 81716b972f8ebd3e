"""Writes frames of a simulated JUNGFRAU, one pixel in 1024 with the invalid gain code, into a pcap file.

Usage: make_capture.py CONFIGURATION FILE.pcap IMAGES
"""
import sys

import capture
import detectors

detector = detectors.Detector(sys.argv[1])
with capture.Capture(sys.argv[2]) as file:
    for number in range(1, int(sys.argv[3]) + 1):
        for stream in range(detector.streams):
            words = detector.raw_frame(number, stream, invalid=True)
            file.add_jungfrau(detector.configuration["start_udp_port"], number, stream, words)
