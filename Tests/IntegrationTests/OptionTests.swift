import Foundation
import Glibc
import Testing

extension IntegrationTests {
    /// Ways to run that the other tests do not take.
    struct OptionTests {
        private let folder: WorkFolder
        private let port: Int

        init() throws {
            folder = try WorkFolder()
            port = try Ports.take(4)
        }

        @Test("Bunch ids as image ids, two receiving threads, a folder to write to", .needsPython)
        func bunchIDs() async throws {
            let configuration = try folder.write(
                Documents.jungfrau(port: port, more: #", "image_id": "bunch_id", "bunch_id_format": "float64""#),
                to: "jungfrau.json")
            let receiver = try await Daqctl.receive([
                "run", configuration, "--write", folder.path, "--images", "5", "--json", "--set", "receive.threads=2",
            ])
            try await Daqctl.send([
                "simulate", configuration, "--images", "5", "--start-frame", "1000", "--rate", "10", "--patient",
            ])
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.lossless)
            let file = try #require(summary.files.first)
            #expect(file.hasPrefix("\(folder.path)/jungfrau-20"))
            try await PythonCheck.run("check_images.py", [file, configuration, "--ids", "1-5", "--frames", "1000"])
        }

        @Test("The row and column in the headers decide the place when the configuration says so", .needsPython)
        func grid() async throws {
            let configuration = try folder.write(
                Documents.jungfrau(port: port, more: #", "module_grid": {"rows": 2, "columns": 1}"#), to: "jungfrau.json")
            let file = folder["images.h5"]
            let receiver = try await Daqctl.receive(["run", configuration, "--write", file, "--images", "5", "--json"])
            try await Daqctl.send(["simulate", configuration, "--images", "5", "--rate", "10", "--patient"])
            #expect(try await Daqctl.summary(of: receiver).lossless)
            try await PythonCheck.run("check_images.py", [file, configuration, "--ids", "1-5"])
        }

        @Test("A run writes as the configuration says, below its root and under a name with places", .needsPython)
        func writerConfiguration() async throws {
            let configuration = try folder.write(
                Documents.eiger(
                    port: port,
                    more: #", "writer": {"roots": ["."], "images_per_file": 4, "permissions": "640", "format": "nxmx"}"#),
                to: "eiger.json")
            let receiver = try await Daqctl.receive([
                "run", configuration, "--write", "day/{detector}_{run}", "--run", "7", "--format", "stack", "--images", "10",
                "--json",
            ])
            try await Daqctl.send(["simulate", configuration, "--images", "10", "--rate", "20", "--patient"])
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.lossless)
            let file = try #require(summary.files.first)
            #expect(file.hasSuffix("/day/eiger_7.h5"))
            #expect(summary.sessions.map(\.flushed) == [10])
            #expect(summary.sessions.map(\.state) == ["finished"])
            let permissions = try FileManager.default.attributesOfItem(atPath: folder["day/eiger_7_000003.h5"])[.posixPermissions]
            #expect(permissions as? Int == 0o640)
            try await PythonCheck.run("check_images.py", [file, configuration, "--ids", "1-10"])
            let outside = try await Daqctl.run(["run", configuration, "--write", "/tmp/x.h5"])
            #expect(outside.code == 1 && outside.error.contains("expected a file under"), "\(outside.error)")
            let usage = try await Daqctl.run(["run", configuration, "--write", "{day}.h5"])
            #expect(usage.code == 2)
        }

        @Test("A run that is limited in time ends by itself, also when nothing has come")
        func duration() async throws {
            let configuration = try folder.write(Documents.smallJungfrau(port: port), to: "jungfrau.json")
            let receiver = try await Daqctl.receive(["run", configuration, "--duration", "0.3", "--json"])
            let summary = try await Daqctl.summary(of: receiver, within: 10)
            #expect(summary.images == 0)
            #expect(summary.ledger.balanced)
        }

        @Test("For people: what to do when it is ready, and the verdict at the end")
        func text() async throws {
            let configuration = try folder.write(Documents.smallJungfrau(port: port), to: "jungfrau.json")
            let receiver = try Daqctl.start(["run", configuration])
            try await receiver.wait(for: "ready") { $0.standardError.contains("ready: jungfrau on UDP port \(port)") }
            try await Daqctl.send(["simulate", configuration, "--images", "3", "--rate", "10", "--patient", "--drop", "2:0:7"])
            receiver.send(SIGINT)
            let outcome = try await Daqctl.finish(receiver)
            #expect(outcome.code == 0)
            #expect(outcome.output.hasPrefix("LOSSES: 1 of 3 images is not complete."), "\(outcome.output)")
            #expect(outcome.output.contains("image 2 lacks packets of stream 0 (UDP port \(port)): 7\n"), "\(outcome.output)")
            #expect(outcome.output.contains("Every packet and every image is accounted for."), "\(outcome.output)")
        }
    }
}
