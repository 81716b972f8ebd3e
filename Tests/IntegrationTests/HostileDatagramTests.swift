import Glibc
import Testing

extension IntegrationTests {
    /// Datagrams that no detector sends, while images flow.
    struct HostileDatagramTests {
        private let folder: WorkFolder
        private let port: Int
        private let configuration: String
        private static let images = 20

        init() throws {
            folder = try WorkFolder()
            port = try Ports.take(4)
            configuration = try folder.write(Documents.eiger(port: port), to: "eiger.json")
        }

        /// A datagram as the detector sends it, of frame 3.
        private static func datagram(type: UInt8 = 1, version: UInt8 = 2, packet: UInt32 = 0) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 48 + 4096)
            bytes[0] = 3
            withUnsafeBytes(of: packet.littleEndian) { bytes.replaceSubrange(12..<16, with: $0) }
            bytes[46] = type
            bytes[47] = version
            return bytes
        }

        /// Datagrams, and how many of them are refused for which reason.
        private struct Attack {
            var datagrams: [[UInt8]] = []
            var malformed: [String: Int] = ["length": 0, "version": 0, "packet_number": 0, "bunch_id": 0]
            var foreign: [String: Int] = ["detector_type": 0, "position": 0]

            /// - Parameter seed: of the bytes and lengths that are random.
            init(seed: UInt64) {
                var random = Random(state: seed)
                let whole = HostileDatagramTests.datagram()
                for length in [0, 1, 15, 16, 47, 48, 49, 4143] { add(Array(whole.prefix(length)), malformed: "length") }
                for excess in [1, 64, 4144, 61_363] { add(whole + Array(repeating: 0xFF, count: excess), malformed: "length") }
                for version in [0, 3, 4, 255] as [UInt8] {
                    add(HostileDatagramTests.datagram(version: version), malformed: "version")
                }
                for packet in [64, 65, 255, 256, 511, 512, 1 << 31, UInt32.max] as [UInt32] {
                    add(HostileDatagramTests.datagram(packet: packet), malformed: "packet_number")
                }
                for type in [0, 2, 3, 4, 5, 255] as [UInt8] {
                    datagrams.append(HostileDatagramTests.datagram(type: type))
                    foreign["detector_type", default: 0] += 1
                }
                for _ in 0..<100 {
                    // Of the right length, but for a quarter of them; never with a header that a detector could have sent.
                    let length = random.next() % 4 == 0 ? Int(random.next() % 9000) : whole.count
                    var bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next() >> 32) }
                    if length == whole.count { bytes[47] |= 4 }
                    add(bytes, malformed: length == whole.count ? "version" : "length")
                }
            }

            private mutating func add(_ datagram: [UInt8], malformed reason: String) {
                datagrams.append(datagram)
                malformed[reason, default: 0] += 1
            }
        }

        @Test("They are counted, each with its reason, and harm no image", .needsPython, arguments: [1, 2] as [UInt64])
        func counted(seed: UInt64) async throws {
            let attack = Attack(seed: seed)
            let receiver = try await Daqctl.receive(["run", configuration, "--write", folder["images.h5"], "--json"])
            let sender = try Daqctl.start([
                "simulate", configuration, "--images", "\(Self.images)", "--rate", "10", "--patient", "--json",
            ])
            let socket = try DatagramSocket()
            for (index, datagram) in attack.datagrams.enumerated() {
                try socket.send(datagram, to: port + index % 4)
                // All over the time that the images take.
                try await Task.sleep(for: .milliseconds(8))
            }
            let sent: SenderSummary = try await Daqctl.finish(sender).summary()
            receiver.send(SIGINT)
            let summary = try await Daqctl.summary(of: receiver)
            let packets = summary.ledger.packets
            #expect(packets.malformed.filter { $0.value > 0 } == attack.malformed.filter { $0.value > 0 })
            #expect(packets.foreign.filter { $0.value > 0 } == attack.foreign.filter { $0.value > 0 })
            #expect(packets.received == sent.packets + attack.datagrams.count)
            #expect(packets.placed == sent.packets)
            #expect(summary.ledger.images.complete == Self.images)
            #expect(summary.ledger.balanced)
            try await PythonCheck.run("check_images.py", [folder["images.h5"], configuration, "--ids", "1-\(Self.images)"])
        }
    }
}

/// A random number generator that repeats (SplitMix64).
private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
