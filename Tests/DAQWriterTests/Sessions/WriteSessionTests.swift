import DAQCore
import DAQSimulator
import DAQWriter
import Testing

@Suite struct WriteSessionTests {
    /// A session whose file is there, told of images of one segment, one a second.
    private func session(
        _ extent: WriteSession.Extent, firstID: UInt64? = nil, seen: ImageKey? = nil, step: UInt64 = 1, patience: Double? = nil
    ) -> WriteSession {
        var session = WriteSession(extent, firstID: firstID, seen: seen, idStep: step, patience: patience, at: 0)
        session.created()
        return session
    }

    private func taken(_ ids: some Sequence<UInt64>, segment: UInt32 = 0, by session: inout WriteSession) -> [UInt64] {
        ids.filter { session.arrived(ImageKey(segment: segment, id: $0), at: $0 * 1_000_000_000) }
    }

    @Test func aNumberOfImagesIsCountedFromTheNextOneOn() {
        var session = session(.images(3))
        #expect(session.state == .waitingForFirstImage)
        #expect(taken([7], by: &session) == [7])
        #expect(session.state == .writing)
        #expect(taken([8, 10, 11, 12], by: &session) == [8, 10])
        #expect(session.state == .flushing)
        #expect(session.progress.missing == 1, "id 9 never came")
        session.stored(3, flushed: 3, bytes: 30)
        session.closed()
        #expect(session.state == .finished)
        #expect(session.progress.flushed == 3)
        #expect(session.progress.waiting == 0)
    }

    @Test func theFirstImageIsExactlyTheOneAskedFor() {
        var session = session(.images(2), firstID: 5)
        #expect(taken([3, 4], by: &session) == [])
        #expect(session.state == .waitingForFirstImage)
        #expect(taken([5, 6, 7], by: &session) == [5, 6])
        #expect(session.progress.first == ImageKey(id: 5))
        #expect(session.progress.missing == 0)
    }

    @Test func aFirstImageThatNeverComesIsMissingAndTheNextOneIsTaken() {
        var session = session(.images(2), firstID: 5)
        #expect(taken([4, 7, 8], by: &session) == [7, 8])
        #expect(session.progress.missing == 2)
    }

    @Test func anImageThatHasPassedFailsTheSessionInsteadOfHangingIt() {
        var session = session(.untilStopped, firstID: 5, seen: ImageKey(id: 100))
        #expect(taken([101], by: &session) == [])
        guard case .failed(let reason) = session.state else {
            Issue.record("\(session.state)")
            return
        }
        #expect(reason.contains("image 5 has passed"), "\(reason)")
    }

    @Test func aSessionThatWaitsForAnIDWaitsForItInTheNextCount() {
        var session = session(.images(2), firstID: 5, seen: ImageKey(id: 100))
        #expect(taken(1...9, segment: 1, by: &session) == [5, 6])
        session.closed()
        #expect(session.progress.first == ImageKey(segment: 1, id: 5))
    }

    @Test func aRangeEndsWithItsLastIDOrWithALaterOne() {
        var exact = session(.ids(10...12))
        #expect(taken(8...14, by: &exact) == [10, 11, 12])
        #expect(exact.progress.missing == 0)
        var holes = session(.ids(10...20))
        #expect(taken([9, 11, 15, 21, 22], by: &holes) == [11, 15])
        #expect(holes.state == .flushing)
        #expect(holes.progress.missing == 9, "10, 12 to 14, 16 to 20")
        var none = session(.ids(10...12))
        #expect(taken([9, 13], by: &none) == [])
        none.closed()
        #expect(none.state == .finished)
        #expect(none.progress.missing == 3)
    }

    @Test func aRangeThatHasPassedIsAFailure() {
        var session = session(.ids(10...12))
        #expect(taken([13], by: &session) == [])
        guard case .failed(let reason) = session.state else {
            Issue.record("\(session.state)")
            return
        }
        #expect(reason.contains("10 to 12 have passed"), "\(reason)")
    }

    @Test func aRangeOfWhichImagesHaveComeEndsWhenTheCounterStartsAgain() {
        var session = session(.ids(1...100))
        #expect(taken(1...5, by: &session) == [1, 2, 3, 4, 5])
        #expect(taken([1], segment: 1, by: &session) == [])
        session.closed()
        guard case .interrupted(let reason) = session.state else {
            Issue.record("\(session.state)")
            return
        }
        #expect(reason.contains("after image 5"), "\(reason)")
    }

    @Test func otherSessionsGoOnWhenTheCounterStartsAgain() {
        var session = session(.images(4))
        #expect(taken([8, 9], by: &session) == [8, 9])
        #expect(taken([1, 2, 3], segment: 1, by: &session) == [1, 2])
        #expect(session.progress.missing == 0)
        #expect(session.state == .flushing)
    }

    @Test func stepsBetweenIDsAreNotMissing() {
        var session = session(.ids(0...95), step: 10)
        #expect(taken([0, 10, 40, 90, 100], by: &session) == [0, 10, 40, 90])
        #expect(session.progress.missing == 6, "20 and 30, 50 to 80")
        #expect(session.state == .flushing, "no image fits between 90 and 95")
    }

