import Foundation
import Testing

extension IntegrationTests {
    /// Disks that get out of order in the middle of a session: it fails with the reason or loses counted images, its file is
    /// whole as far as it goes, and nobody else loses anything.
    @Suite(.needsFaultyDisk, .needsPython)
    struct DiskFaultTests {
        private static let images = 80
        private let folder: WorkFolder
        private let disk: FaultyDisk
        private let configuration: String
        private let ring = "test-disk-\(getpid())-\(UInt32.random(in: 0...999_999))"

        init() throws {
            folder = try WorkFolder()
            disk = try FaultyDisk(in: folder)
            configuration = try folder.write(Documents.smallJungfrau(port: Ports.take(1)), to: "jungfrau.json")
        }

        private func run(_ more: [String] = [], after before: [String] = []) async throws -> RunningProgram {
            let shared = ["--set", "ring.shared=true", "--set", "ring.name=\(ring)"]
            return try await ready(Daqctl.start(["run", configuration, "--json"] + shared + more, after: before))
        }

        private func write(_ arguments: [String], after before: [String] = []) async throws -> RunningProgram {
            try await ready(Daqctl.start(["write", ring, "--json"] + arguments, after: before))
        }

        private func ready(_ program: RunningProgram) async throws -> RunningProgram {
            try await program.wait(for: "ready") { $0.standardOutput.contains(#""event":"ready""#) }
            return program
        }

        private func send(_ images: Int = images) throws -> RunningProgram {
            try Daqctl.start(
                ["simulate", configuration, "--images", "\(images)", "--rate", "25", "--patient", "--json"])
        }

        /// Waits until a file has been there for a while, in which images came.
        private func wait(for file: String, _ program: RunningProgram) async throws {
            try await program.wait(for: "at \(file)") { _ in FileManager.default.fileExists(atPath: file) }
            try await Task.sleep(for: .milliseconds(500))
        }

        /// The other session and the acquisition have everything.
        private func expectAllIsWell(_ well: RunningProgram, _ run: RunningProgram, images: Int = images) async throws {
            let summary = try await Daqctl.finish(well).summary(as: Summary.self)
            #expect(summary.state == "finished")
            #expect(summary.flushed == images && summary.lossless)
            run.send(SIGINT)
            #expect(try await Daqctl.summary(of: run).lossless, "the acquisition has lost nothing")
            try await expectImages(folder["well.h5"], exactly: images)
        }

        /// Checks every pixel of a file that holds the first images.
        @discardableResult
        private func expectImages(
            _ file: String, atLeast: Int = 0, exactly: Int? = nil, recovered: Bool = false
        ) async throws -> Int {
            let count = try await StoredImages(file, recovered: recovered).images
            #expect(count >= atLeast, "\(file) holds all that was reported flushed")
            if let exactly { #expect(count == exactly, "\(file)") }
            if count > 0 { try await PythonCheck.run("check_images.py", [file, configuration, "--ids", "1-\(count)"]) }
            return count
        }

        /// Ids that follow each other, put together.
        private static func runs(of ids: [Int]) -> [ClosedRange<Int>] {
            ids.reduce(into: []) { runs, id in
                if let last = runs.last, last.upperBound + 1 == id {
                    runs[runs.count - 1] = last.lowerBound...id
                } else {
                    runs.append(id...id)
                }
            }
        }

        /// The words of a failure.
        private static func words(_ fault: FaultyDisk.Fault) -> [String] {
            switch fault {
            case .quota: ["quota", "write to another file system"]
            case .readOnly: ["read-only", "write to another file system"]
            case .inputOutput: ["Input/output error", "dmesg", "write to another file system"]
            case .hang: []
            }
        }

        @Test(
            "A disk that refuses to store",
            arguments: [FaultyDisk.Fault.quota, .readOnly, .inputOutput], ["safe", "swmr"])
        func refused(_ fault: FaultyDisk.Fault, mode: String) async throws {
            let run = try await run()
            let well = try await write(["--output", folder["well.h5"], "--images", "\(Self.images)"])
            let parts = mode == "safe" ? ["--images-per-file", "10"] : []
            let file = disk["broken.h5"]
            let broken = try await write(
                ["--output", file, "--file-mode", mode, "--images", "\(Self.images)"] + parts, after: disk.before)
            let sender = try send()
            // Some images are flushed by then: a part, or what came more than a second ago.
            try await wait(for: mode == "safe" ? disk["broken_000001.h5"] : file, broken)
            if mode == "swmr" { try await Task.sleep(for: .seconds(1)) }
            try disk.fail(fault)
            let outcome = try await Daqctl.finish(broken)
            #expect(outcome.code == 1, "\(outcome.error)")
            for word in [disk.path] + Self.words(fault) { #expect(outcome.error.contains(word), "\(outcome.error)") }
            let summary: Summary = try outcome.summary()
            #expect(summary.state == "failed")
            #expect(summary.flushed > 0)
            #expect(summary.received == summary.written + summary.dropped.values.reduce(0, +))
            #expect(try await sender.exitCode() == 0)
            // Everything up to here with the disk as it is; from here on it can be written again.
            if mode == "safe" { try await expectImages(file, atLeast: summary.flushed) }
            try disk.recover()
            let recovery = try await Daqctl.run(["recover", file])
            #expect(recovery.code == 0, "\(recovery.error)")
            try await expectImages(file, atLeast: summary.flushed, recovered: true)
            print("\(fault.rawValue), \(mode): \(outcome.error.split(separator: "\n").last ?? "")")
            try await expectAllIsWell(well, run)
        }

        @Test(
            "The file of a run fails, its stream and the writers of its ring go on",
            arguments: [FaultyDisk.Fault.quota, .inputOutput])
        func runFails(_ fault: FaultyDisk.Fault) async throws {
            let address = "tcp://127.0.0.1:\(try Ports.take(1))"
            let file = disk["images.h5"]
            let stream = #"streams=[{"format": "array-1.0", "address": "\#(address)"}]"#
            let run = try await run(["--write", file, "--set", stream], after: disk.before)
            let well = try await write(["--output", folder["well.h5"], "--images", "\(Self.images)"])
            let client = try RunningProgram(
                try #require(TestEnvironment.python),
                [
                    "-c",
                    """
                    import json, sys, zmq
                    socket = zmq.Context().socket(zmq.SUB)
                    socket.setsockopt(zmq.SUBSCRIBE, b"")
                    socket.setsockopt(zmq.RCVTIMEO, 60000)
                    socket.connect(sys.argv[1])
                    print("listening", flush=True)
                    while json.loads(socket.recv_multipart()[0])["frame"] < int(sys.argv[2]): pass
                    """, address, "\(Self.images)",
                ])
            try await client.wait(for: "listening") { $0.standardOutput.contains("listening") }
            let sender = try send()
            try await wait(for: disk["images_000001.h5.partial"], run)
            try disk.fail(fault)
            #expect(try await sender.exitCode() == 0)
            #expect(try await client.exitCode() == 0, "the stream shows the last image: \(client.standardError)")
            let other = try await Daqctl.finish(well).summary(as: Summary.self)
            #expect(other.flushed == Self.images && other.lossless)
            run.send(SIGINT)
            let outcome = try await Daqctl.finish(run)
            #expect(outcome.code == 1)
            for word in [disk.path] + Self.words(fault) { #expect(outcome.error.contains(word), "\(outcome.error)") }
            let summary: RunSummary = try outcome.summary()
            #expect(summary.images == Self.images)
            #expect(summary.ledger.balanced)
            let sink = try #require(summary.sinks.first { $0.failure != nil })
            #expect(sink.offered == sink.stored + sink.dropped.values.reduce(0, +))
            try await expectImages(folder["well.h5"], exactly: Self.images)
            try disk.recover()
            #expect(try await Daqctl.run(["recover", file]).code == 0)
            try await expectImages(file, recovered: true)
        }

        @Test(
            "A disk that hangs for seconds: images wait as long as there is room, then they are lost and counted",
            arguments: ["safe", "swmr"])
        func hangs(mode: String) async throws {
            let images = 200
            // About 64 slots, of which a session may hold half: more than a second of images.
            let run = try await run(["--set", "ring.bytes=67108864"])
            let well = try await write(["--output", folder["well.h5"], "--images", "\(images)"])
            let file = disk["slow.h5"]
            let slow = try await write(["--output", file, "--file-mode", mode, "--images", "\(images)"], after: disk.before)
            let sender = try send(images)
            try await wait(for: mode == "safe" ? disk["slow_000001.h5.partial"] : file, slow)
            try disk.fail(.hang)
            try await Task.sleep(for: .seconds(3))
            #expect(!slow.standardOutput.contains("summary"), "it waits for its disk")
            try disk.recover()
            #expect(try await sender.exitCode() == 0)
            try await expectAllIsWell(well, run, images: images)
            let outcome = try await Daqctl.finish(slow)
            #expect(outcome.code == 1)
            let summary: Summary = try outcome.summary()
            #expect(summary.state == "finished")
            let lost = summary.dropped["queue_full"] ?? 0
            #expect(lost > 0 && summary.dropped.count == 1)
            #expect(summary.received == images && summary.written == images - lost)
            #expect(summary.flushed == summary.written)
            #expect(outcome.error.contains("\(lost) images were not stored"), "\(outcome.error)")
            let ids = try await StoredImages(file).ids.map { Int($0) }
            #expect(ids.count == summary.flushed)
            // Those that it held while the disk hung are there: the gap begins after them, and ends with the hanging.
            let gap = try #require(zip(ids, ids.dropFirst()).first { $0 + 1 < $1 })
            print("hang, \(mode): images \(gap.0 + 1) to \(gap.1 - 1) lost")
            #expect(gap.0 >= 30 && ids.last == images)
            // A busy computer may lose more of them later on.
            let runs = Self.runs(of: ids)
            try await PythonCheck.run(
                "check_images.py",
                [file, configuration, "--ids", runs.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: "+")])
        }
    }
}

/// What of the summary of `daqctl write --json` is looked at here.
private struct Summary: Decodable {
    var state: String
    var received, written, flushed: Int
    var dropped: [String: Int]
    var lossless: Bool
}
