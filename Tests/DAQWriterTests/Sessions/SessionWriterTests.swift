import DAQBuffer
import DAQCore
import Glibc
import Testing

@testable import DAQWriter

@Suite(.serialized) struct SessionWriterTests {
    @Test func sessionsOfAllKindsWriteTheirOwnImagesAtTheSameTime() throws {
        let bench = try SessionBench()
        let number = try bench.writer.start(bench.request("number", .images(5)))
        let range = try bench.writer.start(bench.request("range", .ids(3...8)))
        let late = try bench.writer.start(bench.request("late", .images(2), from: .id(9)))
        let all = try bench.writer.start(bench.request("all/{detector}_{date}"))
        bench.send(1...12)
        bench.writer.stop(all)
        #expect(try bench.end(of: number).state == .finished)
        #expect(try bench.end(of: range).state == .finished)
        #expect(try bench.end(of: late).state == .finished)
        let last = try bench.end(of: all)
        #expect(last.state == .finished)
        #expect(last.progress.flushed == 12)
        #expect(last.path.hasPrefix("\(bench.directory.path)/all/test-detector_20"))
        try bench.expect(bench.directory.file("number.h5"), holds: 1...5)
        try bench.expect(bench.directory.file("range.h5"), holds: 3...8)
        try bench.expect(bench.directory.file("late.h5"), holds: 9...10)
        try bench.expect(last.path, holds: 1...12)
        bench.writer.close()
        #expect(bench.ring.freeCount == 64, "nothing is held any more")
    }

    @Test func sessionsBeginAndEndWhileImagesFlow() throws {
        let bench = try SessionBench()
        bench.send(1...3)
        let first = try bench.writer.start(bench.request("first"))
        bench.send(4...6)
        let second = try bench.writer.start(bench.request("second"))
        bench.send(7...9)
        #expect(bench.writer.stop(first))
        #expect(!bench.writer.stop(first), "it is stopped already")
        bench.send(10...11)
        #expect(bench.writer.cancel(second))
        bench.send(12...13)
        #expect(try bench.end(of: first).state == .finished)
        #expect(try bench.end(of: second).state == .cancelled)
        try bench.expect(bench.directory.file("first.h5"), holds: 4...9)
        try bench.expect(bench.directory.file("second.h5"), holds: 7...11)
        #expect(bench.writer.sessions.map(\.id) == [first, second])
        #expect(bench.writer.status(of: 99) == nil)
    }

    @Test func aSessionReachesBackIntoTheRing() throws {
        let bench = try SessionBench(slots: 16)
        bench.send(1...40)
        let back = try bench.writer.start(bench.request("back", .images(8), from: .back(5)))
        let exact = try bench.writer.start(bench.request("exact", .images(10), from: .id(30)))
        let range = try bench.writer.start(bench.request("range", .ids(28...34)))
        bench.send(41...44)
        for id in [back, exact, range] { #expect(try bench.end(of: id).state == .finished) }
        try bench.expect(bench.directory.file("back.h5"), holds: 36...43)
        try bench.expect(bench.directory.file("exact.h5"), holds: 30...39)
        try bench.expect(bench.directory.file("range.h5"), holds: 28...34)
    }

    @Test func whatTheRingDoesNotHoldAnyMoreIsToldAndNotSilentlyLeftOut() throws {
        let bench = try SessionBench(slots: 16)
        bench.send(1...40)
        let refusal = #expect(throws: WriteRefusal.self) {
            try bench.writer.start(bench.request("back", .images(8), from: .back(17)))
        }
        #expect(refusal?.code == .history)
        #expect(refusal?.description.contains("16 images back") == true, "\(refusal?.description ?? "")")
        let gone = try bench.writer.start(bench.request("gone", .untilStopped, from: .id(20)))
        bench.send([41])
        let status = try bench.end(of: gone)
        guard case .failed(let reason) = status.state else {
            Issue.record("\(status.state)")
            return
        }
        #expect(reason.contains("image 20 has passed"), "\(reason)")
    }

    @Test func anImageHeldByAnotherInTheMiddleDoesNotMakeAHole() throws {
        let bench = try SessionBench(slots: 8)
        bench.send(1...2)
        let held = bench.ring.image(ImageKey(id: 2))
        bench.send(3...20)
        // 2 is still there, 3 to 13 are not: 2 must not be taken for the one before 14.
        let gone = try bench.writer.start(bench.request("gone", .untilStopped, from: .id(5)))
        bench.send([21])
        guard case .failed = try bench.end(of: gone).state else {
            Issue.record("images 5 to 13 were taken for missing ones")
            return
        }
        withExtendedLifetime(held) {}
    }

