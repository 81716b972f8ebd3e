/// How far the receiving end is.
struct ForwardState: Equatable {
    /// Names the receiving process: another one knows nothing of what the one before got.
    var session: UInt64
    /// The first sequence number that is not settled.
    var next: UInt64
    /// Sequence numbers below this one may be sent.
    var limit: UInt64
}
