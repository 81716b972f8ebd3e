/// One UDP datagram of a capture file.
public struct CapturedDatagram {
    /// When it was captured, nanoseconds since 1970; 0 where the file does not say.
    public let time: UInt64
    /// IPv4 address it was sent from, in host byte order.
    public let source: UInt32
    /// Port it was sent from.
    public let sourcePort: UInt16
    /// IPv4 address it was sent to, in host byte order.
    public let destination: UInt32
    /// Port it was sent to.
    public let destinationPort: UInt16
    /// What it carries.
    ///
    /// Valid until the file is asked for the next datagram.
    public let bytes: UnsafeRawBufferPointer
}

// The bytes belong to the reader that is asked by one thread at a time.
@available(*, unavailable)
extension CapturedDatagram: Sendable {}
