import DAQCore
import DAQSimulator
import Foundation
import Testing

/// Builds captures byte by byte.
private struct PcapBuilder {
    var bigEndian = false
    var magic: UInt32 = 0xA1B2_C3D4
    var linkType: UInt32 = 1
    var records: [UInt8] = []

    func number(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: bigEndian ? value.bigEndian : value.littleEndian, Array.init) }

    var bytes: [UInt8] {
        var header = number(magic) + (bigEndian ? [0, 2, 0, 4] : [2, 0, 4, 0])
        for value in [0, 0, 65535, linkType] { header += number(value) }
        return header + records
    }

    mutating func add(_ packet: [UInt8], seconds: UInt32 = 10, fraction: UInt32 = 5, claimed: UInt32? = nil) {
        records +=
            number(seconds) + number(fraction) + number(claimed ?? UInt32(packet.count)) + number(UInt32(packet.count)) + packet
    }

    static func big(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }

    /// An IPv4 packet with a UDP datagram.
    static func udp(_ payload: [UInt8], port: Int = 50001, fragment: Int = 0, options: Int = 0, protocolNumber: UInt8 = 17)
        -> [UInt8]
    {
        let header = 20 + options
        var bytes: [UInt8] = [UInt8(0x40 | header / 4), 0]
        bytes += big(header + 8 + payload.count)
        bytes += [0, 1]
        bytes += big(fragment)
        bytes += [64, protocolNumber, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        bytes += [UInt8](repeating: 1, count: options)
        bytes += big(32410)
        bytes += big(port)
        bytes += big(8 + payload.count)
        return bytes + [0, 0] + payload
    }
}

