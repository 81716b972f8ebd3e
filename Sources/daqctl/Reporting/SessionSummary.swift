import DAQCore
import DAQWriter

/// What became of a write session, for people and for machines.
struct SessionSummary {
    private let status: SessionStatus
    /// What came of gathering, for one of several writers that shared a run.
    var gathering: ShareGathering?

    init(_ status: SessionStatus) { self.status = status }

    /// What makes the command fail; `nil` when everything that was asked for and came is in the file.
    var failure: String? {
        switch status.state {
        case .finished where status.progress.lost > 0:
            "\(Quantity.images(status.progress.lost)) \(status.progress.lost == 1 ? "was" : "were") not stored"
        case .finished: gathering?.failure
        case .failed(let reason): "the session has failed: \(reason)"
        case .interrupted(let reason): "the session was interrupted: \(reason)"
        case .cancelled: "the session was cancelled"
        case .accepted, .waitingForFirstImage, .writing, .flushing: "the session has not ended"
        }
    }

    /// The members of the summary object.
    var json: JSONValue {
        let progress = status.progress
        let dropped = progress.dropped.sorted { $0.key.rawValue < $1.key.rawValue }
        let json: JSONValue = [
            "file": .string(status.path), "state": .string(status.state.name),
            "reason": status.state.reason.map { .string($0) } ?? .null, "received": .unsigned(progress.received),
            "written": .unsigned(progress.written), "flushed": .unsigned(progress.flushed),
            "missing": .unsigned(progress.missing),
            "dropped": .object(dropped.map { JSONValue.Member(key: $0.key.key, value: .unsigned($0.value)) }),
            "bytes": .unsigned(progress.bytes), "first": progress.first.map(\.json) ?? .null,
            "last": progress.last.map(\.json) ?? .null,
            "lossless": .flag(failure == nil && progress.missing == 0 && progress.flushed == progress.received),
        ]
        guard let share = status.request.share, case .object(let members) = json else { return json }
        return .object(
            members + [
                JSONValue.Member(key: "share", value: .string("\(share)")),
                JSONValue.Member(key: "gathered", value: gathering?.json ?? .null),
            ])
    }

    /// The summary for people, with the end of its last line.
    var text: String {
        let progress = status.progress
        var text = "\(status.path): \(status.state.name)\(status.state.reason.map { ", \($0)" } ?? "")\n"
        text += "  \(Quantity.images(progress.flushed)) on the disk"
        if let first = progress.first, let last = progress.last { text += ", ids \(first) to \(last)" }
        text += " (\(Quantity.bytes(progress.bytes)))\n"
        if progress.missing > 0 { text += "  \(Quantity.count(progress.missing)) ids in between never came\n" }
        for (loss, count) in progress.dropped.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text += "  NOT STORED: \(Quantity.count(count)) (\(loss.words))\n"
        }
        return text + (gathering?.text ?? "")
    }
}

extension ImageKey {
    fileprivate var json: JSONValue { ["segment": .unsigned(UInt64(segment)), "id": .unsigned(id)] }
}

extension WriteSession.State {
    /// One word, as machines and people read it.
    fileprivate var name: String {
        switch self {
        case .accepted: "accepted"
        case .waitingForFirstImage: "waiting"
        case .writing: "writing"
        case .flushing: "flushing"
        case .finished: "finished"
        case .failed: "failed"
        case .interrupted: "interrupted"
        case .cancelled: "cancelled"
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .failed(let reason), .interrupted(let reason): reason
        default: nil
        }
    }
}

extension WriteLoss {
    fileprivate var key: String {
        switch self {
        case .queueFull: "queue_full"
        case .failed: "failed"
        case .overwritten: "overwritten"
        }
    }

    fileprivate var words: String {
        switch self {
        case .queueFull: "the disk was too slow; a larger ring bridges bursts"
        case .failed: "the session had failed"
        case .overwritten: "overwritten in the ring before they could be held"
        }
    }
}
