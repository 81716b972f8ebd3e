import DAQCore
import DAQSimulator
import Foundation
import Testing

@Suite(.serialized) struct CaptureReplayerTests {
    private let folder: TemporaryFolder
    private let sockets: [LoopbackSocket]

    init() throws {
        folder = try TemporaryFolder()
        sockets = try [LoopbackSocket(), LoopbackSocket()]
    }

    /// Small datagrams that fit into the sockets' buffers all at once, so that nobody needs to read while they are sent.
    private func datagram(frame: UInt64, packet: UInt32, port: Int, timestamp: UInt64 = 0) -> [UInt8] {
        var bytes = [UInt8](repeating: UInt8(port & 0xFF), count: 64)
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: frame.littleEndian, toByteOffset: 0, as: UInt64.self)
            $0.storeBytes(of: packet.littleEndian, toByteOffset: 12, as: UInt32.self)
            $0.storeBytes(of: timestamp.littleEndian, toByteOffset: 24, as: UInt64.self)
            $0[46] = 3
            $0[47] = 2
        }
        return bytes
    }

    private func writeDump(port: Int, _ datagrams: [[UInt8]]) throws {
        try folder.write(
            datagrams.flatMap { withUnsafeBytes(of: UInt64($0.count).littleEndian, Array.init) + $0 }, to: "\(port).dat")
    }

    /// Where a datagram of the lower and the higher recorded port is to go: the two sockets' ports are not neighbours.
    private var destination: (base: Int, ports: [Int]) {
        let ports = sockets.map(\.port).sorted()
        return (ports[0], [40000, 40000 + ports[1] - ports[0]])
    }

    private var bySocket: [LoopbackSocket] { sockets.sorted { $0.port < $1.port } }

    @Test func aDumpIsSentImageByImageToShiftedPorts() throws {
        let (base, ports) = destination
        for port in ports {
            try writeDump(
                port: port, (7...9).flatMap { frame in (0..<4).map { datagram(frame: UInt64(frame), packet: $0, port: port) } })
        }
        let replayer = try CaptureReplayer(paths: [folder.path])
        #expect(replayer.ports == ports)
        var options = CaptureReplayer.Options()
        options.basePort = base
        options.rate = .fullSpeed
        var faults = FaultPlan()
        faults.dropped = [PacketAddress(image: 8, port: ports[1], packet: 2)]
        var images: [Int] = []
        let report = try replayer.send(to: [.loopback], options: options, faults: faults) { images.append($0.packets) }
        #expect(images == [8, 15, 23])
        #expect(report.sender.images == 3 && report.faults.dropped == 1)
        let arrived = bySocket.map { $0.drain() }
        #expect(arrived[0].map { field($0, 0, as: UInt64.self) } == [7, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9, 9])
        #expect(arrived[1].filter { field($0, 0, as: UInt64.self) == 8 }.map { field($0, 12, as: UInt32.self) } == [0, 1, 3])
    }

    @Test func portsThatMissImagesOrRestartStayInStep() throws {
        let (base, ports) = destination
        try writeDump(port: ports[0], [501, 502, 504, 1, 2].map { datagram(frame: $0, packet: 0, port: 0) })
        try writeDump(port: ports[1], [501, 503, 504, 2].map { datagram(frame: $0, packet: 0, port: 1) })
        var options = CaptureReplayer.Options()
        options.basePort = base
        options.rate = .fullSpeed
        options.loops = 2
        var sizes: [Int] = []
        var last = 0
        _ = try CaptureReplayer(paths: [folder.path]).send(to: [.loopback], options: options) {
            sizes.append($0.packets - last)
            last = $0.packets
        }
        // 501 both, 502, 503, 504 both, then after the restart 1 and 2; all of it twice.
        #expect(sizes == [2, 1, 1, 2, 1, 2, 2, 1, 1, 2, 1, 2])
        #expect(bySocket.map { $0.drain().count } == [10, 8])
    }

    @Test func aCaptureKeepsItsOrderAndLeavesOutOtherTraffic() throws {
        let (base, ports) = destination
        let writer = try PcapWriter(path: folder.file("a.pcap"))
        let order: [(UInt64, Int)] = [(1, 0), (1, 1), (1, 0), (2, 0), (1, 1), (2, 1), (3, 1)]
        for (index, (frame, stream)) in order.enumerated() {
            try datagram(frame: frame, packet: UInt32(index), port: stream).withUnsafeBytes {
                try writer.write($0, time: 1000, destinationPort: UInt16(ports[stream]))
            }
            try [UInt8]("a name server's answer, not a detector's packet, though long enough for one".utf8).withUnsafeBytes {
                try writer.write($0, time: 1000, destinationPort: 53)
            }
        }
        try writer.close()
        let replayer = try CaptureReplayer(paths: [folder.file("a.pcap")])
        #expect(replayer.ports == ports)
        var options = CaptureReplayer.Options()
        options.basePort = base
        let report = try replayer.send(to: [.loopback], options: options)
        #expect(report.sender.images == 3 && report.sender.packets == 7)
        let arrived = bySocket.map { $0.drain().map { field($0, 12, as: UInt32.self) } }
        #expect(arrived == [[0, 2, 3], [1, 4, 5, 6]])
    }

    @Test func speedFollowsTheHeadersTimeStamps() throws {
        let (base, ports) = destination
        // 40 ms apart, in ticks of 100 ns.
        try writeDump(
            port: ports[0], (1...6).map { datagram(frame: $0, packet: 0, port: 0, timestamp: 1_000_000 + $0 * 400_000) })
        var options = CaptureReplayer.Options()
        options.basePort = base
        let replayer = try CaptureReplayer(paths: [folder.path])
        let original = try replayer.send(to: [.loopback], options: options)
        options.rate = .speed(100)
        let fast = try replayer.send(to: [.loopback], options: options)
        #expect(original.nanoseconds >= 200_000_000)
        #expect(fast.nanoseconds < original.nanoseconds / 2)
        options.rate = .hertz(20)
        #expect(try replayer.send(to: [.loopback], options: options).nanoseconds >= 250_000_000)
    }

    @Test func whatCannotBeReplayedIsAnError() throws {
        #expect(throws: CaptureError.self) { try CaptureReplayer(paths: [folder.path]) }
        #expect(throws: CaptureError.self) { try CaptureReplayer(paths: []) }
        let writer = try PcapWriter(path: folder.file("empty.pcap"))
        try writer.close()
        #expect(throws: CaptureError.self) { try CaptureReplayer(paths: [folder.file("empty.pcap")]) }
        try writeDump(port: 40000, [datagram(frame: 1, packet: 0, port: 0)])
        let replayer = try CaptureReplayer(paths: [folder.path])
        for rate in [ReplayRate.hertz(0), .hertz(-1), .speed(.nan), .speed(.infinity)] {
            var options = CaptureReplayer.Options()
            options.rate = rate
            #expect(throws: SenderError.self) { try replayer.send(to: [.loopback], options: options) }
        }
    }
}
