/// Something about the connection that people want to know when it happens.
public enum ForwardEvent: Sendable, Equatable, CustomStringConvertible {
    /// The other end has not been there since the start.
    case waiting(for: String)
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
        case .waiting(let other): "not connected yet: \(other)"
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
    /// When each kind of event was told; whatever peers say, only a few.
    private var told: [String: UInt64] = [:]
    private static let pause: UInt64 = 10_000_000_000
    private static let limit = 32

    init(_ report: @escaping @Sendable (ForwardEvent) -> Void) { self.report = report }

    mutating func callAsFunction(_ event: ForwardEvent, at time: UInt64) {
        let text = "\(event)"
        if let last = told[text], time < last + Self.pause { return }
        if told.count >= Self.limit { told = told.filter { time < $0.value + Self.pause } }
        guard told.count < Self.limit else { return }
        told[text] = time
        report(event)
    }
}
