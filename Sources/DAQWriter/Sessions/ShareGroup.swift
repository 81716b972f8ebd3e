import CDAQLinux
import DAQCore
import Glibc

/// What the writers that share a run have in common while they write: a small file beside theirs, `run.h5.shares`.
///
/// Its text says what is written and where it begins, so that all begin with the same image. Byte n is locked by the writer of
/// share n; the kernel gives the lock up with its process, however that ends. Byte 0 is locked by who reads or changes the text.
final class ShareGroup: Sendable {
    /// The run begins after the image of this publication.
    let after: UInt64
    private let descriptor: Int32

    /// Joins the writers of a run, or is the first of them.
    ///
    /// - Parameters:
    ///   - whole: the file that is going to show all shares.
    ///   - shown: its path for people.
    ///   - newest: number of the newest publication of the ring.
    init(
        joining share: WriteShare, of whole: String, shownAs shown: String, for request: WriteRequest, _ format: ImageFormat,
        newest: UInt64?
    ) throws(WriteRefusal) {
        let after = try Self.begin(of: request, newest: newest)
        let descriptor = try Self.open(whole)
        self.descriptor = descriptor
        let plan = """
            shares \(share.count)
            images \(format.width) x \(format.height) \(format.pixelType)
            wanted \(request.extent), start \(request.start)

            """
        do throws(WriteRefusal) {
            defer { cdaq_unlock_byte(descriptor, 0) }
            guard access(whole, F_OK) != 0 else {
                throw WriteRefusal(
                    .exists, expected: "a file that does not exist", found: shown, advice: "choose another name for the run")
            }
            let others = Self.writing(descriptor)
            guard cdaq_lock_byte(descriptor, Int64(share.number)) == 0 else {
                throw WriteRefusal(
                    .exists, expected: "a share that nobody writes", found: "\(share) of \(shown), which another process writes",
                    advice: "give every process a number of its own")
            }
            let isFirst = others.isEmpty && !Self.files(of: whole, shares: share.count).contains { access($0, F_OK) == 0 }
            let text = isFirst ? "" : Self.text(descriptor)
            if text.isEmpty {
                self.after = after
                try Self.write("\(plan)after \(after)\n", to: descriptor, whole)
            } else {
                guard text.hasPrefix(plan), let agreed = UInt64(text.dropFirst(plan.count + 6).prefix(while: \.isNumber)) else {
                    throw WriteRefusal(
                        .exists, expected: "the same request for every share", found: Self.words(plan),
                        advice: "the others write \(Self.words(text)); give all the same, or choose another name")
                }
                self.after = agreed
            }
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// The files of all shares.
    static func files(of whole: String, shares: Int) -> [String] {
        (1...shares).compactMap { WriteShare($0, of: shares)?.path(of: whole) }
    }

    /// The file that the writers have in common.
    static func path(of whole: String) -> String { whole + ".shares" }

    /// Where a share begins that is ready when the publication `newest` has come: where the others have begun.
    func start(of request: WriteRequest, newest: UInt64) -> WriteRequest.Start {
        if case .id = request.start { return request.start }
        return .back(Int(clamping: newest - min(newest, after)))
    }

    /// Opens the file and locks its text; it may have to be created, or be removed in just that moment.
    static func open(_ whole: String, creating: Bool = true) throws(WriteRefusal) -> Int32 {
        // A writer holds the text for moments; one that gathers, until all files were looked at.
        for _ in 0..<6000 {
            let descriptor = Glibc.open(
                path(of: whole), O_RDWR | (creating ? O_CREAT : 0) | O_CLOEXEC | O_NOFOLLOW, 0o666)
            guard descriptor >= 0 else {
                throw WriteRefusal(
                    .path, expected: "a file that can be written",
                    found: "\(path(of: whole)): \(String(cString: strerror(errno)))")
            }
            var status = stat()
            if cdaq_lock_byte(descriptor, 0) == 0, fstat(descriptor, &status) == 0, status.st_nlink > 0 { return descriptor }
            close(descriptor)
            usleep(10_000)
        }
        throw WriteRefusal(.busy, expected: "a run that can be joined within a minute", found: "\(path(of: whole)) is locked")
    }

    /// The shares that other processes are writing.
    static func writing(_ descriptor: Int32) -> [Int] {
        (1...WriteShare.most).filter { cdaq_byte_is_locked(descriptor, Int64($0)) == 1 }
    }

    /// The publication after which a request begins.
    private static func begin(of request: WriteRequest, newest: UInt64?) throws(WriteRefusal) -> UInt64 {
        func refuse(_ expected: String, _ found: String, _ advice: String = "") -> WriteRefusal {
            WriteRefusal(.unsupported, expected: expected, found: found, advice: advice)
        }
        if case .seconds = request.extent {
            throw refuse(
                "an end that is the same for all who share a run", "a time", "give a number of images, or a range of ids")
        }
        if request.overwrites { throw refuse("a new file, where several share a run", "overwriting") }
        if request.output.tellsTime {
            throw refuse("a name that is the same for all who share a run", "{time}", "give the run a name, for {run}")
        }
        switch (request.extent, request.start) {
        case (.ids, _), (_, .id): return 0
        case (_, .next), (_, .back):
            guard let newest else { throw refuse("a ring that knows the images before", "none", "begin with an id") }
            guard case .back(let count) = request.start else { return newest }
            return newest - min(newest, UInt64(count))
        }
    }

    private static func text(_ descriptor: Int32) -> String {
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }
    }

    private static func write(_ text: String, to descriptor: Int32, _ whole: String) throws(WriteRefusal) {
        var text = text
        let written = text.withUTF8 { bytes in
            ftruncate(descriptor, 0) == 0 && pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count
        }
        guard written else {
            throw WriteRefusal(
                .path, expected: "a file that can be written", found: "\(path(of: whole)): \(String(cString: strerror(errno)))")
        }
    }

    private static func words(_ plan: String) -> String {
        plan.split(separator: "\n").prefix(3).joined(separator: ", ")
    }
}
