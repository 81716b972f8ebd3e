import DAQBuffer
import DAQSimulator
import Glibc
import Testing

@testable import DAQCore

/// Datagrams that the kernel hands over together.
@Suite(.serialized) struct JoinedDatagramsTests {
    private static func lengths(_ count: Int, segment: Int) -> [Int] {
        let bytes = [UInt8](repeating: 7, count: count)
        return bytes.withUnsafeBytes { JoinedDatagrams($0, length: segment).map(\.count) }
    }

    @Test func buffersAreTakenApart() {
        #expect(Self.lengths(100, segment: 0) == [100])
        #expect(Self.lengths(300, segment: 100) == [100, 100, 100])
        #expect(Self.lengths(250, segment: 100) == [100, 100, 50])
        #expect(Self.lengths(0, segment: 0) == [0])
    }

    /// Lengths come from outside; whatever they are, each byte belongs to exactly one datagram.
    @Test(arguments: [Int.min, -1, 0, 1, 3, 99, 100, 101, 65_535, .max]) func hostileLengths(segment: Int) {
        for count in [0, 1, 2, 99, 100] {
            let lengths = Self.lengths(count, segment: segment)
            #expect(lengths.reduce(0, +) == count)
            #expect(lengths.count == (segment > 0 && segment < count ? (count + segment - 1) / segment : 1))
        }
    }

    /// Sends messages that are handed over joined, and reads them from a pool.
    private static func received(_ messages: [(bytes: [UInt8], segment: Int32)], joins: Bool) throws -> [[UInt8]] {
        let socket = try UDPSocket(
            address: "127.0.0.1", port: 0, multicastGroup: nil, bufferBytes: 1 << 20, joinsDatagrams: joins)
        let sender = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(sender) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(socket.port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let udpSegment: Int32 = 103
        for message in messages {
            var segment = message.segment
            let size = socklen_t(MemoryLayout<Int32>.size)
            try #require(setsockopt(sender, Int32(IPPROTO_UDP), udpSegment, &segment, size) == 0)
            let sent = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(sender, message.bytes, message.bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(sent == message.bytes.count)
        }
        let pool = try PacketPool(joins ? .joined : .single(maximumDatagramBytes: 60_000, count: 64))
        var datagrams: [[UInt8]] = []
        for _ in 0..<1000 {
            let count = try pool.fill(from: socket)
            for index in 0..<count { datagrams += pool[index].map { Array($0) } }
            if count == 0, !datagrams.isEmpty { break }
            if count == 0 { usleep(1000) }
        }
        return datagrams
    }

    /// What arrives does not depend on whether the kernel joins: lone, joined, odd last, empty and tiny datagrams in turn.
    @Test func theKernelsJoiningIsUndone() throws {
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) } }
        let messages: [(bytes: [UInt8], segment: Int32)] = [
            (bytes(8240), 0), (bytes(7 * 8240), 8240), (bytes(3 * 8240 + 17), 8240), ([], 0), (bytes(64), 1),
            (bytes(50_000), 49_999),
            (bytes(5), 0),
        ]
        let expected = messages.flatMap { message -> [[UInt8]] in
            guard message.segment > 0 else { return [message.bytes] }
            return stride(from: 0, to: message.bytes.count, by: Int(message.segment)).map {
                Array(message.bytes[$0..<min($0 + Int(message.segment), message.bytes.count)])
            }
        }
        // Lengths first: differences of bytes fill pages.
        let joined = try Self.received(messages, joins: true)
        #expect(joined.map(\.count) == expected.map(\.count))
        #expect(joined.elementsEqual(expected))
        let plain = try Self.received(messages, joins: false)
        #expect(plain.elementsEqual(expected))
    }

    /// A source on ports that are free now.
    private static func bound(_ configuration: inout DetectorConfiguration) throws -> DetectorSource {
        let ring = try ImageRing(for: configuration)
        for base in stride(from: 31_000, to: 32_000, by: 7) {
            configuration.startUDPPort = base
            let source = try DetectorSource(configuration, into: ring, correcting: nil)
            do {
                try source.prepare()
                return source
            } catch ReceiveError.bind(_, _, EADDRINUSE) {}
        }
        throw FakeFailure(description: "no free ports")
    }

    /// Images and ledger are the same as without joining, and the ledger counts packets.
    @Test func imagesAndLedgerCountPackets() throws {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 2, rows: 512)
        configuration.readRows = nil
        configuration.bindAddress = "127.0.0.1"
        configuration.ring.budgetBytes = 32 << 20
        configuration.receive.joinsDatagrams = true
        let source = try Self.bound(&configuration)
        var session = source.session()
        let simulator = DetectorSimulator(configuration)
        let report = try simulator.send(images: 3, to: [.loopback], pace: .fullSpeed)
        #expect(report.sender.segmented > 0, "the kernel did not take several datagrams at once")
        var published: [ImageMetadata] = []
        for _ in 0..<2000 where published.count < 3 {
            if try session.visitAll() == 0 { usleep(1000) }
            source.deliverDue { published.append($0.metadata) }
        }
        session.finish()
        #expect(published.count == 3)
        #expect(published.allSatisfy { $0.missing.isEmpty })
        let counters = session.counters.ledger
        #expect(counters.received == UInt64(report.sender.packets) && counters.placed == counters.received)
        #expect(counters.imbalance == nil)
    }

    @Test func aRefusalSaysWhatToDo() {
        #expect(ReceiveError.joining(errno: ENOPROTOOPT).description.contains("Linux 5.0"))
    }
}
