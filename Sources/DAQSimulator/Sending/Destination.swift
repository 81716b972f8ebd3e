/// A host that datagrams are sent to.
public struct Destination: Sendable, Hashable {
    /// Name, IPv4 address or IPv4 multicast group.
    public var host: String
    /// Added to every port.
    public var portShift: Int
    /// How many routers a multicast datagram may pass.
    public var multicastTTL: Int = 1
    /// IPv4 address of the local interface that multicast leaves by; `nil` leaves it to the kernel.
    public var multicastInterface: String?

    /// A host.
    public init(_ host: String, portShift: Int = 0) {
        self.host = host
        self.portShift = portShift
    }

    /// This host.
    public static let loopback = Destination("127.0.0.1")
}

/// Which images several destinations get.
public enum Distribution: Sendable, Hashable {
    /// All of them get every image.
    case copies
    /// They take turns image by image, as the detectors' own list of destinations does.
    case roundRobin
}
