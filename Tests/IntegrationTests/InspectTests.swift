import Foundation
import Testing

extension IntegrationTests {
    /// `daqctl inspect` and `daqctl check`, for people and for machines.
    struct InspectTests {
        private let folder: WorkFolder
        private let port: Int
        private let configuration: String

        init() throws {
            folder = try WorkFolder()
            port = try Ports.take(4)
            configuration = try folder.write(Documents.eiger(port: port), to: "eiger.json")
        }

        /// Ten images without number 4; number 6 lacks a packet.
        private func makeFile() async throws -> String {
            let file = folder["images.h5"]
            let receiver = try await Daqctl.receive(["run", configuration, "--write", file, "--images", "9", "--json"])
            var faults = ["--drop", "6:2:9"]
            for stream in 0..<4 {
                for packet in 0..<64 { faults += ["--drop", "4:\(stream):\(packet)"] }
            }
            try await Daqctl.send(["simulate", configuration, "--images", "10", "--rate", "20", "--patient"] + faults)
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.ledger.images.missing == 1)
            return file
        }

        private struct Inspection: Decodable {
            struct Gap: Decodable, Equatable { var segment, first, last: Int }
            struct Sum: Decodable { var id: String, sum: UInt64, invalidPixels: Int }
            var images, width, height, missingImages: Int
            var type: String
            var gaps: [Gap]
            var status: [String: Int]
            var sums: [Sum]
        }

        @Test("A file with a gap and an incomplete image", .needsPython)
        func inspect() async throws {
            let file = try await makeFile()
            let stored = try await StoredImages(file)
            let inspection: Inspection = try await Daqctl.run(["inspect", file, "--json"]).summary()
            #expect([inspection.images, inspection.height, inspection.width] == [9] + stored.shape)
            #expect(inspection.type == stored.type)
            #expect(inspection.missingImages == 1)
            #expect(inspection.gaps == [.init(segment: 0, first: 4, last: 4)])
            #expect(inspection.status == ["1": 8, "2": 1])
            #expect(inspection.sums.map(\.sum) == stored.sums)
            // Of the incomplete image one packet: 2048 pixels.
            #expect(inspection.sums.map(\.invalidPixels) == [0, 0, 0, 0, 2048, 0, 0, 0, 0])

            let picture = folder["image.png"]
            let text = try await Daqctl.run(["inspect", file, "--picture", picture, "--image", "6"])
            #expect(text.code == 0)
            for words in ["9 images of 1030 x 514 uint16", "ids 1 to 10", "missing: 4 to 4", "1 image lacks packets"] {
                #expect(text.output.contains(words), "\(text.output)")
            }
            #expect(FileManager.default.contents(atPath: picture)?.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
        }

        private struct Checksums: Decodable {
            var checksum: String?
            var checksums: [String]?
        }

        @Test("The checksums of inspect are those of verify", .needsPython)
        func checksums() async throws {
            let file = try await makeFile()
            let verified: Checksums = try await Daqctl.run(["verify", file, "--json"]).summary()
            let all = try #require(verified.checksum)
            #expect(verified.checksums?.count == 9)
            let inspected: Checksums = try await Daqctl.run(["inspect", file, "--checksums", "--json"]).summary()
            #expect(inspected.checksum == all && inspected.checksums == verified.checksums)
            let plain: Checksums = try await Daqctl.run(["inspect", file, "--json"]).summary()
            #expect(plain.checksum == nil && plain.checksums == nil)
            let text = try await Daqctl.run(["inspect", file, "--checksums"])
            #expect(text.output.contains("checksum of all images: \(all)"), "\(text.output)")
            for checksum in verified.checksums ?? [] { #expect(text.output.contains("checksum \(checksum)")) }
        }

        @Test("Files that are no image files")
        func inspectBroken() async throws {
            let text = try folder.write("this is a text\n", to: "text.h5")
            let empty = try folder.write("", to: "empty.h5")
            for path in [text, empty, folder["absent.h5"], folder.path] {
                for options in [[], ["--json"]] {
                    let outcome = try await Daqctl.run(["inspect", path] + options)
                    #expect(outcome.code == 1)
                    #expect(outcome.error.contains(path), "\(outcome.error)")
                }
            }
        }

        @Test("An image file that was cut off", .needsPython)
        func inspectCut() async throws {
            let file = try await makeFile()
            let whole = try #require(FileManager.default.contents(atPath: file))
            for size in [whole.count - 1000, whole.count / 2, 4096, 100] {
                try whole.prefix(size).write(to: URL(filePath: folder["cut.h5"]))
                let outcome = try await Daqctl.run(["inspect", folder["cut.h5"]])
                #expect(outcome.code == 1)
                #expect(outcome.error.contains("cut.h5"), "\(outcome.error)")
            }
        }

        private struct Check: Decodable {
            var valid: Bool
            var ports: [Int]?
            var width, height: Int?
            var memory: [String: Int]?
            var problems: [String]?
        }

        @Test("A good configuration")
        func check() async throws {
            let text = try await Daqctl.run(["check", configuration, "--strict"])
            #expect(text.code == 0)
            #expect(text.error.isEmpty, "\(text.error)")
            for words in ["is valid", "1030 x 514 pixels of uint16", "\(port) to \(port + 3) (4 of 4 streams)"] {
                #expect(text.output.contains(words), "\(text.output)")
            }
            let check: Check = try await Daqctl.run(["check", configuration, "--json"]).summary()
            #expect(check.valid)
            #expect(check.ports == Array(port..<port + 4))
            #expect([check.width, check.height] == [1030, 514])
            // As many slots as fit into the 128 MiB that the document allows.
            let ring = try #require(check.memory?["ring"])
            #expect((120 << 20...128 << 20).contains(ring))
        }

        @Test("A wrong configuration")
        func checkWrong() async throws {
            let outcome = try await Daqctl.run([
                "check", configuration, "--json", "--set", "bit_depth=12", "--set", "start_udp_port=65534",
            ])
            #expect(outcome.code == 1)
            let check: Check = try outcome.summary()
            #expect(!check.valid)
            let problems = try #require(check.problems)
            #expect(problems.contains { $0.hasPrefix("bit_depth") }, "\(problems)")
            #expect(problems.contains { $0.hasPrefix("start_udp_port") }, "\(problems)")
        }

        @Test("An unknown key is a warning with a suggestion")
        func checkUnknownKey() async throws {
            let outcome = try await Daqctl.run(["check", configuration, "--set", "recieve.threads=2"])
            #expect(outcome.code == 0)
            #expect(outcome.error.contains("recieve") && outcome.error.contains("receive"), "\(outcome.error)")
        }

        @Test("silx, nexusformat and fabio open a file as a stack of images", .needsPython)
        func viewers() async throws {
            try await PythonCheck.run("check_viewers.py", [makeFile(), "9"])
        }
    }
}
