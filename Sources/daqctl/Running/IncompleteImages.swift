import DAQCore
import Synchronization

/// Keeps in mind which images lack which packets, for the summary; as a stage it keeps every image.
final class IncompleteImages: ImageStage {
    /// What one image lacks.
    struct Entry: Sendable, Equatable {
        var segment: UInt32
        var id: UInt64
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

    let name = "incomplete-images"
    private let state = Mutex<(entries: [Entry], runs: Int)>(([], 0))

    /// The first incomplete images, in the order they were published.
    var entries: [Entry] { state.withLock { $0.entries } }

    func process(_ image: Image) -> StageOutcome {
        let metadata = image.metadata
        guard metadata.status != .good else { return .keep() }
        state.withLock { state in
            guard state.runs < Self.runLimit else { return }
            let runs = metadata.missing.flatMap { Self.runs(of: $0) }
            state.entries.append(Entry(segment: metadata.segment, id: metadata.id, runs: runs))
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

    /// A line such as `image 7 lacks packets of stream 0: 3, 10-12; of stream 1: 5`.
    var text: String {
        let image = "image \(id)\(segment == 0 ? "" : " of segment \(segment)")"
        guard !runs.isEmpty else { return "\(image) is not complete; what it lacks is not known" }
        var parts: [String] = []
        for (index, run) in runs.enumerated() {
            let packets = run.first == run.last ? "\(run.first)" : "\(run.first)-\(run.last)"
            if index > 0, runs[index - 1].stream == run.stream, let last = parts.indices.last {
                parts[last] += ", \(packets)"
            } else {
                parts.append("of stream \(run.stream): \(packets)")
            }
        }
        let shown = parts.prefix(4).joined(separator: "; ") + (parts.count > 4 ? "; and of \(parts.count - 4) more streams" : "")
        return "\(image) lacks packets \(shown)"
    }
}
