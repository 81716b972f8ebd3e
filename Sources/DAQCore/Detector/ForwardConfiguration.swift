/// One end of a forwarding connection (`forward[n].*`, `source.forward.*`).
public struct ForwardConfiguration: Sendable, Equatable {
    /// `to` or `connect`, or `listen`: where to connect to, or to listen, such as `tcp://far-host:9100`.
    public var address: String
    /// Whether this end listens.
    public var isListening: Bool
    /// `connections`, which the end that connects decides.
    public var connections = 2
    /// `part_bytes`: images are sent in parts of this size; 0 sends them whole.
    public var partBytes = 8 << 20
    /// `patience` in seconds: how long the sending end waits for room before it gives images up.
    public var patience = 1.0
    /// `keys`: a file of keys for encryption and authentication.
    public var keys: String?

    /// An end that connects to, or listens at, an address.
    public init(address: String, isListening: Bool) {
        self.address = address
        self.isListening = isListening
    }
}
