import Testing

extension IntegrationTests {
    /// Streams of programs that others wrote, received by the command line.
    @Suite(.needsPython)
    struct StreamInputTests {
        private let folder: WorkFolder
        private let port: Int
        private var address: String { "tcp://127.0.0.1:\(port)" }

        init() throws {
            folder = try WorkFolder()
            port = try Ports.take(1)
        }

        private func sender(_ kind: String, _ first: Int, _ last: Int) throws -> RunningProgram {
            try PythonCheck.start("stream_sender.py", [kind, "\(port)", "\(first)", "\(last)"])
        }

        private func check(_ file: String, _ first: Int, _ last: Int, time: Int? = nil) async throws {
            try await PythonCheck.run(
                "check_streamed_file.py", [folder[file], "\(first)", "\(last)"] + (time.map { ["\($0)"] } ?? []))
        }

        @Test(
            "receive-stream stores what other people's senders send",
            arguments: [
                ("array-1.0", ["--format", "array-1.0", "--pattern", "pull"]), ("array-1.0-pub", ["--format", "array-1.0"]),
                ("bsread", ["--format", "bsread"]), ("bsread-packed", ["--format", "bsread"]),
                ("bsread-big", ["--format", "bsread", "--channel", "CAM:FPICTURE"]),
            ])
        func receiveStream(kind: String, options: [String]) async throws {
            let receiver = try Daqctl.start(
                ["receive-stream", address] + options
                    + ["--write", folder["out.h5"], "--images", "200", "--duration", "60", "--json"])
            let sender = try sender(kind, 1000, 1199)
            let summary = try await Daqctl.summary(of: receiver)
            #expect(try await sender.exitCode() == 0, "\(sender.standardError)")
            #expect(summary.images == 200)
            #expect(summary.lossless)
            #expect(summary.ledger.packets.placed == 200)
            try await check("out.h5", 1000, 1199, time: kind.hasPrefix("bsread") ? 1_700_000_000 : nil)
        }

        @Test("run receives a camera over four connections, in order")
        func run() async throws {
            let document = try folder.write(
                """
                {"detector_name": "CAM", "detector_type": "pco", "bit_depth": 16, "image_pixel_width": 64, "image_pixel_height": 48,
                 "n_modules": 1, "start_udp_port": 2000, "module_positions": {}, "ring": {"bytes": 67108864},
                 "receive": {"window": 64},
                 "source": {"address": "\(address)", "format": "bsread", "connections": 4}}
                """, to: "camera.json")
            let receiver = try await Daqctl.receive([
                "run", document, "--write", folder["out.h5"], "--images", "300", "--duration", "60", "--json",
            ])
            let sender = try sender("bsread", 1, 300)
            let summary = try await Daqctl.summary(of: receiver)
            #expect(try await sender.exitCode() == 0, "\(sender.standardError)")
            #expect(summary.lossless, "\(summary)")
            try await check("out.h5", 1, 300, time: 1_700_000_000)
        }

        @Test("A hostile sender costs no good image, and every message is accounted for")
        func hostility() async throws {
            let receiver = try Daqctl.start([
                "receive-stream", address, "--format", "bsread", "--write", folder["out.h5"], "--images", "20", "--duration",
                "60",
                "--json",
            ])
            let sender = try sender("hostile", 1, 20)
            let outcome = try await Daqctl.finish(receiver)
            #expect(outcome.code == 0, "\(outcome.error)")
            #expect(outcome.error.contains("messages were refused, the last one because:"))
            let summary: RunSummary = try outcome.summary()
            #expect(try await sender.exitCode() == 0, "\(sender.standardError)")
            #expect(summary.ledger.balanced)
            #expect(summary.images == 20)
            let packets = summary.ledger.packets
            #expect(packets.received == 260 && packets.placed == 20)
            // Before the first good image no shape is known: what names another one than its pixels have is damaged.
            #expect(
                packets.malformed == [
                    "length": 0, "version": 0, "packet_number": 0, "bunch_id": 0, "parts": 60, "header": 60, "payload": 41,
                ])
            #expect(
                packets.foreign == ["detector_type": 0, "position": 0, "stream": 20, "format": 39, "channel": 0, "encoding": 20])
            try await check("out.h5", 1, 20)
        }

        @Test("Without a sender, or with a senseless address, the message says what to do")
        func refusals() async throws {
            let silence = try await Daqctl.run(["receive-stream", address, "--format", "bsread", "--duration", "0.3"])
            #expect(silence.code == 1)
            #expect(silence.error.contains("is the sender running, and the address right?"))
            let nonsense = try await Daqctl.run(["receive-stream", "camera", "--format", "bsread"])
            #expect(nonsense.code == 1)
            #expect(nonsense.error.contains("tcp://HOST:PORT"))
            let document = try folder.write(
                #"{"detector_name": "C", "detector_type": "camera", "bit_depth": 8, "image_pixel_width": 4, "image_pixel_height": 4,"#
                    + #""source": {"address": "\#(address)", "format": "array-1.0"}}"#, to: "camera.json")
            let simulation = try await Daqctl.run(["simulate", document, "--images", "1"])
            #expect(simulation.code == 1)
            #expect(simulation.error.contains("sends no packets"))
        }
    }
}
