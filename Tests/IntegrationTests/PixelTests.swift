import Foundation
import Testing

extension IntegrationTests {
    /// Every pixel of every image equals what numpy computes from the simulator's formula.
    @Suite(.needsPython)
    struct PixelTests {
        private static let images = 5
        private let folder: WorkFolder

        init() throws { folder = try WorkFolder() }

        /// Simulates, receives and compares.
        private func compare(_ configuration: String) async throws {
            let file = folder["images.h5"]
            let receiver = try await Daqctl.receive(
                ["run", configuration, "--write", file, "--images", "\(Self.images)", "--json"])
            try await Daqctl.send([
                "simulate", configuration, "--images", "\(Self.images)", "--rate", "10", "--patient", "--seed", "3",
            ])
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.lossless)
            try await PythonCheck.run(
                "check_images.py", [file, configuration, "--ids", "1-\(Self.images)", "--seed", "3"])
        }

        private static let calibration = #""pedestal": "pedestal.h5", "gain": "gain.h5", "mask": "mask.h5""#

        private func correctedJungfrau(port: Int, gaps: Bool, _ more: String = "") async throws -> String {
            try await PythonCheck.run("make_gains.py", [folder.path, "2"])
            let calibration = ", \"calibration\": {\(Self.calibration)\(more)}"
            return try folder.write(
                Documents.jungfrau(port: port, type: "jungfrau-converted", gaps: gaps, more: calibration), to: "jungfrau.json")
        }

        @Test("JUNGFRAU in three gain stages, corrected to keV", arguments: [true, false])
        func keV(gaps: Bool) async throws {
            try await compare(correctedJungfrau(port: Ports.take(2), gaps: gaps))
        }

        @Test("Gaps hold nothing of a run that was killed after it had shared charge with them")
        func gapsAfterAKill() async throws {
            let configuration = try await correctedJungfrau(port: Ports.take(2), gaps: true)
            let name = "gaps-\(URL(filePath: folder.path).lastPathComponent)"
            let ring = [
                "--json", "--set", "ring.shared=true", "--set", "ring.name=\(name)", "--set", "ring.bytes=40000000",
            ]
            let killed = try await Daqctl.receive(
                ["run", configuration, "--set", "calibration.double_pixels=interpolate"] + ring)
            // Every slot has had an image.
            try await Daqctl.send(["simulate", configuration, "--images", "16", "--rate", "20", "--patient", "--seed", "9"])
            try await Task.sleep(for: .seconds(1))
            killed.send(SIGKILL)
            _ = try await killed.exitCode()
            let receiver = try await Daqctl.receive(
                ["run", configuration, "--write", folder["images.h5"], "--images", "\(Self.images)"] + ring)
            try await Daqctl.send([
                "simulate", configuration, "--images", "\(Self.images)", "--rate", "10", "--patient", "--seed", "3",
            ])
            #expect(try await Daqctl.summary(of: receiver).lossless)
            try await PythonCheck.run(
                "check_images.py", [folder["images.h5"], configuration, "--ids", "1-\(Self.images)", "--seed", "3"])
        }

        @Test("JUNGFRAU corrected to photons")
        func photons() async throws {
            try await compare(correctedJungfrau(port: Ports.take(2), gaps: true, #", "factor": 12.4"#))
        }

        @Test("JUNGFRAU with the invalid gain code", arguments: ["mask", "third-stage"])
        func invalidGain(policy: String) async throws {
            let configuration = try await correctedJungfrau(
                port: Ports.take(2), gaps: false, #", "invalid_gain": "\#(policy)""#)
            // No simulated detector sends this code, so the packets come from Python.
            try await PythonCheck.run("make_capture.py", [configuration, folder["invalid.pcap"], "3"])
            let receiver = try await Daqctl.receive(
                ["run", configuration, "--write", folder["images.h5"], "--images", "3", "--json"])
            try await Daqctl.send(["replay", folder["invalid.pcap"], "--rate", "10", "--patient"])
            #expect(try await Daqctl.summary(of: receiver).lossless)
            try await PythonCheck.run(
                "check_images.py", [folder["images.h5"], configuration, "--ids", "1-3", "--invalid"])
        }

        @Test("JUNGFRAU, raw words, with gap pixels")
        func rawJungfrau() async throws {
            try await compare(folder.write(Documents.jungfrau(port: Ports.take(2), gaps: true), to: "jungfrau.json"))
        }

        @Test("JUNGFRAU that sends its halves to two ports")
        func twoInterfaces() async throws {
            try await compare(
                folder.write(
                    Documents.jungfrau(port: Ports.take(4), gaps: true, more: #", "udp_interfaces": 2"#), to: "jungfrau.json"))
        }

        @Test("EIGER", arguments: [8, 16, 32])
        func eiger(bits: Int) async throws {
            try await compare(folder.write(Documents.eiger(port: Ports.take(4), bits: bits), to: "eiger.json"))
        }

        @Test("EIGER over 1 Gbit/s, in small packets")
        func smallPackets() async throws {
            try await compare(
                folder.write(Documents.eiger(port: Ports.take(4), more: #", "payload_bytes": 1024"#), to: "eiger.json"))
        }

        @Test("MOENCH, turned by 90 degrees")
        func moench() async throws {
            try await compare(folder.write(Documents.moench(port: Ports.take(1)), to: "moench.json"))
        }
    }
}
