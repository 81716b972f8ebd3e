import DAQCore
import Foundation
import Testing

@testable import DAQBuffer

@Suite("The receiver's stream")
struct SLSStreamTests {
    @Test("Every port has its socket, its pixels as they were sent, and an end")
    func ports() throws {
        let images = try StreamImages()
        let stream = LiveStream(.sls, binding: "tcp://127.0.0.1:*")
        try stream.open(images.run)
        let addresses = stream.status.addresses
        try #require(addresses.count == 2)
        let clients = [try client(addresses[0]), try client(addresses[1])]
        while stream.status.subscriptions < 2 { _ = try stream.take(images.image(0)) }
        var image = try images.image(9)
        image.metadata.status = .missingPackets
        image.metadata.missing = [MissingPackets(port: 1, packets: PacketSet(0..<3))]
        #expect(try stream.take(image) == .stored)
        try stream.close()

        for (port, client) in clients.enumerated() {
            var parts = try #require(try client.receive())
            while try DAQBufferTests.header(parts[0])["acqIndex"] as? Int == 0 { parts = try #require(try client.receive()) }
            let header = try DAQBufferTests.header(parts[0])
            #expect(parts[0].last == UInt8(ascii: "\n"))
            #expect(header["shape"] as? [Int] == [512, 256])
            #expect(header["detshape"] as? [Int] == [2, 1])
            #expect(header["bitmode"] as? Int == 16)
            #expect(header["size"] as? Int == 512 * 256 * 2)
            #expect(header["acqIndex"] as? Int == 9)
            #expect(header["completeImage"] as? Int == (port == 0 ? 1 : 0))
            #expect(header["packetNumber"] as? Int == (port == 0 ? 64 : 61))
            #expect(header["column"] as? Int == port)
            #expect(header["flipRows"] as? Int == port)
            #expect(header["rx_roi"] as? [Int] == [0, 511, 0, 255])
            // Two gap pixels in the middle; the second port lies bottom-up.
            var expected: [UInt8] = []
            for row in 0..<256 {
                for column in 0..<512 {
                    let imageColumn = 516 * port + column + (column >= 256 ? 2 : 0)
                    let imageRow = port == 0 ? row : 255 - row
                    for byte in 0..<2 { expected.append(StreamImages.byte((imageRow * 1030 + imageColumn) * 2 + byte, of: 9)) }
                }
            }
            #expect(parts[1].elementsEqual(expected))
            let end = try #require(try client.receive())
            #expect(end.count == 1)
            #expect(try DAQBufferTests.header(end[0])["data"] as? Int == 0)
        }
    }

    private func client(_ address: String) throws -> Client { try Client(address) }

    @Test("Addresses are consecutive ports, or an error that says so")
    func addresses() throws {
        #expect(try SLSEncoder.addresses(from: "tcp://*:30001", count: 3) == ["tcp://*:30001", "tcp://*:30002", "tcp://*:30003"])
        for address in ["ipc:///tmp/x", "tcp://*", "tcp://*:65535", "tcp://*:0", ""] {
            #expect(throws: StreamError.self) { try SLSEncoder.addresses(from: address, count: 2) }
        }
    }
}

/// A client that can be kept in an array.
private final class Client {
    private let client: StreamClient

    init(_ address: String) throws { client = try StreamClient(to: address) }
    func receive() throws -> [[UInt8]]? { try client.receive() }
}
