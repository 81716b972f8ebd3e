/// The datagrams of JUNGFRAU, EIGER and MOENCH: a 48-byte little-endian header, then pixels.
///
/// Format: slsDetectorPackage, header versions 1 and 2. Offsets: frame number 0 (u64), packet number 12 (u32),
/// detSpec1 or bunch id 16 (u64), time stamp 24 (u64), row 34 (u16), column 36 (u16), detSpec3 40 (u32), detector type 46
/// (u8), version 47 (u8).
public struct StandardPacketFormat: PacketFormat {
    /// Bytes before the pixels.
    public static let headerBytes = 48

    /// Numbers of the detector types in the header.
    public enum DetectorCode: UInt8, Sendable {
        case eiger = 1
        case jungfrau = 3
        case moench = 5
    }

    /// The detector that headers must name.
    public let detector: DetectorCode
    /// The packet numbers of a complete frame.
    public let packets: Range<Int>
    /// Columns and rows of a frame.
    public let frameSize: (columns: Int, rows: Int)
    /// Type of the pixels in a datagram.
    public let pixelType: PixelType
    /// Bytes of pixels in every datagram.
    public let payloadBytes: Int
    private let pixelsPerPacket: Int

    /// A format with the given shape.
    ///
    /// - Precondition: `rows` × `columns` pixels fill `packets` datagrams of `payloadBytes` exactly.
    public init(
        detector: DetectorCode, columns: Int, rows: Int, pixelType: PixelType, payloadBytes: Int, packets: Range<Int>
    ) {
        precondition(columns * rows * pixelType.bytes == payloadBytes * packets.count, "packets do not fill the frame exactly")
        precondition(packets.upperBound <= PacketSet.capacity, "a frame has more than \(PacketSet.capacity) packets")
        self.detector = detector
        self.packets = packets
        self.pixelType = pixelType
        self.payloadBytes = payloadBytes
        frameSize = (columns, rows)
        pixelsPerPacket = payloadBytes / pixelType.bytes
    }

    /// Header and payload: all datagrams have this length.
    public var maximumDatagramBytes: Int { Self.headerBytes + payloadBytes }

    /// Reads a datagram: length, version, detector type and packet number are checked.
    public func read(_ datagram: UnsafeRawBufferPointer) -> PacketVerdict {
        guard datagram.count == Self.headerBytes + payloadBytes else { return .malformed(.length) }
        // Every offset below is inside the 48 bytes that the length check has shown to exist.
        let version = datagram[47]
        guard version == 1 || version == 2 else { return .malformed(.version) }
        guard datagram[46] == detector.rawValue else { return .foreign(.detectorType) }
        let number = Int(UInt32(littleEndian: datagram.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
        guard packets.contains(number) else { return .malformed(.packetNumber) }
        return .packet(
            PacketHeader(
                frameNumber: UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                packet: number,
                bunchID: UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
                timestamp: UInt64(littleEndian: datagram.loadUnaligned(fromByteOffset: 24, as: UInt64.self)),
                row: UInt16(littleEndian: datagram.loadUnaligned(fromByteOffset: 34, as: UInt16.self)),
                column: UInt16(littleEndian: datagram.loadUnaligned(fromByteOffset: 36, as: UInt16.self)),
                information: UInt32(littleEndian: datagram.loadUnaligned(fromByteOffset: 40, as: UInt32.self)),
                payloadOffset: Self.headerBytes))
    }

    /// The pixels of a frame that a packet carries.
    public func pixels(of packet: Int) -> Range<Int> {
        let first = (packet - packets.lowerBound) * pixelsPerPacket
        return first..<first + pixelsPerPacket
    }
}
