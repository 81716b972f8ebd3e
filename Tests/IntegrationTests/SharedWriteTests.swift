import Foundation
import Testing

extension IntegrationTests {
    /// Several `daqctl write` that share the images of a ring, in processes of their own.
    struct SharedWriteTests {
        private let folder: WorkFolder
        private let configuration: String
        private let ring = "test-share-\(getpid())-\(UInt32.random(in: 0...999_999))"

        init() throws {
            folder = try WorkFolder()
            configuration = try folder.write(
                Documents.eiger(port: Ports.take(4), more: #", "writer": {"images_per_file": 20}"#), to: "eiger.json")
        }

        private func run() async throws -> RunningProgram {
            try await Daqctl.receive(
                ["run", configuration, "--json", "--set", "ring.shared=true", "--set", "ring.name=\(ring)"])
        }

        private func writers(_ arguments: [String]) async throws -> [RunningProgram] {
            var writers: [RunningProgram] = []
            for number in 1...3 {
                writers.append(
                    try await Daqctl.receive(
                        [
                            "write", ring, "--json", "--config", configuration, "--output", folder["run.h5"], "--share",
                            "\(number)/3",
                        ]
                            + arguments))
            }
            return writers
        }

        private func send(_ images: Int) async throws {
            try await Daqctl.send(["simulate", configuration, "--images", "\(images)", "--rate", "100", "--patient"])
        }

        private func end(_ run: RunningProgram) async throws {
            run.send(SIGINT)
            let summary = try await Daqctl.summary(of: run, within: 20)
            #expect(summary.lossless)
        }

        @Test("Three writers share a run; the last one gathers it, every image in its place", .needsPython)
        func shared() async throws {
            let run = try await run()
            let writers = try await writers(["--images", "200"])
            try await send(220)
            var summaries: [ShareSummary] = []
            for writer in writers {
                let outcome = try await Daqctl.finish(writer)
                #expect(outcome.code == 0, "\(outcome.error)")
                summaries.append(try outcome.summary())
            }
            #expect(summaries.map(\.state) == ["finished", "finished", "finished"])
            #expect(summaries.map(\.flushed).sorted() == [66, 67, 67])
            #expect(summaries.map(\.share) == ["1/3", "2/3", "3/3"])
            let gathered = summaries.compactMap(\.gathered)
            #expect(gathered.count == 1, "only one of them gathers")
            #expect(gathered.first?.images == 200 && gathered.first?.missing == 0)
            #expect(
                FileManager.default.fileExists(atPath: folder["run_share1of3_000001.h5"]),
                "parts of 20, as the configuration says")
            try await PythonCheck.run("check_images.py", [folder["run.h5"], configuration, "--ids", "1-200"])
            let again = try await Daqctl.run(["gather", folder["run.h5"]])
            #expect(again.code == 1 && again.error.contains("exists already"))
            try await end(run)
        }

        @Test("A writer that is killed leaves what it had; the others go on and say what is missing", .needsPython)
        func killed() async throws {
            let run = try await run()
            let writers = try await writers(["--ids", "1..200"])
            async let sent: Void = send(200)
            try await writers[1].wait(for: "parts") { _ in
                FileManager.default.fileExists(atPath: folder["run_share2of3_000002.h5.partial"])
            }
            writers[1].send(SIGKILL)
            try await sent
            let first = try await Daqctl.finish(writers[0])
            let last = try await Daqctl.finish(writers[2])
            #expect(first.code == 0 && last.code == 0, "\(first.error) \(last.error)")
            _ = try await writers[1].exitCode(within: 20)
            let gathered = try #require(
                try [first, last].compactMap { try $0.summary(as: ShareSummary.self).gathered }.first)
            let recovered = try #require(gathered.recovered.first)
            #expect(recovered.share == 2 && recovered.images >= 20, "what was flushed is there")
            let stored = try await StoredImages(folder["run.h5"])
            #expect(stored.ids == stored.ids.sorted())
            // The images of the second share: 1, 4, 7 and so on.
            let mine = stored.ids.filter { $0 % 3 == 1 }
            let expected: [UInt64] = (0..<recovered.images).map { UInt64(3 * $0 + 1) }
            #expect(mine == expected)
            let others: [UInt64] = (1...200).filter { $0 % 3 != 1 }
            #expect(stored.ids.filter { $0 % 3 != 1 } == others)
            #expect(gathered.images == stored.ids.count)
            // Up to the last image that is there.
            #expect(gathered.missing == 200 - stored.ids.count)
            try await PythonCheck.run("check_rows.py", [folder["run.h5"], configuration])
            try await end(run)
        }

        @Test("Shares that nobody gathered are gathered by daqctl gather")
        func later() async throws {
            let run = try await run()
            let writers = try await writers(["--ids", "1..30"])
            try await send(20)
            // All are killed: nobody is left to gather.
            for writer in writers {
                writer.send(SIGKILL)
                _ = try await writer.exitCode(within: 20)
            }
            let outcome = try await Daqctl.run(["gather", folder["run.h5"], "--json"])
            #expect(outcome.code == 0, "\(outcome.error)")
            let gathered = try outcome.summary(as: ShareSummary.Gathered.self)
            #expect(gathered.recovered.map(\.share) == [1, 2, 3])
            try await end(run)
        }
    }
}

/// The summary of `daqctl write --share --json`.
private struct ShareSummary: Decodable {
    struct Gathered: Decodable {
        struct Recovered: Decodable { var share, images: Int }
        var file: String
        var images, missing: Int
        var recovered: [Recovered]
    }

    var file, state, share: String
    var flushed: Int
    var gathered: Gathered?
}
