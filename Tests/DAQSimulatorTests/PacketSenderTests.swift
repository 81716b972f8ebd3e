import DAQCore
import DAQSimulator
import Foundation
import Testing

// One test at a time: they share the machine's receive buffers and processors.
@Suite(.serialized) struct PacketSenderTests {
    @Test(arguments: [true, false]) func everyDatagramArrives(segmentation: Bool) throws {
        let sockets = try LoopbackSocket.neighbours(2)
        let simulator = DetectorSimulator(Detectors.jungfrau(modules: 2, port: sockets[0].port))
        let (report, arrived) = try receive(sockets) {
            try simulator.send(images: 5, to: [.loopback], pace: .hertz(20), segmentation: segmentation, waitsForReceivers: true)
        }
        #expect(report.sender.packets == 5 * 256 && report.sender.images == 5 && report.sender.failed == 0)
        #expect(report.sender.bytes == 5 * 256 * 8240)
        if !segmentation { #expect(report.sender.segmented == 0) }
        for stream in 0..<2 {
            let expected = (0..<5).flatMap { image in
                simulator.datagrams(image: image).filter { $0.stream == stream }.map(\.bytes)
            }
            #expect(difference(arrived[stream], expected) == nil)
        }
    }

    @Test func faultsOnTheWireAreTheReportedOnes() throws {
        let sockets = try LoopbackSocket.neighbours(1)
        let simulator = DetectorSimulator(Detectors.moench(port: sockets[0].port))
        var faults = FaultPlan()
        faults.loss = 0.1
        faults.duplicate = 0.1
        faults.reorder = 4
        faults.corruption = 0.1
        let plan = faults
        let (report, arrived) = try receive(sockets) {
            try simulator.send(images: 10, to: [.loopback], pace: .hertz(50), faults: plan, waitsForReceivers: true)
        }
        #expect(report.faults.lost > 0 && report.faults.duplicated > 0 && !report.faults.corruptions.isEmpty)
        #expect(report.sender.packets == report.faults.delivered)
        #expect(arrived[0].count == report.faults.delivered)
        var injector = FaultInjector(plan)
        var expected: [[UInt8]] = []
        for image in 0..<10 {
            simulator.forEachDatagram(image: image) { injector.process(stream: $0, $1) { expected.append(Array($1)) } }
        }
        injector.finish { expected.append(Array($1)) }
        #expect(difference(arrived[0], expected) == nil)
    }

    @Test func aClosedPortIsCountedAndHarmsNobody() throws {
        let open = try LoopbackSocket()
        let closed = try LoopbackSocket.closedPort()
        let sender = try PacketSender(ports: [closed, open.port], to: [.loopback])
        for _ in 0..<10 {
            for channel in 0..<2 { [UInt8](repeating: 1, count: 100).withUnsafeBytes { sender.append(channel: channel, $0) } }
            sender.flush()
        }
        #expect(sender.statistics.refused > 0)
        #expect(open.drain().count == 10)
    }

    @Test func destinationsGetCopiesOrTakeTurns() throws {
        let first = try LoopbackSocket()
        let second = try LoopbackSocket()
        let simulator = DetectorSimulator(Detectors.moench(port: first.port))
        let destinations = [Destination("127.0.0.1"), Destination("localhost", portShift: second.port - first.port)]
        let (_, copies) = try receive([first, second]) {
            try simulator.send(images: 4, to: destinations, distribution: .copies, pace: .hertz(50))
        }
        #expect(copies[0].count == 200 && copies[0] == copies[1])
        let (_, turns) = try receive([first, second]) {
            try simulator.send(images: 4, to: destinations, distribution: .roundRobin, pace: .hertz(50))
        }
        #expect(Set(turns[0].map { field($0, 0, as: UInt64.self) }) == [1, 3])
        #expect(Set(turns[1].map { field($0, 0, as: UInt64.self) }) == [2, 4])
        #expect(turns[0].count == 100 && turns[1].count == 100)
    }

    @Test func stopEndsSoon() throws {
        let socket = try LoopbackSocket()
        let simulator = DetectorSimulator(Detectors.moench(port: socket.port))
        let stop = StopFlag()
        let (report, _) = try receive([socket]) {
            // The second image would be due in an hour.
            try simulator.send(images: nil, to: [.loopback], pace: .period(3_600_000_000_000), stop: stop) { _ in }
        } meanwhile: {
            usleep(50_000)
            stop.stop()
        }
        #expect(report.wasStopped)
        #expect(report.nanoseconds < 20_000_000_000)
    }

    /// Ten images at once into a default buffer, which a receiver that reads slowly empties a little at a time.
    @Test func aSlowReceiverOnThisHostCanBeWaitedFor() throws {
        let socket = try LoopbackSocket()
        let simulator = DetectorSimulator(Detectors.moench(port: socket.port))
        let (report, arrived) = try receive([socket]) {
            try simulator.send(images: 10, to: [.loopback], pace: .fullSpeed, waitsForReceivers: true)
        } eachTurn: { _ in
            usleep(3000)
        }
        #expect(arrived[0].count == 500)
        #expect(report.sender.receiverWaits > 5)
    }

    @Test func impossibleTargetsAreErrors() {
        #expect(throws: SenderError.self) { try PacketSender(ports: [50001], to: []) }
        #expect(throws: SenderError.self) { try PacketSender(ports: [65535], to: [Destination("127.0.0.1", portShift: 1)]) }
        #expect(throws: SenderError.self) { try PacketSender(ports: [50001], to: [Destination("no such host.invalid")]) }
    }

    /// A default receive buffer holds what is sent while nobody reads for a while only because packets are spread.
    @Test func pacingSpreadsPacketsOverThePeriod() throws {
        let sockets = try LoopbackSocket.neighbours(2)
        let simulator = DetectorSimulator(Detectors.jungfrau(modules: 2, port: sockets[0].port))
        var counts: [Int] = []
        let (report, arrived) = try receive(sockets) {
            try simulator.send(images: 3, to: [.loopback], pace: .hertz(4))
        } eachTurn: {
            counts.append($0)
        }
        #expect(arrived.map(\.count) == [384, 384], "nothing is lost with default buffers")
        // 768 packets over three quarters of a second, looked at every fraction of a millisecond: many looks find some, none finds most.
        let busy = counts.filter { $0 > 0 }
        #expect(busy.count >= 30)
        #expect((busy.max() ?? 0) < 128)
        #expect(report.nanoseconds > 600_000_000)
    }
}
