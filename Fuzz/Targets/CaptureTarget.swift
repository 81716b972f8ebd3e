import DAQCore
import Glibc

extension FuzzTarget {
    /// A pcap file of any bytes.
    package static let pcap = FuzzTarget(name: "pcap", maximumBytes: 4096) { bytes in
        MemoryFile.withPath(to: bytes) { path in
            do throws(CaptureError) {
                let file = try PcapFile(path: path)
                var datagrams = 0
                while let datagram = try file.next() {
                    datagrams += 1
                    readAll(datagram.bytes)
                    require(datagram.bytes.count <= bytes.count, "a datagram is longer than the file")
                }
                require(16 * (datagrams + file.skipped.total) <= bytes.count, "more packets than records")
                require(try file.next() == nil, "a file goes on after its end")
            } catch {
                require(!error.description.isEmpty, "refused without a reason")
            }
        }
    } seeds: {
        PcapSeed.all
    }

    /// A std-daq dump of any bytes.
    package static let dump = FuzzTarget(name: "dump", maximumBytes: 4096) { bytes in
        MemoryFile.withPath(to: bytes) { path in
            do throws(CaptureError) {
                let file = try DumpFile(path: path)
                var total = 0
                while let seen = try file.peek().map({ Array($0) }), let datagram = try file.next() {
                    require(datagram.elementsEqual(seen), "peek and next differ")
                    total += 8 + datagram.count
                }
                require(total <= bytes.count && file.isTruncated == (total < bytes.count), "\(total) of \(bytes.count) bytes")
            } catch {
                require(!error.description.isEmpty, "refused without a reason")
            }
        }
    } seeds: {
        let records: [[UInt8]] = [[], [1], [UInt8](repeating: 7, count: 48), [UInt8](repeating: 9, count: 300)]
        let whole = records.flatMap { record in withUnsafeBytes(of: UInt64(record.count).littleEndian, Array.init) + record }
        return [("whole", whole), ("cut", Array(whole.dropLast(20))), ("empty", [])]
    }

    /// Touches every byte, so that the address sanitizer sees those that are not there.
    private static func readAll(_ bytes: UnsafeRawBufferPointer) {
        var sum: UInt8 = 0
        for byte in bytes { sum ^= byte }
        withUnsafePointer(to: &sum) { _ = $0 }
    }
}

/// A file without a disk.
enum MemoryFile {
    /// Lends the path of a file with these contents.
    static func withPath(to bytes: UnsafeRawBufferPointer, _ body: (String) -> Void) {
        // The readers open a path themselves; one file a process is used again and again.
        let path = "/dev/shm/daq-fuzz-\(getpid())"
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        require(descriptor >= 0, "\(path) cannot be made")
        defer {
            close(descriptor)
            unlink(path)
        }
        require(write(descriptor, bytes.baseAddress, bytes.count) == bytes.count, "\(path) cannot be written")
        body(path)
    }
}

/// Valid captures of every link type.
enum PcapSeed {
    private static let addresses = [UInt8](repeating: 0, count: 12)
    private static let wrappings: [(type: UInt32, bytes: [UInt8])] = [
        (1, addresses + [8, 0]), (1, addresses + [0x88, 0xA8, 0, 5, 0x81, 0, 0, 6, 8, 0]), (0, [2, 0, 0, 0]),
        (108, [0, 0, 0, 2]),
        (101, []), (12, []), (14, []), (228, []), (113, [0, 0] + addresses + [8, 0]),
        (276, [8, 0] + addresses + [0, 0, 0, 0, 0, 0]),
    ]

    static var all: [(name: String, bytes: [UInt8])] {
        wrappings.enumerated().map { index, wrapping in
            let swapped = index % 2 == 1
            func number(_ value: UInt32) -> [UInt8] {
                withUnsafeBytes(of: swapped ? value.bigEndian : value.littleEndian, Array.init)
            }
            var file = number(index % 3 == 0 ? 0xA1B2_3C4D : 0xA1B2_C3D4) + (swapped ? [0, 2, 0, 4] : [2, 0, 4, 0])
            for value in [0, 0, 65535, wrapping.type] { file += number(value) }
            for payload in [[], [1, 2, 3], [UInt8](repeating: 5, count: 60)] {
                let packet = wrapping.bytes + udp(payload)
                file += number(1_700_000_000) + number(5) + number(UInt32(packet.count)) + number(UInt32(packet.count)) + packet
            }
            return ("link-\(wrapping.type)-\(index)", file)
        }
    }

    private static func udp(_ payload: [UInt8]) -> [UInt8] {
        func big(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
        let header: [UInt8] = [0x45, 0] + big(28 + payload.count) + [0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        return header + big(32410) + big(50001) + big(8 + payload.count) + [0, 0] + payload
    }
}
