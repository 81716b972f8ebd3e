/// One packet of a run: the header's frame number, its port and its packet number.
public struct PacketAddress: Sendable, Hashable, CustomStringConvertible {
    /// The frame number in the header, before any simulated restart.
    public var image: UInt64
    /// Number of the stream, or its UDP port.
    public var port: Int
    /// Packet number in the frame.
    public var packet: Int

    /// The address of a packet.
    public init(image: UInt64, port: Int, packet: Int) {
        self.image = image
        self.port = port
        self.packet = packet
    }

    /// Reads `IMAGE:PORT:PACKET`.
    ///
    /// - Returns: `nil` for anything but three unsigned numbers.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let image = UInt64(parts[0]), let port = UInt16(parts[1]), let packet = UInt32(parts[2]) else {
            return nil
        }
        self.init(image: image, port: Int(port), packet: Int(packet))
    }

    /// `IMAGE:PORT:PACKET`.
    public var description: String { "\(image):\(port):\(packet)" }
}
