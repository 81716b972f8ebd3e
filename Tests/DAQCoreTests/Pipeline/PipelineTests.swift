import DAQBuffer
import Dispatch
import Synchronization
import Testing

@testable import DAQCore

@Suite struct PipelineTests {
    private func pipeline(
        _ source: FakeSource, limit: Int = 64, stages: [any ImageStage] = [], sinks: [any ImageSink]
    ) -> Pipeline {
        Pipeline(
            from: source, describing: source.description, queueLimit: limit,
            stages: { for stage in stages { stage } }, sinks: { for sink in sinks { sink } })
    }

    @Test func everySinkGetsEveryImageInOrder() throws {
        let source = try FakeSource(count: 500, slots: 600)
        let sinks = [FakeSink("a"), FakeSink("b")]
        let pipeline = pipeline(source, limit: 600, sinks: sinks)
        try pipeline.start()
        #expect(try pipeline.wait())
        for sink in sinks {
            #expect(sink.notes.ids == Array(1...500))
            #expect(sink.notes.calls == ["open", "close"])
        }
        #expect(pipeline.ledger.imbalance == nil)
        #expect(pipeline.ledger.sinks.map(\.stored) == [500, 500])
        #expect(source.ring.freeCount == 600, "every slot has come back")
    }

    @Test func theRunEndsAfterAsManyImagesAsWanted() throws {
        let source = try FakeSource(count: .max)
        let sink = FakeSink()
        let pipeline = pipeline(source, sinks: [sink])
        try pipeline.start(images: 5)
        try pipeline.wait()
        #expect(pipeline.ledger.chain.entered == 5)
        #expect(sink.notes.ids.count == 5)
        #expect(pipeline.ledger.imbalance == nil)
    }

    @Test(arguments: [0, -1]) func noImagesWantedMeansNone(images: Int) throws {
        let source = try FakeSource(count: .max)
        let pipeline = pipeline(source, sinks: [FakeSink()])
        try pipeline.start(images: images)
        try pipeline.wait()
        #expect(pipeline.ledger.chain.entered == 0)
    }

    @Test func stoppingEndsTheRunEvenWhenItComesFirst() throws {
        let source = try FakeSource(count: .max)
        let sink = FakeSink()
        let pipeline = pipeline(source, sinks: [sink])
        pipeline.stop()
        try pipeline.start()
        pipeline.stop()
        try pipeline.wait()
        #expect(sink.notes.calls == ["open", "close"])
    }

    @Test func waitingMayBeDoneTwiceAndByMany() throws {
        let source = try FakeSource(count: .max)
        let pipeline = pipeline(source, sinks: [FakeSink()])
        try pipeline.start()
        #expect(try pipeline.wait(milliseconds: 20) == false)
        pipeline.stop()
        DispatchQueue.concurrentPerform(iterations: 4) { _ in _ = try? pipeline.wait() }
        #expect(try pipeline.wait())
        #expect(try pipeline.wait(milliseconds: 0))
    }

