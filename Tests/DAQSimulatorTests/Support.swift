import DAQCore
import DAQSimulator
import Foundation
import Glibc

/// Configurations of detectors as small as they come.
enum Detectors {
    static func jungfrau(modules: Int = 1, interfaces: Int = 1, port: Int = 50100) -> DetectorConfiguration {
        var positions: [Int: ModulePosition] = [:]
        for module in 0..<modules {
            positions[module] = ModulePosition(xStart: 0, yStart: module * 512, xEnd: 1023, yEnd: module * 512 + 511)
        }
        var configuration = DetectorConfiguration(
            name: "jf", type: .jungfrauRaw, moduleCount: modules, bitDepth: 16, imageWidth: 1024, imageHeight: 512 * modules,
            startUDPPort: port, modulePositions: positions)
        configuration.udpInterfaces = interfaces
        return configuration
    }

    static func eiger(bits: Int, payload: Int = 4096, port: Int = 50200) -> DetectorConfiguration {
        var positions: [Int: ModulePosition] = [:]
        for stream in 0..<4 {
            let x = stream % 2 * 512
            let y = stream / 2 * 256
            positions[stream] = ModulePosition(xStart: x, yStart: y, xEnd: x + 511, yEnd: y + 255)
        }
        var configuration = DetectorConfiguration(
            name: "eg", type: .eiger, moduleCount: 4, bitDepth: bits, imageWidth: 1024, imageHeight: 512, startUDPPort: port,
            modulePositions: positions)
        configuration.payloadBytes = payload
        return configuration
    }

    static func moench(interfaces: Int = 1, port: Int = 50300) -> DetectorConfiguration {
        var configuration = DetectorConfiguration(
            name: "mo", type: .moench, moduleCount: 1, bitDepth: 16, imageWidth: 400, imageHeight: 400, startUDPPort: port,
            modulePositions: [0: ModulePosition(xStart: 0, yStart: 0, xEnd: 399, yEnd: 399)])
        configuration.udpInterfaces = interfaces
        return configuration
    }
}

/// A folder that is gone after the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("daq-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }
}

/// A bound socket on 127.0.0.1 read by a plain loop.
final class LoopbackSocket {
    let descriptor: Int32
    let port: Int

    init(port wanted: Int = 0) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        self.descriptor = descriptor
        // As much as a user may ask for; the test's own loop is slow.
        var bytes: Int32 = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: wanted).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard bound else { throw POSIXError(.EADDRINUSE) }
    }

    deinit { close(descriptor) }

    /// A port that was free a moment ago.
    static func closedPort() throws -> Int { try LoopbackSocket().port }

    /// Everything that waits in the socket.
    func drain() -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let got = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard got >= 0 else { return datagrams }
            datagrams.append(Array(buffer[..<got]))
        }
    }
}

extension DetectorSimulator {
    /// All datagrams of an image.
    func datagrams(image: Int) -> [(stream: Int, bytes: [UInt8])] {
        var all: [(stream: Int, bytes: [UInt8])] = []
        forEachDatagram(image: image) { all.append(($0, Array($1))) }
        return all
    }
}

/// Whether two lists of datagrams are the same; `nil`, or what differs, in a line instead of megabytes.
func difference(_ found: [[UInt8]], _ expected: [[UInt8]]) -> String? {
    guard found.count == expected.count else { return "\(found.count) datagrams instead of \(expected.count)" }
    return zip(found, expected).enumerated().first { $1.0 != $1.1 }.map { "datagram \($0.offset) differs" }
}

func field<Number: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int, as type: Number.Type = Number.self) -> Number {
    bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
}
