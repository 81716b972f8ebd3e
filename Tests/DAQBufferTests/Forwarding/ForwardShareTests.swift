import DAQCore
import Glibc
import Synchronization
import Testing

@testable import DAQBuffer

@Suite("Forwarding: what a forwarder may hold", .serialized)
struct ForwardShareTests {
    private static let format = ImageFormat(width: 7, height: 13, pixelType: .uint16)

    /// Publishes images for as long as there are slots, and counts those for which there was none.
    private final class Source: ImageSource {
        let ring: ImageRing
        let refused = Atomic(0)
        init(_ ring: ImageRing) { self.ring = ring }
        func prepare() {}
        func stop() {}
        var ledger: ReceiveLedger { ReceiveLedger() }
        func run(_ deliver: @escaping @Sendable (Image) -> Void) {
            for id in 1...200 as ClosedRange<UInt64> {
                // The sinks get the time that a slow detector gives them.
                usleep(2000)
                var slot = ring.claim(for: id)
                // On a loaded machine the sinks are slower, but not by seconds.
                for _ in 0..<5000 where slot == nil {
                    usleep(1000)
                    slot = ring.claim(for: id)
                }
                if let slot {
                    deliver(ring.publish(slot, ImageMetadata(id: id)))
                } else {
                    refused.add(1, ordering: .relaxed)
                }
            }
        }
    }

    private final class Counter: ImageSink {
        let name = "counter"
        func open(_ run: RunDescription) {}
        func accept(_ image: Image) {}
        func close() {}
    }

    @Test("A far end that is not there costs the others no image, whatever the size of the ring", arguments: [8, 64])
    func nobodyThere(slots: Int) throws {
        let source = Source(try ImageRing(format: Self.format, slots: slots))
        let forwarder = try Forwarder(
            ForwardBench.connect("tcp://127.0.0.1:9") {
                $0.patience = 0
                $0.farewell = 0.1
            })
        let pipeline = Pipeline(from: source, describing: ForwardBench.run(Self.format), queueLimit: slots) {
            forwarder
            Counter()
        }
        try pipeline.start()
        #expect(try pipeline.wait(milliseconds: 60_000))
        let sinks = pipeline.ledger.sinks
        #expect(source.refused.load(ordering: .relaxed) == 0)
        #expect(sinks.first { $0.name == "counter" }?.stored == 200)
        #expect(forwarder.backlog.dropped[.notConfirmed] == UInt64(slots / 2))
    }
}
