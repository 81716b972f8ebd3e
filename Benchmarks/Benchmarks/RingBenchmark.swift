import CDAQBench
import DAQBuffer
import DAQCore
import Glibc

/// The writer's processor time an image with eight reading processes on the other processor, against none.
struct RingBenchmark {
    private static let readers = 8
    private static let images = 4000
    private let repetitions = 9

    func run() throws -> [any ResultLine] {
        let name = "bench-\(getpid())"
        let format = ImageFormat(width: 512, height: 256, pixelType: .uint16)
        let ring = try ImageRing(creating: name, format: format, slots: 64)
        var alone: [Double] = []
        var watched: [Double] = []
        for repetition in 0..<repetitions + 1 {
            let bare = try write(into: ring, repetition * 2)
            let children = (0..<Self.readers).map { _ in spawnReader(of: name) }
            usleep(200_000)
            let mine = try write(into: ring, repetition * 2 + 1)
            for child in children {
                kill(child, SIGKILL)
                waitpid(child, nil, 0)
            }
            if repetition > 0 {
                alone.append(bare)
                watched.append(mine)
            }
        }
        return [
            Measurement(
                name: "ring-readers", statement: "writer's time an image of 256 KiB with 8 reading processes / with none",
                unit: "us",
                ours: median(watched), roofline: median(alone), ratio: median(zip(watched, alone).map { $0 / $1 }),
                goal: .atMost(1.05))
        ]
    }

    /// Publishes images at 2 kHz; microseconds of processor time an image.
    private func write(into ring: ImageRing, _ part: Int) throws -> Double {
        let begin = bench_thread_time()
        for number in 0..<Self.images {
            let id = UInt64(part * Self.images + number + 1)
            guard let slot = ring.claim(for: id) else { continue }
            let bytes = ring.bytes(of: slot)
            if let base = bytes.baseAddress { memset(base, Int32(number & 255), bytes.count) }
            _ = ring.publish(slot, ImageMetadata(id: id))
            if number % 2 == 0 { usleep(900) }
        }
        return Double(bench_thread_time() - begin) / 1000 / Double(Self.images)
    }

    /// This program once more, as a reader.
    private func spawnReader(of name: String) -> pid_t {
        var child: pid_t = 0
        let texts = ["daq-bench", "--ring-reader", name]
        let words: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        let status = posix_spawn(&child, "/proc/self/exe", nil, nil, words, [nil])
        precondition(status == 0, "no process for a reader: \(String(cString: strerror(status)))")
        for word in words { free(word) }
        return child
    }

    /// What such a reader does: looks at every byte of every image that it is fast enough for.
    static func read(_ name: String) throws {
        _ = bench_pin(0)
        let reader = try ImageRingReader(attachingTo: name)
        var position = reader.published
        var sum: UInt64 = 0
        while reader.wait(after: position, milliseconds: 1000) != .over {
            guard let entry = reader.newest else { continue }
            position = entry.publication
            sum &+=
                reader.read(entry) { bytes in
                    bytes.withUnsafeBytes { $0.bindMemory(to: UInt64.self).reduce(0, &+) }
                } ?? 0
        }
        withExtendedLifetime(sum) {}
    }
}
