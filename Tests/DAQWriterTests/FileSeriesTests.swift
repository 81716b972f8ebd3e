import DAQCore
import Glibc
import Synchronization
import Testing

@testable import DAQWriter

/// What becomes of the files of a run when others want the same names, and when the disk fails.
@Suite(.serialized) struct FileSeriesTests {
    private let directory: TemporaryDirectory
    private static let format = ImageFormat(width: 16, height: 8, pixelType: .uint16)

    init() throws { directory = try TemporaryDirectory() }

    private func writer(
        _ name: String, overwrite: Bool = false, _ mode: FileMode = .safe, imagesPerPart: Int? = nil
    ) -> HDF5Writer {
        var options = FileOptions()
        options.mode = mode
        options.imagesPerPart = imagesPerPart
        return HDF5Writer(path: directory.file(name), overwrite: overwrite, options: options)
    }

    private func accept(_ ids: some Sequence<Int>, _ writer: HDF5Writer) throws { try Self.accept(ids, writer) }

    private func write(_ ids: some Sequence<Int>, to writer: HDF5Writer) throws { try Self.write(ids, to: writer) }

    private static func accept(_ ids: some Sequence<Int>, _ writer: HDF5Writer) throws {
        for id in ids { try writer.accept(TestImages.pattern(id, format, ImageMetadata(id: UInt64(id)))) }
    }

    private static func write(_ ids: some Sequence<Int>, to writer: HDF5Writer) throws {
        try writer.open(TestImages.run(Self.format))
        try accept(ids, writer)
        try writer.close()
    }

    private func images(_ name: String) throws -> Int { try HDF5ImageFile(path: directory.file(name)).imageCount }
    private var files: [String] {
        get throws { try Shell.run("/bin/ls", ["-A", directory.path]).output.split(separator: "\n").map(String.init) }
    }

    // MARK: The same names

