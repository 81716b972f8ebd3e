import Foundation
import Testing

extension IntegrationTests {
    /// What cannot work says so in a sentence that helps, with exit code 1, or 2 for wrong usage.
    struct FailureTests {
        private let folder: WorkFolder
        private let port: Int
        private let configuration: String

        init() throws {
            folder = try WorkFolder()
            port = try Ports.take(2)
            configuration = try folder.write(Documents.smallJungfrau(port: port), to: "jungfrau.json")
        }

        private func expectFailure(
            _ arguments: [String], after before: [String] = [], code: Int32 = 1, says words: [String],
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let outcome = try await Daqctl.run(arguments, after: before, within: 30)
            #expect(outcome.code == code, "\(outcome.error)", sourceLocation: sourceLocation)
            for word in words {
                #expect(outcome.error.contains(word), "\(outcome.error)", sourceLocation: sourceLocation)
            }
            #expect(!outcome.output.contains("\"ready\""), sourceLocation: sourceLocation)
        }

        @Test("A port that another process has open")
        func portInUse() async throws {
            let other = try await Daqctl.receive(["run", configuration, "--json"])
            let file = folder["images.h5"]
            try await expectFailure(
                ["run", configuration, "--write", file, "--json"], says: ["\(port)", "in use"])
            #expect(!FileManager.default.fileExists(atPath: file), "no empty file is left behind")
            other.send(SIGINT)
            #expect(try await other.exitCode() == 0)
        }

        @Test("A directory that does not exist")
        func noDirectory() async throws {
            try await expectFailure(
                ["run", configuration, "--write", folder["nowhere/images.h5"], "--json"],
                says: [folder["nowhere"], "does not exist"])
        }

        @Test("A file that exists is not replaced unless that is asked for")
        func fileExists() async throws {
            let file = try folder.write("precious", to: "images.h5")
            try await expectFailure(["run", configuration, "--write", file, "--json"], says: [file, "exists already"])
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
            let receiver = try await Daqctl.receive(["run", configuration, "--write", file, "--overwrite", "--json"])
            receiver.send(SIGINT)
            #expect(try await receiver.exitCode() == 0)
        }

