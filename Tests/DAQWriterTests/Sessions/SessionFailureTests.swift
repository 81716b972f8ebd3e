import DAQBuffer
import DAQCore
import Glibc
import Testing

@testable import DAQWriter

/// A session that fails costs nobody else anything, says why, and leaves a valid file.
@Suite(.serialized) struct SessionFailureTests {
    private let format = ImageFormat(width: 512, height: 256, pixelType: .uint16)

    /// Runs a session in `directory` beside one that is well, and breaks it in the middle.
    ///
    /// - Returns: how the first one ended.
    private func fail(
        in directory: String, images: UInt64 = 40, _ change: (inout WriteRequest) -> Void = { _ in },
        by breaking: () throws -> Void = {}
    ) throws -> (status: SessionStatus, bench: SessionBench) {
        let good = try TemporaryDirectory()
        let bench = try SessionBench(format: format, roots: WriteRoots([good.path, directory]))
        var request = try bench.request("\(directory)/broken", .images(images))
        request.options.imagesPerPart = 5
        change(&request)
        let broken = try bench.writer.start(request)
        let well = try bench.writer.start(bench.request("\(good.path)/well", .images(images)))
        for id in 1...images / 2 { sendSlowly(id, bench) }
        _ = try bench.wait(for: broken) { $0.state.isFinal || $0.progress.written == images / 2 }
        try breaking()
        for id in images / 2 + 1...images { sendSlowly(id, bench) }
        let other = try bench.end(of: well)
        #expect(other.state == .finished)
        #expect(other.progress.flushed == images, "the other session has all images")
        try bench.expect("\(good.path)/well.h5", holds: 1...images)
        let status = try bench.end(of: broken)
        #expect(status.progress.received == status.progress.written + status.progress.lost)
        return (status, bench)
    }

    /// The pace of a detector that these sessions can follow.
    private func sendSlowly(_ id: UInt64, _ bench: SessionBench) {
        for _ in 0..<2000 where bench.ring.freeCount < 40 { usleep(5000) }
        bench.send([id])
    }

    private func reason(_ status: SessionStatus) -> String {
        if case .failed(let reason) = status.state { return reason }
        Issue.record("\(status.state)")
        return ""
    }