    @Test func overwritingARunLeavesOtherRunsAlone() throws {
        try write(0..<4, to: writer("scan.h5"))
        for name in ["scan_000001.h5", "scan_000007.h5"] { try write(0..<2, to: writer(name)) }
        let failure = #expect(throws: HDF5Error.self) {
            try writer("scan.h5", overwrite: true).open(TestImages.run(Self.format))
        }
        #expect(failure?.code == .exists)
        #expect(failure?.description.contains("scan_000001.h5") == true, "\(failure?.description ?? "")")
        #expect(try images("scan.h5") == 4)
        #expect(try images("scan_000001.h5") == 2 && images("scan_000007.h5") == 2)
        #expect(try files == ["scan.h5", "scan_000001.h5", "scan_000007.h5"])
    }

    @Test(arguments: FileMode.allCases) func overwritingARunRemovesItsOwnParts(mode: FileMode) throws {
        try write(0..<10, to: writer("scan.h5", mode, imagesPerPart: 3))
        try write(0..<5, to: writer("scan.h5", overwrite: true, mode, imagesPerPart: 3))
        #expect(try images("scan.h5") == 5)
        #expect(try files == ["scan.h5", "scan_000001.h5", "scan_000002.h5"])
    }

    @Test func overwritingARunThatWasInterruptedRemovesWhatItLeft() throws {
        try write(0..<10, to: writer("scan.h5", imagesPerPart: 3))
        #expect(rename(directory.file("scan_000004.h5"), directory.file("scan_000004.h5.partial")) == 0)
        #expect(creat(directory.file("scan_000001.h5.new"), 0o644) >= 0)
        #expect(creat(directory.file("scan_000005.h5.new"), 0o644) >= 0)
        try write(0..<2, to: writer("scan.h5", overwrite: true))
        #expect(try images("scan.h5") == 2)
        #expect(try files == ["scan.h5"])
    }

    @Test(arguments: FileMode.allCases) func ofTwoWritersWhoBeginAtTheSameTimeOneWritesItsRun(mode: FileMode) throws {
        for round in 0..<40 {
            let name = "run\(round).h5"
            let outcomes = Mutex<[Result<Int, any Error>]>([])
            let threads = try (0..<2).map { _ in
                let writer = writer(name, mode)
                return try DataThread(name: "writer") {
                    let outcome = Result {
                        try Self.write(0..<3, to: writer)
                        return writer.written.flushed
                    }
                    outcomes.withLock { $0.append(outcome) }
                }
            }
            for thread in threads { thread.join() }
            let flushed = outcomes.withLock { $0.compactMap { try? $0.get() } }
            let failures = outcomes.withLock { $0.compactMap { if case .failure(let error) = $0 { error } else { nil } } }
            #expect(flushed == [3], "\(failures)")
            #expect(failures.count == 1 && failures[0] is HDF5Error)
            #expect(try images(name) == 3)
        }
        #expect(try files.count == 40, "nothing else is left")
    }

    @Test func aFileThatHasItsFirstImageStillToComeIsWrittenToo() throws {
        let path = directory.file("busy.h5")
        let first = writer("busy.h5", .swmr)
        try first.open(TestImages.run(Self.format))
        #expect(#expect(throws: HDF5Error.self) { try FileRecovery(path: path) }?.code == .locked)
        #expect(
            #expect(throws: HDF5Error.self) { try writer("busy.h5", overwrite: true).open(TestImages.run(Self.format)) }?.code
                == .locked)
        try accept(0..<3, first)
        try first.close()
        #expect(first.written.flushed == 3)
        #expect(try images("busy.h5") == 3)
    }

    // MARK: Failures

    @Test func aFileThatCouldNotBeClosedIsNotTakenForACompleteOne() throws {
        let writer = writer("run.h5")
        try writer.open(TestImages.run(Self.format))
        try accept(0..<3, writer)
        #expect(BrokenDisk.fail(directory.file("run_000001.h5.partial")))
        let failure = #expect(throws: HDF5Error.self) { try writer.close() }
        #expect(failure?.description.contains("daqctl recover \(directory.file("run.h5"))") == true, "\(failure as Any)")
        #expect(writer.written.flushed == 0)
        #expect(try images("run.h5") == 0, "it is as it was")
        #expect(access(directory.file("run_000001.h5.partial"), F_OK) == 0)
        #expect(try FileRecovery(path: directory.file("run.h5")).parts.allSatisfy { $0.problem == nil })
    }

    @Test func whatReadersOfAGrowingFileCannotSeeIsNotFlushed() throws {
        let writer = writer("run.h5", .swmr)
        try writer.open(TestImages.run(Self.format))
        try accept([0], writer)
        for _ in 0..<600 where writer.written.flushed < 1 { usleep(50_000) }
        try accept([1], writer)
        #expect(BrokenDisk.fail(directory.file("run.h5")))
        #expect(throws: HDF5Error.self) { try writer.close() }
        #expect(writer.written.flushed == 1)
        #expect(try FileRecovery(path: directory.file("run.h5")).images >= 1)
    }

    @Test func aPartThatFailsWhenNoImageComesIsToldAtTheEnd() throws {
        let writer = writer("run.h5", imagesPerPart: 2)
        try writer.open(TestImages.run(Self.format))
        try accept(0..<2, writer)
        let part = directory.file("run_000001.h5.partial")
        #expect(BrokenDisk.fail(part))
        // Until the part, which is due, was tried to be closed.
        for _ in 0..<600 where BrokenDisk.descriptor(of: part) != nil { usleep(50_000) }
        #expect(throws: HDF5Error.self) { try writer.close() }
        #expect(writer.written.flushed == 0)
        #expect(access(part, F_OK) == 0)
    }

    @Test(arguments: [nil, 2]) func anImageThatCannotBeShownToReadersIsRefused(imagesPerPart: Int?) throws {
        let writer = writer("run.h5", .swmr, imagesPerPart: imagesPerPart)
        try writer.open(TestImages.run(Self.format))
        // A directory cannot be replaced by a file.
        let name = imagesPerPart == nil ? "run.h5" : "run_000001.h5"
        unlink(directory.file(name))
        #expect(mkdir(directory.file(name), 0o755) == 0)
        for id in 0..<3 { #expect(throws: HDF5Error.self) { try accept([id], writer) } }
        #expect(throws: HDF5Error.self) { try writer.close() }
        #expect(writer.written.images == 0 && writer.written.flushed == 0)
        #expect(access(directory.file("run_000001.h5.new"), F_OK) != 0)
    }
}
