import Glibc

/// Turns a crash of the HDF5 library into an error message and an exit code.
///
/// The library (1.10.8) reads and writes outside its memory when the metadata of a file is damaged in certain ways.
enum CrashGuard {
    /// What to say; set once before the handler can run, and never freed.
    nonisolated(unsafe) private static var message: UnsafeMutableBufferPointer<UInt8>?

    /// From now on a crash of this process is an error with exit code 1.
    static func install(command: String) {
        let text =
            "daqctl \(command): the HDF5 library has crashed on this file: it is damaged, or was made to do that\n"
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = bytes.initialize(from: text.utf8)
        message = bytes
        // The stack itself may be what is used up.
        var stack = stack_t()
        stack.ss_size = 64 << 10
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stack.ss_size, alignment: 16)
        sigaltstack(&stack, nil)
        var action = sigaction()
        action.sa_flags = SA_ONSTACK
        // Only calls that are allowed in handlers.
        action.__sigaction_handler.sa_handler = { _ in
            if let message = CrashGuard.message { _ = write(2, message.baseAddress, message.count) }
            _exit(ExitCode.failed.rawValue)
        }
        for signal in [SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL] { sigaction(signal, &action, nil) }
    }
}
