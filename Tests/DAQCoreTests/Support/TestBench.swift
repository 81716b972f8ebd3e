import DAQBuffer

@testable import DAQCore

/// A receiver without sockets: datagrams and times go in, published images and the ledger come out.
final class TestBench {
    /// One finished image, copied out of the ring.
    struct Published {
        var metadata: ImageMetadata
        var pixels: [UInt8]
    }

    let ring: ImageRing
    private let receiver: SocketlessReceiver
    /// Nanoseconds since the beginning; never moves by itself.
    var time: UInt64 = 1_000_000_000

    init(_ configuration: DetectorConfiguration, slots: Int = 16, patience: SlotPatience = SlotPatience(0)) throws {
        let bytes = try ImageAssembler.slotBytes(for: configuration)
        ring = try ImageRing(format: configuration.imageFormat, slotBytes: bytes, slots: slots)
        receiver = try SocketlessReceiver(configuration, into: ring, patience: patience)
    }

    var ledger: ReceiveLedger { receiver.ledger }

    /// Hands over datagrams that one visit to a port would read.
    func deliver(_ datagrams: [[UInt8]], to port: Int, isEmpty: Bool = true) {
        for datagram in datagrams { datagram.withUnsafeBytes { receiver.receive($0, on: port, at: time) } }
        receiver.endVisit(of: port, at: time, isEmpty: isEmpty)
    }

    /// Lets time pass with empty sockets.
    func wait(milliseconds: Int) {
        for _ in 0..<max(1, milliseconds / 10) {
            time += UInt64(min(milliseconds, 10)) * 1_000_000
            for port in 0..<receiver.portCount { receiver.endVisit(of: port, at: time, isEmpty: true) }
        }
    }

    /// Ends the run.
    func finish() { receiver.finish() }

    /// The images that are due by now.
    func published() -> [Published] {
        var images: [Published] = []
        receiver.deliverDue { image in
            let pixels = image.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
            images.append(Published(metadata: image.metadata, pixels: pixels))
        }
        return images
    }
}

extension DetectorConfiguration {
    /// A JUNGFRAU with `modules` modules above each other, of which few rows are read: `rows` / 4 packets a frame.
    static func smallJungfrau(modules: Int = 2, rows: Int = 32, window: Int = 4) -> DetectorConfiguration {
        var positions: [Int: ModulePosition] = [:]
        for module in 0..<modules {
            positions[module] = ModulePosition(xStart: 0, yStart: module * rows, xEnd: 1023, yEnd: module * rows + rows - 1)
        }
        var configuration = DetectorConfiguration(
            name: "jf", type: .jungfrauRaw, moduleCount: modules, bitDepth: 16, imageWidth: 1024, imageHeight: rows * modules,
            startUDPPort: 50000, modulePositions: positions)
        configuration.readRows = rows
        configuration.receive.window = window
        return configuration
    }
}

/// A datagram with a standard header, filled with one pixel value that tells frame, port and packet apart.
func standardDatagram(
    frame: UInt64, packet: Int, detector: StandardPacketFormat.DetectorCode = .jungfrau, bunch: UInt64 = 0,
    timestamp: UInt64 = 0, row: UInt16 = 0, column: UInt16 = 0, version: UInt8 = 2, payload: Int = 8192, value: UInt16
) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 48 + payload)
    bytes.withUnsafeMutableBytes { raw in
        raw.storeBytes(of: frame.littleEndian, toByteOffset: 0, as: UInt64.self)
        raw.storeBytes(of: UInt32(packet).littleEndian, toByteOffset: 12, as: UInt32.self)
        raw.storeBytes(of: bunch.littleEndian, toByteOffset: 16, as: UInt64.self)
        raw.storeBytes(of: timestamp.littleEndian, toByteOffset: 24, as: UInt64.self)
        raw.storeBytes(of: row.littleEndian, toByteOffset: 34, as: UInt16.self)
        raw.storeBytes(of: column.littleEndian, toByteOffset: 36, as: UInt16.self)
        raw.storeBytes(of: detector.rawValue, toByteOffset: 46, as: UInt8.self)
        raw.storeBytes(of: version, toByteOffset: 47, as: UInt8.self)
        guard payload >= 2, let pixels = raw.baseAddress.map({ $0 + 48 }) else { return }
        raw.storeBytes(of: value.littleEndian, toByteOffset: 48, as: UInt16.self)
        // Doubling what is there: a loop over pixels takes long in debug builds.
        var filled = 2
        while filled < payload {
            let count = min(filled, payload - filled)
            (pixels + filled).copyMemory(from: pixels, byteCount: count)
            filled += count
        }
    }
    return bytes
}

/// The value that ``standardDatagram`` packets of the tests carry.
func pixelValue(frame: UInt64, port: Int, packet: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: frame &* 977 &+ UInt64(port) &* 131 &+ UInt64(packet) &* 7 &+ 1) & 0x3FFF
}
