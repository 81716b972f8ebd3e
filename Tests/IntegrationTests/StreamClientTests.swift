import DAQBuffer
import DAQCore
import Foundation
import Testing

extension IntegrationTests {
    /// Our streams, read by programs that others wrote.
    @Suite(.needsPython)
    struct StreamClientTests {
        private static let startedAt: UInt64 = 1_767_225_600_000_000_000

        /// Streams the images 5, 6 and 9 as a run does, and returns what the client has found.
        private func stream<Found: Decodable>(
            _ format: StreamFormat, _ compression: StreamCompression, to client: String, as: Found.Type = Found.self
        ) async throws -> Found {
            let image = ImageFormat(width: 100, height: 70, pixelType: .uint16)
            // A module of half the width: the other half is a gap.
            var detector = DetectorConfiguration(
                name: "jungfrau", type: .jungfrauRaw, moduleCount: 1, bitDepth: 16, imageWidth: 100, imageHeight: 70,
                startUDPPort: 1,
                modulePositions: [0: ModulePosition(xStart: 0, yStart: 0, xEnd: 49, yEnd: 69)])
            detector.ring.content = .raw
            var configuration = StreamConfiguration(format, address: "tcp://127.0.0.1:*", pattern: .push)
            configuration.compression = compression
            let stream = LiveStream(configuration)
            try stream.open(RunDescription(configuration: detector, format: image, startedAt: Self.startedAt))
            let address = try #require(stream.status.addresses.first)
            let program = try PythonCheck.start("stream_client.py", [client, address, "3"])
            let ring = try ImageRing(format: image, slots: 4)
            for id in [5, 6, 9] as [UInt64] {
                var isSent = false
                let deadline = ContinuousClock.now + .seconds(30)
                while !isSent, ContinuousClock.now < deadline {
                    isSent = try stream.take(Self.picture(id, in: ring)) == .stored
                    if !isSent { try await Task.sleep(for: .milliseconds(20)) }
                }
                try #require(isSent, "\(program.standardError)")
            }
            try stream.close()
            let code = try await program.exitCode()
            try #require(code == 0, "\(program.standardError)")
            let decoder = JSONDecoder()
            return try decoder.decode(Found.self, from: Data(program.standardOutput.utf8))
        }

        private static func picture(_ id: UInt64, in ring: ImageRing) throws -> Image {
            let slot = try #require(ring.claim(for: id))
            let pixels = ring.bytes(of: slot).bindMemory(to: UInt16.self)
            for index in 0..<7000 { pixels[index] = UInt16(truncatingIfNeeded: index * 7 + Int(id)) }
            var metadata = ImageMetadata(id: id)
            metadata.receivedAt = startedAt + id * 1000
            return ring.publish(slot, metadata)
        }

        private static func sum(_ id: UInt64) -> Int {
            (0..<7000).reduce(0) { $0 + Int(UInt16(truncatingIfNeeded: $1 * 7 + Int(id))) }
        }
        private static func corner(_ id: UInt64) -> Int { Int(UInt16(truncatingIfNeeded: 6900 * 7 + Int(id))) }

        private struct BsreadImages: Decodable {
            struct Image: Decodable {
                var id: UInt64
                var name, type: String
                var shape, time, global: [Int]
                var sum, corner: Int
            }
            var images: [Image]
        }

        @Test("psi-bsread reads our bsread stream", arguments: StreamCompression.allCases)
        func bsread(compression: StreamCompression) async throws {
            let found: BsreadImages = try await stream(.bsread, compression, to: "bsread")
            #expect(found.images.map(\.id) == [5, 6, 9])
            for image in found.images {
                #expect(image.name == "jungfrau" && image.type == "uint16" && image.shape == [70, 100])
                #expect(image.sum == Self.sum(image.id) && image.corner == Self.corner(image.id))
                #expect(image.time == [1_767_225_600, Int(image.id) * 1000])
                #expect(image.global == image.time)
            }
        }

        private struct DectrisImages: Decodable {
            struct Start: Decodable {
                var arm_date, image_dtype, sensor_material, series_unique_id: String
                var channels: [String]
                var beam_center_x, pixel_size_x: Double
                var image_size_x, image_size_y, saturation_value: Int
                var series_id: UInt64
            }
            struct Image: Decodable {
                struct User: Decodable {
                    var id: UInt64
                    var is_good_frame: Bool
                }
                var id: Int
                var type: String
                var shape, start: [Int]
                var sum, corner: Int
                var user: User
            }
            var start: Start
            var mask: [MaskEntry]
            var images: [Image]

            enum MaskEntry: Decodable, Equatable {
                case shape([Int]), sum(Int)
                init(from decoder: any Decoder) throws {
                    let value = try decoder.singleValueContainer()
                    if let shape = try? value.decode([Int].self) {
                        self = .shape(shape)
                    } else {
                        self = .sum(try value.decode(Int.self))
                    }
                }
            }
        }

        @Test("cbor2 and dectris-compression read our DECTRIS stream", arguments: StreamCompression.allCases)
        func dectris(compression: StreamCompression) async throws {
            let found: DectrisImages = try await stream(.dectris, compression, to: "dectris")
            #expect(found.start.arm_date == "2026-01-01T00:00:00+00:00")
            #expect(found.start.channels == ["default"] && found.start.image_dtype == "uint16")
            #expect(found.start.image_size_x == 100 && found.start.image_size_y == 70 && found.start.beam_center_x == 50)
            #expect(found.start.pixel_size_x == 75e-6 && found.start.saturation_value == 65534)
            #expect(found.mask == [.shape([70, 100]), .sum(50 * 70)])
            #expect(found.images.map(\.id) == [0, 1, 4])
            #expect(found.images.map(\.user.id) == [5, 6, 9])
            for image in found.images {
                #expect(image.type == "uint16" && image.shape == [70, 100] && image.user.is_good_frame)
                #expect(image.sum == Self.sum(image.user.id) && image.corner == Self.corner(image.user.id))
                #expect(image.start == [Int(image.user.id) * 1000, 1_000_000_000])
            }
        }
    }
}
