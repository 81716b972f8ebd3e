import Glibc

/// Text written to a file descriptor without a buffer, so that nothing is lost whatever way the process ends.
struct FileOutput: TextOutput {
    static let standardOutput = FileOutput(descriptor: STDOUT_FILENO)
    static let standardError = FileOutput(descriptor: STDERR_FILENO)

    let descriptor: Int32

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all of `text`.
    ///
    /// A reader that went away or a full disk is no reason to stop taking data, so errors end
    /// the writing and nothing else.
    func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if written > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
