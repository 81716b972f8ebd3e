import CDAQHDF5

/// The one gate to the HDF5 library.
///
/// The library (thread-safe build, as on Debian) runs one call at a time under a global lock: files written or read by
/// several threads of a process wait for each other, in pixels too. So a program has one writing thread; more only take
/// turns. Each thread has an error stack of its own, which the library would print; it is kept silent here, on
/// threads that come through this gate, and turned into ``HDF5Error`` instead.
enum HDF5 {
    /// The library's default properties (H5P_DEFAULT).
    static let defaults = hid_t(H5P_DEFAULT)
    /// All values of a dataset (H5S_ALL).
    static let all = hid_t(H5S_ALL)

    /// Runs a call that reports failure by a negative result.
    ///
    /// - Throws: ``HDF5Error`` with the library's error stack.
    @discardableResult
    static func check<Result: SignedInteger>(
        _ operation: String, _ path: String, _ call: @autoclosure () -> Result
    ) throws(HDF5Error) -> Result {
        silence()
        let result = call()
        guard result >= 0 else { throw error(operation, path) }
        return result
    }

    /// Turns off the printing of errors on this thread.
    static func silence() {
        _ = noWorkAtExit
        H5Eset_auto2(cdaq_h5e_default(), nil, nil)
    }

    /// Keeps the library from closing files when the program ends, unless the program has used it already.
    ///
    /// It crashes there (1.10.8) when a file could not be closed before. Files of this module are always closed in time.
    private static let noWorkAtExit: Void = { _ = H5dont_atexit() }()

    /// Whether several threads may use the library.
    static var isThreadSafe: Bool {
        var result = false
        return H5is_library_threadsafe(&result) >= 0 && result
    }

    /// The failure that this thread's error stack tells of.
    static func error(_ operation: String, _ path: String) -> HDF5Error {
        var messages: [String] = []
        _ = withUnsafeMutablePointer(to: &messages) { collector in
            // Upward starts where the error was found and ends at the called function.
            H5Ewalk2(
                cdaq_h5e_default(), H5E_WALK_UPWARD,
                { _, entry, collector in
                    if let text = entry?.pointee.desc {
                        collector?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
                    }
                    return 0
                }, collector)
        }
        // The library puts the time, with the end of a line, into the middle of its messages.
        if messages.contains(where: { $0.contains("h5clear") }) {
            return HDF5Error(
                .locked, operation: operation, path: path, detail: "it is being written, or its writer was killed",
                advice: "then: daqctl recover \(path)")
        }
        let words = messages.prefix(4).joined(separator: " < ").replacing("\n", with: "")
        if messages.isEmpty {
            return HDF5Error(.library, operation: operation, path: path, detail: "the HDF5 library gives no reason")
        }
        let text = messages.joined(separator: " ")
        if !text.contains("unable to lock file"), let number = systemError(in: text) {
            // What the library adds to the first message, such as addresses in memory, helps nobody.
            let brief = words.firstRange(of: ": time = ").map { String(words[..<$0.lowerBound]) } ?? words
            return HDF5Error(system: number, operation: operation, path: path, more: brief)
        }
        let (code, advice) = interpret(text)
        return HDF5Error(code, operation: operation, path: path, detail: words, advice: advice)
    }

    /// The error number that the messages quote, which says more than the library's own classes of errors.
    private static func systemError(in text: String) -> Int32? {
        guard let range = text.firstRange(of: "errno = ") else { return nil }
        let digits = text[range.upperBound...].prefix { $0.isASCII && $0.isNumber }
        return Int32(digits).flatMap { $0 == 0 ? nil : $0 }
    }

    /// What messages without an error number mean.
    private static func interpret(_ text: String) -> (HDF5Error.Code, advice: String) {
        if text.contains("unable to lock file") {
            return (
                .locked,
                "close it in the other program, or set HDF5_USE_FILE_LOCKING=FALSE where the file system has no locks"
            )
        }
        if text.contains("file signature not found") { return (.notHDF5, "this is not an HDF5 file") }
        if text.contains("truncated file") { return (.damaged, "the file was cut off while it was written or copied") }
        if text.contains("unable to read superblock") { return (.damaged, "the file was cut off or overwritten") }
        return (.library, "")
    }
}

/// An identifier of the library that closes itself.
struct HDF5Handle: ~Copyable {
    let id: hid_t
    private let closing: @convention(c) (hid_t) -> herr_t

    /// Takes over the identifier that `open` returns.
    init(
        _ operation: String, _ path: String, closing: @escaping @convention(c) (hid_t) -> herr_t,
        _ open: @autoclosure () -> hid_t
    ) throws(HDF5Error) {
        id = try HDF5.check(operation, path, open())
        self.closing = closing
    }

    /// Closes the identifier and reports what the library could not store.
    consuming func close(_ path: String) throws(HDF5Error) {
        let (id, closing) = (id, closing)
        discard self
        try HDF5.check("close", path, closing(id))
    }

    deinit {
        HDF5.silence()
        _ = closing(id)
    }
}
