import Foundation
import Testing

extension IntegrationTests {
    /// Images of a std-daq installation, which a program without any code of ours plays.
    @Suite(.needsPython, .serialized)
    struct StdDAQServicesTests {
        private let folder: WorkFolder
        private let detector: String

        init() throws {
            folder = try WorkFolder()
            detector = "attach-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        }

        private struct Stored: Decodable {
            var ids, status, segments: [Int]
        }

        private func services(_ kind: String) throws -> RunningProgram {
            try PythonCheck.start("std_daq_services.py", [kind, detector, folder["go"]])
        }

        private func receiver(_ more: [String] = []) throws -> RunningProgram {
            try Daqctl.start(
                ["receive-stream", detector, "--format", "std-daq", "--write", folder["out.h5"], "--duration", "60", "--json"]
                    + more)
        }

        /// What is in the file, after every pixel and mark of it was compared.
        private func stored(_ file: String = "out.h5") async throws -> Stored {
            let output = try await PythonCheck.run("check_attached_file.py", [folder[file]])
            return try JSONDecoder().decode(Stored.self, from: Data(output.utf8))
        }

        /// Runs an installation and a receiver that ends after some images.
        private func run(_ kind: String, images: Int) async throws -> (RunSummary, Stored, String) {
            let services = try services(kind)
            let receiver = try receiver(["--images", "\(images)"])
            try await receiver.wait(for: "ready") { $0.standardOutput.contains(#""event":"ready""#) }
            _ = try folder.write("", to: "go")
            let outcome = try await Daqctl.finish(receiver, within: 90)
            try #require(outcome.code == 0, "\(outcome.error)")
            let summary: RunSummary = try outcome.summary()
            #expect(summary.ledger.balanced && summary.images == images)
            #expect(try await services.exitCode() == 0, "\(services.standardError)")
            return (summary, try await stored(), outcome.error)
        }

        @Test("Every pixel arrives, gaps are counted, and what the services call incomplete is so here")
        func plain() async throws {
            let (summary, stored, _) = try await run("plain", images: 195)
            #expect(stored.ids == Array(1000..<1050) + Array(1055..<1200))
            #expect(stored.ids.filter { stored.status[stored.ids.firstIndex(of: $0) ?? 0] != 1 } == [1060, 1070])
            let images = summary.ledger.images
            #expect(images.expected == 200 && images.missing == 5 && images.complete == 193 && images.partial == 2)
            #expect(summary.incompleteImages.map(\.id) == [1060, 1070])
            #expect(!summary.lossless)
        }

        @Test("run takes them by the installation's own document, made a camera")
        func configured() async throws {
            let document = try folder.write(
                """
                {"detector_name": "\(detector)", "detector_type": "jungfrau-raw", "n_modules": 1, "bit_depth": 16,
                 "image_pixel_width": 64, "image_pixel_height": 48, "start_udp_port": 2000, "module_positions": {},
                 "ram_buffer_gb": 0, "live_stream_configs": {"tcp://127.0.0.1:\(try Ports.take(1))": {"type": "forward"}}}
                """, to: "their.json")
            let settings = [
                "detector_type=camera", "source.format=std-daq", "source.slots=1000", "ring.bytes=67108864", "streams=[]",
                "ring.shared=false",
            ].flatMap { ["--set", $0] }
            let refused = try await Daqctl.run(["run", document, "--set", "source.format=std-daq"])
            #expect(refused.code == 1 && refused.error.contains(#"set detector_type to "camera""#), "\(refused.error)")
            let receiver = try await Daqctl.receive(
                ["run", document, "--write", folder["out.h5"], "--images", "195", "--duration", "60", "--json"] + settings)
            let services = try services("plain")
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.ledger.balanced && summary.images == 195)
            #expect(try await services.exitCode() == 0, "\(services.standardError)")
            #expect(try await stored().ids.count == 195)
        }

        @Test("Broken messages, other images and repetitions cost no good image, and each is counted")
        func hostile() async throws {
            let (summary, stored, _) = try await run("hostile", images: 200)
            #expect(stored.ids == Array(1...200))
            #expect(summary.lossless)
            let packets = summary.ledger.packets
            #expect(packets.placed == 200)
            // The last ones may come after the last image.
            #expect((198...199).contains(packets.duplicate))
            #expect(packets.malformed["header"] ?? 0 >= 1700)
            #expect(packets.foreign["format"] == 199)
            // Compressed pixels, an unknown type, and whatever random bytes happen to mean.
            #expect(packets.foreign["encoding"] ?? 0 >= 2 * 199)
        }

        @Test("Services that start again open another segment")
        func restart() async throws {
            let (summary, stored, _) = try await run("restart", images: 200)
            #expect(summary.lossless && summary.ledger.images.segments == 2)
            #expect(stored.ids == Array(500..<600) + Array(1...100))
            #expect(stored.segments == Array(repeating: 0, count: 100) + Array(repeating: 1, count: 100))
        }

        @Test("Memory that is made anew, with another number of slots, is found; no image is taken from the old one")
        func replaced() async throws {
            let (summary, stored, messages) = try await run("replaced", images: 150)
            #expect(Array(stored.ids.prefix(101)) == Array(0...100))
            #expect(summary.ledger.images.dropped["no_pixels"] ?? 0 > 0)
            #expect(messages.contains("made their memory anew"))
        }

        @Test("Memory whose name is gone goes on with those who have it")
        func unlinked() async throws {
            let (summary, stored, _) = try await run("unlinked", images: 200)
            #expect(summary.lossless)
            #expect(stored.ids == Array(1...200))
        }

        @Test("Without the memory it waits, and says what it waits for")
        func missing() async throws {
            let (summary, stored, messages) = try await run("missing", images: 150)
            #expect(summary.ledger.packets.discarded["no_pixels"] ?? 0 >= 20)
            #expect(stored.ids.allSatisfy { $0 > 20 })
            #expect(messages.contains("-image is not there: do the std-daq services of this detector run on this host"))
        }

        @Test("Memory that is cut while it is read ends nothing")
        func cut() async throws {
            let (summary, stored, messages) = try await run("cut", images: 120)
            #expect(summary.ledger.images.dropped["no_pixels"] ?? 0 >= 10)
            #expect(stored.ids.allSatisfy { $0 <= 50 || $0 > 60 })
            #expect(messages.contains("it has 4096 bytes"))
        }

        @Test("Memory of an impossible size is refused, with what to do about it")
        func sizes() async throws {
            let services = try services("sizes")
            let outcome = try await Daqctl.run([
                "receive-stream", detector, "--format", "std-daq", "--duration", "3",
            ])
            #expect(outcome.code == 1)
            #expect(outcome.error.contains("it has 12288 bytes") && outcome.error.contains("start the services again"))
            #expect(try await services.exitCode() == 0, "\(services.standardError)")
        }

        @Test("Images that were overwritten while this process stood still are counted, and never stored")
        func lapped() async throws {
            let services = try services("lapped")
            let receiver = try receiver()
            try await receiver.wait(for: "ready") { $0.standardOutput.contains(#""event":"ready""#) }
            _ = try folder.write("", to: "go")
            for _ in 0..<4 {
                try await Task.sleep(for: .milliseconds(300))
                receiver.send(SIGSTOP)
                try await Task.sleep(for: .milliseconds(1200))
                receiver.send(SIGCONT)
            }
            #expect(try await services.exitCode() == 0, "\(services.standardError)")
            receiver.send(SIGINT)
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.ledger.balanced)
            #expect(summary.ledger.images.dropped["overwritten"] ?? 0 > 500, "\(summary.ledger.images)")
            #expect(summary.images > 1000)
            let stored = try await stored()
            #expect(stored.ids.count == summary.images && stored.ids.last == 12_000)
        }

        @Test("What cannot be attached to is refused with the right way")
        func refusals() async throws {
            for (address, more, words) in [
                ("tcp://daq:9100", [], "detector_name of the services"), ("ipc:///tmp/x-blosc2", [], "ipc:///tmp/NAME-image"),
                (detector, ["--pattern", "pull"], "subscribed to"), (detector, ["--channel", "A"], "source.channel"),
            ] as [(String, [String], String)] {
                let outcome = try await Daqctl.run(["receive-stream", address, "--format", "std-daq", "--duration", "1"] + more)
                #expect(outcome.code == 1 && outcome.error.contains(words), "\(outcome.error)")
            }
            let silence = try await Daqctl.run(["receive-stream", detector, "--format", "std-daq", "--duration", "0.3"])
            #expect(silence.code == 1 && silence.error.contains("ipc:///tmp/\(detector)-image: is the sender running"))
            let slots = try await Daqctl.run([
                "receive-stream", "tcp://127.0.0.1:1", "--format", "bsread", "--slots", "3", "--duration", "1",
            ])
            #expect(slots.code == 1 && slots.error.contains("slots only for std-daq"), "\(slots.error)")
        }
    }
}
