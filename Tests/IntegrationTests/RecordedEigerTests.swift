import Testing

extension IntegrationTests {
    /// Two images that a real EIGER 9M sent, through 72 ports of this host.
    @Suite(.needsPython, .needsRecording)
    struct RecordedEigerTests {
        private let folder: WorkFolder
        private let recording: String
        private var file: String { folder["eiger9m.h5"] }
        private var configuration: String { "\(recording)/eiger9m.json" }

        init() async throws {
            folder = try WorkFolder()
            recording = try #require(TestEnvironment.eigerRecording)
            let tar = try RunningProgram("/bin/tar", ["-xf", "\(recording)/packets.tar.xz", "-C", folder.path])
            try #require(try await tar.exitCode() == 0, "\(tar.standardError)")
        }

        private func replay(_ faults: [String], options: [String] = []) async throws -> (
            sent: SenderSummary, received: RunSummary
        ) {
            let port = try Ports.take(72)
            let receiver = try await Daqctl.receive(
                [
                    "run", configuration, "--write", file, "--images", "2", "--json", "--set", "start_udp_port=\(port)",
                ] + options)
            let sent = try await Daqctl.send(
                ["replay", folder["packets"], "--base-port", "\(port)", "--rate", "2", "--patient"] + faults)
            return (sent, try await Daqctl.summary(of: receiver))
        }

        @Test("The images have the published sums and digests")
        func complete() async throws {
            let (sent, received) = try await replay([])
            #expect(sent.packets == 2 * 72 * 128)
            #expect(received.images == 2)
            #expect(received.lossless)
            // Four of the 72 ports have no place in the image and are not open.
            #expect(received.ledger.packets.placed == 2 * 68 * 128)
            try await PythonCheck.run("check_recording.py", [file, configuration, folder["packets"]])
        }

        @Test("As NXmx the images are the same, and the file passes the validator with what the configuration says")
        func nxmx() async throws {
            let settings = [
                "incident_wavelength=1.0000", "distance=0.12", "beam_center_x=1552.5", "beam_center_y=1631",
                "sample_name=recorded", "source_name=Swiss Light Source", "instrument_name=X06SA", "sensor_thickness=0.00045",
                "count_time=0.0005", "frame_time=0.001", "saturation_value=65000",
            ]
            let (_, received) = try await replay(
                [], options: ["--format", "nxmx"] + settings.flatMap { ["--set", "experiment.\($0)"] })
            #expect(received.lossless)
            try await PythonCheck.run("check_recording.py", [file, configuration, folder["packets"]])
            try await PythonCheck.run("check_nxmx.py", [file, "experiment"])
        }

        @Test("Lost packets change exactly their own pixels")
        func lostPackets() async throws {
            // First and last packets, neighbours, lone ones; streams of both directions, at corners and in the middle.
            let dropped = [
                (50020, [0, 1, 2, 127]), (50022, [0, 63, 64]), (50043, [127]), (50055, [10, 12, 14]), (50056, [126, 127]),
                (50074, [33]), (50090, [5, 6, 7, 8]), (50091, [0, 127]),
            ].flatMap { port, packets in packets.map { "29513:\(port):\($0)" } }
            try #require(dropped.count == 20)
            let (sent, received) = try await replay(
                dropped.flatMap { ["--drop", $0] } + ["--duplicate", "0.02", "--reorder", "20", "--seed", "5"])
            #expect(sent.faults.dropped == 20)
            #expect(sent.faults.duplicated > 100)
            #expect(sent.faults.delayed > 1000)
            let ledger = received.ledger
            #expect(ledger.balanced)
            #expect(ledger.images.complete == 1)
            #expect(ledger.images.partial == 1)
            #expect(ledger.images.missingPackets == 20)
            #expect(ledger.packets.placed == 2 * 68 * 128 - 20)
            #expect(ledger.packets.duplicate + ledger.packets.late > 100)
            #expect(ledger.packets.received == ledger.packets.placed + ledger.packets.duplicate + ledger.packets.late)

            let incomplete = try #require(received.incompleteImages.first)
            #expect(received.incompleteImages.count == 1)
            #expect(incomplete.id == 29513)
            let listed = incomplete.missing.flatMap { run in
                (run.first...run.last).map { "29513:\(50020 + run.stream):\($0)" }
            }
            #expect(listed.sorted() == dropped.sorted())
            try await PythonCheck.run("check_recording.py", [file, configuration, folder["packets"]] + dropped)
        }
    }
}
