import DAQCore
import Glibc
import Synchronization

/// Keeps in mind which images lack which packets, for the summary; as a stage it keeps every image.
final class IncompleteImages: ImageStage {
    /// What one image lacks.
    struct Entry: Sendable, Equatable {
        var segment: UInt32
        var id: UInt64
        /// When its first packet came, UTC nanoseconds.
        var receivedAt: UInt64
        /// How many images had come then, with this one.
        var number: UInt64
        /// Runs of consecutive packet numbers, by stream.
        var runs: [Run]
    }

    /// Consecutive packets of a stream that did not arrive.
    struct Run: Sendable, Equatable {
        var stream: Int
        var first: Int
        var last: Int
    }

    /// A summary stays readable, and memory bounded, however much is lost: the list ends after so many runs.
    static let runLimit = 10_000

    private struct State {
        var entries: [Entry] = []
        var runs = 0
        /// Images that have come.
        var images: UInt64 = 0
        /// Images that had not one packet of a stream, by stream.
        var silent: [Int: UInt64] = [:]
        /// When the run was asked to end, UTC nanoseconds.
        var stoppedAt: UInt64?
    }

    let name = "incomplete-images"
    /// UDP ports, by stream.
    let ports: [Int: Int]
    /// Packets of a whole frame, by stream.
    private let packets: [Int: Range<Int>]
    /// Distance of ids.
    let idStep: UInt64
    private let timeout: UInt64
    private let state = Mutex(State())

    /// A stage for the images of a detector; without one, streams have no ports.
    init(of detector: DetectorConfiguration? = nil) {
        let streams = detector?.placedStreams ?? []
        ports = Dictionary(uniqueKeysWithValues: streams.map { ($0.number, $0.udpPort) })
        var packets: [Int: Range<Int>] = [:]
        for stream in streams { packets[stream.number] = detector?.packetFormat(of: stream).packets }
        self.packets = packets
        idStep = detector?.imageIDStep ?? 1
        timeout = detector?.syncTimeout ?? 0
    }

    /// The first incomplete images, in the order they were published.
    var entries: [Entry] { state.withLock { $0.entries } }

    /// Streams of which no packet is in any image.
    var silentStreams: [Int] {
        state.withLock { state in state.silent.filter { $0.value == state.images }.keys.sorted() }
    }

    /// Tells that the run is asked to end now; the first time counts.
    func noteStop() {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        state.withLock { $0.stoppedAt = $0.stoppedAt ?? now }
    }

    /// Images whose packets were still coming when the run was asked to end, so that nobody can say that they were lost.
    ///
    /// The last images, of which nothing lacks but the ends of frames, after which nothing came on the same streams, and for
    /// which the run would have gone on waiting.
    var cutOff: Int {
        let (entries, images, stoppedAt) = state.withLock { ($0.entries, $0.images, $0.stoppedAt) }
        guard let stoppedAt else { return 0 }
        var number = images
        var count = 0
        // Streams that have nothing of later images; all of them before the last image.
        var ended = Set(packets.keys)
        for entry in entries.reversed() {
            guard entry.number == number, entry.receivedAt.addingReportingOverflow(timeout).partialValue > stoppedAt,
                !entry.runs.isEmpty, entry.runs.allSatisfy({ isTail($0) && ended.contains($0.stream) })
            else { break }
            count += 1
            number -= 1
            ended = Set(entry.runs.filter(isWhole).map(\.stream))
        }
        return count
    }

    private func isTail(_ run: Run) -> Bool { packets[run.stream].map { run.last == $0.upperBound - 1 } ?? false }

    private func isWhole(_ run: Run) -> Bool { packets[run.stream].map { run.first == $0.lowerBound } ?? false && isTail(run) }

    func process(_ image: Image) -> StageOutcome {
        let metadata = image.metadata
        guard metadata.status != .good else {
            state.withLock { $0.images += 1 }
            return .keep()
        }
        state.withLock { state in
            state.images += 1
            for missing in metadata.missing where missing.packets.count == packets[missing.port]?.count {
                state.silent[missing.port, default: 0] += 1
            }
            guard state.runs < Self.runLimit else { return }
            let runs = metadata.missing.flatMap { Self.runs(of: $0) }
            state.entries.append(
                Entry(
                    segment: metadata.segment, id: metadata.id, receivedAt: metadata.receivedAt, number: state.images, runs: runs)
            )
            state.runs += runs.count
        }
        return .keep()
    }

    private static func runs(of missing: MissingPackets) -> [Run] {
        var runs: [Run] = []
        for number in missing.packets.numbers {
            if let last = runs.indices.last, runs[last].last + 1 == number {
                runs[last].last = number
            } else {
                runs.append(Run(stream: missing.port, first: number, last: number))
            }
        }
        return runs
    }
}

extension IncompleteImages.Entry {
    var json: JSONValue {
        [
            "segment": .integer(Int64(segment)), "id": .unsigned(id),
            "missing": .array(
                runs.map { run in
                    [
                        "stream": .integer(Int64(run.stream)), "first": .integer(Int64(run.first)),
                        "last": .integer(Int64(run.last)),
                    ]
                }),
        ]
    }
}