    @Test func aPipelineRunsOnce() async {
        await #expect(processExitsWith: .failure) {
            let source = try FakeSource(count: 1)
            let pipeline = Pipeline(from: source, describing: source.description, queueLimit: 4, sinks: { FakeSink() })
            try pipeline.start()
            try pipeline.wait()
            try pipeline.start()
        }
    }

    // MARK: Sinks that fail or are slow

    @Test func aSinkThatCannotOpenEndsTheStartAndClosesTheOthers() throws {
        let source = try FakeSource(count: .max)
        let sinks = [FakeSink("a"), FakeSink("b", failsIn: "open"), FakeSink("c")]
        let pipeline = pipeline(source, sinks: sinks)
        let failure = FakeFailure(description: "b fails in open")
        #expect(throws: failure) { try pipeline.start() }
        #expect(sinks.map(\.notes.calls) == [["open", "close"], ["open"], []])
        #expect(throws: failure, "waiting says so instead of waiting for ever") { try pipeline.wait(milliseconds: 1000) }
        #expect(source.runs.load(ordering: .relaxed) == 1, "the source gives back what it has prepared")
    }

    @Test func aSourceThatCannotPrepareOpensNoSink() throws {
        let source = try FakeSource(count: 1, prepareFailure: FakeFailure(description: "port in use"))
        let sink = FakeSink()
        let pipeline = pipeline(source, sinks: [sink])
        #expect(throws: FakeFailure(description: "port in use")) { try pipeline.start() }
        #expect(sink.notes.calls.isEmpty)
        #expect(source.runs.load(ordering: .relaxed) == 0)
    }

    @Test func aSinkThatFailsOnceGetsNoMoreAndHarmsNoOther() throws {
        let source = try FakeSource(count: 10, slots: 16)
        let sinks = [FakeSink("bad", failsIn: "accept"), FakeSink("good")]
        let pipeline = pipeline(source, sinks: sinks)
        try pipeline.start()
        try pipeline.wait()
        let ledger = pipeline.ledger
        #expect(sinks[0].notes.ids == [1, 2])
        #expect(sinks[0].notes.calls == ["open", "close"], "it is closed all the same")
        #expect(ledger.sinks[0].stored == 2)
        #expect(ledger.sinks[0].dropped == [.failed: 8])
        #expect(ledger.sinks[0].failure == "no room for image 3")
        #expect(sinks[1].notes.ids == Array(1...10))
        #expect(ledger.imbalance == nil)
        #expect(source.ring.freeCount == 16)
    }

    @Test func aFailureInCloseIsShown() throws {
        let source = try FakeSource(count: 2)
        let pipeline = pipeline(source, sinks: [FakeSink("late", failsIn: "close")])
        try pipeline.start()
        try pipeline.wait()
        #expect(pipeline.ledger.sinks[0].failure == "late fails in close")
        #expect(pipeline.ledger.sinks[0].stored == 2)
    }

    @Test func aSlowSinkMakesTheRingDropNewImagesAndNothingElse() throws {
        let source = try FakeSource(count: 50, slots: 4)
        let gate = DispatchSemaphore(value: 0)
        let sink = FakeSink("slow") { _ in gate.wait() }
        let pipeline = pipeline(source, limit: 4, sinks: [sink])
        try pipeline.start()
        // All slots are held, so the source runs to its end without a free one.
        while pipeline.ledger.receive.images.expected < 50 {}
        for _ in 0..<50 { gate.signal() }
        try pipeline.wait()
        let ledger = pipeline.ledger
        #expect(sink.notes.ids == [1, 2, 3, 4])
        #expect(ledger.receive.images.dropped == [.noFreeSlot: 46])
        #expect(ledger.sinks[0].highWater <= 4)
        #expect(ledger.imbalance == nil)
        #expect(source.ring.freeCount == 4)
    }

    @Test func aFullQueueDropsAndCounts() throws {
        let source = try FakeSource(count: 20, slots: 32)
        let gate = DispatchSemaphore(value: 0)
        let slow = FakeSink("slow") { _ in gate.wait() }
        let fast = FakeSink("fast")
        let pipeline = Pipeline(
            from: source, describing: source.description, queueLimit: 3,
            sinks: {
                slow
                fast
            })
        try pipeline.start()
        while pipeline.ledger.chain.entered < 20 {}
        #expect(pipeline.ledger.sinks[0].imbalance == nil, "it balances while the run goes on")
        for _ in 0..<20 { gate.signal() }
        try pipeline.wait()
        let ledger = pipeline.ledger.sinks[0]
        #expect(ledger.offered == 20)
        #expect((3...4).contains(ledger.stored), "one in its hands, three in the queue")
        #expect(ledger.dropped == [.queueFull: 20 - ledger.stored])
        #expect(pipeline.ledger.imbalance == nil)
    }

    @Test func aLiveSinkThatIsSlowHoldsFewSlotsAndGetsTheNewest() throws {
        let source = try FakeSource(count: 50, slots: 6)
        let gate = DispatchSemaphore(value: 0)
        let live = FakeSink("live", demand: .newest(2)) { _ in gate.wait() }
        let pipeline = pipeline(source, limit: 6, sinks: [live])
        try pipeline.start()
        while pipeline.ledger.chain.entered < 50 {}
        for _ in 0..<50 { gate.signal() }
        try pipeline.wait()
        let ledger = pipeline.ledger
        #expect(ledger.receive.images.dropped == [:], "it has never held more than three of six slots")
        #expect(live.notes.ids.suffix(2) == [49, 50])
        #expect(ledger.sinks[0].dropped == [.superseded: 50 - ledger.sinks[0].stored] && ledger.sinks[0].stored <= 4)
        #expect(ledger.imbalance == nil)
    }

    @Test func aSourceThatFailsDeliversFirstAndThrowsInWait() throws {
        let source = try FakeSource(count: 3, runFailure: FakeFailure(description: "socket gone"))
        let sink = FakeSink()
        let pipeline = pipeline(source, sinks: [sink])
        try pipeline.start()
        for _ in 0..<2 { #expect(throws: FakeFailure(description: "socket gone")) { try pipeline.wait() } }
        #expect(sink.notes.ids == [1, 2, 3])
        #expect(sink.notes.calls == ["open", "close"])
    }

    @Test func aPipelineThatEndedIsFreed() throws {
        weak var ended: Pipeline?
        do {
            let source = try FakeSource(count: 3)
            let pipeline = pipeline(source, sinks: [FakeSink()])
            ended = pipeline
            try pipeline.start()
            try pipeline.wait()
        }
        #expect(ended == nil)
    }

    // MARK: Stages

    @Test func stagesKeepDropAnnotateAndFail() throws {
        let source = try FakeSource(count: 12, slots: 16)
        let seen = Mutex<[Image]>([])
        let sink = FakeSink("sink") { image in seen.withLock { $0.append(image) } }
        let stages: [any ImageStage] = [
            FakeStage("parity") { .keep([Annotation("odd", .flag($0.metadata.id % 2 == 1))]) },
            FakeStage("filter") { $0.metadata.id % 3 == 0 ? .drop(reason: "divisible") : .keep() },
            FakeStage("broken") { image in
                if image.metadata.id == 4 { throw FakeFailure(description: "does not like 4") }
                return .keep([Annotation("fine", .integer(1))])
            },
        ]
        let pipeline = pipeline(source, stages: stages, sinks: [sink])
        try pipeline.start()
        try pipeline.wait()
        let images = seen.withLock { images in
            defer { images = [] }
            return images
        }
        #expect(images.map(\.metadata.id) == [1, 2, 4, 5, 7, 8, 10, 11])
        #expect(images[1].metadata.annotations == [Annotation("odd", .flag(false)), Annotation("fine", .integer(1))])
        #expect(images[2].metadata.annotations == [Annotation("odd", .flag(false))], "without those of the stage that failed")
        #expect(images.allSatisfy { $0.metadata.chainRevision == 1 })
        let ledger = pipeline.ledger
        #expect(ledger.chain.entered == 12)
        #expect(ledger.chain.kept == 7)
        #expect(ledger.chain.dropped == [StageReason(stage: "filter", reason: "divisible"): 4])
        #expect(ledger.chain.failed == [StageReason(stage: "broken", reason: "does not like 4"): 1])
        #expect(ledger.sinks[0].offered == 8)
        #expect(ledger.imbalance == nil)
    }

    @Test func reasonsThatNameTheirImageDoNotFillTheLedger() throws {
        let source = try FakeSource(count: 1000, slots: 16)
        let stages: [any ImageStage] = [
            FakeStage("filter") { $0.metadata.id % 2 == 0 ? .drop(reason: "image \($0.metadata.id) is even") : .keep() },
            FakeStage("broken") { throw FakeFailure(description: "cannot read image \($0.metadata.id)") },
        ]
        let pipeline = pipeline(source, stages: stages, sinks: [])
        try pipeline.start()
        try pipeline.wait()
        let ledger = pipeline.ledger.chain
        let entered = Int(ledger.entered)
        for (table, stage) in [(ledger.dropped, "filter"), (ledger.failed, "broken")] {
            #expect(table.count == 101)
            #expect(table[StageReason(stage: stage, reason: "other")] == UInt64(entered / 2 - 100))
        }
        #expect(ledger.imbalance == nil)
    }

    @Test func withoutThreadsThePipelineDoesTheSame() throws {
        let stage = FakeStage("filter") { $0.metadata.id % 4 == 0 ? .drop(reason: "divisible") : .keep() }
        let source = try FakeSource(count: 20, slots: 24)
        let threaded = FakeSink("bad", failsIn: "accept")
        let pipeline = pipeline(source, stages: [stage], sinks: [threaded])
        try pipeline.start(images: 10)
        try pipeline.wait()

        let ring = try FakeSource(count: 0, slots: 24)
        let sink = FakeSink("bad", failsIn: "accept")
        let threadless = ThreadlessPipeline(queueLimit: 64, images: 10, stages: [stage], sinks: [sink])
        try threadless.open(ring.description)
        for id in 1...12 as ClosedRange<UInt64> {
            let slot = try #require(ring.ring.claim(for: id))
            #expect(threadless.deliver(ring.ring.publish(slot, ImageMetadata(id: id))) == (id < 10))
            // Some wait, some are served at once.
            if id % 2 == 0 { #expect(threadless.serveNext(ofSink: 0)) }
        }
        threadless.finish()
        #expect(!threadless.serveNext(ofSink: 0))
        #expect(sink.notes.calls == threaded.notes.calls)
        #expect(sink.notes.ids == threaded.notes.ids)
        #expect(threadless.ledger.chain == pipeline.ledger.chain)
        var (found, expected) = (threadless.ledger.sinks, pipeline.ledger.sinks)
        // How many wait at a time depends on the threads.
        found[0].highWater = 0
        expected[0].highWater = 0
        #expect(found == expected)
        #expect(ring.ring.freeCount == 24)
    }

    @Test func anImbalanceIsSaid() {
        var chain = ChainLedger()
        chain.entered = 2
        chain.kept = 1
        #expect(chain.imbalance != nil)
        var sink = SinkLedger(name: "s")
        sink.offered = 1
        #expect(sink.imbalance != nil)
        var packets = PacketLedger()
        packets.received = 3
        packets.held = 2
        #expect(packets.imbalance != nil)
        packets.late = 1
        #expect(packets.imbalance == nil)
    }

    @Test func sinksComeAndGoWhileImagesFlow() throws {
        let source = try FakeSource(count: .max, slots: 16)
        let staying = FakeSink("staying")
        let pipeline = pipeline(source, limit: 16, sinks: [staying])
        try pipeline.start()
        for round in 1...20 {
            let guest = FakeSink("guest")
            try pipeline.add(guest)
            while guest.notes.ids.count < 5 { try #require(try !pipeline.wait(milliseconds: 1)) }
            #expect(throws: PipelineError.nameTaken("guest")) { try pipeline.add(FakeSink("guest")) }
            try pipeline.remove(named: "guest")
            #expect(guest.notes.calls == ["open", "close"], "round \(round)")
            #expect(guest.notes.ids == guest.notes.ids.sorted())
        }
        #expect(throws: PipelineError.noSuchSink("guest", known: ["staying"])) { try pipeline.remove(named: "guest") }
        let refused = FakeSink("refused", failsIn: "open")
        #expect(throws: FakeFailure.self) { try pipeline.add(refused) }
        pipeline.stop()
        try pipeline.wait()
        #expect(throws: PipelineError.notRunning) { try pipeline.add(FakeSink("late")) }
        #expect(throws: PipelineError.notRunning) { try pipeline.remove(named: "staying") }
        let ledger = pipeline.ledger
        #expect(ledger.imbalance == nil)
        #expect(ledger.sinks.map(\.name) == Array(repeating: "guest", count: 20) + ["staying"])
        #expect(source.ring.freeCount == 16, "every slot has come back")
    }

    @Test func aSinkThatIsRemovedHasNoImagesWaiting() throws {
        let source = try FakeSource(count: .max, slots: 16)
        let pipeline = pipeline(source, limit: 16, sinks: [])
        try pipeline.start()
        for round in 1...300 {
            try pipeline.add(FakeSink("guest \(round)", demand: round % 2 == 0 ? .newest(1) : .every))
            try pipeline.remove(named: "guest \(round)")
        }
        pipeline.stop()
        try pipeline.wait()
        let ledger = pipeline.ledger
        #expect(ledger.sinks.count == 300 && ledger.sinks.allSatisfy { $0.waiting == 0 })
        #expect(ledger.imbalance == nil)
    }

    @Test func aSinkAddedBeforeTheStartIsOpenedByIt() throws {
        let source = try FakeSource(count: 10, slots: 16)
        let pipeline = pipeline(source, sinks: [])
        let sink = FakeSink()
        try pipeline.add(sink)
        #expect(sink.notes.calls.isEmpty)
        try pipeline.start()
        try pipeline.wait()
        #expect(sink.notes.ids == Array(1...10))
    }
}