@Suite struct PcapFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ bytes: [UInt8]) throws -> (payloads: [[UInt8]], times: [UInt64], skipped: PcapFile.Skipped) {
        let file = try PcapFile(path: try folder.write(bytes, to: "x.pcap"))
        var payloads: [[UInt8]] = []
        var times: [UInt64] = []
        while let datagram = try file.next() {
            payloads.append(Array(datagram.bytes))
            times.append(datagram.time)
        }
        return (payloads, times, file.skipped)
    }

    @Test(arguments: [false, true], [UInt32(0xA1B2_C3D4), 0xA1B2_3C4D])
    func readsBothByteOrdersAndBothClocks(bigEndian: Bool, magic: UInt32) throws {
        var builder = PcapBuilder(bigEndian: bigEndian, magic: magic)
        let ethernet = [UInt8](repeating: 0, count: 12) + [8, 0]
        builder.add(ethernet + PcapBuilder.udp([1, 2, 3]), seconds: 1_700_000_000, fraction: 123_456)
        builder.add(ethernet + PcapBuilder.udp([]) + [0, 0, 0])  // padding of a short Ethernet packet
        let (payloads, times, skipped) = try read(builder.bytes)
        #expect(payloads == [[1, 2, 3], []])
        #expect(times[0] == 1_700_000_000_000_000_000 + 123_456 * (magic == 0xA1B2_C3D4 ? 1000 : 1))
        #expect(skipped.total == 0)
    }

    private struct Wrapping: Sendable {
        let linkType: UInt32
        let bytes: [UInt8]
        private static let addresses = [UInt8](repeating: 0, count: 12)

        init(_ linkType: UInt32, _ bytes: [UInt8]) {
            self.linkType = linkType
            self.bytes = bytes
        }

        static let all: [Wrapping] = [
            Wrapping(1, addresses + [0x81, 0, 0, 5, 8, 0]),
            Wrapping(1, addresses + [0x88, 0xA8, 0, 5, 0x81, 0, 0, 6, 8, 0]),
            // The upper bits of the number say that Ethernet checksums follow.
            Wrapping(0x1000_0001, addresses + [8, 0]),
            Wrapping(0, [2, 0, 0, 0]), Wrapping(0, [0, 0, 0, 2]), Wrapping(108, [0, 0, 0, 2]),
            Wrapping(101, []), Wrapping(12, []), Wrapping(14, []), Wrapping(228, []),
            Wrapping(113, [0, 0] + addresses + [8, 0]), Wrapping(276, [8, 0] + addresses + [0, 0, 0, 0, 0, 0]),
        ]
    }

    @Test(arguments: Wrapping.all) private func readsLinkTypes(wrapping: Wrapping) throws {
        var builder = PcapBuilder(linkType: wrapping.linkType)
        builder.add(wrapping.bytes + PcapBuilder.udp([7, 8, 9], options: 8))
        #expect(try read(builder.bytes).payloads == [[7, 8, 9]])
    }

    @Test func countsWhatItLeavesOut() throws {
        var builder = PcapBuilder(linkType: 101)
        let good = PcapBuilder.udp([1])
        builder.add(good)
        builder.add(PcapBuilder.udp([1], fragment: 0x2000))
        builder.add(PcapBuilder.udp([1], fragment: 100))
        builder.add(PcapBuilder.udp([1], protocolNumber: 6))
        builder.add([0x60] + [UInt8](repeating: 0, count: 50))
        builder.add(Array(good[..<24]))
        builder.add([])
        var lying = good
        lying[25] = 200
        builder.add(lying)
        builder.add(good)
        builder.records += [1, 2, 3]
        let (payloads, _, skipped) = try read(builder.bytes)
        #expect(payloads == [[1], [1]])
        #expect(skipped.fragments == 2 && skipped.other == 2 && skipped.cutShort == 2 && skipped.malformed == 1)
        #expect(skipped.truncatedRecords == 1)
    }

    @Test func refusesWhatIsNoCapture() throws {
        func code(_ bytes: [UInt8]) throws -> CaptureError.Code? {
            do throws(CaptureError) {
                let file = try PcapFile(path: folder.file("y.pcap"))
                while try file.next() != nil {}
                return nil
            } catch { return error.code }
        }
        func check(_ bytes: [UInt8]) throws -> CaptureError.Code? {
            try folder.write(bytes, to: "y.pcap")
            return try code(bytes)
        }
        #expect(try check([]) == .notACapture)
        #expect(try check([UInt8](repeating: 0x55, count: 100)) == .notACapture)
        #expect(try check([0x0A, 0x0D, 0x0D, 0x0A] + [UInt8](repeating: 0, count: 40)) == .notACapture)
        #expect(try check(PcapBuilder(linkType: 127).bytes) == .linkType)
        var builder = PcapBuilder()
        builder.add([1, 2, 3], claimed: 0xFFFF_FFF0)
        #expect(try check(builder.bytes) == .recordLength)
        #expect(throws: CaptureError.self) { try PcapFile(path: folder.file("absent.pcap")) }
        #expect(throws: CaptureError.self) { try PcapFile(path: folder.path) }
    }

    /// Seeded mutations of a good capture: any result is right but a crash or an endless loop.
    @Test(arguments: 0..<20) func survivesDamage(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        var builder = PcapBuilder(linkType: [0, 1, 101, 108, 113, 276][seed % 6])
        for _ in 0..<20 {
            builder.add((0..<40).map { _ in UInt8(truncatingIfNeeded: random.next()) } + PcapBuilder.udp([1, 2, 3]))
        }
        for _ in 0..<20 { builder.add([0, 0, 0, 2] + PcapBuilder.udp([UInt8](repeating: 9, count: 300))) }
        let clean = builder.bytes
        for _ in 0..<50 {
            var bytes = clean
            for _ in 0...random.next() % 40 {
                bytes[24 + Int(random.next() % UInt64(bytes.count - 24))] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.next() % 4 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
            do {
                let (payloads, _, skipped) = try read(bytes)
                #expect(payloads.count + skipped.total <= bytes.count / 16 + 1, "seed \(seed)")
                #expect(payloads.allSatisfy { $0.count < bytes.count }, "seed \(seed)")
            } catch is CaptureError {}
        }
    }

    @Test func writtenFilesReadBack() throws {
        let path = folder.file("out.pcap")
        let writer = try PcapWriter(path: path)
        let datagrams = [[], [1], [UInt8](repeating: 7, count: 8240), [UInt8](repeating: 8, count: 65507)]
        for (index, datagram) in datagrams.enumerated() {
            try datagram.withUnsafeBytes {
                try writer.write(
                    $0, time: 1_700_000_000_123_456_789 + UInt64(index), source: 0x0A00_0001,
                    destinationPort: UInt16(50001 + index))
            }
        }
        #expect(throws: CaptureError.self) {
            try [UInt8](repeating: 0, count: 65508).withUnsafeBytes { try writer.write($0, time: 0, destinationPort: 1) }
        }
        try writer.close()
        #expect(writer.datagrams == 4)
        let file = try PcapFile(path: path)
        for (index, datagram) in datagrams.enumerated() {
            let read = try #require(try file.next())
            #expect(Array(read.bytes) == datagram)
            #expect(read.time == 1_700_000_000_123_456_789 + UInt64(index))
            #expect(read.source == 0x0A00_0001 && read.sourcePort == 32410 && read.destinationPort == 50001 + index)
        }
        #expect(try file.next() == nil)
        #expect(file.skipped.total == 0)
        // The IP header sums up to all ones, as RFC 1071 wants it.
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        let header = bytes[24 + 16 + 14..<24 + 16 + 34]
        var sum = 0
        for offset in stride(from: header.startIndex, to: header.endIndex, by: 2) {
            sum += Int(header[offset]) << 8 | Int(header[offset + 1])
        }
        #expect((sum & 0xFFFF) + sum >> 16 == 0xFFFF)
    }

    private static let tshark = ["/usr/bin/tshark", "/usr/local/bin/tshark"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: tshark != nil, "tshark is not installed")) func tsharkReadsWrittenFiles() throws {
        let path = folder.file("shark.pcap")
        let writer = try PcapWriter(path: path)
        let simulator = DetectorSimulator(Detectors.jungfrau())
        try simulator.forEachDatagram(image: 0) { _, bytes in
            try writer.write(bytes, time: 1_700_000_000_000_000_001, destinationPort: 50001)
        }
        try writer.close()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.tshark ?? "")
        process.arguments = [
            "-r", path, "-o", "ip.check_checksum:TRUE", "-T", "fields", "-e", "frame.time_epoch", "-e", "udp.dstport", "-e",
            "udp.length",
            "-e", "ip.checksum.status",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(separator: "\n")
        #expect(lines.count == 128)
        #expect(lines.allSatisfy { $0 == "1700000000.000000001\t50001\t8248\t1" }, "\(lines.first ?? "")")
    }
}
