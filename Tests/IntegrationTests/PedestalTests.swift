import Testing

extension IntegrationTests {
    struct PedestalTests {
        @Test("A pedestal has numpy's means", .needsPython)
        func means() async throws {
            let folder = try WorkFolder()
            let port = try Ports.take(1)
            let configuration = try folder.write(Documents.smallJungfrau(port: port), to: "jungfrau.json")
            try await PythonCheck.run("dark_run.py", ["make", folder["dark.pcap"], "\(port)"])
            let receiver = try await Daqctl.receive([
                "pedestal", configuration, "--images", "13", "--output", folder["pedestal.h5"], "--json",
            ])
            try await Daqctl.send(["replay", folder["dark.pcap"], "--rate", "10", "--patient"])
            let outcome = try await Daqctl.finish(receiver)
            try #require(outcome.code == 0, "\(outcome.error)")
            let summary: Summary = try outcome.summary()
            #expect(summary.used == [4, 4, 4])
            #expect(summary.skipped.values.reduce(0, +) == 1)
            try await PythonCheck.run("dark_run.py", ["check", folder["pedestal.h5"]])
        }

        private struct Summary: Decodable {
            var used: [Int]
            var skipped: [String: Int]
        }

        @Test("A dark run without one of the gain stages gives no file and says why")
        func missingStage() async throws {
            let folder = try WorkFolder()
            let configuration = try folder.write(Documents.smallJungfrau(port: Ports.take(1)), to: "jungfrau.json")
            let receiver = try await Daqctl.receive([
                "pedestal", configuration, "--images", "2", "--output", folder["pedestal.h5"], "--json",
            ])
            // Simulated images have mixed gains, so none of them is dark.
            try await Daqctl.send(["simulate", configuration, "--images", "2", "--rate", "10", "--patient"])
            let outcome = try await Daqctl.finish(receiver)
            #expect(outcome.code == 1)
            #expect(outcome.error.contains("gain"), "\(outcome.error)")
        }
    }
}
