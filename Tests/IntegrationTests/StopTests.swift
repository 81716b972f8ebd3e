import Foundation
import Testing

extension IntegrationTests {
    /// Ctrl-C in the middle of a run.
    struct StopTests {
        private let folder: WorkFolder
        private let configuration: String

        init() throws {
            folder = try WorkFolder()
            configuration = try folder.write(Documents.eiger(port: Ports.take(4)), to: "eiger.json")
        }

        @Test("The first signal completes the file and shows the ledger", .needsPython, arguments: [SIGINT, SIGTERM])
        func orderly(signal: Int32) async throws {
            let file = folder["images.h5"]
            let receiver = try await Daqctl.receive(["run", configuration, "--write", file, "--json"])
            let sender = try Daqctl.start(["simulate", configuration, "--images", "1000", "--rate", "20", "--patient", "--json"])
            try await Task.sleep(for: .seconds(1))
            receiver.send(signal)
            let summary = try await Daqctl.summary(of: receiver, within: 20)
            #expect(summary.ledger.balanced)
            #expect(summary.images > 5)
            #expect(summary.sinks.map(\.stored) == [summary.images])
            let stored = try await StoredImages(file)
            #expect(stored.ids == Array(1...UInt64(summary.images)))
            // The image that was on its way may lack packets, no other.
            #expect(stored.status.dropLast().allSatisfy { $0 == 1 })

            sender.send(SIGINT)
            let sent = try await Daqctl.finish(sender, within: 20)
            #expect(sent.code == 0)
            #expect(try sent.summary(as: SenderSummary.self).images < 1000)
        }

        @Test("A receiver that is behind stops as well, although its sockets never run empty")
        func overloaded() async throws {
            let document = try folder.write(Documents.jungfrau(port: Ports.take(2)), to: "jungfrau.json")
            // One datagram a call is slower than a sender at full speed.
            let receiver = try await Daqctl.receive(["run", document, "--json", "--set", "receive.batch=1"])
            let sender = try Daqctl.start(["simulate", document, "--images", "100000", "--segmentation", "--json"])
            try await Task.sleep(for: .seconds(1))
            receiver.send(SIGINT)
            let summary = try await Daqctl.summary(of: receiver, within: 5)
            #expect(summary.ledger.balanced)
            #expect(summary.images > 0)
            sender.send(SIGINT)
            #expect(try await sender.exitCode(within: 20) == 0)
        }

        @Test("What was written before the process was killed is recovered", .needsPython)
        func killed() async throws {
            let file = folder["images.h5"]
            let receiver = try await Daqctl.receive(["run", configuration, "--write", file, "--json"])
            // Files are flushed about once a second.
            try await Daqctl.send(["simulate", configuration, "--images", "50", "--rate", "20", "--patient"])
            receiver.send(SIGKILL)
            #expect(try await receiver.exitCode() == 128 + SIGKILL)
            struct Inspection: Decodable { var images: Int }
            // The part that was open is not shown before it is recovered; the file opens all the same.
            let shown = try await Daqctl.run(["inspect", file, "--json"]).summary(as: Inspection.self).images
            #expect((0...50).contains(shown))
            #expect(try await Daqctl.run(["recover", file]).code == 0)
            let images = try await Daqctl.run(["inspect", file, "--json"]).summary(as: Inspection.self).images
            #expect((15...50).contains(images))
            try await PythonCheck.run("check_images.py", [file, configuration, "--ids", "1-\(images)"])
        }

        @Test("The second signal ends at once")
        func atOnce() async throws {
            // An output that is full keeps the program from ending, so that it is still there for the second signal.
            let output = Pipe()
            let receiver = try Daqctl.start(["run", configuration, "--json"], standardOutput: output.fileHandleForWriting)
            let descriptor = output.fileHandleForWriting.fileDescriptor
            let ready = output.fileHandleForReading.availableData
            try #require(String(decoding: ready, as: UTF8.self).contains("ready"))
            let flags = fcntl(descriptor, F_GETFL)
            _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
            let block = [UInt8](repeating: 0x20, count: 4096)
            while write(descriptor, block, block.count) > 0 {}
            _ = fcntl(descriptor, F_SETFL, flags)

            receiver.send(SIGINT)
            try await receiver.wait(for: "stopping") { $0.standardError.contains("stopping") }
            receiver.send(SIGINT)
            #expect(try await receiver.exitCode(within: 5) == 130)
        }
    }
}
