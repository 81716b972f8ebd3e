/// Something about the connection that people want to know when it happens.
public enum ForwardEvent: Sendable, Equatable, CustomStringConvertible {
    /// The first connection stands, and images can flow.
    case connected(to: String)
    /// No connection stands any more.
    case disconnected
    /// The other end, or this one, does not take part as things are; it is tried again.
    case refused(String)
    /// Images are being given up, since the way or the far end is too slow.
    case tooSlow
    /// The sending end has sent everything.
    case ended(String)

    /// What happened, in words.
    public var description: String {
        switch self {
        case .connected(let other): "connected: \(other)"
        case .disconnected: "the connection is lost; it is made again as soon as the other end is there"
        case .refused(let reason): "refused: \(reason)"
        case .tooSlow: "the far end or the network is too slow: images are being given up, and counted"
        case .ended(let name): "\(name) has sent everything"
        }
    }
}

/// Tells people what happens, and the same thing not again and again.
struct ForwardReporting {
    private let report: @Sendable (ForwardEvent) -> Void
    private var last: (event: ForwardEvent, time: UInt64)?
    private static let pause: UInt64 = 10_000_000_000

    init(_ report: @escaping @Sendable (ForwardEvent) -> Void) { self.report = report }

    mutating func callAsFunction(_ event: ForwardEvent, at time: UInt64) {
        if let last, last.event == event, time < last.time + Self.pause { return }
        last = (event, time)
        report(event)
    }
}