        @Test("Recordings and pedestals that exist are not replaced either")
        func otherFilesExist() async throws {
            let capture = try folder.write("precious", to: "run.pcap")
            let pedestal = try folder.write("precious", to: "pedestal.h5")
            try await expectFailure(["record", configuration, "--output", capture, "--json"], says: [capture, "exists already"])
            try await expectFailure(
                ["pedestal", configuration, "--images", "1", "--output", pedestal, "--json"], says: [pedestal, "exists already"])
            for path in [capture, pedestal] { #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious") }
        }

        @Test("A directory without the right to write", .needsOtherUser)
        func noRight() async throws {
            try FileManager.default.createDirectory(atPath: folder["locked"], withIntermediateDirectories: false)
            try await expectFailure(
                ["run", configuration, "--write", folder["locked/images.h5"], "--json"], after: TestEnvironment.unprivileged,
                says: [folder["locked"], "cannot be written", "Permission denied"])
        }

        @Test("A file system that is mounted read-only", .needsMounts)
        func readOnly() async throws {
            try FileManager.default.createDirectory(atPath: folder["mount"], withIntermediateDirectories: false)
            let mount = #"mount -t tmpfs -o ro none "$0" && exec "$@""#
            try await expectFailure(
                ["run", configuration, "--write", folder["mount/images.h5"], "--json"],
                after: ["/usr/bin/unshare", "-m", "sh", "-c", mount, folder["mount"]],
                says: ["mount/images.h5", "read-only"])
        }

        @Test("A full disk: what was stored can be read, the rest is counted, the reason is named", .needsMounts, .needsPython)
        func diskFull() async throws {
            try FileManager.default.createDirectory(atPath: folder["mount"], withIntermediateDirectories: false)
            // The mount ends with its process, so the file is copied out of it.
            let script = """
                mount -t tmpfs -o size=12m none "$0" || exit 99
                "$@"; code=$?
                cp "$0/images.h5" "\(folder["images.h5"])"
                exit $code
                """
            let before = ["/usr/bin/unshare", "-m", "sh", "-c", script, folder["mount"]]
            let receiver = try Daqctl.start(
                ["run", configuration, "--write", folder["mount/images.h5"], "--images", "20", "--json"], after: before)
            try await receiver.wait(for: "ready") { $0.standardOutput.contains(#""event":"ready""#) }
            try await Daqctl.send(["simulate", configuration, "--images", "20", "--rate", "40", "--patient"])
            let outcome = try await Daqctl.finish(receiver)
            #expect(outcome.code == 1)
            #expect(outcome.error.contains("disk full"), "\(outcome.error)")
            #expect(outcome.output.contains(#""event":"sink_failed""#))
            let summary: RunSummary = try outcome.summary()
            let sink = try #require(summary.sinks.first)
            #expect(sink.failure?.contains("disk full") == true)
            #expect((2...11).contains(sink.stored))
            #expect(sink.offered == sink.stored + sink.dropped.values.reduce(0, +))
            #expect(sink.offered == summary.images)
            #expect(summary.images == 20, "a file that fails does not stop the receiver")
            #expect(summary.sessions.map(\.state) == ["failed"])
            #expect(summary.ledger.balanced)
            let stored = try await StoredImages(folder["images.h5"])
            #expect(stored.images == sink.stored)
            try await PythonCheck.run(
                "check_images.py", [folder["images.h5"], configuration, "--ids", "1-\(sink.stored)"])
        }

        @Test("Calibration files that are cut off, no HDF5, or absent", .needsPython)
        func calibration() async throws {
            try await PythonCheck.run("make_gains.py", [folder.path, "2"])
            let text = try folder.write("this is a text\n", to: "text.h5")
            let whole = try #require(FileManager.default.contents(atPath: folder["pedestal.h5"]))
            try whole.prefix(whole.count / 2).write(to: URL(filePath: folder["cut.h5"]))
            let document = Documents.jungfrau(
                port: port, type: "jungfrau-converted", more: #", "calibration": {"pedestal": "pedestal.h5", "gain": "gain.h5"}"#)
            let corrected = try folder.write(document, to: "corrected.json")
            for (key, name) in [("pedestal", "cut.h5"), ("gain", "text.h5"), ("mask", "absent.h5")] {
                try await expectFailure(
                    ["run", corrected, "--json", "--set", "calibration.\(key)=\(folder[name])"],
                    says: ["calibration file", folder[name]])
            }
            _ = text
            // A file of another detector.
            try await PythonCheck.run("make_gains.py", [folder.path, "1"])
            try await expectFailure(["run", corrected, "--json"], says: ["(3 or 4, 1024, 1024)", "(3, 512, 1024)"])
        }

        @Test("All errors of a configuration at once")
        func configurationErrors() async throws {
            let document = """
                {"detector_name": "two words", "detector_type": "jungfrau-raw", "n_modules": 2, "bit_depth": "16",
                 "image_pixel_width": 1024, "image_pixel_height": 1024, "start_udp_port": 70000,
                 "module_positions": {"0": [0, 0, 1023, 511], "1": [0, 511, 1023, 1022]}, "sync_timeot": 1}
                """
            let path = try folder.write(document, to: "wrong.json")
            let problems = ["detector_name", "bit_depth", "start_udp_port", "module_positions", "sync_timeot", "sync_timeout"]
            try await expectFailure(["run", path, "--strict", "--json"], says: problems)
            try await expectFailure(["check", path, "--strict"], says: problems)
            try await expectFailure(["check", folder["absent.json"]], says: [folder["absent.json"]])
        }

        @Test("Wrong usage")
        func usage() async throws {
            try await expectFailure(["runn", configuration], code: 2, says: ["runn", "run", "--help"])
            try await expectFailure(["run", configuration, "--imags", "2"], code: 2, says: ["--imags", "--images", "--help"])
            try await expectFailure(["run", configuration, "--images", "none"], code: 2, says: ["--images", "none"])
            try await expectFailure(["run"], code: 2, says: ["CONFIG"])
            try await expectFailure([], code: 2, says: ["usage: daqctl COMMAND"])
        }

        @Test("Recordings that cannot be read")
        func recordings() async throws {
            try await expectFailure(["replay", folder["absent.pcap"]], says: [folder["absent.pcap"]])
            let text = try folder.write(String(repeating: "this is a text\n", count: 10), to: "text.pcap")
            try await expectFailure(["replay", text], says: [text])
        }
    }
}
