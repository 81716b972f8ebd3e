import Testing

extension IntegrationTests {
    /// Packets that are recorded and sent again.
    struct RecordTests {
        private let folder: WorkFolder
        private let port: Int
        private let configuration: String

        init() throws {
            folder = try WorkFolder()
            port = try Ports.take(2)
            configuration = try folder.write(Documents.jungfrau(port: port), to: "jungfrau.json")
        }

        private struct Recorded: Decodable {
            var images, packets, kernelDropped: Int
        }

        private func record() async throws {
            let recorder = try await Daqctl.receive([
                "record", configuration, "--output", folder["run.pcap"], "--images", "5", "--json",
            ])
            try await Daqctl.send(["simulate", configuration, "--images", "5", "--rate", "10", "--patient"])
            let outcome = try await Daqctl.finish(recorder)
            try #require(outcome.code == 0, "\(outcome.error)")
            let recorded: Recorded = try outcome.summary()
            #expect(recorded.images == 5)
            #expect(recorded.packets == 5 * 256)
            #expect(recorded.kernelDropped == 0)
        }

        private func receive(to name: String, sending words: [String]) async throws {
            let receiver = try await Daqctl.receive([
                "run", configuration, "--write", folder[name], "--images", "5", "--json",
            ])
            try await Daqctl.send(words + ["--rate", "10", "--patient"])
            #expect(try await Daqctl.summary(of: receiver).lossless)
        }

        @Test("A recording gives the same images as the detector", .needsPython)
        func sameImages() async throws {
            try await record()
            try await receive(to: "first.h5", sending: ["simulate", configuration, "--images", "5"])
            try await receive(to: "again.h5", sending: ["replay", folder["run.pcap"]])
            // Times of the detector follow the rate, which was the same.
            let stored = try await StoredImages(folder["first.h5"], sameAs: [folder["again.h5"]])
            #expect(stored.images == 5)
        }

        @Test("Wireshark reads a recording", .needsTshark)
        func wireshark() async throws {
            try await record()
            let tshark = try RunningProgram(
                try #require(TestEnvironment.tshark),
                ["-r", folder["run.pcap"], "-T", "fields", "-e", "udp.dstport", "-e", "udp.length", "-e", "_ws.malformed"])
            try #require(try await tshark.exitCode() == 0, "\(tshark.standardError)")
            let lines = tshark.standardOutput.split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(lines.count == 5 * 256)
            for stream in 0..<2 {
                #expect(lines.count { $0 == ["\(port + stream)", "\(8 + 48 + 8192)"] } == 5 * 128)
            }
        }
    }
}
