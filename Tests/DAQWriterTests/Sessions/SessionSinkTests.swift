import DAQBuffer
import DAQCore
import Glibc
import Testing

@testable import DAQWriter

@Suite(.serialized) struct SessionSinkTests {
    @Test func aSinkThatIsASessionWritesEverythingAndIsAccountedFor() throws {
        let bench = try SessionBench()
        let sink = SessionSink(try bench.request("{detector}"), of: bench.writer)
        #expect(sink.status == nil)
        try sink.open(TestImages.run(SessionBench.format))
        #expect(access(bench.directory.file("test-detector.h5"), F_OK) == 0, "the file is there when the run begins")
        bench.send(1...9)
        try sink.close()
        #expect(sink.backlog == SinkBacklog())
        #expect(sink.status?.state == .finished)
        #expect(sink.status?.progress.flushed == 9)
        try bench.expect(bench.directory.file("test-detector.h5"), holds: 1...9)
    }

    @Test func aFileThatCannotBeCreatedStopsTheStart() throws {
        let bench = try SessionBench()
        let there = try bench.request("there")
        try SessionSink(there, of: bench.writer).open(TestImages.run(SessionBench.format))
        #expect(throws: WriteRefusal.self) {
            try SessionSink(there, of: bench.writer).open(TestImages.run(SessionBench.format))
        }
    }

    @Test func aFullDiskCostsItsOwnImagesWhichAreCounted() throws {
        let disk = TestDisk()
        let bench = try SessionBench(limit: 16) { _, _, _ throws(WriteRefusal) in disk }
        let sink = SessionSink(try bench.request("x"), of: bench.writer)
        try sink.open(TestImages.run(SessionBench.format))
        bench.send(1...3)
        disk.fill()
        bench.send(4...6)
        // Told with a later image, and at the end.
        for _ in 0..<2000 where sink.status?.state.isFinal == false { usleep(1000) }
        let image = try #require(bench.ring.image(ImageKey(id: 6)))
        let failure = #expect(throws: SessionFailure.self) { try sink.accept(image) }
        #expect(failure?.description == "the test disk is full")
        #expect(throws: SessionFailure.self) { try sink.close() }
        let progress = try #require(sink.status?.progress)
        #expect(sink.backlog.waiting == 0)
        #expect(sink.backlog.dropped[.failed] == progress.received - progress.written)
    }
}
