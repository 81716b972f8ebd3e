import DAQBuffer
import Glibc
import Synchronization
import Testing

@testable import DAQCore

/// The receiver with real sockets and threads.
@Suite(.serialized) struct DetectorSourceTests {
    /// A configuration whose ports are free now.
    private func free(_ configuration: DetectorConfiguration) throws -> DetectorConfiguration {
        var configuration = configuration
        configuration.bindAddress = "127.0.0.1"
        configuration.ring.budgetBytes = 32 << 20
        for base in stride(from: 21_000, to: 30_000, by: 97) {
            configuration.startUDPPort = base
            let streams = configuration.placedStreams
            let sockets = try? streams.map {
                Holder(try UDPSocket(address: "127.0.0.1", port: $0.udpPort, multicastGroup: nil, bufferBytes: 4096))
            }
            if sockets?.count == streams.count { return configuration }
        }
        throw FakeFailure(description: "no free ports")
    }

    private final class Holder {
        let socket: UDPSocket
        init(_ socket: consuming UDPSocket) { self.socket = socket }
    }

    private func send(_ datagram: [UInt8], to port: Int, through descriptor: Int32) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, datagram, datagram.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// A detector that never stops sending, faster than all sockets are ever empty at the same time.
    @Test(arguments: [1, 3]) func aDetectorThatGoesOnDoesNotKeepTheRunFromEnding(threads: Int) throws {
        var configuration = try free(.smallJungfrau(modules: 16, rows: 8))
        configuration.receive.threads = threads
        let ring = try ImageRing(for: configuration)
        let pipeline = try Pipeline(configuration, into: ring, sinks: { FakeSink() })
        try pipeline.start(images: 3)
        let ports = configuration.placedStreams.map(\.udpPort)
        let senders = Senders()
        for half in 0..<2 {
            try senders.start { [self] in
                let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
                defer { close(descriptor) }
                var number: UInt64 = 0
                while !senders.isOver.load(ordering: .relaxed) {
                    number += 1
                    for packet in 63..<65 {
                        let datagram = standardDatagram(frame: number, packet: packet, value: 1)
                        for port in ports where port % 2 == half { send(datagram, to: port, through: descriptor) }
                    }
                }
            }
        }
        let hasEnded = try pipeline.wait(milliseconds: 60_000)
        senders.end()
        #expect(hasEnded)
        #expect(pipeline.ledger.chain.entered == 3)
        #expect(pipeline.ledger.imbalance == nil)
        #expect(ring.freeCount == ring.slotCount)
    }

    /// Threads that send until the end.
    private final class Senders: Sendable {
        let isOver = Atomic(false)
        private let threads = Mutex<[DataThread]>([])

        func start(_ body: @escaping @Sendable () -> Void) throws {
            let thread = try DataThread(name: "sender", body)
            threads.withLock { $0.append(thread) }
        }

        func end() {
            isOver.store(true, ordering: .relaxed)
            for thread in threads.withLock({ $0 }) { thread.join() }
        }
    }

    /// What the kernel drops is shown while it happens: just then there is no time in which nothing comes.
    @Test func whatTheKernelDropsIsShownWhileItHappens() throws {
        var configuration = try free(.smallJungfrau(modules: 1))
        configuration.receive.socketBufferBytes = 1
        let ring = try ImageRing(for: configuration)
        let pipeline = try Pipeline(configuration, into: ring, sinks: {})
        try pipeline.start()
        // Its port is taken now.
        var other = try free(.smallJungfrau(modules: 1))
        other.receive.socketBufferBytes = 1
        let recorder = try PacketRecorder(other)
        let recording = try DataThread(name: "record") { try? recorder.run(to: "/dev/null", images: nil) }
        let senders = Senders()
        for port in [configuration.startUDPPort, other.startUDPPort] {
            for _ in 0..<2 {
                try senders.start { [self] in
                    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
                    defer { close(descriptor) }
                    let datagram = standardDatagram(frame: 1, packet: 63, value: 1)
                    while !senders.isOver.load(ordering: .relaxed) { send(datagram, to: port, through: descriptor) }
                }
            }
        }
        var patience = 10_000
        while pipeline.ledger.receive.packets.kernelDropped == 0 || recorder.progress.kernelDropped == 0, patience > 0 {
            usleep(1000)
            patience -= 1
        }
        let drops = (pipeline.ledger.receive.packets.kernelDropped, recorder.progress.kernelDropped)
        senders.end()
        recorder.stop()
        recording.join()
        pipeline.stop()
        try pipeline.wait()
        #expect(drops.0 > 0 && drops.1 > 0)
    }