    /// Checks that a file opens and holds the first images, at least those that were flushed.
    private func expectStart(_ path: String, _ status: SessionStatus) throws {
        guard let python = Shell.python(for: "SessionFailureTests") else { return }
        let script = """
            import sys, h5py
            file = h5py.File(sys.argv[1])
            ids = list(file["entry/data/frame_id"][()])
            assert len(ids) >= int(sys.argv[2]), ids
            assert ids == list(range(1, len(ids) + 1)), ids
            for i, n in enumerate(ids):
                assert file["entry/data/data"][i, 3, 5] == (1000 * n + 26) % 251, n
            """
        let result = try Shell.run(python, ["-c", script, path, "\(status.progress.flushed)"])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test func aFullDisk() throws {
        guard let disk = try SmallFileSystem(megabytes: 9, for: "aFullDisk") else { return }
        let (status, bench) = try fail(in: disk.path)
        #expect(reason(status).contains("disk full"), "\(status.state)")
        #expect(reason(status).contains(disk.path), "the path is the one people know: \(status.state)")
        #expect(status.progress.flushed > 0)
        #expect((status.progress.dropped[.failed] ?? 0) > 0)
        try expectStart("\(disk.path)/broken.h5", status)
        withExtendedLifetime(bench) {}
    }

    @Test func aReadOnlyFileSystemIsRefused() throws {
        guard let disk = try SmallFileSystem(megabytes: 8, for: "aReadOnlyFileSystemIsRefused") else { return }
        let bench = try SessionBench(roots: WriteRoots([disk.path]))
        #expect(try disk.remount("ro"))
        for name in ["x", "new/x"] {
            let refusal = #expect(throws: WriteRefusal.self) { try bench.writer.start(bench.request(name)) }
            #expect(refusal?.code == .path)
            #expect(refusal?.description.lowercased().contains("read-only") == true, "\(refusal?.description ?? "")")
        }
    }

    @Test func aDirectoryThatIsRemoved() throws {
        let directory = try TemporaryDirectory()
        let folder = directory.file("run")
        #expect(mkdir(folder, 0o755) == 0)
        let (status, _) = try fail(in: directory.path, { $0.output = FileNameTemplate(verbatim: "\(folder)/broken") }) {
            // A file that the writer creates meanwhile keeps the directory for another round.
            for _ in 0..<100 where access(folder, F_OK) == 0 { _ = try Shell.run("/bin/rm", ["-rf", folder]) }
        }
        #expect(!reason(status).isEmpty)
        #expect(access(folder, F_OK) != 0, "it is not made again")
    }

    @Test func aDirectoryThatMayNotBeWritten() throws {
        let bench = try SessionBench()
        let folder = bench.directory.file("locked")
        #expect(mkdir(folder, 0o555) == 0)
        guard geteuid() != 0 else {
            print("SKIPPED aDirectoryThatMayNotBeWritten: root may write everywhere")
            return
        }
        let refusal = #expect(throws: WriteRefusal.self) { try bench.writer.start(bench.request("locked/x")) }
        #expect(refusal?.code == .path)
    }

    @Test func aSlowDiskLosesItsOwnImagesAndNoOthers() throws {
        let (slow, quick) = (TestDisk(), TestDisk())
        let bench = try SessionBench(slots: 32, limit: 8) { (place, _, _) throws(WriteRefusal) in
            place.shownPath.contains("slow") ? slow : quick
        }
        slow.hang(true)
        let slowID = try bench.writer.start(bench.request("slow"))
        let quickID = try bench.writer.start(bench.request("quick"))
        for id in 1...200 as ClosedRange<UInt64> {
            #expect(bench.send([id]) == 0, "the ring always has room")
            _ = try bench.wait(for: quickID) { $0.progress.waiting < 4 }
        }
        let status = try #require(bench.writer.status(of: slowID))
        #expect(status.state == .writing)
        #expect((status.progress.dropped[.queueFull] ?? 0) >= 190)
        #expect(status.progress.waiting <= 9, "it holds no more images than it may")
        slow.hang(false)
        bench.writer.close()
        #expect(try bench.end(of: quickID).progress.flushed == 200)
        let ended = try bench.end(of: slowID)
        #expect(ended.progress.written + ended.progress.lost == 200)
        #expect(bench.ring.freeCount == 32)
    }

    @Test func aDiskThatDoesNotAnswerFailsItsSessionAndLetsTheImagesGo() throws {
        let disk = TestDisk()
        let ring = try ImageRing(format: SessionBench.format, slots: 16)
        let directory = try TemporaryDirectory()
        let place = try WriteRoots([directory.path]).place("x.h5", ownership: nil)
        let runner = SessionRunner(
            id: 1, WriteRequest(output: FileNameTemplate(verbatim: "x.h5")), WriteSession(.untilStopped, at: 0),
            run: TestImages.run(SessionBench.format), place: place, store: disk, limit: 8, stallLimit: 200_000_000)
        disk.hang(true)
        try runner.start()
        for id in 1...6 as ClosedRange<UInt64> {
            let slot = try #require(ring.claim(for: id))
            runner.offer(ring.publish(slot, ImageMetadata(id: id)), at: MonotonicTime.now())
        }
        #expect(!runner.wait(milliseconds: 20_000))
        let status = runner.status
        guard case .failed(let reason) = status.state else {
            Issue.record("\(status.state)")
            return
        }
        #expect(reason.contains("has not answered"), "\(reason)")
        #expect(ring.freeCount >= 15, "only the image that the disk has is still held")
        disk.hang(false)
        #expect(runner.wait())
        #expect(runner.status.progress.waiting == 0)
        #expect(ring.freeCount == 16)
    }

    @Test func aDiskThatIsSlowButAnswersHasNotFailed() throws {
        let disk = TestDisk()
        let ring = try ImageRing(format: SessionBench.format, slots: 16)
        let directory = try TemporaryDirectory()
        let place = try WriteRoots([directory.path]).place("x.h5", ownership: nil)
        let runner = SessionRunner(
            id: 1, WriteRequest(output: FileNameTemplate(verbatim: "x.h5")), WriteSession(.images(1), at: 0),
            run: TestImages.run(SessionBench.format), place: place, store: disk, limit: 8, stallLimit: 1_000_000_000)
        disk.hang(true)
        try runner.start()
        let slot = try #require(ring.claim(for: 1))
        runner.offer(ring.publish(slot, ImageMetadata(id: 1)), at: MonotonicTime.now())
        let begin = MonotonicTime.now()
        while MonotonicTime.now() - begin < 3_000_000_000 {
            disk.answer()
            #expect(!runner.wait(milliseconds: 50))
        }
        #expect(runner.status.state == .flushing)
        disk.hang(false)
        #expect(runner.wait())
        #expect(runner.status.state == .finished)
        #expect(runner.status.progress.flushed == 1)
    }

    @Test func whatIsWrittenToTheDiskInStepsTellsOfEachStep() throws {
        let directory = try TemporaryDirectory()
        #expect(try Shell.run("/bin/dd", ["if=/dev/zero", "of=\(directory.file("big"))", "bs=1M", "count=200"]).status == 0)
        let queue = FlushQueue()
        let path = directory.file("big")
        queue.add(images: 1) { progress throws(HDF5Error) in try Publishing.synchronize(path, progress: progress) }
        queue.drain()
        #expect(queue.failure == nil)
        #expect(queue.activity >= 4, "so a slow disk is told from one that does not answer")
    }

    @Test func anErrorIsToldOnceAndTheFileIsClosed() throws {
        let disk = TestDisk()
        let bench = try SessionBench { (_, _, _) throws(WriteRefusal) in disk }
        let id = try bench.writer.start(bench.request("x"))
        bench.send(1...3)
        _ = try bench.wait(for: id) { $0.progress.written == 3 }
        disk.fill()
        bench.send(4...6)
        let status = try bench.end(of: id)
        #expect(status.state == .failed("the test disk is full"))
        #expect(status.progress.flushed == 3)
        #expect(status.isClosed)
    }
}
