import Foundation
import Testing

extension IntegrationTests {
    /// `daqctl write` beside `daqctl run`, in processes of their own.
    struct WriteTests {
        private let folder: WorkFolder
        private let configuration: String
        private let ring = "test-write-\(getpid())-\(UInt32.random(in: 0...999_999))"

        init() throws {
            folder = try WorkFolder()
            configuration = try folder.write(Documents.eiger(port: Ports.take(4)), to: "eiger.json")
        }

        /// Starts the program that fills the ring.
        private func run() async throws -> RunningProgram {
            try await Daqctl.receive(
                ["run", configuration, "--json", "--set", "ring.shared=true", "--set", "ring.name=\(ring)"])
        }

        private func write(_ arguments: [String]) async throws -> RunningProgram {
            try await Daqctl.receive(["write", ring, "--json"] + arguments)
        }

        private func send(_ images: Int, rate: Int = 50) async throws {
            try await Daqctl.send(["simulate", configuration, "--images", "\(images)", "--rate", "\(rate)", "--patient"])
        }

        private func end(_ run: RunningProgram) async throws {
            run.send(SIGINT)
            let summary = try await Daqctl.summary(of: run, within: 20)
            #expect(summary.lossless, "the acquisition has lost nothing to any writer")
        }

        @Test("Several writers store exactly what each was asked for, and the past is part of it", .needsPython)
        func sessions() async throws {
            let run = try await run()
            let number = try await write(["--output", folder["number"], "--images", "20", "--config", configuration])
            let range = try await write(["--output", folder["{detector}-{run}.h5"], "--run", "7", "--ids", "10..30"])
            let open = try await write(["--output", folder["open.h5"], "--file-mode", "swmr"])
            try await send(40)
            let past = try await write(["--output", folder["past.h5"], "--ids", "25..35", "--compression", "none"])
            let outcomes = [
                try await Daqctl.finish(number), try await Daqctl.finish(range), try await Daqctl.finish(past),
            ]
            open.send(SIGINT)
            let summaries = try (outcomes + [try await Daqctl.finish(open)]).map { outcome in
                #expect(outcome.code == 0, "\(outcome.error)")
                return try outcome.summary(as: SessionSummary.self)
            }
            #expect(summaries.map(\.state) == Array(repeating: "finished", count: 4))
            #expect(summaries.map(\.flushed) == [20, 21, 11, 40])
            #expect(summaries.map(\.lossless) == Array(repeating: true, count: 4))
            #expect(summaries[1].file == folder["\(ring)-7.h5"])
            #expect(try await StoredImages(folder["number.h5"]).ids == Array(1...20))
            #expect(try await StoredImages(folder["\(ring)-7.h5"]).ids == Array(10...30))
            #expect(try await StoredImages(folder["past.h5"]).ids == Array(25...35))
            let all = try await StoredImages(folder["open.h5"])
            #expect(all.ids == Array(1...40))
            #expect(Set(all.sums).count == 40, "no image stands for another")
            try await end(run)
        }

        @Test("An image before the first one of the ring is one that never came, and counted")
        func missingFirst() async throws {
            let run = try await run()
            try await send(5)
            let outcome = try await Daqctl.run(
                ["write", ring, "--output", folder["x.h5"], "--from", "0", "--images", "3", "--json"], within: 20)
            #expect(outcome.code == 0, "\(outcome.error)")
            let summary = try outcome.summary(as: SessionSummary.self)
            #expect(summary.flushed == 3)
            #expect(summary.missing == 1, "ids begin with 1")
            try await end(run)
        }

        @Test("A request for images that have passed says so at once, and fails with the next image")
        func passed() async throws {
            // Fewer slots than images: the first ones are gone.
            let run = try await Daqctl.receive(
                [
                    "run", configuration, "--json", "--set", "ring.shared=true", "--set", "ring.name=\(ring)", "--set",
                    "ring.bytes=16777216",
                ])
            try await send(40)
            let writer = try await write(["--output", folder["late.h5"], "--ids", "1..3"])
            try await writer.wait(for: "warning") { $0.standardError.contains("image 1 has passed") }
            // A detector that counts from the start again is what it waits for.
            try await send(5)
            let outcome = try await Daqctl.finish(writer, within: 20)
            #expect(outcome.code == 0, "\(outcome.error)")
            #expect(try outcome.summary(as: SessionSummary.self).flushed == 3)
            run.send(SIGINT)
            _ = try await Daqctl.finish(run, within: 20)
        }

        @Test("SIGTERM interrupts a session and leaves a valid file with what had come", .needsPython)
        func terminated() async throws {
            let run = try await run()
            let writer = try await write(["--output", folder["cut.h5"], "--images", "1000"])
            try await send(10)
            try await Task.sleep(for: .milliseconds(300))
            writer.send(SIGTERM)
            let outcome = try await Daqctl.finish(writer, within: 20)
            #expect(outcome.code == 1)
            let summary = try outcome.summary(as: SessionSummary.self)
            #expect(summary.state == "interrupted")
            #expect(summary.flushed == 10)
            #expect(try await StoredImages(folder["cut.h5"]).ids == Array(1...10))
            try await end(run)
        }

        @Test("A writer whose ring ends finishes its file", .needsPython)
        func ringEnds() async throws {
            let run = try await run()
            let writer = try await write(["--output", folder["end.h5"]])
            let counted = try await write(["--output", folder["counted.h5"], "--images", "1000"])
            try await send(10)
            try await end(run)
            let outcome = try await Daqctl.finish(writer, within: 20)
            #expect(outcome.code == 0, "\(outcome.error)")
            #expect(try outcome.summary(as: SessionSummary.self).flushed == 10)
            let cut = try await Daqctl.finish(counted, within: 20)
            #expect(cut.code == 1)
            #expect(cut.error.contains("no more images come"))
        }

        @Test("Nothing is written outside of a root, over a file, or without a ring")
        func refusals() async throws {
            let absent = try await Daqctl.run(["write", ring, "--output", folder["x.h5"]])
            #expect(absent.code == 1)
            #expect(absent.error.contains(ring))
            let run = try await run()
            let root = folder["root"]
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
            for output in ["../x.h5", folder["x.h5"], "a/../../x.h5"] {
                let outcome = try await Daqctl.run(["write", ring, "--output", output, "--root", root, "--images", "1"])
                #expect(outcome.code == 1)
                #expect(outcome.error.contains("x.h5"), "\(outcome.error)")
                #expect(!FileManager.default.fileExists(atPath: folder["x.h5"]))
            }
            let document = try Data(contentsOf: URL(filePath: configuration))
            let over = try await Daqctl.run(["write", ring, "--output", configuration])
            #expect(over.code == 1)
            #expect(over.error.contains("exists"), "\(over.error)")
            #expect(try Data(contentsOf: URL(filePath: configuration)) == document)
            let usage = try await Daqctl.run(["write", ring, "--output", "{day}.h5"])
            #expect(usage.code == 2)
            let both = try await Daqctl.run(["write", ring, "--output", "x", "--ids", "1..2", "--back", "3"])
            #expect(both.code == 2)
            try await end(run)
        }
    }
}

/// The summary of `daqctl write --json`.
private struct SessionSummary: Decodable {
    var file, state: String
    var reason: String?
    var received, written, flushed, missing: Int
    var lossless: Bool
}