    @Test func secondsCountFromTheFirstImage() {
        var session = session(.seconds(3))
        session.tick(100_000_000_000)
        #expect(session.state == .waitingForFirstImage)
        #expect(taken(200...205, by: &session) == [200, 201, 202])
        var silent = self.session(.seconds(3))
        #expect(taken([5], by: &silent) == [5])
        silent.tick(8_000_000_000)
        #expect(silent.state == .flushing, "also when no image comes")
    }

    @Test func patienceEndsASessionWithoutImages() {
        var session = session(.ids(1...100), patience: 2)
        #expect(taken([1, 2], by: &session) == [1, 2])
        session.tick(3_999_999_999)
        #expect(session.state == .writing)
        session.tick(4_000_000_000)
        session.closed()
        #expect(session.state == .interrupted("no image came for 2.0 s"))
    }

    @Test(arguments: [WriteSession.Extent.images(5), .ids(1...5), .seconds(60), .untilStopped])
    func endings(extent: WriteSession.Extent) {
        let isOpen = extent == .untilStopped
        func end(_ body: (inout WriteSession) -> Void) -> WriteSession.State {
            var session = session(extent)
            _ = taken([1, 2], by: &session)
            body(&session)
            #expect(session.state == .flushing)
            session.closed()
            return session.state
        }
        #expect(end { $0.cancel() } == .cancelled)
        #expect(end { $0.interrupt("the program ends") } == .interrupted("the program ends"))
        #expect((end { $0.stop() } == .finished) == isOpen)
        #expect((end { $0.sourceEnded() } == .finished) == isOpen)
    }

    @Test func aFailureIsKnownAtOnceAndWhatWasNotStoredIsLost() {
        var session = session(.untilStopped)
        _ = taken(1...5, by: &session)
        session.stored(2, flushed: 1, bytes: 20)
        session.fail("the disk is full")
        #expect(session.state == .failed("the disk is full"))
        #expect(session.progress.waiting == 3)
        session.stored(2, flushed: 2, bytes: 20)
        session.closed()
        #expect(session.state == .failed("the disk is full"))
        #expect(session.progress.dropped == [.failed: 3])
        #expect(session.progress.flushed == 2)
        let wasTaking = session.stop()
        #expect(!wasTaking, "it is over already")
    }

    @Test(arguments: 0..<200) func everythingIsCountedWhateverHappens(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let first = UInt64.random(in: 0..<40, using: &random)
        let last = first + UInt64.random(in: 0..<40, using: &random)
        let extent: WriteSession.Extent =
            [
                .images(UInt64.random(in: 1...30, using: &random)), .ids(first...last),
                .seconds(Double.random(in: 0.1...30, using: &random)), .untilStopped,
            ].randomElement(using: &random) ?? .untilStopped
        let firstID = Bool.random(using: &random) ? first : nil
        var session = WriteSession(extent, firstID: firstID, patience: Bool.random(using: &random) ? 5 : nil, at: 0)
        var time: UInt64 = 0
        var key = ImageKey(id: UInt64.random(in: 0..<60, using: &random))
        var taken: [ImageKey] = []
        var written: UInt64 = 0
        for _ in 0..<120 {
            time += UInt64.random(in: 0..<1_000_000_000, using: &random)
            switch UInt8.random(in: 0..<100, using: &random) {
            case 0..<60:
                key.id += Bool.random(using: &random) ? 1 : UInt64.random(in: 1..<5, using: &random)
                if session.arrived(key, at: time) { taken.append(key) }
            case 60..<63: key = ImageKey(segment: key.segment + 1, id: UInt64.random(in: 0..<20, using: &random))
            case 63..<66:
                let isKnown = taken.contains(key)
                if session.arrived(key, at: time) {
                    #expect(!isKnown, "seed \(seed): an image was taken twice")
                    taken.append(key)
                }
            case 66..<70 where session.progress.waiting > 0: session.lost(.queueFull)
            case 70..<90 where session.progress.waiting > 0:
                written += 1
                session.stored(written, flushed: UInt64.random(in: 0...written, using: &random), bytes: written * 8)
            case 90..<94: session.tick(time)
            case 94..<96: session.created()
            case 96: session.fail("a fault")
            case 97: session.stop()
            default: break
            }
            let progress = session.progress
            let sum = progress.written + progress.lost + progress.waiting
            #expect(progress.received == sum, "seed \(seed)")
            #expect(progress.flushed <= progress.written, "seed \(seed)")
        }
        session.sourceEnded()
        #expect(!session.isTaking, "seed \(seed)")
        session.closed()
        #expect(session.state.isFinal, "seed \(seed): \(session.state)")
        #expect(session.progress.waiting == 0, "seed \(seed)")
        #expect(taken == taken.sorted() && Set(taken).count == taken.count, "seed \(seed)")
        if case .ids(let ids) = extent {
            #expect(taken.allSatisfy { ids.contains($0.id) && $0.segment == taken[0].segment }, "seed \(seed)")
        } else if let firstID {
            #expect(taken.first.map { $0.id >= firstID } ?? true, "seed \(seed)")
        }
        if case .images(let count) = extent { #expect(taken.count <= count, "seed \(seed)") }
    }
}
