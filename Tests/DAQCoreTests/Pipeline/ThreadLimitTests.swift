import DAQBuffer
import Glibc
import Synchronization
import Testing

@testable import DAQCore

/// A host without a thread left: whoever needs one is told so, and everything else goes on.
///
/// Each test is a process of its own, as a user whose threads nobody else counts.
@Suite(.enabled(if: getuid() == 0, "only root can become a user without other processes")) struct ThreadLimitTests {
    /// Lets this process have only so many threads; 0 is none more than it has now.
    private static func allowThreads(_ count: Int) {
        let resource = __rlimit_resource_t(__RLIMIT_NPROC.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        limit.rlim_cur = rlim_t(count)
        setrlimit(resource, &limit)
        // A run that gets its threads all the same would go on for ever.
        alarm(60)
        // The limit does not hold for root.
        setuid(uid_t(100_000 + Int(getpid())))
    }

    /// Threads that this process has now.
    private static var threads: Int {
        var count = 0
        guard let folder = opendir("/proc/self/task") else { return 0 }
        while let entry = readdir(folder) { if entry.pointee.d_name.0 != 46 { count += 1 } }
        closedir(folder)
        return count
    }

    @Test func aRunThatCannotBeginLeavesNothingOpen() async {
        await #expect(processExitsWith: .success) {
            let source = try FakeSource(count: .max)
            let sinks = [FakeSink("a"), FakeSink("b", onOpen: { Self.allowThreads(0) }), FakeSink("c")]
            let pipeline = Pipeline(
                from: source, describing: source.description, queueLimit: 4, sinks: { for sink in sinks { sink } })
            let missing = ThreadError(name: "daq-b", errno: EAGAIN)
            #expect(throws: missing) { try pipeline.start() }
            #expect(throws: missing) { try pipeline.wait(milliseconds: 1000) }
            #expect(sinks.map(\.notes.calls) == [["open", "close"], ["open", "close"], []])
            #expect(source.runs.load(ordering: .relaxed) == 1, "the source gives back what it has prepared")
        }
    }

    @Test func theThreadOfTheSourceIsMissing() async {
        await #expect(processExitsWith: .success) {
            let source = try FakeSource(count: .max)
            let pipeline = Pipeline(from: source, describing: source.description, queueLimit: 4, sinks: {})
            Self.allowThreads(0)
            #expect(throws: ThreadError(name: "daq-images", errno: EAGAIN)) { try pipeline.start() }
            #expect(source.runs.load(ordering: .relaxed) == 1)
        }
    }

    @Test func aSinkThatIsAddedGetsNoThreadAndTheRunGoesOn() async {
        await #expect(processExitsWith: .success) {
            let source = try FakeSource(count: .max)
            let first = FakeSink("first")
            let pipeline = Pipeline(from: source, describing: source.description, queueLimit: 4, sinks: { first })
            try pipeline.start()
            Self.allowThreads(0)
            let late = FakeSink("late")
            #expect(throws: ThreadError(name: "daq-late", errno: EAGAIN)) { try pipeline.add(late) }
            #expect(late.notes.calls == ["open", "close"])
            let before = first.notes.ids.count
            while first.notes.ids.count < before + 100 { try #require(try !pipeline.wait(milliseconds: 1)) }
            pipeline.stop()
            try pipeline.wait()
            #expect(pipeline.ledger.imbalance == nil)
            #expect(pipeline.ledger.sinks.map(\.name) == ["first"])
        }
    }

    /// With room for two of eight; threads of others that end meanwhile make room for a few more.
    @Test(arguments: [0, 2]) func receiversThatHaveStartedEndWhenAnotherCannot(more: Int) async {
        await #expect(processExitsWith: .success) { [more] in
            var configuration = DetectorConfiguration.smallJungfrau(modules: 8)
            configuration.bindAddress = "127.0.0.1"
            configuration.startUDPPort = 30_500 + 8 * Int(getpid() % 128)
            configuration.receive.threads = 8
            let source = try DetectorSource(
                configuration, into: try ImageRing(format: configuration.imageFormat, slots: 8), correcting: nil)
            try source.prepare()
            Self.allowThreads(more == 0 ? 0 : Self.threads + more)
            #expect(throws: ThreadError.self) { try source.run { _ in Issue.record("an image from nowhere") } }
            #expect(source.ledger == ReceiveLedger())
        }
    }
}