    @Test func nothingIsOverwrittenAndNoTwoSessionsShareAFile() throws {
        let bench = try SessionBench()
        #expect(try Shell.run("/bin/sh", ["-c", "echo precious > \(bench.directory.file("there.h5"))"]).status == 0)
        let first = #expect(throws: WriteRefusal.self) { try bench.writer.start(bench.request("there")) }
        #expect(first?.code == .exists)
        #expect(first?.description.contains("there.h5") == true)
        #expect(try Shell.run("/bin/cat", [bench.directory.file("there.h5")]).output == "precious\n")
        let open = try bench.writer.start(bench.request("open"))
        let second = #expect(throws: WriteRefusal.self) { try bench.writer.start(bench.request("./open.h5")) }
        #expect(second?.code == .exists)
        bench.send(1...3)
        bench.writer.close()
        #expect(try bench.end(of: open).state == .finished)
        try bench.expect(bench.directory.file("open.h5"), holds: 1...3)
        let over = #expect(throws: WriteRefusal.self) { try bench.writer.start(bench.request("next")) }
        #expect(over?.code == .busy)
    }

    @Test func noTwoSessionsShareTheNamesOfParts() throws {
        let bench = try SessionBench()
        let scan = try bench.writer.start(bench.request("scan"))
        for name in ["scan_000001", "scan_000012.h5", "scan.h5.new", "scan_000001.h5.partial"] {
            let refusal = #expect(throws: WriteRefusal.self) { try bench.writer.start(bench.request(name)) }
            #expect(refusal?.code == .exists, "\(name)")
            #expect(refusal?.description.contains("scan.h5 and its parts") == true, "\(refusal?.description ?? "")")
        }
        let other = try bench.writer.start(bench.request("other_000001"))
        #expect(throws: WriteRefusal.self) { try bench.writer.start(bench.request("other")) }
        let third = try bench.writer.start(bench.request("scan_1"))
        bench.send(1...3)
        bench.writer.close()
        for id in [scan, other, third] { #expect(try bench.end(of: id).state == .finished) }
    }

    @Test func theEndOfTheSourceIsTheEndOfEverySession() throws {
        let bench = try SessionBench()
        let number = try bench.writer.start(bench.request("number", .images(5)))
        let open = try bench.writer.start(bench.request("open"))
        let waiting = try bench.writer.start(bench.request("waiting", .ids(50...60)))
        bench.send(1...3)
        bench.writer.close()
        #expect(try bench.end(of: number).state == .interrupted("no more images come"))
        #expect(try bench.end(of: open).state == .finished)
        #expect(try bench.end(of: waiting).state == .interrupted("no more images come"))
        try bench.expect(bench.directory.file("number.h5"), holds: 1...3)
        try bench.expect(bench.directory.file("waiting.h5"), holds: [])
    }

    @Test(arguments: FileMode.allCases) func progressIsWhatIsOnTheDisk(mode: FileMode) throws {
        let bench = try SessionBench()
        var request = try bench.request("parts")
        request.options.mode = mode
        request.options.imagesPerPart = 4
        let id = try bench.writer.start(request)
        bench.send(1...10)
        let status = try bench.wait(for: id) { $0.progress.flushed >= 8 }
        #expect(status.state == .writing)
        #expect(status.progress.written == 10)
        bench.writer.stop(id)
        #expect(try bench.end(of: id).progress.flushed == 10)
        try bench.expect(bench.directory.file("parts.h5"), holds: 1...10)
    }

    #if Compression
        @Test(arguments: [FileCompression.bslz4, .bszstd])
        func imagesArePackedByOtherThreads(compression: FileCompression) throws {
            let bench = try SessionBench()
            var request = try bench.request("packed", .images(30))
            request.compression = compression
            let id = try bench.writer.start(request)
            bench.send(1...30)
            let status = try bench.end(of: id)
            #expect(status.state == .finished)
            #expect(status.progress.bytes < UInt64(30 * SessionBench.format.bytes))
            try bench.expect(bench.directory.file("packed.h5"), holds: 1...30)
        }
    #else
        @Test func withoutTheTraitPackingIsRefused() throws {
            let bench = try SessionBench()
            var request = try bench.request("packed", .images(30))
            request.compression = .bslz4
            let refusal = #expect(throws: WriteRefusal.self) { try bench.writer.start(request) }
            #expect(refusal?.code == .unsupported)
            #expect(refusal?.description.contains("--traits Compression") == true)
        }
    #endif
}
