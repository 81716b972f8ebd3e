/// What a simulated or replayed run sent.
public struct TransmissionReport: Sendable, Equatable {
    /// Packets, bytes, images and errors.
    public let sender: SenderStatistics
    /// What went wrong on purpose; empty without a fault plan.
    public let faults: FaultReport
    /// How long it took.
    public let nanoseconds: UInt64
    /// Whether it was stopped before its end.
    public let wasStopped: Bool

    /// Images sent in a second.
    public var imagesPerSecond: Double { Double(sender.images) * 1e9 / Double(max(1, nanoseconds)) }
}
