import Glibc
import Testing

@testable import daqctl

/// Each test lives in a process of its own, since signals belong to processes.
struct StopSignalsTests {
    @Test func theFirstSignalAsksOnlyOnceAndLeavesTheProcessAlone() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
            let signals = try StopSignals.install { continuation.yield($0) }
            signals.deliver(SIGTERM)
            for await signal in stream where signal == SIGTERM { exit(7) }
        }
    }

    @Test func aSecondInterruptEndsTheProcessAtOnce() async {
        await #expect(processExitsWith: .exitCode(130)) {
            let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
            let signals = try StopSignals.install { continuation.yield($0) }
            signals.deliver(SIGINT)
            for await _ in stream { signals.deliver(SIGINT) }
        }
    }

    @Test func aSecondTerminationEndsTheProcessAtOnce() async {
        await #expect(processExitsWith: .exitCode(143)) {
            let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
            let signals = try StopSignals.install { continuation.yield($0) }
            signals.deliver(SIGINT)
            for await _ in stream { signals.deliver(SIGTERM) }
        }
    }
}
