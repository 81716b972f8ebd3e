import DAQBuffer
import DAQCore
import DAQWriter
import Glibc

/// One session that is fed from a ring, under the eyes of a user, to its end.
struct WriteRun {
    let writer: SessionWriter
    let id: Int
    let source: RingSource
    let description: RunDescription
    let reader: ImageRingReader
    /// The newest image when the session began.
    let newest: ImageKey?
    let reporter: Reporter
    let stop: StopRequest

    /// Runs to the end of the session.
    ///
    /// - Returns: what has become of it.
    /// - Throws: why no images could be had.
    func run() throws -> SessionStatus {
        let pipeline = Pipeline(from: source, describing: description, queueLimit: reader.slotCount, sinks: { writer })
        try pipeline.start()
        stop.onStop { [writer, id, stop, reporter] in
            reporter.note("stopping; what has come is stored first (Ctrl-C again ends at once)")
            // Ctrl-C is the user, who wants no more; anything else wants this program to end.
            if stop.signal == SIGINT { writer.stop(id) } else { writer.interrupt("the program was asked to end") }
        }
        let path = writer.status(of: id)?.path ?? ""
        reporter.event(
            "ready", ["ring": .string(reader.name), "file": .string(path)],
            message: "ready: images of ring \(reader.name) go to \(path)")
        warnOfPassedImages()
        let clock = MonotonicClock()
        while let status = writer.status(of: id), !status.isClosed {
            reporter.progress(sample(status), at: clock.seconds)
            if try pipeline.wait(milliseconds: 100) { break }
        }
        pipeline.stop()
        try pipeline.wait()
        guard let status = writer.status(of: id) else { throw WriteFailure(reason: "session \(id) is not known any more") }
        return status
    }

    /// Tells what the session waits for when its first image has passed: either that is a mistake, or the detector starts again.
    private func warnOfPassedImages() {
        guard let status = writer.status(of: id), status.progress.received == 0, let newest = newest?.id else { return }
        // Of a shared run the first images may be those of others.
        guard status.request.share == nil else { return }
        let first: UInt64
        switch (status.request.extent, status.request.start) {
        case (.ids(let ids), _): first = ids.lowerBound
        case (_, .id(let id)): first = id
        default: return
        }
        guard first <= newest else { return }
        reporter.warning(
            "image \(first) has passed and is not in the ring any more (the newest is \(newest)); this waits for the "
                + "detector to count from the start again, and fails if it goes on counting")
    }

    private func sample(_ status: SessionStatus) -> ProgressMeter.Sample {
        var sample = ProgressMeter.Sample()
        sample.images = status.progress.flushed
        sample.received = status.progress.received
        sample.bytes = status.progress.bytes
        sample.lostImages = status.progress.missing + status.progress.lost
        switch status.request.extent {
        // Of a share it depends on the first image.
        case _ where status.request.share != nil: break
        case .images(let count): sample.total = count
        case .ids(let ids): sample.total = (ids.upperBound - ids.lowerBound) / max(1, description.configuration.imageIDStep) + 1
        case .seconds, .untilStopped: break
        }
        return sample
    }
}
