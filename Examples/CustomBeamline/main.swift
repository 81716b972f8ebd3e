// A beamline's own acquisition program: finds hits while images arrive, and stores nothing but hits.
import DAQBuffer
import DAQCore
import DAQWriter
import Dispatch
import Glibc

let words = Array(CommandLine.arguments.dropFirst())
guard (4...5).contains(words.count), let threshold = Int(words[2]), let least = Int(words[3]) else {
    print("usage: CustomBeamline CONFIG HITS.h5 THRESHOLD PIXELS [IMAGES]")
    exit(2)
}

do {
    let detector = try DetectorConfiguration(contentsOf: words[0])
    let calibration = detector.requiresCalibration ? try LoadedCalibration(detector).calibration : nil
    let ring = try ImageRing(for: detector)
    let pipeline = try Pipeline(detector, into: ring, correcting: calibration) {
        HitFinder(threshold: threshold, least: least)
    } sinks: {
        HDF5Writer(path: words[1])
        HitLog()
    }
    let interrupt = onInterrupt { pipeline.stop() }
    defer { interrupt.cancel() }

    try pipeline.start(images: words.count == 5 ? Int(words[4]) : nil)
    print("ready; Ctrl-C ends the run")
    fflush(nil)
    try pipeline.wait()

    print(pipeline.ledger.report)
    exit(pipeline.ledger.sinks.allSatisfy { $0.failure == nil } ? 0 : 1)
} catch {
    print("CustomBeamline: \(error)")
    exit(1)
}
