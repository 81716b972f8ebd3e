import Foundation
import Testing

extension IntegrationTests {
    struct SoakTests {
        @Test("A JUNGFRAU for some seconds: no image is lost, memory stays flat")
        func short() async throws {
            let script = TestEnvironment.package.appending(path: "scripts/soak").path(percentEncoded: false)
            // Debug builds and busy hosts are slow: here 25 images a second, from a sender that waits for the receiver.
            let soak = try RunningProgram(
                "/usr/bin/env",
                [
                    "DAQCTL=\(TestEnvironment.daqctl)", "DAQ_SOAK_RATE=25", "DAQ_SOAK_OPTIONS=--patient",
                    "DAQ_SOAK_PORT=\(try Ports.take(2))", script, "4",
                ])
            let code = try await soak.exitCode(within: 60)
            #expect(code == 0, "\(soak.standardOutput)\n\(soak.standardError)")
            #expect(soak.standardOutput.contains("100 of 100 images"), "\(soak.standardOutput)")
        }
    }
}
