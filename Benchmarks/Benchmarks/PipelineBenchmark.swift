import CDAQBench
import DAQBuffer
import DAQCore
import DAQWriter
import Glibc

/// A whole pipeline from packets to corrected images in a file, all of it on one processor, against the sum of what its parts
/// cost there alone.
///
/// The sender, on the other processor, is so many frames ahead that the pipeline always has work and loses nothing: its speed is
/// its processor time.
struct PipelineBenchmark {
    /// Frames sent at once.
    private static let group = 8
    /// Groups measured in a repetition, each of which writes a file of its own.
    private static let groups = 12
    /// Frames that are on their way to the file when the next group is sent.
    private static let ahead = 16
    private static let folder = "/dev/shm"

    let name: String
    let statement: String
    let port: Int
    let repetitions: Int
    let target: Double

    func run() throws -> [any ResultLine] {
        var configuration = Detectors.jungfrau(modules: 1, type: .jungfrauConverted, port: port)
        configuration.ring.budgetBytes = 256 << 20
        let calibration = PlacingBenchmark.calibration(1024 * 512)
        let pipeline = try Pipeline(
            configuration, into: try ImageRing(for: configuration), correcting: calibration, sinks: {})
        // Its threads stay on the processor of this one.
        try pipeline.start()
        defer {
            pipeline.stop()
            _ = try? pipeline.wait()
        }
        let sender = FrameSender(configuration, port: port)
        let parts = try PipelineParts(configuration, calibration, port: port + 5000)
        let path = "\(Self.folder)/daq-bench-\(getpid()).h5"
        let frames = Self.group * Self.groups

        var pairs = Pairs()
        var load: [Double] = []
        var costs: [[Double]] = []
        for repetition in 0...repetitions {
            let mine = try time(pipeline, sender, path)
            let theirs = [
                try parts.receive(frames: frames, group: Self.group), parts.correct(frames: frames),
                try parts.write(frames: frames, to: path),
            ].map { Double($0) / Double(frames) / 1000 }
            // The first one warms up.
            guard repetition > 0 else { continue }
            pairs.append(ours: 1e6 / mine.cost, roofline: 1e6 / theirs.reduce(0, +))
            load.append(mine.load)
            costs.append(theirs)
        }
        let part = (0..<3).map { part in median(costs.map { $0[part] }) }
        let shares = zip(["receiving", "correcting", "writing"], part).map { "\($0) \(Int($1.rounded())) µs" }
        return [
            pairs.measurement(
                name,
                "\(statement) (\(shares.joined(separator: ", "))); \(Int((median(load) * 100).rounded())) % of a processor",
                unit: "images/s", goal: .atLeast(target),
                details: ["receiving": part[0], "correcting": part[1], "writing": part[2]])
        ]
    }

    /// Microseconds of processor time an image of everything but the sender and this thread, and their share of the time.
    private func time(_ pipeline: Pipeline, _ sender: FrameSender, _ path: String) throws -> (cost: Double, load: Double) {
        let writer = HDF5Writer(path: path, overwrite: true)
        try pipeline.add(writer)
        defer { unlink(path) }
        // Creating and completing a file is not what is compared.
        try sender.send(Self.group)
        try wait(for: Self.group, in: writer, pipeline)
        let begin = bench_time()
        let beginCPU = bench_process_time() - bench_thread_time()
        var others: UInt64 = 0
        for group in 1...Self.groups {
            try wait(for: group * Self.group - Self.ahead, in: writer, pipeline)
            others += try sender.send(Self.group)
        }
        try wait(for: (Self.groups + 1) * Self.group, in: writer, pipeline)
        let cpu = Double(bench_process_time() - bench_thread_time() - beginCPU - others)
        let elapsed = Double(bench_time() - begin)
        try pipeline.remove(named: writer.name)
        let ledger = pipeline.ledger
        let images = ledger.receive.images
        guard images.partial == 0, images.missing == 0, images.dropped.isEmpty, ledger.sinks.allSatisfy({ $0.failure == nil })
        else {
            throw BenchmarkFailure("\(name): images were lost: \(ledger)")
        }
        return (cpu / 1000 / Double(Self.groups * Self.group), cpu / elapsed)
    }

    private func wait(for images: Int, in writer: HDF5Writer, _ pipeline: Pipeline) throws {
        let end = bench_time() + 10_000_000_000
        while writer.written.images < images {
            guard bench_time() < end else {
                throw BenchmarkFailure("\(name): \(writer.written.images) of \(images) images came: \(pipeline.ledger)")
            }
            usleep(1000)
        }
    }
}
