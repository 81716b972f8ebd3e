internal import Glibc

/// Writes datagrams as a pcap file that every network tool opens: nanosecond time, Ethernet, IPv4, UDP.
///
/// Ethernet addresses are zero and the UDP checksum is left out, as IPv4 allows. Bytes reach the file in blocks of 1 MiB and at
/// ``close()``. One thread at a time may use a writer.
public final class PcapWriter {
    /// The longest payload of a UDP datagram over IPv4.
    public static let maximumDatagramBytes = 65507
    private static let wrapping = 14 + 20 + 8

    /// Datagrams written so far.
    public private(set) var datagrams = 0
    private let path: String
    private var descriptor: Int32
    private var pending: [UInt8] = []
    private static let blockBytes = 1 << 20

    /// Creates the file, or empties the one that exists.
    public init(path: String) throws(CaptureError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw CaptureError(.system, path: path, "cannot be created: \(String(cString: strerror(errno)))")
        }
        pending.reserveCapacity(Self.blockBytes + Self.maximumDatagramBytes + Self.wrapping + 16)
        little(PcapFile.nanosecondMagic)
        little(UInt16(2))
        little(UInt16(4))
        little(UInt32(0))
        little(UInt32(0))
        little(UInt32(262_144))
        little(LinkLayer.ethernet.rawValue)
    }

    deinit {
        // A writer that was not closed still leaves what it can; there is nobody left to tell of a failure.
        try? close()
    }

    /// Appends a datagram.
    ///
    /// - Parameters:
    ///   - time: nanoseconds since 1970.
    ///   - source: IPv4 address in host byte order.
    ///   - destination: IPv4 address in host byte order.
    /// - Throws: when it is longer than UDP allows, or the file cannot be written.
    public func write(
        _ datagram: UnsafeRawBufferPointer, time: UInt64, source: UInt32 = 0x7F00_0001, sourcePort: UInt16 = 32410,
        destination: UInt32 = 0x7F00_0001, destinationPort: UInt16
    ) throws(CaptureError) {
        guard datagram.count <= Self.maximumDatagramBytes else {
            throw CaptureError(
                .datagramLength, path: path,
                "a datagram of \(datagram.count) bytes cannot be written; UDP carries at most \(Self.maximumDatagramBytes)")
        }
        let length = UInt32(Self.wrapping + datagram.count)
        little(UInt32(truncatingIfNeeded: time / 1_000_000_000))
        little(UInt32(time % 1_000_000_000))
        little(length)
        little(length)
        pending.append(contentsOf: repeatElement(0, count: 12))
        big(UInt16(0x0800))
        appendIPv4Header(payload: datagram.count, source: source, destination: destination)
        big(sourcePort)
        big(destinationPort)
        big(UInt16(8 + datagram.count))
        big(UInt16(0))
        pending.append(contentsOf: datagram)
        datagrams += 1
        if pending.count >= Self.blockBytes { try flush() }
    }

    /// Writes what is pending.
    public func flush() throws(CaptureError) {
        var done = 0
        defer { pending.removeAll(keepingCapacity: true) }
        while done < pending.count {
            let (wrote, error) = pending.withUnsafeBytes { bytes in
                let wrote = Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                return (wrote, errno)
            }
            if wrote >= 0 {
                done += wrote
            } else if error != EINTR {
                throw CaptureError(.system, path: path, "cannot be written: \(String(cString: strerror(error)))")
            }
        }
    }

    /// Writes what is pending and closes the file; further calls do nothing.
    public func close() throws(CaptureError) {
        guard descriptor >= 0 else { return }
        defer {
            _ = Glibc.close(descriptor)
            descriptor = -1
        }
        try flush()
    }

    private func appendIPv4Header(payload: Int, source: UInt32, destination: UInt32) {
        let first = pending.count
        big(UInt16(0x4500))
        big(UInt16(28 + payload))
        big(UInt16(0))
        big(UInt16(0x4000))  // not to be fragmented
        big(UInt16(64 << 8 | 17))  // time to live, UDP
        big(UInt16(0))
        big(source)
        big(destination)
        // RFC 1071: the complement of the one's complement sum of all 16-bit words.
        var sum: UInt32 = 0
        for offset in stride(from: first, to: first + 20, by: 2) {
            sum += UInt32(pending[offset]) << 8 | UInt32(pending[offset + 1])
        }
        sum = (sum & 0xFFFF) + sum >> 16
        sum = (sum & 0xFFFF) + sum >> 16
        let checksum = ~UInt16(truncatingIfNeeded: sum)
        pending[first + 10] = UInt8(checksum >> 8)
        pending[first + 11] = UInt8(checksum & 0xFF)
    }

    private func little<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.littleEndian) { pending.append(contentsOf: $0) }
    }

    private func big<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.bigEndian) { pending.append(contentsOf: $0) }
    }
}
