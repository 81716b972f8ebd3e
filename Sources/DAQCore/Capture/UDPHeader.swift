/// The addresses and the payload of a UDP datagram inside a captured IPv4 packet.
struct UDPHeader: Equatable {
    /// Why a captured packet gives no datagram.
    enum Refusal: Error, Equatable {
        case notUDP, fragment, cutShort, malformed
    }

    var source: UInt32
    var destination: UInt32
    var sourcePort: UInt16
    var destinationPort: UInt16
    /// Where the payload lies in the packet.
    var payload: Range<Int>

    /// Reads the IPv4 and UDP headers (RFC 791, RFC 768) that begin at `start`; every length is checked against the packet.
    init(_ packet: borrowing RawSpan, ipv4At start: Int) throws(Refusal) {
        guard packet.byteCount - start >= 20 else { throw .cutShort }
        let first = packet.unsafeLoad(fromByteOffset: start, as: UInt8.self)
        guard first >> 4 == 4 else { throw .notUDP }
        let headerBytes = Int(first & 15) * 4
        let total = Int(packet.bigEndian16(at: start + 2))
        guard headerBytes >= 20, total >= headerBytes else { throw .malformed }
        guard packet.unsafeLoad(fromByteOffset: start + 9, as: UInt8.self) == 17 else { throw .notUDP }
        // More fragments follow, or this one is not the first.
        guard packet.bigEndian16(at: start + 6) & 0x3FFF == 0 else { throw .fragment }
        guard total >= headerBytes + 8 else { throw .malformed }
        guard packet.byteCount - start >= total else { throw .cutShort }
        let udp = start + headerBytes
        let length = Int(packet.bigEndian16(at: udp + 4))
        guard length >= 8, length <= total - headerBytes else { throw .malformed }
        source = packet.bigEndian32(at: start + 12)
        destination = packet.bigEndian32(at: start + 16)
        sourcePort = packet.bigEndian16(at: udp)
        destinationPort = packet.bigEndian16(at: udp + 2)
        payload = udp + 8..<udp + length
    }
}
