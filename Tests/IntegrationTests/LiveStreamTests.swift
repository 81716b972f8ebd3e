import Foundation
import Testing

extension IntegrationTests {
    /// The live streams of a run, read by programs that others wrote.
    @Suite(.needsPython)
    struct LiveStreamTests {
        private static let images = 30
        private let folder: WorkFolder

        init() throws { folder = try WorkFolder() }

        @Test("Every client gets the pixels and the facts that are in the file")
        func clients() async throws {
            let streams = try Ports.take(8)
            let ipc = "ipc:///tmp/daq-test-\(getpid())-\(streams)-image"
            defer { unlink(String(ipc.dropFirst(6))) }
            let address = { (port: Int) in "tcp://127.0.0.1:\(streams + port)" }
            let more = """
                , "streams": [
                  {"format": "array-1.0", "address": "\(address(0))"},
                  {"format": "array-1.0", "address": "\(address(1))", "pattern": "rep"},
                  {"format": "metadata", "address": "\(address(2))"},
                  {"format": "std-daq", "address": "\(ipc)"},
                  {"format": "sls", "address": "\(address(3))"}]
                """
            let configuration = try folder.write(Documents.eiger(port: try Ports.take(4), more: more), to: "eiger.json")
            let receiver = try await Daqctl.receive(
                ["run", configuration, "--write", folder["images.h5"], "--images", "\(Self.images)", "--json"])
            let script = TestEnvironment.package.appending(path: "Tests/Python/live_clients.py").path(percentEncoded: false)
            let clients = try RunningProgram(
                try #require(TestEnvironment.python),
                ["-B", script, "\(Self.images)", address(0), address(0), address(1), address(2), ipc]
                    + (3...6).map(address))
            try await clients.wait(for: "listening") { $0.standardOutput.contains("listening") }
            try await Daqctl.send(["simulate", configuration, "--images", "\(Self.images)", "--rate", "10", "--patient"])
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.lossless)
            #expect(summary.ledger.balanced)
            #expect(try await clients.exitCode(within: 120) == 0, "\(clients.standardError)")
            let found = try folder.write(clients.standardOutput, to: "clients.json")
            let count = try await PythonCheck.run("live_clients.py", ["--compare", found, folder["images.h5"]])
            #expect(count == "9\n")
        }
    }
}
