import DAQCore
import DAQSimulator
import Foundation
import Testing

private let recording = ProcessInfo.processInfo.environment["DAQ_TEST_DATA"].map { $0 + "/eiger9m/packets.tar.xz" }

/// Two images that a real EIGER 9M sent to 72 ports.
@Suite(.enabled(if: recording != nil, "DAQ_TEST_DATA is not set")) struct RecordedDetectorTests {
    @Test func aReplayedEiger9MArrivesWhole() throws {
        let folder = try TemporaryFolder()
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xJf", try #require(recording), "-C", folder.path]
        try tar.run()
        tar.waitUntilExit()
        try #require(tar.terminationStatus == 0)
        let replayer = try CaptureReplayer(paths: [folder.file("packets")])
        #expect(replayer.ports == Array(50020...50091))

        let sockets = try LoopbackSocket.neighbours(72)
        var options = CaptureReplayer.Options()
        options.basePort = sockets[0].port
        options.rate = .gentle
        let (report, arrived) = try receive(sockets) { [options] in try replayer.send(to: [.loopback], options: options) }
        #expect(report.sender.packets == 72 * 256 && report.sender.images == 2 && report.sender.failed == 0)
        var sums: [UInt64: UInt64] = [:]
        let switchedOff: Set = [62, 63, 66, 67]
        for (port, datagrams) in arrived.enumerated() {
            #expect(datagrams.count == 256, "port \(port)")
            #expect(datagrams.map { field($0, 12, as: UInt32.self) } == Array(0..<128) + Array(0..<128))
            guard !switchedOff.contains(port) else { continue }
            for datagram in datagrams {
                var sum: UInt64 = 0
                datagram.withUnsafeBytes { bytes in
                    for offset in stride(from: 48, to: bytes.count, by: 4) {
                        sum &+= UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                    }
                }
                sums[field(datagram, 0), default: 0] += sum
            }
        }
        #expect(sums == [29512: 9_790_958_982, 29513: 9_784_575_261])
    }
}
