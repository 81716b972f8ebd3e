import Glibc
import Testing

@testable import daqctl

/// What becomes of a process whose library crashes or goes round in circles.
@Suite(.serialized) struct CrashGuardTests {
    @Test("Using a processor for too long in vain ends the process with a message and exit code 1")
    func endless() async {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            CrashGuard.install(command: "inspect", patience: 1)
            while clock() >= 0 {}
        }
        let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("daqctl inspect: the HDF5 library does not come to an end on this file"), "\(said)")
    }

    @Test("Whoever gets on may take as long as it takes, and waiting does not count")
    func progress() async {
        await #expect(processExitsWith: .exitCode(7)) {
            CrashGuard.install(command: "verify", patience: 1)
            for _ in 0..<4 {
                CrashGuard.expectProgress()
                let begin = clock()
                while clock() - begin < 600_000 {}
            }
            CrashGuard.expectProgress()
            usleep(1_500_000)
            exit(7)
        }
    }

    @Test("A crash ends the process with a message and exit code 1")
    func crash() async {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            CrashGuard.install(command: "recover")
            raise(SIGSEGV)
        }
        let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("daqctl recover: the HDF5 library has crashed on this file"), "\(said)")
    }
}
