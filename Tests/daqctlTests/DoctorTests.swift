import Foundation
import Glibc
import Testing

@testable import DAQCore
@testable import daqctl

/// What `doctor` says, and how.
struct DoctorTests {
    private static let findings = [
        Finding(
            .problem, "ports", "UDP port 50001 is in use by a running program", recommended: "end that program",
            reason: "a port belongs to one program", command: "sudo ss -ulpn 'sport = :50001'"),
        Finding(
            .warning, "socket-buffer", "a socket gets little", recommended: "much more of it",
            reason:
                "packets wait in this buffer while a receiving thread is held up by something else; what does not fit is lost",
            command: "sudo sysctl -w net.core.rmem_max=67108864"),
        Finding(.unknown, "governor", "the frequency governor cannot be read"),
        Finding(.ok, "clock", "tsc"),
    ]

    @Test func textIsGroupedByWhatToDoFirst() {
        #expect(
            HostReport(Self.findings).text == """
                PROBLEMS: data cannot be taken before these are solved

                  ports: UDP port 50001 is in use by a running program
                    better:  end that program
                    why:     a port belongs to one program
                    command: sudo ss -ulpn 'sport = :50001'

                WARNINGS: data may be lost

                  socket-buffer: a socket gets little
                    better:  much more of it
                    why:     packets wait in this buffer while a receiving thread is held up by something else;
                             what does not fit is lost
                    command: sudo sysctl -w net.core.rmem_max=67108864

                UNKNOWN: could not be read on this host

                  governor           the frequency governor cannot be read

                OK

                  clock              tsc

                NOT READY: 1 problem, 1 warning, 0 pieces of advice, 1 unknown, 1 ok

                """)
    }

    @Test func warningsDoNotPreventDataTaking() {
        let report = HostReport(Array(Self.findings.dropFirst()))
        #expect(report.isReady)
        #expect(report.text.hasSuffix("\nready: 0 problems, 1 warning, 0 pieces of advice, 1 unknown, 1 ok\n"))
        #expect(
            report.json.line
                == #"{"ready":true,"problems":0,"warnings":1,"advice":0,"unknown":1,"ok":1}"# + "\n")
    }

    @Test func aFindingForProgramsHasWhatIsKnown() {
        #expect(
            HostReport.json(Self.findings[0]).line == """
                {"check":"ports","severity":"problem","found":"UDP port 50001 is in use by a running program",\
                "recommended":"end that program","why":"a port belongs to one program",\
                "command":"sudo ss -ulpn 'sport = :50001'"}

                """)
        #expect(HostReport.json(Self.findings[3]).line == #"{"check":"clock","severity":"ok","found":"tsc"}"# + "\n")
    }

    @Test func thisHostIsExaminedWithoutAConfiguration() throws {
        let outcome = Outcome("doctor", "--json")
        #expect(outcome.code == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count > 10)
        for line in lines.dropLast() { #expect(line.hasPrefix(#"{"event":"finding","check":""#)) }
        #expect(lines.last?.hasPrefix(#"{"event":"summary","ready":true,"problems":0,"#) == true)
    }

    @Test func aPortThatIsTakenPreventsDataTaking() throws {
        let socket = try UDPSocket(address: "127.0.0.1", port: 0, multicastGroup: nil, bufferBytes: 4096)
        let folder = FileManager.default.temporaryDirectory.appending(path: "doctor-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "detector.json").path()
        try """
        {"detector_name": "jungfrau", "detector_type": "jungfrau-raw", "n_modules": 1, "bit_depth": 16,
         "start_udp_port": \(socket.port), "image_pixel_height": 512, "image_pixel_width": 1024, "bind": "127.0.0.1",
         "module_positions": {"0": [0, 0, 1023, 511]}, "ring": {"bytes": 16777216}}
        """.write(toFile: file, atomically: true, encoding: .utf8)

        let taken = Outcome("doctor", file)
        #expect(taken.code == 1)
        #expect(taken.output.hasPrefix("PROBLEMS"))
        #expect(taken.output.contains("ports: UDP port \(socket.port) is in use by a running program\n"))
        #expect(taken.error == "daqctl doctor: this host is not ready: 1 problem prevents data taking\n")

        let elsewhere = Outcome("doctor", file, "--set", "bind=127.0.0.2", "--rate", "100")
        #expect(elsewhere.code == 0)
        #expect(elsewhere.output.contains("UDP port \(socket.port) is free"))
        // Interfaces are listed in /sys, which some containers do not have.
        if FileManager.default.fileExists(atPath: "/sys/class/net/lo") {
            #expect(elsewhere.output.contains("127.0.0.2 is on lo"))
        }

        let nowhere = Outcome("doctor", file, "--set", "bind=127.0.0.2", "--write", "\(folder.path())none/run1.h5")
        #expect(nowhere.code == 1)
        #expect(nowhere.output.contains("storage: there is no folder \(folder.path())none"))
    }

    @Test func aConfigurationThatCannotBeReadIsAnError() {
        let outcome = Outcome("doctor", "/nonexistent/detector.json")
        #expect(outcome.code == 1)
        #expect(outcome.error.contains("/nonexistent/detector.json"))
    }
}