    /// Everything that had arrived when the stop came is in the last images.
    @Test func whatArrivedBeforeTheStopIsDelivered() throws {
        let configuration = try free(.smallJungfrau(modules: 2))
        let ring = try ImageRing(for: configuration)
        let sink = FakeSink()
        let pipeline = try Pipeline(configuration, into: ring, sinks: { sink })
        try pipeline.start()
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        for number in 1...5 as ClosedRange<UInt64> {
            for (index, stream) in configuration.placedStreams.enumerated() {
                for packet in 60..<68 where !(number == 5 && index == 1 && packet > 62) {
                    send(standardDatagram(frame: number, packet: packet, value: 1), to: stream.udpPort, through: descriptor)
                }
            }
        }
        // The kernel may hand over a little later what was sent on this host.
        var patience = 5000
        while pipeline.ledger.receive.packets.received < 75, patience > 0 {
            usleep(1000)
            patience -= 1
        }
        pipeline.stop()
        try pipeline.wait()
        #expect(sink.notes.ids == [1, 2, 3, 4, 5])
        let ledger = pipeline.ledger
        #expect(ledger.receive.packets.received == 75)
        #expect(ledger.receive.images.complete == 4)
        #expect(ledger.receive.images.partial == 1)
        #expect(ledger.imbalance == nil)
    }

    /// A receiver that finds nothing sleeps, longer and longer, and in the end until something comes.
    @Test func imagesComeAfterAnyPauseAndTimeOutsDuringOne() throws {
        var configuration = try free(.smallJungfrau(modules: 1))
        configuration.syncTimeout = 20_000_000
        let pipeline = try Pipeline(configuration, into: try ImageRing(for: configuration), sinks: { FakeSink() })
        try pipeline.start()
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        func publishes(_ count: UInt64) -> Bool {
            for _ in 0..<5000 where pipeline.ledger.receive.images.published < count { usleep(1000) }
            return pipeline.ledger.receive.images.published == count
        }
        for (index, milliseconds) in [0, 1, 20, 300].enumerated() {
            usleep(useconds_t(milliseconds) * 1000)
            for packet in 60..<68 {
                let datagram = standardDatagram(frame: UInt64(index + 1), packet: packet, value: 1)
                send(datagram, to: configuration.startUDPPort, through: descriptor)
            }
            #expect(publishes(UInt64(index + 1)), "after \(milliseconds) ms")
        }
        // The rest of this one never comes, and nothing else.
        send(standardDatagram(frame: 5, packet: 60, value: 1), to: configuration.startUDPPort, through: descriptor)
        #expect(publishes(5), "an image that has timed out")
        pipeline.stop()
        try pipeline.wait()
        #expect(pipeline.ledger.receive.images.complete == 4)
        #expect(pipeline.ledger.receive.images.partial == 1)
    }

    @Test func portsAreFreeAfterARunAndAfterAStartThatFailed() throws {
        let configuration = try free(.smallJungfrau(modules: 2))
        let ring = try ImageRing(for: configuration)
        let broken = try Pipeline(configuration, into: ring, sinks: { FakeSink("broken", failsIn: "open") })
        #expect(throws: FakeFailure.self) { try broken.start() }
        var ended: [Pipeline] = []
        for _ in 0..<2 {
            let pipeline = try Pipeline(configuration, into: ring, sinks: { FakeSink() })
            try pipeline.start()
            pipeline.stop()
            try pipeline.wait()
            ended.append(pipeline)
        }
        #expect(ended.allSatisfy { $0.ledger.imbalance == nil })
    }

    @Test func aPortInUseIsSaidAndFreesTheOthers() throws {
        var configuration = try free(.smallJungfrau(modules: 3))
        configuration.receive.threads = 3
        let last = configuration.placedStreams[2].udpPort
        let ring = try ImageRing(for: configuration)
        let pipeline = try Pipeline(configuration, into: ring, sinks: { FakeSink() })
        do {
            let blocker = Holder(try UDPSocket(address: "127.0.0.1", port: last, multicastGroup: nil, bufferBytes: 4096))
            #expect(throws: ReceiveError.bind(address: "127.0.0.1", port: last, errno: EADDRINUSE)) { try pipeline.start() }
            withExtendedLifetime(blocker) {}
        }
        let again = try Pipeline(configuration, into: ring, sinks: { FakeSink() })
        try again.start()
        again.stop()
        try again.wait()
    }
}
