/// One packet of a detector, as a user names it on the command line: `IMAGE:PORT:PACKET`.
struct PacketAddress: Sendable, Hashable {
    /// The frame number in the packet's header.
    let image: UInt64
    /// Number of the UDP stream, counted from 0, or its UDP port.
    let port: Int
    /// The packet number in the packet's header.
    let packet: Int

    /// The packet that `text` names; `nil` when it is not three whole numbers between colons.
    init?(_ text: String) {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 3, let image = UInt64(fields[0]), let port = UInt16(fields[1]), let packet = UInt32(fields[2])
        else { return nil }
        self.image = image
        self.port = Int(port)
        self.packet = Int(packet)
    }
}
