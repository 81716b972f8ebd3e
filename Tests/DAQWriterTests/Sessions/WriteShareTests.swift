import DAQCore
import DAQSimulator
import Glibc
import Testing

@testable import DAQWriter

@Suite(.serialized) struct WriteShareTests {
    private func shares(_ count: Int) -> [WriteShare] { (1...count).compactMap { WriteShare($0, of: count) } }

    @Test func everyImageBelongsToExactlyOneShareAndIsCountedThere() {
        var random = SplitMix64(seed: 20)
        for _ in 0..<40 {
            let count = Int.random(in: 1...WriteShare.most, using: &random)
            let first = UInt64.random(in: 0...1 << 50, using: &random)
            let places = UInt64.random(in: 0...500, using: &random)
            for place in first..<first + places { #expect(shares(count).filter { $0.contains(place) }.count == 1) }
            for share in shares(count) {
                #expect(
                    share.images(of: places, from: first) == UInt64((first..<first + places).filter { share.contains($0) }.count))
            }
        }
    }

    @Test func sharesAreWrittenAsNumberAndCount() {
        #expect(WriteShare("2/3") == WriteShare(2, of: 3))
        for text in ["0/3", "4/3", "1/65", "1", "a/b", "1/2/3", "-1/3", ""] { #expect(WriteShare(text) == nil, "\(text)") }
        let share = WriteShare(2, of: 3)
        #expect(share?.path(of: "/a.b/run.h5") == "/a.b/run_share2of3.h5")
        #expect(share?.whole(of: "/a.b/run_share2of3.h5") == "/a.b/run.h5")
    }

    @Test func sessionsWithSharesBeginAndEndTogetherAndMissTheirOwnIdsOnly() {
        let ids: [UInt64] = [2, 4, 6, 12, 14, 18, 20, 22, 24, 26, 28]
        for extent in [WriteSession.Extent.images(6), .ids(4...20)] {
            var stored: [UInt64] = []
            var missing: UInt64 = 0
            for share in shares(3) {
                var session = WriteSession(extent, firstID: 4, seen: nil, idStep: 2, share: share, at: 0)
                session.created()
                let mine = ids.filter { session.arrived(ImageKey(id: $0), at: 0) }
                #expect(session.state == .flushing)
                #expect(session.progress.received == UInt64(mine.count))
                stored += mine
                missing += session.progress.missing
            }
            #expect(stored.sorted() == [4, 6, 12, 14, 18, 20])
            #expect(missing == 3, "8, 10 and 16 never came")
        }
    }

    @Test func aWriterThatIsBehindTheOthersBeginsWhereTheyDo() throws {
        let bench = try SessionBench()
        let behind = SessionWriter(
            for: TestImages.run(SessionBench.format), roots: try WriteRoots([bench.directory.path]), history: bench.ring,
            limit: 32)
        bench.send(1...3, and: behind)
        bench.send(4...5)
        var request = try bench.request("run", .images(10))
        request.share = WriteShare(1, of: 2)
        let first = try bench.writer.start(request)
        request.share = WriteShare(2, of: 2)
        let second = try behind.start(request)
        // These have come to the other one before it began.
        let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: SessionBench.format.bytes, alignment: 4096)
        defer { pixels.deallocate() }
        for id in 4...5 as ClosedRange<UInt64> {
            let lease = ImageLease(bytes: UnsafeRawBufferPointer(pixels)) {}
            behind.accept(Image(metadata: ImageMetadata(id: id), format: SessionBench.format, lease: lease))
        }
        bench.send(6...20, and: behind)
        _ = try bench.end(of: first)
        #expect(behind.wait(for: second, milliseconds: 20_000))
        let gathered = try GatheredShares(path: bench.directory.file("run.h5"))
        #expect(gathered.file.images == 10 && gathered.file.missingImages == 0)
        try bench.expect(bench.directory.file("run.h5"), holds: 6...15)
    }

    @Test func writersOfARunAgreeWhereItBegins() throws {
        let bench = try SessionBench()
        bench.send(1...5)
        var sessions: [Int] = []
        for share in shares(3) {
            var request = try bench.request("run", .images(20))
            request.share = share
            sessions.append(try bench.writer.start(request))
            // Those that come later begin with the same image, which is in the ring.
            bench.send(UInt64(4 + 2 * share.number)...UInt64(5 + 2 * share.number))
        }
        bench.send(12...40)
        for session in sessions { #expect(try bench.end(of: session).state == .finished) }
        let gathered = try GatheredShares(path: bench.directory.file("run.h5"))
        #expect(gathered.file.images == 20 && gathered.file.missingImages == 0 && gathered.recovered.isEmpty)
        try bench.expect(bench.directory.file("run.h5"), holds: 6...25)
        #expect(access(bench.directory.file("run.h5.shares"), F_OK) != 0, "nothing is left behind")
        #expect(throws: GatheredShares.Obstacle.done) { try GatheredShares(path: bench.directory.file("run.h5")) }
    }

    @Test func whatCannotBeSharedIsRefused() throws {
        let bench = try SessionBench()
        bench.send(1...5)
        func refusal(_ share: Int, of count: Int = 3, _ change: (inout WriteRequest) throws -> Void) throws -> String {
            var request = try bench.request("run", .images(4))
            request.share = WriteShare(share, of: count)
            try change(&request)
            return #expect(throws: WriteRefusal.self) { try bench.writer.start(request) }?.description ?? ""
        }
        var request = try bench.request("run", .images(4))
        request.share = WriteShare(1, of: 3)
        let first = try bench.writer.start(request)
        #expect(try refusal(2) { $0.extent = .images(5) }.contains("same request"))
        #expect(try refusal(2, of: 4) { _ in }.contains("same request"))
        #expect(try refusal(2) { $0.extent = .seconds(1) }.contains("number of images"))
        #expect(try refusal(2) { $0.overwrites = true }.contains("overwriting"))
        #expect(try refusal(2) { $0.output = try FileNameTemplate("run_{time}.h5") }.contains("{time}"))
        #expect(throws: GatheredShares.Obstacle.writing([1])) { try GatheredShares(path: bench.directory.file("run.h5")) }
        bench.send(6...20)
        _ = try bench.end(of: first)
        #expect(throws: GatheredShares.Obstacle.absent([2, 3])) { try GatheredShares(path: bench.directory.file("run.h5")) }
        #expect(throws: GatheredShares.Obstacle.none) { try GatheredShares(path: bench.directory.file("other.h5")) }
    }
}
