import DAQCore

/// A stage whose answer to an image can be told from the image's name.
final class SimulatedStage: ImageStage {
    /// What a stage says.
    enum Answer {
        case keep, annotate, drop, fail
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String { "does not like it" }
    }

    static let reason = "not wanted"
    let name: String
    private let salt: UInt64

    init(_ name: String, salt: UInt64) {
        self.name = name
        self.salt = salt
    }

    /// The two stages of a run.
    static func pair(_ seed: UInt64) -> [SimulatedStage] {
        [SimulatedStage("first", salt: seed), SimulatedStage("second", salt: seed &+ 99)]
    }

    func answer(_ metadata: ImageMetadata) -> Answer {
        let number = (metadata.id &+ UInt64(metadata.segment) &* 1009 &+ salt) &* 0x9E37_79B9_7F4A_7C15
        switch number >> 60 {
        case 0: return .drop
        case 1: return .fail
        case 2...6: return .annotate
        default: return .keep
        }
    }

    func annotation(_ metadata: ImageMetadata) -> Annotation { Annotation(name, .integer(Int64(bitPattern: metadata.id))) }

    func process(_ image: Image) throws -> StageOutcome {
        switch answer(image.metadata) {
        case .keep: return .keep()
        case .annotate: return .keep([annotation(image.metadata)])
        case .drop: return .drop(reason: Self.reason)
        case .fail: throw Failure()
        }
    }
}
