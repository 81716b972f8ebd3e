extension FuzzTarget {
    /// The whole receive core: the input is a detector, its settings, and a sequence of events (see ``ReceiverRun``).
    package static let receiver = FuzzTarget(name: "receiver", maximumBytes: 256) { bytes in
        var input = FuzzInput(bytes)
        var run = ReceiverRun(settings: ReceiverSettings(&input))
        while !input.isAtEnd { run.next(&input) }
        run.finish()
    } seeds: {
        FuzzDetector.allCases.flatMap { detector in
            ReceiverSeeds.programs.map { ("\(detector)-\($0.name)", [UInt8(detector.rawValue)] + $0.bytes) }
        }
    }
}

/// Sequences of events that make something of the receive core happen.
private enum ReceiverSeeds {
    /// A byte for the id source and policy, one for window and slots, then events; the detector's byte goes before them.
    static let programs: [(name: String, bytes: [UInt8])] = [
        ("frames", [0, 2] + Array(repeating: 6, count: 12)),
        ("bunch", [1, 2, 6, 6, 6, 6, 10, 0, 6, 6]),
        ("float64", [2, 2, 6, 6, 6, 10, 0, 6, 6]),
        // The same, with the counter set back to 1 after four frames, and to the end of the numbers after six.
        ("restart", [0, 1, 6, 6, 6, 6, 8, 1, 6, 6, 8, 2, 6, 6, 6]),
        ("jump", [8, 2, 6, 6, 7, 100, 6, 6, 8, 4, 1, 2, 3, 4, 5, 6, 7, 8, 6, 6]),
        ("late", [4, 1, 6, 6, 6, 0, 0, 200, 1, 1, 201, 9, 20, 6, 9, 255]),
        ("packets", [0, 2, 0, 0, 0, 1, 1, 0, 2, 0, 1, 3, 1, 255, 7, 1, 4, 0, 0, 9, 60]),
        ("held images", [0, 0, 11, 6, 6, 6, 6, 6, 6, 6, 6, 12, 6, 6, 12, 12, 6]),
        ("slow consumer", [0, 1, 15, 6, 6, 6, 6, 6, 15, 6, 6]),
        ("damage", [0, 2, 6, 13, 0, 0, 0, 2, 47, 9, 46, 5, 14, 0, 0, 6, 13, 1, 0, 0, 3, 12, 255, 13, 200, 7, 60, 6]),
    ]
}
