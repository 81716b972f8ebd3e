/// Reads the UDP datagrams of a classic pcap capture, one after the other, with the memory of one packet.
///
/// Format: libpcap 2.4 files in either byte order, with time in microseconds or nanoseconds, of the link types in ``LinkLayer``.
/// What is not a whole IPv4 UDP datagram is counted in ``skipped``; IP fragments are not put together. Note that a capture made
/// on the host that sends with kernel segmentation holds several datagrams in one. One thread at a time may use a reader.
public final class PcapFile {
    /// Packets that gave no datagram, by reason.
    public struct Skipped: Sendable, Hashable {
        /// Neither IPv4 nor UDP.
        public var other = 0
        /// Fragments of larger packets.
        public var fragments = 0
        /// Captured with too small a snapshot length.
        public var cutShort = 0
        /// Headers that contradict themselves.
        public var malformed = 0
        /// A last record that the file ends in.
        public var truncatedRecords = 0

        /// All of them.
        public var total: Int { other + fragments + cutShort + malformed + truncatedRecords }
    }

    /// Longest record that is believed; tcpdump itself writes at most 262,144 bytes.
    static let maximumRecordBytes = 1 << 20
    static let headerBytes = 24
    static let recordHeaderBytes = 16
    static let microsecondMagic: UInt32 = 0xA1B2_C3D4
    static let nanosecondMagic: UInt32 = 0xA1B2_3C4D

    /// How the packets are wrapped.
    public let linkLayer: LinkLayer
    /// What was left out so far.
    public private(set) var skipped = Skipped()
    private let file: SequentialFile
    private let bigEndian: Bool
    private let nanosecondsPerFraction: UInt64

    /// Opens a capture and reads its header.
    ///
    /// - Throws: when the file cannot be opened, is no classic pcap file, or has an unknown link type.
    public init(path: String) throws(CaptureError) {
        file = try SequentialFile(path: path)
        guard let header = try file.peek(Self.headerBytes) else {
            throw CaptureError(
                .notACapture, path: path, "has \(file.buffered) bytes; a pcap file begins with \(Self.headerBytes)")
        }
        let little = UInt32(littleEndian: header.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
        switch little {
        case Self.microsecondMagic, Self.nanosecondMagic: bigEndian = false
        case Self.microsecondMagic.byteSwapped, Self.nanosecondMagic.byteSwapped: bigEndian = true
        case 0x0A0D_0D0A:
            throw CaptureError(
                .notACapture, path: path, "is a pcapng file; make a pcap file of it with: editcap -F nsecpcap FILE OUTPUT")
        default:
            throw CaptureError(
                .notACapture, path: path,
                "is no pcap file: expected magic number a1b2c3d4 or a1b23c4d, found \(String(little, radix: 16))")
        }
        let magic = bigEndian ? little.byteSwapped : little
        nanosecondsPerFraction = magic == Self.nanosecondMagic ? 1 : 1000
        // The upper four bits say whether Ethernet checksums follow; IP lengths leave them out anyway.
        let number = Self.number(header.bytes, at: 20, bigEndian: bigEndian) & 0x0FFF_FFFF
        guard let linkLayer = LinkLayer(rawValue: number) else {
            let known = LinkLayer.allCases.map { String($0.rawValue) }.joined(separator: ", ")
            throw CaptureError(.linkType, path: path, "has link type \(number); known are \(known)")
        }
        self.linkLayer = linkLayer
        file.consume(Self.headerBytes)
    }

    /// The next UDP datagram; its bytes are valid until the next call.
    ///
    /// - Returns: `nil` at the end of the file.
    /// - Throws: when the file cannot be read, or a record's length shows that it is damaged.
    public func next() throws(CaptureError) -> CapturedDatagram? {
        while let header = try file.peek(Self.recordHeaderBytes) {
            let seconds = Self.number(header.bytes, at: 0, bigEndian: bigEndian)
            let fraction = Self.number(header.bytes, at: 4, bigEndian: bigEndian)
            let length = Int(Self.number(header.bytes, at: 8, bigEndian: bigEndian))
            guard length <= Self.maximumRecordBytes else {
                throw CaptureError(
                    .recordLength, path: file.path,
                    "the record at byte \(file.offset) claims \(length) bytes, at most \(Self.maximumRecordBytes) can be;"
                        + " the file is damaged from there on")
            }
            guard let record = try file.peek(Self.recordHeaderBytes + length) else { break }
            file.consume(Self.recordHeaderBytes + length)
            let packet = UnsafeRawBufferPointer(rebasing: record[Self.recordHeaderBytes...])
            if let udp = udpHeader(of: packet) {
                return CapturedDatagram(
                    time: UInt64(seconds) * 1_000_000_000 + UInt64(fraction) * nanosecondsPerFraction,
                    source: udp.source, sourcePort: udp.sourcePort, destination: udp.destination,
                    destinationPort: udp.destinationPort, bytes: UnsafeRawBufferPointer(rebasing: packet[udp.payload]))
            }
        }
        if file.buffered > 0 {
            skipped.truncatedRecords += 1
            file.consume(file.buffered)
        }
        return nil
    }

    private func udpHeader(of packet: UnsafeRawBufferPointer) -> UDPHeader? {
        guard let start = linkLayer.ipv4Offset(in: packet.bytes) else {
            skipped.other += 1
            return nil
        }
        do throws(UDPHeader.Refusal) {
            return try UDPHeader(packet.bytes, ipv4At: start)
        } catch {
            switch error {
            case .notUDP: skipped.other += 1
            case .fragment: skipped.fragments += 1
            case .cutShort: skipped.cutShort += 1
            case .malformed: skipped.malformed += 1
            }
            return nil
        }
    }

    private static func number(_ bytes: borrowing RawSpan, at offset: Int, bigEndian: Bool) -> UInt32 {
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return bigEndian ? UInt32(bigEndian: value) : UInt32(littleEndian: value)
    }
}
