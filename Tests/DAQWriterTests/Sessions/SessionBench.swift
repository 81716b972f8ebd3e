import DAQBuffer
import DAQCore
import Glibc
import Synchronization
import Testing

@testable import DAQWriter

/// A ring, a writer of sessions, and the images that go from one to the other.
final class SessionBench {
    static let format = ImageFormat(width: 64, height: 48, pixelType: .uint16)
    let ring: ImageRing
    let writer: SessionWriter
    let directory: TemporaryDirectory
    private let format: ImageFormat

    /// - Parameter store: makes something else than files for requests with this name.
    init(
        format: ImageFormat = format, slots: Int = 64, limit: Int = 32, roots: WriteRoots? = nil,
        store: (@Sendable (OutputPlace, WriteRequest, FileOptions) throws(WriteRefusal) -> any SessionStore)? = nil
    ) throws {
        self.format = format
        directory = try TemporaryDirectory()
        ring = try ImageRing(format: format, slots: slots)
        let roots = try roots ?? WriteRoots([directory.path])
        let run = TestImages.run(format)
        if let store {
            writer = SessionWriter(for: run, roots: roots, history: ring, limit: limit, makeStore: store)
        } else {
            writer = SessionWriter(for: run, roots: roots, history: ring, limit: limit)
        }
    }

    /// A request for a file below the root.
    func request(
        _ name: String, _ extent: WriteSession.Extent = .untilStopped, from start: WriteRequest.Start = .next
    ) throws -> WriteRequest {
        var request = WriteRequest(output: try FileNameTemplate(name))
        request.extent = extent
        request.start = start
        return request
    }

    /// Publishes images of the pattern and gives them to the sessions.
    ///
    /// - Parameter other: gets them too.
    /// - Returns: how many found no slot in the ring.
    @discardableResult func send(_ ids: some Sequence<UInt64>, segment: UInt32 = 0, and other: SessionWriter? = nil) -> Int {
        var refused = 0
        for id in ids {
            guard let slot = ring.claim(for: id) else {
                refused += 1
                continue
            }
            let bytes = ring.bytes(of: slot)
            for pixel in 0..<format.pixels {
                let value = TestImages.pattern(image: Int(id), x: pixel % format.width, y: pixel / format.width)
                bytes.storeBytes(of: UInt16(value), toByteOffset: 2 * pixel, as: UInt16.self)
            }
            var metadata = ImageMetadata(id: id)
            metadata.segment = segment
            let image = ring.publish(slot, metadata)
            writer.accept(image)
            other?.accept(image)
        }
        return refused
    }

    /// Waits until a session is closed.
    func end(of id: Int) throws -> SessionStatus {
        #expect(writer.wait(for: id, milliseconds: 20_000), "session \(id) does not end")
        return try #require(writer.status(of: id))
    }

    /// Waits until something is true of a session, as long as others may keep this machine busy.
    func wait(for id: Int, until isTrue: (SessionStatus) -> Bool) throws -> SessionStatus {
        for _ in 0..<2000 {
            let status = try #require(writer.status(of: id))
            if isTrue(status) { return status }
            usleep(10_000)
        }
        let status = try #require(writer.status(of: id))
        Issue.record("not within 20 s: \(status)")
        return status
    }

    /// Checks with h5py that a file holds exactly these images.
    func expect(_ path: String, holds ids: some Sequence<UInt64>) throws {
        guard let python = Shell.python(for: "write sessions") else { return }
        let script = """
            import sys, h5py, hdf5plugin
            file = h5py.File(sys.argv[1])
            ids = [int(word) for word in sys.argv[2].split()]
            found = list(file["entry/data/frame_id"][()])
            assert found == ids, (found, ids)
            data = file["entry/data/data"]
            assert data.shape[0] == len(ids), data.shape
            for i, n in enumerate(ids):
                image = data[i]
                assert image[3, 5] == (1000 * n + 26) % 251 and image[0, 0] == (1000 * n) % 251, n
            """
        let words = ids.map { String($0) }.joined(separator: " ")
        let result = try Shell.run(python, ["-c", script, path, words])
        #expect(result.status == 0, "\(path): \(result.output)")
    }
}

/// A disk that a test lets answer or hang.
final class TestDisk: SessionStore {
    private struct State {
        var written = HDF5Writer.Written(path: "test disk")
        var isHanging = false
        var isFull = false
        var activity: UInt64 = 0
    }
    struct Full: Error, CustomStringConvertible { let description = "the test disk is full" }

    private let state = Mutex(State())

    func hang(_ isHanging: Bool) { state.withLock { $0.isHanging = isHanging } }
    func answer() { state.withLock { $0.activity += 1 } }
    func fill() { state.withLock { $0.isFull = true } }
    var written: HDF5Writer.Written { state.withLock { $0.written } }
    var activity: UInt64 { state.withLock { $0.activity } }

    func open(_ run: RunDescription) {}
    func poll() {}

    func accept(_ image: Image) throws {
        // Bounded, so that a test that fails ends all the same.
        for _ in 0..<6000 where state.withLock({ $0.isHanging }) { usleep(10_000) }
        try state.withLock { state in
            guard !state.isFull else { throw Full() }
            state.written.images += 1
        }
    }

    func close() { state.withLock { $0.written.flushed = $0.written.images } }
}
