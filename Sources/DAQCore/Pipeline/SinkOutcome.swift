/// What a sink did with an image.
public enum SinkOutcome: Sendable, Hashable {
    /// It was stored, or sent to somebody.
    case stored
    /// It was not meant to be.
    case skipped(SinkLedger.SkipReason)
    /// It was lost for this sink.
    case dropped(SinkLedger.DropReason)
}
