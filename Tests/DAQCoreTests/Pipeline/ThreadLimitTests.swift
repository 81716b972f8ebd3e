import DAQBuffer
import Glibc
import Synchronization
import Testing

@testable import DAQCore

/// A host without a thread left: whoever needs one is told so, and everything else goes on.
///
/// Each test is a process of its own, as a user whose threads nobody else counts.
@Suite(.enabled(if: getuid() == 0, "only root can become a user without other processes")) struct ThreadLimitTests {
    /// Lets this process have so many threads more than it has now.
    private static func allowThreads(_ count: Int) {
        let resource = __rlimit_resource_t(__RLIMIT_NPROC.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        var threads = 0
        if let folder = opendir("/proc/self/task") {
            while let entry = readdir(folder) { if entry.pointee.d_name.0 != 46 { threads += 1 } }
            closedir(folder)
        }
        limit.rlim_cur = rlim_t(threads + count)
        setrlimit(resource, &limit)
        // The limit does not hold for root.
        setuid(uid_t(100_000 + Int(getpid())))
    }

    private static func source() throws -> (DetectorConfiguration, ImageRing) {
        var configuration = DetectorConfiguration.smallJungfrau(modules: 4)
        configuration.bindAddress = "127.0.0.1"
        configuration.startUDPPort = 30_500 + 4 * Int(getpid() % 256)
        configuration.receive.threads = 4
        return (configuration, try ImageRing(format: configuration.imageFormat, slots: 8))
    }

    @Test(arguments: [0, 1]) func aRunThatCannotBeginLeavesNothingOpen(threads: Int) async {
        await #expect(processExitsWith: .success) { [threads] in
            let source = try FakeSource(count: .max)
            let sinks = [FakeSink("a"), FakeSink("b")]
            let pipeline = Pipeline(
                from: source, describing: source.description, queueLimit: 4, sinks: { for sink in sinks { sink } })
            Self.allowThreads(threads)
            let error = #expect(throws: ThreadError.self) { try pipeline.start() }
            #expect(error?.errno == EAGAIN && error?.name == (threads == 0 ? "daq-a" : "daq-b"))
            #expect(throws: ThreadError.self) { try pipeline.wait(milliseconds: 1000) }
            #expect(sinks.map(\.notes.calls) == [["open", "close"], threads == 0 ? [] : ["open", "close"]])
            #expect(source.runs.load(ordering: .relaxed) == 1, "the source gives back what it has prepared")
        }
    }

    @Test func theThreadOfTheSourceIsMissing() async {
        await #expect(processExitsWith: .success) {
            let source = try FakeSource(count: .max)
            let sink = FakeSink()
            let pipeline = Pipeline(from: source, describing: source.description, queueLimit: 4, sinks: { sink })
            Self.allowThreads(1)
            #expect(throws: ThreadError(name: "daq-images", errno: EAGAIN)) { try pipeline.start() }
            #expect(sink.notes.calls == ["open", "close"])
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

    @Test(arguments: [0, 1, 3]) func receiversThatHaveStartedEndWhenAnotherCannot(threads: Int) async {
        await #expect(processExitsWith: .success) { [threads] in
            let (configuration, ring) = try Self.source()
            let source = try DetectorSource(configuration, into: ring, correcting: nil)
            try source.prepare()
            Self.allowThreads(threads)
            #expect(throws: ThreadError(name: "daq-recv-\(threads)", errno: EAGAIN)) {
                try source.run { _ in Issue.record("an image from nowhere") }
            }
            #expect(source.ledger == ReceiveLedger())
        }
    }
}
